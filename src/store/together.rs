//! The last rows of an action, written at once. `PostgreSQL` takes any number of inserts as one
//! statement: the way to the database and back is most of what a row costs. `SQLite` has no way to
//! go and does not know how to.

use sea_orm::sea_query::{Alias, CommonTableExpression, InsertStatement, WithClause};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::kernel::error::Result;

/// Writes rows in an order that any foreign key between them allows; how many of the last.
///
/// On `PostgreSQL` the last are written before all others, which come in turn from the one before
/// it to the first: what nothing may be waited for after stands first.
///
/// # Errors
/// When the database fails.
pub(super) async fn write(
    tx: &impl ConnectionTrait,
    mut rows: Vec<InsertStatement>,
) -> Result<u64> {
    let Some(last) = rows.pop() else {
        return Ok(0);
    };
    if rows.is_empty() {
        return Ok(tx.execute(&last).await?.rows_affected());
    }
    let mut with = WithClause::new();
    for (row, number) in rows.into_iter().zip(1..) {
        let part = CommonTableExpression::new()
            .table_name(Alias::new(format!("row_{number}")))
            .query(row)
            .to_owned();
        with.cte(part);
    }
    Ok(tx.execute(&last.with(with)).await?.rows_affected())
}

/// Whether rows are written at once.
pub(super) fn is_known_to(tx: &impl ConnectionTrait) -> bool {
    tx.get_database_backend() == DbBackend::Postgres
}
