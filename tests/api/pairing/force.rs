//! How a pairing is proposed, comes into force and ends.

use serde_json::{Value, json};

use super::*;
use crate::on_both;

on_both! {
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
        app.only(&["admin", "operator", "lead", "other district"], "proposePairing", &with(base, json!({"name": ""}))).await;
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
        app.only(&["admin", "operator", "other district"], "activatePairing", &with(input.clone(), json!({"startsOn": "2099-01-01"}))).await;
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

    async fn an_end_frees_its_enterprises_and_keeps_its_history(app) {
        let id = pairing(8);
        let input = json!({"id": id, "expectedVersion": 2, "endsOn": "2021-01-19", "reason": "期满"});
        let done = app.operator().mutate("endPairing", &format!("pairing {{ endReason viewerActions {STATE} }}"), input.clone()).await;
        let left = |number| json!({"status": "LEFT", "joinedOn": "2019-11-06", "leftOn": "2021-01-19", "enterprise": {"id": demo(number)}});
        assert_eq!(done, json!({"userErrors": [], "pairing": {"endReason": "期满", "viewerActions": [], "version": 3, "status": "ENDED",
            "startsOn": "2019-11-06", "endsOn": "2021-01-19", "underStrengthSince": null, "isUnderStrengthOverdue": false,
            "members": {"nodes": [left(25), left(26)]}}}));
        assert_eq!(app.trail().await, ["endPairing pairing", "pairing.ended"]);
        assert_eq!(app.operator().faults("endPairing", with(input, json!({"expectedVersion": 3}))).await, ["INVALID_STATE"]);
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
}
