//! Several inserts as one statement. `PostgreSQL` takes any number of them: the way to the database
//! and back is most of what a row costs. `SQLite` has no way to go and does not know how to.

use sea_orm::sea_query::{CommonTableExpression, InsertStatement, SubQueryStatement, WithClause};
use sea_orm::{ConnectionTrait, DbBackend};

use super::names::PARTS;
use crate::kernel::error::Result;

/// The parts of a statement, by names in an order of their own.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) with: WithClause,
    count: usize,
}

impl Parts {
    /// Adds a part, which sees the ones before it; its name.
    pub(super) fn add(&mut self, part: impl Into<SubQueryStatement>) -> &'static str {
        self.count += 1;
        let name = PARTS.get(self.count);
        let mut common = CommonTableExpression::new();
        common.table_name(name).query(part);
        self.with.cte(common);
        name
    }
}

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
    let mut parts = Parts::default();
    for row in rows {
        parts.add(row);
    }
    Ok(tx.execute(&last.with(parts.with)).await?.rows_affected())
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
