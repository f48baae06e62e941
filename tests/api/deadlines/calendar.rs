//! A year of the calendar comes in: whole, or not at all.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use honglian::domain::issue::commands::sweep;

use super::clocks::{at, clock};
use crate::issue::actors::{brought_to, literal_of};
use crate::on_both;

/// The days of 2027 by their weekdays, but for some.
pub fn year(other: &[(&str, &str, &str)]) -> Vec<Value> {
    let first = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    let days = first.iter_days().take(365).map(|day| {
        let text = day.to_string();
        if let Some((_, kind, name)) = other.iter().find(|(known, ..)| *known == text) {
            return json!({"day": text, "kind": kind, "name": name});
        }
        let kind = if day.weekday().number_from_monday() > 5 {
            "WEEKEND"
        } else {
            "WORKING"
        };
        json!({"day": text, "kind": kind})
    });
    days.collect()
}

/// What nobody has announced: a made-up year.
pub const MADE_UP: [(&str, &str, &str); 3] = [
    ("2027-01-01", "HOLIDAY", "元旦"),
    ("2027-01-04", "HOLIDAY", "元旦"),
    ("2027-01-09", "MAKE_UP", "元旦"),
];

fn input(days: &[Value]) -> Value {
    json!({"year": 2027, "source": "国务院办公厅通知", "days": days})
}

on_both! {
    async fn deadlines_in_a_year_that_is_imported_are_counted_anew(app) {
        app.clock.set(at("2026-12-28T10:00"));
        let member = app.member();
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let before = clock(&member, &issue, "RESOLVE").await;
        assert_eq!(before["dueAt"], "2027-01-04T09:30:00.000Z");
        assert_eq!(before["isProvisional"], true);
        assert_eq!(member.sees(&issue, "isDueProvisional").await["isDueProvisional"], true);
        app.trail().await;
        let admin = app.admin();
        let imported = admin.mutate("importCalendar", "district { code }", input(&year(&MADE_UP))).await;
        assert_eq!(imported, json!({"district": {"code": "440103"}, "userErrors": []}));
        assert_eq!(app.trail().await, [
            "importCalendar district", "recountDeadlines issue",
            "district.calendarImported", "issue.deadlines_changed",
        ]);
        let after = clock(&member, &issue, "RESOLVE").await;
        assert_eq!(after["dueAt"], "2027-01-06T09:30:00.000Z");
        assert_eq!((&after["isProvisional"], &after["limitDays"]), (&json!(false), &json!(5)));
        assert_eq!(
            member.sees(&issue, "version dueAt isDueProvisional").await,
            json!({"version": issue.version + 1, "dueAt": "2027-01-06T09:30:00.000Z", "isDueProvisional": false})
        );
        assert_eq!(app.count("calendar_day").await, 8401 + 365);
        // What is done is not done again, by no server.
        let beside = app.beside().await;
        app.admin().mutate("importCalendar", "", input(&year(&MADE_UP))).await;
        assert_eq!(app.trail().await, ["importCalendar district"]);
        // A later notice replaces the earlier one; the other server goes by it at once.
        app.admin().mutate("importCalendar", "", input(&year(&MADE_UP[..1]))).await;
        let moved = clock(&beside.member(), &issue, "RESOLVE").await;
        assert_eq!(moved["dueAt"], "2027-01-05T09:30:00.000Z");
        beside.clock.set(at("2027-01-01T10:00"));
        assert_eq!(clock(&beside.member(), &issue, "RESOLVE").await["spentMinutes"], 450 + 3 * 510);
    }

    async fn what_could_not_be_counted_anew_is_by_the_next_sweep(app) {
        app.clock.set(at("2026-12-28T10:00"));
        let member = app.member();
        let (one, other) = (brought_to(&app, &member, "IN_PROGRESS").await, brought_to(&app, &member, "IN_PROGRESS").await);
        // A clock that no calendar counts: its issue is left, and the others are not.
        let of = format!("WHERE kind = 'RESOLVE' AND issue_id = {}", literal_of(&app, &one));
        let started = format!("SELECT CAST(started_at AS text) FROM issue_clock {of}");
        let started = app.texts(&started).await.remove(0);
        app.execute(&format!("UPDATE issue_clock SET started_at = '1990-01-01 00:00:00+00:00', \
            running_since = '1990-01-01 00:00:00+00:00' {of}")).await;
        assert_eq!(app.admin().faults("importCalendar", input(&year(&MADE_UP))).await, [""; 0]);
        sweep(&app.app.deps).await.unwrap();
        assert_eq!(clock(&member, &other, "RESOLVE").await["dueAt"], "2027-01-06T09:30:00.000Z");
        let pending = "SELECT value FROM setting WHERE key = 'calendar_pending'";
        assert_eq!(app.texts(pending).await, ["2027-01-01"]);
        app.execute(&format!("UPDATE issue_clock SET started_at = '{started}', running_since = '{started}' {of}")).await;
        assert_eq!(clock(&member, &one, "RESOLVE").await["dueAt"], "2027-01-04T09:30:00.000Z");
        assert_eq!(sweep(&app.app.deps).await.unwrap(), 1);
        assert_eq!(clock(&member, &one, "RESOLVE").await["dueAt"], "2027-01-06T09:30:00.000Z");
        assert_eq!(app.texts(pending).await, [""; 0], "and nothing is to be done any more");
    }

    async fn a_year_that_is_not_whole_is_refused_and_nothing_is_written(app) {
        let whole = year(&MADE_UP);
        let mut missing = whole.clone();
        missing.remove(99);
        let mut doubled = whole.clone();
        doubled.push(whole[5].clone());
        let mut misnamed = whole.clone();
        misnamed[10] = json!({"day": "2027-01-11", "kind": "WORKING", "name": "元旦"});
        let mut weekend = whole.clone();
        weekend[10] = json!({"day": "2027-01-11", "kind": "WEEKEND"});
        let days = app.count("calendar_day").await;
        app.trail().await;
        for (days, fault) in [
            (missing, "REQUIRED input.days"),
            (doubled, "INVALID input.days.365"),
            (misnamed, "INVALID input.days.10"),
            (weekend, "INVALID input.days.10"),
        ] {
            assert_eq!(app.admin().faults("importCalendar", input(&days)).await, [fault]);
        }
        assert_eq!(app.trail().await, [""; 0]);
        assert_eq!(app.count("calendar_day").await, days);
        assert_eq!(app.texts("SELECT value FROM setting WHERE key = 'calendar'").await, ["1"]);
    }
}
