//! Server-sent events in distinct connections mode.

use serde_json::{Value, json};

use super::{ISSUES, draft};
use crate::on_both;
use crate::support::database::cast;
use crate::support::live::Events;

on_both! {
    async fn a_stream_tells_events_until_its_reader_leaves(app) {
        let server = app.serve(|_| {}).await;
        let mut events = Events::of(server.stream(Some(&app.token(&cast().member)), ISSUES).await);
        server.listening(1).await;
        let member = app.member();
        draft(&member, "甲", "OFFICIAL").await.submit(&member).await;
        for name in ["issue.created", "issue.submitted"] {
            let (event, data) = events.next().await.unwrap();
            assert_eq!(event, "next");
            assert_eq!(data["data"]["enterpriseIssueChanged"]["type"], name);
            assert_eq!(data.get("errors"), None);
        }
        drop(events);
        server.listening(0).await;
    }

    async fn what_is_answered_once_is_one_event(app) {
        let server = app.serve(|_| {}).await;
        let token = app.token(&cast().operator);
        let once = "{ enterprises { totalCount } }";
        let mut events = Events::of(server.stream(Some(&token), once).await);
        let (name, answer) = events.next().await.unwrap();
        assert_eq!(name, "next");
        assert_eq!(answer["data"], json!({"enterprises": {"totalCount": 209}}));
        assert_eq!(answer["extensions"]["cost"]["requestedQueryCost"], 11);
        assert_eq!(events.next().await, Some(("complete".to_owned(), Value::Null)));
        assert_eq!(events.next().await, None);
    }

    async fn a_stream_needs_a_token_in_its_header(app) {
        let server = app.serve(|_| {}).await;
        assert_eq!(server.stream(None, ISSUES).await.status(), 401);
        let url = format!("http://{}/graphql/stream?authorization=Bearer%20{}",
            server.address, app.token(&cast().operator));
        let client = reqwest::Client::new();
        let answer = client.post(&url).json(&json!({"query": ISSUES})).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let answer = client.post(&url).bearer_auth("x.y.z").json(&json!({"query": ISSUES}));
        assert_eq!(answer.send().await.unwrap().status(), 401);
    }

    async fn what_is_refused_is_told_and_complete(app) {
        let server = app.serve(|_| {}).await;
        let token = app.token(&cast().auditor);
        for (query, code) in [(ISSUES, "FORBIDDEN"),
            ("subscription { allianceFeed { nothing } }", "GRAPHQL_VALIDATION_FAILED")] {
            let mut events = Events::of(server.stream(Some(&token), query).await);
            let (name, data) = events.next().await.unwrap();
            assert_eq!(name, "next");
            assert_eq!(data["errors"][0]["extensions"]["code"], code);
            assert_eq!(events.next().await.unwrap().0, "complete");
        }
    }

    async fn a_mutation_on_a_stream_keeps_to_its_key(app) {
        let server = app.serve(|_| {}).await;
        let token = app.token(&cast().operator);
        let register = |name: &str| json!({"query": format!("mutation {{ createEnterprise(input: \
            {{uscc: \"91350100M000100Y43\", name: \"{name}\", ownership: PRIVATE}}) \
            {{ enterprise {{ id name }} userErrors {{ code }} }} }}")});
        let send = async |name: &str, key: &str| server.streaming(&register(name))
            .bearer_auth(&token).header("idempotency-key", key).send().await.unwrap();
        let first = send("新企业", "k").await;
        assert_eq!(first.headers().get("idempotency-replayed"), None);
        let first = first.text().await.unwrap();
        assert!(first.contains("\"userErrors\":[]"), "{first}");
        let again = send("新企业", "k").await;
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.text().await.unwrap(), first);
        assert_eq!(app.count("outbox_event").await, 1);
        // The same key by HTTP is the same request.
        let plain = reqwest::Client::new().post(format!("http://{}/graphql", server.address))
            .bearer_auth(&token).header("idempotency-key", "k").json(&register("新企业")).send().await.unwrap();
        assert_eq!(plain.headers()["idempotency-replayed"], "true");
        assert!(first.contains(&plain.text().await.unwrap()));
        for (name, key, status, code) in [("另一家", "k", 422, "IDEMPOTENCY_KEY_REUSED"), ("甲", "a b", 400, "BAD_REQUEST")] {
            let refused = send(name, key).await;
            assert_eq!(refused.status(), status);
            let body: Value = refused.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], code);
        }
        assert_eq!(app.count("outbox_event").await, 1);
    }

    async fn a_stream_of_a_server_that_stops_breaks_off(app) {
        let server = app.serve(|_| {}).await;
        let mut events = Events::of(server.stream(Some(&app.token(&cast().operator)), ISSUES).await);
        server.listening(1).await;
        app.app.subscriptions.close();
        // Without `complete`: the client is to come back.
        assert_eq!(events.next().await, None);
    }
}
