//! Working days, clocks and lights: the calendar, what clocks give, and the clocks of issues. What
//! a light shows follows from the time and is stored no more.

use std::fmt::Write;

use sea_orm_migration::prelude::*;

use crate::calendar::vetted;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000004_clocks"
    }
}

/// Days that one statement writes.
const AT_ONCE: usize = 1000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let tables = include_str!("sql/m20261125_000004_clocks.sql");
        db.execute_unprepared(&crate::for_backend(tables, manager.get_database_backend()))
            .await?;
        let days: Vec<_> = vetted().collect();
        for days in days.chunks(AT_ONCE) {
            let mut insert =
                "INSERT INTO calendar_day (day, kind, name, source, status) VALUES".to_owned();
            for (at, (day, kind, name)) in days.iter().enumerate() {
                let name = name.map_or_else(|| "NULL".to_owned(), |name| format!("'{name}'"));
                let comma = if at == 0 { " " } else { ", " };
                let year = day.format("%Y");
                write!(
                    insert,
                    "{comma}('{day}', '{kind}', {name}, \
                     '国务院办公厅关于{year}年部分节假日安排的通知', 'PUBLISHED')"
                )
                .map_err(|error| DbErr::Custom(error.to_string()))?;
            }
            db.execute_unprepared(&insert).await?;
        }
        Ok(())
    }
}
