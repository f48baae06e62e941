//! Who asks is kept between requests, and what was kept never outlives a change: each thing that a
//! right rests on is changed behind the server's back, and the very next request goes by it.

use std::sync::Arc;

use honglian::demo::Actor;
use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::service::serving;
use crate::support::wire::{Received, Wire};

const WHO: &str = "{ viewer { role isAdmin isOfficer } enterpriseIssues(first: 1) { totalCount } }";
const NOBODY: &str = "{ enterprise(by: {id: \"enterprise_00000000000000000000000000\"}) { id } }";
const FOUND: &str = "mutation { upsertDepartment(input: {code: \"NEW\", name: \"新\", \
    governanceRole: PARTICIPATING, isActive: true}) { userErrors { code } } }";

async fn ask(wire: &Wire, token: &str, document: &str) -> Received {
    wire.post(token, &[], &json!({"query": document})).await
}

async fn execute(app: &TestApp, sql: &str) -> u64 {
    let conn = app.database.db.conn();
    let done = conn.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"))
        .rows_affected()
}

async fn revision(app: &TestApp) -> i64 {
    let conn = app.database.db.conn();
    let sql = "SELECT CAST(sum(revision) AS bigint) FROM rights_revision";
    let asked = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(asked).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// What is changed, and for whom.
fn changes() -> Vec<(&'static Actor, &'static str)> {
    let cast = cast();
    vec![
        (
            &cast.operator,
            "UPDATE user_account SET status = 'DISABLED'",
        ),
        (&cast.member, "UPDATE user_account SET status = 'DISABLED'"),
        (
            &cast.operator,
            "UPDATE user_account SET is_auditor = TRUE WHERE role = 'DISTRICT' AND officer_id IS NULL AND NOT is_admin",
        ),
        (&cast.admin, "UPDATE user_account SET is_admin = FALSE"),
        (&cast.operator, "UPDATE district SET is_active = FALSE"),
        (
            &cast.member,
            "UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at",
        ),
        (
            &cast.officer,
            "UPDATE service_officer SET status = 'RETIRED'",
        ),
        (&cast.officer, "DELETE FROM officer_assignment"),
        (&cast.lead, "UPDATE pairing SET status = status"),
        (&cast.lead, "UPDATE pairing_member SET status = status"),
        (&cast.lead, "UPDATE membership SET role = 'MEMBER'"),
        (
            &cast.operator,
            "INSERT INTO api_client (id, mode, created_at, updated_at) \
            SELECT 'demo', 'TRUSTED_ONLY', created_at, created_at FROM district WHERE code = '440103'",
        ),
    ]
}

/// Another app on a database of its own, of the same kind.
async fn like(app: &TestApp) -> TestApp {
    match app.database.db.backend() {
        DbBackend::Postgres => TestApp::postgres().await.unwrap(),
        _ => TestApp::sqlite().await,
    }
}

/// The client of the cast's tokens, in place of the name above.
fn client_of(app: &TestApp, token: &str) -> String {
    app.app.claims(token, "test").unwrap().client_id.clone()
}

on_both! {
    async fn every_change_is_heard_by_the_next_request(app) {
        for (actor, sql) in changes() {
            let app = like(&app).await;
            let (wire, token) = (app.wire().await, app.token(actor));
            let sql = sql.replace("'demo'", &format!("'{}'", client_of(&app, &token)));
            let before = ask(&wire, &token, WHO).await;
            before.data();
            assert_eq!(ask(&wire, &token, WHO).await.data(), before.data());
            let was = revision(&app).await;
            assert!(execute(&app, &sql).await > 0, "{sql}");
            assert!(revision(&app).await > was, "{sql}");
            let after = ask(&wire, &token, WHO).await;
            let is_shown = !sql.contains("assignment") && !sql.contains("pairing");
            assert_eq!(after.essence() != before.essence(), is_shown, "{sql}");
            // As for somebody who is seen for the first time.
            let fresh = Wire::of(Arc::new(app.rebuilt(|_| {}))).await;
            assert_eq!(ask(&fresh, &token, WHO).await.essence(), after.essence(), "{sql}");
        }
    }

    async fn who_is_known_costs_no_statement(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let tally = app.database.db.tally();
        let asks = async || {
            let before = tally.statements();
            ask(&wire, &token, "{ enterprises(first: 1) { nodes { id } } }").await.data();
            tally.statements() - before
        };
        assert_eq!(asks().await, 2, "who asks, and what for");
        assert_eq!(asks().await, 1);
        execute(&app, "DELETE FROM officer_assignment").await;
        assert_eq!(asks().await, 3, "in vain; who asks; what for");
        assert_eq!(asks().await, 1);
    }

    async fn an_answer_without_rows_is_confirmed_too(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let nothing = json!({"enterprise": null});
        for _ in 0..2 {
            assert_eq!(ask(&wire, &token, NOBODY).await.data(), nothing);
        }
        execute(&app, "UPDATE user_account SET status = 'DISABLED'").await;
        assert_eq!(ask(&wire, &token, NOBODY).await.refusal(), (401, "UNAUTHENTICATED".to_owned()));
        // A refusal by what is no longer so does not stand either.
        execute(&app, "UPDATE user_account SET status = 'ACTIVE'").await;
        assert_eq!(ask(&wire, &token, NOBODY).await.data(), nothing);
    }

    async fn nothing_is_written_by_a_right_that_is_gone(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().admin));
        ask(&wire, &token, WHO).await.data();
        let before = app.count("department").await;
        execute(&app, "UPDATE user_account SET is_admin = FALSE").await;
        let plain = ask(&wire, &token, FOUND).await;
        assert_eq!(plain.refusal(), (200, "FORBIDDEN".to_owned()));
        execute(&app, "UPDATE user_account SET is_admin = TRUE WHERE role = 'DISTRICT' AND NOT is_auditor").await;
        ask(&wire, &token, WHO).await.data();
        execute(&app, "UPDATE user_account SET status = 'DISABLED'").await;
        let keyed = wire.keyed(&token, "k", FOUND, Value::Null).await;
        assert_eq!(keyed.refusal(), (401, "UNAUTHENTICATED".to_owned()));
        assert_eq!((app.count("department").await, app.count("audit_entry").await), (before, 0));
        assert_eq!(app.count("idempotency_record").await, 0);
        // And by one that has come back, once.
        execute(&app, "UPDATE user_account SET status = 'ACTIVE'").await;
        assert_eq!(wire.keyed(&token, "k", FOUND, Value::Null).await.data()["upsertDepartment"]["userErrors"], json!([]));
        assert_eq!(app.count("department").await, before + 1);
    }

    async fn an_action_that_changes_rights_itself_is_done_under_a_key(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().admin));
        ask(&wire, &token, WHO).await.data();
        let serving = serving(cast().member.enterprise_id.unwrap());
        let document = format!(
            "mutation {{ endAssignment(input: {{id: \"{}\", expectedVersion: {}, reason: \"调岗\"}}) \
             {{ userErrors {{ code }} }} }}",
            encode(Kind::Assignment, serving.id),
            serving.version
        );
        let was = revision(&app).await;
        let first = wire.keyed(&token, "k", &document, Value::Null).await;
        assert_eq!(first.data()["endAssignment"]["userErrors"], json!([]));
        assert_eq!(revision(&app).await, was + 1);
        for _ in 0..2 {
            let again = wire.keyed(&token, "k", &document, Value::Null).await;
            assert_eq!(again.body, first.body);
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            app.database.db.answers_written().await;
        }
        assert_eq!((app.count("audit_entry").await, app.count("idempotency_record").await), (1, 1));
    }

    async fn somebody_elses_change_is_in_nobodys_way(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().admin));
        ask(&wire, &token, WHO).await.data();
        for key in ["a", "b"] {
            execute(&app, "UPDATE user_account SET status = 'DISABLED' WHERE role = 'MEMBER'").await;
            let document = FOUND.replace("NEW", key).replace("新", key);
            let done = wire.keyed(&token, key, &document, Value::Null).await;
            assert_eq!(done.data()["upsertDepartment"]["userErrors"], json!([]));
            execute(&app, "UPDATE user_account SET status = 'ACTIVE' WHERE role = 'MEMBER'").await;
        }
        assert_eq!(app.count("idempotency_record").await, 2);
    }

    async fn a_transaction_counts_once_and_only_where_it_changes_rights(app) {
        let was = revision(&app).await;
        execute(&app, "UPDATE enterprise SET name = name").await;
        assert_eq!(revision(&app).await, was);
        if app.database.db.backend() == DbBackend::Postgres {
            execute(&app, "UPDATE membership SET status = status WHERE district_id = \
                (SELECT id FROM district WHERE code = '440103')").await;
            assert_eq!(revision(&app).await, was + 1);
        }
    }
}
