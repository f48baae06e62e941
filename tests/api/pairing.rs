//! Pairings: from proposal to end, how many take part, what binds whom, and what they do together.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::dataset;
use crate::support::rows::{enterprise, enterprise_row, literal};
use entity::pairing::PairingKind;
use honglian::kernel::id::{Kind, encode};

fn demo(number: usize) -> String {
    enterprise(&format!("演示企业 {number:03} 有限公司"))
}

/// The pairing of a kind that an enterprise of the Liwan data leads.
fn led(name: &str, kind: PairingKind) -> String {
    let id = enterprise_row(name);
    let mut rows = dataset().rows.pairings.iter();
    encode(
        Kind::Pairing,
        rows.find(|row| row.lead_id == id && row.kind == kind)
            .unwrap()
            .id,
    )
}

/// The 1+N of a made-up lead.
fn pairing(lead: usize) -> String {
    led(
        &format!("演示企业 {lead:03} 有限公司"),
        PairingKind::OnePlusN,
    )
}

fn with(mut input: Value, change: &Value) -> Value {
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    input
}

/// Ends a pairing of the Liwan data, so that its enterprises are free.
async fn ended(app: &TestApp, id: &str) {
    let input = json!({"id": id, "expectedVersion": 2, "reason": "调整"});
    assert_eq!(app.operator().faults("endPairing", input).await, [""; 0]);
}

async fn proposed(app: &TestApp, kind: &str, lead: &str, members: &[String]) -> String {
    let input = json!({"kind": kind, "leadId": lead, "memberIds": members, "name": "试验结对"});
    let done = app
        .operator()
        .mutate("proposePairing", "pairing { id }", input)
        .await;
    assert_eq!(done["userErrors"], json!([]));
    done["pairing"]["id"].as_str().unwrap().to_owned()
}

async fn activated(app: &TestApp, id: &str) {
    let input = json!({"id": id, "expectedVersion": 1});
    assert_eq!(
        app.operator().faults("activatePairing", input).await,
        [""; 0]
    );
}

const STATE: &str = "version status startsOn endsOn underStrengthSince isUnderStrengthOverdue \
    members(orderBy: [{field: CREATED_AT, direction: ASC}]) { nodes { status joinedOn leftOn enterprise { id } } }";

async fn state(who: &Person<'_>, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ pairing(id: $id) {{ {STATE} }} }}");
    who.read_with(&query, json!({"id": id})).await["pairing"].clone()
}

async fn change(app: &TestApp, name: &str, id: &str, version: i32, firm: &str) -> Value {
    let input = json!({"id": id, "expectedVersion": version, "enterpriseId": firm});
    let selection = format!("pairing {{ {STATE} }}");
    app.operator().mutate(name, &selection, input).await
}

fn interaction(pairing: &str) -> Value {
    json!({"pairingId": pairing, "type": "FORUM", "heldOn": "2021-01-18", "title": "发展论坛",
        "modes": ["JOINT_PROBLEM_SOLVING"]})
}

