//! Issues that a visit brings home.

use entity::service_visit::VisitStatus;
use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};

const RAISED: &str = "enterpriseIssue { state channel isOnBehalf visibility version \
    enterprise { id } officer { id } visit { id issues { totalCount } } \
    transitions { nodes { kind toState } } }";

/// A visit of the cast's officer, or of any other, in a state.
fn visit(own: bool, status: VisitStatus) -> (String, Uuid) {
    let mut visits = dataset().rows.visits.iter();
    let found = visits.find(|visit| {
        (Some(visit.officer_id) == cast().officer.officer_id) == own && visit.status == status
    });
    let found = found.unwrap();
    (encode(Kind::Visit, found.id), found.enterprise_id)
}

async fn input(app: &TestApp, visit: &str) -> Value {
    let operator = app.operator();
    json!({"visitId": visit, "title": "装卸区照明不足", "body": "夜间装卸照明不足，请协调。",
        "nature": "HELP", "categoryId": operator.category("OTHER").await})
}

on_both! {
    async fn a_visit_brings_a_submitted_issue_home(app) {
        let (id, enterprise) = visit(true, VisitStatus::Done);
        let raised = input(&app, &id).await;
        let told = app.officer().mutate("raiseIssueFromVisit", RAISED, raised).await;
        assert_eq!(told["userErrors"], json!([]));
        let issue = &told["enterpriseIssue"];
        assert_eq!(issue["state"], "SUBMITTED");
        assert_eq!(issue["channel"], "VISIT");
        assert_eq!(issue["isOnBehalf"], true);
        assert_eq!(issue["visibility"], "PAIRING");
        assert_eq!(issue["version"], 2);
        assert_eq!(issue["enterprise"]["id"], encode(Kind::Enterprise, enterprise));
        assert_eq!(issue["officer"]["id"], encode(Kind::Officer, cast().officer.officer_id.unwrap()));
        assert_eq!(issue["visit"]["id"], id);
        assert_eq!(issue["transitions"]["nodes"], json!([
            {"kind": "CREATE", "toState": "DRAFT"}, {"kind": "SUBMIT", "toState": "SUBMITTED"}]));
        assert_eq!(app.trail().await, ["raiseIssueFromVisit issue", "issue.submitted"]);
    }

    async fn what_cannot_be_raised_writes_nothing(app) {
        let (held, _) = visit(true, VisitStatus::Done);
        let (others, _) = visit(false, VisitStatus::Done);
        let (planned, _) = visit(false, VisitStatus::Planned);
        let unknown = encode(Kind::Visit, Uuid::from_u128(7));
        for (who, id, expected) in [
            (app.operator(), planned.as_str(), vec!["INVALID_STATE input.visitId"]),
            (app.operator(), unknown.as_str(), vec!["NOT_FOUND input.visitId"]),
            (app.officer(), others.as_str(), vec!["NOT_FOUND input.visitId"]),
            (app.other_district(), held.as_str(), vec!["NOT_FOUND input.visitId"]),
        ] {
            let mut raised = input(&app, id).await;
            if expected[0].starts_with("NOT_FOUND") {
                raised["title"] = json!("照明");
            }
            assert_eq!(who.faults("raiseIssueFromVisit", raised).await, expected, "{id}");
        }
        let mut blank = input(&app, &held).await;
        blank["title"] = json!(" ");
        blank["body"] = json!("长".repeat(10_000));
        assert_eq!(app.officer().faults("raiseIssueFromVisit", blank).await,
            ["REQUIRED input.title", "TOO_LONG input.body"]);
        let query = "mutation($input: RaiseIssueFromVisitInput!) \
            { raiseIssueFromVisit(input: $input) { userErrors { code } } }";
        for who in [app.lead(), app.member(), app.auditor()] {
            let input = json!({"input": input(&app, &held).await});
            assert_eq!(who.refused(query, input).await, "FORBIDDEN");
        }
        assert_eq!(app.trail().await, [""; 0]);
    }
}
