//! What tests read and set behind the service's back, in the same words on both databases.

use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use uuid::Uuid;

use super::app::TestApp;
use super::database::dataset;

/// The id at the border of an enterprise of the Liwan data, by its name.
pub fn enterprise(name: &str) -> String {
    encode(Kind::Enterprise, enterprise_row(name))
}

/// The row of an enterprise of the Liwan data, by its name.
pub fn enterprise_row(name: &str) -> Uuid {
    let rows = &dataset().rows.enterprises;
    let found = rows.iter().find(|row| row.name == name);
    found.unwrap_or_else(|| panic!("no enterprise {name}")).id
}

/// The name of an enterprise of the Liwan data.
pub fn name_of(enterprise: Uuid) -> &'static str {
    let rows = &dataset().rows.enterprises;
    &rows.iter().find(|row| row.id == enterprise).unwrap().name
}

/// An id as an SQL literal, on this database.
pub fn literal(app: &TestApp, id: Uuid) -> String {
    match app.database.db.backend() {
        sea_orm::DbBackend::Postgres => format!("'{id}'"),
        _ => format!("X'{}'", id.simple()),
    }
}

impl TestApp {
    /// Runs SQL that must succeed.
    pub async fn execute(&self, sql: &str) {
        let done = self.database.db.conn().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The texts of the first column.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let db = &self.database.db;
        let statement = Statement::from_string(db.backend(), sql);
        let rows = db.conn().query_all_raw(statement).await.unwrap();
        let rows = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
        rows.collect()
    }

    /// What was recorded since the last look: each audit entry as `action target`, then each event
    /// as its type. In the order written.
    pub async fn trail(&self) -> Vec<String> {
        let audit = "SELECT action || ' ' || target_kind FROM audit_entry ORDER BY id";
        let events = "SELECT event_type FROM outbox_event ORDER BY id";
        let (audit, events) = (self.texts(audit).await, self.texts(events).await);
        let mut looked_at = self.looked_at.lock().unwrap();
        let [first, second] = std::mem::replace(&mut *looked_at, [audit.len(), events.len()]);
        let new = audit.into_iter().skip(first);
        new.chain(events.into_iter().skip(second)).collect()
    }
}

/// An input with some of its fields replaced.
pub fn with(mut input: Value, change: impl std::borrow::Borrow<Value>) -> Value {
    for (field, value) in change.borrow().as_object().unwrap() {
        input[field] = value.clone();
    }
    input
}

/// The texts of a list in an answer.
pub fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|item| item.as_str().unwrap()).collect()
}
