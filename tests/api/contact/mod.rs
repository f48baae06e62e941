//! Contacts of enterprises and of issues: who reads and writes what, and that nothing that is
//! stored tells it.

mod keys;
mod reading;
mod rest;
mod writing;

use honglian::demo::NewContact;
use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Person, TestApp};
use crate::support::database::{cast, dataset};

/// A number that the Liwan data do not have.
const NUMBER: &str = "13912345678";

/// The first contact of an enterprise of the Liwan data.
fn first_of(enterprise: Option<Uuid>) -> &'static NewContact {
    let mut all = dataset().contacts.iter();
    all.find(|contact| Some(contact.enterprise_id) == enterprise)
        .unwrap()
}

/// The id of the member's first contact.
fn members() -> String {
    encode(Kind::Contact, first_of(cast().member.enterprise_id).id)
}

fn member_enterprise() -> String {
    encode(Kind::Enterprise, cast().member.enterprise_id.unwrap())
}

/// A new contact of the member's.
async fn created(person: &Person<'_>, change: Value) -> Value {
    let mut input = json!({
        "enterpriseId": member_enterprise(),
        "name": "张三丰",
        "mobile": NUMBER,
        "email": "zhang@example.com",
        "postTitle": "人事主管",
    });
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    let fields = "contact { id version isPrimary name mobile email postTitle nameMasked \
                  mobileMasked emailMasked isRedacted }";
    let done = person.mutate("createContact", fields, input).await;
    assert_eq!(done["userErrors"], json!([]));
    done["contact"].clone()
}

/// A draft of the member's.
async fn draft(app: &TestApp, change: Value) -> Value {
    let category = dataset().rows.categories[0].id;
    let mut input = json!({
        "title": "门前道路积水",
        "body": "请协助解决",
        "nature": "HELP",
        "categoryId": encode(Kind::Category, category),
    });
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    let fields = "enterpriseIssue { id version contact { id name mobile issue { id } } }";
    let done = app.member().mutate("createIssue", fields, input).await;
    assert_eq!(done["userErrors"], json!([]));
    done["enterpriseIssue"].clone()
}
