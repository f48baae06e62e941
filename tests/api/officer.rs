//! Chief service officers: who reads what of them, and how a post comes, changes and goes.

use serde_json::{Value, json};

use crate::cost::cost;
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::{cast, dataset};
use crate::support::service::{
    Ledger, department, former, new_officer, nothing, officer_of, serving, sum,
};
use honglian::kernel::id::{Kind, encode};

const ALL: &str = "{ serviceOfficers(first: 100) { totalCount nodes { isRedacted \
    assignments { totalCount } active: assignments(filter: {status: {eq: ACTIVE}}) { totalCount } \
    visits { totalCount } } } }";

const ONE: &str = "query($id: ID!) { serviceOfficer(id: $id) { version postTitle status patch \
    officePhone isRedacted isSynthetic updatedAt viewerActions department { name } } }";

async fn one(who: &Person<'_>, id: &str) -> Value {
    who.read_with(ONE, json!({"id": id})).await["serviceOfficer"].clone()
}

/// Gives an officer of the Liwan data a telephone.
async fn reachable(app: &TestApp, id: &str) {
    let input = json!({"id": id, "expectedVersion": 1, "officePhone": "020-8155 0001"});
    assert_eq!(app.operator().faults("updateOfficer", input).await, [""; 0]);
}

fn lead() -> uuid::Uuid {
    cast().lead.enterprise_id.unwrap()
}

fn member() -> uuid::Uuid {
    cast().member.enterprise_id.unwrap()
}

