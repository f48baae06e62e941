//! Which officer serves which enterprise: the beginning, the end, the handover, and the issues
//! that follow.

use std::collections::BTreeMap;

use entity::enterprise_issue::IssueState;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};
use crate::support::service::{Ledger, capacity, new_officer, nothing, officer_of, serving};
use honglian::kernel::id::{Kind, encode};

const TERMINAL: [IssueState; 4] = [
    IssueState::Archived,
    IssueState::Rejected,
    IssueState::Withdrawn,
    IssueState::Merged,
];

fn member() -> Uuid {
    cast().member.enterprise_id.unwrap()
}

fn firm(id: Uuid) -> String {
    encode(Kind::Enterprise, id)
}

fn assignment_of(id: Uuid) -> String {
    encode(Kind::Assignment, serving(id).id)
}

/// The enterprise with the most issues that are still under way, of those that also have some at
/// their end.
fn troubled() -> Uuid {
    let issues = &dataset().rows.issues;
    let count = |id, at_end| {
        let of = |issue: &&entity::enterprise_issue::Model| {
            issue.enterprise_id == id && TERMINAL.contains(&issue.state) == at_end
        };
        issues.iter().filter(of).count()
    };
    let mut firms: Vec<Uuid> = issues.iter().map(|issue| issue.enterprise_id).collect();
    firms.sort_unstable();
    firms.retain(|id| count(*id, true) > 0 && count(*id, false) > 0);
    firms
        .into_iter()
        .max_by_key(|id| count(*id, false))
        .unwrap()
}

/// The issues of an enterprise: id to officer, state and version.
async fn issues(
    app: &TestApp,
    enterprise: Uuid,
) -> BTreeMap<String, (Option<Uuid>, IssueState, i32)> {
    use entity::enterprise_issue::{Column, Entity};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let found = Entity::find().filter(Column::EnterpriseId.eq(enterprise));
    let found = found.all(app.database.db.conn()).await.unwrap();
    let of = |issue: entity::enterprise_issue::Model| {
        let id = encode(Kind::Issue, issue.id);
        (id, (issue.officer_id, issue.state, issue.version))
    };
    found.into_iter().map(of).collect()
}

/// An enterprise without an officer.
async fn new_firm(app: &TestApp) -> String {
    let input =
        json!({"uscc": "91350100M000100Y43", "name": "新企业有限公司", "ownership": "PRIVATE"});
    let done = app
        .operator()
        .mutate("createEnterprise", "enterprise { id }", input)
        .await;
    done["enterprise"]["id"].as_str().unwrap().to_owned()
}

