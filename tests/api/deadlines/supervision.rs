//! What presses for an issue that is late: by its clocks, once, and by hand; joint meetings; and
//! what is to be done next.

use serde_json::{Value, json};

use super::clocks::at;
use super::passing::three_sweep;
use crate::issue::actors::{Issue, brought_to, input};
use crate::on_both;
use crate::support::app::{Person, TestApp};

/// What was pressed for on an issue, a line each: kind, level, clock.
async fn pressed(person: &Person<'_>, issue: &Issue) -> Vec<String> {
    let seen = person
        .sees(
            issue,
            "supervisions(first: 50) { nodes { kind level clock } }",
        )
        .await;
    let rows = seen["supervisions"]["nodes"].as_array().unwrap().iter();
    let mut lines: Vec<String> = rows
        .map(|row| {
            let clock = row["clock"].as_str().unwrap_or("-");
            format!("{clock} {} {}", row["level"], row["kind"].as_str().unwrap())
        })
        .collect();
    lines.sort();
    lines
}

async fn level(app: &TestApp, issue: &Issue) -> Value {
    app.operator().sees(issue, "escalationLevel").await["escalationLevel"].clone()
}

async fn current(app: &TestApp, issue: &Issue) -> Issue {
    Issue::of(&app.operator().sees(issue, "id version state").await)
}

