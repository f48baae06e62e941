//! Districts, what their charter sets, and their departments.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::dataset;
use crate::support::rows::{enterprise, texts, with};
use honglian::kernel::id::{Kind, encode};

/// Every value of a policy that a change can set, with its range.
const VALUES: [(&str, i32, i32); 15] = [
    ("pairingMinMembers", 1, 20),
    ("pairingMaxMembers", 1, 20),
    ("underStrengthGraceDays", 1, 365),
    ("idlePairingDays", 1, 365),
    ("officerCapacity", 1, 100),
    ("leadsOnDuty", 1, 8),
    ("workStartMinute", 0, 1439),
    ("workEndMinute", 1, 1440),
    ("maxReopens", 0, 10),
    ("reopenWindowDays", 0, 90),
    ("maxReturns", 0, 10),
    ("yellowPercent", 1, 99),
    ("infoWaitDays", 1, 250),
    ("circularAfterDays", 1, 250),
    ("meetingAfterDays", 1, 250),
];

fn values() -> String {
    VALUES.map(|(field, ..)| field).join(" ")
}

async fn policy(app: &TestApp) -> Value {
    let query = format!(
        "{{ district {{ policy {{ revision registerComplete {} }} }} }}",
        values()
    );
    app.operator().read(&query).await["district"]["policy"].clone()
}

/// The id of a department of a district, by its code.
fn department(district: &str, code: &str) -> String {
    let rows = &dataset().rows;
    let mut districts = rows.districts.iter();
    let district = districts.find(|row| row.code == district).unwrap().id;
    let found = |row: &&entity::department::Model| row.district_id == district && row.code == code;
    encode(
        Kind::Department,
        rows.departments.iter().find(found).unwrap().id,
    )
}

fn office(code: &str) -> Value {
    json!({"code": code, "name": "区试验办公室", "governanceRole": "PARTICIPATING", "isActive": true})
}

