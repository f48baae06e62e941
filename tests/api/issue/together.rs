//! Issues that belong together: mergers, and common problems with one answer for all.

use serde_json::{Value, json};

use super::actors::{Issue, OFFICERS_OWN, brought_to, input, number, written};
use crate::on_both;
use crate::support::app::{Person, TestApp};

/// What `mergeIssues` answers.
async fn merging(who: &Person<'_>, issue: &Issue, into: &Issue, more: Value) -> Vec<String> {
    let mut fields = json!({"intoId": into.id});
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    who.faults("mergeIssues", input(issue, &fields)).await
}

/// The version of an issue as an operator reads it now.
async fn now(app: &TestApp, issue: &Issue) -> Issue {
    Issue::of(&app.operator().sees(issue, "id version state").await)
}

const CLUSTER: &str = "issueCluster { id version status issues { totalCount nodes { id } } }";

/// An issue of the author's in handling by the cast's officer.
async fn handled(app: &TestApp, author: &Person<'_>) -> Issue {
    brought_to(app, author, "IN_PROGRESS").await
}

on_both! {
    async fn a_merger_ends_one_and_both_keep_their_timelines(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let first = handled(&app, &member).await;
        let second = brought_to(&app, &member, "NEEDS_INFO").await;
        let second = operator.does("mergeIssues", &second,
            json!({"intoId": first.id, "note": "同一事项。"})).await;
        assert_eq!(second.state, "MERGED");
        assert_eq!(member.sees(&second, "resumeState mergedInto { id } mergeConsent viewerActions \
            transitions { totalCount nodes { kind note } }").await, json!({
            "resumeState": null, "mergedInto": {"id": first.id}, "mergeConsent": null, "viewerActions": [],
            "transitions": {"totalCount": 4, "nodes": [{"kind": "CREATE", "note": null}, {"kind": "SUBMIT", "note": null},
                {"kind": "REQUEST_INFO", "note": null}, {"kind": "MERGE", "note": null}]}}));
        assert_eq!(app.trail().await.into_iter().rev().take(2).collect::<Vec<_>>(),
            ["issue.merged_with", "issue.merged"]);
        // The reply is told in both.
        let first = now(&app, &first).await;
        let first = officer.responds(&first).await;
        let reply = "progress(last: 1) { nodes { kind purpose body outcome } }";
        assert_eq!(member.sees(&first, reply).await["progress"]["nodes"], json!([
            {"kind": "RESPONSE", "purpose": null, "body": "已协调解决。", "outcome": "SOLVED"}]));
        assert_eq!(member.sees(&second, reply).await["progress"]["nodes"], json!([
            {"kind": "RESPONSE", "purpose": "MERGED_REPLY", "body": "已协调解决。", "outcome": "SOLVED"}]));
    }

    async fn across_enterprises_only_with_their_written_consent(app) {
        let (member, outsider, operator, officer) = (app.member(), app.outsider(), app.operator(), app.officer());
        let ours = handled(&app, &member).await;
        let theirs = brought_to(&app, &outsider, "SUBMITTED").await;
        let before = written(&app).await;
        assert_eq!(merging(&operator, &theirs, &ours, json!({})).await, ["REQUIRED input.consent"]);
        assert_eq!(merging(&operator, &theirs, &ours, json!({"consent": " "})).await, ["REQUIRED input.consent"]);
        assert_eq!(written(&app).await, before);
        let consent = json!({"intoId": ours.id, "consent": "双方 2021-01-20 书面同意，编号 7。"});
        let theirs = operator.does("mergeIssues", &theirs, consent).await;
        // Whoever wrote the one that ended does not see the other's, but reads the reply.
        assert_eq!(outsider.sees(&theirs, "state mergedInto { id } mergeConsent").await, json!({
            "state": "MERGED", "mergedInto": null, "mergeConsent": "双方 2021-01-20 书面同意，编号 7。"}));
        assert_eq!(outsider.sees(&ours, "id").await, Value::Null);
        let ours = now(&app, &ours).await;
        officer.responds(&ours).await;
        assert_eq!(outsider.sees(&theirs, "progress { nodes { kind body } }").await["progress"]["nodes"],
            json!([{"kind": "RESPONSE", "body": "已协调解决。"}]));
    }

    async fn what_cannot_be_merged_is_told(app) {
        let (member, operator) = (app.member(), app.operator());
        let open = brought_to(&app, &member, "SUBMITTED").await;
        let other = brought_to(&app, &member, "SUBMITTED").await;
        let closed = brought_to(&app, &member, "CLOSED").await;
        let elsewhere = Issue { id: "issue_x".to_owned(), ..open.clone() };
        let before = written(&app).await;
        for (issue, into, expected) in [
            (&open, &open, "INVALID input.intoId"),
            (&open, &closed, "INVALID_STATE input.intoId"),
            (&open, &elsewhere, "NOT_FOUND input.intoId"),
            (&elsewhere, &open, "NOT_FOUND input.id"),
            (&closed, &open, "INVALID_STATE"),
            (&open.at(7), &other, "STALE_VERSION input.expectedVersion"),
        ] {
            assert_eq!(merging(&operator, issue, into, json!({})).await, [expected]);
        }
        assert_eq!(written(&app).await, before);
        operator.does("mergeIssues", &open, json!({"intoId": other.id})).await;
        let other = now(&app, &other).await;
        let third = brought_to(&app, &member, "SUBMITTED").await;
        assert_eq!(merging(&operator, &other, &third, json!({})).await, ["DEPENDENCY_EXISTS input.id"]);
    }

    async fn the_earlier_due_date_holds(app) {
        let (member, operator) = (app.member(), app.operator());
        let early = brought_to(&app, &member, "ASSIGNED").await;
        app.clock.advance(chrono::TimeDelta::days(1));
        let later = handled(&app, &member).await;
        let due = "dueAt";
        assert_eq!(member.sees(&later, due).await["dueAt"], "2021-01-28T09:30:00.000Z");
        operator.does("mergeIssues", &early, json!({"intoId": later.id})).await;
        assert_eq!(member.sees(&later, due).await["dueAt"], "2021-01-27T09:30:00.000Z");
    }

    async fn one_answer_goes_to_all_issues_of_a_common_problem(app) {
        let (operator, officer) = (app.operator(), app.officer());
        let authors = [app.member(), app.lead(), app.outsider()];
        let mut issues = Vec::new();
        for author in &authors {
            issues.push(handled(&app, author).await);
        }
        let ids: Vec<_> = issues.iter().map(|issue| issue.id.clone()).collect();
        let new = json!({"issueIds": ids, "title": "园区用电容量不足", "cause": "同一变电站负荷已满。"});
        app.trail().await;
        let payload = operator.mutate("clusterIssues", CLUSTER, new.clone()).await;
        assert_eq!(payload["userErrors"], json!([]));
        let cluster = payload["issueCluster"].clone();
        assert_eq!((&cluster["status"], &cluster["issues"]["totalCount"]), (&json!("OPEN"), &json!(3)));
        // Each with an audit entry and an event of its own, in one transaction.
        let mut trail = app.trail().await;
        trail.sort();
        assert_eq!(trail, ["cluster.created", "clusterIssues cluster", "clusterIssues issue", "clusterIssues issue",
            "clusterIssues issue", "issue.clustered", "issue.clustered", "issue.clustered"]);
        let again = operator.faults("clusterIssues", new).await;
        assert_eq!(again, [0, 1, 2].map(|n| format!("INVALID_STATE input.issueIds.{n}")));

        let answer = json!({"id": cluster["id"], "expectedVersion": cluster["version"],
            "reply": "变电站已列入本年度增容计划。", "outcome": "EXPLAINED"});
        let payload = officer.mutate("respondToCluster", CLUSTER, answer.clone()).await;
        assert_eq!((&payload["userErrors"], &payload["issueCluster"]["status"]), (&json!([]), &json!("ANSWERED")));
        let mut trail = app.trail().await;
        trail.sort();
        assert_eq!(trail, ["cluster.answered", "issue.responded", "issue.responded", "issue.responded",
            "respondToCluster cluster", "respondToCluster issue", "respondToCluster issue", "respondToCluster issue"]);
        for (author, issue) in authors.iter().zip(&issues) {
            let seen = author.sees(issue, "state outcome transitions(last: 1) { nodes { kind } } \
                progress(last: 1) { nodes { kind body } } cluster { title status issues { totalCount } }").await;
            assert_eq!(seen, json!({"state": "RESPONDED", "outcome": "EXPLAINED",
                "transitions": {"nodes": [{"kind": "RESPOND"}]},
                "progress": {"nodes": [{"kind": "RESPONSE", "body": "变电站已列入本年度增容计划。"}]},
                // Of the others an enterprise learns nothing.
                "cluster": {"title": "园区用电容量不足", "status": "ANSWERED", "issues": {"totalCount": 1}}}));
        }
        // Each rates for itself.
        let first = now(&app, &issues[0]).await;
        assert_eq!(authors[0].rates(&first, 5).await.state, "CLOSED");
        assert_eq!(now(&app, &issues[1]).await.state, "RESPONDED");
        let mut again = answer;
        assert_eq!(officer.faults("respondToCluster", again.clone()).await, ["INVALID_STATE"]);
        again["expectedVersion"] = json!(2);
        assert_eq!(officer.faults("respondToCluster", again).await, ["INVALID_STATE"]);
    }

    async fn what_cannot_belong_together_is_told_issue_by_issue(app) {
        let (member, operator) = (app.member(), app.operator());
        let one = handled(&app, &member).await;
        let two = handled(&app, &member).await;
        let closed = brought_to(&app, &app.lead(), "CLOSED").await;
        let clustering = |ids: Value| json!({"issueIds": ids, "title": "共性", "cause": "成因"});
        let before = written(&app).await;
        for (ids, expected) in [
            (json!([one.id]), vec!["OUT_OF_RANGE input.issueIds"]),
            (json!([one.id, one.id]), vec!["INVALID input.issueIds.1"]),
            (json!([one.id, "x", closed.id]), vec!["NOT_FOUND input.issueIds.1", "INVALID_STATE input.issueIds.2"]),
            // Two issues, but of one enterprise.
            (json!([one.id, two.id]), vec!["OUT_OF_RANGE input.issueIds"]),
        ] {
            assert_eq!(operator.faults("clusterIssues", clustering(ids.clone())).await, expected, "{ids}");
        }
        let foreign = app.other_district();
        assert_eq!(foreign.faults("clusterIssues", clustering(json!([one.id, two.id]))).await,
            ["NOT_FOUND input.issueIds.0", "NOT_FOUND input.issueIds.1"]);
        assert_eq!(written(&app).await, before);
    }

    async fn all_are_answered_or_none_and_only_by_who_handles_all(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let ours = handled(&app, &member).await;
        let waiting = brought_to(&app, &app.lead(), "ACCEPTED").await;
        let new = json!({"issueIds": [ours.id, waiting.id], "title": "共性", "cause": "成因"});
        let payload = operator.mutate("clusterIssues", CLUSTER, new).await;
        let answer = json!({"id": payload["issueCluster"]["id"], "expectedVersion": 1, "reply": "答复", "outcome": "SOLVED"});
        let before = written(&app).await;
        assert_eq!(operator.faults("respondToCluster", answer.clone()).await, ["INVALID_STATE input.id"]);
        assert_eq!(officer.faults("respondToCluster", answer.clone()).await, ["FORBIDDEN"]);
        assert_eq!(written(&app).await, before);
        let waiting = now(&app, &waiting).await;
        let own = operator.department(OFFICERS_OWN).await;
        let waiting = operator.does("assignIssue", &waiting, json!({"leadDepartmentId": own})).await;
        officer.starts(&waiting).await;
        assert_eq!(officer.faults("respondToCluster", answer).await, [""; 0]);
        let answered = "SELECT count(*) FROM enterprise_issue WHERE cluster_id IS NOT NULL AND state = 'RESPONDED'";
        assert_eq!(number(&app, answered).await, 2);
    }
}
