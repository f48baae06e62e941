//! Retries under an `Idempotency-Key`, over real HTTP.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use entity::{district, issue_category};
use honglian::kernel::clock::{Clock, FixedClock, SystemClock};
use honglian::kernel::id::{Kind, encode};
use honglian::store::idempotency;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::wire::Wire;

const CREATE: &str = "mutation($input: CreateIssueInput!) { createIssue(input: $input) \
    { enterpriseIssue { id number title state version } userErrors { code } } }";

const REGISTER: &str = "mutation($input: CreateEnterpriseInput!) { createEnterprise(input: $input) \
    { enterprise { id name issues(first: 1) { totalCount } } userErrors { code message } } }";

/// A draft of the member's; no rule keeps two alike apart.
async fn draft(app: &TestApp, title: &str) -> Value {
    let conn = app.database.db.conn();
    let home = district::Entity::find()
        .filter(district::Column::Code.eq(cast().member.district_code.clone()));
    let home = home.one(conn).await.unwrap().unwrap();
    let category = issue_category::Entity::find()
        .filter(issue_category::Column::DistrictId.eq(home.id))
        .one(conn)
        .await
        .unwrap()
        .unwrap();
    let category = encode(Kind::Category, category.id);
    json!({"input": {"title": title, "body": "请协助解决", "nature": "HELP", "categoryId": category}})
}

fn enterprise() -> Value {
    json!({"input": {"uscc": "91350100M000100Y43", "name": "新企业有限公司", "ownership": "PRIVATE"}})
}

/// Issues, audit entries and kept keys.
async fn written(app: &TestApp) -> [i64; 3] {
    [
        app.count("enterprise_issue").await,
        app.count("audit_entry").await,
        app.count("idempotency_record").await,
    ]
}

async fn execute(app: &TestApp, sql: &str) {
    app.database
        .db
        .conn()
        .execute_unprepared(sql)
        .await
        .unwrap();
}

fn member(app: &TestApp) -> String {
    app.token(&cast().member)
}