on_both! {
    async fn each_role_lists_its_officers(app) {
        let own = |id: uuid::Uuid| {
            let rows = dataset().rows.assignments.iter();
            i64::try_from(rows.filter(|row| row.enterprise_id == id).count()).unwrap()
        };
        for (who, total, in_full, assignments, active) in [
            (app.admin(), 77, 77, 86, 77),
            (app.operator(), 77, 77, 86, 77),
            (app.officer(), 77, 77, 86, 77),
            (app.lead(), 77, 1, own(lead()), 1),
            (app.member(), 1, 1, own(member()), 1),
            (app.outsider(), 1, 1, 1, 1),
            (app.person(&cast().partner), 0, 0, 0, 0),
            (app.other_district(), 0, 0, 0, 0),
        ] {
            let list = who.read(ALL).await["serviceOfficers"].clone();
            assert_eq!(list["totalCount"], total);
            let nodes = list["nodes"].as_array().unwrap();
            assert_eq!(nodes.iter().filter(|node| node["isRedacted"] == false).count(), in_full);
            assert_eq!(sum(&list["nodes"], |node| &node["assignments"]["totalCount"]), assignments);
            assert_eq!(sum(&list["nodes"], |node| &node["active"]["totalCount"]), active);
        }
        let query = format!("{{ serviceOfficer(id: \"{}\") {{ id }} }}", officer_of(lead()));
        for query in [ALL, &query] {
            assert_eq!(app.auditor().refused(query, json!({})).await, "FORBIDDEN");
            assert_eq!(app.anonymous().refused(query, json!({})).await, "UNAUTHENTICATED");
        }
    }

    async fn an_officer_is_read_in_full_by_the_district_and_whom_it_serves(app) {
        let (of_lead, of_member) = (officer_of(lead()), officer_of(member()));
        for id in [&of_lead, &of_member] {
            reachable(&app, id).await;
        }
        let full = one(&app.operator(), &of_member).await;
        assert_eq!(full["officePhone"], "020-8155 0001");
        assert_eq!(full["viewerActions"], json!(["UPDATE", "ASSIGN", "HANDOVER"]));
        assert_eq!((&full["version"], &full["isRedacted"]), (&json!(2), &json!(false)));
        assert!(full["patch"].is_string() && full["updatedAt"].is_string() && full["department"]["name"].is_string());
        let mut read = full.clone();
        read["viewerActions"] = json!([]);
        assert_eq!(one(&app.officer(), &of_member).await, read);
        assert_eq!(one(&app.member(), &of_member).await, read);
        let own = one(&app.lead(), &of_lead).await;
        assert_eq!((&own["officePhone"], &own["isRedacted"]), (&json!("020-8155 0001"), &json!(false)));
        let posts = one(&app.lead(), &of_member).await;
        assert_eq!(posts, json!({"version": 2, "postTitle": full["postTitle"], "status": "ACTIVE", "patch": null,
            "officePhone": null, "isRedacted": true, "isSynthetic": true, "updatedAt": null,
            "viewerActions": [], "department": full["department"]}));
        for (who, id) in [(app.member(), &of_lead), (app.outsider(), &of_member),
            (app.person(&cast().partner), &of_member), (app.other_district(), &of_member)] {
            assert_eq!(one(&who, id).await, Value::Null);
        }
        let wrong = [nothing(Kind::Officer), encode(Kind::Pairing, cast().officer.officer_id.unwrap()), "x".to_owned()];
        for id in &wrong {
            assert_eq!(one(&app.operator(), id).await, Value::Null);
        }
        let viewer = app.officer().read("{ viewer { officer { id } } }").await;
        assert_eq!(viewer["viewer"]["officer"]["id"], encode(Kind::Officer, cast().officer.officer_id.unwrap()));
        assert_eq!(app.operator().read("{ viewer { officer { id } } }").await["viewer"]["officer"], Value::Null);
    }

    async fn a_node_is_no_way_round(app) {
        let officer = officer_of(member());
        let assignment = encode(Kind::Assignment, serving(member()).id);
        let ids = json!({"ids": [officer, assignment]});
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on ServiceOfficer { officePhone isRedacted } \
            ... on OfficerAssignment { reason isRedacted enterprise { name } } } }";
        reachable(&app, &officer).await;
        let seen = |nodes: &Value| -> Vec<Value> {
            let nodes = nodes["nodes"].as_array().unwrap().iter();
            nodes.map(|node| json!([node["isRedacted"], node["officePhone"], node["reason"]])).collect()
        };
        let phone = "020-8155 0001";
        for (who, expected) in [
            (app.operator(), [json!([false, phone, null]), json!([false, null, "一对一挂点联系"])]),
            (app.officer(), [json!([false, phone, null]), json!([false, null, "一对一挂点联系"])]),
            (app.member(), [json!([false, phone, null]), json!([true, null, null])]),
            (app.lead(), [json!([true, null, null]), json!([null, null, null])]),
            (app.outsider(), [json!([null, null, null]), json!([null, null, null])]),
            (app.auditor(), [json!([null, null, null]), json!([null, null, null])]),
            (app.other_district(), [json!([null, null, null]), json!([null, null, null])]),
        ] {
            assert_eq!(seen(&who.read_with(query, ids.clone()).await), expected);
        }
    }

    async fn an_enterprise_shows_its_officer_to_itself_and_the_district(app) {
        let query = "query($id: ID!) { enterprise(by: {id: $id}) { officer { id } \
            officerAssignments { totalCount nodes { status } } visits { totalCount } } }";
        let id = json!({"id": encode(Kind::Enterprise, member())});
        let visits = dataset().rows.visits.iter().filter(|row| row.enterprise_id == member()).count();
        assert!(visits > 0);
        let shown = json!({"officer": {"id": officer_of(member())},
            "officerAssignments": {"totalCount": 1, "nodes": [{"status": "ACTIVE"}]}, "visits": {"totalCount": visits}});
        let hidden = json!({"officer": null, "officerAssignments": {"totalCount": 0, "nodes": []}, "visits": {"totalCount": 0}});
        for (who, expected) in [(app.operator(), &shown), (app.officer(), &shown), (app.member(), &shown),
            // Not even to the lead of its pairing.
            (app.lead(), &hidden), (app.person(&cast().partner), &hidden)] {
            assert_eq!(&who.read_with(query, id.clone()).await["enterprise"], expected);
        }
        let none = "{ enterprises(first: 100, search: \"广药\") { nodes { officer { id } } } }";
        let none = app.operator().read(none).await["enterprises"]["nodes"].clone();
        assert!(none.as_array().unwrap().len() >= 6);
        assert!(none.as_array().unwrap().iter().all(|node| node["officer"].is_null()));
    }

    async fn an_enterprise_keeps_its_history_but_not_the_officer_it_had(app) {
        let (ended, user) = former();
        let query = "query($id: ID!) { enterprise(by: {id: $id}) { officerAssignments(orderBy: \
            [{field: FROM_ON, direction: ASC}]) { nodes { id version status fromOn toOn reason endReason isRedacted \
            officer { id } enterprise { id } } } } }";
        let firm = encode(Kind::Enterprise, ended.enterprise_id);
        let now = serving(ended.enterprise_id);
        let row = |id, version, status, from: &str, to: Value, officer: Value, why: [Value; 2], redacted| {
            let [reason, end] = why;
            json!({"id": encode(Kind::Assignment, id), "version": version, "status": status, "fromOn": from, "toOn": to,
                "reason": reason, "endReason": end, "isRedacted": redacted, "officer": officer, "enterprise": {"id": firm}})
        };
        let changed = now.from_on.to_string();
        let officer = |id| json!({"id": encode(Kind::Officer, id)});
        let why = json!("一对一挂点联系");
        let read = app.operator().read_with(query, json!({"id": firm})).await["enterprise"]["officerAssignments"]["nodes"].clone();
        assert_eq!(read, json!([
            row(ended.id, 2, "ENDED", "2019-10-23", json!(changed), officer(ended.officer_id), [why.clone(), json!("挂点调整")], false),
            row(now.id, 1, "ACTIVE", &changed, Value::Null, officer(now.officer_id), [why, Value::Null], false),
        ]));
        let read = app.person(&user).read_with(query, json!({"id": firm})).await["enterprise"]["officerAssignments"]["nodes"].clone();
        let no = || [Value::Null, Value::Null];
        assert_eq!(read, json!([
            row(ended.id, 2, "ENDED", "2019-10-23", json!(changed), Value::Null, no(), true),
            row(now.id, 1, "ACTIVE", &changed, Value::Null, officer(now.officer_id), no(), true),
        ]));
    }

    async fn a_filter_tells_no_more_than_the_field(app) {
        let (of_lead, of_member) = (serving(lead()).officer_id, serving(member()).officer_id);
        let rows = &dataset().rows.officers;
        let patch = |id| rows.iter().find(|row| row.id == id).unwrap().patch.clone().unwrap();
        let query = "query($patch: String, $firm: ID) { patch: serviceOfficers(filter: {patch: {eq: $patch}}) { totalCount } \
            or: serviceOfficers(filter: {or: [{patch: {startsWith: \"演示\"}}]}) { totalCount } \
            null: serviceOfficers(filter: {patch: {isNull: true}}) { totalCount } \
            firm: serviceOfficers(filter: {enterpriseId: {eq: $firm}}) { totalCount } \
            not: serviceOfficers(filter: {enterpriseId: {notIn: []}}) { totalCount } }";
        let ask = |patch: String, firm| json!({"patch": patch, "firm": encode(Kind::Enterprise, firm)});
        let counts = |answer: Value| -> Vec<i64> {
            ["patch", "or", "null", "firm", "not"].iter().map(|name| answer[name]["totalCount"].as_i64().unwrap()).collect()
        };
        let same = |id| i64::try_from(rows.iter().filter(|row| row.patch.as_ref() == Some(&patch(id))).count()).unwrap();
        let district = app.operator().read_with(query, ask(patch(of_member), member())).await;
        assert_eq!(counts(district), [same(of_member), 75, 2, 1, 77]);
        assert_ne!(patch(of_lead), patch(of_member));
        let others = app.lead().read_with(query, ask(patch(of_member), member())).await;
        assert_eq!(counts(others), [0, 1, 0, 0, 1]);
        let own = app.lead().read_with(query, ask(patch(of_lead), lead())).await;
        assert_eq!(counts(own), [1, 1, 0, 1, 1]);
    }

    async fn officers_are_found_and_sorted(app) {
        let total = |arguments: &'static str| {
            let who = app.operator();
            async move {
                let query = format!("{{ serviceOfficers({arguments}) {{ totalCount nodes {{ postTitle }} }} }}");
                who.read(&query).await["serviceOfficers"].clone()
            }
        };
        let found = total("search: \"区委书记\"").await;
        assert_eq!(found, json!({"totalCount": 1, "nodes": [{"postTitle": "区委书记"}]}));
        assert_eq!(total("search: \"%\"").await["totalCount"], 0);
        assert_eq!(total("filter: {status: {eq: RETIRED}}").await["totalCount"], 0);
        assert_eq!(total("filter: {postTitle: {startsWith: \"演示职务 1\"}}").await["totalCount"], 10);
        assert_eq!(total("filter: {id: {in: []}}").await["totalCount"], 0);
        let health = dataset().rows.officers.iter().filter(|row| {
            encode(Kind::Department, row.department_id) == department("HEALTH")
        }).count();
        let query = "query($id: ID) { serviceOfficers(filter: {departmentId: {eq: $id}}) { totalCount } }";
        let found = app.operator().read_with(query, json!({"id": department("HEALTH")})).await;
        assert_eq!(found["serviceOfficers"]["totalCount"], health);

        for order in ["POST_TITLE", "CREATED_AT"] {
            let mut ids = std::collections::BTreeSet::new();
            let mut at = Value::Null;
            loop {
                let query = format!("query($at: String) {{ serviceOfficers(first: 10, after: $at, orderBy: [{{field: {order}}}]) \
                    {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}");
                let page = app.lead().read_with(&query, json!({"at": at})).await["serviceOfficers"].clone();
                for node in page["nodes"].as_array().unwrap() {
                    assert!(ids.insert(node["id"].as_str().unwrap().to_owned()), "twice under {order}");
                }
                if page["pageInfo"]["hasNextPage"] == false { break; }
                at = page["pageInfo"]["endCursor"].clone();
            }
            assert_eq!(ids.len(), 77, "{order}");
        }
    }

    async fn a_post_is_created_once(app) {
        let ledger = Ledger::of(&app).await;
        let input = json!({"postTitle": " 区卫生健康局四级调研员 ", "departmentId": department("HEALTH"),
            "patch": "花地片区", "officePhone": "020-81550001转12"});
        let selection = "officer { version postTitle status patch officePhone isSynthetic department { name } \
            assignments { totalCount } viewerActions }";
        let done = app.admin().mutate("createOfficer", selection, input.clone()).await;
        assert_eq!(done, json!({"userErrors": [], "officer": {"version": 1, "postTitle": "区卫生健康局四级调研员", "status": "ACTIVE",
            "patch": "花地片区", "officePhone": "020-81550001转12", "isSynthetic": false,
            "department": {"name": "区卫生健康局"}, "assignments": {"totalCount": 0}, "viewerActions": ["UPDATE", "ASSIGN", "HANDOVER"]}}));
        assert_eq!(ledger.since(&app).await, (vec!["createOfficer".to_owned()], vec!["officer.created".to_owned()]));
        let ledger = Ledger::of(&app).await;
        assert_eq!(app.operator().faults("createOfficer", input.clone()).await, ["TAKEN input.postTitle"]);
        let mut elsewhere = input;
        elsewhere["departmentId"] = json!(department("FINANCE"));
        ledger.unchanged(&app).await;
        assert_eq!(app.operator().faults("createOfficer", elsewhere).await, [""; 0]);
        assert_eq!(app.count("service_officer").await, 79);
    }

    async fn a_bad_post_is_told_at_its_path_and_writes_nothing(app) {
        let health = department("HEALTH");
        let other = dataset().rows.departments.iter().find(|row| row.district_id != dataset().rows.officers[0].district_id).unwrap();
        let ledger = Ledger::of(&app).await;
        for (input, expected) in [
            (json!({"postTitle": "", "departmentId": health}), vec!["REQUIRED input.postTitle"]),
            (json!({"postTitle": "长".repeat(10_000), "departmentId": health, "patch": "x".repeat(61), "officePhone": "1".repeat(33)}),
                vec!["TOO_LONG input.postTitle", "TOO_LONG input.patch", "TOO_LONG input.officePhone"]),
            (json!({"postTitle": "a\u{0}b", "departmentId": health, "patch": "a\nb", "officePhone": "020\u{202e}8155"}),
                vec!["INVALID input.postTitle", "INVALID input.patch", "INVALID input.officePhone"]),
            (json!({"postTitle": "甲", "departmentId": health, "officePhone": "138 0000 0000"}), vec!["INVALID input.officePhone"]),
            (json!({"postTitle": "甲", "departmentId": nothing(Kind::Department)}), vec!["NOT_FOUND input.departmentId"]),
            (json!({"postTitle": "甲", "departmentId": officer_of(member())}), vec!["NOT_FOUND input.departmentId"]),
            (json!({"postTitle": "甲", "departmentId": encode(Kind::Department, other.id)}), vec!["NOT_FOUND input.departmentId"]),
        ] {
            assert_eq!(app.operator().faults("createOfficer", input).await, expected);
        }
        ledger.unchanged(&app).await;
        let department_state = json!({"id": health, "expectedVersion": 1, "code": "HEALTH", "name": "区卫生健康局",
            "governanceRole": "PARTICIPATING", "isActive": false});
        assert_eq!(app.admin().faults("upsertDepartment", department_state).await, [""; 0]);
        let inactive = json!({"postTitle": "甲", "departmentId": health});
        assert_eq!(app.operator().faults("createOfficer", inactive).await, ["INVALID_STATE input.departmentId"]);
        assert_eq!(app.count("service_officer").await, 77);
    }

    async fn only_the_district_changes_officers(app) {
        let id = officer_of(member());
        let assignment = encode(Kind::Assignment, serving(member()).id);
        let firm = encode(Kind::Enterprise, member());
        let ledger = Ledger::of(&app).await;
        for (name, input) in [
            ("createOfficer", json!({"postTitle": "甲", "departmentId": department("HEALTH")})),
            ("updateOfficer", json!({"id": id, "expectedVersion": 1, "patch": "甲"})),
            ("assignOfficer", json!({"officerId": id, "enterpriseId": firm})),
            ("endAssignment", json!({"id": assignment, "expectedVersion": 1, "reason": "甲"})),
            ("handoverOfficer", json!({"id": id, "expectedVersion": 1, "toOfficerId": id, "reason": "甲"})),
        ] {
            let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
            let query = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
            for who in [app.auditor(), app.officer(), app.lead(), app.member(), app.outsider(), app.person(&cast().partner)] {
                assert_eq!(who.refused(&query, json!({"input": input})).await, "FORBIDDEN", "{name}");
                let may = who.read("{ viewer { permissions } }").await["viewer"]["permissions"].clone();
                assert!(!may.as_array().unwrap().contains(&json!(name)));
            }
            let may = app.operator().read("{ viewer { permissions } }").await["viewer"]["permissions"].clone();
            assert!(may.as_array().unwrap().contains(&json!(name)), "{name}");
        }
        ledger.unchanged(&app).await;
    }

    async fn a_patch_keeps_clears_and_sets(app) {
        let id = officer_of(member());
        let before = one(&app.operator(), &id).await;
        let ledger = Ledger::of(&app).await;
        let selection = "officer { version postTitle patch officePhone department { name } }";
        let set = json!({"id": id, "expectedVersion": 1, "officePhone": "81550001", "departmentId": department("FINANCE")});
        let set = app.operator().mutate("updateOfficer", selection, set).await;
        assert_eq!(set["officer"], json!({"version": 2, "postTitle": before["postTitle"], "patch": before["patch"],
            "officePhone": "81550001", "department": {"name": "区财政局"}}));
        assert_eq!(ledger.since(&app).await, (vec!["updateOfficer".to_owned()], vec!["officer.updated".to_owned()]));
        let clear = json!({"id": id, "expectedVersion": 2, "patch": null, "officePhone": null});
        let clear = app.operator().mutate("updateOfficer", selection, clear).await;
        assert_eq!(clear["officer"], json!({"version": 3, "postTitle": before["postTitle"], "patch": null,
            "officePhone": null, "department": {"name": "区财政局"}}));

        let ledger = Ledger::of(&app).await;
        let stale = json!({"id": id, "expectedVersion": 2, "patch": "甲"});
        let stale = app.operator().mutate("updateOfficer", "officer { version }", stale).await;
        assert_eq!((&stale["userErrors"][0]["code"], &stale["officer"]["version"]), (&json!("STALE_VERSION"), &json!(3)));
        for (input, expected) in [
            (json!({"id": id, "expectedVersion": 3}), "REQUIRED input"),
            (json!({"id": id, "expectedVersion": 3, "postTitle": null}), "REQUIRED input.postTitle"),
            (json!({"id": id, "expectedVersion": 3, "status": null}), "REQUIRED input.status"),
            (json!({"id": id, "expectedVersion": 3, "patch": "长".repeat(10_000)}), "TOO_LONG input.patch"),
            (json!({"id": id, "expectedVersion": 3, "postTitle": "a\u{7}b"}), "INVALID input.postTitle"),
            (json!({"id": id, "expectedVersion": 3, "departmentId": nothing(Kind::Department)}), "NOT_FOUND input.departmentId"),
            (json!({"id": nothing(Kind::Officer), "expectedVersion": 1, "patch": "甲"}), "NOT_FOUND input.id"),
            (json!({"id": department("HEALTH"), "expectedVersion": 1, "patch": "甲"}), "NOT_FOUND input.id"),
        ] {
            assert_eq!(app.operator().faults("updateOfficer", input).await, [expected]);
        }
        let foreign = json!({"id": id, "expectedVersion": 3, "patch": "甲"});
        assert_eq!(app.other_district().faults("updateOfficer", foreign).await, ["NOT_FOUND input.id"]);
        ledger.unchanged(&app).await;
    }

    async fn a_post_retires_when_it_serves_nobody_and_can_come_back(app) {
        let ledger = Ledger::of(&app).await;
        let busy = json!({"id": officer_of(member()), "expectedVersion": 1, "status": "RETIRED"});
        let busy = app.operator().mutate("updateOfficer", "officer { status }", busy).await;
        assert_eq!(busy["officer"], json!({"status": "ACTIVE"}));
        let error = &busy["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("DEPENDENCY_EXISTS"), &json!(["input", "status"])));
        ledger.unchanged(&app).await;

        let id = new_officer(&app, "区卫生健康局副局长").await;
        let selection = "officer { version status viewerActions patch }";
        let change = |version: i32, change: Value| {
            let mut input = json!({"id": id, "expectedVersion": version});
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            input
        };
        let done = app.operator().mutate("updateOfficer", selection, change(1, json!({"status": "RETIRED"}))).await;
        assert_eq!(done["officer"], json!({"version": 2, "status": "RETIRED", "viewerActions": ["UPDATE"], "patch": null}));
        for impossible in [json!({"patch": "甲"}), json!({"status": "RETIRED"})] {
            let refused = app.operator().mutate("updateOfficer", "officer { version }", change(2, impossible)).await;
            assert_eq!((&refused["userErrors"][0]["code"], &refused["officer"]["version"]), (&json!("INVALID_STATE"), &json!(2)));
        }
        // Its post is free for another, and then not for its own return.
        let other = new_officer(&app, "区卫生健康局副局长").await;
        let back = || change(2, json!({"status": "ACTIVE", "patch": "乙"}));
        assert_eq!(app.operator().faults("updateOfficer", back()).await, ["TAKEN input.postTitle"]);
        let retire = json!({"id": other, "expectedVersion": 1, "status": "RETIRED"});
        assert_eq!(app.operator().faults("updateOfficer", retire).await, [""; 0]);
        let done = app.operator().mutate("updateOfficer", selection, back()).await;
        assert_eq!(done["officer"], json!({"version": 3, "status": "ACTIVE", "viewerActions": ["UPDATE", "ASSIGN", "HANDOVER"], "patch": "乙"}));
    }

    async fn officers_with_all_that_is_theirs_are_one_statement_a_level(app) {
        let query = "{ serviceOfficers(first: 20) { totalCount nodes { postTitle department { name } \
            assignments(first: 2) { totalCount nodes { enterprise { name } } } \
            visits(first: 2) { nodes { participants(first: 5) { nodes { postTitle } } } } } } }";
        let read = app.operator().read(query).await["serviceOfficers"]["nodes"].clone();
        let nodes = read.as_array().unwrap();
        assert_eq!(nodes.len(), 20);
        assert!(nodes.iter().all(|node| node["visits"]["nodes"][0]["participants"]["nodes"].is_array()));
        // 21 officers and their number; of each of 20 the assignments, their number and 3 visits,
        // of which 2 are shown with those who took part.
        assert_eq!(cost(&app, &app.operator(), query).await, (6, 167));
        // A lead sees no visit of these, and then asks for nobody who took part.
        assert_eq!(cost(&app, &app.lead(), query).await.0, 5);
        let firms = "{ enterprises(first: 50) { nodes { name officer { postTitle department { name } } \
            visits(first: 1) { nodes { officer { postTitle } recordedBy { displayName } personTimes } } } } }";
        assert_eq!(cost(&app, &app.operator(), firms).await.0, 2);
        assert_eq!(cost(&app, &app.member(), firms).await.0, 2);
    }
}
