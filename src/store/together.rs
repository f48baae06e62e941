//! The last rows of an action and what its key is told of them, written at once. `PostgreSQL` takes
//! any number of inserts, and an update after them, as one statement: the way to the database and back is most of what a row
//! costs. `SQLite` has no way to go and does not know how to.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, InsertStatement, UpdateStatement, WithClause,
};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::kernel::error::Result;

/// Writes rows, then changes others; how many those are.
///
/// # Errors
/// When the database fails.
pub(super) async fn write(
    tx: &impl ConnectionTrait,
    rows: Vec<InsertStatement>,
    change: UpdateStatement,
) -> Result<u64> {
    if rows.is_empty() || tx.get_database_backend() != DbBackend::Postgres {
        for row in rows {
            tx.execute(&row).await?;
        }
        return Ok(tx.execute(&change).await?.rows_affected());
    }
    let mut with = WithClause::new();
    for (row, number) in rows.into_iter().zip(1..) {
        let part = CommonTableExpression::new()
            .table_name(Alias::new(format!("row_{number}")))
            .query(row)
            .to_owned();
        with.cte(part);
    }
    Ok(tx.execute(&change.with(with)).await?.rows_affected())
}
