//! What happens by the passing of time alone, once however many servers are at it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::issue_clock::ClockKind;
use honglian::domain::issue::commands::sweep;
use honglian::store::Deps;
use serde_json::json;

use super::clocks::{at, clock};
use crate::issue::actors::{Issue, brought_to};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::dataset;

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

/// The states of all issues, by number.
async fn states(app: &TestApp) -> BTreeMap<String, String> {
    let sql = "SELECT number || ' ' || state FROM enterprise_issue";
    let lines = app.texts(sql).await;
    let pairs = lines.iter().map(|line| line.split_once(' ').unwrap());
    let pairs = pairs.map(|(number, state)| (number.to_owned(), state.to_owned()));
    pairs.collect()
}

/// What clocks have brought on the open issues: number, clock and level.
async fn by_clocks(app: &TestApp) -> BTreeSet<String> {
    let sql = "SELECT i.number || ' ' || s.clock || ' ' || s.level FROM issue_supervision s \
               JOIN enterprise_issue i ON i.id = s.issue_id JOIN issue_clock c ON c.id = s.clock_id \
               WHERE c.running_since IS NOT NULL";
    app.texts(sql).await.into_iter().collect()
}

/// What the clocks of the demo's handling must have brought by then, by the calendar alone: a
/// reminder before it is due, an order after, a circular three working days later and a joint
/// meeting five.
fn levels_after(now: DateTime<Utc>) -> BTreeSet<String> {
    let rows = &dataset().rows;
    let works: BTreeSet<NaiveDate> = migration::calendar::vetted()
        .filter(|(_, kind, _)| ["WORKING", "MAKE_UP"].contains(kind))
        .map(|(day, ..)| day)
        .collect();
    let mut all = BTreeSet::new();
    let lit = |kind| !matches!(kind, ClockKind::Rating | ClockKind::Callback);
    let running = rows
        .clocks
        .iter()
        .filter(|clock| clock.running_since.is_some());
    let mut clocks: Vec<_> = running.filter(|clock| lit(clock.kind)).collect();
    clocks.sort_by_key(|clock| sea_orm::ActiveEnum::to_value(&clock.kind));
    // One meeting deals with all that an issue is late with.
    let mut before_a_meeting = BTreeSet::new();
    for clock in clocks {
        let mut issues = rows.issues.iter();
        let issue = issues.find(|issue| issue.id == clock.issue_id).unwrap();
        let day = |at: DateTime<Utc>| (at + TimeDelta::hours(8)).date_naive();
        let late = works.range(day(clock.due_at)..day(now)).count() - 1;
        let kind = sea_orm::ActiveEnum::to_value(&clock.kind);
        for (level, is_due) in [
            (1, clock.warn_at <= now),
            (2, clock.due_at < now),
            (3, late >= 3),
            (4, late >= 5),
        ] {
            if is_due && (level < 4 || before_a_meeting.insert(issue.id)) {
                all.insert(format!("{} {kind} {level}", issue.number));
            }
        }
    }
    all
}

