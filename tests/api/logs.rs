//! What the log of the real binary tells, at its most talkative, and what it never does.

use std::fs;
use std::path::Path;

use honglian::kernel::id::{Kind, encode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::binary::Served;
use crate::support::database::{cast, dataset};

/// Values that stand for what must stay out: names, telephone numbers, secrets.
const CANARIES: [&str; 12] = [
    "canary-in-a-literal",
    "canary-in-a-variable",
    "canary-in-a-header",
    "canary-in-the-query-string",
    "canary-in-a-path",
    "canary-in-a-token",
    "canary-in-a-bad-body",
    "canary-in-a-bad-document",
    "canaryInAName",
    "13800138000",
    "canary@example.com",
    "1380000000",
];

const CONTACT: &str = "mutation($input: CreateContactInput!) { createContact(input: $input) \
                       { contact { id nameMasked } userErrors { code } } }";
const REVEAL: &str = "mutation($input: RevealContactInput!) { revealContact(input: $input) \
                      { contact { name mobile email } userErrors { code } } }";

async fn provoke(server: &Served, token: &str) {
    let client = reqwest::Client::new();
    let post = |token: &str, body: String| {
        client
            .post(server.at("/graphql"))
            .bearer_auth(token)
            .header("Content-Type", "application/json")
            .header("X-Request-Id", "known-by-its-id")
            .header("Cookie", "session=canary-in-a-header")
            .header("User-Agent", "canary-in-a-header")
            .header("X-Forwarded-For", "canary-in-a-header")
            .header("Accept-Language", "canary-in-a-header")
            .body(body)
    };
    let query = "query canaryInAName($text: String) { canaryInAName: enterprises(search: $text) { totalCount } \
                 enterprise(by: {uscc: \"canary-in-a-literal\"}) { id } }";
    let variables = json!({"text": "canary-in-a-variable 13800138000"});
    let mutation = "mutation($input: CreateEnterpriseInput!) { createEnterprise(input: $input) \
                    { enterprise { id } userErrors { code } } }";
    let input = json!({"input": {"uscc": "canary-in-a-variable", "name": "13800138000", "ownership": "PRIVATE"}});
    let bodies = [
        json!({"query": query, "variables": variables}).to_string(),
        json!({"query": mutation, "variables": input}).to_string(),
        json!({"query": "{ enterprises(first: \"canary-in-a-bad-document\") { nodes { id } } }"})
            .to_string(),
        json!({"query": "{ canaryInAName }"}).to_string(),
        json!({"query": "{ a(x: \"canary-in-a-bad-document"}).to_string(),
        "{\"query\": \"canary-in-a-bad-body".to_owned(),
        "canary-in-a-bad-body".repeat(20_000),
        json!({"query": CONTACT, "variables": {"input": {
            "enterpriseId": encode(Kind::Enterprise, cast().member.enterprise_id.unwrap()),
            "name": "canary-in-a-variable", "mobile": "138 0013 8000", "email": "canary@example.com",
        }}})
        .to_string(),
        json!({"query": "query($mobile: String) { contacts(mobile: $mobile) { nodes { mobileMasked } } }",
            "variables": {"mobile": "13800138000"}})
        .to_string(),
        json!({"query": REVEAL, "variables": {"input": {
            "id": encode(Kind::Contact, dataset().contacts[0].id), "reason": "canary-in-a-variable",
        }}})
        .to_string(),
    ];
    for body in bodies {
        post(token, body.clone()).send().await.unwrap();
        post("canary-in-a-token", body).send().await.unwrap();
    }
    let address = "/graphql?query=%7Bviewer%7BisAdmin%7D%7D&x=canary-in-the-query-string";
    for path in [
        address,
        "/canary-in-a-path",
        "/readyz?canary-in-the-query-string",
    ] {
        for method in [Method::GET, Method::PUT] {
            let request = client.request(method, server.at(path)).bearer_auth(token);
            request.send().await.unwrap();
        }
    }
}

async fn log_of(folder: &Path, format: &str) -> String {
    let file = folder.join("honglian.toml");
    fs::write(
        &file,
        format!("[log]\nfilter = 'trace'\nformat = '{format}'\n"),
    )
    .unwrap();
    let server = Served::start(folder, &["demo", "--config", "honglian.toml"]);
    let tokens = fs::read_to_string(folder.join("honglian-data/demo-tokens.json")).unwrap();
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    let token = tokens["district"].as_str().unwrap().to_owned();
    provoke(&server, &token).await;
    assert_eq!(server.stop(), Some(0));
    let log = fs::read_to_string(folder.join("server.log")).unwrap();
    let signature = token.rsplit('.').next().unwrap();
    for canary in CANARIES.into_iter().chain([signature]) {
        let place = log.find(canary);
        let around = place.map(|place| log[..place].lines().last().unwrap_or_default());
        assert!(
            place.is_none(),
            "{canary} stands in the {format} log: {around:?}"
        );
    }
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_of_every_request_and_of_nobodys_data() {
    let folder = tempfile::tempdir().unwrap();
    let text = log_of(folder.path(), "text").await;
    let answered = text
        .lines()
        .filter(|line| line.contains("answered") && line.contains("known-by-its-id"));
    assert_eq!(answered.count(), 20);
    let json = log_of(folder.path(), "json").await;
    let lines: Vec<Value> = json
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let answered: Vec<&Value> = lines
        .iter()
        .filter(|line| line["fields"]["message"] == "answered")
        .filter(|line| line["fields"]["request_id"] == "known-by-its-id")
        .collect();
    assert_eq!(answered.len(), 20);
    let told = |field: &str| -> Vec<&Value> {
        answered.iter().map(|line| &line["fields"][field]).collect()
    };
    assert_eq!(told("route"), [&json!("/graphql"); 20]);
    assert_eq!(told("status")[..2], [&json!(200), &json!(401)]);
    assert_eq!(told("operation")[0], "query enterprises,enterprise");
    assert_eq!(told("operation")[2], "mutation createEnterprise");
    assert_eq!(told("code")[1], "UNAUTHENTICATED");
    assert_eq!(told("status")[12], &json!(413));
    assert_eq!(told("operation")[14], "mutation createContact");
    assert_eq!(told("operation")[18], "mutation revealContact");
    assert_eq!(told("status")[18], &json!(200));
}
