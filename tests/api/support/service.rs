//! Officers, their enterprises and their visits in the Liwan data, and what an action leaves in
//! the audit and among the events.

use entity::officer_assignment::{self, AssignmentStatus};
use honglian::demo::Actor;
use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::app::TestApp;
use super::database::{cast, dataset};

/// An id of the right form that nothing has.
pub fn nothing(kind: Kind) -> String {
    encode(kind, Uuid::from_u128(5))
}

/// The assignment in force of an enterprise.
pub fn serving(enterprise: Uuid) -> &'static officer_assignment::Model {
    let all = dataset().rows.assignments.iter();
    let of = |row: &&officer_assignment::Model| {
        row.enterprise_id == enterprise && row.status == AssignmentStatus::Active
    };
    all.clone().find(of).unwrap()
}

/// The officer who serves an enterprise, by its id at the border.
pub fn officer_of(enterprise: Uuid) -> String {
    encode(Kind::Officer, serving(enterprise).officer_id)
}

/// An ended assignment of an enterprise that has a user.
pub fn former() -> (&'static officer_assignment::Model, Actor) {
    let rows = &dataset().rows;
    let mut ended = rows
        .assignments
        .iter()
        .filter(|row| row.status == AssignmentStatus::Ended);
    ended
        .find_map(|row| {
            let mut users = rows.users.iter();
            let user = users.find(|user| user.enterprise_id == Some(row.enterprise_id))?;
            let actor = Actor {
                user_id: user.id,
                subject: user.subject.clone(),
                role: user.role,
                enterprise_id: user.enterprise_id,
                ..cast().member.clone()
            };
            Some((row, actor))
        })
        .unwrap()
}

/// A department of the Liwan district, by its code.
pub fn department(code: &str) -> String {
    let rows = &dataset().rows;
    let district = rows.officers[0].district_id;
    let mut departments = rows.departments.iter();
    let found = departments.find(|row| row.district_id == district && row.code == code);
    encode(Kind::Department, found.unwrap().id)
}

/// A new officer of the health department, by its id.
pub async fn new_officer(app: &TestApp, post: &str) -> String {
    let input = json!({"postTitle": post, "departmentId": department("HEALTH")});
    let done = app
        .operator()
        .mutate("createOfficer", "officer { id }", input)
        .await;
    done["officer"]["id"].as_str().unwrap().to_owned()
}

/// Lets an officer serve so many enterprises.
pub async fn capacity(app: &TestApp, officers: i32) {
    let query = "{ district { policy { revision } } }";
    let revision = app.admin().read(query).await["district"]["policy"]["revision"].clone();
    let input = json!({"expectedVersion": revision, "officerCapacity": officers});
    let faults = app.admin().faults("updateDistrictPolicy", input).await;
    assert_eq!(faults, [""; 0]);
}

/// What has been recorded so far.
pub struct Ledger {
    actions: usize,
    events: usize,
}

impl Ledger {
    pub async fn of(app: &TestApp) -> Self {
        Self {
            actions: actions(app).await.len(),
            events: events(app).await.len(),
        }
    }

    /// The actions and the events since.
    pub async fn since(&self, app: &TestApp) -> (Vec<String>, Vec<String>) {
        let (actions, events) = (actions(app).await, events(app).await);
        let new = |all: Vec<String>, known| all.into_iter().skip(known).collect();
        (new(actions, self.actions), new(events, self.events))
    }

    /// Holds that nothing was recorded since.
    pub async fn unchanged(&self, app: &TestApp) {
        assert_eq!(self.since(app).await, (vec![], vec![]));
    }
}

async fn actions(app: &TestApp) -> Vec<String> {
    texts(app, "SELECT action FROM audit_entry ORDER BY id").await
}

async fn events(app: &TestApp) -> Vec<String> {
    texts(app, "SELECT event_type FROM outbox_event ORDER BY id").await
}

async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    let db = &app.database.db;
    let statement = Statement::from_string(db.backend(), sql);
    let rows = db.conn().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// The sum of a number over a list.
pub fn sum(nodes: &Value, number: impl Fn(&Value) -> &Value) -> i64 {
    let nodes = nodes.as_array().unwrap().iter();
    nodes.map(|node| number(node).as_i64().unwrap()).sum()
}
