//! How statements run: by which index, and without a sort. The databases are asked to explain the
//! very statements that a query makes. A small table is read whole whatever its indexes are, so
//! `PostgreSQL` is told to do without that: what it then still sorts, no index can give it.

use sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};

use crate::on_both;
use crate::support::app::TestApp;

/// How the statement of a query runs that reads a table, in the database's own words.
async fn plan(app: &TestApp, query: &str, table: &str) -> String {
    plan_of(app, query, table, "t0").await
}

/// The same where the statement calls the table otherwise.
async fn plan_of(app: &TestApp, query: &str, table: &str, at: &str) -> String {
    let db = &app.database.db;
    db.tally().recorded();
    app.operator().read(query).await;
    let from = format!("FROM \"{table}\" AS \"{at}\"");
    let mut found = db.tally().recorded();
    found.retain(|ran| ran.sql.contains(&from));
    assert_eq!(found.len(), 1, "one statement reads {table}");
    let mut statement = found.remove(0);
    let is_postgres = db.backend() == DbBackend::Postgres;
    let tx = db.conn().begin().await.unwrap();
    if is_postgres {
        let settings = ["seqscan", "bitmapscan", "sort"];
        let settings = settings.map(|what| format!("SET LOCAL enable_{what} = off"));
        tx.execute_unprepared(&settings.join("; ")).await.unwrap();
    }
    let (explain, column) = if is_postgres {
        ("EXPLAIN (COSTS OFF) ", 0)
    } else {
        ("EXPLAIN QUERY PLAN ", 3)
    };
    statement.sql.insert_str(0, explain);
    let lines = tx.query_all_raw(statement).await.unwrap();
    let lines = lines.iter().map(|line| line.try_get_by_index(column));
    lines
        .collect::<Result<Vec<String>, _>>()
        .unwrap()
        .join("\n")
}

/// Holds what a plan says, on each database its own words; and that it sorts or does not.
fn holds(app: &TestApp, plan: &str, [postgres, sqlite]: [&str; 2]) {
    let is_postgres = app.database.db.backend() == DbBackend::Postgres;
    let words = if is_postgres { postgres } else { sqlite };
    assert!(plan.contains(words), "{words}\n\n{plan}");
}

fn does_not_sort(plan: &str) {
    assert!(
        !plan.contains("Sort") && !plan.contains("TEMP B-TREE"),
        "{plan}"
    );
}

on_both! {
    async fn counts_by_state_come_from_one_index(app) {
        let plan = plan(&app, "{ issueCountsByState { state count } }", "enterprise_issue").await;
        holds(&app, &plan, [
            "Index Only Scan using enterprise_issue_told",
            "SEARCH t0 USING INDEX enterprise_issue_told (district_id=?)",
        ]);
        does_not_sort(&plan);
    }

    async fn issues_come_from_an_index_in_every_order_that_lists_have(app) {
        for (order, postgres, sqlite) in [
            ("{field: CREATED_AT}", "Index Scan Backward using enterprise_issue_by_created", "enterprise_issue_by_created"),
            ("{field: SUBMITTED_AT}", "Index Scan using enterprise_issue_by_submitted", "enterprise_issue_by_submitted"),
            ("{field: DUE_AT, direction: ASC}", "Index Scan using enterprise_issue_by_due", "enterprise_issue_by_due"),
            ("{field: DUE_AT, direction: DESC}", "Index Scan using enterprise_issue_by_last_due", "enterprise_issue_by_due"),
            ("{field: UPDATED_AT}", "Index Scan Backward using enterprise_issue_by_updated", "enterprise_issue_by_updated"),
        ] {
            let query = format!("{{ enterpriseIssues(first: 20, orderBy: [{order}]) {{ nodes {{ title }} }} }}");
            let plan = plan(&app, &query, "enterprise_issue").await;
            holds(&app, &plan, [postgres, &format!("SEARCH t0 USING INDEX {sqlite} (district_id=?)")]);
            does_not_sort(&plan);
        }
    }

    async fn lists_inside_lists_read_of_each_parent_its_page(app) {
        if app.database.db.backend() != DbBackend::Postgres {
            return; // SQLite numbers all rows of the parents.
        }
        let query = "{ enterprises(first: 20, orderBy: [{field: NAME, direction: ASC}]) { nodes { issues(first: 5) { \
            nodes { title transitions(last: 3) { nodes { toState } } } } } } }";
        let issues = plan(&app, query, "enterprise_issue").await;
        let steps = plan(&app, query, "issue_transition").await;
        for (plan, index) in [
            (issues, "Index Scan Backward using enterprise_issue_by_enterprise"),
            (steps, "Index Scan Backward using issue_transition_issue_id_seq_key"),
        ] {
            assert!(plan.contains("->  Limit\n") && plan.contains(index), "{plan}");
        }
    }
    async fn similar_issues_are_found_by_the_pieces_of_their_titles(app) {
        let query = "{ similarIssues(title: \"园区道路照明\") { score } }";
        let plan = plan_of(&app, query, "issue_gram", "g").await;
        holds(&app, &plan, [
            "Index Only Scan using issue_gram_pkey on issue_gram g",
            "SEARCH g USING COVERING INDEX sqlite_autoindex_issue_gram_1 (district_id=? AND gram=?)",
        ]);
        let counted = ["issue_gram_by_issue on issue_gram ng", "SEARCH ng USING COVERING INDEX issue_gram_by_issue (issue_id=?)"];
        holds(&app, &plan, counted);
    }

    async fn what_is_open_for_help_comes_from_an_index_of_its_own(app) {
        let query = "{ enterpriseIssues(first: 20, filter: {isOpenForHelp: true}) { nodes { title } } }";
        let plan = plan(&app, query, "enterprise_issue").await;
        holds(&app, &plan, ["Index Scan Backward using enterprise_issue_for_help", "SEARCH t0 USING INDEX enterprise_issue_for_help (district_id=?)"]);
        does_not_sort(&plan);
    }
}