on_both! {
    async fn a_retry_gets_the_first_answer_byte_for_byte(app) {
        let (wire, token) = (app.wire().await, member(&app));
        let variables = draft(&app, "排污许可").await;
        let [issues, audit, _] = written(&app).await;
        let first = wire.keyed(&token, "k-1", CREATE, variables.clone()).await;
        let issue = first.data()["createIssue"].clone();
        assert_eq!((&issue["userErrors"], &issue["enterpriseIssue"]["title"]), (&json!([]), &json!("排污许可")));
        assert_eq!(first.header("idempotency-replayed"), None);
        assert_eq!(written(&app).await, [issues + 1, audit + 1, 1]);
        let plain = json!({"query": CREATE, "variables": variables});
        for headers in [
            [("idempotency-key", "k-1"), ("accept-language", "zh-CN")],
            // The draft's own spelling, and another language: the answer is the first one.
            [("idempotency-key", "\"k-1\""), ("accept-language", "en")],
        ] {
            let again = wire.post(&token, &headers, &plain).await;
            assert_eq!((again.status, &again.body), (200, &first.body));
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            assert_eq!(again.header("content-type"), first.header("content-type"));
            assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
        }
        assert_eq!(written(&app).await, [issues + 1, audit + 1, 1]);
    }

    async fn a_key_does_not_change_the_answer(app) {
        let (wire, token) = (app.wire().await, member(&app));
        let document = "mutation($input: CreateIssueInput!) { createIssue(input: $input) \
            { userErrors { code } enterpriseIssue { version state body title } __typename } }";
        let variables = draft(&app, "用工").await;
        let plain = json!({"query": document, "variables": variables});
        let free = wire.post(&token, &[], &plain).await;
        let keyed = wire.keyed(&token, "k", document, variables).await;
        assert_eq!((keyed.status, keyed.essence()), (free.status, free.essence()));
        assert_eq!(keyed.header("content-type"), free.header("content-type"));
        let order = |body: &str| [body.find("userErrors"), body.find("enterpriseIssue"), body.find("__typename")];
        assert_eq!(order(&keyed.body), order(&free.body));
        assert!(order(&keyed.body).is_sorted());
    }

    async fn another_payload_under_a_used_key_is_refused(app) {
        let (wire, token) = (app.wire().await, member(&app));
        let variables = draft(&app, "一").await;
        wire.keyed(&token, "k", CREATE, variables.clone()).await.data();
        let before = written(&app).await;
        let other_value = wire.keyed(&token, "k", CREATE, draft(&app, "二").await).await;
        let other_document = wire.keyed(&token, "k", &format!("{CREATE} "), variables.clone()).await;
        let body = json!({"query": CREATE.replacen("mutation", "mutation Named", 1), "variables": variables, "operationName": "Named"});
        let other_name = wire.post(&token, &[("idempotency-key", "k")], &body).await;
        for answer in [other_value, other_document, other_name] {
            assert_eq!(answer.refusal(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        }
        assert_eq!(written(&app).await, before);
    }

    async fn the_order_of_members_is_no_other_payload(app) {
        let (wire, token) = (app.wire().await, member(&app));
        let variables = draft(&app, "一").await;
        let first = wire.keyed(&token, "k", CREATE, variables.clone()).await;
        let members: Vec<String> = variables["input"].as_object().unwrap().iter().rev()
            .map(|(name, value)| format!("\"{name}\": {value}")).collect();
        let body = format!("{{\"variables\": {{\"input\": {{{}}}}}, \"query\": {}}}", members.join(", "), json!(CREATE));
        let again = wire.send(&token, &[("idempotency-key", "k")], body).await;
        assert_eq!((again.status, again.body), (200, first.body));
    }

    async fn a_key_is_each_users_own(app) {
        let wire = app.wire().await;
        let variables = draft(&app, "一").await;
        let [issues, ..] = written(&app).await;
        let mine = wire.keyed(&member(&app), "k", CREATE, variables.clone()).await;
        let theirs = wire.keyed(&app.token(&cast().lead), "k", CREATE, variables).await;
        assert_ne!(mine.data(), theirs.data());
        assert_eq!(theirs.header("idempotency-replayed"), None);
        let [now, _, keys] = written(&app).await;
        assert_eq!((now, keys), (issues + 2, 2));
    }

    async fn what_wrote_nothing_is_not_kept(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let wrong = json!({"input": {"uscc": "1", "name": "甲", "ownership": "PRIVATE"}});
        let first = wire.keyed(&token, "k", REGISTER, wrong.clone()).await;
        assert_eq!(first.data()["createEnterprise"]["userErrors"][0]["code"], "INVALID");
        let headers = [("idempotency-key", "k"), ("accept-language", "en")];
        let english = wire.post(&token, &headers, &json!({"query": REGISTER, "variables": wrong})).await;
        assert_eq!(english.header("idempotency-replayed"), None);
        assert_ne!(english.body, first.body, "the language is the second request's own");
        let forbidden = wire.keyed(&member(&app), "k", REGISTER, enterprise()).await;
        assert_eq!(forbidden.json()["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let invalid = wire.keyed(&token, "k", "mutation { createEnterprise { x } }", json!({})).await;
        assert_eq!(invalid.json()["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(app.count("idempotency_record").await, 0);
        // So the same key is good for the corrected input.
        let right = wire.keyed(&token, "k", REGISTER, enterprise()).await;
        assert_eq!(right.data()["createEnterprise"]["userErrors"], json!([]));
        assert_eq!(app.count("idempotency_record").await, 1);
    }

    async fn a_key_is_for_exactly_one_mutation(app) {
        let (wire, token) = (app.wire().await, member(&app));
        let before = written(&app).await;
        for document in [
            CREATE.replacen("{ createIssue", "{ a: createIssue(input: $input) { userErrors { code } } createIssue", 1),
            CREATE.replacen("{ createIssue", "{ ...f createIssue", 1)
                + " fragment f on Mutation { b: submitIssue(input: {id: \"x\", expectedVersion: 1}) { userErrors { code } } }",
            "mutation { __typename }".to_owned(),
        ] {
            let refused = wire.keyed(&token, "k", &document, draft(&app, "一").await).await;
            assert_eq!(refused.refusal(), (400, "BAD_REQUEST".to_owned()), "{document}");
        }
        let long = "k".repeat(256);
        for key in ["", "a b", "\"\"", "\"a b\"", "钥匙", &long] {
            let refused = wire.keyed(&token, key, CREATE, draft(&app, "一").await).await;
            assert_eq!(refused.refusal(), (400, "BAD_REQUEST".to_owned()), "{key}");
        }
        let twice = [("idempotency-key", "a"), ("idempotency-key", "a")];
        let body = json!({"query": CREATE, "variables": draft(&app, "一").await});
        assert_eq!(wire.post(&token, &twice, &body).await.refusal().0, 400);
        assert_eq!(written(&app).await, before);
        // Nothing is kept for a query.
        let query = wire.keyed(&token, "k", "{ enterprises(first: 1) { totalCount } }", json!({})).await;
        assert_eq!(query.data()["enterprises"]["totalCount"], 37);
        assert_eq!(written(&app).await, before);
        // The longest key, and every character that a key may have.
        let visible: String = (b'!'..=b'~').map(char::from).collect();
        for key in [&long[..255], &visible] {
            let done = wire.keyed(&token, key, CREATE, draft(&app, "一").await).await;
            assert_eq!(done.data()["createIssue"]["userErrors"], json!([]), "{key}");
        }
        assert_eq!(app.count("idempotency_record").await, 2);
    }

    async fn a_hundred_sends_of_one_create_make_one_row(app) {
        let (wire, token) = (Arc::new(app.wire().await), member(&app));
        let variables = draft(&app, "一百次").await;
        let [issues, audit, keys] = written(&app).await;
        let events = app.count("outbox_event").await;
        let sends: Vec<_> = (0..100).map(|_| {
            let (wire, token, variables) = (Arc::clone(&wire), token.clone(), variables.clone());
            tokio::spawn(async move { sent_until_done(&wire, &token, variables).await })
        }).collect();
        let mut answers = Vec::new();
        for send in sends {
            answers.push(send.await.unwrap());
        }
        let firsts = answers.iter().filter(|(_, replayed)| !replayed).count();
        assert_eq!(firsts, 1);
        for (body, _) in &answers {
            assert_eq!(body, &answers[0].0);
        }
        assert_eq!(written(&app).await, [issues + 1, audit + 1, keys + 1]);
        assert_eq!(app.count("outbox_event").await, events + 1);
    }

    async fn a_running_request_keeps_others_away(app) {
        let (wire, token) = (Arc::new(app.wire().await), member(&app));
        let (variables, others) = (draft(&app, "一").await, draft(&app, "二").await);
        let (other, third) = (app.beside().await, app.beside().await);
        // What holds the first one up.
        let lock = third.database.db.begin().await.unwrap();
        let is_postgres = app.database.db.backend() == DbBackend::Postgres;
        if is_postgres {
            lock.execute_unprepared("LOCK TABLE enterprise IN EXCLUSIVE MODE").await.unwrap();
        }
        let first = tokio::spawn({
            let (wire, token, variables) = (Arc::clone(&wire), token.clone(), variables.clone());
            async move { wire.keyed(&token, "k", CREATE, variables).await }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let busy = wire.keyed(&token, "k", CREATE, variables.clone()).await;
        assert_eq!(busy.refusal(), (409, "IDEMPOTENCY_IN_PROGRESS".to_owned()));
        assert_eq!(busy.header("retry-after"), Some("1"));
        let reused = wire.keyed(&token, "k", CREATE, others).await;
        assert_eq!(reused.refusal(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        if is_postgres {
            let elsewhere = other.wire().await.keyed(&token, "k", CREATE, variables.clone()).await;
            assert_eq!(elsewhere.refusal(), (409, "IDEMPOTENCY_IN_PROGRESS".to_owned()));
        }
        assert!(!first.is_finished());
        let before = app.count("enterprise_issue").await;
        lock.rollback().await.unwrap();
        let first = first.await.unwrap();
        assert_eq!(first.data()["createIssue"]["userErrors"], json!([]));
        let again = other.wire().await.keyed(&token, "k", CREATE, variables).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(app.count("enterprise_issue").await, before + 1);
    }

    async fn an_effect_whose_answer_was_lost_is_told_again(app) {
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let token = app.token_at(&cast().member, clock.as_ref());
        let variables = draft(&app, "一").await;
        let first = {
            let wire = Wire::of(Arc::new(app.rebuilt(|_| {}).with_real_clock(clock.clone()))).await;
            wire.keyed(&token, "k", CREATE, variables.clone()).await
        };
        let before = written(&app).await;
        // The process died between the commit and the keeping of the answer.
        app.database.db.answers_written().await;
        execute(&app, "UPDATE idempotency_record SET answer = NULL").await;
        let wire = Wire::of(Arc::new(app.rebuilt(|_| {}).with_real_clock(clock.clone()))).await;
        assert_eq!(wire.keyed(&token, "k", CREATE, variables.clone()).await.refusal().0, 409);
        clock.advance(TimeDelta::seconds(16));
        let again = wire.keyed(&token, "k", CREATE, variables.clone()).await;
        assert_eq!((again.status, again.essence()), (200, first.essence()));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        for _ in 0..2 {
            let kept = wire.keyed(&token, "k", CREATE, variables.clone()).await;
            assert_eq!((kept.status, &kept.body), (200, &again.body));
            app.database.db.answers_written().await;
        }
        assert_eq!(written(&app).await, before);
    }

    async fn a_commit_whose_answer_failed_is_not_done_twice(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let count = app.count("enterprise").await;
        // The action commits; what its payload reads then is gone.
        execute(&app, "ALTER TABLE enterprise_issue RENAME TO enterprise_issue_gone").await;
        let failed = wire.keyed(&token, "k", REGISTER, enterprise()).await;
        assert_eq!(failed.json()["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        assert_eq!(app.count("enterprise").await, count + 1);
        let still = wire.keyed(&token, "k", REGISTER, enterprise()).await;
        assert_eq!(still.json()["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        execute(&app, "ALTER TABLE enterprise_issue_gone RENAME TO enterprise_issue").await;
        let told = wire.keyed(&token, "k", REGISTER, enterprise()).await;
        let payload = told.data()["createEnterprise"].clone();
        assert_eq!((&payload["userErrors"], &payload["enterprise"]["name"]), (&json!([]), &json!("新企业有限公司")));
        assert_eq!(told.header("idempotency-replayed"), Some("true"));
        assert_eq!(wire.keyed(&token, "k", REGISTER, enterprise()).await.body, told.body);
        assert_eq!((app.count("enterprise").await, app.count("audit_entry").await), (count + 1, 1));
    }

    async fn an_impossible_value_is_refused_before_anything_is_written(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let count = app.count("enterprise").await;
        let document = REGISTER.replace("first: 1", "first: 1509163364456");
        for _ in 0..2 {
            let refused = wire.keyed(&token, "k", &document, enterprise()).await;
            assert_eq!(refused.refusal().1, "BAD_USER_INPUT");
        }
        assert_eq!((app.count("enterprise").await, app.count("idempotency_record").await), (count, 0));
    }

    async fn a_cursor_that_fails_after_the_commit_fails_alike(app) {
        let (wire, token) = (app.wire().await, app.token(&cast().operator));
        let count = app.count("enterprise").await;
        let document = REGISTER.replace("first: 1", r#"first: 1, after: "x""#);
        let first = wire.keyed(&token, "k", &document, enterprise()).await;
        assert_eq!(first.refusal(), (200, "BAD_CURSOR".to_owned()));
        let again = wire.keyed(&token, "k", &document, enterprise()).await;
        assert_eq!(again.essence(), first.essence());
        assert_eq!(app.count("enterprise").await, count + 1);
        assert_eq!((app.count("audit_entry").await, app.count("outbox_event").await), (1, 1));
    }

    async fn another_process_answers_as_the_first_did(app) {
        let (token, variables) = (member(&app), draft(&app, "一").await);
        let first = app.wire().await.keyed(&token, "k", CREATE, variables.clone()).await;
        let before = written(&app).await;
        let elsewhere = app.beside().await.wire().await;
        let there = elsewhere.keyed(&token, "k", CREATE, variables.clone()).await;
        assert_eq!((there.status, there.body.as_str()), (200, first.body.as_str()));
        app.database.db.answers_written().await;
        let restarted = Wire::of(Arc::new(app.rebuilt(|_| {}))).await;
        let again = restarted.keyed(&token, "k", CREATE, variables).await;
        assert_eq!((again.status, again.body.as_str()), (200, first.body.as_str()));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(written(&app).await, before);
    }

    async fn after_a_day_the_key_is_free(app) {
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let wire = Wire::of(Arc::new(app.rebuilt(|_| {}).with_real_clock(clock.clone()))).await;
        let variables = draft(&app, "一").await;
        let send = async || {
            let token = app.token_at(&cast().member, clock.as_ref());
            wire.keyed(&token, "k", CREATE, variables.clone()).await
        };
        let first = send().await;
        clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
        assert_eq!(send().await.body, first.body);
        let db = &app.database.db;
        assert_eq!(idempotency::sweep(db, clock.now()).await.unwrap(), 0);
        clock.advance(TimeDelta::seconds(1));
        let next = send().await;
        assert_ne!(next.data(), first.data());
        assert_eq!(next.header("idempotency-replayed"), None);
        assert_eq!(app.count("idempotency_record").await, 1);
        clock.advance(TimeDelta::hours(24));
        assert_eq!(idempotency::sweep(db, clock.now()).await.unwrap(), 1);
        assert_eq!(app.count("idempotency_record").await, 0);
    }

    async fn a_lost_token_gets_no_kept_answer(app) {
        let (wire, token) = (app.wire().await, member(&app));
        let variables = draft(&app, "一").await;
        wire.keyed(&token, "k", CREATE, variables.clone()).await.data();
        let anonymous = wire.keyed("", "k", CREATE, variables.clone()).await;
        assert_eq!(anonymous.json()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        execute(&app, "UPDATE user_account SET status = 'DISABLED'").await;
        let disabled = wire.keyed(&token, "k", CREATE, variables).await;
        assert_eq!(disabled.refusal(), (401, "UNAUTHENTICATED".to_owned()));
    }
}

/// Sends until it is answered; whether that was a replay.
async fn sent_until_done(wire: &Wire, token: &str, variables: Value) -> (String, bool) {
    for _ in 0..200 {
        let answer = wire.keyed(token, "race", CREATE, variables.clone()).await;
        if answer.status == 200 {
            answer.data();
            return (
                answer.body.clone(),
                answer.header("idempotency-replayed").is_some(),
            );
        }
        assert_eq!(
            answer.refusal(),
            (409, "IDEMPOTENCY_IN_PROGRESS".to_owned())
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never answered");
}
