//! Attachments in an S3-compatible store, over HTTP as configured: the whole way of a file, and what is
//! left when it does not go it.

use chrono::TimeDelta;
use honglian::config::{self, Overrides};
use honglian::domain::attachment::sweep;
use honglian::files::Files;
use honglian::kernel::clock::{Clock, SystemClock};
use honglian::kernel::id::{Kind, decode};
use serde_json::{Value, json};

use crate::attachment::{
    PDF, announced, announcement, get, hash, issue, link, objects, put, rows, told,
};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::binary::Served;
use crate::support::s3::{SECRET, Store};
use crate::support::server::Server;

/// The store that a configuration names, as the server opens it.
fn configured(store: &Store, secret: &str) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("honglian.toml");
    std::fs::write(&file, store.configuration(secret)).unwrap();
    let config = config::load(Some(&file), Overrides::default()).unwrap();
    Files::open(&config.uploads).unwrap()
}

/// The name of an attachment's object.
fn name(id: &Value) -> String {
    let id = decode(Kind::Attachment, id.as_str().unwrap()).unwrap();
    format!("liwan/files/{}", id.simple())
}

async fn stored(app: &TestApp, store: &Store) -> TestApp {
    app.storing_in(configured(store, SECRET)).await
}

on_both! {
    async fn a_file_goes_the_whole_way_through_a_store(app) {
        let store = Store::start().await;
        let app = stored(&app, &store).await;
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        // One that is a part, and one of three parts.
        let large: Vec<u8> = PDF.iter().copied().cycle().take(12 * 1024 * 1024).collect();
        for bytes in [PDF.to_vec(), large] {
            let upload = announced(&app.member(), announcement(&target, &bytes)).await;
            assert_eq!(put(&server, &upload["uploadUrl"], bytes.clone()).await.status(), 204);
            let name = name(&upload["id"]);
            assert_eq!(hash(&store.bytes(&name)), hash(&bytes));
            assert_eq!(app.member().faults("confirmUpload", json!({"id": upload["id"]})).await, [""; 0]);
            let shown = get(&server, &link(&app.officer(), upload["id"].as_str().unwrap()).await).await;
            assert_eq!(shown.status(), 200);
            assert_eq!(shown.headers()["content-length"], bytes.len().to_string());
            assert_eq!(hash(&shown.bytes().await.unwrap()), hash(&bytes));
            let gone = json!({"id": upload["id"], "expectedVersion": 2});
            assert_eq!(app.member().faults("removeAttachment", gone).await, [""; 0]);
            assert_eq!(store.names(), [""; 0]);
        }
        assert_eq!((store.unfinished(), store.refused()), (0, 0));
        assert_eq!(store.asked(), ["begin", "complete", "delete", "get", "part"]);
    }

    async fn what_is_not_as_announced_leaves_nothing_in_a_store(app) {
        let store = Store::start().await;
        let app = stored(&app, &store).await;
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        // A part of it is there already when it turns out to be another file.
        let large: Vec<u8> = PDF.iter().copied().cycle().take(6 * 1024 * 1024).collect();
        let other = announcement(&target, PDF);
        let mut said = announcement(&target, &large);
        said["sha256"] = other["sha256"].clone();
        let upload = announced(&app.member(), said).await;
        let answer = put(&server, &upload["uploadUrl"], large).await;
        assert_eq!(told(answer).await, (422, "UPLOAD_MISMATCH".to_owned()));
        assert_eq!((store.names().len(), store.unfinished(), rows(&app).await.len()), (0, 0, 0));
        assert_eq!(store.asked(), ["begin", "drop", "part"]);
    }

    async fn what_nothing_knows_of_is_swept_from_a_store_page_by_page(app) {
        let store = Store::start().await;
        let app = stored(&app, &store).await;
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let mut kept = Vec::new();
        for _ in 0..3 {
            let upload = announced(&app.member(), announcement(&target, PDF)).await;
            assert_eq!(put(&server, &upload["uploadUrl"], PDF.to_vec()).await.status(), 204);
            assert_eq!(app.member().faults("confirmUpload", json!({"id": upload["id"]})).await, [""; 0]);
            kept.push(name(&upload["id"]));
        }
        let unconfirmed = announced(&app.member(), announcement(&target, PDF)).await;
        assert_eq!(put(&server, &unconfirmed["uploadUrl"], PDF.to_vec()).await.status(), 204);
        // Strays among ours, what is not ours by its name, and what lies elsewhere in the bucket.
        for n in 0..4_u128 {
            store.put(&format!("liwan/files/{}", uuid::Uuid::from_u128(n).simple()), PDF);
        }
        kept.extend(["liwan/files/readme.txt".to_owned(), "other/00000000000000000000000000000007".to_owned()]);
        store.put("liwan/files/readme.txt", b"notes");
        store.put("other/00000000000000000000000000000007", PDF);
        let deps = &app.app.deps;
        assert_eq!(objects(&app.database.files).await, 8);
        app.clock.set(app.now() + TimeDelta::minutes(15));
        assert_eq!(sweep::expired(deps).await.unwrap(), 1);
        let written = SystemClock.now();
        assert_eq!(sweep::unknown(deps, written - TimeDelta::hours(1)).await.unwrap(), 0, "too young");
        assert_eq!(sweep::unknown(deps, written + TimeDelta::seconds(1)).await.unwrap(), 4);
        kept.sort();
        assert_eq!(store.names(), kept);
        assert_eq!(store.refused(), 0);
    }

    async fn a_store_that_does_not_know_the_key_takes_nothing(app) {
        let store = Store::start().await;
        let app = app.storing_in(configured(&store, "another key")).await;
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let upload = announced(&app.member(), announcement(&target, PDF)).await;
        let answer = put(&server, &upload["uploadUrl"], PDF.to_vec()).await;
        assert_eq!(told(answer).await, (503, "SERVICE_UNAVAILABLE".to_owned()));
        assert_eq!(app.member().faults("confirmUpload", json!({"id": upload["id"]})).await, ["INVALID_STATE"]);
        assert_eq!(store.names(), [""; 0]);
        assert!(store.refused() > 0);
    }
}

