//! Members that come and go, and the strength they leave.

use serde_json::json;

use super::*;
use crate::on_both;

on_both! {
    async fn members_come_and_go_with_the_strength_of_the_pairing(app) {
        let id = pairing(8);
        let since = "2021-01-20T02:00:00.000Z";
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
        for (at, overdue) in [("2021-01-20T02:00:00.000Z", false), ("2021-02-19T15:59:59Z", false), ("2021-02-19T16:00:00Z", true), ("2022-01-01T00:00:00Z", true)] {
            app.clock.set(at.parse().unwrap());
            for role in ["admin", "operator", "officer", "lead"] {
                let seen = app.role(role).read_with(query, json!({"id": id})).await["pairing"].clone();
                assert_eq!(seen, json!({"status": "UNDER_STRENGTH", "isRedacted": false,
                    "underStrengthSince": "2021-01-20T02:00:00.000Z", "isUnderStrengthOverdue": overdue}), "{role} {at}");
            }
            for role in ["member", "partner"] {
                let seen = app.role(role).read_with(query, json!({"id": id})).await["pairing"].clone();
                assert_eq!(seen, json!({"status": "UNDER_STRENGTH", "isRedacted": true,
                    "underStrengthSince": null, "isUnderStrengthOverdue": null}), "{role} {at}");
            }
        }
        // A change within the grace period does not start it anew, and the policy's days count.
        app.clock.set("2021-02-01T02:00:00.000Z".parse().unwrap());
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
}
