//! What happens by the passing of time alone, once however many servers are at it.

use std::collections::BTreeMap;

use honglian::domain::issue::commands::sweep;
use honglian::store::Deps;
use serde_json::json;

use super::clocks::{at, clock};
use crate::issue::actors::brought_to;
use crate::on_both;
use crate::support::app::TestApp;

/// Three servers of a database sweep it at once: how many issues they changed in all.
pub async fn three_sweep(app: &TestApp) -> usize {
    let mut deps: Vec<Deps> = vec![app.app.deps.clone()];
    for _ in 0..2 {
        let mut other = app.beside().await.app.deps.clone();
        other.clock = app.clock.clone();
        deps.push(other);
    }
    let sweeps = deps.into_iter();
    let sweeps = sweeps.map(|deps| tokio::spawn(async move { sweep(&deps).await.unwrap() }));
    let mut changed = 0;
    for sweep in sweeps.collect::<Vec<_>>() {
        changed += sweep.await.unwrap();
    }
    changed
}

async fn states(app: &TestApp) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for state in app.texts("SELECT state FROM enterprise_issue").await {
        *counts.entry(state).or_default() += 1;
    }
    counts
}

on_both! {
    async fn after_a_month_everything_has_gone_on_that_the_rules_say(app) {
        let lw = "WHERE number LIKE 'LW-%'";
        let count = states(&app).await;
        assert_eq!((count["NEEDS_INFO"], count["RESPONDED"], count["CLOSED"]), (3, 3, 19));
        assert_eq!(three_sweep(&app).await, 0, "nothing is due on the first day");
        app.trail().await;
        app.clock.set(at("2021-02-20T10:00"));
        assert_eq!(three_sweep(&app).await, 25 + 12);
        let count = states(&app).await;
        assert_eq!((count["ARCHIVED"], count["CLOSED"], count["WITHDRAWN"]), (137, 3, 7));
        assert_eq!((count.get("NEEDS_INFO"), count.get("RESPONDED")), (None, None));
        let trail = app.trail().await;
        let told = |line: &str| trail.iter().filter(|known| *known == line).count();
        assert_eq!(told("lapseIssue issue"), 25);
        assert_eq!(told("issue.archived"), 19);
        assert_eq!(told("issue.closed"), 3);
        assert_eq!(told("issue.withdrawn"), 3);
        // Two that nobody accepted, two that were not replied to, and what is handled but for the
        // one that is before a joint meeting already.
        assert_eq!((told("escalateIssue issue"), told("issue.escalated")), (12, 12));
        assert_eq!(trail.len(), 74);
        let level = "SELECT number FROM enterprise_issue WHERE escalation_level = 4 AND \
                     state IN ('SUBMITTED', 'ASSIGNED', 'IN_PROGRESS', 'LONG_TERM')";
        assert_eq!(app.texts(level).await.len(), 13);
        let by = "SELECT DISTINCT actor FROM audit_entry WHERE action = 'lapseIssue'";
        assert_eq!(app.texts(by).await, ["system"]);
        // Who is withdrawn without an answer is called back.
        let owed = "SELECT kind FROM issue_clock c WHERE ended_at IS NULL AND kind = 'CALLBACK' AND EXISTS \
                    (SELECT 1 FROM enterprise_issue i WHERE i.id = c.issue_id AND i.state = 'WITHDRAWN')";
        assert_eq!(app.texts(owed).await.len(), 3);
        let unrated = format!("SELECT number FROM enterprise_issue {lw} AND state = 'CLOSED' AND is_closed_unrated");
        assert_eq!(app.texts(&unrated).await.len(), 3);
        // Ten working days later, and not before their end.
        app.clock.set(at("2021-03-05T17:30"));
        assert_eq!(three_sweep(&app).await, 0);
        app.clock.set(at("2021-03-05T17:31"));
        assert_eq!(three_sweep(&app).await, 3);
        assert_eq!(states(&app).await["ARCHIVED"], 140);
    }

    async fn what_comes_in_time_keeps_an_issue_from_going_on(app) {
        let member = app.member();
        let asked = brought_to(&app, &member, "NEEDS_INFO").await;
        let answered = brought_to(&app, &member, "RESPONDED").await;
        let closed = brought_to(&app, &member, "CLOSED").await;
        app.clock.set(at("2021-01-26T10:00"));
        let asked = member.does("supplyInfo", &asked, json!({})).await;
        let answered = member.rates(&answered, 5).await;
        let closed = member.does("reopenIssue", &closed, json!({})).await;
        app.clock.set(at("2021-02-03T17:30"));
        sweep(&app.app.deps).await.unwrap();
        for (issue, state) in [(&asked, "SUBMITTED"), (&answered, "CLOSED"), (&closed, "IN_PROGRESS")] {
            assert_eq!(
                member.sees(issue, "state").await,
                json!({"state": state})
            );
        }
    }

    async fn a_call_that_is_owed_keeps_an_issue_from_the_archive(app) {
        let member = app.member();
        let issue = brought_to(&app, &member, "RESPONDED").await;
        let issue = member.rates(&issue, 1).await;
        let issue = app.officer().responds(&issue).await;
        let issue = member.rates(&issue, 5).await;
        assert_eq!(clock(&app.operator(), &issue, "CALLBACK").await["endedAt"], json!(null));
        app.clock.set(at("2021-03-01T10:00"));
        sweep(&app.app.deps).await.unwrap();
        assert_eq!(member.sees(&issue, "state").await["state"], "CLOSED");
    }

    async fn issues_of_an_older_version_get_their_clocks_from_their_steps(app) {
        let lights = "SELECT CASE WHEN due_at IS NULL THEN 'none' ELSE 'lit' END FROM enterprise_issue \
                      WHERE state NOT IN ('ARCHIVED', 'CLOSED', 'REJECTED', 'WITHDRAWN', 'MERGED')";
        let mut before = app.texts(lights).await;
        app.execute("DELETE FROM issue_supervision").await;
        app.execute("DELETE FROM issue_clock").await;
        app.execute("UPDATE enterprise_issue SET due_at = NULL, warn_at = NULL, lapses_at = NULL").await;
        app.trail().await;
        // And six are late by them.
        assert_eq!(three_sweep(&app).await, 40 + 6);
        let mut after = app.texts(lights).await;
        before.sort();
        after.sort();
        assert_eq!(before, after);
        let operator = app.operator();
        let mut counts = Vec::new();
        for light in ["GREEN", "YELLOW", "RED", "GREY"] {
            let query = "query($light: IssueLight!) { enterpriseIssues(filter: {light: {eq: $light}}) { totalCount } }";
            let told = operator.read_with(query, json!({"light": light})).await;
            counts.push(told["enterpriseIssues"]["totalCount"].as_i64().unwrap());
        }
        // As they were, but for one with more time, of which its steps do not tell.
        assert_eq!(counts, [7, 2, 4, 5]);
        assert_eq!(three_sweep(&app).await, 0, "and once");
        // Three are at the highest level already.
        app.clock.set(at("2021-02-20T10:00"));
        assert_eq!(three_sweep(&app).await, 25 + 10);
    }
}