on_both! {
    async fn after_a_month_exactly_that_has_gone_on_that_the_rules_say(app) {
        let (before, pressed) = (states(&app).await, by_clocks(&app).await);
        assert_eq!(three_sweep(&app).await, 0, "nothing is due on the first day");
        app.trail().await;
        let month = at("2021-02-20T10:00");
        app.clock.set(month);
        assert_eq!(three_sweep(&app).await, 25 + 12);
        // Issue by issue: who waits for what does not come goes on, everything else stays.
        let after = states(&app).await;
        let mut moved = BTreeMap::new();
        for (number, state) in &before {
            let expected = match state.as_str() {
                "NEEDS_INFO" => "WITHDRAWN",
                "RESPONDED" => "CLOSED",
                "CLOSED" => "ARCHIVED",
                other => other,
            };
            assert_eq!(after[number], expected, "{number}");
            *moved.entry(state.as_str()).or_insert(0) += i32::from(expected != state);
        }
        moved.retain(|_, count| *count > 0);
        assert_eq!(moved, BTreeMap::from([("CLOSED", 19), ("NEEDS_INFO", 3), ("RESPONDED", 3)]));
        // Every level of every clock of the handling that ran on, once, and one meeting an issue.
        let all = levels_after(month);
        assert_eq!(all.len(), 13 * 4 + 3 * 3, "the three assigned ones have two clocks");
        assert_eq!(by_clocks(&app).await, all);
        assert!(pressed.is_subset(&all) && pressed.len() < all.len());
        let trail = app.trail().await;
        let told = |line: &str| trail.iter().filter(|known| *known == line).count();
        assert_eq!(told("lapseIssue issue"), 25);
        assert_eq!(told("issue.archived"), 19);
        assert_eq!(told("issue.closed"), 3);
        assert_eq!(told("issue.withdrawn"), 3);
        // What is handled but for the one that is before a joint meeting already.
        assert_eq!((told("escalateIssue issue"), told("issue.escalated")), (12, 12));
        assert_eq!(trail.len(), 74);
        let by = "SELECT DISTINCT actor FROM audit_entry WHERE action = 'lapseIssue'";
        assert_eq!(app.texts(by).await, ["system"]);
        // Who is withdrawn without an answer is called back.
        let owed = "SELECT i.number FROM issue_clock c JOIN enterprise_issue i ON i.id = c.issue_id \
                    WHERE c.ended_at IS NULL AND c.kind = 'CALLBACK' ORDER BY i.number";
        let withdrawn: Vec<_> = before.iter().filter(|(_, state)| *state == "NEEDS_INFO").map(|(number, _)| number).collect();
        assert_eq!(app.texts(owed).await.iter().collect::<Vec<_>>(), withdrawn);
        let unrated = "SELECT number FROM enterprise_issue WHERE state = 'CLOSED' AND is_closed_unrated ORDER BY number";
        let answered: Vec<_> = before.iter().filter(|(_, state)| *state == "RESPONDED").map(|(number, _)| number).collect();
        assert_eq!(app.texts(unrated).await.iter().collect::<Vec<_>>(), answered);
        // Ten working days later, and not before their end.
        app.clock.set(at("2021-03-05T17:30"));
        assert_eq!(three_sweep(&app).await, 0);
        app.clock.set(at("2021-03-05T17:31"));
        assert_eq!(three_sweep(&app).await, 3);
        assert_eq!(states(&app).await.values().filter(|state| *state == "ARCHIVED").count(), 140);
    }

    async fn who_is_waited_for_is_reminded(app) {
        let member = app.member();
        let asked = brought_to(&app, &member, "NEEDS_INFO").await;
        let answered = brought_to(&app, &member, "RESPONDED").await;
        let rated = brought_to(&app, &member, "RESPONDED").await;
        let told = async |issue: &Issue| -> Vec<String> {
            let seen = member.sees(issue, "progress(first: 50) { nodes { body isInternal author { id } createdAt } }").await;
            let entries = seen["progress"]["nodes"].as_array().unwrap().clone();
            let by_time = entries.iter().filter(|entry| entry["author"].is_null() && entry["isInternal"] == false);
            by_time.map(|entry| entry["body"].as_str().unwrap().to_owned()).collect()
        };
        let (of_question, of_rating) = ("请补充材料；逾期未补充的，将自动撤单。", "请对答复作出评价；逾期未评价的，将自动办结。");
        // The demo's own are reminded too, so only these are counted.
        for (time, questions, ratings) in [
            ("2021-01-22T17:30", 0, 0),
            ("2021-01-22T17:31", 0, 1),
            ("2021-01-26T17:30", 0, 1),
            ("2021-01-26T17:31", 0, 2),
            ("2021-01-27T17:30", 0, 2),
            ("2021-01-27T17:31", 1, 2),
            ("2021-02-03T17:30", 1, 2),
        ] {
            app.clock.set(at(time));
            if time == "2021-01-22T17:31" {
                member.rates(&rated, 5).await;
            }
            three_sweep(&app).await;
            assert_eq!(told(&asked).await, vec![of_question; questions], "{time}");
            assert_eq!(told(&answered).await, vec![of_rating; ratings], "{time}");
            assert_eq!(told(&rated).await, [""; 0], "{time}: it is rated");
        }
        // Each in the name of nobody, with an entry in the audit and an event that its readers hear.
        let trail = app.trail().await;
        let count = |line: &str| trail.iter().filter(|known| *known == line).count();
        assert_eq!(count("remindOfIssue issue"), count("issue.reminded"));
        assert!(count("issue.reminded") >= 3);
        let by = "SELECT DISTINCT actor FROM audit_entry WHERE action = 'remindOfIssue'";
        assert_eq!(app.texts(by).await, ["system"]);
        assert_eq!(member.sees(&asked, "state").await["state"], "NEEDS_INFO");
    }

    async fn a_sweep_leaves_alone_what_has_brought_all_that_it_can(app) {
        app.clock.set(at("2021-02-20T10:00"));
        three_sweep(&app).await;
        let tally = app.database.db.tally();
        let before = tally.statements();
        assert_eq!(sweep(&app.app.deps).await.unwrap(), 0);
        // Each kind of thing is asked for once, and none of the thirteen at the highest level is opened.
        assert_eq!(tally.statements() - before, 5);
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
