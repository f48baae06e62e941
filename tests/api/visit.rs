//! Visits: who reads which, and how one is planned and recorded with those who took part.

use entity::service_visit::{self, VisitStatus};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};
use crate::support::service::{Ledger, former, new_officer, nothing, officer_of, serving, sum};
use honglian::kernel::id::{Kind, encode};

fn member() -> Uuid {
    cast().member.enterprise_id.unwrap()
}

fn lead() -> Uuid {
    cast().lead.enterprise_id.unwrap()
}

fn own() -> Uuid {
    cast().officer.officer_id.unwrap()
}

fn firm(id: Uuid) -> String {
    encode(Kind::Enterprise, id)
}

fn officer(id: Uuid) -> String {
    encode(Kind::Officer, id)
}

/// How many visits of the Liwan data are so.
fn count(of: impl Fn(&&service_visit::Model) -> bool) -> usize {
    dataset().rows.visits.iter().filter(of).count()
}

/// The planned visit to an enterprise.
fn planned(enterprise: Uuid) -> String {
    let mut visits = dataset().rows.visits.iter();
    let found = visits
        .find(|visit| visit.enterprise_id == enterprise && visit.status == VisitStatus::Planned);
    encode(Kind::Visit, found.unwrap().id)
}

/// A visit to an enterprise that was held.
fn held(enterprise: Uuid) -> String {
    let mut visits = dataset().rows.visits.iter();
    let found =
        visits.find(|visit| visit.enterprise_id == enterprise && visit.status == VisitStatus::Done);
    encode(Kind::Visit, found.unwrap().id)
}

fn plan() -> Value {
    json!({"enterpriseId": firm(member()), "mode": "ON_SITE", "plannedOn": "2021-01-25", "purpose": "送政策上门"})
}

/// The record of a planned visit.
fn of_planned(id: &str) -> Value {
    json!({"visit": {"planned": {"id": id, "expectedVersion": 1}}, "heldOn": "2021-01-20", "findings": "经营平稳。"})
}

/// The record of a visit without a plan.
fn unplanned(enterprise: Uuid) -> Value {
    let visit =
        json!({"enterpriseId": firm(enterprise), "mode": "CALL", "purpose": "了解用工情况"});
    json!({"visit": {"unplanned": visit}, "findings": "用工略有缺口。"})
}

fn with(mut input: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    input.pointer_mut(parent).unwrap()[field] = value;
    input
}

const ROW: &str = "visit { version status mode plannedOn heldOn purpose findings internalNote isRedacted personTimes \
    officer { id } enterprise { id } recordedBy { displayName } viewerActions \
    participants { totalCount nodes { position postTitle officer { id } } } }";

async fn retired(app: &TestApp) -> String {
    let id = new_officer(app, "离任").await;
    let retire = json!({"id": id, "expectedVersion": 1, "status": "RETIRED"});
    assert_eq!(
        app.operator().faults("updateOfficer", retire).await,
        [""; 0]
    );
    id
}

