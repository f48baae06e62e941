//! The longer ways of an issue: holds, long-term follow-ups, more time, calls back, archives.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::actors::{
    Issue, brought_to, dissatisfied, execute, input, literal, literal_of, number, ready, usual,
    written,
};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

/// What a mutation answers to an input in the usual words, with some others.
async fn told(who: &Person<'_>, mutation: &str, issue: &Issue, more: Value) -> Vec<String> {
    let mut fields = usual(mutation, "");
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    who.faults(mutation, input(issue, &fields)).await
}

/// Moves the business clock so many days on.
fn days_later(app: &TestApp, days: i64) {
    app.clock.advance(TimeDelta::days(days));
}

/// The steps of an issue by their kinds, and its state, as an operator reads them.
async fn kinds(app: &TestApp, issue: &Issue) -> Vec<String> {
    let seen = app
        .operator()
        .sees(issue, "transitions(first: 100) { nodes { kind } }")
        .await;
    let nodes = seen["transitions"]["nodes"].as_array().unwrap().clone();
    nodes
        .iter()
        .map(|node| node["kind"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn a_hold_has_a_reason_and_a_review_and_ends(app) {
        let (member, operator) = (app.member(), app.operator());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let before = written(&app).await;
        for (more, expected) in [
            (json!({"reason": ""}), "REQUIRED input.reason"),
            // 20 working days end with 2021-02-22: past the Spring Festival, two days made up for.
            (json!({"reviewOn": "2021-02-23"}), "OUT_OF_RANGE input.reviewOn"),
            (json!({"reviewOn": "2021-01-20"}), "OUT_OF_RANGE input.reviewOn"),
            (json!({"reviewOn": "2021-01-19"}), "OUT_OF_RANGE input.reviewOn"),
        ] {
            assert_eq!(told(&operator, "holdIssue", &issue, more.clone()).await, [expected], "{more}");
        }
        // A hold without a review date is no hold at all.
        let query = "mutation($id: ID!) { holdIssue(input: {id: $id, expectedVersion: 1, reason: \"等待\"}) \
            { userErrors { code } } }";
        assert_eq!(operator.refused(query, json!({"id": issue.id})).await, "BAD_USER_INPUT");
        assert_eq!(written(&app).await, before);

        let seen = "state light dueAt reviewAt viewerActions \
            transitions(last: 1) { nodes { kind note } }";
        let issue = operator.does("holdIssue", &issue, json!({"reviewOn": "2021-02-22"})).await;
        assert_eq!(member.sees(&issue, seen).await, json!({
            "state": "ON_HOLD", "light": "GREY", "dueAt": null, "reviewAt": "2021-02-22T09:30:00.000Z",
            "viewerActions": ["URGE", "WITHDRAW", "OPEN_FOR_PEER_HELP"],
            "transitions": {"nodes": [{"kind": "HOLD", "note": "等待上级书面意见。"}]}}));
        assert_eq!(operator.sees(&issue, "viewerActions").await["viewerActions"],
            json!(["RESUME", "MERGE"]));
        let issue = operator.does("resumeIssue", &issue, json!({"note": "已收到意见。"})).await;
        assert_eq!(member.sees(&issue, "state light reviewAt transitions(last: 1) { nodes { kind note } }").await,
            json!({"state": "IN_PROGRESS", "light": "GREEN", "reviewAt": null,
                "transitions": {"nodes": [{"kind": "RESUME", "note": "已收到意见。"}]}}));
    }

    async fn a_long_term_follow_up_replies_on_its_way(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let late = json!({"nextReplyOn": "2021-02-25"});
        assert_eq!(told(&operator, "moveToLongTerm", &issue, late.clone()).await, ["OUT_OF_RANGE input.nextReplyOn"]);
        let issue = operator.does("moveToLongTerm", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, "state light dueAt").await,
            json!({"state": "LONG_TERM", "light": "GREEN", "dueAt": "2021-02-05T09:30:00.000Z"}));
        assert_eq!(told(&officer, "addInterimReply", &issue, late).await, ["OUT_OF_RANGE input.nextReplyOn"]);
        let issue = officer.does("addInterimReply", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, "state dueAt progress(last: 1) { nodes { kind purpose body nextReplyOn \
            isInternal } }").await, json!({"state": "LONG_TERM", "dueAt": "2021-02-08T09:30:00.000Z",
            "progress": {"nodes": [{"kind": "PROGRESS", "purpose": "INTERIM_REPLY", "body": "方案已报市级部门。",
                "nextReplyOn": "2021-02-08", "isInternal": false}]}}));
        // A promise that is not kept shows.
        days_later(&app, 30);
        assert_eq!(member.sees(&issue, "light").await["light"], "RED");
        let issue = officer.responds(&issue).await;
        assert_eq!(member.sees(&issue, "state light").await, json!({"state": "RESPONDED", "light": null}));
    }

    async fn more_time_is_asked_for_before_it_is_due_and_granted_once_by_somebody_else(app) {
        let (member, operator, officer, admin) = (app.member(), app.operator(), app.officer(), app.admin());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let due = member.sees(&issue, "dueAt").await["dueAt"].clone();
        assert_eq!(due, "2021-01-27T09:30:00.000Z", "five working days");
        let before = written(&app).await;
        for (more, expected) in [
            (json!({"reason": " "}), "REQUIRED input.reason"),
            // Not later than it is due anyway, and not more than fifteen working days.
            (json!({"newDueOn": "2021-01-27"}), "OUT_OF_RANGE input.newDueOn"),
            (json!({"newDueOn": "2021-02-25"}), "OUT_OF_RANGE input.newDueOn"),
        ] {
            assert_eq!(told(&officer, "requestExtension", &issue, more.clone()).await, [expected], "{more}");
        }
        assert_eq!(written(&app).await, before);
        let issue = officer.does("requestExtension", &issue, json!({})).await;
        let asked = "extensions { totalCount nodes { status reason newDueOn requestedBy { displayName } } }";
        assert_eq!(member.sees(&issue, asked).await["extensions"]["totalCount"], 0, "not told before it is granted");
        assert_eq!(admin.sees(&issue, asked).await["extensions"]["nodes"], json!([{"status": "REQUESTED",
            "reason": "需现场勘察。", "newDueOn": "2021-02-08", "requestedBy": {"displayName": "首席服务官 1"}}]));
        assert_eq!(told(&operator, "requestExtension", &issue, json!({})).await, ["INVALID_STATE"], "one at a time");
        // Refused, it can be asked for again: by the district side too, which then cannot grant it.
        let issue = operator.does("rejectExtension", &issue, json!({})).await;
        let issue = operator.does("requestExtension", &issue, json!({})).await;
        let before = written(&app).await;
        assert_eq!(told(&operator, "approveExtension", &issue, json!({})).await, ["FORBIDDEN"]);
        assert_eq!(told(&operator, "rejectExtension", &issue, json!({})).await, ["FORBIDDEN"]);
        assert_eq!(written(&app).await, before);
        let issue = admin.does("approveExtension", &issue, json!({"note": "同意。"})).await;
        assert_eq!(member.sees(&issue, "extensionCount dueAt \
            extensions { nodes { status dueBefore newDueOn decisionNote decidedBy { displayName } } } \
            progress(last: 1) { nodes { purpose isInternal body } }").await, json!({
            "extensionCount": 1, "dueAt": "2021-02-08T09:30:00.000Z",
            "extensions": {"nodes": [{"status": "APPROVED", "dueBefore": due, "newDueOn": "2021-02-08",
                "decisionNote": "同意。", "decidedBy": {"displayName": "区级管理员"}}]},
            "progress": {"nodes": [{"purpose": "EXTENSION", "isInternal": false,
                "body": "经批准延期至 2021-02-08。需现场勘察。"}]}}));
        assert_eq!(told(&officer, "requestExtension", &issue, json!({"newDueOn": "2021-02-10"})).await,
            ["LIMIT_EXCEEDED input.id"]);
    }

    async fn no_more_time_after_it_was_due_and_a_request_lapses_with_the_answer(app) {
        let (member, officer) = (app.member(), app.officer());
        let late = brought_to(&app, &member, "IN_PROGRESS").await;
        let asked = ready(&app, &member, "approveExtension", "IN_PROGRESS").await;
        days_later(&app, 8);
        let before = written(&app).await;
        let payload = officer.mutate("requestExtension", "enterpriseIssue { id version state }",
            input(&late, &json!({"reason": "需要", "newDueOn": "2021-02-08"}))).await;
        assert_eq!(payload["userErrors"][0]["code"], "INVALID_STATE");
        assert_eq!(Issue::of(&payload["enterpriseIssue"]), late, "beside the issue as it is");
        assert_eq!(written(&app).await, before);
        let asked = officer.responds(&asked).await;
        assert_eq!(app.operator().sees(&asked, "extensions { nodes { status decidedBy { id } } }").await["extensions"],
            json!({"nodes": [{"status": "LAPSED", "decidedBy": null}]}));
    }

    async fn what_stays_dissatisfied_after_two_reworks_is_concluded_by_a_meeting(app) {
        let (member, operator) = (app.member(), app.operator());
        let early = brought_to(&app, &member, "RESPONDED").await;
        assert_eq!(told(&operator, "closeDissatisfied", &early, json!({})).await, ["INVALID_STATE input.id"]);
        let issue = dissatisfied(&app, &member).await;
        // It is rated: neither again, nor sent back a third time.
        assert_eq!(told(&member, "rateIssue", &issue, json!({"stars": 5, "isResolved": true})).await, ["INVALID_STATE"]);
        assert_eq!(member.sees(&issue, "reworkCount").await["reworkCount"], 2);
        assert_eq!(told(&operator, "closeDissatisfied", &issue, json!({"conclusion": ""})).await,
            ["REQUIRED input.conclusion"]);
        let issue = operator.does("closeDissatisfied", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, "state isClosedUnrated ratings { nodes { round stars } } \
            transitions(last: 1) { nodes { kind note } }").await, json!({
            "state": "CLOSED", "isClosedUnrated": false,
            "ratings": {"nodes": [{"round": 1, "stars": 2}, {"round": 2, "stars": 2}, {"round": 3, "stars": 1}]},
            "transitions": {"nodes": [{"kind": "CLOSE_DISSATISFIED", "note": "办理已到位，保留原评价。"}]}}));
        assert_eq!(kinds(&app, &issue).await.iter().filter(|kind| *kind == "REWORK").count(), 2);
    }

    async fn nobody_rates_what_they_handled_or_wrote_for_the_enterprise(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let user = literal(&app, cast().member.user_id);
        let rating = json!({"stars": 5, "isResolved": true});
        for changed in [format!("first_handler_id = {user}"), format!("is_on_behalf = TRUE, reporter_id = {user}")] {
            let issue = brought_to(&app, &member, "RESPONDED").await;
            let fields = input(&issue, &rating);
            for other in [&operator, &officer] {
                assert_eq!(other.denied("rateIssue", fields.clone()).await, "FORBIDDEN");
            }
            // Once an official who accepted it or filed it, now the enterprise's user.
            execute(&app, &format!("UPDATE enterprise_issue SET {changed} WHERE id = {}", literal_of(&app, &issue))).await;
            let before = written(&app).await;
            assert_eq!(member.sees(&issue, "viewerActions").await["viewerActions"], json!(["WITHDRAW", "OPEN_FOR_PEER_HELP"]));
            assert_eq!(member.faults("rateIssue", fields).await, ["FORBIDDEN"], "{changed}");
            assert_eq!(written(&app).await, before);
        }
    }

    async fn a_call_back_is_made_by_nobody_who_handled_it(app) {
        let (member, operator, admin) = (app.member(), app.operator(), app.admin());
        let issue = brought_to(&app, &member, "RESPONDED").await;
        assert_eq!(told(&admin, "recordCallback", &issue, json!({})).await, ["INVALID_STATE"], "none is due");
        let issue = member.rates(&issue, 2).await;
        let calls = "callbacks { totalCount nodes { reason result note calledBy { displayName } calledAt } }";
        let due = json!([{"reason": "DISSATISFIED", "result": null, "note": null, "calledBy": null, "calledAt": null}]);
        assert_eq!(operator.sees(&issue, calls).await["callbacks"]["nodes"], due);
        for other in [app.officer(), app.member()] {
            assert_eq!(other.sees(&issue, calls).await["callbacks"]["totalCount"], 0);
        }
        let before = written(&app).await;
        // The operator accepted it.
        assert_eq!(told(&operator, "recordCallback", &issue, json!({})).await, ["FORBIDDEN"]);
        assert_eq!(told(&admin, "recordCallback", &issue, json!({"note": ""})).await, ["REQUIRED input.note"]);
        assert_eq!(written(&app).await, before);
        let issue = admin.does("recordCallback", &issue, json!({})).await;
        assert_eq!(operator.sees(&issue, calls).await["callbacks"]["nodes"], json!([{"reason": "DISSATISFIED",
            "result": "CONFIRMED", "note": "企业确认情况属实。", "calledBy": {"displayName": "区级管理员"},
            "calledAt": "2021-01-20T02:00:00.000Z"}]));
        assert_eq!(told(&admin, "recordCallback", &issue, json!({})).await, ["INVALID_STATE"], "once");
    }

    async fn at_least_three_of_ten_withdrawals_are_checked_and_every_one_with_a_low_rating(app) {
        let member = app.member();
        let withdrawn = "FROM enterprise_issue WHERE state = 'WITHDRAWN' AND submitted_at IS NOT NULL";
        let checked = "FROM issue_callback WHERE reason = 'WITHDRAWN'";
        for _ in 0..12 {
            let issue = brought_to(&app, &member, "SUBMITTED").await;
            member.does("withdrawIssue", &issue, json!({})).await;
            let all = number(&app, &format!("SELECT count(*) {withdrawn}")).await;
            let checked = number(&app, &format!("SELECT count(*) {checked}")).await;
            assert!(checked * 10 >= all * 3, "{checked} of {all}");
            assert!(checked <= all);
        }
        let low = brought_to(&app, &member, "RESPONDED").await;
        let low = member.rates(&low, 2).await;
        let low = app.admin().does("recordCallback", &low, json!({})).await;
        let low = member.does("withdrawIssue", &low, json!({})).await;
        let reasons = "callbacks { nodes { reason } }";
        assert_eq!(app.operator().sees(&low, reasons).await["callbacks"]["nodes"],
            json!([{"reason": "DISSATISFIED"}, {"reason": "WITHDRAWN"}]));
        let overdue = brought_to(&app, &member, "IN_PROGRESS").await;
        days_later(&app, 20);
        assert_eq!(member.sees(&overdue, "light").await["light"], "RED");
        let overdue = member.does("withdrawIssue", &overdue, json!({})).await;
        assert_eq!(app.operator().sees(&overdue, reasons).await["callbacks"]["nodes"], json!([{"reason": "WITHDRAWN"}]));
        // A draft was nobody's work.
        let draft = member.creates(json!({})).await;
        let before = app.count("issue_callback").await;
        member.does("withdrawIssue", &draft, json!({})).await;
        assert_eq!(app.count("issue_callback").await, before);
    }

    async fn an_archive_is_closed_for_good_and_followed_up(app) {
        let (member, operator) = (app.member(), app.operator());
        let closed = brought_to(&app, &member, "CLOSED").await;
        assert_eq!(told(&operator, "archiveIssue", &closed, json!({})).await, ["INVALID_STATE input.id"]);
        let low = brought_to(&app, &member, "RESPONDED").await;
        let low = member.rates(&low, 1).await;
        let low = app.officer().responds(&low).await;
        let low = member.rates(&low, 5).await;
        days_later(&app, 20);
        // The enterprise is still to be called back.
        assert_eq!(told(&operator, "archiveIssue", &low, json!({})).await, ["DEPENDENCY_EXISTS input.id"]);
        let low = app.admin().does("recordCallback", &low, json!({})).await;
        operator.does("archiveIssue", &low, json!({})).await;
        let late = told(&member, "reopenIssue", &closed, json!({})).await;
        assert_eq!(late, ["INVALID_STATE input.id"], "ten working days have passed");
        let archived = operator.does("archiveIssue", &closed, json!({})).await;
        let before = written(&app).await;
        for (who, mutation) in [(&member, "reopenIssue"), (&member, "withdrawIssue"), (&operator, "archiveIssue")] {
            assert_eq!(told(who, mutation, &archived, json!({})).await, ["INVALID_STATE"], "{mutation}");
        }
        assert_eq!(written(&app).await, before);
        assert_eq!(member.sees(&archived, "state viewerActions").await,
            json!({"state": "ARCHIVED", "viewerActions": []}));
        let anew = member.creates(json!({"followUpOfId": archived.id})).await;
        assert_eq!(member.sees(&anew, "followUpOf { id }").await["followUpOf"]["id"], archived.id.as_str());
    }

    async fn an_assignment_is_returned_within_a_working_day(app) {
        let (member, officer) = (app.member(), app.officer());
        let issue = brought_to(&app, &member, "ASSIGNED").await;
        days_later(&app, 2);
        assert_eq!(told(&officer, "returnAssignment", &issue, json!({})).await, ["INVALID_STATE input.id"]);
        officer.starts(&issue).await;
    }

    async fn an_enterprise_urges_once_in_two_working_days(app) {
        let (member, officer) = (app.member(), app.officer());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let issue = member.does("urgeIssue", &issue, json!({})).await;
        assert_eq!(officer.sees(&issue, "progress(last: 1) { nodes { purpose body author { displayName } } }")
            .await["progress"]["nodes"], json!([{"purpose": "URGE", "body": "请尽快办理。",
                "author": {"displayName": "成员企业经办 4"}}]));
        assert_eq!(app.trail().await.last().unwrap(), "issue.urged");
        let before = written(&app).await;
        assert_eq!(told(&member, "urgeIssue", &issue, json!({})).await, ["LIMIT_EXCEEDED input.id"]);
        days_later(&app, 1);
        assert_eq!(told(&member, "urgeIssue", &issue, json!({})).await, ["LIMIT_EXCEEDED input.id"]);
        assert_eq!(written(&app).await, before);
        days_later(&app, 1);
        member.does("urgeIssue", &issue, json!({})).await;
        // Not while it waits for the enterprise itself.
        let asked = brought_to(&app, &member, "NEEDS_INFO").await;
        assert_eq!(told(&member, "urgeIssue", &asked, json!({})).await, ["INVALID_STATE"]);
    }

    async fn a_refusal_is_appealed_once_and_taken_up_anew(app) {
        let (member, operator) = (app.member(), app.operator());
        let issue = brought_to(&app, &member, "REJECTED").await;
        assert_eq!(told(&operator, "decideAppeal", &issue, json!({})).await, ["INVALID_STATE"], "nobody appealed");
        let issue = member.does("appealRejection", &issue, json!({})).await;
        assert_eq!(told(&member, "appealRejection", &issue, json!({})).await, ["LIMIT_EXCEEDED input.id"]);
        let issue = operator.does("decideAppeal", &issue, json!({})).await;
        let seen = member.sees(&issue, "state title appeals { nodes { status reason decisionNote successor { \
            id state title isOnBehalf reporter { displayName } followUpOf { id } transitions { nodes { kind } } } } }").await;
        let appeal = &seen["appeals"]["nodes"][0];
        assert_eq!((&seen["state"], &appeal["status"], &appeal["reason"], &appeal["decisionNote"]),
            (&json!("REJECTED"), &json!("GRANTED"), &json!("属本区管辖。"), &json!("予以受理。")));
        let anew = &appeal["successor"];
        assert_eq!((&anew["state"], &anew["title"], &anew["followUpOf"]["id"], &anew["isOnBehalf"]),
            (&json!("SUBMITTED"), &seen["title"], &json!(issue.id), &json!(false)));
        assert_eq!(anew["reporter"]["displayName"], "成员企业经办 4");
        assert_eq!(anew["transitions"]["nodes"], json!([{"kind": "CREATE"}, {"kind": "SUBMIT"}]));

        let other = ready(&app, &member, "decideAppeal", "REJECTED").await;
        let other = operator.does("decideAppeal", &other, json!({"isGranted": false, "note": "不属本区。"})).await;
        assert_eq!(member.sees(&other, "state appeals { nodes { status successor { id } } }").await,
            json!({"state": "REJECTED", "appeals": {"nodes": [{"status": "DISMISSED", "successor": null}]}}));
        let late = brought_to(&app, &member, "REJECTED").await;
        days_later(&app, 8);
        assert_eq!(told(&member, "appealRejection", &late, json!({})).await, ["INVALID_STATE input.id"]);
    }
}
