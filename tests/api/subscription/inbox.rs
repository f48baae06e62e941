//! What lands with an officer or handler.

use serde_json::{Value, json};

use super::draft;
use crate::on_both;
use crate::support::database::cast;
use crate::support::live::Socket;

const INBOX: &str = "subscription { officerInbox { type reason enterpriseIssue { title } } }";

async fn landed(socket: &mut Socket) -> (Value, Value) {
    let event = socket.event().await["officerInbox"].clone();
    (event["reason"].clone(), event["type"].clone())
}

on_both! {
    async fn steps_of_others_land_with_who_handles_it(app) {
        let server = app.serve(|_| {}).await;
        let (member, officer) = (app.member(), app.officer());
        let mut handler = server.subscribed(&app.token(&cast().officer), INBOX).await;
        let mut first = server.subscribed(&app.token(&cast().operator), INBOX).await;
        let mut other = server.subscribed(&app.token(&cast().admin), INBOX).await;

        let mut issue = draft(&member, "甲", "OFFICIAL").await;
        issue.submit(&member).await;
        issue.accept(&app.operator()).await;
        issue.assign(&app).await;
        issue.step(&officer, "returnAssignment", json!({"reason": "不属本单位"})).await;
        issue.assign(&app).await;
        issue.step(&officer, "requestInfo", json!({"question": "何时?"})).await;
        issue.step(&member, "supplyInfo", json!({"answer": "今日"})).await;
        issue.step(&officer, "startHandling", json!({"firstContact": "已联系"})).await;
        issue.step(&officer, "respondToIssue", json!({"reply": "已办", "outcome": "SOLVED"})).await;
        let bad = json!({"stars": 1, "isResolved": false, "comment": "未解决"});
        issue.step(&member, "rateIssue", bad).await;
        issue.step(&officer, "respondToIssue", json!({"reply": "再办", "outcome": "SOLVED"})).await;
        issue.step(&member, "rateIssue", json!({"stars": 5, "isResolved": true})).await;
        issue.step(&member, "reopenIssue", json!({"reason": "又出现"})).await;

        let expect = |pairs: &[(&str, &str)]| -> Vec<(Value, Value)> {
            pairs.iter().map(|(reason, name)| (json!(reason), json!(name))).collect()
        };
        let mut heard = Vec::new();
        for _ in 0..6 {
            heard.push(landed(&mut handler).await);
        }
        assert_eq!(heard, expect(&[("ASSIGNED", "issue.assigned"), ("ASSIGNED", "issue.assigned"),
            ("ANSWERED", "issue.info_supplied"), ("RATED", "issue.sent_back"),
            ("RATED", "issue.closed"), ("REOPENED", "issue.reopened")]));
        // The operator accepted it: what came back from the department lands there too, the own
        // assignments do not.
        let mut heard = Vec::new();
        for _ in 0..7 {
            heard.push(landed(&mut first).await);
        }
        assert_eq!(heard, expect(&[("RETURNED", "issue.assignment_returned"),
            ("ANSWERED", "issue.info_supplied"), ("ANSWERED", "issue.responded"),
            ("RATED", "issue.sent_back"), ("ANSWERED", "issue.responded"),
            ("RATED", "issue.closed"), ("REOPENED", "issue.reopened")]));
        other.say(json!({"type": "ping"})).await;
        assert_eq!(other.hear().await, json!({"type": "pong"}), "not the administrator's");
    }

    async fn an_enterprise_has_no_inbox(app) {
        let server = app.serve(|_| {}).await;
        for actor in [&cast().member, &cast().lead, &cast().auditor] {
            let mut socket = server.signed_in(&app.token(actor)).await;
            socket.subscribe("i", INBOX).await;
            let heard = socket.hear().await;
            assert_eq!(heard["payload"][0]["extensions"]["code"], "FORBIDDEN", "{heard:#}");
        }
    }
}
