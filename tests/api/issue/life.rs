//! The way of an issue from the draft to the rating, and every turn that it can take.

use serde_json::{Value, json};

use super::actors::{Issue, OFFICERS_OWN, brought_to, input, last_changes};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

const STEPS: &str = "transitions(first: 100) { totalCount nodes { seq kind fromState toState note \
    actor { displayName } rejectReason withdrawReason } }";

/// The steps of an issue as an operator reads them: kind, from, to.
async fn steps(app: &TestApp, issue: &Issue) -> Vec<String> {
    let seen = app.operator().sees(issue, STEPS).await["transitions"]["nodes"].clone();
    let nodes = seen.as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    nodes
        .map(|step| {
            format!(
                "{} {} {}",
                text(&step["kind"]),
                text(&step["fromState"]),
                text(&step["toState"])
            )
        })
        .collect()
}

async fn solved(app: &TestApp) -> Value {
    let figures = "{ headlineStatistics { issuesSolved { value } } }";
    app.operator().read(figures).await["headlineStatistics"]["issuesSolved"]["value"].clone()
}

/// Does one thing, and holds that it leaves one audit entry and one event of these names.
async fn told(
    app: &TestApp,
    who: &Person<'_>,
    mutation: &str,
    event: &str,
    issue: &Issue,
) -> Issue {
    let before = (
        app.count("audit_entry").await,
        app.count("outbox_event").await,
    );
    let after = who.does(mutation, issue, json!({})).await;
    assert_eq!(after.version, issue.version + 1, "{mutation}");
    let audit = format!("audit_entry WHERE action = '{mutation}' AND target_kind = 'issue'");
    let event = format!("outbox_event WHERE event_type = '{event}' AND aggregate_kind = 'issue'");
    assert_eq!(app.count("audit_entry").await, before.0 + 1, "{mutation}");
    assert_eq!(app.count("outbox_event").await, before.1 + 1, "{mutation}");
    assert_eq!(
        (app.count(&audit).await, app.count(&event).await),
        (1, 1),
        "{mutation} {event}"
    );
    after
}

/// How many helping departments the last audit entry tells to have gone and to have come.
async fn helpers_changed(app: &TestApp) -> (usize, usize) {
    let changes = last_changes(app).await;
    let helping = |change: &&Value| change["table"] == "issue_co_department";
    let helping: Vec<_> = changes.as_array().unwrap().iter().filter(helping).collect();
    let gone = helping
        .iter()
        .filter(|change| change["after"] == json!({}))
        .count();
    let new = helping
        .iter()
        .filter(|change| change["before"].is_null())
        .count();
    assert_eq!(helping.len(), gone + new, "{changes:#}");
    (gone, new)
}

