//! What a write costs `PostgreSQL`. It reads the text of a table's checks anew at every insert: long
//! lists go to a function, which is read once, and a length that the type limits already is not
//! limited twice. The rules are the same. `SQLite` reads its checks once and stays as it is.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000013_lean_writes"
    }
}

const STATES: &str = "'DRAFT', 'SUBMITTED', 'NEEDS_INFO', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', \
    'ON_HOLD', 'LONG_TERM', 'RESPONDED', 'CLOSED', 'ARCHIVED', 'REJECTED', 'WITHDRAWN', 'MERGED'";

const KINDS: &str = "'CREATE', 'SUBMIT', 'ACCEPT', 'REJECT', 'REQUEST_INFO', 'SUPPLY_INFO', \
    'ASSIGN', 'RETURN_ASSIGNMENT', 'START_HANDLING', 'HOLD', 'RESUME', 'MOVE_TO_LONG_TERM', \
    'RESPOND', 'CLOSE_RATED', 'CLOSE_UNRATED', 'REWORK', 'CLOSE_DISSATISFIED', 'REOPEN', 'ARCHIVE', \
    'WITHDRAW', 'MERGE'";

const REJECTED: &str = "'OUT_OF_JURISDICTION', 'IN_LEGAL_PROCEEDINGS', 'PETITION_CHANNEL', \
    'SECRETS_OR_PRIVACY', 'UNLAWFUL_OR_NO_SUBSTANCE', 'DUPLICATE_OF_HANDLED', 'OTHER_BY_LAW'";

const WITHDRAWN: &str = "'SOLVED_OTHERWISE', 'NO_LONGER_NEEDED', 'FILED_IN_ERROR', 'OTHER'";

/// Every rule of a step but its number's. Not in the language SQL, which would be read into the
/// check again.
fn step() -> String {
    format!(
        "CREATE FUNCTION is_issue_step(kind text, from_state text, to_state text, \
         reject_reason text, withdraw_reason text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE \
         AS $$ BEGIN RETURN kind IN ({KINDS}) AND to_state IN ({STATES}) \
         AND coalesce(from_state IN ({STATES}), true) \
         AND coalesce(reject_reason IN ({REJECTED}), true) \
         AND coalesce(withdraw_reason IN ({WITHDRAWN}), true) \
         AND (kind = 'REJECT') = (reject_reason IS NOT NULL) \
         AND (kind = 'WITHDRAW') = (withdraw_reason IS NOT NULL); END $$;"
    )
}

/// The checks that go, and what comes in their place. A step is its issue's, and so its district's.
const CHECKS: &str = "\
    ALTER TABLE issue_transition \
    DROP CONSTRAINT issue_transition_kind_check, \
    DROP CONSTRAINT issue_transition_from_state_check, \
    DROP CONSTRAINT issue_transition_to_state_check, \
    DROP CONSTRAINT issue_transition_reject_reason_check, \
    DROP CONSTRAINT issue_transition_withdraw_reason_check, \
    DROP CONSTRAINT issue_transition_check, \
    DROP CONSTRAINT issue_transition_check1, \
    DROP CONSTRAINT issue_transition_district_id_fkey, \
    DROP CONSTRAINT issue_transition_district_id_id_key, \
    ADD CONSTRAINT issue_transition_step_check \
    CHECK (is_issue_step(kind, from_state, to_state, reject_reason, withdraw_reason)); \
    ALTER TABLE audit_entry \
    DROP CONSTRAINT audit_entry_request_id_check, \
    DROP CONSTRAINT audit_entry_actor_check, \
    DROP CONSTRAINT audit_entry_token_id_check, \
    DROP CONSTRAINT audit_entry_action_check, \
    DROP CONSTRAINT audit_entry_target_kind_check, \
    ADD CONSTRAINT audit_entry_texts_check CHECK (request_id <> '' AND actor <> '' \
    AND token_id <> '' AND action <> '' AND target_kind <> ''); \
    ALTER TABLE outbox_event \
    DROP CONSTRAINT outbox_event_in_order_request_id_check, \
    DROP CONSTRAINT outbox_event_in_order_aggregate_kind_check, \
    DROP CONSTRAINT outbox_event_in_order_event_type_check, \
    ADD CONSTRAINT outbox_event_texts_check \
    CHECK (request_id <> '' AND aggregate_kind <> '' AND event_type <> ''); \
    ALTER TABLE idempotency_record \
    DROP CONSTRAINT idempotency_record_key_check, \
    DROP CONSTRAINT idempotency_record_target_kind_check, \
    ADD CONSTRAINT idempotency_record_texts_check CHECK (key <> '' AND target_kind <> '');";

