//! A database of the version before the clocks, with the Liwan data in it as that version kept them:
//! it is brought up to date, the sweep gives the open issues the clocks that their steps have earned,
//! and the issues go on.

use std::collections::BTreeSet;

use honglian::domain::issue::commands::sweep;
use honglian::store::Db;
use honglian::store::connect::{migrate, open};
use migration::{Migrator, MigratorTrait};
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel,
    Iterable, Statement,
};
use serde_json::json;

use crate::issue::actors::Issue;
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, dataset, empty_postgres};

/// The steps that the version before had.
const BEFORE: u32 = 3;

/// The columns that a table has now.
async fn columns(db: &Db, table: &str) -> BTreeSet<String> {
    let sql = match db.backend() {
        DbBackend::Postgres => format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'"
        ),
        _ => format!("SELECT name FROM pragma_table_info('{table}')"),
    };
    let statement = Statement::from_string(db.backend(), sql);
    let rows = db.conn().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Writes rows as the version before would have: without what it did not have.
async fn write<E>(db: &Db, rows: Vec<E::Model>)
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    let table = E::default().table_name().to_owned();
    let known = columns(db, &table).await;
    assert!(!known.is_empty(), "{table}");
    let all: Vec<E::Column> = E::Column::iter()
        .filter(|column| known.contains(column.as_str()))
        .collect();
    for row in rows {
        let row: E::ActiveModel = row.into_active_model();
        let values = all.iter().map(|column| {
            let value = row.get(*column).into_value().unwrap();
            sea_orm::sea_query::Expr::val(value)
        });
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(table.as_str()))
            .columns(all.iter().map(|column| Alias::new(column.as_str())))
            .values_panic(values);
        let statement = db.backend().build(&insert);
        db.conn().execute_raw(statement).await.unwrap();
    }
}

/// A database of the version before that holds the Liwan data.
async fn before(url: &str) -> Db {
    let db = open(url, 4).await.unwrap();
    Migrator::up(db.conn(), Some(BEFORE)).await.unwrap();
    assert!(!columns(&db, "enterprise_issue").await.contains("warn_at"));
    let rows = dataset().rows.clone();
    write::<entity::district::Entity>(&db, rows.districts).await;
    write::<entity::district_baseline::Entity>(&db, rows.baselines).await;
    write::<entity::department::Entity>(&db, rows.departments).await;
    write::<entity::issue_category::Entity>(&db, rows.categories).await;
    write::<entity::enterprise::Entity>(&db, rows.enterprises).await;
    write::<entity::service_officer::Entity>(&db, rows.officers).await;
    write::<entity::user_account::Entity>(&db, rows.users).await;
    write::<entity::district_policy::Entity>(&db, rows.policies).await;
    write::<entity::membership::Entity>(&db, rows.memberships).await;
    write::<entity::pairing::Entity>(&db, rows.pairings).await;
    write::<entity::pairing_member::Entity>(&db, rows.pairing_members).await;
    write::<entity::officer_assignment::Entity>(&db, rows.assignments).await;
    write::<entity::service_visit::Entity>(&db, rows.visits).await;
    write::<entity::enterprise_issue::Entity>(&db, rows.issues).await;
    write::<entity::issue_co_department::Entity>(&db, rows.co_departments).await;
    write::<entity::issue_transition::Entity>(&db, rows.transitions).await;
    write::<entity::issue_progress::Entity>(&db, rows.progress).await;
    write::<entity::issue_rating::Entity>(&db, rows.ratings).await;
    write::<entity::issue_counter::Entity>(&db, rows.counters).await;
    db
}

