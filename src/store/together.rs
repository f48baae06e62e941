//! Several inserts as one statement. `PostgreSQL` takes any number of them: the way to the database
//! and back is most of what a row costs. `SQLite` has no way to go and does not know how to.

use sea_orm::sea_query::{CommonTableExpression, InsertStatement, WithClause};
use sea_orm::{ConnectionTrait, DbBackend};

use super::names::PARTS;
use crate::kernel::error::Result;

/// Writes rows in an order that their foreign keys allow; how many of the last statement.
///
/// # Errors
/// When the database fails.
pub(super) async fn write(
    tx: &impl ConnectionTrait,
    mut rows: Vec<InsertStatement>,
) -> Result<u64> {
    if rows.len() < 2 || tx.get_database_backend() != DbBackend::Postgres {
        return write_singly(tx, rows).await;
    }
    let Some(last) = rows.pop() else {
        return Ok(0);
    };
    let mut with = WithClause::new();
    for (place, row) in rows.into_iter().enumerate() {
        let mut part = CommonTableExpression::new();
        part.table_name(PARTS.get(place)).query(row);
        with.cte(part);
    }
    Ok(tx.execute(&last.with(with)).await?.rows_affected())
}

/// The same, a statement after the other.
///
/// # Errors
/// When the database fails.
pub(super) async fn write_singly(
    tx: &impl ConnectionTrait,
    rows: Vec<InsertStatement>,
) -> Result<u64> {
    let mut written = 0;
    for row in rows {
        written = tx.execute(&row).await?.rows_affected();
    }
    Ok(written)
}