on_both! {
    async fn each_role_reads_its_visits(app) {
        let query = "{ serviceVisits { totalCount } done: serviceVisits(filter: {status: {eq: DONE}}) { totalCount } }";
        let of = |enterprise: Option<Uuid>| count(|visit| Some(visit.enterprise_id) == enterprise);
        let done = |enterprise: Option<Uuid>| count(|visit| Some(visit.enterprise_id) == enterprise && visit.status == VisitStatus::Done);
        let officers = |visit: &&service_visit::Model| visit.enterprise_id == member() || visit.officer_id == own();
        let outsider = cast().outsider.enterprise_id;
        assert!(done(Some(member())) > 0 && of(outsider) > 0);
        for (who, total, held) in [
            (app.admin(), 226, 218),
            (app.operator(), 226, 218),
            (app.officer(), count(officers), count(|visit| officers(visit) && visit.status == VisitStatus::Done)),
            (app.lead(), of(Some(lead())), done(Some(lead()))),
            (app.member(), of(Some(member())), done(Some(member()))),
            (app.outsider(), of(outsider), done(outsider)),
            (app.person(&cast().partner), 0, 0),
            (app.other_district(), 0, 0),
        ] {
            let read = who.read(query).await;
            assert_eq!(read, json!({"serviceVisits": {"totalCount": total}, "done": {"totalCount": held}}));
        }
        assert_eq!(app.auditor().refused(query, json!({})).await, "FORBIDDEN");
        assert_eq!(app.anonymous().refused(query, json!({})).await, "UNAUTHENTICATED");
    }

    async fn the_person_times_of_the_article(app) {
        let (mut visits, mut times, mut named, mut at) = (0, 0, 0, Value::Null);
        let query = "query($at: String) { serviceVisits(first: 100, after: $at, filter: {status: {eq: DONE}}, \
            orderBy: [{field: HELD_ON, direction: ASC}]) { nodes { personTimes participants { totalCount } } pageInfo { hasNextPage endCursor } } }";
        loop {
            let page = app.operator().read_with(query, json!({"at": at})).await["serviceVisits"].clone();
            visits += page["nodes"].as_array().unwrap().len();
            times += sum(&page["nodes"], |node| &node["personTimes"]);
            named += sum(&page["nodes"], |node| &node["participants"]["totalCount"]);
            if page["pageInfo"]["hasNextPage"] == false { break; }
            at = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!((visits, times, named), (218, 241, 241));
        let headline = "{ headlineStatistics { servicePersonTimes { value } officers { value } } }";
        let headline = app.operator().read(headline).await["headlineStatistics"].clone();
        assert_eq!(headline, json!({"servicePersonTimes": {"value": 241}, "officers": {"value": 77}}));
    }

    async fn a_note_is_for_the_district_and_the_visiting_officer(app) {
        let record = with(of_planned(&planned(member())), "/internalNote", json!("用工口径待核实"));
        assert_eq!(app.officer().faults("recordVisit", record).await, [""; 0]);
        let id = planned(member());
        let query = "query($id: ID!) { node(id: $id) { ... on ServiceVisit { findings internalNote isRedacted } } }";
        for (who, note) in [(app.admin(), true), (app.operator(), true), (app.officer(), true), (app.member(), false)] {
            let read = who.read_with(query, json!({"id": id})).await["node"].clone();
            let expected = if note { json!("用工口径待核实") } else { Value::Null };
            assert_eq!(read, json!({"findings": "经营平稳。", "internalNote": expected, "isRedacted": !note}));
        }
        for who in [app.lead(), app.outsider(), app.auditor(), app.other_district()] {
            assert_eq!(who.read_with(query, json!({"id": id})).await["node"], Value::Null);
        }
        // Nor is it found by its words.
        let search = "{ serviceVisits(search: \"待核实\") { totalCount } found: serviceVisits(search: \"送政策上门\") { totalCount } }";
        let found = app.operator().read(search).await;
        let expected = count(|visit| visit.purpose.contains("送政策上门"));
        assert_eq!(found, json!({"serviceVisits": {"totalCount": 0}, "found": {"totalCount": expected}}));

        // Who takes an enterprise over reads its visits, but not the note of the one before.
        let successor = new_officer(&app, "接任").await;
        let handover = json!({"id": officer(own()), "expectedVersion": 1, "toOfficerId": successor, "reason": "调任"});
        assert_eq!(app.operator().faults("handoverOfficer", handover).await, [""; 0]);
        let (user, issuer) = (cast().officer.user_id, "honglian");
        let post = |subject: &str, officer: &str, id: Option<String>| json!({"id": id, "expectedVersion": id.as_ref().map(|_| 1), "issuer": issuer,
            "subject": subject, "displayName": "首席服务官", "role": "DISTRICT", "officerId": officer, "isAdmin": false, "isAuditor": false, "status": "ACTIVE"});
        let kept = app.officer().read_with(query, json!({"id": id})).await["node"]["isRedacted"].clone();
        assert_eq!(kept, false, "its own visit stays readable to the officer");
        let moved = post(&cast().officer.subject, &successor, Some(encode(Kind::User, user)));
        assert_eq!(app.admin().faults("upsertUser", moved).await, [""; 0]);
        let read = app.officer().read_with(query, json!({"id": id})).await["node"].clone();
        assert_eq!(read, json!({"findings": "经营平稳。", "internalNote": null, "isRedacted": true}));
    }

    async fn a_participant_is_seen_where_the_visit_is(app) {
        let rows = &dataset().rows;
        let visit = rows.visits.iter().find(|visit| visit.enterprise_id == member() && visit.status == VisitStatus::Done).unwrap();
        let row = rows.participants.iter().find(|row| row.visit_id == visit.id).unwrap();
        let query = "query($id: ID!) { node(id: $id) { ... on VisitParticipant { position postTitle officer { id } visit { id } } } }";
        let id = json!({"id": encode(Kind::Participant, row.id)});
        let shown = json!({"position": row.position, "postTitle": row.post_title, "officer": {"id": officer(row.officer_id.unwrap())},
            "visit": {"id": encode(Kind::Visit, visit.id)}});
        for (who, seen) in [(app.operator(), true), (app.officer(), true), (app.member(), true), (app.lead(), false),
            (app.outsider(), false), (app.auditor(), false), (app.other_district(), false)] {
            let expected = if seen { shown.clone() } else { Value::Null };
            assert_eq!(who.read_with(query, id.clone()).await["node"], expected);
        }
    }

    async fn a_filter_tells_of_no_officer_that_the_field_would_not(app) {
        let (ended, user) = former();
        let query = "query($officer: ID, $day: Date) { by: serviceVisits(filter: {officerId: {eq: $officer}}) { totalCount } \
            or: serviceVisits(filter: {or: [{officerId: {in: [$officer]}}]}) { totalCount } \
            before: serviceVisits(filter: {plannedOn: {lt: $day}}) { totalCount nodes { officer { id } } } \
            never: serviceVisits(filter: {heldOn: {isNull: true}}) { totalCount } }";
        let before = count(|visit| visit.enterprise_id == ended.enterprise_id && visit.officer_id == ended.officer_id);
        let variables = json!({"officer": officer(ended.officer_id), "day": ended.to_on.unwrap().to_string()});
        let read = app.person(&user).read_with(query, variables.clone()).await;
        assert_eq!((&read["by"]["totalCount"], &read["or"]["totalCount"]), (&json!(0), &json!(0)));
        assert!(before > 0);
        assert_eq!(read["before"]["totalCount"], before);
        assert!(read["before"]["nodes"].as_array().unwrap().iter().all(|node| node["officer"].is_null()));
        let all = app.operator().read_with(query, variables).await;
        let of = count(|visit| visit.officer_id == ended.officer_id);
        assert_eq!((&all["by"]["totalCount"], &all["or"]["totalCount"], &all["never"]["totalCount"]), (&json!(of), &json!(of), &json!(8)));
        let now = json!({"officer": officer(serving(ended.enterprise_id).officer_id), "day": "2000-01-01"});
        let read = app.person(&user).read_with(query, now).await;
        let since = count(|visit| visit.enterprise_id == ended.enterprise_id && visit.officer_id == serving(ended.enterprise_id).officer_id);
        assert_eq!((&read["by"]["totalCount"], &read["before"]["totalCount"]), (&json!(since), &json!(0)));
    }

    async fn visits_page_in_every_order(app) {
        for order in ["", "orderBy: [{field: PLANNED_ON, direction: ASC}]", "orderBy: [{field: HELD_ON}]", "orderBy: [{field: HELD_ON, direction: ASC}]"] {
            let mut ids: Vec<String> = Vec::new();
            let (mut at, mut last_held) = (Value::Null, false);
            loop {
                let query = format!("query($at: String) {{ serviceVisits(first: 60, after: $at, search: null, {order}) \
                    {{ nodes {{ id heldOn }} pageInfo {{ hasNextPage endCursor }} }} }}");
                let page = app.operator().read_with(&query, json!({"at": at})).await["serviceVisits"].clone();
                for node in page["nodes"].as_array().unwrap() {
                    ids.push(node["id"].as_str().unwrap().to_owned());
                    last_held = !node["heldOn"].is_null();
                }
                if page["pageInfo"]["hasNextPage"] == false { break; }
                at = page["pageInfo"]["endCursor"].clone();
            }
            let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!((ids.len(), distinct.len()), (226, 226), "{order}");
            if order.contains("HELD_ON") {
                assert!(!last_held, "the not held come last in {order}");
            }
        }
    }

    async fn a_visit_is_planned_by_the_district_and_by_the_officer(app) {
        let ledger = Ledger::of(&app).await;
        let done = app.operator().mutate("planVisit", ROW, plan()).await;
        let expected = json!({"version": 1, "status": "PLANNED", "mode": "ON_SITE", "plannedOn": "2021-01-25", "heldOn": null,
            "purpose": "送政策上门", "findings": null, "internalNote": null, "isRedacted": false, "personTimes": 0,
            "officer": {"id": officer_of(member())}, "enterprise": {"id": firm(member())}, "recordedBy": null,
            "viewerActions": ["RECORD"], "participants": {"totalCount": 0, "nodes": []}});
        assert_eq!(done, json!({"userErrors": [], "visit": expected}));
        assert_eq!(ledger.since(&app).await, (vec!["planVisit".to_owned()], vec!["visit.planned".to_owned()]));
        let done = app.officer().mutate("planVisit", ROW, plan()).await;
        assert_eq!(done["visit"], expected);
        let done = app.officer().mutate("planVisit", ROW, with(plan(), "/officerId", json!(officer(own())))).await;
        assert_eq!(done["visit"], expected);
        // The district sends whom it will.
        let other = with(plan(), "/officerId", json!(officer_of(lead())));
        let done = app.admin().mutate("planVisit", ROW, other).await;
        assert_eq!(done["visit"]["officer"]["id"], officer_of(lead()));
        let first = with(plan(), "/plannedOn", json!("2021-01-20"));
        assert_eq!(app.operator().faults("planVisit", first).await, [""; 0]);
        let last = with(plan(), "/plannedOn", json!("2022-01-21"));
        assert_eq!(app.operator().faults("planVisit", last).await, [""; 0]);
    }

    async fn a_bad_plan_is_told_at_its_path_and_writes_nothing(app) {
        let partner = cast().partner.enterprise_id.unwrap();
        let other = dataset().rows.enterprises.iter().find(|row| row.district_id != dataset().rows.officers[0].district_id).unwrap();
        let retired = retired(&app).await;
        let ledger = Ledger::of(&app).await;
        for (field, value, expected) in [
            ("/plannedOn", json!("2021-01-19"), "OUT_OF_RANGE input.plannedOn"),
            ("/plannedOn", json!("2022-01-22"), "OUT_OF_RANGE input.plannedOn"),
            ("/purpose", json!("  "), "REQUIRED input.purpose"),
            ("/purpose", json!("长".repeat(10_000)), "TOO_LONG input.purpose"),
            ("/purpose", json!("a\u{0}b"), "INVALID input.purpose"),
            ("/enterpriseId", json!(nothing(Kind::Enterprise)), "NOT_FOUND input.enterpriseId"),
            ("/enterpriseId", json!(officer(own())), "NOT_FOUND input.enterpriseId"),
            ("/enterpriseId", json!(firm(other.id)), "NOT_FOUND input.enterpriseId"),
            // It has no officer, so one has to be named.
            ("/enterpriseId", json!(firm(partner)), "REQUIRED input.officerId"),
            ("/officerId", json!(nothing(Kind::Officer)), "NOT_FOUND input.officerId"),
            ("/officerId", json!(firm(member())), "NOT_FOUND input.officerId"),
            ("/officerId", json!(retired), "INVALID_STATE input.officerId"),
        ] {
            assert_eq!(app.operator().faults("planVisit", with(plan(), field, value)).await, [expected]);
        }
        for (field, value, expected) in [
            ("/enterpriseId", firm(lead()), "FORBIDDEN input.enterpriseId"),
            ("/officerId", officer_of(lead()), "FORBIDDEN input.officerId"),
        ] {
            assert_eq!(app.officer().faults("planVisit", with(plan(), field, json!(value))).await, [expected]);
        }
        assert_eq!(app.other_district().faults("planVisit", plan()).await, ["NOT_FOUND input.enterpriseId"]);
        ledger.unchanged(&app).await;
        assert_eq!(app.count("service_visit").await, 226);
    }

    async fn only_the_district_and_officers_visit(app) {
        let ledger = Ledger::of(&app).await;
        for (name, input) in [("planVisit", plan()), ("recordVisit", of_planned(&planned(member())))] {
            let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
            let query = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
            for who in [app.auditor(), app.lead(), app.member(), app.outsider(), app.person(&cast().partner)] {
                assert_eq!(who.refused(&query, json!({"input": input})).await, "FORBIDDEN", "{name}");
            }
            let may = app.officer().read("{ viewer { permissions } }").await["viewer"]["permissions"].clone();
            assert!(may.as_array().unwrap().contains(&json!(name)), "{name}");
        }
        ledger.unchanged(&app).await;
    }

    async fn a_planned_visit_is_recorded_once(app) {
        let ledger = Ledger::of(&app).await;
        let id = planned(member());
        let before = dataset().rows.visits.iter().find(|row| encode(Kind::Visit, row.id) == id).unwrap();
        let input = with(of_planned(&id), "/participants", json!([{"officerId": officer(own())}, {"postTitle": " 街道经济办主任 "},
            {"officerId": officer_of(lead())}]));
        let input = with(input, "/visit/planned/mode", json!("ONLINE"));
        let done = app.officer().mutate("recordVisit", ROW, input).await;
        let title = |id: Uuid| &dataset().rows.officers.iter().find(|row| row.id == id).unwrap().post_title;
        let user = &dataset().rows.users.iter().find(|row| row.id == cast().officer.user_id).unwrap().display_name;
        let expected = json!({"version": 2, "status": "DONE", "mode": "ONLINE", "plannedOn": before.planned_on.to_string(),
            "heldOn": "2021-01-20", "purpose": before.purpose, "findings": "经营平稳。", "internalNote": null, "isRedacted": false,
            "personTimes": 3, "officer": {"id": officer(own())}, "enterprise": {"id": firm(member())},
            "recordedBy": {"displayName": user}, "viewerActions": [], "participants": {"totalCount": 3, "nodes": [
                {"position": 1, "postTitle": title(own()), "officer": {"id": officer(own())}},
                {"position": 2, "postTitle": "街道经济办主任", "officer": null},
                {"position": 3, "postTitle": title(serving(lead()).officer_id), "officer": {"id": officer_of(lead())}}]}});
        assert_eq!(done, json!({"userErrors": [], "visit": expected}));
        assert_eq!(ledger.since(&app).await, (vec!["recordVisit".to_owned()], vec!["visit.recorded".to_owned()]));
        let headline = "{ headlineStatistics { servicePersonTimes { value } } }";
        let headline = app.operator().read(headline).await["headlineStatistics"].clone();
        assert_eq!(headline["servicePersonTimes"]["value"], 244);

        let ledger = Ledger::of(&app).await;
        let again = with(of_planned(&id), "/visit/planned/expectedVersion", json!(2));
        let again = app.operator().mutate("recordVisit", "visit { version }", again).await;
        assert_eq!((&again["userErrors"][0]["code"], &again["visit"]["version"]), (&json!("INVALID_STATE"), &json!(2)));
        assert_eq!(app.operator().faults("recordVisit", of_planned(&held(member()))).await, ["INVALID_STATE"]);
        let stale = with(of_planned(&planned(lead())), "/visit/planned/expectedVersion", json!(2));
        let stale = app.operator().mutate("recordVisit", "visit { status version }", stale).await;
        assert_eq!(stale["visit"], json!({"status": "PLANNED", "version": 1}));
        assert_eq!((&stale["userErrors"][0]["code"], &stale["userErrors"][0]["field"]),
            (&json!("STALE_VERSION"), &json!(["input", "visit", "planned", "expectedVersion"])));
        ledger.unchanged(&app).await;
    }

    async fn a_visit_without_a_plan_is_entered_as_done(app) {
        let ledger = Ledger::of(&app).await;
        let note = with(unplanned(member()), "/internalNote", json!("待跟进"));
        let done = app.officer().mutate("recordVisit", ROW, note).await;
        let title = &dataset().rows.officers.iter().find(|row| row.id == own()).unwrap().post_title;
        let user = &dataset().rows.users.iter().find(|row| row.id == cast().officer.user_id).unwrap().display_name;
        assert_eq!(done, json!({"userErrors": [], "visit": {"version": 1, "status": "DONE", "mode": "CALL", "plannedOn": "2021-01-20",
            "heldOn": "2021-01-20", "purpose": "了解用工情况", "findings": "用工略有缺口。", "internalNote": "待跟进", "isRedacted": false,
            "personTimes": 1, "officer": {"id": officer(own())}, "enterprise": {"id": firm(member())},
            "recordedBy": {"displayName": user}, "viewerActions": [], "participants": {"totalCount": 1,
                "nodes": [{"position": 1, "postTitle": title, "officer": {"id": officer(own())}}]}}}));
        assert_eq!(ledger.since(&app).await, (vec!["recordVisit".to_owned()], vec!["visit.recorded".to_owned()]));
        let past = with(unplanned(lead()), "/heldOn", json!("2020-12-01"));
        let past = app.operator().mutate("recordVisit", "visit { plannedOn heldOn officer { id } }", past).await;
        assert_eq!(past["visit"], json!({"plannedOn": "2020-12-01", "heldOn": "2020-12-01", "officer": {"id": officer_of(lead())}}));
    }

    async fn an_officer_records_its_own_and_those_it_serves(app) {
        // A visit that another was to make to an enterprise that the officer serves.
        let other = with(plan(), "/officerId", json!(officer_of(lead())));
        let id = app.operator().mutate("planVisit", "visit { id }", other).await["visit"]["id"].clone();
        let id = id.as_str().unwrap();
        let ledger = Ledger::of(&app).await;
        let noted = with(of_planned(id), "/internalNote", json!("待跟进"));
        assert_eq!(app.officer().faults("recordVisit", noted.clone()).await, ["FORBIDDEN input.internalNote"]);
        let third = with(of_planned(id), "/visit/planned/officerId", json!(new_officer(&app, "第三人").await));
        assert_eq!(app.officer().faults("recordVisit", third).await, ["FORBIDDEN input.visit.planned.officerId"]);
        assert_eq!(app.officer().faults("recordVisit", unplanned(lead())).await, ["FORBIDDEN input.visit.unplanned.enterpriseId"]);
        assert_eq!(app.officer().faults("recordVisit", of_planned(&planned(lead()))).await, ["NOT_FOUND input.visit.planned.id"]);
        let named = with(unplanned(member()), "/visit/unplanned/officerId", json!(officer_of(lead())));
        assert_eq!(app.officer().faults("recordVisit", named).await, ["FORBIDDEN input.visit.unplanned.officerId"]);
        assert_eq!(ledger.since(&app).await.0, ["createOfficer"], "and nothing else");
        // It made the visit itself, so the note is its own too.
        let made = with(noted, "/visit/planned/officerId", json!(officer(own())));
        let made = app.officer().mutate("recordVisit", "visit { internalNote officer { id } }", made).await;
        assert_eq!(made["visit"], json!({"internalNote": "待跟进", "officer": {"id": officer(own())}}));
    }

    async fn a_bad_record_is_told_at_its_path_and_writes_nothing(app) {
        let partner = cast().partner.enterprise_id.unwrap();
        let retired = retired(&app).await;
        let ledger = Ledger::of(&app).await;
        let id = planned(member());
        let made_on = dataset().rows.visits.iter().find(|row| encode(Kind::Visit, row.id) == id).unwrap().created_at;
        let before = (made_on - chrono::TimeDelta::days(1)).date_naive().to_string();
        let post = |text: String| json!([{"postTitle": text}]);
        let many: Vec<Value> = (0..21).map(|number| json!({"postTitle": format!("随行 {number}")})).collect();
        for (field, value, expected) in [
            ("/heldOn", json!("2021-01-21"), vec!["OUT_OF_RANGE input.heldOn"]),
            ("/heldOn", json!(before), vec!["OUT_OF_RANGE input.heldOn"]),
            ("/findings", json!(""), vec!["REQUIRED input.findings"]),
            ("/findings", json!("长".repeat(10_000)), vec!["TOO_LONG input.findings"]),
            ("/findings", json!("a\u{0}b"), vec!["INVALID input.findings"]),
            ("/internalNote", json!("长".repeat(10_000)), vec!["TOO_LONG input.internalNote"]),
            ("/internalNote", json!("a\u{202e}b"), vec!["INVALID input.internalNote"]),
            ("/participants", json!([]), vec!["REQUIRED input.participants"]),
            ("/participants", json!(many), vec!["OUT_OF_RANGE input.participants"]),
            ("/participants", post("长".repeat(10_000)), vec!["TOO_LONG input.participants.0.postTitle"]),
            ("/participants", post("a\nb".to_owned()), vec!["INVALID input.participants.0.postTitle"]),
            ("/participants", json!([{"officerId": officer(own())}, {"postTitle": " "}, {"officerId": officer(own())}]),
                vec!["REQUIRED input.participants.1.postTitle", "INVALID input.participants.2.officerId"]),
            ("/participants", json!([{"officerId": officer(own())}, {"officerId": nothing(Kind::Officer)}, {"officerId": firm(member())}]),
                vec!["NOT_FOUND input.participants.1.officerId", "NOT_FOUND input.participants.2.officerId"]),
            ("/visit/planned/id", json!(nothing(Kind::Visit)), vec!["NOT_FOUND input.visit.planned.id"]),
            ("/visit/planned/id", json!(firm(member())), vec!["NOT_FOUND input.visit.planned.id"]),
            ("/visit/planned/officerId", json!(nothing(Kind::Officer)), vec!["NOT_FOUND input.visit.planned.officerId"]),
            ("/visit/planned/officerId", json!(retired), vec!["INVALID_STATE input.visit.planned.officerId"]),
        ] {
            let input = with(of_planned(&id), field, value);
            assert_eq!(app.operator().faults("recordVisit", input).await, expected, "{field}");
        }
        for (field, value, expected) in [
            ("/heldOn", json!("1999-12-31"), "OUT_OF_RANGE input.heldOn"),
            ("/visit/unplanned/purpose", json!("长".repeat(10_000)), "TOO_LONG input.visit.unplanned.purpose"),
            ("/visit/unplanned/enterpriseId", json!(nothing(Kind::Enterprise)), "NOT_FOUND input.visit.unplanned.enterpriseId"),
            ("/visit/unplanned/enterpriseId", json!(firm(partner)), "REQUIRED input.visit.unplanned.officerId"),
            ("/visit/unplanned/officerId", json!(retired), "INVALID_STATE input.visit.unplanned.officerId"),
        ] {
            let input = with(unplanned(member()), field, value);
            assert_eq!(app.operator().faults("recordVisit", input).await, [expected], "{field}");
        }
        assert_eq!(app.other_district().faults("recordVisit", of_planned(&id)).await, ["NOT_FOUND input.visit.planned.id"]);
        assert_eq!(app.other_district().faults("recordVisit", unplanned(member())).await, ["NOT_FOUND input.visit.unplanned.enterpriseId"]);
        let both = json!({"visit": {"planned": {"id": id, "expectedVersion": 1}, "unplanned": unplanned(member())["visit"]["unplanned"]},
            "findings": "经营平稳。"});
        let query = "mutation($input: RecordVisitInput!) { recordVisit(input: $input) { userErrors { code } } }";
        for visit in [both["visit"].clone(), json!({})] {
            let input = with(both.clone(), "/visit", visit);
            let answer = app.operator().ask(query, json!({"input": input})).await;
            assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer}");
            assert!(answer["data"].is_null() || answer["data"]["recordVisit"].is_null());
        }
        ledger.unchanged(&app).await;
        assert_eq!((app.count("service_visit").await, app.count("visit_participant").await), (226, 241));
    }

    async fn of_two_records_of_one_visit_one_wins(app) {
        let id = planned(member());
        let (first, second) = (app.operator(), app.officer());
        let (a, b) = tokio::join!(
            first.faults("recordVisit", of_planned(&id)),
            second.faults("recordVisit", of_planned(&id)),
        );
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "INVALID_STATE"]);
        assert_eq!(app.count("visit_participant").await, 242);
    }
}
