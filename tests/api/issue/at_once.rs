//! A new issue by one statement, which PostgreSQL alone can: what it costs, that what it rests on is
//! looked at when it is held, and that nobody can tell by which way it came.

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
    let enterprise = cast().member.enterprise_id.unwrap();
    let held = format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE");
    while_held(app, &held, sql).await
}

/// Creates an issue while somebody else holds something, who then does this and commits.
async fn while_held(app: &TestApp, what: &str, sql: &str) -> Value {
    let other = app.beside().await;
    let enterprise = cast().member.enterprise_id.unwrap();
    let held = other.database.db.begin().await.unwrap();
    held.execute_unprepared(what).await.unwrap();
    let named = json!({"enterpriseId": encode(Kind::Enterprise, enterprise)});
    let input = app.operator().draft(named).await;
    let wire = app.wire().await;
    let token = app.token(&cast().operator);
    let body = json!({"query": CREATE, "variables": {"input": input}});
    let key = format!("k{}", what.len());
    let creating = tokio::spawn(async move {
        wire.post(&token, &[("idempotency-key", &key)], &body)
            .await
            .data()["createIssue"]
            .clone()
    });
    until_one_waits(app).await;
    assert!(!creating.is_finished());
    held.execute_unprepared(sql).await.unwrap();
    held.commit().await.unwrap();
    creating.await.unwrap()
}

