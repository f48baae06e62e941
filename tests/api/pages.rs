//! The explorer pages as a browser shows them. They know no database, so one is enough.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::binary::{free_port, refused};
use crate::support::demo::Demo;
use crate::support::node::{Project, skip};

/// The folder of the built GraphiQL, made once.
fn graphiql() -> Option<&'static str> {
    static BUILT: OnceLock<bool> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let project = Project::open("web/graphiql");
        project.is_some_and(|project| {
            project.run("npm", &["run", "build"]);
            true
        })
    });
    built.then_some(concat!(env!("CARGO_MANIFEST_DIR"), "/web/graphiql/dist"))
}

/// The configuration that shows it.
fn shows(folder: &str) -> String {
    format!("[graphql]\nexplorer_dir = '{folder}'")
}

fn browser() -> Option<&'static str> {
    let places = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];
    let found = places.into_iter().find(|place| Path::new(place).exists());
    found.or_else(|| skip("no browser: install chromium"))
}

/// What a browser finds at the explorer of a server.
fn open(demo: &Demo, kind: &str) -> Option<Value> {
    let (browser, pages) = (browser()?, Project::open("tests/web-pages")?);
    let printed = pages.run("node", &["open.js", browser, &demo.at(""), kind]);
    Some(serde_json::from_str(&printed).unwrap())
}

#[test]
fn our_own_page_asks_as_each_of_the_demos_users() {
    let Some(found) = open(&Demo::on_sqlite(), "own") else {
        return;
    };
    let member = json!({"role": "MEMBER", "enterprise": {"name": "演示企业 012 有限公司"}});
    let district = json!({"role": "DISTRICT", "enterprise": null});
    let answers = json!({"district": district, "member": member});
    assert_eq!(
        found,
        json!({"answers": answers, "faults": [], "foreign": []})
    );
}

#[test]
fn graphiql_asks_as_each_of_the_demos_users_and_loads_nothing_from_elsewhere() {
    let Some(folder) = graphiql() else { return };
    let demo = Demo::start(&shows(folder));
    let Some(found) = open(&demo, "graphiql") else {
        return;
    };
    assert_eq!(
        (&found["faults"], &found["foreign"]),
        (&json!([]), &json!([]))
    );
    let answers = &found["answers"];
    for user in ["district", "member"] {
        assert_eq!(answers[user]["told"], answers[user]["shown"], "{user}");
    }
    let figures = &answers["district"]["shown"]["data"]["headlineStatistics"];
    assert_eq!(figures["allianceTotal"]["display"], "31 家");
    let enterprise = &answers["member"]["shown"]["data"]["viewer"]["enterprise"];
    assert_eq!(enterprise["name"], "演示企业 012 有限公司");
    assert_eq!(
        answers["roots"],
        json!(["Query", "Mutation", "Subscription"])
    );
}

#[tokio::test]
async fn only_what_was_built_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    file("index.html", "<p>built</p>");
    file("assets/page.js", "1");
    file("assets/notes.txt", "2");
    file("secret.js", "3");
    let demo = Demo::start(&shows(folder.path().to_str().unwrap()));
    let get = |path: &'static str| {
        let url = demo.at(&format!("/graphiql{path}"));
        async move {
            let response = reqwest::get(url).await.unwrap();
            let kind = response.headers().get("content-type").cloned();
            let kind = kind.map(|kind| kind.to_str().unwrap().to_owned());
            (
                response.status().as_u16(),
                kind.unwrap_or_default(),
                response.text().await.unwrap(),
            )
        }
    };
    let (status, kind, text) = get("").await;
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(text, "<p>built</p>");
    let script = (
        200,
        "text/javascript; charset=utf-8".to_owned(),
        "1".to_owned(),
    );
    assert_eq!(get("/assets/page.js").await, script);
    for absent in [
        "/assets/notes.txt",
        "/assets/..%2Fsecret.js",
        "/secret.js",
        "/assets/x.js",
    ] {
        let (status, _, text) = get(absent).await;
        assert_eq!(status, 404, "{absent}");
        let refusal: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            refusal["errors"][0]["extensions"]["code"], "NOT_FOUND",
            "{absent}"
        );
    }
}

#[test]
fn a_folder_without_a_page_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    for place in ["empty", "nowhere"] {
        std::fs::write(folder.path().join("demo.toml"), shows(place)).unwrap();
        let listen = format!("127.0.0.1:{}", free_port());
        let demo = ["demo", "--config", "demo.toml", "--listen", &listen];
        let line = format!(
            "graphql.explorer_dir {place} holds no index.html; build it with `npm ci && npm run \
             build` in web/graphiql"
        );
        assert_eq!(refused(folder.path(), &demo), (3, line));
        assert!(!folder.path().join("honglian-data/honglian.db").exists());
    }
}

/// What the pages offer to try.
fn examples() -> Vec<Value> {
    let examples = include_str!("../../src/http/examples.json");
    serde_json::from_str(examples).unwrap()
}

fn user<'a>(app: &'a TestApp, name: &str) -> Person<'a> {
    match name {
        "district" => app.operator(),
        "admin" => app.admin(),
        "auditor" => app.auditor(),
        "officer" => app.officer(),
        "lead" => app.lead(),
        "member" => app.member(),
        other => panic!("{other} has no token in the demo"),
    }
}

on_both! {
    async fn every_user_has_an_example_and_every_example_finds_something(app) {
        let mut users = std::collections::BTreeSet::new();
        for example in examples() {
            let name = example["user"].as_str().unwrap();
            users.insert(name.to_owned());
            let query = example["query"].as_str().unwrap();
            let data = user(&app, name).read_with(query, example["variables"].clone()).await;
            for (field, found) in data.as_object().unwrap() {
                assert!(!found.is_null(), "{}: {field}", example["title"]);
                assert_ne!(found["totalCount"], 0, "{}: {field}", example["title"]);
            }
        }
        assert_eq!(users.len(), 6);
    }
}