/// An answer comes to its record a moment later, and finds room beside it.
const ROOM: &str = "ALTER TABLE idempotency_record SET (fillfactor = 40);";

/// The events of an action, as JSON in UTF-8: they come with the commit, not by a statement with
/// values.
const TELL: &str = "\
    CREATE FUNCTION tell_events(events bytea) RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
    INSERT INTO outbox_event (id, district_id, event_type, aggregate_kind, aggregate_id, \
    changed_fields, actor_id, request_id, created_at) \
    SELECT e.id, e.district_id, e.event_type, e.aggregate_kind, e.aggregate_id, \
    e.changed_fields, e.actor_id, e.request_id, e.created_at \
    FROM json_to_recordset(convert_from(events, 'UTF8')::json) AS e(id uuid, district_id uuid, \
    event_type text, aggregate_kind text, aggregate_id uuid, changed_fields jsonb, actor_id uuid, \
    request_id text, created_at timestamptz); END $$;";

/// An action as one statement fails where what it counts on does not hold.
const MUST: &str = "\
    CREATE FUNCTION must_hold(condition boolean) RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
    IF condition IS NOT TRUE THEN RAISE EXCEPTION USING ERRCODE = 'HL001', \
    MESSAGE = 'what the action counts on does not hold'; END IF; END $$;";

/// Whether a new issue may rest on this; holds it, and waits for nobody who does. Each statement
/// sees what was committed before it, so the officer is the one after whom nobody changes it any
/// more. The rows that are only referred to are held now: later, with the outbox's turn in hand,
/// nobody may wait.
const REST: &str = "\
    CREATE FUNCTION issue_may_rest_on(district uuid, enterprise uuid, officer uuid, category uuid, \
    reporter uuid, number_year int, number_before int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN \
    PERFORM 1 FROM enterprise e WHERE e.id = enterprise AND e.status = 'ACTIVE' \
    FOR NO KEY UPDATE SKIP LOCKED; IF NOT FOUND THEN RETURN false; END IF; \
    PERFORM 1 FROM issue_category c WHERE c.id = category AND c.is_active \
    FOR KEY SHARE SKIP LOCKED; IF NOT FOUND THEN RETURN false; END IF; \
    PERFORM 1 FROM district d WHERE d.id = district FOR KEY SHARE SKIP LOCKED; \
    IF NOT FOUND THEN RETURN false; END IF; \
    PERFORM 1 FROM user_account u WHERE u.id = reporter FOR KEY SHARE SKIP LOCKED; \
    IF NOT FOUND THEN RETURN false; END IF; \
    IF officer IS NOT NULL THEN \
    PERFORM 1 FROM service_officer o WHERE o.id = officer FOR KEY SHARE SKIP LOCKED; \
    IF NOT FOUND THEN RETURN false; END IF; END IF; \
    PERFORM 1 FROM issue_counter n WHERE n.district_id = district AND n.year = number_year \
    AND n.last_number = number_before FOR NO KEY UPDATE SKIP LOCKED; \
    IF NOT FOUND THEN RETURN false; END IF; \
    RETURN (SELECT oa.officer_id FROM officer_assignment oa \
    WHERE oa.enterprise_id = enterprise AND oa.status = 'ACTIVE') \
    IS NOT DISTINCT FROM officer; END $$;";

/// Keys are held by a statement of the server now.
const GONE: &str = "DROP FUNCTION hold_key(bigint);";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let steps = [&step(), CHECKS, ROOM, TELL, MUST, REST, GONE].concat();
            manager.get_connection().execute_unprepared(&steps).await?;
        }
        Ok(())
    }
}
