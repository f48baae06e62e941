//! How what was pressed for is lifted, when who is waited for is reminded, and indexes for the sweep.

use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000011_lifted_and_reminded"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = include_str!("sql/m20261125_000011_lifted_and_reminded.sql");
        let tables = crate::for_backend(tables, manager.get_database_backend());
        manager.get_connection().execute_unprepared(&tables).await?;
        Ok(())
    }
}
