//! Trusted documents, over real HTTP and at the command line.

use std::fs;
use std::sync::Arc;

use entity::api_client::ClientMode;
use honglian::domain::client::{commands, hash};
use honglian::kernel::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::binary::{refused, told};
use crate::support::database::cast;
use crate::support::wire::Wire;

const PAGE: &str = "query Page($first: Int!) { enterprises(first: $first) { nodes { name } } }";

async fn register(app: &TestApp, client: &str, document: &str) -> String {
    let hash = hash(document);
    let documents = [(hash.clone(), document.to_owned())];
    commands::register(&app.database.db, client, &documents, SystemClock.now())
        .await
        .unwrap();
    hash
}

async fn mode(app: &TestApp, client: &str, mode: ClientMode) {
    commands::add(&app.database.db, client, mode, SystemClock.now())
        .await
        .unwrap();
}

/// A token of the operator, issued to an application.
fn token(app: &TestApp, client: &str) -> String {
    app.token_with(&cast().operator, |token| {
        client.clone_into(&mut token.client_id);
    })
}

fn apollo(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

on_both! {
    async fn a_registered_document_is_asked_for_by_its_hash(app) {
        let (wire, token) = (app.wire().await, token(&app, "desk"));
        let hash = register(&app, "desk", PAGE).await;
        let variables = json!({"first": 2});
        let free = wire.post(&token, &[], &json!({"query": PAGE, "variables": variables})).await;
        assert_eq!(free.data()["enterprises"]["nodes"].as_array().unwrap().len(), 2);
        for body in [
            json!({"documentId": hash, "variables": variables}),
            json!({"documentId": format!("sha256:{hash}"), "variables": variables}),
            json!({"documentId": hash.to_uppercase(), "variables": variables, "query": null}),
            json!({"extensions": apollo(&hash), "variables": variables, "operationName": "Page"}),
            json!({"extensions": apollo(&hash), "documentId": hash, "variables": variables}),
            json!({"extensions": apollo(&hash), "query": PAGE, "variables": variables}),
        ] {
            assert_eq!(wire.post(&token, &[], &body).await.essence(), free.essence(), "{body}");
        }
        let get = |name: &'static str, value: String| {
            let pairs = [(name, value), ("variables", variables.to_string())];
            wire.get(&token, pairs.to_vec())
        };
        assert_eq!(get("documentId", hash.clone()).await.essence(), free.essence());
        assert_eq!(get("extensions", apollo(&hash).to_string()).await.essence(), free.essence());
        let other_name = json!({"documentId": hash, "variables": variables, "operationName": "Other"});
        let refused = wire.post(&token, &[], &other_name).await;
        assert_eq!(refused.refusal().1, "OPERATION_RESOLUTION_FAILURE");
    }

    async fn an_unknown_hash_is_told_as_apollo_expects(app) {
        let (wire, desk) = (app.wire().await, token(&app, "desk"));
        let hash = register(&app, "desk", PAGE).await;
        let unknown = "0".repeat(64);
        let expected = |status: u16| (status, "PERSISTED_QUERY_NOT_FOUND".to_owned());
        for id in [unknown.as_str(), "", "x", "a\u{0}b", "sha256:", &"9".repeat(100_000), "'; --"] {
            let answer = wire.post(&desk, &[], &json!({"documentId": id})).await;
            assert_eq!(answer.refusal(), expected(200), "{id}");
        }
        let graphql = [("accept", "application/graphql-response+json")];
        let answer = wire.post(&desk, &graphql, &json!({"extensions": apollo(&unknown)})).await;
        assert_eq!(answer.refusal(), expected(400));
        assert!(answer.json().get("data").is_none());
        // Another application's document is none of this one's, and nobody's is nobody's.
        let body = json!({"documentId": hash, "variables": {"first": 1}});
        assert_eq!(wire.post(&desk, &[], &body).await.status, 200);
        for other in [token(&app, "kiosk"), String::new()] {
            assert_eq!(wire.post(&other, &[], &body).await.refusal(), expected(200));
        }
    }

    async fn nothing_is_registered_by_asking(app) {
        let (wire, token) = (app.wire().await, token(&app, "desk"));
        let hash = hash(PAGE);
        let both = json!({"query": PAGE, "extensions": apollo(&hash), "variables": {"first": 1}});
        wire.post(&token, &[], &both).await.data();
        let alone = json!({"extensions": apollo(&hash), "variables": {"first": 1}});
        let answer = wire.post(&token, &[], &alone).await;
        assert_eq!(answer.refusal().1, "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!((app.count("trusted_document").await, app.count("api_client").await), (0, 0));
    }

    async fn what_names_no_document_clearly_is_a_bad_request(app) {
        let (wire, token) = (app.wire().await, token(&app, "desk"));
        let good = register(&app, "desk", PAGE).await;
        let other = "0".repeat(64);
        for body in [
            json!({"documentId": 7}),
            json!({"documentId": other, "query": PAGE}),
            json!({"extensions": apollo(&other), "query": PAGE}),
            json!({"extensions": apollo(&other), "documentId": good}),
            json!({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": good}}}),
            json!({"extensions": {"persistedQuery": {"version": 1}}}),
            json!({"extensions": {"persistedQuery": good}}),
            json!({"extensions": {"persistedQuery": [1]}}),
            json!({"extensions": good, "documentId": good}),
            json!({"documentId": good, "query": 7}),
            json!({"documentId": null}),
            json!({}),
        ] {
            let answer = wire.post(&token, &[], &body).await;
            assert_eq!(answer.refusal(), (400, "BAD_REQUEST".to_owned()), "{body}");
        }
    }

    async fn a_trusted_only_application_sends_registered_documents_only(app) {
        let (wire, desk) = (app.wire().await, token(&app, "desk"));
        let hash = register(&app, "desk", PAGE).await;
        register(&app, "kiosk", "{ __typename }").await;
        mode(&app, "desk", ClientMode::TrustedOnly).await;
        let variables = json!({"first": 1});
        let not_trusted = (400, "DOCUMENT_NOT_TRUSTED".to_owned());
        for document in ["{ __typename }", "{ __schema { types { name } } }", &format!("{PAGE} "), "{"] {
            let body = json!({"query": document, "variables": variables});
            for media in ["application/json", "application/graphql-response+json"] {
                let answer = wire.post(&desk, &[("accept", media)], &body).await;
                assert_eq!(answer.refusal(), not_trusted, "{document}");
            }
            let pairs = vec![("query", document.to_owned())];
            assert_eq!(wire.get(&desk, pairs).await.refusal(), not_trusted);
        }
        // It is the document that is trusted, whichever way it is sent.
        for body in [
            json!({"documentId": hash, "variables": variables}),
            json!({"query": PAGE, "variables": variables}),
            json!({"query": PAGE, "extensions": apollo(&hash), "variables": variables}),
        ] {
            wire.post(&desk, &[], &body).await.data();
        }
        // The rule is the application's, not the user's; and it holds from the next request on.
        let body = json!({"query": "{ __typename }"});
        wire.post(&token(&app, "kiosk"), &[], &body).await.data();
        mode(&app, "desk", ClientMode::Open).await;
        wire.post(&desk, &[], &body).await.data();
        mode(&app, "desk", ClientMode::TrustedOnly).await;
        assert_eq!(wire.post(&desk, &[], &body).await.refusal(), not_trusted);
    }

    async fn a_document_is_read_parsed_and_validated_once(app) {
        let (wire, token) = (app.wire().await, token(&app, "desk"));
        let hash = register(&app, "desk", PAGE).await;
        let ask = |first: usize| json!({"documentId": hash, "variables": {"first": first}});
        let statements = async |body: Value| {
            let before = app.database.db.tally().statements();
            wire.post(&token, &[], &body).await.data();
            app.database.db.tally().statements() - before
        };
        let parsed = || app.app.guard.parsed();
        let before = parsed();
        // The viewer, the document, the page.
        assert_eq!(statements(ask(1)).await, 3);
        assert_eq!(parsed(), before + 1);
        // From then on the page alone.
        for first in 1..=5 {
            assert_eq!(statements(ask(first)).await, 1);
        }
        assert_eq!(parsed(), before + 1);
        // What a document may ask for goes by its variables, each time anew.
        for (variables, code) in [
            (json!({}), "BAD_USER_INPUT"),
            (json!({"first": 101}), "BAD_USER_INPUT"),
            (json!({"first": "1"}), "BAD_USER_INPUT"),
            (json!({"first": 3_000_000_000_u64}), "BAD_USER_INPUT"),
        ] {
            let known = wire.post(&token, &[], &json!({"documentId": hash, "variables": variables})).await;
            let fresh = json!({"query": format!("{PAGE} "), "variables": variables});
            let fresh = wire.post(&token, &[], &fresh).await;
            assert_eq!(known.json()["errors"][0]["extensions"]["code"], code, "{variables}");
            assert_eq!(known.essence(), fresh.essence(), "{variables}");
        }
    }

    async fn a_known_document_answers_as_it_did_the_first_time(app) {
        let (wire, token) = (app.wire().await, token(&app, "desk"));
        let id = wire.post(&token, &[], &json!({"query": "{ enterprises(first: 1) { nodes { id } } }"})).await;
        let id = id.data()["enterprises"]["nodes"][0]["id"].clone();
        for (document, variables) in [
            ("{ viewer { role permissions } a: __typename }", json!({})),
            ("query($id: ID!) { node(id: $id) { __typename id ... on Enterprise { ...f } } } \
              fragment f on Enterprise { name district { code } }", json!({"id": id})),
            ("query($with: Boolean!) { viewer { role @include(if: $with) today } }", json!({"with": false})),
            ("query($by: EnterpriseBy!) { enterprise(by: $by) { name } }", json!({"by": {"id": id}})),
            ("query($at: String) { enterprises(first: 1, after: $at) { totalCount } }", json!({"at": "x"})),
            ("query($at: String) { enterprises(first: 1, after: $at) { totalCount } }", json!({"at": null})),
            ("query($less: Boolean = true) { viewer { role today @skip(if: $less) } }", json!({})),
            ("query($less: Boolean = true) { viewer { role today @skip(if: $less) } }", json!({"less": null})),
            ("query($by: EnterpriseBy!) { enterprise(by: $by) { name } }", json!({"by": {"id": null}})),
            ("query($id: ID) { enterprise(by: {id: $id}) { name } }", json!({"id": id})),
            ("query($id: ID) { enterprise(by: {id: $id}) { name } }", json!({"id": null})),
            ("{ __schema { queryType { name } } __type(name: \"Fen\") { kind } }", json!({})),
            ("mutation($input: UpdateEnterpriseInput!) { updateEnterprise(input: $input) \
              { userErrors { code field } } }", json!({"input": {"id": id, "expectedVersion": 99, "shortName": "x"}})),
            // What does not fit the schema is not known for fitting it.
            ("{ viewer { nonsense } }", json!({})),
            ("query($unused: Int) { viewer { role } }", json!({})),
        ] {
            let body = json!({"query": document, "variables": variables});
            let first = wire.post(&token, &[], &body).await;
            for _ in 0..2 {
                let again = wire.post(&token, &[], &body).await;
                assert_eq!((again.status, again.essence()), (first.status, first.essence()), "{document}");
            }
        }
    }

    async fn the_limits_hold_for_trusted_documents(app) {
        let wire = Wire::of(Arc::new(app.rebuilt(|_| {}))).await;
        let token = token(&app, "desk");
        let nested = "{ nodes { subsidiaries(first: 100) ".repeat(2) + "{ totalCount }" + &"} }".repeat(2);
        let levels = (0..30).map(|level| {
            let next = level + 1;
            format!(" fragment f{level} on Query {{ ...f{next} ...f{next} }}")
        });
        let levels = levels.collect::<String>();
        let bomb = format!("{{ ...f0 }} fragment f30 on Query {{ __typename }}{levels}");
        for (document, code) in [
            (format!("{{ enterprises(first: 100) {nested} }}"), "COST_LIMIT_EXCEEDED"),
            (bomb, "DOCUMENT_TOO_LARGE"),
            ("query a { __typename } query b { __typename }".to_owned(), "OPERATION_RESOLUTION_FAILURE"),
            ("{".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ] {
            let hash = register(&app, "desk", &document).await;
            for _ in 0..2 {
                let answer = wire.post(&token, &[], &json!({"documentId": hash})).await;
                assert_eq!(answer.refusal().1, code, "{document}");
            }
        }
    }

    async fn a_key_stands_for_the_document_however_it_is_sent(app) {
        let (wire, token) = (app.wire().await, token(&app, "desk"));
        let document = "mutation Add($input: CreateEnterpriseInput!) { createEnterprise(input: $input) \
                        { enterprise { id } userErrors { code } } }";
        let hash = register(&app, "desk", document).await;
        let variables = json!({"input": {"uscc": "91350100M000100Y43", "name": "新企业", "ownership": "PRIVATE"}});
        let key = [("idempotency-key", "k")];
        let first = wire.post(&token, &key, &json!({"documentId": hash, "variables": variables})).await;
        assert_eq!(first.data()["createEnterprise"]["userErrors"], json!([]));
        let again = wire.post(&token, &key, &json!({"query": document, "variables": variables})).await;
        assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, Some("true")));
        // No mutation by GET, registered or not.
        let pairs = vec![("documentId", hash), ("variables", variables.to_string())];
        assert_eq!(wire.get(&token, pairs).await.refusal(), (405, "BAD_REQUEST".to_owned()));
    }

    async fn another_process_knows_what_is_registered(app) {
        let hash = register(&app, "desk", PAGE).await;
        let wire = Wire::of(Arc::new(app.rebuilt(|_| {}))).await;
        let body = json!({"documentId": hash, "variables": {"first": 1}});
        wire.post(&token(&app, "desk"), &[], &body).await.data();
    }
}

#[test]
fn the_command_line_registers_manifests() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    told(at, &["migrate", "up"]);
    let write =
        |name: &str, manifest: Value| fs::write(at.join(name), manifest.to_string()).unwrap();
    let second = "{ viewer { role } }";
    write("one.json", json!({hash(PAGE): PAGE}));
    write("two.json", json!({hash(PAGE): PAGE, hash(second): second}));
    let add = |file: &str| told(at, &["documents", "add", "desk", file]);
    assert_eq!(add("one.json"), "1 documents of desk, 1 of them new");
    assert_eq!(add("two.json"), "2 documents of desk, 1 of them new");
    assert_eq!(add("one.json"), "1 documents of desk, 0 of them new");
    assert_eq!(told(at, &["client", "list"]), "desk open");
    let trusted = told(at, &["client", "add", "desk", "--mode", "trusted-only"]);
    assert_eq!(trusted, "desk may send registered documents only");
    assert_eq!(add("one.json"), "1 documents of desk, 0 of them new");
    assert_eq!(told(at, &["client", "list"]), "desk trusted-only");
    told(at, &["client", "add", "kiosk"]);
    assert_eq!(told(at, &["client", "list"]), "kiosk open");
    let list = |client: &[&str]| {
        let arguments = [&["documents", "list"], client].concat();
        String::from_utf8(crate::support::binary::run(at, &arguments).stdout).unwrap()
    };
    let mut lines = [
        format!("desk {}\n", hash(PAGE)),
        format!("desk {}\n", hash(second)),
    ];
    lines.sort();
    assert_eq!(list(&[]), lines.concat());
    assert_eq!(
        (list(&["desk"]), list(&["kiosk"])),
        (lines.concat(), String::new())
    );
}

#[test]
fn the_command_line_refuses_what_could_never_be_answered() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    told(at, &["migrate", "up"]);
    let good = json!({hash(PAGE): PAGE});
    let with = |name: &str, document: &str| {
        let mut manifest = good.clone();
        manifest[name] = json!(document);
        manifest.to_string()
    };
    for (manifest, words) in [
        ("[".to_owned(), "not a JSON object"),
        ("[]".to_owned(), "not a JSON object"),
        (r#"{"a": 1}"#.to_owned(), "not a JSON object"),
        (
            with(
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "{ viewer { role } }",
            ),
            "hashAlgorithm",
        ),
        (with(&hash("{"), "{"), "GRAPHQL_PARSE_FAILED"),
        (
            with(
                &hash("query a { b } query c { d }"),
                "query a { b } query c { d }",
            ),
            "OPERATION_RESOLUTION_FAILURE",
        ),
    ] {
        fs::write(at.join("manifest.json"), &manifest).unwrap();
        let (code, line) = refused(at, &["documents", "add", "desk", "manifest.json"]);
        assert_eq!(code, 7, "{line}");
        assert!(line.contains(words), "{line}");
    }
    assert_eq!(
        refused(at, &["documents", "add", "desk", "nowhere.json"]).0,
        7
    );
    fs::write(at.join("manifest.json"), good.to_string()).unwrap();
    assert_eq!(
        refused(at, &["documents", "add", "a b", "manifest.json"]).0,
        7
    );
    assert_eq!(told(at, &["documents", "list"]), "");
    assert_eq!(told(at, &["client", "list"]), "");
}
