//! The rules that the database holds by itself, tried with SQL behind the service's back: whatever
//! the code forgets, a row that breaks one is refused. On `PostgreSQL`, which names what was
//! broken, the list is held complete for its tables.

use std::collections::BTreeSet;

use entity::{district_baseline, pairing};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, Iden, IntoActiveModel, Iterable, SqlErr,
};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};
use crate::support::rows::literal;

/// The tables whose rules are all in the list.
const TABLES: [&str; 11] = [
    "district",
    "district_baseline",
    "department",
    "enterprise",
    "user_account",
    "district_policy",
    "membership",
    "pairing",
    "pairing_member",
    "pairing_interaction",
    "peer_help_offer",
];

/// What refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Check,
    Unique,
    Foreign,
}

use Refusal::{Check, Foreign, Unique};

/// Changes that must be refused: the table, and what is set. `$nobody` is an id that no row has,
/// `$foreign` the other district's, `$member` the member of the cast; `$first` picks one row.
#[rustfmt::skip]
const REFUSED: &[(Refusal, &str, &[&str])] = &[
    (Check, "district", &["code = '4401'", "name = ''", "number_prefix = ''", "version = 0"]),
    (Unique, "district", &["code = '440103'", "number_prefix = 'LW'"]),
    (Check, "district_baseline", &["enterprise_count = -1", "employee_count = -1", "source = ''"]),
    (Unique, "district_baseline", &["as_of = '2020-06-30'"]),
    (Foreign, "district_baseline", &["district_id = $nobody"]),
    (Check, "department", &["code = ''", "name = ''", "governance_role = 'DEPUTY'", "version = 0"]),
    (Unique, "department", &[
        "code = 'TAX'",
        // Exactly one coordinates and one leads.
        "governance_role = 'OVERALL' WHERE governance_role = 'PARTICIPATING'",
        "governance_role = 'LEAD' WHERE governance_role = 'PARTICIPATING'",
    ]),
    (Foreign, "department", &["district_id = $nobody WHERE district_id = $foreign AND governance_role = 'PARTICIPATING'"]),
    (Check, "enterprise", &[
        "uscc = '9144'", "uscc_waiver_reason = ''", "name = ''", "short_name = ''", "ownership = 'FOREIGN'",
        "industry_section = 'U'", "industry_code = '2'", "size_class = 'HUGE'", "region_code = '4401'", "street = '440103'",
        "employee_count = -1", "parent_enterprise_id = id", "status = 'CLOSED'", "deactivation_reason = ''", "version = 0",
        // Deactivated at a time, or not at all.
        "status = 'DEACTIVATED'", "deactivated_at = created_at",
    ]),
    (Unique, "enterprise", &["uscc = '91350100M000100Y43'"]),
    (Foreign, "enterprise", &[
        "parent_enterprise_id = $nobody",
        "district_id = $nobody WHERE district_id = $foreign AND parent_enterprise_id IS NULL",
        // A parent is of the same district.
        "parent_enterprise_id = $member WHERE district_id = $foreign",
    ]),
    (Check, "user_account", &[
        "issuer = ''", "subject = ''", "display_name = ''", "role = 'GUEST' WHERE enterprise_id IS NOT NULL", "status = 'GONE'", "version = 0",
        "enterprise_id = NULL WHERE role = 'MEMBER'", "enterprise_id = $member WHERE role = 'DISTRICT'",
        "is_admin = TRUE WHERE role = 'MEMBER'", "is_auditor = TRUE WHERE role = 'LEAD'",
        "is_auditor = TRUE, is_admin = TRUE WHERE role = 'DISTRICT'",
    ]),
    (Unique, "user_account", &[
        "subject = 'demo-admin'",
        "officer_id = (SELECT min_id.id FROM (SELECT id FROM service_officer ORDER BY id LIMIT 1) min_id) WHERE role = 'DISTRICT' AND district_id <> $foreign",
    ]),
    (Foreign, "user_account", &[
        "district_id = $nobody WHERE subject = 'demo-admin'", "enterprise_id = $nobody WHERE role = 'LEAD'",
        "officer_id = $nobody WHERE subject = 'demo-operator-1'",
        // Of the user's own district.
        "enterprise_id = $member, role = 'MEMBER' WHERE district_id = $foreign",
    ]),
    (Check, "district_policy", &[
        "revision = 0", "pairing_min_members = 0", "pairing_max_members = 1", "pairing_max_members = 21",
        "under_strength_grace_days = 0", "idle_pairing_days = 366", "officer_capacity = 0", "leads_on_duty = 9",
        "work_start_minute = -1", "work_end_minute = 1441", "work_end_minute = 540, work_start_minute = 540",
        "max_reopens = 11", "reopen_window_days = 91", "max_returns = -1",
        "yellow_percent = 100", "info_wait_days = 0", "circular_after_days = 251", "meeting_after_days = 0",
    ]),
    (Unique, "district_policy", &["revision = 1"]),
    (Foreign, "district_policy", &["district_id = $nobody", "changed_by_id = $nobody"]),
    (Check, "membership", &[
        "role = 'GUEST'", "status = 'PAUSED', left_on = joined_on", "end_reason = ''", "version = 0",
        // Ended on a day, not before it began.
        "status = 'ENDED'", "left_on = joined_on", "status = 'ENDED', left_on = '2000-01-01'",
    ]),
    (Unique, "membership", &["enterprise_id = $member"]),
    (Foreign, "membership", &["district_id = $nobody", "enterprise_id = $nobody $first", "district_id = $foreign"]),
    (Check, "pairing", &[
        "kind = 'MANY'", "name = ''", "status = 'PAUSED'", "end_reason = ''", "version = 0",
        "status = 'UNDER_STRENGTH'", "under_strength_since = created_at", "status = 'ENDED'", "ends_on = starts_on",
        "starts_on = NULL", "status = 'ENDED', ends_on = '2000-01-01'",
    ]),
    (Unique, "pairing", &[
        // A lead has one pairing in force of a kind.
        "status = 'ACTIVE', starts_on = '2021-01-01' WHERE status = 'DRAFT'",
    ]),
    (Foreign, "pairing", &[
        "district_id = $nobody WHERE status = 'DRAFT'",
        "lead_id = $nobody WHERE status = 'DRAFT'",
        "proposed_by_id = $nobody",
        // Members repeat the kind and the lead of their pairing.
        "kind = 'SOE_PRIVATE' WHERE kind = 'ONE_PLUS_N' AND EXISTS (SELECT 1 FROM pairing_member m WHERE m.pairing_id = pairing.id)",
    ]),
    (Check, "pairing_member", &[
        "kind = 'MANY'", "enterprise_id = lead_id", "status = 'PAUSED'", "version = 0",
        "status = 'LEFT'", "left_on = joined_on", "joined_on = NULL",
    ]),
    (Unique, "pairing_member", &[
        // One pairing in force of a kind, and once in a pairing.
        "enterprise_id = $member WHERE kind = 'ONE_PLUS_N'",
        "enterprise_id = $member, status = 'PROPOSED' WHERE kind = 'ONE_PLUS_N'",
    ]),
    (Foreign, "pairing_member", &[
        "district_id = $nobody $first", "district_id = $foreign $first", "enterprise_id = $nobody $first",
        "pairing_id = $nobody $first", "lead_id = $nobody $first", "kind = 'SOE_PRIVATE', status = 'PROPOSED' WHERE kind = 'ONE_PLUS_N'",
    ]),
    (Check, "pairing_interaction", &[
        "interaction_type = 'PARTY'", "title = ''", "modes = 0", "modes = 64", "aids = -1", "aids = 64", "participant_count = -1",
        "deal_type = 'BARTER'", "deal_amount_band = 'HUGE'", "version = 0",
        // Cooperation to mutual benefit needs its deal.
        "modes = 32, deal_type = NULL", "modes = 63, deal_amount_band = NULL",
    ]),
    (Foreign, "pairing_interaction", &["district_id = $nobody", "pairing_id = $nobody", "recorded_by_id = $nobody", "district_id = $foreign"]),
    (Check, "peer_help_offer", &[
        "aid = 0", "aid = 3", "status = 'PAUSED' WHERE status = 'ACCEPTED'", "version = 0",
        // Decided at a time, thanked for at a time, and no words of thanks without.
        "status = 'OFFERED' WHERE status = 'ACCEPTED'", "decided_at = created_at WHERE status = 'OFFERED'",
        "status = 'THANKED' WHERE status = 'ACCEPTED'", "thanks = '感谢' WHERE status = 'ACCEPTED'",
    ]),
    // One that stands per issue and enterprise.
    (Unique, "peer_help_offer", &["offerer_id = $member"]),
    (Foreign, "peer_help_offer", &["district_id = $nobody", "district_id = $foreign", "issue_id = $nobody $first", "offerer_id = $nobody $first"]),
];

