//! The register, as each role meets it.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;
use honglian::kernel::id::{Kind, encode};

const VALID: &str = "91350100M000100Y43";

fn id_of(enterprise: Option<uuid::Uuid>) -> String {
    encode(Kind::Enterprise, enterprise.unwrap())
}

const PROFILE: &str = "query($id: ID!) { enterprise(by: {id: $id}) { name allianceRole uscc \
    employeeCount shortName version createdAt isRedacted } }";

async fn created(app: &TestApp) -> Value {
    let input = json!({"uscc": VALID, "name": "新企业有限公司", "ownership": "PRIVATE"});
    let selection = "enterprise { id version name uscc }";
    app.operator()
        .mutate("createEnterprise", selection, input)
        .await["enterprise"]
        .clone()
}

/// Every page of a list, one row at a time in each direction.
async fn paged(who: &Person<'_>, arguments: &str, forward: bool) -> Vec<String> {
    let (size, from, cursor, more) = if forward {
        ("first", "after", "endCursor", "hasNextPage")
    } else {
        ("last", "before", "startCursor", "hasPreviousPage")
    };
    let mut ids: Vec<String> = Vec::new();
    let mut place = Value::Null;
    loop {
        let query = format!(
            "query($at: String) {{ enterprises({size}: 17, {from}: $at, {arguments}) \
             {{ nodes {{ id }} pageInfo {{ {cursor} {more} }} }} }}"
        );
        let page = who.read_with(&query, json!({"at": place})).await["enterprises"].clone();
        let mut rows: Vec<String> = page["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect();
        if forward {
            ids.extend(rows);
        } else {
            rows.extend(ids);
            ids = rows;
        }
        if page["pageInfo"][more] != true {
            return ids;
        }
        place = page["pageInfo"][cursor].clone();
    }
}

on_both! {
    async fn each_role_sees_what_it_may(app) {
        let query = "{ enterprises(first: 100) { totalCount nodes { isRedacted } } }";
        for (who, total) in [
            (app.admin(), 209), (app.operator(), 209), (app.officer(), 209), (app.lead(), 37),
            (app.member(), 37), (app.outsider(), 1), (app.other_district(), 1),
        ] {
            assert_eq!(who.read(query).await["enterprises"]["totalCount"], total);
        }
        assert_eq!(app.auditor().refused(query, json!({})).await, "FORBIDDEN");
    }

    async fn the_alliance_shows_its_base_and_no_more(app) {
        async fn ask(who: Person<'_>, id: Option<uuid::Uuid>) -> Value {
            who.read_with(PROFILE, json!({"id": id_of(id)})).await["enterprise"].clone()
        }
        let own = ask(app.member(), cast().member.enterprise_id).await;
        assert_eq!(own["isRedacted"], false);
        assert!(own["uscc"].is_string());
        let members = ask(app.lead(), cast().member.enterprise_id).await;
        assert!(members["uscc"].is_string(), "a lead reads its members' profile: {members}");
        assert_eq!((&members["employeeCount"], &members["isRedacted"]), (&Value::Null, &json!(true)));
        let others = ask(app.member(), cast().lead.enterprise_id).await;
        assert_eq!(others["allianceRole"], "LEAD");
        for hidden in ["uscc", "employeeCount", "createdAt"] {
            assert_eq!(others[hidden], Value::Null, "{hidden}");
        }
        assert_eq!(ask(app.member(), cast().outsider.enterprise_id).await, Value::Null);
        assert_eq!(ask(app.other_district(), cast().member.enterprise_id).await, Value::Null);
    }

    async fn a_filter_a_search_or_an_order_tells_no_more_than_the_field(app) {
        let found = app.operator().read_with(
            "query($id: ID!) { enterprise(by: {id: $id}) { uscc employeeCount } }",
            json!({"id": id_of(cast().lead.enterprise_id)}),
        ).await["enterprise"].clone();
        let member = app.member();
        let by_code = member.read_with(
            "query($code: String!) { enterprise(by: {uscc: $code}) { id } \
             enterprises(filter: {uscc: {eq: $code}}) { totalCount } \
             or: enterprises(filter: {or: [{uscc: {eq: $code}}]}) { totalCount } \
             search: enterprises(search: $code) { totalCount } }",
            json!({"code": found["uscc"]}),
        ).await;
        assert_eq!(by_code, json!({"enterprise": null, "enterprises": {"totalCount": 0},
            "or": {"totalCount": 0}, "search": {"totalCount": 0}}));
        let order = "{ enterprises(orderBy: [{field: EMPLOYEE_COUNT}]) { totalCount } }";
        assert_eq!(member.refused(order, json!({})).await, "FORBIDDEN");
    }

    async fn paging_is_the_full_scan_in_every_order_and_direction(app) {
        let who = app.operator();
        for order in ["", "orderBy: [{field: NAME, direction: ASC}]", "orderBy: [{field: STREET}]",
            "orderBy: [{field: STREET, direction: ASC}, {field: NAME}]",
            "orderBy: [{field: EMPLOYEE_COUNT}, {field: CREATED_AT, direction: ASC}]"] {
            let order = if order.is_empty() { "search: null" } else { order };
            let forward = paged(&who, order, true).await;
            let distinct: std::collections::BTreeSet<_> = forward.iter().collect();
            assert_eq!((forward.len(), distinct.len()), (209, 209), "{order}");
            assert_eq!(paged(&who, order, false).await, forward, "{order}");
        }
    }

    async fn a_cursor_of_another_list_is_bad(app) {
        let who = app.operator();
        let page = who.read("{ enterprises(first: 1) { pageInfo { endCursor } } }").await;
        let at = json!({"at": page["enterprises"]["pageInfo"]["endCursor"]});
        for arguments in ["search: \"公司\"", "orderBy: [{field: NAME}]"] {
            let query = format!("query($at: String) {{ enterprises(after: $at, {arguments}) {{ totalCount }} }}");
            assert_eq!(who.refused(&query, at.clone()).await, "BAD_CURSOR");
        }
        let query = "query($at: String) { enterprises(after: $at) { totalCount } }";
        assert_eq!(who.refused(query, json!({"at": "x"})).await, "BAD_CURSOR");
        for bad in ["first: 0", "first: 101", "last: -1", "first: 1, last: 1"] {
            let query = format!("{{ enterprises({bad}) {{ totalCount }} }}");
            assert_eq!(who.refused(&query, json!({})).await, "BAD_USER_INPUT", "{bad}");
        }
    }

    async fn chinese_substrings_and_wildcards_are_found_literally(app) {
        let total = |search: &'static str| {
            let who = app.operator();
            async move {
                let query = "query($s: String) { enterprises(search: $s) { totalCount } }";
                who.read_with(query, json!({"s": search})).await["enterprises"]["totalCount"].clone()
            }
        };
        assert_eq!(total("立白").await, 1);
        assert_eq!(total("%").await, 0);
        assert_eq!(total("_").await, 0);
        assert!(total("fake0").await.as_i64().unwrap() > 0);
    }

    async fn creating_leaves_one_audit_entry_and_one_event(app) {
        let enterprise = created(&app).await;
        assert_eq!(enterprise["version"], 1);
        assert_eq!((app.count("audit_entry").await, app.count("outbox_event").await), (1, 1));
        let again = json!({"uscc": " ９１350100m000100y43 ", "name": "另一家", "ownership": "PRIVATE"});
        assert_eq!(app.operator().faults("createEnterprise", again).await, ["TAKEN input.uscc"]);
        assert_eq!((app.count("audit_entry").await, app.count("outbox_event").await), (1, 1));
    }

    async fn bad_input_is_told_at_its_path_and_writes_nothing(app) {
        let before = app.count("enterprise").await;
        let cases = [
            (json!({"uscc": "91350100M000100Y4Z", "name": "甲", "ownership": "SOE"}), vec!["INVALID input.uscc"]),
            (json!({"uscc": "91350100M000100Y44", "name": "", "ownership": "SOE"}),
                vec!["INVALID input.uscc", "REQUIRED input.name"]),
            (json!({"uscc": VALID, "name": "长".repeat(10_000), "ownership": "SOE"}), vec!["TOO_LONG input.name"]),
            (json!({"uscc": VALID, "name": "a\u{0}b", "ownership": "SOE"}), vec!["INVALID input.name"]),
            (json!({"uscc": VALID, "name": "甲", "ownership": "SOE", "employeeCount": -1, "street": "1",
                "industrySection": "Z", "tags": ["好", "x".repeat(30)]}),
                vec!["INVALID input.industrySection", "INVALID input.street",
                    "OUT_OF_RANGE input.employeeCount", "TOO_LONG input.tags.1"]),
            (json!({"uscc": VALID, "name": "甲", "ownership": "SOE", "parentEnterpriseId": "pairing_x"}),
                vec!["NOT_FOUND input.parentEnterpriseId"]),
        ];
        for (input, expected) in cases {
            assert_eq!(app.operator().faults("createEnterprise", input).await, expected);
        }
        assert_eq!(app.count("enterprise").await, before);
        assert_eq!(app.count("audit_entry").await, 0);
    }

    async fn a_patch_keeps_clears_and_sets(app) {
        let id = created(&app).await["id"].clone();
        let selection = "enterprise { version shortName employeeCount tags }";
        let set = json!({"id": id, "expectedVersion": 1, "shortName": "新企", "employeeCount": 9, "tags": ["医药"]});
        let set = app.operator().mutate("updateEnterprise", selection, set).await;
        assert_eq!(set["enterprise"], json!({"version": 2, "shortName": "新企", "employeeCount": 9, "tags": ["医药"]}));
        let clear = json!({"id": id, "expectedVersion": 2, "shortName": null});
        let clear = app.operator().mutate("updateEnterprise", selection, clear).await;
        assert_eq!(clear["enterprise"], json!({"version": 3, "shortName": null, "employeeCount": 9, "tags": ["医药"]}));
    }

    async fn a_stale_version_shows_the_current_row(app) {
        let id = created(&app).await["id"].clone();
        let stale = json!({"id": id, "expectedVersion": 7, "shortName": "旧"});
        let stale = app.operator().mutate("updateEnterprise", "enterprise { version }", stale).await;
        assert_eq!(stale["userErrors"][0]["code"], "STALE_VERSION");
        assert_eq!(stale["enterprise"]["version"], 1);
        let empty = json!({"id": id, "expectedVersion": 1});
        assert_eq!(app.operator().faults("updateEnterprise", empty).await, ["REQUIRED input"]);
    }

    async fn roles_change_what_is_theirs(app) {
        let own = json!({"id": id_of(cast().member.enterprise_id), "expectedVersion": 1, "description": "简介"});
        assert!(app.member().faults("updateEnterprise", own).await.is_empty());
        let name = json!({"id": id_of(cast().member.enterprise_id), "expectedVersion": 2, "name": "改名"});
        assert_eq!(app.member().faults("updateEnterprise", name).await, ["FORBIDDEN"]);
        let seen = json!({"id": id_of(cast().lead.enterprise_id), "expectedVersion": 1, "description": "x"});
        assert_eq!(app.member().faults("updateEnterprise", seen.clone()).await, ["FORBIDDEN"]);
        for unseen in [id_of(cast().outsider.enterprise_id), encode(Kind::Enterprise, uuid::Uuid::from_u128(5)),
            "enterprise_".to_owned(), encode(Kind::Pairing, cast().lead.enterprise_id.unwrap())] {
            let input = json!({"id": unseen, "expectedVersion": 1, "description": "x"});
            assert_eq!(app.member().faults("updateEnterprise", input).await, ["NOT_FOUND input.id"]);
        }
        assert_eq!(app.other_district().faults("updateEnterprise", seen.clone()).await, ["NOT_FOUND input.id"]);
        let create = "mutation { createEnterprise(input: {uscc: \"\", name: \"\", ownership: PRIVATE}) \
                      { userErrors { code } } }";
        for who in [app.lead(), app.member(), app.officer(), app.auditor(), app.outsider()] {
            assert_eq!(who.refused(create, json!({})).await, "FORBIDDEN");
        }
    }

    async fn what_is_in_force_keeps_an_enterprise_in_the_register(app) {
        let input = json!({"id": id_of(cast().member.enterprise_id), "expectedVersion": 1, "reason": "注销"});
        assert_eq!(app.operator().faults("deactivateEnterprise", input).await, ["DEPENDENCY_EXISTS input.id"]);
        let id = created(&app).await["id"].clone();
        let input = json!({"id": id, "expectedVersion": 1, "reason": "注销"});
        let done = app.operator().mutate("deactivateEnterprise", "enterprise { status deactivationReason }", input.clone()).await;
        assert_eq!(done["enterprise"], json!({"status": "DEACTIVATED", "deactivationReason": "注销"}));
        let again = json!({"id": id, "expectedVersion": 2, "reason": "注销"});
        assert_eq!(app.operator().faults("deactivateEnterprise", again).await, ["INVALID_STATE"]);
    }

    async fn a_duplicate_is_told_with_a_masked_name(app) {
        let check = "{ checkDuplicate(name: \"立白集团\") { isDuplicate candidates { matchedBy } } }";
        let found = app.officer().read(check).await["checkDuplicate"].clone();
        assert_eq!(found, json!({"isDuplicate": true, "candidates": [{"matchedBy": "NAME"}]}));
        assert_eq!(app.member().refused(check, json!({})).await, "FORBIDDEN");
    }

    async fn of_two_changes_on_one_version_one_wins(app) {
        let id = created(&app).await["id"].clone();
        let change = |name: &str| json!({"id": id, "expectedVersion": 1, "shortName": name});
        let (first, second) = (app.operator(), app.admin());
        let (a, b) = tokio::join!(
            first.faults("updateEnterprise", change("一")),
            second.faults("updateEnterprise", change("二")),
        );
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "STALE_VERSION input.expectedVersion"]);
    }
}
