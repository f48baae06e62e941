//! What a query may cost: statements and fetched rows, counted on both databases.

use serde_json::{Value, json};

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

/// How many rows an answer shows, counts among them, and on how many pages.
fn answered(answer: &Value) -> (u64, u64) {
    let add = |(rows, pages), (more, others)| (rows + more, pages + others);
    match answer {
        Value::Array(items) => items.iter().map(answered).fold((0, 0), add),
        Value::Object(fields) => {
            let own = match fields.get("nodes").and_then(Value::as_array) {
                Some(nodes) => (u64::try_from(nodes.len()).unwrap(), 1),
                None => (0, 0),
            };
            let counted = (u64::from(fields.contains_key("totalCount")), 0);
            fields.values().map(answered).fold(add(own, counted), add)
        }
        _ => (0, 0),
    }
}

/// The cost of a query that fetches no more rows than it answers, and one more a page.
async fn bounded(app: &TestApp, who: &Person<'_>, query: &str) -> (u64, u64) {
    let (statements, fetched) = cost(app, who, query).await;
    let (answered, pages) = answered(&who.read(query).await);
    assert!(
        fetched <= answered + pages,
        "{fetched} rows for {answered} on {pages} pages"
    );
    (statements, fetched)
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

    async fn issues_come_with_their_parents_in_one_statement(app) {
        let query = "{ enterpriseIssues(first: 50) { nodes { title enterprise { name } \
            category { nameZh } leadDepartment { name } } } }";
        assert_eq!(cost(&app, &app.operator(), query).await, (1, 51));
        assert_eq!(cost(&app, &app.officer(), query).await, (1, 39));
        assert_eq!(cost(&app, &app.lead(), query).await, (1, 34));
        let actions = "{ enterpriseIssues(first: 50) { nodes { isRedacted body viewerActions } } }";
        assert_eq!(cost(&app, &app.officer(), actions).await, (1, 39));
    }

    async fn enterprises_with_their_issues_and_the_last_steps_are_one_statement_a_level(app) {
        let query = |arguments: &str| format!("{{ enterprises(first: 20{arguments}) {{ totalCount nodes \
            {{ issues(first: 5) {{ totalCount nodes {{ transitions(last: 3) {{ nodes {{ toState }} }} }} }} }} }} }}");
        // The page, its count; the issues, their counts; the steps. The newest have no issues.
        assert_eq!(cost(&app, &app.operator(), &query("")).await, (4, 22));
        let by_size = query(", orderBy: [{field: EMPLOYEE_COUNT}]");
        assert_eq!(bounded(&app, &app.operator(), &by_size).await, (5, 315));
        let by_name = query(", orderBy: [{field: NAME, direction: ASC}]");
        for (who, rows) in [(app.operator(), 244), (app.officer(), 97), (app.lead(), 71)] {
            assert_eq!(bounded(&app, &who, &by_name).await, (5, rows));
        }
    }

    async fn all_that_belongs_to_an_issue_is_one_statement_a_list(app) {
        let query = "{ enterpriseIssues(first: 10, filter: {state: {eq: CLOSED}}) { nodes { \
            coDepartments { nodes { department { name } } } transitions { nodes { note actor { displayName } } } \
            progress { nodes { body author { displayName } } } ratings { nodes { stars } } } } }";
        for (who, rows) in [(app.operator(), 113), (app.officer(), 76), (app.member(), 13)] {
            assert_eq!(bounded(&app, &who, query).await, (5, rows));
        }
    }

    async fn every_concept_costs_what_it_did(app) {
        let mut costs = Vec::new();
        for (who, query, _) in CONCEPTS {
            let who = match who {
                "officer" => app.officer(),
                "lead" => app.lead(),
                "member" => app.member(),
                _ => app.operator(),
            };
            who.read(query).await;
            costs.push((query, cost(&app, &who, query).await));
        }
        let expected: Vec<_> = CONCEPTS.iter().map(|(_, query, cost)| (*query, *cost)).collect();
        assert_eq!(costs, expected);
    }
}

/// Who asks what, and how many statements and fetched rows it takes beside the viewer's.
const CONCEPTS: [(&str, &str, (u64, u64)); 9] = [
    (
        "operator",
        "{ departments(first: 10) { nodes { name district { name policy { revision } } } } }",
        (1, 11),
    ),
    (
        "operator",
        "{ memberships(first: 20) { totalCount nodes { role enterprise { name officer { postTitle } } } } }",
        (2, 22),
    ),
    (
        "lead",
        "{ pairings(first: 8) { nodes { name lead { name } members(first: 3) { totalCount nodes { enterprise { name } } } interactions(last: 2) { nodes { title } } } } }",
        (3, 28),
    ),
    (
        "officer",
        "{ serviceVisits(first: 10) { nodes { heldOn enterprise { name } officer { postTitle department { name } } participants(first: 3) { nodes { postTitle } } issues(first: 2) { nodes { number } } } } }",
        (3, 7),
    ),
    (
        "member",
        "{ viewer { enterprise { name issues(first: 10) { nodes { number officer { postTitle } ratings(last: 1) { nodes { stars } } } } } } }",
        (3, 16),
    ),
    (
        "lead",
        "{ enterpriseIssues(first: 20) { totalCount nodes { title viewerActions transitions(last: 1) { nodes { kind } } } } }",
        (3, 26),
    ),
    (
        "operator",
        "{ issueCountsByState(filter: {nature: {eq: HELP}}) { state count } }",
        (1, 12),
    ),
    (
        "operator",
        "{ headlineStatistics { employees { value } officers { value } issuesSolved { value } leads { value } } }",
        (1, 1),
    ),
    (
        "operator",
        "{ district { policy { revision changedBy { displayName } } policies(first: 2) { nodes { revision } } issueCategories(first: 20) { totalCount nodes { code } } } }",
        (4, 16),
    ),
];