fn row(officer: &str) -> Uuid {
    honglian::kernel::id::decode(Kind::Officer, officer).unwrap()
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

const ROW: &str =
    "assignment { version status fromOn toOn reason endReason officer { id } enterprise { id } }";

on_both! {
    async fn an_officer_is_assigned_and_the_enterprise_shows_it(app) {
        let (officer, enterprise) = (new_officer(&app, "新任").await, new_firm(&app).await);
        let ledger = Ledger::of(&app).await;
        let input = json!({"officerId": officer, "enterpriseId": enterprise, "fromOn": "2021-01-11", "reason": "分片包干"});
        let done = app.operator().mutate("assignOfficer", ROW, input).await;
        assert_eq!(done, json!({"userErrors": [], "assignment": {"version": 1, "status": "ACTIVE", "fromOn": "2021-01-11", "toOn": null,
            "reason": "分片包干", "endReason": null, "officer": {"id": officer}, "enterprise": {"id": enterprise}}}));
        assert_eq!(ledger.since(&app).await, (vec!["assignOfficer".to_owned()], vec!["assignment.started".to_owned()]));
        let query = "query($id: ID!) { enterprise(by: {id: $id}) { officer { id } } }";
        let shown = app.officer().read_with(query, json!({"id": enterprise})).await;
        assert_eq!(shown["enterprise"]["officer"]["id"], officer);
        let today = new_officer(&app, "今任").await;
        capacity(&app, 2).await;
        let input = json!({"officerId": today, "enterpriseId": firm(dataset().rows.enterprises.iter().find(|row| {
            row.district_id == dataset().rows.officers[0].district_id
                && !dataset().rows.assignments.iter().any(|known| known.enterprise_id == row.id)
        }).unwrap().id)});
        let done = app.admin().mutate("assignOfficer", ROW, input).await;
        assert_eq!((&done["assignment"]["fromOn"], &done["assignment"]["reason"]), (&json!("2021-01-20"), &Value::Null));
    }

    async fn a_bad_assignment_is_told_at_its_path_and_writes_nothing(app) {
        let (officer, enterprise) = (new_officer(&app, "新任").await, new_firm(&app).await);
        let other = dataset().rows.enterprises.iter().find(|row| row.district_id != dataset().rows.officers[0].district_id).unwrap();
        let retired = new_officer(&app, "离任").await;
        let retire = json!({"id": retired, "expectedVersion": 1, "status": "RETIRED"});
        assert_eq!(app.operator().faults("updateOfficer", retire).await, [""; 0]);
        let ledger = Ledger::of(&app).await;
        let input = |officer: &str, enterprise: &str| json!({"officerId": officer, "enterpriseId": enterprise});
        let mut cases = vec![
            (input(&nothing(Kind::Officer), &enterprise), "NOT_FOUND input.officerId"),
            (input(&enterprise, &enterprise), "NOT_FOUND input.officerId"),
            (input(&officer, &nothing(Kind::Enterprise)), "NOT_FOUND input.enterpriseId"),
            (input(&officer, &officer), "NOT_FOUND input.enterpriseId"),
            (input(&officer, &firm(other.id)), "NOT_FOUND input.enterpriseId"),
            (input(&retired, &enterprise), "INVALID_STATE input.officerId"),
            // A second officer, and the same a second time.
            (input(&officer, &firm(member())), "TAKEN input.enterpriseId"),
            (input(&officer_of(member()), &firm(member())), "TAKEN input.enterpriseId"),
            // The policy of the data set is one to one.
            (input(&officer_of(member()), &enterprise), "LIMIT_EXCEEDED input.officerId"),
        ];
        for (field, value, expected) in [
            ("fromOn", json!("2021-01-21"), "OUT_OF_RANGE input.fromOn"),
            ("fromOn", json!("1999-12-31"), "OUT_OF_RANGE input.fromOn"),
            ("reason", json!("长".repeat(10_000)), "TOO_LONG input.reason"),
            ("reason", json!("a\u{0}b"), "INVALID input.reason"),
        ] {
            let mut bad = input(&officer, &enterprise);
            bad[field] = value;
            cases.push((bad, expected));
        }
        for (input, expected) in cases {
            assert_eq!(app.operator().faults("assignOfficer", input).await, [expected]);
        }
        let foreign = input(&officer, &enterprise);
        assert_eq!(app.other_district().faults("assignOfficer", foreign).await, ["NOT_FOUND input.officerId"]);
        ledger.unchanged(&app).await;
        let gone = json!({"id": enterprise, "expectedVersion": 1, "reason": "注销"});
        assert_eq!(app.operator().faults("deactivateEnterprise", gone).await, [""; 0]);
        let late = input(&officer, &enterprise);
        assert_eq!(app.operator().faults("assignOfficer", late).await, ["INVALID_STATE input.enterpriseId"]);
        assert_eq!(app.count("officer_assignment").await, 86);
    }

    async fn an_officer_serves_as_many_as_the_policy_says(app) {
        capacity(&app, 2).await;
        let input = json!({"officerId": officer_of(member()), "enterpriseId": new_firm(&app).await});
        assert_eq!(app.operator().faults("assignOfficer", input).await, [""; 0]);
        capacity(&app, 1).await;
        // What is there stays; only more is refused.
        let query = format!("{{ serviceOfficer(id: \"{}\") {{ assignments {{ totalCount }} }} }}", officer_of(member()));
        assert_eq!(app.operator().read(&query).await["serviceOfficer"]["assignments"]["totalCount"], 2);
    }

    async fn of_two_officers_for_one_enterprise_one_wins(app) {
        let enterprise = new_firm(&app).await;
        let (one, two) = (new_officer(&app, "甲").await, new_officer(&app, "乙").await);
        let input = |officer: &str| json!({"officerId": officer, "enterpriseId": enterprise});
        let (first, second) = (app.operator(), app.admin());
        let (a, b) = tokio::join!(
            first.faults("assignOfficer", input(&one)),
            second.faults("assignOfficer", input(&two)),
        );
        assert_eq!(sorted(vec![a.join(","), b.join(",")]), ["", "TAKEN input.enterpriseId"]);
        assert_eq!(app.count("officer_assignment WHERE status = 'ACTIVE'").await, 78);
    }

    async fn of_two_enterprises_for_one_officer_one_wins(app) {
        let officer = new_officer(&app, "甲").await;
        let enterprise = new_firm(&app).await;
        let end = json!({"id": assignment_of(member()), "expectedVersion": 1, "reason": "调整"});
        assert_eq!(app.operator().faults("endAssignment", end).await, [""; 0]);
        let input = |enterprise: &str| json!({"officerId": officer, "enterpriseId": enterprise});
        let (first, second) = (app.operator(), app.admin());
        let own = firm(member());
        let (a, b) = tokio::join!(
            first.faults("assignOfficer", input(&enterprise)),
            second.faults("assignOfficer", input(&own)),
        );
        assert_eq!(sorted(vec![a.join(","), b.join(",")]), ["", "LIMIT_EXCEEDED input.officerId"]);
    }

    async fn an_end_stays_as_history_and_the_next_begins_after_it(app) {
        let ledger = Ledger::of(&app).await;
        let open = troubled();
        let officer = officer_of(open);
        let input = |version: i32, on: &str, reason: &str| {
            json!({"id": assignment_of(open), "expectedVersion": version, "toOn": on, "reason": reason})
        };
        let began = serving(open).from_on.pred_opt().unwrap().to_string();
        for (input, expected) in [
            (input(2, "2021-01-18", "调整"), "STALE_VERSION input.expectedVersion"),
            (input(1, "2021-01-21", "调整"), "OUT_OF_RANGE input.toOn"),
            (input(1, &began, "调整"), "OUT_OF_RANGE input.toOn"),
            (input(1, "2021-01-18", " "), "REQUIRED input.reason"),
            (input(1, "2021-01-18", &"长".repeat(10_000)), "TOO_LONG input.reason"),
            (input(1, "2021-01-18", "a\u{0}b"), "INVALID input.reason"),
            (json!({"id": officer, "expectedVersion": 1, "reason": "调整"}), "NOT_FOUND input.id"),
            (json!({"id": nothing(Kind::Assignment), "expectedVersion": 1, "reason": "调整"}), "NOT_FOUND input.id"),
        ] {
            assert_eq!(app.operator().faults("endAssignment", input).await, [expected]);
        }
        let foreign = input(1, "2021-01-18", "调整");
        assert_eq!(app.other_district().faults("endAssignment", foreign).await, ["NOT_FOUND input.id"]);
        ledger.unchanged(&app).await;

        let before = issues(&app, open).await;
        let done = app.operator().mutate("endAssignment", ROW, input(1, "2021-01-18", "调整")).await;
        assert_eq!(done["assignment"], json!({"version": 2, "status": "ENDED", "fromOn": serving(open).from_on.to_string(),
            "toOn": "2021-01-18", "reason": "一对一挂点联系", "endReason": "调整", "officer": {"id": officer}, "enterprise": {"id": firm(open)}}));
        let after = issues(&app, open).await;
        let mut changed = 0;
        for (id, (had, state, version)) in &before {
            let stays = TERMINAL.contains(state) || *state == IssueState::Closed;
            assert_eq!(*had, Some(serving(open).officer_id));
            let expected = if stays { (*had, *state, *version) } else { (None, *state, version + 1) };
            assert_eq!(after[id], expected);
            changed += usize::from(!stays);
        }
        let (actions, events) = ledger.since(&app).await;
        assert_eq!(actions, ["endAssignment"]);
        let mut expected = vec!["assignment.ended"];
        expected.extend(vec!["issue.officer_changed"; changed]);
        assert_eq!(events, expected);
        let again = app.operator().mutate("endAssignment", "assignment { status }", input(2, "2021-01-18", "调整")).await;
        assert_eq!((&again["userErrors"][0]["code"], &again["assignment"]["status"]), (&json!("INVALID_STATE"), &json!("ENDED")));

        let next = new_officer(&app, "新任").await;
        let ledger = Ledger::of(&app).await;
        let assign = |on: &str| json!({"officerId": next, "enterpriseId": firm(open), "fromOn": on});
        assert_eq!(app.operator().faults("assignOfficer", assign("2021-01-17")).await, ["OUT_OF_RANGE input.fromOn"]);
        ledger.unchanged(&app).await;
        assert_eq!(app.operator().faults("assignOfficer", assign("2021-01-18")).await, [""; 0]);
        let last = issues(&app, open).await;
        for (id, (had, state, version)) in &after {
            let expected = if TERMINAL.contains(state) { (*had, *state, *version) } else { (Some(row(&next)), *state, version + 1) };
            assert_eq!(last[id], expected);
        }
        let followed = after.values().filter(|(_, state, _)| !TERMINAL.contains(state)).count();
        let (actions, events) = ledger.since(&app).await;
        assert_eq!(actions, ["assignOfficer"]);
        let mut expected = vec!["assignment.started"];
        expected.extend(vec!["issue.officer_changed"; followed]);
        assert_eq!(events, expected);
    }

    async fn a_right_ends_with_the_assignment(app) {
        let query = "query($id: ID!) { serviceVisits(filter: {enterpriseId: {eq: $id}, status: {eq: PLANNED}}) \
            { nodes { officer { id } viewerActions } } }";
        let id = json!({"id": firm(member())});
        let planned = app.officer().read_with(query, id.clone()).await["serviceVisits"]["nodes"].clone();
        assert_eq!(planned, json!([{"officer": {"id": officer_of(member())}, "viewerActions": ["RECORD"]}]));
        let plan = json!({"enterpriseId": firm(member()), "mode": "CALL", "plannedOn": "2021-01-25", "purpose": "回访"});
        let next = new_officer(&app, "新任").await;
        let input = json!({"id": officer_of(member()), "expectedVersion": 1, "toOfficerId": next, "reason": "调任"});
        assert_eq!(app.operator().faults("handoverOfficer", input).await, [""; 0]);
        assert_eq!(app.officer().faults("planVisit", plan).await, ["FORBIDDEN input.enterpriseId"]);
        // Its own planned visit it may still record.
        let own = app.officer().read_with(query, id).await["serviceVisits"]["nodes"].clone();
        assert_eq!(own, planned);
        let member = app.member().read("{ serviceOfficers { nodes { id } } }").await;
        assert_eq!(member["serviceOfficers"]["nodes"], json!([{"id": next}]));
    }

    async fn a_handover_moves_all_and_open_issues_follow(app) {
        capacity(&app, 3).await;
        let open = troubled();
        let from = officer_of(open);
        let second = new_firm(&app).await;
        let input = json!({"officerId": from, "enterpriseId": second, "fromOn": "2021-01-11"});
        let input = app.operator().mutate("assignOfficer", "assignment { id }", input).await;
        assert_eq!(input["userErrors"], json!([]));
        let next = new_officer(&app, "接任").await;
        let before = issues(&app, open).await;
        let ledger = Ledger::of(&app).await;

        let selection = "officer { id version assignments(orderBy: [{field: FROM_ON, direction: ASC}]) \
            { nodes { version status toOn endReason enterprise { id } } } }";
        let input = json!({"id": from, "expectedVersion": 1, "toOfficerId": next, "on": "2021-01-19", "reason": "调任交接"});
        let done = app.operator().mutate("handoverOfficer", selection, input).await;
        assert_eq!(done["userErrors"], json!([]));
        let ended = |enterprise: &str| json!({"version": 2, "status": "ENDED", "toOn": "2021-01-19", "endReason": "调任交接", "enterprise": {"id": enterprise}});
        let moved = done["officer"]["assignments"]["nodes"].as_array().unwrap();
        assert_eq!(moved[moved.len() - 2..], [ended(&firm(open)), ended(&second)]);
        assert_eq!((&done["officer"]["id"], &done["officer"]["version"]), (&json!(from), &json!(1)));
        let query = format!("{{ serviceOfficer(id: \"{next}\") {{ assignments {{ nodes {{ version status fromOn toOn reason enterprise {{ id }} }} }} }} }}");
        let taken = app.operator().read(&query).await["serviceOfficer"]["assignments"]["nodes"].clone();
        let taken_over = |enterprise: &str| json!({"version": 1, "status": "ACTIVE", "fromOn": "2021-01-19", "toOn": null,
            "reason": "调任交接", "enterprise": {"id": enterprise}});
        assert_eq!(taken.as_array().unwrap().len(), 2);
        for enterprise in [firm(open), second.clone()] {
            assert!(taken.as_array().unwrap().contains(&taken_over(&enterprise)), "{taken}");
        }

        let after = issues(&app, open).await;
        let (mut followed, mut stayed) = (0, 0);
        for (id, (had, state, version)) in &before {
            if TERMINAL.contains(state) {
                assert_eq!(after[id], (*had, *state, *version));
                stayed += 1;
            } else {
                assert_eq!(after[id], (Some(row(&next)), *state, version + 1));
                followed += 1;
            }
        }
        assert!(followed > 0 && stayed > 0, "{followed} followed, {stayed} stayed");
        let (actions, events) = ledger.since(&app).await;
        assert_eq!(actions, ["handoverOfficer"]);
        let mut expected = vec!["assignment.ended", "assignment.started", "assignment.ended", "assignment.started"];
        expected.extend(vec!["issue.officer_changed"; followed]);
        assert_eq!(events, expected);

        let again = json!({"id": from, "expectedVersion": 1, "toOfficerId": next, "reason": "调任交接"});
        let again = app.operator().mutate("handoverOfficer", "officer { id }", again).await;
        assert_eq!((&again["userErrors"][0]["code"], &again["officer"]["id"]), (&json!("INVALID_STATE"), &json!(from)));
        // Nothing of it is left to serve: now it can retire.
        let retire = json!({"id": from, "expectedVersion": 1, "status": "RETIRED"});
        assert_eq!(app.operator().faults("updateOfficer", retire).await, [""; 0]);
    }

    async fn a_handover_of_those_named_leaves_the_others(app) {
        capacity(&app, 2).await;
        let from = officer_of(member());
        let second = new_firm(&app).await;
        let assign = json!({"officerId": from, "enterpriseId": second});
        let assigned = app.operator().mutate("assignOfficer", "assignment { id }", assign).await["assignment"]["id"].clone();
        let next = new_officer(&app, "接任").await;
        let named = |assignments: Value| json!({"id": from, "expectedVersion": 1, "toOfficerId": next, "reason": "调任", "assignments": assignments});
        let one = |id: &Value, version: i32| json!({"id": id, "expectedVersion": version});
        let of_lead = json!(assignment_of(cast().lead.enterprise_id.unwrap()));
        let ledger = Ledger::of(&app).await;
        let many: Vec<Value> = (0..101).map(|_| one(&assigned, 1)).collect();
        for (assignments, expected) in [
            (json!([]), vec!["REQUIRED input.assignments"]),
            (json!(many), vec!["OUT_OF_RANGE input.assignments"]),
            (json!([one(&assigned, 1), one(&assigned, 1)]), vec!["INVALID input.assignments.1.id"]),
            (json!([one(&assigned, 7), one(&json!(nothing(Kind::Assignment)), 1), one(&json!(from), 1), one(&of_lead, 1)]), vec![
                "STALE_VERSION input.assignments.0.expectedVersion", "NOT_FOUND input.assignments.1.id",
                "NOT_FOUND input.assignments.2.id", "INVALID input.assignments.3.id"]),
        ] {
            assert_eq!(app.operator().faults("handoverOfficer", named(assignments)).await, expected);
        }
        ledger.unchanged(&app).await;
        let selection = "officer { active: assignments(filter: {status: {eq: ACTIVE}}) { nodes { enterprise { id } } } }";
        let done = app.operator().mutate("handoverOfficer", selection, named(json!([one(&assigned, 1)]))).await;
        assert_eq!(done["officer"]["active"]["nodes"], json!([{"enterprise": {"id": firm(member())}}]));
        let ended = named(json!([one(&assigned, 2)]));
        assert_eq!(app.operator().faults("handoverOfficer", ended).await, ["INVALID_STATE input.assignments.0.id"]);
    }

    async fn a_bad_handover_is_told_at_its_path_and_writes_nothing(app) {
        let from = officer_of(member());
        let next = new_officer(&app, "接任").await;
        let retired = new_officer(&app, "离任").await;
        let retire = json!({"id": retired, "expectedVersion": 1, "status": "RETIRED"});
        assert_eq!(app.operator().faults("updateOfficer", retire).await, [""; 0]);
        let busy = officer_of(cast().lead.enterprise_id.unwrap());
        let began = serving(member()).from_on.pred_opt().unwrap().to_string();
        let ledger = Ledger::of(&app).await;
        let good = json!({"id": from, "expectedVersion": 1, "toOfficerId": next, "reason": "调任"});
        for (field, value, expected) in [
            ("id", json!(nothing(Kind::Officer)), "NOT_FOUND input.id"),
            ("id", json!(firm(member())), "NOT_FOUND input.id"),
            ("toOfficerId", json!(nothing(Kind::Officer)), "NOT_FOUND input.toOfficerId"),
            ("toOfficerId", json!(from), "INVALID input.toOfficerId"),
            ("toOfficerId", json!(retired), "INVALID_STATE input.toOfficerId"),
            ("toOfficerId", json!(busy), "LIMIT_EXCEEDED input.toOfficerId"),
            ("expectedVersion", json!(2), "STALE_VERSION input.expectedVersion"),
            ("on", json!("2021-01-21"), "OUT_OF_RANGE input.on"),
            ("on", json!(began), "OUT_OF_RANGE input.on"),
            ("reason", json!(""), "REQUIRED input.reason"),
            ("reason", json!("长".repeat(10_000)), "TOO_LONG input.reason"),
            ("reason", json!("a\u{0}b"), "INVALID input.reason"),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            assert_eq!(app.operator().faults("handoverOfficer", bad).await, [expected]);
        }
        assert_eq!(app.other_district().faults("handoverOfficer", good).await, ["NOT_FOUND input.id"]);
        ledger.unchanged(&app).await;
        assert_eq!(app.count("officer_assignment").await, 86);
    }
}