/// The statement that sets something: a new row where the table takes no change.
fn statement(app: &TestApp, table: &str, change: &str) -> String {
    let nobody = literal(app, uuid::Uuid::from_u128(0xDEAD));
    let foreign = "(SELECT d.id FROM district d WHERE d.code = '440104')";
    let member = literal(app, cast().member.enterprise_id.unwrap());
    let first = format!("WHERE id = (SELECT x.id FROM {table} x ORDER BY x.id LIMIT 1)");
    let change = change
        .replace("$nobody", &nobody)
        .replace("$foreign", foreign)
        .replace("$member", &member)
        .replace("$first", &first);
    if table != "district_policy" {
        return format!("UPDATE {table} SET {change}");
    }
    let set = |column: &str| {
        let assigned = change.split(", ").filter_map(|part| part.split_once(" = "));
        assigned
            .into_iter()
            .find(|(name, _)| *name == column)
            .map(|(_, value)| value.to_owned())
    };
    let columns: Vec<String> = entity::district_policy::Column::iter()
        .map(|column| column.to_string())
        .collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "id" => nobody.clone(),
            "revision" => set(column).unwrap_or_else(|| "99".to_owned()),
            _ => set(column).unwrap_or_else(|| column.clone()),
        })
        .collect();
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} LIMIT 1",
        columns.join(", "),
        values.join(", ")
    )
}

