//! What stays dissatisfied after two reworks, and the joint meeting that has the word then.

use serde_json::json;

use super::actors::{brought_to, dissatisfied, written};
use super::longer::{days_later, kinds, told};
use crate::on_both;

on_both! {
    async fn what_stays_dissatisfied_after_two_reworks_is_concluded_by_a_meeting(app) {
        let (member, operator) = (app.member(), app.operator());
        let early = brought_to(&app, &member, "RESPONDED").await;
        let issue = dissatisfied(&app, &member).await;
        let before = written(&app).await;
        assert_eq!(told(&operator, "closeDissatisfied", &early, json!({})).await, ["INVALID_STATE"]);
        // It is rated: neither again, nor sent back a third time.
        assert_eq!(told(&member, "rateIssue", &issue, json!({"stars": 5, "isResolved": true})).await, ["INVALID_STATE"]);
        // A joint meeting has the word, and has not spoken.
        assert_eq!(told(&operator, "closeDissatisfied", &issue, json!({})).await, ["INVALID_STATE"]);
        assert_eq!(written(&app).await, before);
        assert_eq!(operator.sees(&issue, "reworkCount escalationLevel \
            supervisions { nodes { kind clock demand issuedBy { id } } }").await, json!({
            "reworkCount": 2, "escalationLevel": 4, "supervisions": {"nodes": [{"kind": "MEETING", "clock": null,
                "demand": "企业经两次重办仍不满意，提请联席会议研究。", "issuedBy": null}]}}));
        let issue = operator.meets_on(&issue).await;
        let others = operator.read("{ jointMeetings(last: 1) { nodes { id } } }").await;
        let other = others["jointMeetings"]["nodes"][0]["id"].clone();
        let before = written(&app).await;
        for (meeting, expected) in [
            (json!("x"), "NOT_FOUND input.jointMeetingId"),
            (json!(issue.id), "NOT_FOUND input.jointMeetingId"),
            (other, "INVALID input.jointMeetingId"),
        ] {
            let more = json!({"jointMeetingId": meeting});
            assert_eq!(told(&operator, "closeDissatisfied", &issue, more).await, [expected]);
        }
        assert_eq!(written(&app).await, before);
        let issue = operator.does("closeDissatisfied", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, "state isClosedUnrated ratings { nodes { round stars } } \
            transitions(last: 1) { nodes { kind note } }").await, json!({
            "state": "CLOSED", "isClosedUnrated": false,
            "ratings": {"nodes": [{"round": 1, "stars": 2}, {"round": 2, "stars": 2}, {"round": 3, "stars": 1}]},
            "transitions": {"nodes": [{"kind": "CLOSE_DISSATISFIED", "note": "办理已到位，保留原评价。"}]}}));
        assert_eq!(kinds(&app, &issue).await.iter().filter(|kind| *kind == "REWORK").count(), 2);
    }

    async fn what_a_meeting_concluded_before_a_rating_says_nothing_of_it(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let mut issue = brought_to(&app, &member, "RESPONDED").await;
        for _ in 0..2 {
            issue = member.rates(&issue, 2).await;
            issue = officer.responds(&issue).await;
        }
        // Raised by hand from the level of two reworks, and concluded too early.
        for _ in 0..2 {
            issue = operator.does("escalateIssue", &issue, json!({})).await;
        }
        issue = operator.meets_on(&issue).await;
        let early = operator.meeting_on(&issue).await;
        days_later(&app, 1);
        issue = member.rates(&issue, 1).await;
        let named = json!({"jointMeetingId": early});
        assert_eq!(told(&operator, "closeDissatisfied", &issue, named.clone()).await, ["INVALID_STATE"]);
        assert_eq!(operator.sees(&issue, "viewerActions").await["viewerActions"],
            json!(["MERGE", "SUPERVISE", "LOWER_ESCALATION"]), "the operator accepted it, and calls nobody back");
        issue = operator.meets_on(&issue).await;
        assert_eq!(told(&operator, "closeDissatisfied", &issue, named).await, ["INVALID input.jointMeetingId"]);
        issue = operator.does("closeDissatisfied", &issue, json!({})).await;
        assert_eq!(issue.state, "CLOSED");
    }
}
