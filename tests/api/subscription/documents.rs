//! Trusted documents on sockets and streams: the same rule as by HTTP.

use entity::api_client::ClientMode;
use honglian::domain::client::{commands, hash};
use honglian::kernel::clock::{Clock, SystemClock};
use serde_json::json;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::live::Events;

const FEED: &str = "subscription Feed { allianceFeed { type } }";
const ROLE: &str = "query Role { viewer { role } }";

async fn desk(app: &TestApp) -> String {
    let (db, now) = (&app.database.db, SystemClock.now());
    let documents = [FEED, ROLE].map(|document| (hash(document), document.to_owned()));
    commands::register(db, "desk", &documents, now)
        .await
        .unwrap();
    commands::add(db, "desk", ClientMode::TrustedOnly, now)
        .await
        .unwrap();
    app.token_with(&cast().operator, |token| {
        "desk".clone_into(&mut token.client_id);
    })
}

on_both! {
    async fn a_socket_takes_registered_documents(app) {
        let (server, token) = (app.serve(|_| {}).await, desk(&app).await);
        let mut socket = server.signed_in(&token).await;
        let subscribe = |payload| json!({"id": "1", "type": "subscribe", "payload": payload});
        for payload in [json!({"query": "{ __typename }"}), json!({"query": format!("{FEED} ")})] {
            socket.say(subscribe(payload)).await;
            let refused = socket.hear().await;
            assert_eq!(refused["type"], "error");
            assert_eq!(refused["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
        }
        socket.say(subscribe(json!({"documentId": "0".repeat(64)}))).await;
        let unknown = socket.hear().await;
        assert_eq!(unknown["payload"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
        socket.say(subscribe(json!({"documentId": hash(ROLE)}))).await;
        assert_eq!(socket.hear().await["payload"]["data"], json!({"viewer": {"role": "DISTRICT"}}));
        assert_eq!(socket.hear().await, json!({"id": "1", "type": "complete"}));
        let before = server.listeners();
        socket.say(subscribe(json!({"documentId": hash(FEED)}))).await;
        server.listening(before + 1).await;
    }

    async fn a_stream_takes_registered_documents(app) {
        let (server, token) = (app.serve(|_| {}).await, desk(&app).await);
        let mut refused = Events::of(server.stream(Some(&token), "{ __typename }").await);
        let (event, body) = refused.next().await.unwrap();
        assert_eq!((event.as_str(), &body["errors"][0]["extensions"]["code"]), ("next", &json!("DOCUMENT_NOT_TRUSTED")));
        let mut known = Events::of(server.stream(Some(&token), ROLE).await);
        assert_eq!(known.next().await.unwrap().1["data"], json!({"viewer": {"role": "DISTRICT"}}));
    }
}