/// What refuses an SQL, and the name of the rule where the database gives it.
async fn refusal(app: &TestApp, sql: &str) -> (Option<Refusal>, String) {
    let Err(error) = app.database.db.conn().execute_unprepared(sql).await else {
        return (None, String::new());
    };
    let text = error.to_string();
    let kind = match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Some(Unique),
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => Some(Foreign),
        _ if text.contains("violates check constraint")
            || text.contains("CHECK constraint failed") =>
        {
            Some(Check)
        }
        _ => None,
    };
    let name = text
        .split("constraint \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    (kind, name.unwrap_or(&text).to_owned())
}

on_both! {
    async fn a_row_that_breaks_a_rule_is_refused_whoever_writes_it(app) {
        // A draft beside the pairing that its lead has in force.
        let draft = pairing::Model {
            id: uuid::Uuid::from_u128(0xD4AF),
            status: pairing::PairingStatus::Draft,
            starts_on: None,
            ..dataset().rows.pairings[0].clone()
        };
        draft.into_active_model().insert(app.database.db.conn()).await.unwrap();
        let earlier = district_baseline::Model {
            id: uuid::Uuid::from_u128(0xBA5E),
            as_of: dataset().rows.baselines[0].as_of - chrono::TimeDelta::days(1),
            ..dataset().rows.baselines[0].clone()
        };
        earlier.into_active_model().insert(app.database.db.conn()).await.unwrap();
        let mut broken: BTreeSet<String> = BTreeSet::new();
        let mut wrong: Vec<String> = Vec::new();
        for (kind, table, changes) in REFUSED {
            for change in *changes {
                let sql = statement(&app, table, change);
                let (refused, name) = refusal(&app, &sql).await;
                if refused != Some(*kind) {
                    wrong.push(format!("{kind:?} {table}: {change}: {refused:?} {name}"));
                }
                broken.insert(name);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        if app.database.db.backend() == DbBackend::Postgres {
            // Keys by which other tables refer to a row hold its id, which is unique by itself.
            let tables = TABLES.map(|table| format!("'{table}'::regclass")).join(", ");
            let rules = app.texts(&format!(
                "SELECT conname::text FROM pg_constraint WHERE conrelid IN ({tables}) AND contype IN ('c', 'f', 'u') \
                 AND NOT (contype = 'u' AND conkey @> \
                 (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = conrelid AND attname = 'id')) \
                 UNION SELECT relname::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
                 WHERE indrelid IN ({tables}) AND indisunique AND indpred IS NOT NULL"
            )).await;
            let untried: Vec<&String> = rules.iter().filter(|rule| !broken.contains(*rule)).collect();
            assert!(untried.is_empty(), "no statement breaks {untried:?}");
            assert!(rules.len() > 100, "{}", rules.len());
        }
    }

    async fn what_is_written_for_good_is_not_changed(app) {
        let create = serde_json::json!({"code": "TRIAL", "name": "试验", "governanceRole": "PARTICIPATING", "isActive": true});
        assert_eq!(app.admin().faults("upsertDepartment", create).await, [""; 0]);
        for table in ["audit_entry", "district_policy", "issue_rating", "issue_transition", "issue_progress"] {
            assert!(app.count(table).await > 0, "{table}");
            for sql in [format!("UPDATE {table} SET id = id"), format!("DELETE FROM {table}")] {
                let error = app.database.db.conn().execute_unprepared(&sql).await.unwrap_err().to_string();
                assert!(error.contains(&format!("{table} is append-only")), "{sql}: {error}");
            }
        }
    }
}
