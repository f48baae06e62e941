//! New issues are written in groups, those that come at the same time by one transaction; answers of
//! keys are kept by theirs.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// See the file's head.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000015_group_commit"
    }
}

/// Writes new issues of a district, each with its first step, its audit entry, its events and the
/// record of its key. Every statement sees what was committed before it.
///
/// First it holds the enterprises and those who report, and waits for nobody who does; then the
/// counter, which it waits for; then the keys. The places, from 1, of issues with which anything is
/// amiss are returned, and nothing is written: what each rests on, the rights it goes by, and whether its
/// key was used before; of a district and a year without a counter all are amiss. The officer is the
/// one after whom nobody changes it any more, since the enterprise is held. Rows that only name others
/// come before the events, whose writing takes the outbox's turn: with the turn in hand nothing is waited
/// for. No lock is waited for longer than a second.
///
/// Plans are made once and find rows by their keys, whatever the values are and whatever is known of the
/// tables: one that was made while a table was empty would read all of it later. No condition tempts to
/// another index.
const CREATE: &str = "\
CREATE FUNCTION create_issues(district uuid, acts jsonb) RETURNS SETOF int LANGUAGE plpgsql \
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$ \
DECLARE \
    enterprises uuid[]; categories uuid[]; reporters uuid[]; years int[]; revisions bigint[]; \
    locks bigint[]; records jsonb[]; entries jsonb[]; happened jsonb[]; \
    many int; of_year int; held uuid[]; acting uuid[]; rights bigint; amiss int[]; \
    prefix text; drawn int; numbers text[]; officers uuid[]; kept int; \
BEGIN \
    PERFORM set_config('lock_timeout', '1s', true); \
    SELECT array_agg(a.enterprise_id), array_agg(a.category_id), array_agg(a.reporter_id), \
        array_agg(a.year), array_agg(a.revision), array_agg(a.lock), array_agg(a.record), \
        array_agg(a.entry), array_agg(a.events) \
        INTO enterprises, categories, reporters, years, revisions, locks, records, entries, happened \
        FROM jsonb_to_recordset(acts) AS a(enterprise_id uuid, category_id uuid, reporter_id uuid, \
        year int, revision bigint, lock bigint, record jsonb, entry jsonb, events jsonb); \
    many := cardinality(enterprises); \
    of_year := years[1]; \
    held := ARRAY(SELECT e.id FROM enterprise e WHERE e.id = ANY(enterprises) \
        AND e.district_id = district AND e.status = 'ACTIVE' FOR NO KEY UPDATE SKIP LOCKED); \
    acting := ARRAY(SELECT u.id FROM user_account u WHERE u.id = ANY(reporters) \
        FOR KEY SHARE SKIP LOCKED); \
    SELECT n.last_number INTO drawn FROM issue_counter n \
        WHERE n.district_id = district AND n.year = of_year FOR NO KEY UPDATE; \
    SELECT r.revision INTO rights FROM rights_revision r WHERE r.district_id = district; \
    amiss := ARRAY(SELECT a.place::int \
        FROM unnest(enterprises, categories, reporters, years, revisions, locks, records) WITH ORDINALITY \
        AS a(enterprise_id, category_id, reporter_id, year, revision, lock, record, place) \
        WHERE (drawn IS NOT NULL AND a.enterprise_id = ANY(held) AND a.reporter_id = ANY(acting) AND a.year = of_year \
        AND EXISTS (SELECT 1 FROM issue_category c WHERE c.id = a.category_id \
        AND c.district_id = district AND c.is_active) \
        AND (a.revision IS NULL OR a.revision = rights) \
        AND (a.record IS NULL OR (SELECT k.target_id IS NOT NULL \
        AND k.expires_at > (a.record ->> 'created_at')::timestamptz FROM idempotency_record k \
        WHERE k.user_id = (a.record ->> 'user_id')::uuid AND k.key = a.record ->> 'key') IS NOT TRUE) \
        AND (a.lock IS NULL OR pg_try_advisory_xact_lock(a.lock))) IS NOT TRUE); \
    IF cardinality(amiss) > 0 THEN \
        RETURN QUERY SELECT unnest(amiss); \
        RETURN; \
    END IF; \
    UPDATE issue_counter n SET last_number = drawn + many \
        WHERE n.district_id = district AND n.year = of_year \
        RETURNING (SELECT d.number_prefix FROM district d WHERE d.id = district) INTO prefix; \
    WITH written AS (INSERT INTO idempotency_record (user_id, key, fingerprint, claim, \
        claimed_until, target_kind, target_id, created_at, expires_at) \
        SELECT r.user_id, r.key, r.fingerprint, r.claim, r.claimed_until, r.target_kind, \
        r.target_id, r.created_at, r.expires_at FROM unnest(records) AS a(record), \
        jsonb_populate_record(NULL::idempotency_record, a.record) AS r \
        WHERE a.record IS NOT NULL \
        ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, \
        claim = excluded.claim, claimed_until = excluded.claimed_until, \
        target_kind = excluded.target_kind, target_id = excluded.target_id, answer = NULL, \
        created_at = excluded.created_at, expires_at = excluded.expires_at \
        WHERE idempotency_record.expires_at <= excluded.created_at \
        OR idempotency_record.target_id IS NULL RETURNING 1) \
        SELECT count(*) INTO kept FROM written; \
    IF kept <> (SELECT count(a.record) FROM unnest(records) AS a(record)) THEN \
        RAISE EXCEPTION USING ERRCODE = 'HL001', MESSAGE = 'a key has been used'; \
    END IF; \
    SELECT array_agg(prefix || '-' || of_year || '-' || lpad(n::text, greatest(6, length(n::text)), '0')), \
        array_agg((SELECT oa.officer_id FROM officer_assignment oa \
        WHERE oa.enterprise_id = e.id AND oa.status = 'ACTIVE')) \
        INTO numbers, officers \
        FROM unnest(enterprises) WITH ORDINALITY AS e(id, place), LATERAL (SELECT drawn + e.place) AS d(n); \
    INSERT INTO enterprise_issue SELECT r.* \
        FROM unnest(entries, numbers, officers) AS a(entry, number, officer_id), \
        jsonb_populate_record(NULL::enterprise_issue, a.entry #> '{changes,0,after}' \
        || jsonb_build_object('number', a.number, 'officer_id', a.officer_id)) AS r; \
    INSERT INTO issue_transition SELECT r.* FROM unnest(entries) AS a(entry), \
        jsonb_populate_record(NULL::issue_transition, a.entry #> '{changes,1,after}') AS r; \
    INSERT INTO audit_entry SELECT r.* \
        FROM unnest(entries, numbers, officers) AS a(entry, number, officer_id), \
        jsonb_populate_record(NULL::audit_entry, jsonb_set_lax(jsonb_set(a.entry, \
        '{changes,0,after,number}', to_jsonb(a.number)), '{changes,0,after,officer_id}', \
        to_jsonb(a.officer_id), true, 'delete_key')) AS r; \
    INSERT INTO outbox_event (id, district_id, event_type, aggregate_kind, aggregate_id, \
        changed_fields, actor_id, request_id, created_at) \
        SELECT r.id, r.district_id, r.event_type, r.aggregate_kind, r.aggregate_id, \
        r.changed_fields - CASE WHEN a.officer_id IS NULL THEN 'officer_id' ELSE '' END, \
        r.actor_id, r.request_id, r.created_at \
        FROM unnest(happened, officers) AS a(events, officer_id), \
        jsonb_populate_recordset(NULL::outbox_event, a.events) AS r; \
END $$;";

