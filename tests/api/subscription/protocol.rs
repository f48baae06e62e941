//! The WebSocket protocol: every way in, every way out with its code.

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{ISSUES, draft};
use crate::on_both;
use crate::support::database::cast;
use crate::support::live::{Dial, Server};

const TYPENAME: &str = "{ __typename }";

async fn closed_after(server: &Server, messages: &[Value]) -> u16 {
    let mut socket = server.socket().await;
    for message in messages {
        socket.say(message.clone()).await;
    }
    socket.close_code().await
}

on_both! {
    async fn a_socket_that_breaks_the_protocol_is_closed_with_its_code(app) {
        let server = app.serve(|live| live.init_timeout_ms = 300).await;
        let token = app.token(&cast().member);
        let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": TYPENAME}});
        // Before the introduction.
        assert_eq!(closed_after(&server, std::slice::from_ref(&subscribe)).await, 4401);
        assert_eq!(closed_after(&server, &[]).await, 4408);
        assert_eq!(closed_after(&server, &[json!({"type": "start"})]).await, 4400);
        for text in ["", "nonsense", "[]"] {
            let mut socket = server.socket().await;
            socket.say_text(text.to_owned()).await;
            assert_eq!(socket.close_code().await, 4400, "{text}");
        }
        // After it.
        let mut socket = server.signed_in(&token).await;
        socket.introduce(&token).await;
        assert_eq!(socket.close_code().await, 4429);
        let mut socket = server.subscribed(&token, ISSUES).await;
        socket.subscribe("s", ISSUES).await;
        assert_eq!(socket.close_code().await, 4409);
        let mut socket = server.signed_in(&token).await;
        socket.say_text("x".repeat(300 * 1024)).await;
        assert_eq!(socket.close_code().await, 1009);
        // Whoever keeps to it stays, however short the time for the introduction was.
        let mut socket = server.signed_in(&token).await;
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        socket.subscribe("1", TYPENAME).await;
        assert_eq!(socket.event().await["__typename"], "Query");
    }

    async fn only_a_good_token_opens_a_socket(app) {
        let server = app.serve(|_| {}).await;
        let mut cut = app.token(&cast().member);
        cut.pop();
        for payload in [json!({}), json!({"authorization": app.token(&cast().member)}),
            json!({"authorization": format!("Bearer {cut}")}), json!({"authorization": 1})] {
            let init = json!({"type": "connection_init", "payload": payload});
            assert_eq!(closed_after(&server, &[init]).await, 4403, "{payload}");
        }
        assert_eq!(closed_after(&server, &[json!({"type": "connection_init"})]).await, 4403);
    }

    async fn another_protocol_or_a_foreign_page_does_not_get_in(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.dial(Dial { protocol: None, ..Dial::default() }).await.unwrap();
        assert_eq!(socket.close_code().await, 4406);
        let foreign = Dial { origin: Some("https://evil.example"), ..Dial::default() };
        assert_eq!(server.dial(foreign).await.err(), Some(403));
        let own = format!("http://{}", server.address);
        for origin in ["https://desk.example.cn", &own] {
            let dial = Dial { origin: Some(origin), ..Dial::default() };
            assert!(server.dial(dial).await.is_ok(), "{origin}");
        }
    }

    async fn pings_are_answered_at_any_time(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.socket().await;
        socket.say(json!({"type": "ping", "payload": {"n": 1}})).await;
        assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"n": 1}}));
        socket.say(json!({"type": "pong"})).await;
        socket.say(json!({"type": "ping"})).await;
        assert_eq!(socket.hear().await, json!({"type": "pong"}));
    }

    async fn queries_and_mutations_are_answered_once(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.signed_in(&app.token(&cast().operator)).await;
        let query = "query Q($n: Int) { enterprises(first: $n) { totalCount } }";
        let payload = json!({"query": query, "variables": {"n": 1}, "operationName": "Q"});
        socket.say(json!({"type": "subscribe", "id": "q", "payload": payload})).await;
        assert_eq!(socket.event().await, json!({"enterprises": {"totalCount": 209}}));
        assert_eq!(socket.hear().await, json!({"id": "q", "type": "complete"}));
        // The id is free again.
        let create = "mutation { createEnterprise(input: {uscc: \"91350100M000100Y43\", \
                      name: \"新企业\", ownership: PRIVATE}) { enterprise { name } } }";
        socket.subscribe("q", create).await;
        let created = socket.event().await;
        assert_eq!(created["createEnterprise"]["enterprise"]["name"], "新企业");
        assert_eq!(socket.hear().await, json!({"id": "q", "type": "complete"}));
        assert_eq!(app.count("outbox_event").await, 1);
    }

    async fn what_cannot_run_ends_with_an_error_and_the_socket_goes_on(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.signed_in(&app.token(&cast().auditor)).await;
        let nested = format!("{{ a(x: {}{}) }}", "[".repeat(2000), "]".repeat(2000));
        let two = "subscription { a: allianceFeed { id } b: allianceFeed { id } }";
        let spread = "subscription { ...F } fragment F on Subscription { allianceFeed { id } }";
        for (query, code) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (nested.as_str(), "DOCUMENT_TOO_LARGE"),
            (two, "GRAPHQL_VALIDATION_FAILED"),
            (spread, "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { allianceFeed @skip(if: true) { id } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { allianceFeed @include(if: true) { id } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { allianceFeed { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
            (ISSUES, "FORBIDDEN"),
            ("subscription { officerInbox { id } }", "FORBIDDEN"),
            ("subscription { allianceFeed { id } }", "FORBIDDEN"),
        ] {
            socket.subscribe("e", query).await;
            let heard = socket.hear().await;
            assert_eq!((&heard["id"], &heard["type"]), (&json!("e"), &json!("error")), "{query}");
            let extensions = &heard["payload"][0]["extensions"];
            assert_eq!(extensions["code"], code, "{query}: {heard:#}");
            assert!(extensions["requestId"].is_string());
            // Lines and columns count from 1, where there is a place at all.
            for place in heard["payload"][0]["locations"].as_array().into_iter().flatten() {
                assert!(place["line"].as_u64() >= Some(1), "{heard:#}");
            }
        }
        let payload = json!({"query": TYPENAME, "variables": []});
        socket.say(json!({"type": "subscribe", "id": "e", "payload": payload})).await;
        let heard = socket.hear().await;
        assert_eq!(heard["payload"][0]["extensions"]["code"], "BAD_REQUEST");
    }

    async fn a_subscription_ends_when_its_client_says_so_or_is_gone(app) {
        let server = app.serve(|_| {}).await;
        let token = app.token(&cast().operator);
        let mut socket = server.subscribed(&token, ISSUES).await;
        socket.say(json!({"type": "complete", "id": "s"})).await;
        server.listening(0).await;
        // The socket and the id go on.
        socket.subscribe("s", ISSUES).await;
        server.listening(1).await;
        drop(socket);
        server.listening(0).await;
    }

    async fn sockets_and_their_operations_are_counted(app) {
        let server = app.serve(|live| {
            live.max_open = 3;
            live.max_open_per_user = 1;
            live.max_operations_per_socket = 2;
        }).await;
        let mut first = server.subscribed(&app.token(&cast().member), ISSUES).await;
        first.subscribe("2", ISSUES).await;
        server.listening(2).await;
        first.subscribe("3", ISSUES).await;
        let refused = first.hear().await;
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("3")));
        assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
        let mut same_user = server.socket().await;
        same_user.introduce(&app.token(&cast().member)).await;
        assert_eq!(same_user.close_code().await, 1013);
        drop(same_user);
        let _second = server.signed_in(&app.token(&cast().lead)).await;
        let _third = server.signed_in(&app.token(&cast().operator)).await;
        assert_eq!(server.dial(Dial::default()).await.err(), Some(503));
        let stream = server.stream(Some(&app.token(&cast().admin)), ISSUES).await;
        assert_eq!(stream.status(), 503);
        drop(first);
        server.listening(0).await;
        let _fourth = server.signed_in(&app.token(&cast().member)).await;
    }

    async fn a_reader_that_does_not_read_is_dropped_with_a_code(app) {
        let server = app.serve(|live| {
            live.max_open_per_user = 1;
            live.queue_length = 4;
            live.slow_reader_ms = 500;
        }).await;
        let token = app.token(&cast().operator);
        let mut socket = server.socket_of_little_room().await;
        socket.introduce(&token).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        // Answers that are more than all buffers on the way hold.
        let rows = "{ nodes { id name uscc shortName street createdAt updatedAt description } }";
        let pages: Vec<String> = (0..4)
            .map(|n| format!("p{n}: enterprises(first: 100) {rows}"))
            .collect();
        let query = format!("{{ {} }}", pages.join(" "));
        // The place is another's while nothing is read: the server holds nothing back for it. One
        // after the other, or a slow machine would refuse most of them for want of time.
        for n in 0.. {
            let payload = json!({"query": query});
            let ask = json!({"type": "subscribe", "id": format!("{n}"), "payload": payload});
            let _closed = socket.0.send(Message::Text(ask.to_string().into())).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let mut next = server.socket().await;
            next.introduce(&token).await;
            if next.ack_or_close().await.is_ok() {
                break;
            }
        }
        assert_eq!(socket.close_code().await, 1013);
    }

    async fn who_hears_much_and_says_nothing_is_asked_and_stays(app) {
        let server = app.serve(|live| live.keep_alive_ms = 300).await;
        let mut socket = server.subscribed(&app.token(&cast().member), ISSUES).await;
        let member = app.member();
        // Longer than a client may be silent, with something to tell all the while.
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            draft(&member, "甲", "OFFICIAL").await;
            assert_eq!(socket.event().await["enterpriseIssueChanged"]["type"], "issue.created");
        }
    }

    async fn who_does_not_answer_is_gone(app) {
        let server = app.serve(|live| live.keep_alive_ms = 200).await;
        let _silent = server.subscribed(&app.token(&cast().member), ISSUES).await;
        server.listening(0).await;
    }

    async fn a_server_that_stops_says_so(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.subscribed(&app.token(&cast().operator), ISSUES).await;
        app.app.subscriptions.close();
        assert_eq!(socket.close_code().await, 1001);
    }
}
