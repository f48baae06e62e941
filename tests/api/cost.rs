//! What a query may cost: statements and fetched rows, counted on both databases.

use serde_json::json;

use crate::on_both;
use crate::support::app::{Person, TestApp};

/// Statements and rows of a query beside the one that makes the viewer.
pub async fn cost(app: &TestApp, who: &Person<'_>, query: &str) -> (u64, u64) {
    who.read("{ __typename }").await;
    let tally = app.database.db.tally();
    let before = (tally.statements(), tally.rows());
    who.read("{ __typename }").await;
    let viewer = (tally.statements() - before.0, tally.rows() - before.1);
    let before = (tally.statements(), tally.rows());
    who.ask(query, json!({})).await;
    (
        tally.statements() - before.0 - viewer.0,
        tally.rows() - before.1 - viewer.1,
    )
}

on_both! {
    async fn a_page_is_one_statement_with_its_parents_joined(app) {
        let query = "{ enterprises(first: 20) { nodes { name district { name } \
                     parentEnterprise { name district { code } } } } }";
        assert_eq!(cost(&app, &app.operator(), query).await, (1, 21));
    }

    async fn a_count_is_one_more_and_only_when_asked_for(app) {
        let query = "{ enterprises(first: 5) { totalCount pageInfo { endCursor } } }";
        assert_eq!(cost(&app, &app.operator(), query).await, (2, 7));
    }

    async fn lists_inside_lists_are_one_statement_a_level(app) {
        let query = "{ enterprises(first: 50) { totalCount nodes { subsidiaries(first: 2) \
                     { totalCount nodes { subsidiaries(last: 3) { nodes { name } } } } } } }";
        let (statements, _) = cost(&app, &app.operator(), query).await;
        assert!(statements <= 5, "{statements} statements");
    }

    async fn a_viewer_is_one_statement(app) {
        let tally = app.database.db.tally();
        for who in [app.operator(), app.officer(), app.lead(), app.member()] {
            let before = tally.statements();
            who.read("{ __typename }").await;
            assert_eq!(tally.statements() - before, 1);
        }
    }
}
