//! A new issue is one way to the database: what it rests on is looked up where it is held.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000014_one_way"
    }
}

/// What a new issue rests on: the next number of the district and the year, and the officer who
/// serves the enterprise; no number where anything is amiss, which takes a closer look. It holds the
/// enterprise, the counter and the reporter, and waits for nobody who does. Each statement sees what was
/// committed before it, so the officer is the one after whom nobody changes it any more. The reporter
/// is held since a user's keys change, and who changes them takes the outbox's turn after: held by its
/// foreign key alone, with the turn in hand, the two would wait for each other. A number is written as
/// the server writes it.
const FOOTING: &str = "\
    CREATE FUNCTION issue_footing(district uuid, enterprise uuid, category uuid, reporter uuid, \
    number_year int, OUT number text, OUT officer_id uuid) LANGUAGE plpgsql AS $$ \
    DECLARE prefix text; drawn text; BEGIN \
    PERFORM 1 FROM enterprise e WHERE e.id = enterprise AND e.district_id = district \
    AND e.status = 'ACTIVE' FOR NO KEY UPDATE SKIP LOCKED; \
    IF NOT FOUND THEN RETURN; END IF; \
    PERFORM 1 FROM user_account u WHERE u.id = reporter FOR KEY SHARE SKIP LOCKED; \
    IF NOT FOUND THEN RETURN; END IF; \
    UPDATE issue_counter n SET last_number = n.last_number + 1 WHERE n.id = ( \
    SELECT l.id FROM issue_counter l WHERE l.district_id = district AND l.year = number_year \
    FOR NO KEY UPDATE SKIP LOCKED) RETURNING n.last_number, \
    (SELECT d.number_prefix FROM district d JOIN issue_category c \
    ON c.id = category AND c.district_id = d.id AND c.is_active WHERE d.id = district), \
    (SELECT oa.officer_id FROM officer_assignment oa \
    WHERE oa.enterprise_id = enterprise AND oa.status = 'ACTIVE') \
    INTO drawn, prefix, officer_id; \
    number := prefix || '-' || number_year || '-' \
    || lpad(drawn, greatest(6, length(drawn)), '0'); END $$;";

/// What this takes the place of.
const GONE: &str = "DROP FUNCTION issue_may_rest_on(uuid, uuid, uuid, uuid, uuid, int, int);";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let steps = [FOOTING, GONE].concat();
            manager.get_connection().execute_unprepared(&steps).await?;
        }
        Ok(())
    }
}
