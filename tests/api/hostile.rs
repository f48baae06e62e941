//! Documents made to hurt: each is refused with a code, at once, and the server lives on.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::server::Server;

/// What a debug build on a busy machine may take. The limits bound the work, not the clock.
const AT_ONCE: Duration = Duration::from_secs(2);

/// `{ a { a { .. } } }` of so many levels.
fn nested(levels: usize) -> String {
    format!("{}{}", "{ a ".repeat(levels), "}".repeat(levels))
}

/// Fragments that each spread the next so many times.
fn bomb(levels: usize, times: usize) -> String {
    let mut document = "{ ...f0 } ".to_owned();
    for level in 0..levels {
        let spreads = format!("...f{} ", level + 1).repeat(times);
        write!(document, "fragment f{level} on Query {{ {spreads} }} ").unwrap();
    }
    write!(document, "fragment f{levels} on Query {{ __typename }}").unwrap();
    document
}

fn numbered(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

/// Nested lists of the register.
fn lists(levels: usize) -> String {
    let open = "subsidiaries(first: 100) { nodes { ".repeat(levels);
    format!(
        "{{ enterprises(first: 100) {{ nodes {{ {open} id {} }} }} }}",
        " } }".repeat(levels)
    )
}

#[rustfmt::skip]
fn documents() -> Vec<(&'static str, String, &'static str)> {
    let large = "DOCUMENT_TOO_LARGE";
    vec![
        ("lists nested 2000 deep", format!("{{ a(x: {}{}) }}", "[".repeat(2000), "]".repeat(2000)), large),
        ("objects nested 2000 deep", format!("{{ a(x: {}{}) }}", "{a:".repeat(2000), "}".repeat(2000)), large),
        ("lists that are never closed", format!("{{ a(x: {}", "[".repeat(2000)), large),
        ("a default nested 2000 deep", format!("query($x: A = {}{}) {{ a }}", "[".repeat(2000), "]".repeat(2000)), large),
        ("a type nested 2000 deep", format!("query($x: {}A{}) {{ a }}", "[".repeat(2000), "]".repeat(2000)), large),
        ("a directive's argument nested 2000 deep", format!("{{ a @b(c: {}{}) }}", "[".repeat(2000), "]".repeat(2000)), large),
        ("nesting behind an unterminated string", format!("{{ a(x: \"\n{}", "[".repeat(2000)), large),
        ("nesting behind an unterminated block string", format!("{{ a(x: \"\"\"{}", "[".repeat(2000)), "GRAPHQL_PARSE_FAILED"),
        ("an unterminated string", format!("{{ a(x: \"{}", "x".repeat(100_000)), "GRAPHQL_PARSE_FAILED"),
        ("selections nested 1000 deep", nested(1000), large),
        ("selections nested 60 deep", nested(60), "DEPTH_LIMIT_EXCEEDED"),
        ("inline fragments nested 100 deep", format!("{{ {}__typename{} }}", "... { ".repeat(100), " }".repeat(100)), large),
        ("10,000 fields", format!("{{ {} }}", "__typename ".repeat(10_000)), large),
        ("10,000 aliases", format!("{{ {} }}", numbered(10_000, |n| format!("a{n}: __typename"))), large),
        ("51 aliases of __typename", format!("{{ {} }}", numbered(51, |n| format!("a{n}: __typename"))), large),
        ("51 aliases by fragments", format!("{{ {} }} fragment f on Query {{ a: __typename b: __typename c: __typename }}", "...f ".repeat(17)), large),
        ("5,000 operations", numbered(5000, |n| format!("query q{n} {{ __typename }}")), large),
        ("two operations", "query a { __typename } query b { __typename }".to_owned(), "OPERATION_RESOLUTION_FAILURE"),
        ("no operation", "fragment f on Query { __typename }".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("30 levels of doubling fragments", bomb(30, 2), large),
        ("18 levels of 20 spreads", bomb(18, 20), large),
        ("250 fragments in a chain", bomb(200, 1), "GRAPHQL_VALIDATION_FAILED"),
        ("a fragment in itself", "{ ...f } fragment f on Query { ...f }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("fragments in each other", "{ ...f } fragment f on Query { ...g ...g } fragment g on Query { ...f ...f }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("1,000 directives", format!("{{ __typename {} }}", "@skip(if: false) ".repeat(200)), large),
        ("51 unknown directives", format!("{{ __typename {} }}", "@a ".repeat(51)), large),
        ("an unknown directive on __typename", "{ __typename @nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("an argument of __typename", "{ __typename(a: 1) }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("lists in lists", lists(3), "COST_LIMIT_EXCEEDED"),
        ("lists in lists, backwards", lists(3).replace("first", "last"), "COST_LIMIT_EXCEEDED"),
        ("a text fifty times a row", format!("{{ enterprises(first: 100) {{ nodes {{ {} }} }} }}", numbered(50, |n| format!("a{n}: description"))), "COST_LIMIT_EXCEEDED"),
        ("the query within the payload", format!("mutation {{ endPairing(input: {{id: \"\", expectedVersion: 1, reason: \"\"}}) {} }}", "{ query { enterprises { nodes { subsidiaries { nodes { subsidiaries { nodes { subsidiaries { nodes { id } } } } } } } } } }"), "COST_LIMIT_EXCEEDED"),
        ("a negative page", "{ enterprises(first: -5) { nodes { id } } }".to_owned(), "BAD_USER_INPUT"),
        ("a page of 2^31", "{ enterprises(first: 2147483648) { nodes { id } } }".to_owned(), "BAD_USER_INPUT"),
        ("a page of 10^30", "{ enterprises(last: 1000000000000000000000000000000) { nodes { id } } }".to_owned(), "BAD_USER_INPUT"),
        ("first and last", "{ enterprises(first: 1, last: 1) { nodes { id } } }".to_owned(), "BAD_USER_INPUT"),
        ("fields of fields of fields", "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(), "DEPTH_LIMIT_EXCEEDED"),
        ("the schema thirty times", format!("{{ {} }}", numbered(30, |n| format!("a{n}: __schema {{ types {{ name }} }}"))), "COST_LIMIT_EXCEEDED"),
        ("the types thirty times", format!("{{ __schema {{ {} }} }}", numbered(30, |n| format!("a{n}: types {{ name }}"))), "COST_LIMIT_EXCEEDED"),
        ("nothing", String::new(), "GRAPHQL_PARSE_FAILED"),
        ("a NUL", "{ a\u{0} }".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("noise", "}{)(][\"'".repeat(40), "GRAPHQL_PARSE_FAILED"),
        ("a subscription by POST", "subscription { __typename }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_documents_are_refused_at_once_with_a_code() {
    let app = TestApp::sqlite().await;
    let server = Server::start(&app, |config| config.graphql.budget = 1_000_000).await;
    let token = app.token(&cast().admin);
    let before = app.database.db.tally().statements();
    let mut wrong = Vec::new();
    let documents = documents();
    let count = u64::try_from(documents.len()).unwrap();
    for (name, document, code) in documents {
        let began = Instant::now();
        let answer = server
            .post(&document)
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        let took = began.elapsed();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let found = body["errors"][0]["extensions"]["code"].as_str();
        let named = body["errors"][0]["extensions"]["requestId"].is_string();
        let limits = code.ends_with("EXCEEDED") || code == "DOCUMENT_TOO_LARGE";
        let expected = if limits { 400 } else { 200 };
        if found != Some(code) || !named || status != expected || body.get("data").is_some() {
            wrong.push(format!("{name}: {status} {body:.400}, not {code}"));
        }
        if took > AT_ONCE {
            wrong.push(format!("{name}: took {took:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The viewer is all that was read.
    assert_eq!(app.database.db.tally().statements() - before, count);
    let answer = server.post("{ __typename }").send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_variables_are_refused_before_anything_is_written() {
    let app = TestApp::sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let admin = app.token(&cast().admin);
    let before = app.count("department").await;
    let writes = "mutation($n: Int) { upsertDepartment(input: {code: \"F9\", name: \"名\", \
                  governanceRole: PARTICIPATING, isActive: true}) { userErrors { code } query \
                  { enterprises(first: $n) { nodes { id } } } } }";
    for n in [
        json!(1_509_163_364_456_u64),
        json!(0),
        json!("1"),
        json!(1.5),
        json!([[1]]),
        json!({}),
    ] {
        let body = json!({"query": writes, "variables": {"n": n}});
        let answer = server
            .post_json(&body)
            .bearer_auth(&admin)
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(
            body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{n}: {body:#}"
        );
        assert!(body.get("data").is_none(), "{body:#}");
    }
    assert_eq!(app.count("department").await, before);
    // Nested as deep as JSON may be, and wide.
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let wide = format!("[{}1]", "1,".repeat(50_000));
    for value in [deep, wide] {
        let text = format!(
            "{{\"query\": \"query($n: Int) {{ enterprises(first: $n) {{ nodes {{ id }} }} }}\", \
             \"variables\": {{\"n\": {value}}}}}"
        );
        let body: Value = serde_json::from_str(&text).unwrap();
        let answer = server
            .post_json(&body)
            .bearer_auth(&admin)
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(
            body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{body:.200}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_within_the_limits_passes() {
    let app = TestApp::sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let token = app.token(&cast().admin);
    let aliases = format!("{{ {} }}", numbered(50, |n| format!("a{n}: __typename")));
    let fragments = bomb(12, 2);
    let type_ref = format!(
        "kind name {} kind name {}",
        "ofType { kind name ".repeat(9),
        "}".repeat(9)
    );
    // As deep as graphql-js 16 asks.
    let introspection = format!(
        "{{ __schema {{ queryType {{ name }} types {{ ...T }} directives {{ name locations args {{ ...I }} }} }} }} \
         fragment T on __Type {{ kind name description fields(includeDeprecated: true) {{ name args {{ ...I }} type {{ ...R }} }} \
         inputFields {{ ...I }} interfaces {{ ...R }} enumValues(includeDeprecated: true) {{ name }} possibleTypes {{ ...R }} }} \
         fragment I on __InputValue {{ name type {{ ...R }} defaultValue }} fragment R on __Type {{ {type_ref} }}"
    );
    let programme = "{ enterprises(first: 20) { totalCount nodes { issues(first: 5) { totalCount nodes { \
                     transitions(last: 3) { nodes { toState } } } } } } }";
    for document in [&aliases, &fragments, &introspection, programme] {
        let answer = server
            .post(document)
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        assert!(body.get("errors").is_none(), "{document:.200}: {body:.800}");
    }
}