/// Keeps answers that belong to records of keys. It is no effect, so it need not wait for the disk: an
/// answer may be lost, and is rendered again. Each is found by its key: a plan from when there were few
/// records would read all of them.
const KEEP: &str = "\
CREATE FUNCTION keep_answers(answers json) RETURNS void LANGUAGE plpgsql \
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off \
SET enable_mergejoin = off AS $$ \
BEGIN \
    PERFORM set_config('synchronous_commit', 'off', true); \
    UPDATE idempotency_record r SET answer = a.body \
        FROM json_to_recordset(answers) AS a(user_id uuid, key text, claim uuid, body text) \
        WHERE r.user_id = a.user_id AND r.key = a.key AND r.claim = a.claim; \
END $$;";

/// What they take the place of.
const GONE: &str = "DROP FUNCTION issue_footing(uuid, uuid, uuid, uuid, int); \
    DROP FUNCTION must_hold(boolean);";

/// The answer follows its record a moment later and is the larger part of it: with room for it on the
/// record's page no index is written again.
const ROOM: &str = "ALTER TABLE idempotency_record SET (fillfactor = 20);";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let steps = [CREATE, KEEP, GONE, ROOM].concat();
            manager.get_connection().execute_unprepared(&steps).await?;
        }
        Ok(())
    }
}
