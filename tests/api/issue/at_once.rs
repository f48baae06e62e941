//! A new issue by one statement, which PostgreSQL alone can: what it costs, and that what it rests
//! on is looked at when it is held, not when it was read.

use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};

use super::actors::{Issue, execute, number};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::service::serving;

const CREATE: &str = "mutation($input: CreateIssueInput!) { createIssue(input: $input) \
    { enterpriseIssue { id number version state officer { id } } userErrors { code field } } }";

fn is_postgres(app: &TestApp) -> bool {
    app.database.db.backend() == DbBackend::Postgres
}

/// Creates an issue while somebody else holds its enterprise, who then does this and commits.
async fn meanwhile(app: &TestApp, sql: &str) -> Value {
    let other = app.beside().await;
    let enterprise = cast().member.enterprise_id.unwrap();
    let held = other.database.db.begin().await.unwrap();
    held.execute_unprepared(&format!(
        "SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE"
    ))
    .await
    .unwrap();
    let named = json!({"enterpriseId": encode(Kind::Enterprise, enterprise)});
    let input = app.operator().draft(named).await;
    let wire = app.wire().await;
    let token = app.token(&cast().operator);
    let body = json!({"query": CREATE, "variables": {"input": input}});
    let creating = tokio::spawn(async move {
        wire.post(&token, &[("idempotency-key", "k")], &body)
            .await
            .data()["createIssue"]
            .clone()
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND wait_event_type = 'Lock'";
    let mut is_waiting = false;
    for _ in 0..500 {
        if number(app, waits).await > 0 {
            is_waiting = true;
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(is_waiting && !creating.is_finished());
    held.execute_unprepared(sql).await.unwrap();
    held.commit().await.unwrap();
    creating.await.unwrap()
}

on_both! {
    async fn a_new_issue_costs_three_statements(app) {
        let member = app.member();
        member.creates(json!({})).await;
        let wire = app.wire().await;
        let input = member.draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let token = app.token(&cast().member);
        let send = async |key: &str| {
            let answer = wire.post(&token, &[("idempotency-key", key)], &body).await;
            assert_eq!(answer.data()["createIssue"]["userErrors"], json!([]));
            app.database.db.answers_written().await;
        };
        send("first").await;
        app.database.db.tally().recorded();
        send("second").await;
        let ran = app.database.db.tally().recorded();
        let ran: Vec<&str> = ran.iter().map(|statement| statement.sql.as_str()).collect();
        send("third").await;
        let again = app.database.db.tally().recorded();
        // Their texts are the same, so that they are planned once.
        let is_same = |sql: &&str| again.iter().any(|again| again.sql == *sql);
        assert_eq!(ran.iter().filter(|sql| !sql.contains("tell_events")).find(|sql| !is_same(sql)), None);
        if is_postgres(&app) {
            // What it rests on, the action, what its answer shows, and the answer itself, which is
            // written for many at once.
            assert_eq!(ran.len(), 4, "{ran:#?}");
            assert!(ran[1].contains("must_hold"), "{ran:#?}");
        } else {
            assert!(ran.len() > 4, "{ran:#?}");
        }
    }

    async fn an_officer_who_changes_meanwhile_is_the_one_after(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        let before = serving(enterprise).officer_id;
        let end = format!(
            "UPDATE officer_assignment SET status = 'ENDED', to_on = from_on, \
             end_reason = 'x' WHERE enterprise_id = '{enterprise}' AND status = 'ACTIVE'"
        );
        let created = meanwhile(&app, &end).await;
        assert_eq!(created["userErrors"], json!([]));
        assert_eq!(created["enterpriseIssue"]["officer"], Value::Null, "it was {before}");
        let issue = Issue::of(&created["enterpriseIssue"]);
        assert_eq!((issue.version, issue.state.as_str()), (1, "DRAFT"));
    }

    async fn an_enterprise_that_goes_meanwhile_gets_no_issue(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        let before = app.count("enterprise_issue").await;
        let numbers = number(&app, "SELECT sum(last_number) FROM issue_counter").await;
        let created = meanwhile(
            &app,
            &format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at WHERE id = '{enterprise}'"),
        )
        .await;
        assert_eq!(created["userErrors"][0]["code"], "INVALID_STATE", "{created}");
        assert_eq!(app.count("enterprise_issue").await, before);
        assert_eq!(app.count("idempotency_record").await, 0);
        let now = number(&app, "SELECT sum(last_number) FROM issue_counter").await;
        assert_eq!(now, numbers);
    }

    async fn a_number_that_another_process_draws_meanwhile_is_not_drawn_twice(app) {
        if !is_postgres(&app) {
            return;
        }
        let numbers = "SELECT sum(last_number) FROM issue_counter";
        let before = number(&app, numbers).await;
        let draw = "UPDATE issue_counter SET last_number = last_number + 1 WHERE year = 2021 \
            AND last_number > 1";
        let created = meanwhile(&app, draw).await;
        assert_eq!(created["userErrors"], json!([]));
        assert_eq!(number(&app, numbers).await, before + 2);
    }

    async fn what_is_not_as_it_was_seen_is_not_rested_on(app) {
        if !is_postgres(&app) {
            return;
        }
        let home = serving(cast().member.enterprise_id.unwrap());
        let (enterprise, officer) = (home.enterprise_id, home.officer_id);
        let rests = async |officer: &str, year: i32, before: &str| {
            let sql = format!(
                "SELECT issue_may_rest_on(e.district_id, e.id, {officer}, \
                 (SELECT c.id FROM issue_category c WHERE c.district_id = e.district_id \
                 AND c.is_active LIMIT 1), (SELECT u.id FROM user_account u LIMIT 1), {year}, \
                 (SELECT n.last_number FROM issue_counter n WHERE n.district_id = e.district_id \
                 AND n.year = 2021) {before})::int::bigint FROM enterprise e \
                 WHERE e.id = '{enterprise}'"
            );
            number(&app, &sql).await == 1
        };
        let officer = format!("'{officer}'");
        assert!(rests(&officer, 2021, "").await);
        assert!(!rests("NULL", 2021, "").await);
        assert!(!rests(&officer, 2021, "- 1").await);
        assert!(!rests(&officer, 2035, "").await);
        for held in [
            format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE"),
            "SELECT 1 FROM issue_counter FOR NO KEY UPDATE".to_owned(),
            "SELECT 1 FROM issue_category FOR UPDATE".to_owned(),
            "SELECT 1 FROM user_account FOR UPDATE".to_owned(),
            "SELECT 1 FROM service_officer FOR UPDATE".to_owned(),
            "SELECT 1 FROM district FOR UPDATE".to_owned(),
        ] {
            let by = app.beside().await.database.db.begin().await.unwrap();
            by.execute_unprepared(&held).await.unwrap();
            assert!(!rests(&officer, 2021, "").await, "{held}");
            by.rollback().await.unwrap();
            assert!(rests(&officer, 2021, "").await, "{held}");
        }
        for change in [
            "UPDATE issue_category SET is_active = false".to_owned(),
            format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at WHERE id = '{enterprise}'"),
        ] {
            execute(&app, &change).await;
            assert!(!rests(&officer, 2021, "").await, "{change}");
        }
    }

    async fn an_enterprise_that_is_held_holds_up_nobody_else(app) {
        let other = app.beside().await;
        let held = other.database.db.begin().await.unwrap();
        if is_postgres(&app) {
            let enterprise = cast().member.enterprise_id.unwrap();
            held.execute_unprepared(&format!(
                "SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE"
            )).await.unwrap();
        } else {
            held.rollback().await.unwrap();
            return;
        }
        let wire = std::sync::Arc::new(app.wire().await);
        let input = app.member().draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let waiting = tokio::spawn({
            let (wire, token, body) = (wire.clone(), app.token(&cast().member), body.clone());
            async move { wire.post(&token, &[], &body).await.data()["createIssue"].clone() }
        });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let lead = wire.post(&app.token(&cast().lead), &[], &body).await;
        assert_eq!(lead.data()["createIssue"]["userErrors"], json!([]));
        assert!(!waiting.is_finished());
        held.rollback().await.unwrap();
        assert_eq!(waiting.await.unwrap()["userErrors"], json!([]));
    }

    async fn the_records_are_those_of_any_action(app) {
        let member = app.member();
        let tables = ["enterprise_issue", "issue_transition", "audit_entry", "outbox_event"];
        let mut before = Vec::new();
        for table in tables {
            before.push(app.count(table).await);
        }
        let plain = member.creates(json!({})).await;
        let with_contact = member
            .creates(json!({"contact": {"name": "王芳", "mobile": "13800138000"}}))
            .await;
        for (table, before) in tables.into_iter().zip(before) {
            assert_eq!(app.count(table).await, before + 2, "{table}");
        }
        let entries = "SELECT changes FROM audit_entry WHERE action = 'createIssue' \
            ORDER BY created_at, id";
        let rows = app.database.db.conn().query_all_raw(sea_orm::Statement::from_string(
            app.database.db.backend(),
            entries,
        ));
        let changes: Vec<Value> = rows.await.unwrap().iter()
            .map(|row| row.try_get_by_index(0).unwrap()).collect();
        let columns = |entry: &Value, at: usize| {
            let after = entry[at]["after"].as_object().unwrap();
            let mut names: Vec<String> = after.keys().cloned().collect();
            names.sort();
            (entry[at]["table"].clone(), names)
        };
        // The plain one may go by one statement, the other never does: the audit cannot tell.
        for at in [0, 1] {
            assert_eq!(columns(&changes[0], at), columns(&changes[1], at));
        }
        assert_eq!((plain.version, with_contact.state.as_str()), (1, "DRAFT"));
    }
}
