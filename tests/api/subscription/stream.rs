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

    async fn a_stream_of_a_server_that_stops_breaks_off(app) {
        let server = app.serve(|_| {}).await;
        let mut events = Events::of(server.stream(Some(&app.token(&cast().operator)), ISSUES).await);
        server.listening(1).await;
        app.app.subscriptions.close();
        // Without `complete`: the client is to come back.
        assert_eq!(events.next().await, None);
    }
}
