//! What is counted: returns and reopenings, as often as the district's policy allows.

use serde_json::json;

use super::actors::{Issue, OFFICERS_OWN, brought_to, input, written};
use crate::on_both;
use crate::support::app::TestApp;

const SEEN: &str = "enterpriseIssue { id version state }";

/// The district allows as many.
async fn allow(app: &TestApp, revision: i32, more: serde_json::Value) {
    let mut change = json!({"expectedVersion": revision});
    for (name, value) in more.as_object().unwrap() {
        change[name] = value.clone();
    }
    assert_eq!(
        app.admin().faults("updateDistrictPolicy", change).await,
        Vec::<String>::new()
    );
}

async fn assigned(app: &TestApp, issue: &Issue) -> Issue {
    let own = app.operator().department(OFFICERS_OWN).await;
    app.operator()
        .does("assignIssue", issue, json!({"leadDepartmentId": own}))
        .await
}

/// Refused for a limit, with the issue as it is, and nothing written.
async fn limited(app: &TestApp, mutation: &str, issue: &Issue, most: i32) {
    let who = if mutation == "reopenIssue" {
        app.member()
    } else {
        app.officer()
    };
    let before = written(app).await;
    let again = input(issue, &json!({"reason": "再次"}));
    let payload = who.mutate(mutation, SEEN, again).await;
    assert_eq!(
        payload["userErrors"][0]["code"], "LIMIT_EXCEEDED",
        "{mutation}"
    );
    assert_eq!(
        payload["userErrors"][0]["params"],
        json!([{"name": "max", "value": most.to_string()}])
    );
    assert_eq!(Issue::of(&payload["enterpriseIssue"]), *issue);
    assert_eq!(written(app).await, before);
}

on_both! {
    async fn a_third_return_is_the_districts_to_decide(app) {
        let (member, officer) = (app.member(), app.officer());
        let mut issue = brought_to(&app, &member, "ASSIGNED").await;
        for _ in 0..2 {
            issue = officer.does("returnAssignment", &issue, json!({})).await;
            issue = assigned(&app, &issue).await;
        }
        limited(&app, "returnAssignment", &issue, 2).await;
        assert_eq!(officer.sees(&issue, "returnCount").await["returnCount"], 2);
        allow(&app, 1, json!({"maxReturns": 3})).await;
        issue = officer.does("returnAssignment", &issue, json!({})).await;
        issue = assigned(&app, &issue).await;
        limited(&app, "returnAssignment", &issue, 3).await;
        officer.starts(&issue).await;
    }

    async fn a_third_reopening_is_refused(app) {
        let (member, officer) = (app.member(), app.officer());
        let mut issue = brought_to(&app, &member, "CLOSED").await;
        for _ in 0..2 {
            issue = member.does("reopenIssue", &issue, json!({})).await;
            issue = officer.responds(&issue).await;
            issue = member.rates(&issue, 4).await;
        }
        limited(&app, "reopenIssue", &issue, 2).await;
        allow(&app, 1, json!({"maxReopens": 3})).await;
        issue = member.does("reopenIssue", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, "reopenCount").await["reopenCount"], 3);
    }

    async fn a_district_can_allow_none(app) {
        let member = app.member();
        allow(&app, 1, json!({"maxReopens": 0, "maxReturns": 0})).await;
        let closed = brought_to(&app, &member, "CLOSED").await;
        limited(&app, "reopenIssue", &closed, 0).await;
        let assigned = brought_to(&app, &member, "ASSIGNED").await;
        limited(&app, "returnAssignment", &assigned, 0).await;
    }
}
