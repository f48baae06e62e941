//! What happens, told to whoever may know it.

mod clients;
mod documents;
mod inbox;
mod many;
mod order;
mod protocol;
mod rights;
mod scope;
mod stream;

use serde_json::{Value, json};

use crate::support::app::{Person, TestApp};
use crate::support::database::cast;
use honglian::kernel::id::{Kind, encode};

/// Everything about issues, with what tells which.
const ISSUES: &str = "subscription { enterpriseIssueChanged { id type changedFields \
    enterpriseIssue { id title state } } }";

/// Changes rows behind the server's back, as an operator at the database might.
async fn execute(app: &TestApp, sql: &str) {
    use sea_orm::ConnectionTrait;
    let conn = app.database.db.conn();
    conn.execute_unprepared(sql).await.unwrap();
}

/// A draft of the member's, as its author has it.
struct Draft {
    id: Value,
    version: i64,
}

/// Writes a draft. `visibility` is who else sees it once it is submitted.
async fn draft(who: &Person<'_>, title: &str, visibility: &str) -> Draft {
    let category = who
        .read("{ viewer { district { issueCategories { nodes { id } } } } }")
        .await;
    let category = &category["viewer"]["district"]["issueCategories"]["nodes"][0]["id"];
    let input = json!({"title": title, "body": "正文", "nature": "HELP", "categoryId": category,
        "visibility": visibility});
    let payload = who
        .mutate("createIssue", "enterpriseIssue { id version }", input)
        .await;
    assert_eq!(payload["userErrors"], json!([]));
    let issue = &payload["enterpriseIssue"];
    Draft {
        id: issue["id"].clone(),
        version: issue["version"].as_i64().unwrap(),
    }
}

impl Draft {
    /// Takes a step with the version that the step before left.
    async fn step(&mut self, who: &Person<'_>, mutation: &str, mut more: Value) {
        more["id"] = self.id.clone();
        more["expectedVersion"] = json!(self.version);
        let payload = who
            .mutate(mutation, "enterpriseIssue { version }", more)
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        self.version = payload["enterpriseIssue"]["version"].as_i64().unwrap();
    }

    async fn submit(&mut self, who: &Person<'_>) {
        self.step(who, "submitIssue", json!({})).await;
    }

    async fn accept(&mut self, who: &Person<'_>) {
        let more = json!({"complexity": "GENERAL", "urgency": "NORMAL"});
        self.step(who, "acceptIssue", more).await;
    }

    /// Assigns it to the department of the cast's officer.
    async fn assign(&mut self, app: &TestApp) {
        use sea_orm::EntityTrait;
        let officer = cast().officer.officer_id.unwrap();
        let post = entity::service_officer::Entity::find_by_id(officer)
            .one(app.database.db.conn())
            .await
            .unwrap()
            .unwrap();
        let department = encode(Kind::Department, post.department_id);
        let more = json!({"leadDepartmentId": department});
        self.step(&app.operator(), "assignIssue", more).await;
    }
}
