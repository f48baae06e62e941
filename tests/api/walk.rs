//! From an empty database to the first issue solved, as docs/operations.md tells it: the real
//! binary, real tokens, real HTTP.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::binary::{Served, told};
use crate::support::database;

const ISSUE: &str = "enterpriseIssue { id version state number outcome }";
const USCC: &str = "91350100M000100Y43";

/// A step on the issue as it stands now.
async fn step(server: &Served, who: &str, name: &str, issue: &Value, mut more: Value) -> Value {
    more["id"] = issue["id"].clone();
    more["expectedVersion"] = issue["version"].clone();
    server.does(who, name, ISSUE, more).await
}

async fn walk(folder: &Path, database: &str) {
    let honglian = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--database-url", database]);
        told(folder, &all)
    };
    let user = |arguments: &[&str]| {
        let mut all = vec!["user", "add", "--district", "440103"];
        all.extend(arguments);
        honglian(&all)
    };
    let token = |user: &str| honglian(&["token", "--user", user, "--ttl", "30m"]);

    honglian(&["keys", "generate"]);
    honglian(&["migrate", "up"]);
    honglian(&["district", "add", "440103", "荔湾区", "--prefix", "LW"]);
    let admin = token(&user(&["--role", "district", "--perms", "admin"]));
    let operator = token(&user(&["--role", "district", "--name", "区级经办 1"]));

    let server = Served::start(folder, &["serve", "--database-url", database]);
    let input = json!({"code": "COMMERCE", "name": "区商务局", "governanceRole": "PARTICIPATING", "isActive": true});
    let department = server
        .does(&admin, "upsertDepartment", "department { id }", input)
        .await;
    let input = json!({"uscc": USCC, "name": "首家企业有限公司", "ownership": "PRIVATE"});
    let enterprise = server
        .does(&operator, "createEnterprise", "enterprise { id }", input)
        .await;
    let input = json!({"postTitle": "区商务局副局长", "departmentId": department["id"]});
    let post = server
        .does(&operator, "createOfficer", "officer { id }", input)
        .await;
    let input = json!({"officerId": post["id"], "enterpriseId": enterprise["id"]});
    server
        .does(&operator, "assignOfficer", "assignment { id }", input)
        .await;

    let member = token(&user(&["--role", "member", "--enterprise", USCC]));
    let officer = token(&user(&[
        "--role",
        "district",
        "--officer",
        post["id"].as_str().unwrap(),
    ]));
    let categories = server
        .ask(
            &member,
            "{ district { issueCategories { nodes { id code } } } }",
            json!({}),
        )
        .await;
    let categories = categories["data"]["district"]["issueCategories"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(categories.len(), 13);

    let input = json!({"title": "仓库用地", "body": "需要一处仓库用地。", "nature": "HELP",
        "categoryId": categories.iter().find(|category| category["code"] == "LAND_SPACE").unwrap()["id"]});
    let issue = server.does(&member, "createIssue", ISSUE, input).await;
    let year = &issue["number"].as_str().unwrap()[3..7];
    assert_eq!(issue["number"], format!("LW-{year}-000001"));
    let contact = json!({"contact": {"name": "行政主管", "mobile": "13800000001"}});
    let issue = step(&server, &member, "submitIssue", &issue, contact).await;
    let input = json!({"complexity": "GENERAL", "urgency": "NORMAL"});
    let issue = step(&server, &operator, "acceptIssue", &issue, input).await;
    let input = json!({"leadDepartmentId": department["id"]});
    let issue = step(&server, &operator, "assignIssue", &issue, input).await;
    let input = json!({"firstContact": "已电话联系企业。"});
    let issue = step(&server, &officer, "startHandling", &issue, input).await;
    let input = json!({"body": "已踏勘两处地块。"});
    let issue = step(&server, &officer, "addProgress", &issue, input).await;
    let input = json!({"reply": "已协调一处仓库。", "outcome": "SOLVED"});
    let issue = step(&server, &officer, "respondToIssue", &issue, input).await;
    let input = json!({"stars": 5, "isResolved": true});
    let issue = step(&server, &member, "rateIssue", &issue, input).await;
    assert_eq!(
        (&issue["state"], &issue["outcome"]),
        (&json!("CLOSED"), &json!("SOLVED"))
    );

    let solved = "{ headlineStatistics { issuesSolved { value } officers { value } } }";
    let figures = server.ask(&operator, solved, json!({})).await;
    assert_eq!(
        figures["data"]["headlineStatistics"],
        json!({"issuesSolved": {"value": 1}, "officers": {"value": 1}})
    );
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    walk(folder.path(), "sqlite://first.db?mode=rwc").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres() {
    let folder = tempfile::tempdir().unwrap();
    if let Some(url) = database::empty_postgres().await {
        walk(folder.path(), &url).await;
    }
}
