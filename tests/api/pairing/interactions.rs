//! What the enterprises of a pairing do together, and how long they did nothing.

use serde_json::json;

use super::*;
use crate::on_both;

on_both! {
    async fn an_interaction_is_recorded_and_read_by_those_it_concerns(app) {
        let input = with(interaction(&pairing(3)), json!({"summary": "达成采购意向", "modes": ["WIN_WIN", "ORG_BUILDING"],
            "aids": ["STRENGTH_COMPLEMENT", "PARTY_AID"], "participantCount": 0, "deal": {"type": "PROCUREMENT", "amountBand": "UNDER_1M"}}));
        let selection = "interaction { version type heldOn title summary modes aids participantCount dealType dealAmountBand createdAt pairing { id lastInteractionOn isIdle version } }";
        let done = app.lead().mutate("recordInteraction", selection, input).await;
        assert_eq!(done, json!({"userErrors": [], "interaction": {"version": 1, "type": "FORUM", "heldOn": "2021-01-18", "title": "发展论坛",
            "summary": "达成采购意向", "modes": ["ORG_BUILDING", "WIN_WIN"], "aids": ["PARTY_AID", "STRENGTH_COMPLEMENT"], "participantCount": 0,
            "dealType": "PROCUREMENT", "dealAmountBand": "UNDER_1M", "createdAt": "2021-01-20T02:00:00.000Z",
            "pairing": {"id": pairing(3), "lastInteractionOn": "2021-01-18", "isIdle": false, "version": 2}}}));
        assert_eq!(app.trail().await, ["recordInteraction interaction", "interaction.recorded"]);
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
        app.only(&["admin", "operator", "lead", "other district"], "recordInteraction", &with(interaction("x"), json!({"title": ""}))).await;
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
}
