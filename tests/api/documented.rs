//! The requests of docs/retries-and-documents.md, sent as they stand there.

use entity::api_client::ClientMode;
use honglian::domain::client::{commands, hash};
use honglian::kernel::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;

const PAGE: &str = include_str!("../../docs/retries-and-documents.md");
const ROLE: &str = "query Role { viewer { role } }";

/// The blocks of the page that are HTTP, which come in pairs.
fn exchanges() -> Vec<(&'static str, &'static str)> {
    let blocks: Vec<&str> = PAGE
        .split("```http\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0.trim())
        .collect();
    blocks.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

/// First line, headers and body of a message.
fn parts(message: &str) -> (&str, Vec<(&str, &str)>, &str) {
    let (head, body) = message.split_once("\n\n").unwrap_or((message, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap();
    (
        first,
        lines.map(|line| line.split_once(": ").unwrap()).collect(),
        body,
    )
}

/// Whether an answer is as the page says; `…` stands for any value.
fn is_as_told(told: &Value, found: &Value) -> bool {
    match (told, found) {
        (Value::String(told), found) if told == "…" => !found.is_null(),
        (Value::Object(told), Value::Object(found)) => {
            told.len() == found.len()
                && told.iter().all(|(name, told)| {
                    found.get(name).is_some_and(|found| is_as_told(told, found))
                })
        }
        (Value::Array(told), Value::Array(found)) => {
            told.len() == found.len() && told.iter().zip(found).all(|(a, b)| is_as_told(a, b))
        }
        (told, found) => told == found,
    }
}

async fn prepare(app: &TestApp) -> impl Fn(&str) -> String {
    let (db, now) = (&app.database.db, SystemClock.now());
    let documents = [(hash(ROLE), ROLE.to_owned())];
    commands::register(db, "desk", &documents, now)
        .await
        .unwrap();
    commands::add(db, "kiosk", ClientMode::TrustedOnly, now)
        .await
        .unwrap();
    let token = |client: &str| {
        app.token_with(&cast().operator, |token| {
            client.clone_into(&mut token.client_id);
        })
    };
    let values = [
        ("{operator}", token("tests")),
        ("{desk}", token("desk")),
        ("{kiosk}", token("kiosk")),
        ("{Role}", hash(ROLE)),
    ];
    move |text: &str| {
        let fill = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        values.iter().fold(text.to_owned(), fill)
    }
}

on_both! {
    async fn the_page_tells_what_happens(app) {
        let wire = app.wire().await;
        let fill = prepare(&app).await;
        let client = reqwest::Client::new();
        let exchanges = exchanges();
        assert_eq!(exchanges.len(), 9);
        for (request, answer) in exchanges {
            let request = fill(request);
            let (line, headers, body) = parts(&request);
            let (method, path) = line.split_once(' ').unwrap();
            let url = format!("http://{}{path}", wire.address);
            let mut sent = client.request(method.parse().unwrap(), url).body(body.to_owned());
            for (name, value) in headers {
                sent = sent.header(name, value);
            }
            let found = sent.send().await.unwrap();
            let (line, headers, body) = parts(answer);
            assert_eq!(format!("HTTP/1.1 {}", found.status().as_u16()), line, "{request}");
            for (name, value) in &headers {
                assert_eq!(found.headers()[*name], *value, "{request}");
            }
            let replayed = headers.iter().any(|(name, _)| *name == "Idempotency-Replayed");
            assert_eq!(found.headers().contains_key("idempotency-replayed"), replayed, "{request}");
            let (told, found) = (serde_json::from_str(body).unwrap(), found.json().await.unwrap());
            assert!(is_as_told(&told, &found), "{request}\n{found:#}");
        }
    }
}
