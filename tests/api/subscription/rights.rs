//! A right that ends, ends what rests on it.

use chrono::TimeDelta;
use serde_json::json;

use super::{ISSUES, draft, execute};
use crate::on_both;
use crate::support::database::cast;
use crate::support::live::Events;
use honglian::kernel::id::{Kind, encode};

on_both! {
    async fn a_socket_ends_with_its_token(app) {
        let server = app.serve(|_| {}).await;
        let short = app.token_with(&cast().operator, |token| token.lifetime = TimeDelta::seconds(2));
        let mut idle = server.signed_in(&short).await;
        let mut subscribed = server.subscribed(&short, ISSUES).await;
        assert_eq!(subscribed.close_code().await, 4403);
        assert_eq!(idle.close_code().await, 4403);
        // The verifier is lenient about clocks that differ; what stays open is not.
        let mut late = server.socket().await;
        late.introduce(&short).await;
        assert_eq!(late.close_code().await, 4403);
    }

    async fn a_stream_ends_with_its_token_and_says_why(app) {
        let server = app.serve(|_| {}).await;
        let short = app.token_with(&cast().operator, |token| token.lifetime = TimeDelta::seconds(2));
        let mut events = Events::of(server.stream(Some(&short), ISSUES).await);
        let (name, data) = events.next().await.unwrap();
        assert_eq!(name, "next");
        assert_eq!(data["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(events.next().await.unwrap().0, "complete");
        assert_eq!(events.next().await, None);
        assert_eq!(server.stream(Some(&short), ISSUES).await.status(), 401);
    }

    async fn a_user_who_is_disabled_hears_nothing_more(app) {
        let server = app.serve(|_| {}).await;
        let member = app.member();
        let mut socket = server.subscribed(&app.token(&cast().lead), ISSUES).await;
        let mut events = Events::of(server.stream(Some(&app.token(&cast().lead)), ISSUES).await);
        server.listening(2).await;
        execute(&app, "UPDATE user_account SET status = 'DISABLED' WHERE subject LIKE 'demo-lead-%'")
            .await;
        draft(&member, "甲", "PAIRING").await.submit(&member).await;
        assert_eq!(socket.close_code().await, 4403);
        let (name, data) = events.next().await.unwrap();
        assert_eq!((name.as_str(), data.get("data")), ("next", None));
        assert_eq!(data["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(events.next().await.unwrap().0, "complete");
    }

    async fn a_right_that_is_gone_ends_what_is_idle_too(app) {
        let server = app.serve(|live| live.recheck_ms = 200).await;
        let mut socket = server.subscribed(&app.token(&cast().lead), ISSUES).await;
        let mut events = Events::of(server.stream(Some(&app.token(&cast().lead)), ISSUES).await);
        execute(&app, "UPDATE enterprise SET status = 'DEACTIVATED', \
            deactivated_at = created_at, deactivation_reason = 'test' WHERE id IN \
            (SELECT enterprise_id FROM user_account WHERE subject LIKE 'demo-lead-%')").await;
        assert_eq!(socket.close_code().await, 4403);
        assert_eq!(events.next().await.unwrap().0, "next");
        assert_eq!(events.next().await.unwrap().0, "complete");
    }

    async fn a_user_whom_an_administrator_disables_is_out_at_once(app) {
        // Long before the next look at idle connections.
        let server = app.serve(|live| live.recheck_ms = 3_600_000).await;
        let mut socket = server.subscribed(&app.token(&cast().lead), ISSUES).await;
        let lead = &cast().lead;
        let input = json!({"id": encode(Kind::User, lead.user_id), "expectedVersion": 1,
            "subject": lead.subject, "displayName": "停用", "role": "LEAD", "status": "DISABLED", "isAdmin": false, "isAuditor": false,
            "enterpriseId": encode(Kind::Enterprise, lead.enterprise_id.unwrap())});
        let payload = app.admin().mutate("upsertUser", "user { id }", input).await;
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(socket.close_code().await, 4403);
    }

    async fn a_role_that_may_no_longer_subscribe_ends(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.subscribed(&app.token(&cast().operator), ISSUES).await;
        execute(&app, "UPDATE user_account SET is_auditor = TRUE WHERE subject = 'demo-operator-1'")
            .await;
        let outsider = app.outsider();
        draft(&outsider, "甲", "OFFICIAL").await.submit(&outsider).await;
        assert_eq!(socket.close_code().await, 4403);
    }
}