/// Until something waits in the database for what somebody holds.
async fn until_one_waits(app: &TestApp) {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND wait_event_type = 'Lock'";
    for _ in 0..500 {
        if number(app, waits).await > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing waits");
}

/// Somebody holds what the member's new issue rests on, which waits for it, and holds up nobody else.
async fn the_member_alone_waits(app: &TestApp, what: &str) {
    let other = app.beside().await;
    let held = other.database.db.begin().await.unwrap();
    held.execute_unprepared(what).await.unwrap();
    let wire = std::sync::Arc::new(app.wire().await);
    let input = app.member().draft(json!({})).await;
    let body = json!({"query": CREATE, "variables": {"input": input}});
    let waiting = tokio::spawn({
        let (wire, token, body) = (wire.clone(), app.token(&cast().member), body.clone());
        async move {
            let answer = wire.post(&token, &[], &body).await;
            answer.data()["createIssue"].clone()
        }
    });
    until_one_waits(app).await;
    // Neither in the line for numbers nor with the outbox's turn in hand.
    let turn = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2866759719 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(number(app, turn).await, 0);
    let lead = wire.post(&app.token(&cast().lead), &[], &body).await;
    assert_eq!(lead.data()["createIssue"]["userErrors"], json!([]));
    assert!(!waiting.is_finished());
    held.rollback().await.unwrap();
    assert_eq!(waiting.await.unwrap()["userErrors"], json!([]));
}

on_both! {
    async fn a_new_issue_is_one_statement(app) {
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
            // The action with what its answer shows, and the answer itself, which is written for many
            // at once.
            assert_eq!(ran.len(), 2, "{ran:#?}");
            assert!(ran[0].contains("must_hold"), "{ran:#?}");
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
        let hold = "SELECT 1 FROM issue_counter FOR NO KEY UPDATE";
        let created = while_held(&app, hold, draw).await;
        assert_eq!(created["userErrors"], json!([]));
        let created = meanwhile(&app, draw).await;
        assert_eq!(created["userErrors"], json!([]));
        assert_eq!(number(&app, numbers).await, before + 4);
    }

    async fn what_it_rests_on_is_sound_and_nobody_elses(app) {
        if !is_postgres(&app) {
            return;
        }
        let home = serving(cast().member.enterprise_id.unwrap());
        let (enterprise, officer) = (home.enterprise_id, home.officer_id);
        let rests = async |year: i32| {
            let sql = format!(
                "SELECT count(f.number) FROM enterprise e, issue_footing(e.district_id, e.id, \
                 (SELECT c.id FROM issue_category c WHERE c.district_id = e.district_id LIMIT 1), \
                 (SELECT u.id FROM user_account u LIMIT 1), {year}) f \
                 WHERE e.id = '{enterprise}' AND f.officer_id = '{officer}'"
            );
            number(&app, &sql).await == 1
        };
        assert!(rests(2021).await);
        assert!(!rests(2035).await);
        // Of another district are, in turn, who asks and the category.
        for (district, category) in [("<>", "="), ("=", "<>")] {
            let foreign = format!(
                "SELECT count(f.number) FROM enterprise e, issue_footing( \
                 (SELECT n.district_id FROM issue_counter n WHERE n.district_id {district} e.district_id LIMIT 1), e.id, \
                 (SELECT c.id FROM issue_category c WHERE c.district_id {category} e.district_id LIMIT 1), \
                 (SELECT u.id FROM user_account u LIMIT 1), 2021) f WHERE e.id = '{enterprise}'"
            );
            assert_eq!(number(&app, &foreign).await, 0, "{district} {category}");
        }
        for held in [
            format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE"),
            "SELECT 1 FROM issue_counter FOR NO KEY UPDATE".to_owned(),
            "SELECT 1 FROM user_account FOR UPDATE".to_owned(),
        ] {
            let by = app.beside().await.database.db.begin().await.unwrap();
            by.execute_unprepared(&held).await.unwrap();
            assert!(!rests(2021).await, "{held}");
            by.rollback().await.unwrap();
            assert!(rests(2021).await, "{held}");
        }
        for (change, back) in [
            ("UPDATE issue_category SET is_active = false".to_owned(),
             "UPDATE issue_category SET is_active = true".to_owned()),
            (format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at \
                      WHERE id = '{enterprise}'"),
             format!("UPDATE enterprise SET status = 'ACTIVE', deactivated_at = NULL \
                      WHERE id = '{enterprise}'")),
        ] {
            execute(&app, &change).await;
            assert!(!rests(2021).await, "{change}");
            execute(&app, &back).await;
            assert!(rests(2021).await, "{back}");
        }
    }

    async fn a_number_of_more_digits_is_not_cut(app) {
        execute(&app, "UPDATE issue_counter SET last_number = 999998 WHERE year = 2021").await;
        for end in ["-2021-999999", "-2021-1000000", "-2021-1000001"] {
            let input = app.member().draft(json!({})).await;
            let body = json!({"query": CREATE, "variables": {"input": input}});
            let answer = app.wire().await.post(&app.token(&cast().member), &[], &body).await;
            let created = answer.data()["createIssue"]["enterpriseIssue"].clone();
            assert!(created["number"].as_str().unwrap().ends_with(end), "{created}");
        }
    }

    async fn the_answer_is_what_is_read_afterwards(app) {
        // The third asks for other issues, which are read when this one is there.
        for (shown, statements) in [
            ("id number version title body state light createdAt isRedacted officer { id } \
              enterprise { id name } category { id } reporter { id }", 2),
            ("id number state viewerActions enterprise { id name } \
              transitions(first: 3) { nodes { kind actor { id } } }", 3),
            ("id number mergedInto { id } followUpOf { id }", 4),
            ("__typename", 2),
        ] {
            let fragment = format!("fragment Shown on EnterpriseIssue {{ {shown} }}");
            let create = format!(
                "mutation($input: CreateIssueInput!) {{ createIssue(input: $input) {{ \
                 enterpriseIssue {{ ...Shown }} again: enterpriseIssue {{ id number }} \
                 userErrors {{ code }} }} }} {fragment}"
            );
            let input = app.member().draft(json!({})).await;
            let wire = app.wire().await;
            let token = app.token(&cast().member);
            let body = json!({"query": create, "variables": {"input": input}});
            let (first, second) = (format!("a{}", shown.len()), format!("b{}", shown.len()));
            wire.post(&token, &[("idempotency-key", &first)], &body).await.data();
            app.database.db.answers_written().await;
            app.database.db.tally().recorded();
            let answer = wire.post(&token, &[("idempotency-key", &second)], &body).await;
            app.database.db.answers_written().await;
            let ran = app.database.db.tally().recorded();
            if is_postgres(&app) {
                assert_eq!(ran.len(), statements, "{ran:#?}");
            }
            let created = &answer.data()["createIssue"];
            assert_eq!(created["userErrors"], json!([]), "{created}");
            let read = json!({
                "query": format!("query($id: ID!) {{ enterpriseIssue(id: $id) {{ ...Shown id number }} }} {fragment}"),
                "variables": {"id": created["again"]["id"]},
            });
            let read = wire.post(&token, &[], &read).await.data()["enterpriseIssue"].clone();
            for (name, value) in created["enterpriseIssue"].as_object().unwrap() {
                assert_eq!(&read[name], value, "{name}");
            }
            assert_eq!(read["number"], created["again"]["number"]);
        }
    }

    async fn an_enterprise_that_is_held_holds_up_nobody_else(app) {
        if is_postgres(&app) {
            let enterprise = cast().member.enterprise_id.unwrap();
            let hold = format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE");
            the_member_alone_waits(&app, &hold).await;
        }
    }

    async fn whose_keys_change_just_now_holds_up_nobody_else(app) {
        if is_postgres(&app) {
            let member = cast().member.user_id;
            let rename =
                format!("UPDATE user_account SET subject = subject || 'x' WHERE id = '{member}'");
            the_member_alone_waits(&app, &rename).await;
        }
    }

    async fn an_officer_who_goes_before_the_enterprise_is_held_is_not_the_one(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        // One statement, which began before: what it calls sees what is committed since.
        let late = format!(
            "SELECT count(f.number) * 10 + count(f.officer_id) FROM enterprise e, \
             LATERAL (SELECT length(pg_sleep(1)::text) AS slept WHERE e.id IS NOT NULL) s, \
             LATERAL issue_footing(e.district_id, e.id, \
             (SELECT c.id FROM issue_category c WHERE c.district_id = e.district_id LIMIT 1), \
             (SELECT u.id FROM user_account u LIMIT 1), 2021 + s.slept) f \
             WHERE e.id = '{enterprise}'"
        );
        let end = format!(
            "UPDATE officer_assignment SET status = 'ENDED', to_on = from_on, \
             end_reason = 'x' WHERE enterprise_id = '{enterprise}' AND status = 'ACTIVE'"
        );
        let gone = async {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            execute(&app.beside().await, &end).await;
        };
        let (found, ()) = tokio::join!(number(&app, &late), gone);
        assert_eq!(found, 10);
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
        let rows = async |sql: &str| -> Vec<Value> {
            let backend = app.database.db.backend();
            let sql = sea_orm::Statement::from_string(backend, sql);
            let rows = app.database.db.conn().query_all_raw(sql).await.unwrap();
            rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
        };
        let changes = rows(
            "SELECT changes FROM audit_entry WHERE action = 'createIssue' ORDER BY created_at, id",
        )
        .await;
        let told = rows(
            "SELECT changed_fields FROM outbox_event WHERE event_type LIKE 'issue.%' ORDER BY seq",
        )
        .await;
        let columns = |entry: &Value, at: usize| {
            let after = entry[at]["after"].as_object().unwrap();
            let mut names: Vec<String> = after.keys().cloned().collect();
            names.sort();
            (entry[at]["table"].clone(), names)
        };
        // The plain one may go by one statement, the other never does: the audit cannot tell, and who
        // is told of it cannot.
        for at in [0, 1] {
            assert_eq!(columns(&changes[0], at), columns(&changes[1], at));
        }
        let [of_plain, of_other] = &told[told.len() - 2..] else { unreachable!() };
        let names = of_other.as_array().unwrap().iter().filter(|name| *name != "contact");
        assert_eq!(of_plain.as_array().unwrap().iter().collect::<Vec<_>>(), names.collect::<Vec<_>>());
        let after = &changes[0][0]["after"];
        let numbered = format!(
            "SELECT count(*) FROM enterprise_issue WHERE number = '{}'",
            after["number"].as_str().unwrap()
        );
        assert_eq!(number(&app, &numbered).await, 1);
        let officer = serving(cast().member.enterprise_id.unwrap()).officer_id;
        assert_eq!(after["officer_id"], officer.to_string());
        assert_eq!((plain.version, with_contact.state.as_str()), (1, "DRAFT"));

        let alone = "UPDATE officer_assignment SET status = 'ENDED', to_on = from_on, \
            end_reason = 'x' WHERE status = 'ACTIVE'";
        execute(&app, alone).await;
        member.creates(json!({})).await;
        let last = rows(
            "SELECT changes FROM audit_entry WHERE action = 'createIssue' ORDER BY created_at, id",
        )
        .await;
        assert_eq!(last.last().unwrap()[0]["after"].get("officer_id"), None);
        let told = rows(
            "SELECT changed_fields FROM outbox_event WHERE event_type LIKE 'issue.%' ORDER BY seq",
        )
        .await;
        let told = told.last().unwrap().as_array().unwrap();
        assert!(told.contains(&json!("number")) && !told.contains(&json!("officer_id")));
    }
}