async fn upgraded(url: &str) {
    let db = before(url).await;
    assert!(migrate(&db).await.unwrap() > 0);
    let app = TestApp::on(TestDatabase::of(db, url.to_owned()));
    let operator = app.operator();
    let total = "{ enterpriseIssues { totalCount } }";
    assert_eq!(
        operator.read(total).await["enterpriseIssues"]["totalCount"],
        168
    );
    assert_eq!(app.count("issue_clock").await, 0);
    // The eighteen that somebody works on or answers for, the three answered ones and the nineteen closed.
    let changed = sweep(&app.app.deps).await.unwrap();
    assert!(changed >= 40, "{changed}");
    assert_eq!(sweep(&app.app.deps).await.unwrap(), 0, "once");
    // As in the demo of this version, but for what an older one had no row for: the one extension.
    let mut lights = Vec::new();
    for light in ["GREEN", "YELLOW", "RED", "GREY"] {
        let query = "query($light: IssueLight!) { enterpriseIssues(filter: {light: {eq: $light}}) { totalCount } }";
        let told = operator.read_with(query, json!({"light": light})).await;
        lights.push(told["enterpriseIssues"]["totalCount"].as_i64().unwrap());
    }
    assert_eq!(lights, [7, 2, 4, 5]);
    clocks_are_the_demos(&app).await;
    goes_on(&app).await;
}

/// What a clock of the answer, of the acceptance or of the first contact says is what it says in the
/// data of this version.
async fn clocks_are_the_demos(app: &TestApp) {
    use entity::issue_clock::{self, ClockKind};
    let found = issue_clock::Entity::find()
        .all(app.database.db.conn())
        .await
        .unwrap();
    let rows = &dataset().rows;
    let mut compared = 0;
    for clock in found.iter().filter(|clock| clock.ended_at.is_none()) {
        let mut issues = rows.issues.iter();
        let issue = issues.find(|issue| issue.id == clock.issue_id).unwrap();
        let mut own = rows.clocks.iter();
        let known = own.find(|known| {
            (known.issue_id, known.kind, known.round) == (clock.issue_id, clock.kind, clock.round)
        });
        // What a step promises was not kept with it, nor was more time.
        if clock.kind == ClockKind::NextReply || issue.extension_count > 0 {
            continue;
        }
        let known = known.unwrap_or_else(|| panic!("{} {:?}", issue.number, clock.kind));
        let told = |clock: &issue_clock::Model| {
            (
                clock.started_at,
                clock.running_since,
                clock.paused_at,
                clock.spent_seconds,
                clock.limit_days,
                clock.warn_at,
                clock.due_at,
            )
        };
        assert_eq!(
            told(clock),
            told(known),
            "{} {:?}",
            issue.number,
            clock.kind
        );
        compared += 1;
    }
    assert!(compared >= 18, "{compared}");
}

/// An issue that was open in the version before is handled, answered and rated in this one.
async fn goes_on(app: &TestApp) {
    let (officer, member) = (app.officer(), app.member());
    let query = "{ enterpriseIssues(first: 50, filter: {state: {eq: IN_PROGRESS}}) { nodes { id version state } } }";
    let own = member.read(query).await["enterpriseIssues"]["nodes"].clone();
    let issue = Issue::of(&own[0]);
    let days = "query($id: ID!) { explainDeadline(issueId: $id) { kind } }";
    let told = member.read_with(days, json!({"id": issue.id})).await;
    assert!(!told["explainDeadline"].as_array().unwrap().is_empty());
    let issue = officer.responds(&issue).await;
    let issue = member.rates(&issue, 5).await;
    assert_eq!(issue.state, "CLOSED");
    // And a year of issues later one comes in with the next number.
    let number = member.creates(json!({})).await;
    let number = member.sees(&number, "number").await;
    let last = dataset().rows.counters.iter().find(|row| row.year == 2021);
    let next = format!("LW-2021-{:06}", last.unwrap().last_number + 1);
    assert_eq!(number["number"], next.as_str());
}

#[test]
fn open_issues_of_the_version_before_get_their_clocks_sqlite() {
    crate::support::on_a_server_thread(|| async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("before.db");
        upgraded(&format!("sqlite://{}?mode=rwc", file.display())).await;
    });
}

#[test]
fn open_issues_of_the_version_before_get_their_clocks_postgres() {
    crate::support::on_a_server_thread(|| async {
        if let Some(url) = empty_postgres().await {
            upgraded(&url).await;
        }
    });
}
