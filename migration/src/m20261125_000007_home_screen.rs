//! Indexes for what stands on a home screen: issues counted by state, and those that are due
//! last.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000007_home_screen"
    }
}

/// What the district side sees of its issues, and no more: to count them, neither rows nor the
/// other columns of `enterprise_issue_by_state` are read.
const TOLD: &str = "CREATE INDEX enterprise_issue_told ON enterprise_issue (district_id, state) \
    WHERE submitted_at IS NOT NULL OR is_on_behalf";

/// Nulls last in both directions: `SQLite` reads `enterprise_issue_by_due` backward for that,
/// `PostgreSQL` needs an index of its own.
const LAST_DUE: &str = "CREATE INDEX enterprise_issue_by_last_due ON enterprise_issue \
    (district_id, due_at DESC NULLS LAST, id DESC)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(TOLD).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(LAST_DUE).await?;
        }
        Ok(())
    }
}