/// The real binary, by its configuration file alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_keeps_attachments_where_its_configuration_says() {
    let store = Store::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.toml");
    std::fs::write(file, store.configuration(SECRET)).unwrap();
    let demo = Served::start(folder.path(), &["demo", "--config", "demo.toml"]);
    let tokens = folder.path().join("honglian-data/demo-tokens.json");
    let tokens: Value = serde_json::from_str(&std::fs::read_to_string(tokens).unwrap()).unwrap();
    let member = tokens["member"].as_str().unwrap();
    let own = "{ enterpriseIssues(first: 1, filter: {state: {eq: IN_PROGRESS}}) { nodes { id } } }";
    let own = demo.ask(member, own, json!({})).await;
    let issue = own["data"]["enterpriseIssues"]["nodes"][0]["id"].clone();
    let input = announcement(&json!({"issueId": issue}), PDF);
    let fields = "attachment { id uploadUrl }";
    let upload = demo.does(member, "createUpload", fields, input).await;
    let http = reqwest::Client::new();
    let sent = http.put(demo.at(upload["uploadUrl"].as_str().unwrap()));
    assert_eq!(sent.body(PDF).send().await.unwrap().status(), 204);
    let confirm = json!({"id": upload["id"]});
    let done = demo
        .does(
            member,
            "confirmUpload",
            "attachment { downloadUrl }",
            confirm,
        )
        .await;
    let shown = http.get(demo.at(done["downloadUrl"].as_str().unwrap()));
    assert_eq!(shown.send().await.unwrap().bytes().await.unwrap(), PDF);
    assert_eq!(store.names(), [name(&upload["id"])]);
    let local = folder.path().join("honglian-data/attachments");
    assert!(!local.exists(), "nothing lies in the folder");
}
