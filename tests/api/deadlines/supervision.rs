//! What presses for an issue that is late: by its clocks, once, and by hand; joint meetings; and
//! what is to be done next.

use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};

use super::clocks::at;
use super::passing::three_sweep;
use crate::issue::actors::{Issue, brought_to, ids, input, literal};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

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
        // It has reminded the enterprise.
        let issue = current(&app, &issue).await;
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

    async fn what_is_reopened_twice_goes_to_a_joint_meeting(app) {
        let (member, officer) = (app.member(), app.officer());
        let mut issue = brought_to(&app, &member, "CLOSED").await;
        issue = member.does("reopenIssue", &issue, json!({})).await;
        three_sweep(&app).await;
        assert_eq!(pressed(&app.operator(), &issue).await, [""; 0]);
        issue = officer.responds(&issue).await;
        issue = member.rates(&issue, 5).await;
        issue = member.does("reopenIssue", &issue, json!({})).await;
        three_sweep(&app).await;
        assert_eq!(pressed(&app.operator(), &issue).await, ["REWORK 4 MEETING"]);
        assert_eq!(level(&app, &issue).await, 4);
    }

    async fn the_district_alone_lowers_a_level_with_a_reason_and_no_clock_brings_it_again(app) {
        let operator = app.operator();
        let issue = brought_to(&app, &app.member(), "IN_PROGRESS").await;
        app.clock.set(at("2021-02-09T10:00"));
        three_sweep(&app).await;
        let raised = current(&app, &issue).await;
        let lowering = |issue: &Issue, level: i32, reason: &str| input(issue, &json!({"level": level, "reason": reason}));
        app.trail().await;
        for (level, reason, fault) in [
            (1, " ", "REQUIRED input.reason"),
            (4, "误报", "OUT_OF_RANGE input.level"),
            (-1, "误报", "OUT_OF_RANGE input.level"),
        ] {
            assert_eq!(operator.faults("lowerEscalation", lowering(&raised, level, reason)).await, [fault]);
        }
        assert_eq!(app.trail().await, [""; 0]);
        let why = "企业已书面同意延后。";
        let lowered = operator.does("lowerEscalation", &raised, json!({"level": 1, "reason": why})).await;
        assert_eq!(app.trail().await, ["lowerEscalation issue", "issue.escalation_lowered"]);
        assert_eq!(level(&app, &issue).await, 1);
        let seen = "supervisions { nodes { level liftReason liftedAt liftedBy { displayName } } }";
        let line = |level: i32| match level {
            1 => json!({"level": 1, "liftReason": null, "liftedAt": null, "liftedBy": null}),
            _ => json!({"level": level, "liftReason": why, "liftedAt": "2021-02-09T02:00:00.000Z",
                "liftedBy": {"displayName": "区级经办 1"}}),
        };
        assert_eq!(app.officer().sees(&issue, seen).await["supervisions"]["nodes"], json!([1, 2, 3, 4].map(line)));
        // No clock brings again what it brought, and nobody waits for a meeting any more.
        app.clock.set(at("2021-02-20T10:00"));
        let others = three_sweep(&app).await;
        assert!(others > 0, "others are late");
        assert_eq!(level(&app, &issue).await, 1);
        assert_eq!(pressed(&operator, &issue).await.len(), 4);
        let meeting = json!({"title": "联席会议", "heldOn": "2021-02-20", "chairPost": "区长",
            "items": [{"issueId": issue.id, "conclusion": "结论"}]});
        assert_eq!(operator.faults("concludeJointMeeting", meeting.clone()).await, ["INVALID_STATE input.items.0.issueId"]);
        // It is raised anew by hand, and what a meeting concluded stays.
        let mut raised = lowered;
        for _ in 0..3 {
            raised = operator.does("escalateIssue", &raised, json!({})).await;
        }
        assert_eq!(level(&app, &issue).await, 4);
        assert_eq!(operator.faults("concludeJointMeeting", meeting).await, [""; 0]);
        let met = current(&app, &issue).await;
        operator.does("lowerEscalation", &met, json!({"level": 0})).await;
        let items = "supervisions { nodes { level conclusion liftedAt } }";
        let items = operator.sees(&issue, items).await["supervisions"]["nodes"].clone();
        let concluded: Vec<_> = items.as_array().unwrap().iter().filter(|item| item["conclusion"].is_string()).collect();
        assert_eq!(concluded.len(), 1);
        assert_eq!(concluded[0]["liftedAt"], Value::Null);
        let ground = current(&app, &issue).await;
        assert_eq!(operator.faults("lowerEscalation", lowering(&ground, 0, "误报")).await, ["INVALID_STATE"]);
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
        assert_eq!(again, ["INVALID_STATE"]);
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

    async fn what_waits_for_the_district_is_in_its_work(app) {
        let (member, operator, officer, admin) = (app.member(), app.operator(), app.officer(), app.admin());
        let work = async |who: &Person<'_>| -> Vec<String> {
            let list = who.read("{ myWork(first: 100) { nodes { id } } }").await["myWork"]["nodes"].clone();
            list.as_array().unwrap().iter().map(|issue| issue["id"].as_str().unwrap().to_owned()).collect()
        };
        let before = (work(&operator).await, work(&admin).await);
        assert_eq!(before.0, before.1);
        // A call back, due tomorrow, that the operator who accepted the issue does not make.
        let low = brought_to(&app, &member, "RESPONDED").await;
        let low = member.rates(&low, 1).await;
        // A request for more time that the administrator does not decide.
        let asked = brought_to(&app, &member, "IN_PROGRESS").await;
        let asked = admin.does("requestExtension", &asked, json!({})).await;
        // An appeal, and what a joint meeting is to conclude.
        let refused = brought_to(&app, &member, "REJECTED").await;
        let refused = member.does("appealRejection", &refused, json!({})).await;
        let mut raised = brought_to(&app, &member, "IN_PROGRESS").await;
        for _ in 0..4 {
            raised = operator.does("escalateIssue", &raised, json!({})).await;
        }
        let new = |work: Vec<String>| -> Vec<String> {
            work.into_iter().filter(|id| !before.0.contains(id)).collect()
        };
        let order = |ids: &[&Issue]| -> Vec<String> { ids.iter().map(|issue| issue.id.clone()).collect() };
        // The appeal since today, the call back tomorrow, the answers on the 27th.
        assert_eq!(new(work(&admin).await), order(&[&refused, &low, &raised]));
        assert_eq!(new(work(&operator).await), order(&[&refused, &asked, &raised]));
        // What is done is no work any more.
        operator.does("rejectExtension", &asked, json!({})).await;
        operator.does("decideAppeal", &refused, json!({"isGranted": false})).await;
        admin.does("recordCallback", &low, json!({})).await;
        operator.meets_on(&raised).await;
        assert_eq!((work(&operator).await, work(&admin).await), before);
        let mine = work(&officer).await;
        for issue in [&low, &asked, &raised] {
            assert!(mine.contains(&issue.id));
        }
        assert!(!mine.contains(&refused.id));
    }

    async fn an_officers_work_is_what_they_handle_and_what_those_they_serve_have_submitted(app) {
        // One that another officer is in charge of, led by the department of this one.
        let led = brought_to(&app, &app.outsider(), "IN_PROGRESS").await;
        let officer = literal(&app, cast().officer.officer_id.unwrap());
        let sql = format!(
            "SELECT i.id FROM enterprise_issue i WHERE (i.state IN ('ASSIGNED', 'IN_PROGRESS', 'LONG_TERM') AND \
             (i.officer_id = {officer} OR i.lead_department_id = (SELECT department_id FROM service_officer WHERE id = {officer}))) \
             OR (i.state = 'SUBMITTED' AND i.enterprise_id IN (SELECT enterprise_id FROM officer_assignment \
             WHERE officer_id = {officer} AND status = 'ACTIVE')) \
             ORDER BY CASE WHEN i.due_at IS NULL THEN 1 ELSE 0 END, i.due_at, i.id"
        );
        let expected: Vec<String> = ids(&app, &sql).await.into_iter().map(|id| encode(Kind::Issue, id)).collect();
        let list = app.officer().read("{ myWork(first: 100) { totalCount nodes { id } } }").await["myWork"].clone();
        let nodes = list["nodes"].as_array().unwrap().iter();
        let told: Vec<_> = nodes.map(|issue| issue["id"].as_str().unwrap().to_owned()).collect();
        assert!(told.contains(&led.id) && told.len() > 3);
        assert_eq!(told, expected);
        assert_eq!(list["totalCount"], expected.len());
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