on_both! {
    async fn everybody_reads_their_own_district(app) {
        let query = "{ district { code name numberPrefix isActive version } }";
        let liwan = json!({"code": "440103", "name": "荔湾区", "numberPrefix": "LW", "isActive": true, "version": 1});
        for role in ["admin", "operator", "auditor", "officer", "lead", "member", "partner", "outsider"] {
            assert_eq!(app.role(role).read(query).await["district"], liwan, "{role}");
        }
        assert_eq!(app.other_district().read(query).await["district"]["code"], "440104");
        assert_eq!(app.anonymous().refused(query, json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_change_of_the_charter_is_a_new_revision_that_carries_the_rest_over(app) {
        let before = policy(&app).await;
        let change = json!({"expectedVersion": 1, "pairingMaxMembers": 4, "registerComplete": true});
        let selection = "district { policy { revision changedBy { displayName } createdAt } }";
        let done = app.admin().mutate("updateDistrictPolicy", selection, change).await;
        assert_eq!(done["userErrors"], json!([]));
        assert_eq!(done["district"]["policy"], json!({"revision": 2,
            "changedBy": {"displayName": "区级管理员"}, "createdAt": "2021-01-20T02:00:00.000Z"}));
        let expected = with(before, json!({"revision": 2, "pairingMaxMembers": 4, "registerComplete": true}));
        assert_eq!(policy(&app).await, expected);
        assert_eq!(app.trail().await, ["updateDistrictPolicy district", "district.policyUpdated"]);
    }

    async fn enterprises_read_the_revision_in_force_and_auditors_none(app) {
        let change = json!({"expectedVersion": 1, "maxReopens": 1});
        assert_eq!(app.admin().faults("updateDistrictPolicy", change).await, [""; 0]);
        let query = "{ district { policy { revision } policies(first: 5) { totalCount nodes { revision district { code } } } } }";
        let revisions = |numbers: &[i32]| -> Vec<Value> {
            numbers.iter().map(|n| json!({"revision": n, "district": {"code": "440103"}})).collect()
        };
        for (role, seen) in [("admin", vec![2, 1]), ("operator", vec![2, 1]), ("officer", vec![2, 1]),
            ("lead", vec![2]), ("member", vec![2]), ("outsider", vec![2])] {
            let district = app.role(role).read(query).await["district"].clone();
            assert_eq!(district, json!({"policy": {"revision": 2},
                "policies": {"totalCount": seen.len(), "nodes": revisions(&seen)}}), "{role}");
        }
        assert_eq!(app.auditor().read(query).await["district"],
            json!({"policy": null, "policies": {"totalCount": 0, "nodes": []}}));
    }

    async fn a_policy_takes_its_ranges_and_nothing_beyond(app) {
        let lowest: Value = VALUES.iter().map(|(field, low, _)| ((*field).to_owned(), json!(low))).collect();
        let highest: Value = VALUES.iter().map(|(field, _, high)| ((*field).to_owned(), json!(high))).collect();
        // The day's end at its lowest is one minute after its start at its lowest.
        for (version, extreme) in [(1, lowest), (2, with(highest, json!({"workStartMinute": 1439})))] {
            let change = with(extreme.clone(), json!({"expectedVersion": version}));
            assert_eq!(app.admin().faults("updateDistrictPolicy", change).await, [""; 0]);
            let now = policy(&app).await;
            for (field, ..) in VALUES {
                assert_eq!(now[field], extreme[field], "{field}");
            }
        }
        app.trail().await;
        for (field, low, high) in VALUES {
            for bad in [low - 1, high + 1] {
                let change = json!({"expectedVersion": 3, field: bad});
                let faults = app.admin().faults("updateDistrictPolicy", change).await;
                assert_eq!(faults, [format!("OUT_OF_RANGE input.{field}")], "{bad}");
            }
            let cleared = json!({"expectedVersion": 3, field: null});
            assert_eq!(app.admin().faults("updateDistrictPolicy", cleared).await, [format!("REQUIRED input.{field}")]);
        }
        assert_eq!(app.trail().await, [""; 0]);
        assert_eq!(policy(&app).await["revision"], 3);
    }

    async fn a_policy_that_contradicts_itself_or_what_has_changed_is_refused(app) {
        let before = policy(&app).await;
        let cases = [
            (json!({"expectedVersion": 1}), "REQUIRED input"),
            (json!({"expectedVersion": 1, "registerComplete": null}), "REQUIRED input.registerComplete"),
            (json!({"expectedVersion": 1, "pairingMinMembers": 4}), "OUT_OF_RANGE input.pairingMaxMembers"),
            (json!({"expectedVersion": 1, "pairingMaxMembers": 1}), "OUT_OF_RANGE input.pairingMaxMembers"),
            (json!({"expectedVersion": 1, "workStartMinute": 1050}), "OUT_OF_RANGE input.workEndMinute"),
            (json!({"expectedVersion": 1, "workEndMinute": 540}), "OUT_OF_RANGE input.workEndMinute"),
            (json!({"expectedVersion": 0, "maxReopens": 1}), "STALE_VERSION input.expectedVersion"),
            (json!({"expectedVersion": 2, "maxReopens": 1}), "STALE_VERSION input.expectedVersion"),
        ];
        for (input, expected) in cases {
            assert_eq!(app.admin().faults("updateDistrictPolicy", input.clone()).await, [expected], "{input}");
        }
        let stale = json!({"expectedVersion": 9, "maxReopens": 1});
        let stale = app.admin().mutate("updateDistrictPolicy", "district { policy { revision } }", stale).await;
        assert_eq!(stale["district"], json!({"policy": {"revision": 1}}), "the current row");
        app.only(&["admin"], "updateDistrictPolicy", &json!({"expectedVersion": 1, "maxReopens": 99})).await;
        assert_eq!(policy(&app).await, before);
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn of_two_revisions_at_once_one_is_the_next(app) {
        let change = |days: i32| json!({"expectedVersion": 1, "idlePairingDays": days});
        let (first, second) = (app.admin(), app.admin());
        let (a, b) = tokio::join!(
            first.faults("updateDistrictPolicy", change(10)),
            second.faults("updateDistrictPolicy", change(20)),
        );
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "STALE_VERSION input.expectedVersion"]);
        assert_eq!(policy(&app).await["revision"], 2);
        assert_eq!(app.trail().await, ["updateDistrictPolicy district", "district.policyUpdated"]);
    }

    async fn departments_are_listed_narrowed_and_paged(app) {
        let query = "{ departments(first: 3, orderBy: [{field: CODE, direction: ASC}]) { totalCount \
            nodes { code } pageInfo { hasNextPage endCursor } } \
            one: departments(filter: {governanceRole: {eq: OVERALL}}) { nodes { code name isActive } } \
            found: departments(search: \"市场监督\") { nodes { code } } \
            by: departments(search: \"tax\") { nodes { code } } \
            none: departments(filter: {code: {in: []}}) { totalCount } \
            or: departments(filter: {or: [{code: {eq: \"TAX\"}}, {name: {startsWith: \"区财\"}}]}) { totalCount } \
            district { departments(first: 1, filter: {isActive: true}) { totalCount } } }";
        let listed = app.member().read(query).await;
        assert_eq!(listed["departments"]["totalCount"], 14);
        let codes: Vec<&Value> = listed["departments"]["nodes"].as_array().unwrap().iter().map(|n| &n["code"]).collect();
        assert_eq!(codes, ["DEVELOPMENT_REFORM", "DISTRICT_COMMITTEE", "FINANCE"]);
        assert_eq!(listed["one"]["nodes"], json!([{"code": "DISTRICT_COMMITTEE", "name": "区委", "isActive": true}]));
        assert_eq!(listed["found"]["nodes"], json!([{"code": "MARKET_REGULATION"}]));
        assert_eq!(listed["by"]["nodes"], json!([{"code": "TAX"}]));
        assert_eq!((&listed["none"]["totalCount"], &listed["or"]["totalCount"]), (&json!(0), &json!(2)));
        assert_eq!(listed["district"]["departments"]["totalCount"], 14);
        let rest = "query($at: String) { departments(first: 20, after: $at, orderBy: [{field: CODE, direction: ASC}]) { nodes { code } } }";
        let rest = app.member().read_with(rest, json!({"at": listed["departments"]["pageInfo"]["endCursor"]})).await;
        assert_eq!(rest["departments"]["nodes"].as_array().unwrap().len(), 11);
        let total = "{ departments { totalCount } }";
        assert_eq!(app.other_district().read(total).await["departments"]["totalCount"], 3);
        assert_eq!(app.auditor().refused(total, json!({})).await, "FORBIDDEN");
        assert_eq!(app.anonymous().refused(total, json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_department_is_entered_and_changed(app) {
        let selection = "department { id version code name governanceRole isActive district { code } }";
        let new = app.admin().mutate("upsertDepartment", selection, office(" TRIAL ")).await["department"].clone();
        let expected = with(office("TRIAL"), json!({"id": new["id"], "version": 1, "district": {"code": "440103"}}));
        assert_eq!(new, expected);
        assert_eq!(app.trail().await, ["upsertDepartment department", "department.created"]);
        let change = with(office("TRIAL_2"), json!({"id": new["id"], "expectedVersion": 1, "isActive": false}));
        let changed = app.admin().mutate("upsertDepartment", selection, change).await["department"].clone();
        assert_eq!(changed, with(expected, json!({"code": "TRIAL_2", "version": 2, "isActive": false})));
        assert_eq!(app.trail().await, ["upsertDepartment department", "department.updated"]);
        let audited = app.texts("SELECT 1 || '' FROM department WHERE code = 'TRIAL_2'").await;
        assert_eq!(audited.len(), 1);
    }

    async fn a_department_that_cannot_be_is_refused(app) {
        let own = department("440103", "TAX");
        let overall = department("440103", "DISTRICT_COMMITTEE");
        let cases = [
            (json!({"code": " "}), vec!["REQUIRED input.code"]),
            (json!({"code": "x".repeat(41), "name": "长".repeat(10_000)}), vec!["TOO_LONG input.code", "TOO_LONG input.name"]),
            (json!({"name": "a\u{7}b"}), vec!["INVALID input.name"]),
            (json!({"name": "两\n行"}), vec!["INVALID input.name"]),
            (json!({"id": own}), vec!["REQUIRED input.expectedVersion"]),
            (json!({"expectedVersion": 1}), vec!["REQUIRED input.id"]),
            (json!({"id": own, "expectedVersion": 7}), vec!["STALE_VERSION input.expectedVersion"]),
            (json!({"code": "FINANCE"}), vec!["TAKEN input.code"]),
            (json!({"id": own, "expectedVersion": 1, "code": "FINANCE"}), vec!["TAKEN input.code"]),
            (json!({"governanceRole": "OVERALL"}), vec!["TAKEN input.governanceRole"]),
            (json!({"code": "TAX", "governanceRole": "LEAD"}), vec!["TAKEN input.code", "TAKEN input.governanceRole"]),
            (json!({"id": overall, "expectedVersion": 1}), vec!["DEPENDENCY_EXISTS input.governanceRole"]),
            (json!({"id": overall, "expectedVersion": 1, "governanceRole": "OVERALL", "isActive": false}),
                vec!["DEPENDENCY_EXISTS input.isActive"]),
            (json!({"id": department("440104", "ORGANISATION"), "expectedVersion": 1}), vec!["NOT_FOUND input.id"]),
            (json!({"id": enterprise("立白集团"), "expectedVersion": 1}), vec!["NOT_FOUND input.id"]),
            (json!({"id": "department_x", "expectedVersion": 1}), vec!["NOT_FOUND input.id"]),
        ];
        for (change, expected) in cases {
            let input = with(office("TRIAL"), change);
            assert_eq!(app.admin().faults("upsertDepartment", input.clone()).await, expected, "{input}");
        }
        let stale = with(office("TRIAL"), json!({"id": own, "expectedVersion": 7}));
        let stale = app.admin().mutate("upsertDepartment", "department { code version }", stale).await;
        assert_eq!(stale["department"], json!({"code": "TAX", "version": 1}));
        app.only(&["admin"], "upsertDepartment", &office("")).await;
        assert_eq!(app.trail().await, [""; 0]);
        assert_eq!(app.count("department").await, 17);
    }

    async fn a_part_in_governing_goes_to_another_department_in_exchange(app) {
        let admin = app.admin();
        let of = |code: &str| department("440103", code);
        let parts = async || -> Vec<String> {
            let query = "{ departments(first: 50, orderBy: [{field: CODE, direction: ASC}], filter: \
                {governanceRole: {in: [OVERALL, LEAD]}}) { nodes { code governanceRole version } } }";
            let nodes = admin.read(query).await["departments"]["nodes"].clone();
            let line = |node: &Value| format!("{} {} {}", node["code"].as_str().unwrap(),
                node["governanceRole"].as_str().unwrap(), node["version"]);
            nodes.as_array().unwrap().iter().map(line).collect()
        };
        assert_eq!(parts().await, ["DISTRICT_COMMITTEE OVERALL 1", "ORGANISATION LEAD 1"]);
        let moving = |code: &str, version: i32, role: &str| json!({"id": of(code), "expectedVersion": version, "governanceRole": role});
        app.execute("UPDATE department SET is_active = FALSE WHERE code = 'TAX'").await;
        for (input, fault) in [
            (moving("FINANCE", 1, "PARTICIPATING"), "INVALID input.governanceRole"),
            (moving("ORGANISATION", 1, "LEAD"), "INVALID input.governanceRole"),
            (moving("FINANCE", 2, "LEAD"), "STALE_VERSION input.expectedVersion"),
            (moving("TAX", 1, "LEAD"), "INVALID_STATE input.id"),
            (with(moving("FINANCE", 1, "LEAD"), json!({"id": department("440104", "ORGANISATION")})), "NOT_FOUND input.id"),
        ] {
            assert_eq!(admin.faults("moveGovernanceRole", input.clone()).await, [fault], "{input}");
        }
        app.only(&["admin"], "moveGovernanceRole", &moving("FINANCE", 1, "LEAD")).await;
        assert_eq!(app.trail().await, [""; 0]);
        let selection = "department { code governanceRole version }";
        let done = admin.mutate("moveGovernanceRole", selection, moving("FINANCE", 1, "LEAD")).await;
        assert_eq!(done["department"], json!({"code": "FINANCE", "governanceRole": "LEAD", "version": 2}));
        assert_eq!(parts().await, ["DISTRICT_COMMITTEE OVERALL 1", "FINANCE LEAD 2"]);
        assert_eq!(app.trail().await, ["moveGovernanceRole department", "moveGovernanceRole department",
            "department.updated", "department.updated"]);
        // The two that have a part each exchange them.
        assert_eq!(admin.faults("moveGovernanceRole", moving("FINANCE", 2, "OVERALL")).await, [""; 0]);
        assert_eq!(parts().await, ["DISTRICT_COMMITTEE LEAD 3", "FINANCE OVERALL 3"]);
    }

    async fn of_two_departments_with_one_code_one_wins(app) {
        let (first, second) = (app.admin(), app.admin());
        let (a, b) = tokio::join!(
            first.faults("upsertDepartment", office("TRIAL")),
            second.faults("upsertDepartment", office("TRIAL")),
        );
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "TAKEN input.code"]);
        assert_eq!(app.trail().await, ["upsertDepartment department", "department.created"]);
    }

    async fn another_district_may_use_the_same_code(app) {
        let codes = app.texts("SELECT code FROM department WHERE code = 'ORGANISATION'").await;
        assert_eq!(codes.len(), 2);
        let seen = app.operator().read("{ departments(filter: {code: {eq: \"ORGANISATION\"}}) { nodes { code } } }").await;
        let nodes: Vec<Value> = seen["departments"]["nodes"].as_array().unwrap().iter().map(|n| n["code"].clone()).collect();
        assert_eq!(texts(&Value::from(nodes)), ["ORGANISATION"]);
    }
}
