//! The last rows of an action, written at once. `PostgreSQL` takes any number of inserts, and an
//! update after them, as one statement: the way to the database and back is most of what a row
//! costs. `SQLite` has no way to go and does not know how to.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, InsertStatement, UpdateStatement, WithClause,
};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::kernel::error::Result;

/// Writes rows, then changes others; how many those are. Without a change, none.
///
/// # Errors
/// When the database fails.
pub(super) async fn write(
    tx: &impl ConnectionTrait,
    mut rows: Vec<InsertStatement>,
    change: Option<UpdateStatement>,
) -> Result<u64> {
    let backend = tx.get_database_backend();
    if backend != DbBackend::Postgres {
        for row in rows {
            tx.execute(&row).await?;
        }
        return Ok(match change {
            Some(change) => tx.execute(&change).await?.rows_affected(),
            None => 0,
        });
    }
    let last = if change.is_none() { rows.pop() } else { None };
    let mut with = WithClause::new();
    let is_alone = rows.is_empty();
    for (row, number) in rows.into_iter().zip(1..) {
        let part = CommonTableExpression::new()
            .table_name(Alias::new(format!("row_{number}")))
            .query(row)
            .to_owned();
        with.cte(part);
    }
    let ran = match (change, last) {
        (Some(change), _) if is_alone => tx.execute(&change).await?,
        (Some(change), _) => tx.execute(&change.with(with)).await?,
        (None, Some(last)) => {
            if is_alone {
                tx.execute(&last).await?;
            } else {
                tx.execute(&last.with(with)).await?;
            }
            return Ok(0);
        }
        (None, None) => return Ok(0),
    };
    Ok(ran.rows_affected())
}