on_both! {
    async fn the_pairings_of_the_article(app) {
        let query = "{ pairings(first: 20, filter: {kind: {eq: ONE_PLUS_N}}) { totalCount nodes { status members { totalCount } } } \
            soe: pairings(filter: {kind: {eq: SOE_PRIVATE}, status: {eq: ACTIVE}}) { totalCount nodes { members { totalCount } } } }";
        for role in ["operator", "officer", "lead", "member", "partner"] {
            let all = app.role(role).read(query).await;
            let sizes = |list: &str| -> Vec<i64> {
                let mut sizes: Vec<i64> = all[list]["nodes"].as_array().unwrap().iter()
                    .map(|node| node["members"]["totalCount"].as_i64().unwrap()).collect();
                sizes.sort_unstable();
                sizes
            };
            assert_eq!(sizes("pairings"), [2, 3, 3, 3, 3, 3, 3, 3], "seven of 3 and one of 2, for {role}");
            assert_eq!(sizes("soe"), [1; 6]);
        }
        assert_eq!(app.outsider().read("{ pairings { totalCount } }").await["pairings"]["totalCount"], 0);
        assert_eq!(app.other_district().read("{ pairings { totalCount } }").await["pairings"]["totalCount"], 0);
        for query in ["{ pairings { totalCount } }".to_owned(), format!("{{ pairing(id: \"{}\") {{ id }} }}", pairing(3))] {
            assert_eq!(app.auditor().refused(&query, json!({})).await, "FORBIDDEN");
            assert_eq!(app.anonymous().refused(&query, json!({})).await, "UNAUTHENTICATED");
        }
    }

    async fn a_lead_proposes_and_the_district_brings_it_into_force(app) {
        ended(&app, &pairing(3)).await;
        app.trail().await;
        let input = json!({"kind": "ONE_PLUS_N", "leadId": demo(3), "memberIds": [demo(12), demo(13)],
            "name": " 新结对 ", "goals": "共建"});
        let selection = format!("pairing {{ id name goals kind lead {{ id }} viewerActions {STATE} }}");
        let done = app.lead().mutate("proposePairing", &selection, input).await;
        assert_eq!(done["userErrors"], json!([]));
        let draft = done["pairing"].clone();
        let id = draft["id"].as_str().unwrap();
        let member = |status: &str, joined: Value, number| json!({"status": status, "joinedOn": joined, "leftOn": null, "enterprise": {"id": demo(number)}});
        assert_eq!(draft, json!({"id": id, "name": "新结对", "goals": "共建", "kind": "ONE_PLUS_N", "lead": {"id": demo(3)},
            "viewerActions": [], "version": 1, "status": "DRAFT", "startsOn": null, "endsOn": null, "underStrengthSince": null,
            "isUnderStrengthOverdue": false, "members": {"nodes": [member("PROPOSED", json!(null), 12), member("PROPOSED", json!(null), 13)]}}));
        assert_eq!(app.trail().await, ["proposePairing pairing", "pairing.proposed"]);
        // A draft binds nobody and is seen by those it is about.
        assert!(!state(&app.member(), id).await.is_null());
        assert!(state(&app.role("partner"), id).await.is_null());
        let query = "query($id: ID!) { pairing(id: $id) { viewerActions } }";
        let actions = app.operator().read_with(query, json!({"id": id})).await["pairing"]["viewerActions"].clone();
        assert_eq!(actions, json!(["ACTIVATE", "ADD_MEMBER", "REMOVE_MEMBER", "END"]));
        let input = json!({"id": id, "expectedVersion": 1, "startsOn": "2021-01-11"});
        let done = app.operator().mutate("activatePairing", &format!("pairing {{ viewerActions {STATE} }}"), input).await;
        assert_eq!(done, json!({"userErrors": [], "pairing": {"viewerActions": ["ADD_MEMBER", "REMOVE_MEMBER", "RECORD_INTERACTION", "END"],
            "version": 2, "status": "ACTIVE", "startsOn": "2021-01-11", "endsOn": null, "underStrengthSince": null, "isUnderStrengthOverdue": false,
            "members": {"nodes": [member("ACTIVE", json!("2021-01-11"), 12), member("ACTIVE", json!("2021-01-11"), 13)]}}}));
        assert_eq!(app.trail().await, ["activatePairing pairing", "pairing.activated"]);
        assert!(!state(&app.role("partner"), id).await.is_null());
    }

    async fn a_proposal_that_cannot_be_is_refused(app) {
        let base = json!({"kind": "ONE_PLUS_N", "leadId": demo(3), "memberIds": [demo(12), demo(13)], "name": "新结对"});
        let foreign = enterprise("越秀演示企业 001 有限公司");
        let cases = [
            (json!({"name": ""}), vec!["REQUIRED input.name"]),
            (json!({"name": "长".repeat(10_000), "goals": "长".repeat(2001)}), vec!["TOO_LONG input.name", "TOO_LONG input.goals"]),
            (json!({"goals": "a\u{1}"}), vec!["INVALID input.goals"]),
            (json!({"memberIds": []}), vec!["REQUIRED input.memberIds"]),
            (json!({"memberIds": (12..32).chain([39]).map(demo).collect::<Vec<_>>()}), vec!["OUT_OF_RANGE input.memberIds"]),
            (json!({"memberIds": [demo(12), demo(13), demo(14), demo(15)]}), vec!["OUT_OF_RANGE input.memberIds"]),
            (json!({"memberIds": [demo(12), demo(12), demo(3)]}), vec!["INVALID input.memberIds.1", "INVALID input.memberIds.2"]),
            (json!({"memberIds": [demo(12), demo(39)]}), vec!["INVALID input.memberIds.1"]),
            (json!({"memberIds": [demo(4), demo(12)]}), vec!["INVALID input.memberIds.0"]),
            (json!({"memberIds": [foreign, demo(12)]}), vec!["NOT_FOUND input.memberIds.0"]),
            (json!({"memberIds": [demo(12), pairing(3), "x"]}), vec!["NOT_FOUND input.memberIds.1", "NOT_FOUND input.memberIds.2"]),
            (json!({"leadId": foreign}), vec!["NOT_FOUND input.leadId"]),
            (json!({"leadId": "x"}), vec!["NOT_FOUND input.leadId"]),
            (json!({"leadId": demo(14)}), vec!["INVALID input.leadId"]),
            (json!({"leadId": demo(39), "memberIds": [demo(3)]}), vec!["INVALID input.leadId", "INVALID input.memberIds.0"]),
        ];
        for (fields, expected) in cases {
            let input = with(base.clone(), &fields);
            assert_eq!(app.operator().faults("proposePairing", input.clone()).await, expected, "{input}");
        }
        // A lead proposes its own 1+N and no other.
        for (fields, expected) in [
            (json!({"leadId": demo(4)}), "FORBIDDEN input.leadId"),
            (json!({"kind": "SOE_PRIVATE", "memberIds": [demo(15)]}), "FORBIDDEN input.leadId"),
            (json!({"leadId": demo(39)}), "NOT_FOUND input.leadId"),
        ] {
            assert_eq!(app.lead().faults("proposePairing", with(base.clone(), &fields)).await, [expected], "{fields}");
        }
        app.only(&["admin", "operator", "lead", "other district"], "proposePairing", &with(base, &json!({"name": ""}))).await;
        assert_eq!(app.trail().await, [""; 0]);
        assert_eq!(app.count("pairing").await, 14);
    }

    async fn neither_one_member_nor_four_come_into_force(app) {
        ended(&app, &pairing(3)).await;
        ended(&app, &pairing(4)).await;
        let one = proposed(&app, "ONE_PLUS_N", &demo(3), &[demo(12)]).await;
        let policy = |version: i32, most: i32| json!({"expectedVersion": version, "pairingMaxMembers": most});
        assert_eq!(app.admin().faults("updateDistrictPolicy", policy(1, 4)).await, [""; 0]);
        let four = proposed(&app, "ONE_PLUS_N", &demo(4), &[demo(13), demo(14), demo(15), demo(16)]).await;
        assert_eq!(app.admin().faults("updateDistrictPolicy", policy(2, 3)).await, [""; 0]);
        app.trail().await;
        for (id, count) in [(&one, "1"), (&four, "4")] {
            let input = json!({"id": id, "expectedVersion": 1});
            let refused = app.operator().mutate("activatePairing", &format!("pairing {{ {STATE} }}"), input).await;
            let error = &refused["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!("OUT_OF_RANGE"), &json!(["input", "id"])));
            assert_eq!(error["params"], json!([{"name": "min", "value": "2"}, {"name": "max", "value": "3"}, {"name": "count", "value": count}]));
            assert_eq!(refused["pairing"]["status"], "DRAFT");
        }
        assert_eq!(app.trail().await, [""; 0]);
        // With the right number they do.
        assert_eq!(change(&app, "addPairingMember", &one, 1, &enterprise("名创优品")).await["userErrors"], json!([]));
        assert_eq!(app.trail().await, ["addPairingMember pairing", "pairing.member_added"]);
        assert_eq!(change(&app, "removePairingMember", &four, 1, &demo(16)).await["pairing"]["status"], "DRAFT");
        for id in [one, four] {
            assert_eq!(app.operator().faults("activatePairing", json!({"id": id, "expectedVersion": 2})).await, [""; 0]);
        }
    }

    async fn an_activation_that_cannot_be_is_refused(app) {
        ended(&app, &pairing(3)).await;
        let id = proposed(&app, "ONE_PLUS_N", &demo(3), &[demo(12), demo(13)]).await;
        app.trail().await;
        let foreign = encode(Kind::Pairing, uuid::Uuid::from_u128(5));
        for (fields, expected) in [
            (json!({"startsOn": "2021-01-21"}), "OUT_OF_RANGE input.startsOn"),
            (json!({"startsOn": "1999-12-31"}), "OUT_OF_RANGE input.startsOn"),
            (json!({"expectedVersion": 2}), "STALE_VERSION input.expectedVersion"),
            (json!({"id": pairing(4), "expectedVersion": 2}), "INVALID_STATE"),
            (json!({"id": pairing(3), "expectedVersion": 3}), "INVALID_STATE"),
            (json!({"id": foreign}), "NOT_FOUND input.id"),
            (json!({"id": demo(3)}), "NOT_FOUND input.id"),
        ] {
            let input = with(json!({"id": id, "expectedVersion": 1}), &fields);
            assert_eq!(app.operator().faults("activatePairing", input).await, [expected], "{fields}");
        }
        let input = json!({"id": id, "expectedVersion": 1});
        assert_eq!(app.other_district().faults("activatePairing", input.clone()).await, ["NOT_FOUND input.id"]);
        app.only(&["admin", "operator", "other district"], "activatePairing", &with(input.clone(), &json!({"startsOn": "2099-01-01"}))).await;
        // What suited when it was proposed and suits no more.
        app.execute(&format!("UPDATE membership SET role = 'LEAD' WHERE enterprise_id = {}",
            literal(&app, enterprise_row("演示企业 013 有限公司")))).await;
        assert_eq!(app.operator().faults("activatePairing", input).await, ["INVALID input.id"]);
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn a_lead_and_a_member_are_in_one_pairing_of_a_kind(app) {
        // 004 leads already; 012 to 014 are members of 003's.
        let same_lead = proposed(&app, "ONE_PLUS_N", &demo(4), &[demo(25), demo(26)]).await;
        ended(&app, &pairing(8)).await;
        let same_member = proposed(&app, "ONE_PLUS_N", &demo(8), &[demo(25), demo(12)]).await;
        let free = proposed(&app, "ONE_PLUS_N", &demo(8), &[demo(25), demo(26)]).await;
        app.trail().await;
        for (id, bound) in [(&same_lead, 4), (&same_member, 12)] {
            let input = json!({"id": id, "expectedVersion": 1});
            let refused = app.operator().mutate("activatePairing", "pairing { status }", input).await;
            let error = &refused["userErrors"][0];
            assert_eq!((&error["code"], &error["field"], &refused["pairing"]["status"]), (&json!("TAKEN"), &json!(["input", "id"]), &json!("DRAFT")));
            assert_eq!(error["params"], json!([{"name": "enterprise", "value": demo(bound)}]));
        }
        assert_eq!(app.trail().await, [""; 0]);
        activated(&app, &free).await;
        let taken = change(&app, "addPairingMember", &free, 2, &demo(12)).await;
        assert_eq!((&taken["userErrors"][0]["code"], &taken["userErrors"][0]["field"], &taken["pairing"]["version"]),
            (&json!("TAKEN"), &json!(["input", "enterpriseId"]), &json!(2)));
    }

    async fn members_come_and_go_with_the_strength_of_the_pairing(app) {
        let id = pairing(8);
        let since = "2021-01-20T02:00:00+00:00";
        // Two to one: under strength, and still in force.
        let one = change(&app, "removePairingMember", &id, 2, &demo(25)).await;
        assert_eq!(one["userErrors"], json!([]));
        assert_eq!((&one["pairing"]["status"], &one["pairing"]["underStrengthSince"], &one["pairing"]["version"]),
            (&json!("UNDER_STRENGTH"), &json!(since), &json!(3)));
        assert_eq!(one["pairing"]["members"]["nodes"], json!([
            {"status": "LEFT", "joinedOn": "2019-11-06", "leftOn": "2021-01-20", "enterprise": {"id": demo(25)}},
            {"status": "ACTIVE", "joinedOn": "2019-11-06", "leftOn": null, "enterprise": {"id": demo(26)}}]));
        assert_eq!(app.trail().await, ["removePairingMember pairing", "pairing.member_removed"]);
        let figure = "{ headlineStatistics { activePairings { value } } }";
        assert_eq!(app.operator().read(figure).await["headlineStatistics"]["activePairings"]["value"], 8);
        // The last one stays.
        let last = change(&app, "removePairingMember", &id, 3, &demo(26)).await;
        assert_eq!((&last["userErrors"][0]["code"], &last["userErrors"][0]["field"], &last["pairing"]["version"]),
            (&json!("INVALID_STATE"), &json!(["input", "enterpriseId"]), &json!(3)));
        assert_eq!(app.trail().await, [""; 0]);
        // Back to two: the warning is over.
        app.clock.advance(chrono::TimeDelta::days(3));
        let two = change(&app, "addPairingMember", &id, 3, &demo(25)).await;
        assert_eq!((&two["pairing"]["status"], &two["pairing"]["underStrengthSince"]), (&json!("ACTIVE"), &json!(null)));
        assert_eq!(two["pairing"]["members"]["nodes"][2], json!({"status": "ACTIVE", "joinedOn": "2021-01-23", "leftOn": null, "enterprise": {"id": demo(25)}}));
        // Three to two stays in force at full strength.
        let three = change(&app, "removePairingMember", &pairing(3), 2, &demo(12)).await;
        assert_eq!((&three["userErrors"], &three["pairing"]["status"], &three["pairing"]["underStrengthSince"]), (&json!([]), &json!("ACTIVE"), &json!(null)));
        // Whoever left is free, and no more of it.
        assert_eq!(change(&app, "removePairingMember", &pairing(3), 3, &demo(12)).await["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(change(&app, "addPairingMember", &id, 4, &demo(12)).await["pairing"]["status"], "ACTIVE");
    }

    async fn the_grace_period_warns_those_who_can_act_and_ends_nothing(app) {
        let id = pairing(3);
        for (version, firm) in [(2, demo(13)), (3, demo(14))] {
            assert_eq!(change(&app, "removePairingMember", &id, version, &firm).await["userErrors"], json!([]));
        }
        let query = "query($id: ID!) { pairing(id: $id) { status isRedacted underStrengthSince isUnderStrengthOverdue } }";
        for (at, overdue) in [("2021-01-20T02:00:00Z", false), ("2021-02-19T15:59:59Z", false), ("2021-02-19T16:00:00Z", true), ("2022-01-01T00:00:00Z", true)] {
            app.clock.set(at.parse().unwrap());
            for role in ["admin", "operator", "officer", "lead"] {
                let seen = app.role(role).read_with(query, json!({"id": id})).await["pairing"].clone();
                assert_eq!(seen, json!({"status": "UNDER_STRENGTH", "isRedacted": false,
                    "underStrengthSince": "2021-01-20T02:00:00+00:00", "isUnderStrengthOverdue": overdue}), "{role} {at}");
            }
            for role in ["member", "partner"] {
                let seen = app.role(role).read_with(query, json!({"id": id})).await["pairing"].clone();
                assert_eq!(seen, json!({"status": "UNDER_STRENGTH", "isRedacted": true,
                    "underStrengthSince": null, "isUnderStrengthOverdue": null}), "{role} {at}");
            }
        }
        // A change within the grace period does not start it anew, and the policy's days count.
        app.clock.set("2021-02-01T02:00:00Z".parse().unwrap());
        assert_eq!(app.admin().faults("updateDistrictPolicy", json!({"expectedVersion": 1, "underStrengthGraceDays": 5})).await, [""; 0]);
        assert_eq!(state(&app.operator(), &id).await["isUnderStrengthOverdue"], true);
    }

    async fn a_member_that_cannot_be_added_is_refused(app) {
        let id = pairing(8);
        let foreign = enterprise("越秀演示企业 001 有限公司");
        let partners = led("广药集团本部", PairingKind::SoePrivate);
        for (fields, expected) in [
            (json!({"enterpriseId": demo(25)}), "TAKEN input.enterpriseId"),
            (json!({"enterpriseId": demo(12)}), "TAKEN input.enterpriseId"),
            (json!({"enterpriseId": demo(8)}), "INVALID input.enterpriseId"),
            (json!({"enterpriseId": demo(3)}), "INVALID input.enterpriseId"),
            (json!({"enterpriseId": demo(39)}), "INVALID input.enterpriseId"),
            (json!({"enterpriseId": enterprise("广药集团本部")}), "INVALID input.enterpriseId"),
            (json!({"enterpriseId": foreign}), "NOT_FOUND input.enterpriseId"),
            (json!({"enterpriseId": "x"}), "NOT_FOUND input.enterpriseId"),
            (json!({"id": pairing(3), "enterpriseId": demo(39)}), "LIMIT_EXCEEDED input.enterpriseId"),
            (json!({"id": partners, "enterpriseId": demo(12)}), "LIMIT_EXCEEDED input.enterpriseId"),
            (json!({"expectedVersion": 1}), "STALE_VERSION input.expectedVersion"),
            (json!({"id": foreign}), "NOT_FOUND input.id"),
        ] {
            let input = with(json!({"id": id, "expectedVersion": 2, "enterpriseId": demo(12)}), &fields);
            assert_eq!(app.operator().faults("addPairingMember", input).await, [expected], "{fields}");
        }
        for (fields, expected) in [
            (json!({"enterpriseId": demo(12)}), "NOT_FOUND input.enterpriseId"),
            (json!({"enterpriseId": demo(8)}), "NOT_FOUND input.enterpriseId"),
            (json!({"expectedVersion": 3}), "STALE_VERSION input.expectedVersion"),
            (json!({"id": partners, "enterpriseId": enterprise("大翔集团")}), "INVALID_STATE input.enterpriseId"),
            (json!({"id": demo(8)}), "NOT_FOUND input.id"),
        ] {
            let input = with(json!({"id": id, "expectedVersion": 2, "enterpriseId": demo(25)}), &fields);
            assert_eq!(app.operator().faults("removePairingMember", input).await, [expected], "{fields}");
        }
        let input = json!({"id": "x", "expectedVersion": 1, "enterpriseId": "x"});
        for name in ["addPairingMember", "removePairingMember"] {
            app.only(&["admin", "operator", "other district"], name, &input).await;
        }
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn an_end_frees_its_enterprises_and_keeps_its_history(app) {
        let id = pairing(8);
        let input = json!({"id": id, "expectedVersion": 2, "endsOn": "2021-01-19", "reason": "期满"});
        let done = app.operator().mutate("endPairing", &format!("pairing {{ endReason viewerActions {STATE} }}"), input.clone()).await;
        let left = |number| json!({"status": "LEFT", "joinedOn": "2019-11-06", "leftOn": "2021-01-19", "enterprise": {"id": demo(number)}});
        assert_eq!(done, json!({"userErrors": [], "pairing": {"endReason": "期满", "viewerActions": [], "version": 3, "status": "ENDED",
            "startsOn": "2019-11-06", "endsOn": "2021-01-19", "underStrengthSince": null, "isUnderStrengthOverdue": false,
            "members": {"nodes": [left(25), left(26)]}}}));
        assert_eq!(app.trail().await, ["endPairing pairing", "pairing.ended"]);
        assert_eq!(app.operator().faults("endPairing", with(input, &json!({"expectedVersion": 3}))).await, ["INVALID_STATE"]);
        assert!(state(&app.member(), &id).await.is_null(), "over, and not its own");
        // The enterprises are free for the next.
        let next = proposed(&app, "ONE_PLUS_N", &demo(8), &[demo(25), demo(26)]).await;
        activated(&app, &next).await;
        // A draft ends as well, without having begun.
        let draft = proposed(&app, "ONE_PLUS_N", &demo(8), &[demo(25)]).await;
        let done = app.operator().mutate("endPairing", "pairing { status startsOn endsOn }", json!({"id": draft, "expectedVersion": 1, "reason": "撤回"})).await;
        assert_eq!(done["pairing"], json!({"status": "ENDED", "startsOn": null, "endsOn": "2021-01-20"}));
    }

    async fn an_end_that_cannot_be_is_refused(app) {
        let id = pairing(3);
        let query = "query($id: ID!) { pairing(id: $id) { lastInteractionOn } }";
        let last = app.operator().read_with(query, json!({"id": id})).await["pairing"]["lastInteractionOn"].clone();
        let last: chrono::NaiveDate = last.as_str().unwrap().parse().unwrap();
        for (fields, expected) in [
            (json!({"reason": " "}), "REQUIRED input.reason"),
            (json!({"reason": "长".repeat(501)}), "TOO_LONG input.reason"),
            (json!({"endsOn": "2021-01-21"}), "OUT_OF_RANGE input.endsOn"),
            (json!({"endsOn": last.pred_opt()}), "OUT_OF_RANGE input.endsOn"),
            (json!({"endsOn": "2019-11-05"}), "OUT_OF_RANGE input.endsOn"),
            (json!({"expectedVersion": 1}), "STALE_VERSION input.expectedVersion"),
            (json!({"id": demo(3)}), "NOT_FOUND input.id"),
        ] {
            let input = with(json!({"id": id, "expectedVersion": 2, "reason": "期满"}), &fields);
            assert_eq!(app.operator().faults("endPairing", input).await, [expected], "{fields}");
        }
        app.only(&["admin", "operator", "other district"], "endPairing", &json!({"id": id, "expectedVersion": 2, "reason": ""})).await;
        assert_eq!(app.trail().await, [""; 0]);
        let input = json!({"id": id, "expectedVersion": 2, "endsOn": last, "reason": "期满"});
        assert_eq!(app.operator().faults("endPairing", input).await, [""; 0]);
    }

    async fn a_state_owned_and_a_private_enterprise_of_one_trade_pair(app) {
        let soe = enterprise("广药集团本部");
        ended(&app, &led("广药集团本部", PairingKind::SoePrivate)).await;
        for (fields, expected) in [
            (json!({"memberIds": [demo(15), demo(17)]}), vec!["OUT_OF_RANGE input.memberIds"]),
            (json!({"memberIds": [demo(39)]}), vec!["INVALID input.memberIds.0"]),
            (json!({"memberIds": [enterprise("广药子公司甲")]}), vec!["INVALID input.memberIds.0"]),
            (json!({"memberIds": [enterprise("名创优品")]}), vec!["INVALID input.memberIds.0"]),
            (json!({"leadId": demo(3)}), vec!["INVALID input.leadId"]),
        ] {
            let base = json!({"kind": "SOE_PRIVATE", "leadId": soe, "memberIds": [enterprise("大翔集团")], "name": "国企+民企"});
            assert_eq!(app.operator().faults("proposePairing", with(base, &fields)).await, expected, "{fields}");
        }
        app.trail().await;
        // 大翔集团 is in a 1+N at the same time; 大参林 in another of this kind.
        let taken = proposed(&app, "SOE_PRIVATE", &soe, &[enterprise("大参林")]).await;
        assert_eq!(app.operator().faults("activatePairing", json!({"id": taken, "expectedVersion": 1})).await, ["TAKEN input.id"]);
        let id = proposed(&app, "SOE_PRIVATE", &soe, &[enterprise("大翔集团")]).await;
        activated(&app, &id).await;
        let query = "query($id: ID!) { pairing(id: $id) { status kind viewerActions members { nodes { enterprise { name } } } } }";
        let seen = app.operator().read_with(query, json!({"id": id})).await["pairing"].clone();
        assert_eq!(seen, json!({"status": "ACTIVE", "kind": "SOE_PRIVATE", "viewerActions": ["RECORD_INTERACTION", "END"],
            "members": {"nodes": [{"enterprise": {"name": "大翔集团"}}]}}));
    }

    async fn an_interaction_is_recorded_and_read_by_those_it_concerns(app) {
        let input = with(interaction(&pairing(3)), &json!({"summary": "达成采购意向", "modes": ["WIN_WIN", "ORG_BUILDING"],
            "aids": ["STRENGTH_COMPLEMENT", "PARTY_AID"], "participantCount": 0, "deal": {"type": "PROCUREMENT", "amountBand": "UNDER_1M"}}));
        let selection = "interaction { version type heldOn title summary modes aids participantCount dealType dealAmountBand createdAt pairing { id lastInteractionOn isIdle version } }";
        let done = app.lead().mutate("recordInteraction", selection, input).await;
        assert_eq!(done, json!({"userErrors": [], "interaction": {"version": 1, "type": "FORUM", "heldOn": "2021-01-18", "title": "发展论坛",
            "summary": "达成采购意向", "modes": ["ORG_BUILDING", "WIN_WIN"], "aids": ["PARTY_AID", "STRENGTH_COMPLEMENT"], "participantCount": 0,
            "dealType": "PROCUREMENT", "dealAmountBand": "UNDER_1M", "createdAt": "2021-01-20T02:00:00+00:00",
            "pairing": {"id": pairing(3), "lastInteractionOn": "2021-01-18", "isIdle": false, "version": 2}}}));
        assert_eq!(app.trail().await, ["recordInteraction interaction", "pairing.interaction_recorded"]);
        let query = "query($id: ID!) { pairing(id: $id) { isRedacted lastInteractionOn interactions(first: 1, filter: {type: {eq: FORUM}, heldOn: {gte: \"2021-01-18\"}}) { totalCount nodes { title } } } }";
        for (role, reads) in [("admin", true), ("operator", true), ("officer", true), ("lead", true), ("member", true), ("partner", false)] {
            let seen = app.role(role).read_with(query, json!({"id": pairing(3)})).await["pairing"].clone();
            if reads {
                assert_eq!(seen["interactions"], json!({"totalCount": 1, "nodes": [{"title": "发展论坛"}]}), "{role}");
            } else {
                assert_eq!(seen, json!({"isRedacted": true, "lastInteractionOn": null, "interactions": null}), "{role}");
            }
        }
    }

    async fn an_interaction_that_cannot_be_is_refused(app) {
        ended(&app, &pairing(8)).await;
        let draft = proposed(&app, "ONE_PLUS_N", &demo(8), &[demo(25), demo(26)]).await;
        app.trail().await;
        let deal = json!({"type": "OTHER", "amountBand": "OVER_100M"});
        for (fields, expected) in [
            (json!({"modes": ["WIN_WIN"]}), vec!["REQUIRED input.deal"]),
            (json!({"deal": deal}), vec!["INVALID input.deal"]),
            (json!({"modes": []}), vec!["REQUIRED input.modes"]),
            (json!({"modes": ["ORG_BUILDING", "ORG_BUILDING"], "aids": ["INFO_LINK", "PARTY_AID", "INFO_LINK"]}), vec!["INVALID input.modes.1", "INVALID input.aids.2"]),
            (json!({"title": "", "summary": "长".repeat(10_000)}), vec!["REQUIRED input.title", "TOO_LONG input.summary"]),
            (json!({"title": "a\u{0}"}), vec!["INVALID input.title"]),
            (json!({"participantCount": -1}), vec!["OUT_OF_RANGE input.participantCount"]),
            (json!({"participantCount": 100_001}), vec!["OUT_OF_RANGE input.participantCount"]),
            (json!({"heldOn": "2021-01-21"}), vec!["OUT_OF_RANGE input.heldOn"]),
            (json!({"heldOn": "2019-11-05"}), vec!["OUT_OF_RANGE input.heldOn"]),
            (json!({"pairingId": draft}), vec!["INVALID_STATE input.pairingId"]),
            (json!({"pairingId": pairing(8)}), vec!["INVALID_STATE input.pairingId"]),
            (json!({"pairingId": demo(3)}), vec!["NOT_FOUND input.pairingId"]),
        ] {
            let input = with(interaction(&pairing(3)), &fields);
            assert_eq!(app.operator().faults("recordInteraction", input).await, expected, "{fields}");
        }
        // A lead records for the pairing it leads; the others it sees, or does not.
        let partners = led("广药集团本部", PairingKind::SoePrivate);
        for (id, expected) in [(pairing(4), "FORBIDDEN input.pairingId"), (partners, "FORBIDDEN input.pairingId"), (draft, "NOT_FOUND input.pairingId")] {
            assert_eq!(app.lead().faults("recordInteraction", interaction(&id)).await, [expected]);
        }
        assert_eq!(app.other_district().faults("recordInteraction", interaction(&pairing(3))).await, ["NOT_FOUND input.pairingId"]);
        app.only(&["admin", "operator", "lead", "other district"], "recordInteraction", &with(interaction("x"), &json!({"title": ""}))).await;
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn a_pairing_without_interactions_for_the_policys_days_is_idle(app) {
        let query = "query($id: ID!) { pairing(id: $id) { isIdle lastInteractionOn } }";
        let idle = async |app: &TestApp, id: &str| app.operator().read_with(query, json!({"id": id})).await["pairing"].clone();
        let before = idle(&app, &pairing(3)).await;
        assert_eq!(before["isIdle"], false);
        let last: chrono::NaiveDate = before["lastInteractionOn"].as_str().unwrap().parse().unwrap();
        let noon = |days| (last + chrono::TimeDelta::days(days)).and_hms_opt(4, 0, 0).unwrap().and_utc();
        for (days, is_idle) in [(60, false), (61, true)] {
            app.clock.set(noon(days));
            assert_eq!(idle(&app, &pairing(3)).await["isIdle"], is_idle, "{days}");
        }
        // One without any counts from its start; one that has ended is not idle.
        let partners = led("广药集团本部", PairingKind::SoePrivate);
        assert_eq!(idle(&app, &partners).await, json!({"isIdle": true, "lastInteractionOn": null}));
        ended(&app, &partners).await;
        assert_eq!(idle(&app, &partners).await, json!({"isIdle": false, "lastInteractionOn": null}));
    }

    async fn a_filter_does_not_tell_of_an_enterprise_out_of_sight(app) {
        // 003's pairing is over and 013 has left the alliance: the members remember it without it.
        ended(&app, &pairing(3)).await;
        for number in [3, 13] {
            app.execute(&format!("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' WHERE enterprise_id = {}",
                literal(&app, enterprise_row(&format!("演示企业 {number:03} 有限公司"))))).await;
        }
        let query = "query($lead: ID!, $member: ID!) { \
            pairings(filter: {status: {eq: ENDED}}) { totalCount nodes { lead { id } members { nodes { enterprise { id } } } } } \
            lead: pairings(filter: {leadId: {eq: $lead}}) { totalCount } \
            member: pairings(filter: {memberId: {eq: $member}}) { totalCount } \
            other: pairings(filter: {memberId: {notIn: [$member]}, status: {eq: ENDED}}) { totalCount } }";
        let ids = json!({"lead": demo(3), "member": demo(13)});
        let seen = app.member().read_with(query, ids.clone()).await;
        assert_eq!(seen["pairings"]["totalCount"], 1);
        assert_eq!(seen["pairings"]["nodes"][0]["lead"], Value::Null);
        let members = seen["pairings"]["nodes"][0]["members"]["nodes"].as_array().unwrap().clone();
        assert_eq!(members.iter().filter(|row| row["enterprise"].is_null()).count(), 1);
        assert_eq!((&seen["lead"], &seen["member"], &seen["other"]),
            (&json!({"totalCount": 0}), &json!({"totalCount": 0}), &json!({"totalCount": 1})));
        let all = app.operator().read_with(query, ids).await;
        assert_eq!((&all["lead"], &all["member"]), (&json!({"totalCount": 1}), &json!({"totalCount": 1})));
    }

    async fn lists_are_narrowed_searched_and_sorted(app) {
        let query = "query($lead: ID!, $member: ID!) { \
            lead: pairings(filter: {leadId: {in: [$lead]}}) { nodes { name } } \
            member: pairings(filter: {memberId: {eq: $member}, kind: {eq: ONE_PLUS_N}}) { nodes { name } } \
            search: pairings(search: \"立白\") { nodes { name } } none: pairings(search: \"%\") { totalCount } \
            by: pairings(first: 2, orderBy: [{field: STARTS_ON}, {field: NAME, direction: ASC}]) { nodes { name startsOn } } \
            enterprise(by: {id: $member}) { pairingMemberships(filter: {kind: {eq: ONE_PLUS_N}, status: {eq: ACTIVE}}) { totalCount nodes { pairing { name } } } ledPairings { totalCount } } }";
        let all = app.operator().read_with(query, json!({"lead": demo(3), "member": enterprise("大翔集团")})).await;
        assert_eq!(all["lead"]["nodes"], json!([{"name": "演示企业 003 1+3 结对"}]));
        assert_eq!(all["member"]["nodes"], json!([{"name": "立白集团 1+3 结对"}]));
        assert_eq!(all["search"]["nodes"], json!([{"name": "立白集团 1+3 结对"}]));
        assert_eq!(all["none"]["totalCount"], 0);
        assert_eq!(all["by"]["nodes"], json!([{"name": "国企+民企结对 01", "startsOn": "2020-06-30"}, {"name": "国企+民企结对 02", "startsOn": "2020-06-30"}]));
        assert_eq!(all["enterprise"], json!({"pairingMemberships": {"totalCount": 1, "nodes": [{"pairing": {"name": "立白集团 1+3 结对"}}]}, "ledPairings": {"totalCount": 0}}));
    }

    async fn of_two_pairings_that_want_one_member_at_once_one_gets_it(app) {
        ended(&app, &pairing(3)).await;
        ended(&app, &pairing(4)).await;
        let one = proposed(&app, "ONE_PLUS_N", &demo(3), &[demo(12), demo(13)]).await;
        let other = proposed(&app, "ONE_PLUS_N", &demo(4), &[demo(13), demo(14)]).await;
        app.trail().await;
        let (first, second) = (app.operator(), app.admin());
        let input = |id: &str| json!({"id": id, "expectedVersion": 1});
        let (a, b) = tokio::join!(first.faults("activatePairing", input(&one)), second.faults("activatePairing", input(&other)));
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "TAKEN input.id"]);
        assert_eq!(app.trail().await, ["activatePairing pairing", "pairing.activated"]);
    }

    async fn of_two_changes_of_a_pairing_at_once_one_wins(app) {
        let id = pairing(3);
        let remove = |number| json!({"id": id, "expectedVersion": 2, "enterpriseId": demo(number)});
        let (first, second) = (app.operator(), app.admin());
        let (a, b) = tokio::join!(first.faults("removePairingMember", remove(12)), second.faults("removePairingMember", remove(13)));
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "STALE_VERSION input.expectedVersion"]);
        assert_eq!(app.trail().await.len(), 2);
    }

    async fn a_role_does_not_end_while_a_pairing_comes_into_force_on_it(app) {
        ended(&app, &pairing(3)).await;
        let id = proposed(&app, "ONE_PLUS_N", &demo(3), &[demo(12), demo(13)]).await;
        app.trail().await;
        let row = enterprise_row("演示企业 012 有限公司");
        let membership = dataset().rows.memberships.iter().find(|found| found.enterprise_id == row).unwrap().id;
        let leave = json!({"id": encode(Kind::Membership, membership), "expectedVersion": 1, "leftOn": "2021-01-20", "reason": "迁出"});
        let (first, second) = (app.operator(), app.admin());
        let (a, b) = tokio::join!(first.faults("activatePairing", json!({"id": id, "expectedVersion": 1})), second.faults("withdrawMembership", leave));
        let ends = [a.join(","), b.join(",")];
        assert!(ends == ["", "DEPENDENCY_EXISTS input.id"] || ends == ["INVALID input.id", ""], "{ends:?}");
        assert_eq!(app.trail().await.len(), 2);
    }
}