on_both! {
    async fn an_issue_goes_the_whole_way_and_is_counted(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        assert_eq!(solved(&app).await, 132);
        let mut issue = member.creates(json!({})).await;
        assert_eq!((issue.version, issue.state.as_str()), (1, "DRAFT"));
        assert_eq!((app.count("audit_entry").await, app.count("outbox_event").await), (1, 1));
        for (who, mutation, event, state) in [
            (&member, "submitIssue", "issue.submitted", "SUBMITTED"),
            (&officer, "acceptIssue", "issue.accepted", "ACCEPTED"),
            (&operator, "assignIssue", "issue.assigned", "ASSIGNED"),
            (&operator, "requestInfo", "issue.info_requested", "NEEDS_INFO"),
            (&member, "supplyInfo", "issue.info_supplied", "ASSIGNED"),
            (&officer, "startHandling", "issue.handling_started", "IN_PROGRESS"),
            (&officer, "addProgress", "issue.progressed", "IN_PROGRESS"),
            (&officer, "respondToIssue", "issue.responded", "RESPONDED"),
        ] {
            issue = told(&app, who, mutation, event, &issue).await;
            assert_eq!(issue.state, state, "{mutation}");
        }
        assert_eq!(solved(&app).await, 132);
        issue = told(&app, &member, "rateIssue", "issue.closed", &issue).await;
        assert_eq!((issue.version, issue.state.as_str()), (10, "CLOSED"));
        assert_eq!(solved(&app).await, 133);
        assert_eq!(steps(&app, &issue).await, [
            "CREATE - DRAFT",
            "SUBMIT DRAFT SUBMITTED",
            "ACCEPT SUBMITTED ACCEPTED",
            "ASSIGN ACCEPTED ASSIGNED",
            "REQUEST_INFO ASSIGNED NEEDS_INFO",
            "SUPPLY_INFO NEEDS_INFO ASSIGNED",
            "START_HANDLING ASSIGNED IN_PROGRESS",
            "RESPOND IN_PROGRESS RESPONDED",
            "CLOSE_RATED RESPONDED CLOSED",
        ]);
        let seen = member.sees(&issue, "outcome complexity urgency resumeState escalationLevel \
            firstHandler { displayName } leadDepartment { code } reporter { displayName } \
            acceptedAt respondedAt closedAt isClosedUnrated isRedacted viewerActions \
            progress { totalCount nodes { seq kind body isInternal outcome author { displayName } } } \
            ratings { totalCount nodes { round stars isResolved comment ratedBy { displayName } } }").await;
        let officers = "首席服务官 1";
        let own = "成员企业经办 4";
        let entry = |seq: i32, kind: &str, body: &str, who: &str| json!({
            "seq": seq, "kind": kind, "body": body, "isInternal": false,
            "outcome": (kind == "RESPONSE").then_some("SOLVED"), "author": {"displayName": who},
        });
        assert_eq!(seen, json!({
            "outcome": "SOLVED", "complexity": "GENERAL", "urgency": "NORMAL", "resumeState": null,
            "escalationLevel": 0, "firstHandler": {"displayName": officers},
            "leadDepartment": {"code": "FINANCE"}, "reporter": {"displayName": own},
            "acceptedAt": "2021-01-20T02:00:00.000Z", "respondedAt": "2021-01-20T02:00:00.000Z",
            "closedAt": "2021-01-20T02:00:00.000Z", "isClosedUnrated": false, "isRedacted": false,
            "viewerActions": ["REOPEN"],
            "progress": {"totalCount": 5, "nodes": [
                entry(1, "INFO_REQUEST", "请补充合同编号。", "区级经办 1"),
                entry(2, "INFO_SUPPLIED", "合同编号为 001。", own),
                entry(3, "FIRST_CONTACT", "已电话联系企业。", officers),
                entry(4, "PROGRESS", "已召开协调会。", officers),
                entry(5, "RESPONSE", "已协调解决。", officers),
            ]},
            "ratings": {"totalCount": 1, "nodes": [{
                "round": 1, "stars": 5, "isResolved": true, "comment": null,
                "ratedBy": {"displayName": own},
            }]},
        }));
    }

    async fn a_low_rating_and_a_reopening_send_it_back_a_level_higher(app) {
        let (member, officer) = (app.member(), app.officer());
        let seen = "state escalationLevel reworkCount reopenCount outcome isClosedUnrated";
        let mut issue = brought_to(&app, &member, "RESPONDED").await;
        issue = member.rates(&issue, 2).await;
        assert_eq!(member.sees(&issue, seen).await, json!({"state": "IN_PROGRESS",
            "escalationLevel": 1, "reworkCount": 1, "reopenCount": 0, "outcome": null,
            "isClosedUnrated": false}));
        issue = officer.responds(&issue).await;
        // Many stars do not close what is not resolved.
        let rating = json!({"stars": 5, "isResolved": false, "comment": "尚未解决"});
        issue = member.does("rateIssue", &issue, rating).await;
        assert_eq!(member.sees(&issue, seen).await["escalationLevel"], 2);
        issue = officer.responds(&issue).await;
        issue = member.rates(&issue, 3).await;
        assert_eq!(solved(&app).await, 133);
        issue = member.does("reopenIssue", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, seen).await, json!({"state": "IN_PROGRESS",
            "escalationLevel": 3, "reworkCount": 2, "reopenCount": 1, "outcome": null,
            "isClosedUnrated": false}));
        assert_eq!(solved(&app).await, 132);
        issue = officer.responds(&issue).await;
        issue = member.rates(&issue, 1).await;
        issue = officer.responds(&issue).await;
        issue = member.rates(&issue, 1).await;
        assert_eq!(member.sees(&issue, "escalationLevel").await["escalationLevel"], 4, "the highest");
        let rounds = "ratings { nodes { round stars isResolved } }";
        let rating = |round: i32, stars: i32, is_resolved: bool|
            json!({"round": round, "stars": stars, "isResolved": is_resolved});
        assert_eq!(member.sees(&issue, rounds).await["ratings"]["nodes"], json!([
            rating(1, 2, false), rating(2, 5, false), rating(3, 3, true), rating(4, 1, false),
            rating(5, 1, false),
        ]));
        assert_eq!(steps(&app, &issue).await[6..], [
            "REWORK RESPONDED IN_PROGRESS", "RESPOND IN_PROGRESS RESPONDED",
            "REWORK RESPONDED IN_PROGRESS", "RESPOND IN_PROGRESS RESPONDED",
            "CLOSE_RATED RESPONDED CLOSED", "REOPEN CLOSED IN_PROGRESS",
            "RESPOND IN_PROGRESS RESPONDED", "REWORK RESPONDED IN_PROGRESS",
            "RESPOND IN_PROGRESS RESPONDED", "REWORK RESPONDED IN_PROGRESS",
        ]);
    }

    async fn a_question_leads_back_to_where_it_was_asked(app) {
        let (member, operator) = (app.member(), app.operator());
        for state in ["SUBMITTED", "ASSIGNED", "IN_PROGRESS"] {
            let issue = brought_to(&app, &member, state).await;
            let asked = operator.does("requestInfo", &issue, json!({})).await;
            assert_eq!(member.sees(&asked, "state resumeState light").await,
                json!({"state": "NEEDS_INFO", "resumeState": state, "light": "GREY"}));
            let answered = member.does("supplyInfo", &asked, json!({})).await;
            assert_eq!(member.sees(&answered, "state resumeState light").await,
                json!({"state": state, "resumeState": null, "light": "GREEN"}));
        }
    }

    async fn a_return_goes_to_the_district_and_is_assigned_anew(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let issue = brought_to(&app, &member, "ACCEPTED").await;
        let [tax, finance, own] = [operator.department("TAX").await,
            operator.department("FINANCE").await, operator.department(OFFICERS_OWN).await];
        let first = json!({"leadDepartmentId": own, "coDepartmentIds": [tax, finance], "note": "请牵头。"});
        let issue = operator.does("assignIssue", &issue, first).await;
        let helpers = "coDepartments { totalCount nodes { department { code } } } leadDepartment { code }";
        assert_eq!(operator.sees(&issue, helpers).await, json!({
            "coDepartments": {"totalCount": 2, "nodes": [{"department": {"code": "TAX"}},
                {"department": {"code": "FINANCE"}}]},
            "leadDepartment": {"code": OFFICERS_OWN}}));
        let issue = officer.does("returnAssignment", &issue, json!({})).await;
        assert_eq!(issue.state, "ACCEPTED");
        // What went is told in the audit too.
        assert_eq!(helpers_changed(&app).await, (2, 0));
        assert_eq!(operator.sees(&issue, helpers).await,
            json!({"coDepartments": {"totalCount": 0, "nodes": []}, "leadDepartment": null}));
        let again = json!({"leadDepartmentId": finance, "coDepartmentIds": [own]});
        let issue = operator.does("assignIssue", &issue, again).await;
        assert_eq!(operator.sees(&issue, &format!("returnCount {helpers}")).await, json!({
            "returnCount": 1,
            "coDepartments": {"totalCount": 1, "nodes": [{"department": {"code": OFFICERS_OWN}}]},
            "leadDepartment": {"code": "FINANCE"}}));
        assert_eq!(helpers_changed(&app).await, (0, 1));
    }

    async fn the_district_side_writes_on_behalf(app) {
        let enterprise = honglian::kernel::id::encode(
            honglian::kernel::id::Kind::Enterprise, cast().member.enterprise_id.unwrap());
        for (author, channel) in [(app.operator(), "PHONE"), (app.admin(), "ACTIVITY"), (app.officer(), "PHONE")] {
            let more = json!({"enterpriseId": enterprise, "channel": channel});
            let draft = author.creates(more).await;
            assert_eq!(author.sees(&draft, "isOnBehalf channel viewerActions").await,
                json!({"isOnBehalf": true, "channel": channel, "viewerActions": ["SUBMIT"]}));
            assert_eq!(app.member().sees(&draft, "id").await, Value::Null, "its author's side's alone");
            let issue = author.submits(&draft).await;
            assert_eq!(app.member().sees(&issue, "state viewerActions").await,
                json!({"state": "SUBMITTED", "viewerActions": ["URGE", "WITHDRAW", "OPEN_FOR_PEER_HELP"]}));
        }
    }

    async fn a_refusal_says_where_to_go_and_a_withdrawal_why(app) {
        let (member, operator) = (app.member(), app.operator());
        let issue = brought_to(&app, &member, "REJECTED").await;
        let last = "transitions(last: 1) { nodes { kind note rejectReason withdrawReason } }";
        assert_eq!(member.sees(&issue, last).await["transitions"]["nodes"], json!([{"kind": "REJECT",
            "note": "请向市级部门提出。", "rejectReason": "OUT_OF_JURISDICTION", "withdrawReason": null}]));
        for state in ["DRAFT", "SUBMITTED", "NEEDS_INFO", "ACCEPTED", "ASSIGNED", "IN_PROGRESS", "RESPONDED"] {
            let issue = brought_to(&app, &member, state).await;
            let why = json!({"reason": "OTHER", "note": "已自行协商。"});
            let issue = member.does("withdrawIssue", &issue, why).await;
            assert_eq!(member.sees(&issue, &format!("state resumeState viewerActions {last}")).await, json!({
                "state": "WITHDRAWN", "resumeState": null, "viewerActions": [],
                "transitions": {"nodes": [{"kind": "WITHDRAW", "note": "已自行协商。",
                    "rejectReason": null, "withdrawReason": "OTHER"}]}}), "{state}");
            let seen_by_district = operator.sees(&issue, "id").await.is_null();
            assert_eq!(seen_by_district, state == "DRAFT", "what was never submitted stays its author's");
        }
    }

    async fn an_issue_that_is_left_leaves_its_light(app) {
        let officer = app.officer();
        let query = "{ enterpriseIssues(filter: {state: {eq: IN_PROGRESS}, light: {eq: GREEN}}) \
            { nodes { id version state dueAt } } }";
        let seen = officer.read(query).await["enterpriseIssues"]["nodes"][0].clone();
        assert!(seen["dueAt"].is_string(), "{seen}");
        let issue = officer.does("respondToIssue", &Issue::of(&seen), json!({})).await;
        assert_eq!(officer.sees(&issue, "state light dueAt").await,
            json!({"state": "RESPONDED", "light": null, "dueAt": null}));
    }

    async fn long_term_work_goes_on_and_is_answered(app) {
        let operator = app.operator();
        let query = "{ enterpriseIssues(filter: {state: {eq: LONG_TERM}}) { nodes { id version state } } }";
        let seen = operator.read(query).await["enterpriseIssues"]["nodes"][0].clone();
        let issue = operator.does("addProgress", &Issue::of(&seen), json!({})).await;
        assert_eq!(issue.state, "LONG_TERM");
        let outcome = json!({"outcome": "PARTLY_SOLVED"});
        let issue = operator.does("respondToIssue", &issue, outcome).await;
        assert_eq!(operator.sees(&issue, "state outcome").await,
            json!({"state": "RESPONDED", "outcome": "PARTLY_SOLVED"}));
        let again = operator.faults("respondToIssue",
            input(&issue, &json!({"reply": "答复", "outcome": "SOLVED"}))).await;
        assert_eq!(again, ["INVALID_STATE"]);
    }
}
