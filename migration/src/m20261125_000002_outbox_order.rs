//! Numbers the outbox in the order of the commits, and tells those who listen.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000002_outbox_order"
    }
}

/// Rows of the outbox are numbered by one transaction at a time: the first trigger runs before
/// any number is drawn and waits until the transaction before has ended, and so is seen. The
/// second tells the listening processes at the commit, with the number alone. `NOTIFY` takes its
/// commits one by one in any case, so that the turn costs nothing more.
const IN_TURN: &str = "\
    CREATE FUNCTION outbox_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$ \
    BEGIN PERFORM pg_advisory_xact_lock(7161727015); RETURN NULL; END $$; \
    CREATE FUNCTION outbox_tell() RETURNS trigger LANGUAGE plpgsql AS $$ \
    BEGIN PERFORM pg_notify('honglian_outbox', (SELECT max(seq) FROM written)::text); \
    RETURN NULL; END $$; \
    CREATE TRIGGER outbox_event_in_turn BEFORE INSERT ON outbox_event \
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_in_turn(); \
    CREATE TRIGGER outbox_event_tell AFTER INSERT ON outbox_event \
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION outbox_tell()";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = manager.get_database_backend();
        let table = include_str!("sql/m20261125_000002_outbox_order.sql");
        db.execute_unprepared(&crate::for_backend(table, backend))
            .await?;
        if backend == DbBackend::Postgres {
            db.execute_unprepared(IN_TURN).await?;
        }
        Ok(())
    }
}
