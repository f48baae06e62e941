//! Anything by its id alone: in order, in one statement a kind, and with each kind's own rules.

use entity::pairing::PairingKind;
use serde_json::{Value, json};

use crate::on_both;
use crate::support::database::{cast, dataset};
use crate::support::rows::{enterprise, enterprise_row};
use honglian::kernel::id::{Kind, encode};

const NAMED: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Enterprise { name } \
    ... on Pairing { name kind } ... on Department { code } ... on User { displayName } } }";

fn department() -> String {
    encode(Kind::Department, dataset().rows.departments[0].id)
}

fn pairing() -> String {
    let rows = &dataset().rows.pairings;
    let lead = cast().lead.enterprise_id.unwrap();
    let own = rows
        .iter()
        .find(|row| row.lead_id == lead && row.kind == PairingKind::OnePlusN);
    encode(Kind::Pairing, own.unwrap().id)
}

on_both! {
    async fn nodes_come_in_their_order_with_nulls_in_place(app) {
        let foreign = enterprise("越秀演示企业 001 有限公司");
        let (first, second) = (enterprise("立白集团"), enterprise("唯品会"));
        let unknown = encode(Kind::Enterprise, uuid::Uuid::from_u128(1));
        let mistyped = first.replace("enterprise", "pairing");
        let own = encode(Kind::User, cast().officer.user_id);
        let operator = encode(Kind::User, cast().operator.user_id);
        let ids = [&second, &foreign, &pairing(), "x", &first, &unknown, &department(), &mistyped, &second, &own, &operator, ""];
        let nodes = app.officer().read_with(NAMED, json!({"ids": ids})).await["nodes"].clone();
        assert_eq!(nodes, json!([
            {"__typename": "Enterprise", "id": second, "name": "唯品会"}, null,
            {"__typename": "Pairing", "id": pairing(), "name": "演示企业 003 1+3 结对", "kind": "ONE_PLUS_N"}, null,
            {"__typename": "Enterprise", "id": first, "name": "立白集团"}, null,
            {"__typename": "Department", "id": department(), "code": "DISTRICT_COMMITTEE"}, null,
            {"__typename": "Enterprise", "id": second, "name": "唯品会"},
            {"__typename": "User", "id": own, "displayName": "首席服务官 1"}, null, null]));
        // The other district sees its own in the same places, and nothing else.
        let other = app.other_district().read_with(NAMED, json!({"ids": ids})).await["nodes"].clone();
        let seen: Vec<usize> = (0..ids.len()).filter(|place| !other[place].is_null()).collect();
        assert_eq!(seen, [1]);
    }

    async fn a_node_is_null_where_there_is_none_to_see(app) {
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let own = enterprise("立白集团");
        for (role, id, seen) in [
            ("operator", own.clone(), true), ("member", own.clone(), true), ("outsider", own.clone(), false),
            ("auditor", own.clone(), false), ("other district", own.clone(), false),
            ("operator", format!("{own} "), false), ("operator", own.to_uppercase(), false),
            ("operator", own.replace("enterprise_", "department_"), false), ("operator", String::new(), false),
            ("auditor", department(), false), ("auditor", encode(Kind::District, dataset().rows.districts[0].id), true),
            ("member", encode(Kind::District, dataset().rows.districts[1].id), false),
            ("auditor", encode(Kind::User, cast().auditor.user_id), true),
            ("auditor", encode(Kind::User, cast().admin.user_id), false),
            ("operator", encode(Kind::User, cast().other_district_operator.user_id), false),
        ] {
            let node = app.role(role).read_with(query, json!({"id": id})).await["node"].clone();
            assert_eq!(!node.is_null(), seen, "{role} {id}");
        }
        assert_eq!(app.anonymous().refused(query, json!({"id": own})).await, "UNAUTHENTICATED");
    }

    async fn a_hundred_ids_are_read_and_one_more_is_not(app) {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let ids: Vec<String> = dataset().rows.enterprises.iter().take(101).map(|row| encode(Kind::Enterprise, row.id)).collect();
        let nodes = app.operator().read_with(query, json!({"ids": ids[..100]})).await["nodes"].clone();
        let read: Vec<&Value> = nodes.as_array().unwrap().iter().map(|node| &node["id"]).collect();
        assert_eq!(read, ids[..100].iter().collect::<Vec<_>>());
        assert_eq!(app.operator().refused(query, json!({"ids": ids})).await, "BAD_USER_INPUT");
        assert_eq!(app.operator().read_with(query, json!({"ids": []})).await["nodes"], json!([]));
        assert_eq!(app.anonymous().refused(query, json!({"ids": []})).await, "UNAUTHENTICATED");
    }

    async fn lists_under_one_name_in_different_kinds_are_different_lists(app) {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { \
            ... on Pairing { list: members(first: 2) { totalCount nodes { __typename id } } } \
            ... on Enterprise { list: memberships(first: 5) { totalCount nodes { __typename id } } } \
            ... on District { list: departments(first: 1) { totalCount nodes { __typename id } } } } }";
        let district = encode(Kind::District, dataset().rows.districts[0].id);
        let ids = json!({"ids": [pairing(), enterprise("立白集团"), district]});
        let nodes = app.operator().read_with(query, ids).await["nodes"].clone();
        for (place, total, shown, kind) in [(0, 3, 2, "PairingMember"), (1, 1, 1, "Membership"), (2, 14, 1, "Department")] {
            let list = &nodes[place]["list"];
            assert_eq!((&list["totalCount"], list["nodes"].as_array().unwrap().len()), (&json!(total), shown), "{list}");
            assert_eq!(list["nodes"][0]["__typename"], kind);
        }
    }

    async fn a_list_that_is_asked_for_in_two_places_answers_both(app) {
        let query = "{ district { departments(first: 2) { nodes { code } } departments(first: 2) { totalCount nodes { name } } \
            ... on District { departments(first: 2) { nodes { governanceRole } pageInfo { hasNextPage } } } } }";
        let list = app.operator().read(query).await["district"]["departments"].clone();
        assert_eq!((&list["totalCount"], &list["pageInfo"]["hasNextPage"]), (&json!(14), &json!(true)));
        for node in list["nodes"].as_array().unwrap() {
            assert!(node["code"].is_string() && node["name"].is_string() && node["governanceRole"].is_string(), "{node}");
        }
    }

    async fn what_a_kind_needs_is_read_whatever_the_other_kinds_select(app) {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { \
            ... on Enterprise { name district { name } memberships { nodes { role enterprise { name allianceRole } } } } \
            ... on Pairing { status isIdle viewerActions lead { name district { code } } members { nodes { enterprise { name } pairing { isRedacted } } } } } }";
        let ids = json!({"ids": [enterprise("立白集团"), pairing()]});
        let nodes = app.lead().read_with(query, ids).await["nodes"].clone();
        assert_eq!(nodes[0], json!({"name": "立白集团", "district": {"name": "荔湾区"}, "memberships": {"nodes":
            [{"role": "LEAD", "enterprise": {"name": "立白集团", "allianceRole": "LEAD"}}]}}));
        assert_eq!(nodes[1]["viewerActions"], json!(["RECORD_INTERACTION"]));
        assert_eq!(nodes[1]["members"]["nodes"].as_array().unwrap().len(), 3);
        assert_eq!(nodes[1]["members"]["nodes"][0]["pairing"]["isRedacted"], false);
        assert_ne!(enterprise_row("立白集团"), cast().lead.enterprise_id.unwrap());
    }
}