on_both! {
    async fn every_level_comes_once_however_many_servers_look(app) {
        let operator = app.operator();
        // Due on the 27th at 17:30, yellow from the 26th at 13:15 on.
        let issue = brought_to(&app, &app.member(), "IN_PROGRESS").await;
        for (time, lines) in [
            ("2021-01-26T13:14", 0),
            ("2021-01-26T13:15", 1),
            ("2021-01-27T17:30", 1),
            ("2021-01-27T17:31", 2),
            ("2021-02-01T17:30", 2),
            ("2021-02-01T17:31", 3),
            ("2021-02-03T17:30", 3),
            ("2021-02-03T17:31", 4),
            ("2021-02-09T10:00", 4),
        ] {
            app.clock.set(at(time));
            three_sweep(&app).await;
            let all = ["RESOLVE 1 REMINDER", "RESOLVE 2 ORDER", "RESOLVE 3 CIRCULAR", "RESOLVE 4 MEETING"];
            assert_eq!(pressed(&operator, &issue).await, all[..lines], "{time}");
            assert_eq!(level(&app, &issue).await, lines, "{time}");
        }
        let levels = app.texts("SELECT DISTINCT actor FROM audit_entry WHERE action = 'escalateIssue'").await;
        assert_eq!(levels, ["system"]);
        // The enterprise and other officers read nothing of it.
        assert_eq!(pressed(&app.member(), &issue).await, [""; 0]);
        assert_eq!(pressed(&app.officer(), &issue).await.len(), 4);
    }

    async fn a_clock_that_stands_still_brings_nothing(app) {
        let issue = brought_to(&app, &app.member(), "IN_PROGRESS").await;
        let issue = app.officer().does("requestInfo", &issue, json!({})).await;
        app.clock.set(at("2021-02-01T10:00"));
        three_sweep(&app).await;
        assert_eq!(pressed(&app.operator(), &issue).await, [""; 0]);
        let issue = app.member().does("supplyInfo", &issue, json!({})).await;
        app.clock.set(at("2021-02-09T10:00"));
        three_sweep(&app).await;
        assert_eq!(pressed(&app.operator(), &issue).await, ["RESOLVE 1 REMINDER", "RESOLVE 2 ORDER"]);
    }

    async fn what_is_sent_back_twice_goes_to_a_joint_meeting(app) {
        let (member, officer) = (app.member(), app.officer());
        let mut issue = brought_to(&app, &member, "RESPONDED").await;
        issue = member.rates(&issue, 1).await;
        issue = officer.responds(&issue).await;
        three_sweep(&app).await;
        assert_eq!(pressed(&app.operator(), &issue).await, [""; 0]);
        issue = member.rates(&issue, 2).await;
        three_sweep(&app).await;
        assert_eq!(pressed(&app.operator(), &issue).await, ["REWORK 4 MEETING"]);
        assert_eq!(level(&app, &issue).await, 4);
    }

    async fn the_district_presses_raises_and_concludes(app) {
        let operator = app.operator();
        let issue = brought_to(&app, &app.member(), "IN_PROGRESS").await;
        app.trail().await;
        let seen = "enterpriseIssue { id version state escalationLevel }";
        let order = input(&issue, &json!({"kind": "ORDER", "demand": "请限期答复。"}));
        let done = operator.mutate("superviseIssue", seen, order.clone()).await;
        assert_eq!(done["userErrors"], json!([]));
        assert_eq!(done["enterpriseIssue"]["escalationLevel"], 2);
        assert_eq!(app.trail().await, ["superviseIssue issue", "issue.supervised"]);
        assert_eq!(operator.faults("superviseIssue", order).await, ["STALE_VERSION input.expectedVersion"]);
        for _ in 0..2 {
            let now = current(&app, &issue).await;
            let raise = input(&now, &json!({"reason": "企业多次反映。"}));
            assert_eq!(operator.mutate("escalateIssue", seen, raise).await["userErrors"], json!([]));
        }
        assert_eq!(pressed(&operator, &issue).await, ["- 2 ORDER", "- 3 CIRCULAR", "- 4 MEETING"]);
        let now = current(&app, &issue).await;
        let again = operator.faults("escalateIssue", input(&now, &json!({"reason": "再次"}))).await;
        assert_eq!(again, ["INVALID_STATE input.id"]);
        let draft = brought_to(&app, &app.member(), "WITHDRAWN").await;
        let ended = operator.faults("escalateIssue", input(&draft, &json!({"reason": "再次"}))).await;
        assert_eq!(ended, ["INVALID_STATE"]);
        let blank = operator.faults("superviseIssue", input(&now, &json!({"kind": "REMINDER", "demand": " "}))).await;
        assert_eq!(blank, ["REQUIRED input.demand"]);

        let meeting = |items: Value| json!({"title": "第三次联席会议", "heldOn": "2021-01-20",
            "chairPost": "区委副书记、区长", "items": items});
        let item = json!({"issueId": issue.id, "conclusion": "由区住建局牵头，月内办结。"});
        let other = json!({"issueId": draft.id, "conclusion": "不予办理。"});
        app.trail().await;
        for (items, fault) in [
            (json!([]), "OUT_OF_RANGE input.items"),
            (json!([item, item]), "INVALID input.items.1.issueId"),
            (json!([item, other]), "INVALID_STATE input.items.1.issueId"),
        ] {
            assert_eq!(operator.faults("concludeJointMeeting", meeting(items)).await, [fault]);
        }
        let mut late = meeting(json!([item]));
        late["heldOn"] = json!("2021-01-21");
        assert_eq!(operator.faults("concludeJointMeeting", late).await, ["OUT_OF_RANGE input.heldOn"]);
        assert_eq!(app.trail().await, [""; 0]);
        let told = "jointMeeting { heldOn chairPost items { nodes { level conclusion enterpriseIssue { id } } } }";
        let held = operator.mutate("concludeJointMeeting", told, meeting(json!([item]))).await;
        assert_eq!(held, json!({"userErrors": [], "jointMeeting": {
            "heldOn": "2021-01-20", "chairPost": "区委副书记、区长", "items": {"nodes": [
                {"level": 4, "conclusion": "由区住建局牵头，月内办结。", "enterpriseIssue": {"id": issue.id}}]}}}));
        assert_eq!(
            app.trail().await,
            ["concludeJointMeeting joint_meeting", "concludeJointMeeting issue", "joint_meeting.concluded", "issue.meeting_concluded"]
        );
        let twice = operator.faults("concludeJointMeeting", meeting(json!([item]))).await;
        assert_eq!(twice, ["INVALID_STATE input.items.0.issueId"]);
    }

    async fn the_demo_has_its_orders_and_its_meetings(app) {
        let operator = app.operator();
        let query = "{ jointMeetings { totalCount nodes { items { totalCount nodes { level conclusion } } } } }";
        let meetings = operator.read(query).await["jointMeetings"].clone();
        assert_eq!(meetings["totalCount"], 2);
        for meeting in meetings["nodes"].as_array().unwrap() {
            assert_eq!(meeting["items"]["totalCount"], 2);
            for item in meeting["items"]["nodes"].as_array().unwrap() {
                assert!(item["conclusion"].is_string());
            }
        }
        assert_eq!(app.texts("SELECT kind FROM issue_supervision WHERE kind = 'ORDER'").await.len(), 9);
        assert_eq!(three_sweep(&app).await, 0, "what the clocks have brought is there");
        // The red ones stand at levels 2, 3 and 4.
        let red = "{ enterpriseIssues(filter: {light: {eq: RED}}) { nodes { escalationLevel \
                   supervisions(last: 1) { nodes { level } } } } }";
        let red = operator.read(red).await["enterpriseIssues"]["nodes"].clone();
        let mut levels: Vec<_> = red.as_array().unwrap().iter()
            .map(|issue| (issue["escalationLevel"].as_i64(), issue["supervisions"]["nodes"][0]["level"].as_i64()))
            .collect();
        levels.sort();
        assert_eq!(levels, [(Some(2), Some(2)), (Some(3), Some(3)), (Some(4), Some(4))]);
    }

    async fn what_is_due_first_is_done_first(app) {
        let list = "{ myWork(first: 100) { totalCount nodes { id state dueAt light } } }";
        for role in ["admin", "operator", "officer"] {
            let work = app.role(role).read(list).await["myWork"]["nodes"].as_array().unwrap().clone();
            let due: Vec<_> = work.iter().filter_map(|issue| issue["dueAt"].as_str()).collect();
            assert!(due.is_sorted(), "{role}: {due:?}");
            assert!(!work.is_empty(), "{role}");
            let states: Vec<_> = work.iter().map(|issue| issue["state"].as_str().unwrap()).collect();
            let of_officers = ["SUBMITTED", "ASSIGNED", "IN_PROGRESS", "LONG_TERM"];
            for issue in &work {
                let state = issue["state"].as_str().unwrap();
                let holds = match role {
                    "officer" => of_officers.contains(&state),
                    _ => issue["light"] == "RED" || ["SUBMITTED", "ACCEPTED", "ON_HOLD"].contains(&state),
                };
                assert!(holds, "{role}: {issue}");
            }
            if role != "officer" {
                let count = |state: &str| states.iter().filter(|known| **known == state).count();
                assert_eq!((count("SUBMITTED"), count("ON_HOLD"), work.len()), (2, 2, 7), "{role}");
                assert_eq!(work[0]["light"], "RED");
            }
        }
        for role in ["auditor", "lead", "member", "outsider"] {
            assert_eq!(app.role(role).refused(list, json!({})).await, "FORBIDDEN", "{role}");
        }
    }
}
