//! The pages for those who build on the service: every request on them is sent, in their order and
//! as a reader would, and its answer compared.
//!
//! A fence says after its language what it is: `ask=NAME as=USER`, with `key=KEY` for the
//! `Idempotency-Key`, holds a document; `with=NAME` its variables; `answers=NAME` what comes back,
//! the data or, where there are some, the errors. In an answer `…` stands for any value, or in a
//! list for any more; fields that it leaves out are free. `$NAME.path` is a value of an answer
//! before. A fence `send=NAME` holds a plain request: its method and address, and a body after a blank
//! line; it answers its body or, without one, its status.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::demo::Demo;

const PAGES: [(&str, &str); 3] = [
    ("frontend.md", include_str!("../../docs/frontend.md")),
    (
        "mini-program.md",
        include_str!("../../docs/mini-program.md"),
    ),
    ("integrators.md", include_str!("../../docs/integrators.md")),
];

/// A fence with what it says of itself.
struct Fence<'a> {
    says: BTreeMap<&'a str, &'a str>,
    text: String,
}

fn fences(page: &str) -> Vec<Fence<'_>> {
    let mut found: Vec<Fence<'_>> = Vec::new();
    let mut is_open = false;
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            is_open = !is_open;
            if is_open {
                let says = info.split(' ').filter_map(|word| word.split_once('='));
                let (says, text) = (says.collect(), String::new());
                found.push(Fence { says, text });
            }
        } else if is_open && let Some(fence) = found.last_mut() {
            fence.text.push_str(line);
            fence.text.push('\n');
        }
    }
    found
}

/// The values of answers before in the place of their paths.
fn filled(value: &Value, before: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') => {
            let path = format!("/{}", text[1..].replace('.', "/"));
            let found = before.pointer(&path);
            found
                .unwrap_or_else(|| panic!("{text} in {before}"))
                .clone()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, before)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| (name.clone(), filled(value, before)));
            Value::Object(fields.collect())
        }
        plain => plain.clone(),
    }
}

fn is_any(value: &Value) -> bool {
    value == "…"
}

fn fits(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (expected, found) if is_any(expected) => !found.is_null(),
        (Value::Object(expected), Value::Object(found)) => {
            let mut fields = expected.iter();
            fields.all(|(name, value)| found.get(name).is_some_and(|found| fits(value, found)))
        }
        (Value::Array(expected), Value::Array(found)) => {
            let (expected, length) = match expected.split_last() {
                Some((last, rest)) if is_any(last) => (rest, found.len() > rest.len()),
                _ => (expected.as_slice(), found.len() == expected.len()),
            };
            length
                && expected
                    .iter()
                    .zip(found)
                    .all(|(value, found)| fits(value, found))
        }
        (expected, found) => expected == found,
    }
}

async fn send(demo: &Demo, fence: &Fence<'_>, token: &str, variables: &Value) -> Value {
    let mut request = reqwest::Client::new()
        .post(demo.at("/graphql"))
        .bearer_auth(token)
        .header("Accept-Language", "zh-CN")
        .json(&json!({"query": fence.text, "variables": variables}));
    if let Some(key) = fence.says.get("key") {
        request = request.header("Idempotency-Key", *key);
    }
    request.send().await.unwrap().json().await.unwrap()
}

/// The body of the answer to a plain request, or its status.
async fn sent(demo: &Demo, fence: &Fence<'_>, before: &Value) -> Value {
    let (head, body) = fence.text.split_once("\n\n").unwrap_or((&fence.text, ""));
    let (method, address) = head.trim().split_once(' ').unwrap();
    let address = filled(&Value::from(address), before);
    let address = demo.at(address.as_str().unwrap());
    let request = reqwest::Client::new()
        .request(method.parse().unwrap(), address)
        .body(body.trim_end().to_owned());
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    if text.is_empty() {
        Value::from(status)
    } else {
        Value::from(text)
    }
}

async fn every_request_is_answered_as_the_page_says(demo: Demo) {
    let tokens = std::fs::read_to_string(demo.tokens()).unwrap();
    let tokens: Map<String, Value> = serde_json::from_str(&tokens).unwrap();
    for (name, page) in PAGES {
        let fences = fences(page);
        let json_of = |role: &str, ask: &str| -> Option<Value> {
            let mut own = fences
                .iter()
                .filter(|fence| fence.says.get(role) == Some(&ask));
            let fence = own.next()?;
            assert!(own.next().is_none(), "{name}: two fences say {role}={ask}");
            Some(serde_json::from_str(&fence.text).unwrap())
        };
        let mut before = json!({});
        let mut used = 0;
        for fence in &fences {
            if let Some(name) = fence.says.get("send") {
                let expected = json_of("answers", name).unwrap();
                let found = sent(&demo, fence, &before).await;
                assert_eq!(found, expected, "{name}");
                used += 2;
                continue;
            }
            let Some(ask) = fence.says.get("ask").copied() else {
                continue;
            };
            let variables = json_of("with", ask);
            let expected = json_of("answers", ask);
            let expected = expected.unwrap_or_else(|| panic!("{name}: {ask} has no answer"));
            used += 2 + usize::from(variables.is_some());
            let token = tokens[fence.says["as"]].as_str().unwrap();
            let variables = filled(&variables.unwrap_or_else(|| json!({})), &before);
            let answer = send(&demo, fence, token, &variables).await;
            let found = if answer.get("errors").is_some() {
                &answer
            } else {
                &answer["data"]
            };
            let expected = filled(&expected, &before);
            assert!(
                fits(&expected, found),
                "{name}: {ask}\n{expected:#}\n{found:#}"
            );
            before[ask] = found.clone();
        }
        assert!(used > 0, "{name} asks nothing");
        assert_eq!(used, fences.len(), "{name}: a fence is not used");
    }
}

mod the_pages_for_builders_hold {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        every_request_is_answered_as_the_page_says(Demo::on_sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        if let Some(demo) = Demo::on_postgres().await {
            every_request_is_answered_as_the_page_says(demo).await;
        }
    }
}

#[test]
fn an_answer_that_differs_does_not_fit() {
    let found = json!({"a": 1, "b": [1, 2], "c": null});
    for fitting in [
        json!({}),
        json!({"a": "…", "b": [1, "…"]}),
        json!({"b": [1, 2], "c": null}),
    ] {
        assert!(fits(&fitting, &found), "{fitting}");
    }
    for other in [
        json!({"a": 2}),
        json!({"b": [1]}),
        json!({"b": [1, 2, "…"]}),
        json!({"c": "…"}),
        json!({"d": null}),
        json!({"b": [2, "…"]}),
    ] {
        assert!(!fits(&other, &found), "{other}");
    }
}
