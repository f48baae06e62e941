//! Two that act on one pairing, or on one enterprise, at the same time.

use serde_json::json;

use super::*;
use crate::on_both;

on_both! {
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
