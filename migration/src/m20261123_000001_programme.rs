//! The core of the programme: districts, enterprises, alliance, pairings, officers, visits,
//! issues, users, audit and outbox.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000001_programme"
    }
}

/// What must never change once written. Ratings count, audit proves, transitions replay.
const APPEND_ONLY: [&str; 5] = [
    "audit_entry",
    "issue_rating",
    "issue_transition",
    "issue_progress",
    "district_policy",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = manager.get_database_backend();
        let tables = include_str!("sql/m20261123_000001_programme.sql");
        db.execute_unprepared(&crate::for_backend(tables, backend))
            .await?;
        if backend == DbBackend::Postgres {
            db.execute_unprepared(
                "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ \
                 BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME \
                 USING ERRCODE = 'check_violation'; END $$",
            )
            .await?;
        }
        for table in APPEND_ONLY {
            if backend == DbBackend::Postgres {
                db.execute_unprepared(&format!(
                    "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE \
                     ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                ))
                .await?;
            } else {
                for event in ["UPDATE", "DELETE"] {
                    db.execute_unprepared(&format!(
                        "CREATE TRIGGER {table}_no_{} BEFORE {event} ON {table} \
                         BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
                        event.to_lowercase()
                    ))
                    .await?;
                }
            }
        }
        Ok(())
    }
}
