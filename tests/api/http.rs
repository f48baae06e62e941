//! The server over its sockets: what every request can rely on, and what becomes of bad clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use honglian::config::StatusProfile;
use honglian::kernel::clock::Clock;
use reqwest::{Method, Response};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::live::connect;
use crate::support::server::{Server, send, until_closed};

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

/// The status and the whole body of an answer that must be coded JSON with its request's id.
async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let id = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let kind = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        kind.starts_with("application/") && kind.ends_with("json; charset=utf-8"),
        "{kind}"
    );
    let body: Value = response.json().await.unwrap();
    let errors = body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{body:#}");
    assert!(body.get("data").is_none(), "{body:#}");
    assert!(!errors[0]["message"].as_str().unwrap().is_empty());
    assert_eq!(errors[0]["extensions"]["requestId"], id.as_str());
    (
        status,
        errors[0]["extensions"]["code"].as_str().unwrap().to_owned(),
    )
}

fn outcome(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A clock that stands in the way of whoever asks for the time, until it is opened.
struct Gate {
    entered: Mutex<Sender<()>>,
    opened: Mutex<Receiver<()>>,
    is_open: AtomicBool,
    now: DateTime<Utc>,
}

impl Gate {
    fn new(app: &TestApp) -> (Arc<Self>, Receiver<()>, Sender<()>) {
        let ((entered, enters), (opens, opened)) = (channel(), channel());
        let gate = Self {
            entered: Mutex::new(entered),
            opened: Mutex::new(opened),
            is_open: AtomicBool::new(false),
            now: app.now(),
        };
        (Arc::new(gate), enters, opens)
    }
}

impl Clock for Gate {
    fn now(&self) -> DateTime<Utc> {
        if !self.is_open.load(Ordering::SeqCst) {
            let entered = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
            entered.send(()).ok();
            drop(entered);
            let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.is_open.load(Ordering::SeqCst) {
                // Who waits here must not be whom all others wait for to hear from the network.
                let wait = || opened.recv_timeout(Duration::from_secs(30)).ok();
                tokio::task::block_in_place(wait);
                self.is_open.store(true, Ordering::SeqCst);
            }
        }
        self.now
    }
}

/// A clock that panics with what must not be told, the first time that it is asked.
struct Broken(AtomicBool, DateTime<Utc>);

impl Clock for Broken {
    fn now(&self) -> DateTime<Utc> {
        let was_asked = self.0.swap(true, Ordering::SeqCst);
        assert!(was_asked, "canary {}", 13_800_138_000_u64);
        self.1
    }
}

async fn waits_for(receiver: Receiver<()>) {
    let heard = tokio::task::spawn_blocking(move || receiver.recv_timeout(Duration::from_secs(30)));
    heard.await.unwrap().expect("the operation does not begin");
}

on_both! {
    async fn it_lives_and_is_ready_while_its_database_is(app) {
        let server = Server::start(&app, |_| {}).await;
        let get = |path: &str| reqwest::get(server.at(path));
        let alive = get("/healthz").await.unwrap();
        assert_eq!(alive.status(), 200);
        assert_eq!(alive.json::<Value>().await.unwrap(), json!({"status": "ok"}));
        let ready = get("/readyz").await.unwrap();
        assert_eq!(ready.status(), 200);
        assert_eq!(ready.json::<Value>().await.unwrap(), json!({"status": "ready"}));
        // A migration that is not applied, then no database at all.
        let db = app.database.db.conn();
        db.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
        let answer = get("/readyz").await.unwrap();
        assert_eq!(answer.headers()["retry-after"], "2");
        assert_eq!(refused(answer).await, outcome(503, "SERVICE_UNAVAILABLE"));
        db.clone().close().await.unwrap();
        let answer = get("/readyz").await.unwrap();
        assert_eq!(refused(answer).await, outcome(503, "SERVICE_UNAVAILABLE"));
        assert_eq!(get("/healthz").await.unwrap().status(), 200);
        let answer = server.post("{ viewer { isAdmin } }").bearer_auth(app.token(&cast().admin));
        let answer = answer.send().await.unwrap();
        assert_eq!(refused(answer).await, outcome(503, "SERVICE_UNAVAILABLE"));
    }

    async fn an_operation_that_takes_too_long_is_ended_and_writes_nothing(app) {
        let server = Server::start(&app, |config| config.http.request_timeout_ms = 300).await;
        let lock = app.database.db.begin().await.unwrap();
        if app.database.db.backend() == sea_orm::DbBackend::Postgres {
            lock.execute_unprepared("LOCK TABLE department IN EXCLUSIVE MODE").await.unwrap();
        }
        let before = app.count("department").await;
        let query = "mutation { upsertDepartment(input: {code: \"SLOW\", name: \"慢\", \
                     governanceRole: PARTICIPATING, isActive: true}) { userErrors { code } } }";
        let answer = server.post(query).bearer_auth(app.token(&cast().admin));
        let answer = answer.send().await.unwrap();
        assert_eq!(refused(answer).await, outcome(503, "TIMEOUT"));
        lock.rollback().await.unwrap();
        // The operation is over: its connection is free, its transaction gone.
        let lock = app.database.db.begin().await.unwrap();
        lock.rollback().await.unwrap();
        assert_eq!(app.count("department").await, before);
    }

    async fn the_database_ends_a_statement_that_nobody_waits_for(app) {
        if app.database.db.backend() != sea_orm::DbBackend::Postgres {
            return;
        }
        let longest = Duration::from_millis(300);
        let db = honglian::store::connect::open_within(&app.database.url, 1, longest);
        let db = db.await.unwrap();
        let sleep = sea_orm::Statement::from_string(db.backend(), "SELECT 1 FROM pg_sleep(60)");
        let ended = db.all(sleep).await.unwrap_err();
        assert_eq!(ended.code(), "TIMEOUT");
        db.all(sea_orm::Statement::from_string(db.backend(), "SELECT 1")).await.unwrap();
    }
}

async fn on_sqlite() -> TestApp {
    TestApp::sqlite().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_has_an_id_and_a_harmless_one_is_kept() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let id = async |given: &str| {
        let request = server.post("{ __typename }").header("X-Request-Id", given);
        let answer = request.send().await.unwrap();
        answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(id("desk-7.3_a").await, "desk-7.3_a");
    let longest = "a".repeat(100);
    assert_eq!(id(&longest).await, longest);
    for bad in ["", "a b", "a\"b", &"a".repeat(101)] {
        let fresh = id(bad).await;
        assert_eq!(fresh.len(), 32, "{fresh}");
        assert!(
            fresh.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{fresh}"
        );
    }
    let answer = server.post("{ __typename }").send().await.unwrap();
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "a table of refusals")]
async fn what_cannot_be_executed_is_refused_in_json_with_a_code() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let client = reqwest::Client::new();
    let query = r#"{"query": "{ __typename }"}"#;
    let large = format!("{{\"query\": \"{}\"}}", " ".repeat(256 * 1024));
    let cases: &[(Method, &str, &str, (u16, &str))] = &[
        (Method::PUT, JSON, query, (405, "BAD_REQUEST")),
        (Method::DELETE, JSON, query, (405, "BAD_REQUEST")),
        (Method::OPTIONS, JSON, "", (405, "BAD_REQUEST")),
        (Method::POST, "text/plain", query, (415, "BAD_REQUEST")),
        (
            Method::POST,
            "application/x-www-form-urlencoded",
            "query=%7B__typename%7D",
            (415, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            "multipart/form-data; boundary=x",
            query,
            (415, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            "multipart/mixed; boundary=x",
            query,
            (415, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            "application/json; charset=gbk",
            query,
            (415, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            "application/jsonp",
            query,
            (415, "BAD_REQUEST"),
        ),
        (Method::POST, JSON, "", (400, "BAD_REQUEST")),
        (Method::POST, JSON, "{", (400, "BAD_REQUEST")),
        (Method::POST, JSON, "null", (400, "BAD_REQUEST")),
        (Method::POST, JSON, "{}", (400, "BAD_REQUEST")),
        (Method::POST, JSON, r#"{"query": 1}"#, (400, "BAD_REQUEST")),
        (
            Method::POST,
            JSON,
            r#"{"query": "{ __typename }", "variables": []}"#,
            (400, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            JSON,
            r#"{"query": "{ __typename }", "operationName": 1}"#,
            (400, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            JSON,
            r#"{"query": "{ __typename }", "extensions": ""}"#,
            (400, "BAD_REQUEST"),
        ),
        (
            Method::POST,
            JSON,
            r#"[{"query": "{ __typename }"}]"#,
            (400, "BATCHING_DISABLED"),
        ),
        (Method::POST, JSON, &large, (413, "DOCUMENT_TOO_LARGE")),
    ];
    for (method, kind, body, (status, code)) in cases {
        let request = client.request(method.clone(), server.at("/graphql"));
        let request = request
            .header("Content-Type", *kind)
            .body((*body).to_owned());
        let answer = request.send().await.unwrap();
        if *status == 405 {
            assert_eq!(answer.headers()["allow"], "GET, POST");
        }
        assert_eq!(
            refused(answer).await,
            outcome(*status, code),
            "{method} {kind} {body:.80}"
        );
    }
    let bare = client.post(server.at("/graphql")).body(query);
    assert_eq!(
        refused(bare.send().await.unwrap()).await,
        outcome(415, "BAD_REQUEST")
    );
    let packed = server
        .post("{ __typename }")
        .header("Content-Encoding", "gzip");
    assert_eq!(
        refused(packed.send().await.unwrap()).await,
        outcome(415, "BAD_REQUEST")
    );
    let picky = server.post("{ __typename }").header("Accept", "text/html");
    assert_eq!(
        refused(picky.send().await.unwrap()).await,
        outcome(406, "BAD_REQUEST")
    );
    let nowhere = reqwest::get(server.at("/graphql/nowhere")).await.unwrap();
    assert_eq!(refused(nowhere).await, outcome(404, "NOT_FOUND"));
    let wrong = client.post(server.at("/healthz")).send().await.unwrap();
    assert_eq!(refused(wrong).await, outcome(405, "BAD_REQUEST"));
    // A body that does not say how long it is.
    let mut endless = server.connect().await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    send(&mut endless, head).await;
    for _ in 0..5 {
        send(
            &mut endless,
            &format!("10000\r\n{}\r\n", " ".repeat(0x10000)),
        )
        .await;
    }
    let told = until_closed(&mut endless).await;
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    assert!(told.contains("\"code\":\"DOCUMENT_TOO_LARGE\""), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_whole_or_refused() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let token = app.token(&cast().operator);
    let asked = async |header: &str| {
        let request = server
            .post("{ viewer { isAdmin } }")
            .header("Authorization", header);
        request.send().await.unwrap()
    };
    for good in [format!("Bearer {token}"), format!("bearer  {token}")] {
        let answer: Value = asked(&good).await.json().await.unwrap();
        assert_eq!(
            answer["data"],
            json!({"viewer": {"isAdmin": false}}),
            "{answer:#}"
        );
    }
    for bad in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer {token}x"),
        format!("Bearer {token} {token}"),
    ] {
        let answer = asked(&bad).await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert_eq!(
            refused(answer).await,
            outcome(401, "UNAUTHENTICATED"),
            "{bad:.20}"
        );
    }
    let twice = server
        .post("{ __typename }")
        .bearer_auth(&token)
        .bearer_auth(&token);
    assert_eq!(
        refused(twice.send().await.unwrap()).await,
        outcome(401, "UNAUTHENTICATED")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_may_ask_is_not_open_to_the_next_who_sends_the_same_text() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let query = "{ __schema { queryType { name } } }";
    // Remembered as valid from the first answer on.
    for _ in 0..2 {
        let known = server.post(query).bearer_auth(app.token(&cast().admin));
        let body: Value = known.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["data"]["__schema"]["queryType"]["name"], "Query");
        let body: Value = server
            .post(query)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_ne!(
            body["data"]["__schema"]["queryType"]["name"], "Query",
            "{body:#}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn get_carries_queries_and_nothing_else() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let get = async |query: &[(&str, &str)]| {
        let address = reqwest::Url::parse_with_params(&server.at("/graphql"), query).unwrap();
        let request = reqwest::Client::new().get(address);
        request
            .bearer_auth(app.token(&cast().admin))
            .send()
            .await
            .unwrap()
    };
    let named = [
        (
            "query",
            "query A($n: Int) { enterprises(first: $n) { nodes { __typename } } }",
        ),
        ("variables", r#"{"n": 2}"#),
        ("operationName", "A"),
        ("extensions", "{}"),
    ];
    let answer: Value = get(&named).await.json().await.unwrap();
    assert_eq!(
        answer["data"]["enterprises"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let before = app.count("department").await;
    let writes = "mutation { upsertDepartment(input: {code: \"GET\", name: \"查\", \
                  governanceRole: PARTICIPATING, isActive: true}) { userErrors { code } } }";
    let answer = get(&[("query", writes)]).await;
    assert_eq!(answer.headers()["allow"], "POST");
    assert_eq!(refused(answer).await, outcome(405, "BAD_REQUEST"));
    assert_eq!(app.count("department").await, before);
    for bad in [
        vec![],
        vec![("query", "{ __typename }"), ("query", "{ __typename }")],
        vec![("query", "{ __typename }"), ("variables", "{")],
        vec![("query", "{ __typename }"), ("variables", "[]")],
    ] {
        assert_eq!(
            refused(get(&bad).await).await,
            outcome(400, "BAD_REQUEST"),
            "{bad:?}"
        );
    }
}

/// The status of a document for a media type, and whether it has data.
async fn status(server: &Server, token: &str, accept: &str, body: &Value) -> (u16, bool) {
    let request = server
        .post_json(body)
        .bearer_auth(token)
        .header("Accept", accept);
    let answer = request.send().await.unwrap();
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(kind, format!("{accept}; charset=utf-8"));
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body.get("data").is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_tells_how_far_a_document_came_by_profile_and_media_type() {
    let app = on_sqlite().await;
    let audit = Server::start(&app, |_| {}).await;
    let draft = Server::start(&app, |config| {
        config.http.status_profile = StatusProfile::Draft2026;
    })
    .await;
    let token = app.token(&cast().auditor);
    let deep = format!("{{ a{}{} }}", " { a".repeat(13), " }".repeat(13));
    // The document; audit as JSON and as GraphQL; the draft likewise; whether it has data.
    let cases: [(Value, [u16; 4], bool); 8] = [
        (
            json!({"query": "{ __typename }"}),
            [200, 200, 200, 200],
            true,
        ),
        (json!({"query": "{"}), [200, 400, 200, 400], false),
        (json!({"query": "{ nothing }"}), [200, 400, 200, 422], false),
        (
            json!({"query": "query($n: Int!) { enterprises(first: $n) { nodes { id } } }"}),
            [200, 400, 200, 422],
            false,
        ),
        (
            json!({"query": "{ __typename }", "operationName": "A"}),
            [200, 400, 200, 422],
            false,
        ),
        (
            json!({"query": "{ enterprises(first: 0) { nodes { id } } }"}),
            [200, 400, 200, 422],
            false,
        ),
        (json!({"query": deep}), [400, 400, 400, 400], false),
        // An auditor may not read the register: null beside an error.
        (
            json!({"query": "{ viewer { isAuditor } enterprises { nodes { id } } }"}),
            [200, 200, 200, 294],
            true,
        ),
    ];
    for (body, statuses, has_data) in cases {
        let asked = [
            (&audit, JSON),
            (&audit, GRAPHQL),
            (&draft, JSON),
            (&draft, GRAPHQL),
        ];
        for ((server, accept), expected) in asked.into_iter().zip(statuses) {
            let found = status(server, &token, accept, &body).await;
            assert_eq!(found, (expected, has_data), "{accept} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_coded_error_and_the_server_goes_on() {
    let app = on_sqlite().await;
    let broken = Arc::new(Broken(AtomicBool::new(false), app.now()));
    let server = Server::with_clock(&app, broken, |_| {}).await;
    let token = app.token(&cast().admin);
    let answer = server
        .post("{ viewer { now } }")
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let id = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer.status(), 500);
    let text = answer.text().await.unwrap();
    assert!(!text.contains("13800138000"), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        body,
        json!({"errors": [{
            "message": "Internal error; give the request id to the operator.",
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": id},
        }]})
    );
    let answer = server.post("{ viewer { isAdmin } }").bearer_auth(&token);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"], json!({"viewer": {"isAdmin": true}}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn an_ending_server_finishes_what_runs_and_takes_nothing_new() {
    let app = on_sqlite().await;
    let (gate, enters, opens) = Gate::new(&app);
    let server = Server::with_clock(&app, gate, |_| {}).await;
    let address = server.address;
    let request = server
        .post("{ viewer { now } }")
        .bearer_auth(app.token(&cast().admin));
    let running = tokio::spawn(request.send());
    waits_for(enters).await;
    // Kept open without a request: it must not hold the end up.
    let mut idle = server.connect().await;
    let ending = server.ending();
    assert_eq!(until_closed(&mut idle).await, "");
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!ending.is_finished(), "something runs still");
    opens.send(()).unwrap();
    let answer: Value = running.await.unwrap().unwrap().json().await.unwrap();
    let now = answer["data"]["viewer"]["now"].as_str();
    let now = now.unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(now.parse::<DateTime<Utc>>().unwrap(), app.now());
    ending.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn what_would_queue_without_end_is_told_to_come_back() {
    let app = on_sqlite().await;
    let (gate, enters, opens) = Gate::new(&app);
    let server = Server::with_clock(&app, gate, |config| {
        config.http.max_running = 1;
        config.http.max_waiting = 0;
    })
    .await;
    let request = server
        .post("{ viewer { now } }")
        .bearer_auth(app.token(&cast().admin));
    let running = tokio::spawn(request.send());
    waits_for(enters).await;
    let shed = server.post("{ __typename }").send().await.unwrap();
    assert_eq!(shed.headers()["retry-after"], "2");
    assert_eq!(refused(shed).await, outcome(503, "SERVICE_UNAVAILABLE"));
    assert_eq!(
        reqwest::get(server.at("/healthz")).await.unwrap().status(),
        200
    );
    opens.send(()).unwrap();
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert_eq!(
        server.post("{ __typename }").send().await.unwrap().status(),
        200
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_socket_does_not_take_the_places_of_all() {
    let app = on_sqlite().await;
    let (gate, enters, opens) = Gate::new(&app);
    let server = Server::with_clock(&app, gate, |config| {
        config.subscriptions.max_operations_per_socket = 1;
        config.http.max_running = 4;
        config.http.max_waiting = 0;
    })
    .await;
    let mut socket = connect(&server.at("")).await;
    socket.introduce(&app.token(&cast().admin)).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    // Begun and ended at once, again and again: what is ended runs on to its end.
    for n in 0..20 {
        socket
            .subscribe(&format!("{n}"), "{ viewer { now } }")
            .await;
        let ended = json!({"type": "complete", "id": format!("{n}")});
        socket.say(ended).await;
    }
    waits_for(enters).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        server.post("{ __typename }").send().await.unwrap().status(),
        200
    );
    // What was not begun for want of a place is begun now.
    opens.send(()).unwrap();
    socket.subscribe("last", "{ __typename }").await;
    loop {
        let heard = socket.hear().await;
        if heard["id"] == "last" {
            assert_eq!(heard["payload"]["data"]["__typename"], "Query");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_and_the_others_served() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |config| {
        config.http.header_timeout_ms = 300;
        config.http.body_timeout_ms = 300;
    })
    .await;
    let mut headers = server.connect().await;
    send(
        &mut headers,
        "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    )
    .await;
    let mut body = server.connect().await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{\"query\"";
    send(&mut body, head).await;
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    send(&mut idle, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(
        server.post("{ __typename }").send().await.unwrap().status(),
        200
    );
    assert!(!until_closed(&mut headers).await.starts_with("HTTP/1.1 200"));
    let told = until_closed(&mut body).await;
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    assert!(told.contains("\"code\":\"TIMEOUT\""), "{told}");
    assert!(!until_closed(&mut silent).await.starts_with("HTTP/1.1 200"));
    assert!(until_closed(&mut idle).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_capped_and_the_one_too_many_hears_of_it() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |config| config.http.max_connections = 1).await;
    let mut first = server.connect().await;
    send(&mut first, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut start = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut first, &mut start)
        .await
        .unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let told = until_closed(&mut server.connect().await).await;
    let (head, body) = told.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 503 ") && head.contains("Retry-After: 2"),
        "{head}"
    );
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body["errors"][0]["extensions"]["code"],
        "SERVICE_UNAVAILABLE"
    );
    assert!(body["errors"][0]["extensions"]["requestId"].is_string());
    drop(first);
    // Its place is free as soon as the server has noticed.
    let again = async {
        while reqwest::get(server.at("/healthz"))
            .await
            .is_ok_and(|answer| answer.status() != 200)
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .unwrap();
}

/// A connection from an address of its own on this machine.
async fn from(server: &Server, address: [u8; 4]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((address, 0).into()).unwrap();
    socket.connect(server.address).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_leaves_room_for_the_others() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |config| {
        config.http.max_connections_per_address = 2;
        config.http.trusted_proxies = vec!["127.0.0.9".parse().unwrap()];
    })
    .await;
    let health = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let greedy = [
        from(&server, [127, 0, 0, 2]).await,
        from(&server, [127, 0, 0, 2]).await,
    ];
    let told = until_closed(&mut from(&server, [127, 0, 0, 2]).await).await;
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    assert!(told.contains("\"code\":\"SERVICE_UNAVAILABLE\""), "{told}");
    let mut other = from(&server, [127, 0, 0, 3]).await;
    send(&mut other, health).await;
    assert!(until_closed(&mut other).await.starts_with("HTTP/1.1 200 "));
    // A proxy speaks for many.
    let mut proxied = Vec::new();
    for _ in 0..4 {
        proxied.push(from(&server, [127, 0, 0, 9]).await);
    }
    for mut one in proxied {
        send(&mut one, health).await;
        assert!(until_closed(&mut one).await.starts_with("HTTP/1.1 200 "));
    }
    drop(greedy);
    let again = async {
        loop {
            let mut one = from(&server, [127, 0, 0, 2]).await;
            send(&mut one, health).await;
            if until_closed(&mut one).await.starts_with("HTTP/1.1 200 ") {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_other_origins_read_answers_only_where_configured() {
    let app = on_sqlite().await;
    let ours = "https://desk.example.cn";
    let open = Server::start(&app, |config| {
        config.http.allowed_origins = vec![ours.to_owned()];
    })
    .await;
    let closed = Server::start(&app, |_| {}).await;
    let preflight = async |server: &Server, origin: &str| {
        let request = reqwest::Client::new().request(Method::OPTIONS, server.at("/graphql"));
        let request = request.header("Origin", origin);
        let request = request.header("Access-Control-Request-Method", "POST");
        request.send().await.unwrap()
    };
    let allowed = preflight(&open, ours).await;
    assert_eq!(allowed.status(), 204);
    for (name, value) in [
        ("access-control-allow-origin", ours),
        ("access-control-allow-methods", "GET, POST, PUT"),
        (
            "access-control-allow-headers",
            "Authorization, Content-Type, Accept-Language, Idempotency-Key, X-Request-Id, traceparent",
        ),
        ("vary", "Origin"),
    ] {
        assert_eq!(allowed.headers()[name], value);
    }
    assert!(
        !allowed
            .headers()
            .contains_key("access-control-allow-credentials")
    );
    for foreign in [
        "https://evil.example",
        "https://desk.example.cn.evil.example",
        "null",
    ] {
        let answer = preflight(&open, foreign).await;
        assert!(
            !answer.headers().contains_key("access-control-allow-origin"),
            "{foreign}"
        );
    }
    let answer = open
        .post("{ __typename }")
        .header("Origin", ours)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], ours);
    assert_eq!(
        answer.headers()["access-control-expose-headers"],
        "X-Request-Id, Retry-After, RateLimit, Idempotency-Replayed"
    );
    // A refusal must be readable, too.
    let answer = open
        .post("{")
        .header("Accept", "text/html")
        .header("Origin", ours);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], ours);
    let answer = preflight(&closed, ours).await;
    assert_eq!(answer.status(), 405);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_is_a_principals_own_and_says_when_to_come_back() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |config| {
        config.graphql.cost_limit = 100;
        config.graphql.budget = 100;
        config.graphql.budget_per_second = 10;
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    // 1 for the page, 59 rows.
    let query = "{ enterprises(first: 59) { nodes { name } } }";
    let operator = app.token(&cast().operator);
    let paid = server
        .post(query)
        .bearer_auth(&operator)
        .send()
        .await
        .unwrap();
    assert_eq!(paid.status(), 200);
    assert_eq!(paid.headers()["ratelimit-policy"], "\"cost\";q=100;w=10");
    assert_eq!(paid.headers()["ratelimit"], "\"cost\";r=40;t=0");
    let body: Value = paid.json().await.unwrap();
    let throttle = json!({"maximumAvailable": 100, "currentlyAvailable": 40, "restoreRate": 10});
    assert_eq!(
        body["extensions"]["cost"],
        json!({"requestedQueryCost": 60, "throttleStatus": throttle})
    );
    let over = server
        .post(query)
        .bearer_auth(&operator)
        .send()
        .await
        .unwrap();
    assert_eq!(over.status(), 429);
    assert_eq!(over.headers()["retry-after"], "2");
    assert_eq!(over.headers()["ratelimit"], "\"cost\";r=40;t=3");
    let body: Value = over.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert!(body["errors"][0]["extensions"]["requestId"].is_string());
    assert_eq!(body["extensions"]["cost"]["throttleStatus"], throttle);
    assert!(body.get("data").is_none());
    // Another user, and other addresses, have their own.
    let lead = app.token(&cast().lead);
    assert_eq!(
        server
            .post(query)
            .bearer_auth(&lead)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let limit = async |forwarded: &str| {
        let request = server.post("{ rateLimit { cost limit remaining restoreRate } }");
        let answer = request
            .header("X-Forwarded-For", forwarded)
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()["data"]["rateLimit"].clone()
    };
    let left = |remaining: i32| json!({"cost": 1, "limit": 100, "remaining": remaining, "restoreRate": 10});
    assert_eq!(limit("198.51.100.7").await, left(99));
    assert_eq!(limit("6.6.6.6, 198.51.100.7").await, left(98));
    assert_eq!(limit("198.51.100.8").await, left(99));
    server.budget_clock.advance(TimeDelta::seconds(2));
    assert_eq!(
        server
            .post(query)
            .bearer_auth(&operator)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_are_refused_cost_their_sender() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |config| {
        config.graphql.budget = 5_000;
        config.graphql.budget_per_second = 10;
    })
    .await;
    let hostile = app.token(&cast().lead);
    let long = format!("{{ a(x: \"{}", "x".repeat(100_000));
    let many = format!("{{ {} }}", "unknown ".repeat(1_900));
    for query in [&long, &many] {
        let mut statuses = Vec::new();
        // One costs 2,010 points, the other 314.
        for _ in 0..20 {
            let sent = server.post(query).bearer_auth(&hostile).send();
            let answer = sent.await.unwrap();
            statuses.push(answer.status().as_u16());
            if answer.status() == 429 {
                assert_eq!(
                    answer.headers()["ratelimit"]
                        .to_str()
                        .unwrap()
                        .split(';')
                        .nth(1),
                    Some("r=0")
                );
                let wait = answer.headers()["retry-after"].to_str().unwrap();
                assert!(wait.parse::<u32>().unwrap() >= 1, "{wait}");
                assert_eq!(refused_with_cost(answer).await, "RATE_LIMITED");
                break;
            }
        }
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
        // Not even a good one is heard, and the others are.
        let good = server.post("{ __typename }").bearer_auth(&hostile);
        assert_eq!(good.send().await.unwrap().status(), 429);
        let other = server
            .post("{ __typename }")
            .bearer_auth(app.token(&cast().member));
        assert_eq!(other.send().await.unwrap().status(), 200);
        server.budget_clock.advance(TimeDelta::seconds(500));
        let good = server.post("{ __typename }").bearer_auth(&hostile);
        assert_eq!(good.send().await.unwrap().status(), 200);
    }
    // A text of good size costs what it asks for; a long one is paid by length.
    let left = async |padding: usize| {
        let query = format!("{{ rateLimit {{ remaining }} }} #{}", "x".repeat(padding));
        let answer = server.post(&query).bearer_auth(app.token(&cast().admin));
        let body: Value = answer.send().await.unwrap().json().await.unwrap();
        body["data"]["rateLimit"]["remaining"].as_i64().unwrap()
    };
    assert_eq!(left(10_000).await, 4_999);
    assert_eq!(left(50_000).await, 4_999 - 1 - 1_010);
}

/// The code of an answer that tells its cost, too.
async fn refused_with_cost(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    assert!(
        body["extensions"]["cost"]["throttleStatus"].is_object(),
        "{body:#}"
    );
    assert!(body.get("data").is_none(), "{body:#}");
    body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_explorer_is_served_where_allowed_and_loads_nothing_from_elsewhere() {
    let app = on_sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    let answer = reqwest::get(server.at("/graphiql")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; connect-src 'self';"),
        "{policy}"
    );
    let page = answer.text().await.unwrap();
    assert!(page.contains("<title>红联 Honglian</title>"));
    for foreign in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let tokens = reqwest::get(server.at("/graphiql/tokens.json"))
        .await
        .unwrap();
    assert_eq!(
        tokens.json::<Value>().await.unwrap(),
        json!({}),
        "tokens are the demo's alone"
    );
    let closed = Server::start(&app, |config| config.graphql.explorer = false).await;
    for path in ["/graphiql", "/graphiql/tokens.json"] {
        let answer = reqwest::get(closed.at(path)).await.unwrap();
        assert_eq!(refused(answer).await, outcome(404, "NOT_FOUND"));
    }
}
