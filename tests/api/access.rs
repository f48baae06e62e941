//! Who gets in, and as what: real tokens against the database's word.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::on_both;
use crate::support::database::cast;

on_both! {
    async fn no_token_is_anonymous_and_a_bad_one_never_is(app) {
        let query = "{ enterprises(first: 1) { nodes { name } } }";
        assert_eq!(app.anonymous().refused(query, json!({})).await, "UNAUTHENTICATED");
        assert_eq!(app.anonymous().read("{ __typename }").await["__typename"], "Query");
        let mut token = app.token(&cast().operator);
        token.pop();
        assert_eq!(app.bearer(token).refused("{ __typename }", json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_right_taken_away_is_gone_at_the_next_request(app) {
        let lead = app.lead();
        let query = "{ enterprises(first: 100) { totalCount nodes { isRedacted shortName } } }";
        let full = |answer: &serde_json::Value| {
            let nodes = answer["enterprises"]["nodes"].as_array().unwrap().clone();
            nodes.iter().filter(|node| !node["shortName"].is_null()).count()
        };
        let before = lead.read(query).await;
        assert_eq!(before["enterprises"]["totalCount"], 37);
        assert!(full(&before) >= 1);
        let execute = |sql: &'static str| async {
            app.database.db.conn().execute_unprepared(sql).await.unwrap();
        };
        execute("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' \
                 WHERE status = 'ACTIVE'").await;
        assert_eq!(lead.read(query).await["enterprises"]["totalCount"], 1);
        execute("UPDATE user_account SET status = 'DISABLED'").await;
        assert_eq!(lead.refused(query, json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_token_cannot_widen_what_the_database_grants(app) {
        let create = "mutation { createEnterprise(input: {uscc: \"\", name: \"\", \
                      ownership: PRIVATE}) { userErrors { code } } }";
        let member = app.token_with(&cast().member, |token| {
            token.role = Some(honglian::access::token::ClaimedRole::District);
        });
        assert_eq!(app.bearer(member).refused(create, json!({})).await, "UNAUTHENTICATED");
        // An auditor whose token hides it stays one.
        let auditor = app.token_with(&cast().auditor, |token| token.perms.clear());
        assert_eq!(app.bearer(auditor).refused(create, json!({})).await, "FORBIDDEN");
    }
}
