//! Clocks as they are read, and deadlines told day by day.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::issue::actors::{Issue, brought_to};
use crate::on_both;
use crate::support::app::{Person, TestApp};

pub fn at(local: &str) -> DateTime<Utc> {
    format!("{local}:00+08:00").parse().unwrap()
}

const CLOCK: &str = "kind round limitDays limitMinutes spentMinutes startedAt pausedAt warnAt dueAt \
                     isProvisional endedAt metAt";

/// The last clock of a kind of an issue.
pub async fn clock(person: &Person<'_>, issue: &Issue, kind: &str) -> Value {
    let selection = format!("clocks(first: 50) {{ nodes {{ {CLOCK} }} }}");
    let clocks = person.sees(issue, &selection).await["clocks"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let mut of_kind = clocks.into_iter().rev();
    of_kind.find(|clock| clock["kind"] == kind).unwrap()
}

/// A deadline, a line a day: day, kind, minutes that count, minutes of a pause.
async fn explained(person: &Person<'_>, issue: &Issue, kind: &str) -> Vec<String> {
    let query = "query($id: ID!, $clock: ClockKind!) { explainDeadline(issueId: $id, clock: $clock) \
                 { day kind name isProvisional countedMinutes pausedMinutes } }";
    let told = person
        .read_with(query, json!({"id": issue.id, "clock": kind}))
        .await;
    let days = told["explainDeadline"].as_array().unwrap().iter();
    days.map(|day| {
        let name = day["name"].as_str().unwrap_or("-");
        let (kind, date) = (day["kind"].as_str().unwrap(), day["day"].as_str().unwrap());
        format!(
            "{date} {kind} {name} {} {}",
            day["countedMinutes"], day["pausedMinutes"]
        )
    })
    .collect()
}

async fn started(app: &TestApp) -> Issue {
    brought_to(app, &app.member(), "IN_PROGRESS").await
}

on_both! {
    async fn a_clock_tells_what_it_gives_and_what_was_spent(app) {
        let issue = started(&app).await;
        let member = app.member();
        assert_eq!(
            clock(&member, &issue, "RESOLVE").await,
            json!({
                "kind": "RESOLVE", "round": 1, "limitDays": 5, "limitMinutes": 3000, "spentMinutes": 0,
                "startedAt": "2021-01-20T02:00:00.000Z", "pausedAt": null,
                "warnAt": "2021-01-26T05:15:00.000Z", "dueAt": "2021-01-27T09:30:00.000Z",
                "isProvisional": false, "endedAt": null, "metAt": null,
            })
        );
        let contact = clock(&member, &issue, "CONTACT").await;
        assert_eq!(contact["metAt"], "2021-01-20T02:00:00.000Z");
        app.clock.set(at("2021-01-22T18:00"));
        assert_eq!(clock(&member, &issue, "RESOLVE").await["spentMinutes"], 450 + 510 + 510);
        assert_eq!(clock(&member, &issue, "CONTACT").await["spentMinutes"], 0);
    }

    async fn a_pause_is_counted_in_working_time(app) {
        let issue = started(&app).await;
        app.clock.set(at("2021-01-21T10:00"));
        let issue = app.officer().does("requestInfo", &issue, json!({})).await;
        app.clock.set(at("2021-01-22T23:00"));
        let member = app.member();
        let paused = clock(&member, &issue, "RESOLVE").await;
        assert_eq!(paused["spentMinutes"], 510);
        assert_eq!(paused["pausedAt"], "2021-01-21T02:00:00.000Z");
        assert_eq!(explained(&member, &issue, "RESOLVE").await, [
            "2021-01-20 WORKING - 450 0",
            "2021-01-21 WORKING - 60 450",
            "2021-01-22 PAUSED - 0 510",
        ]);
        app.clock.set(at("2021-01-25T10:00"));
        let issue = member.does("supplyInfo", &issue, json!({})).await;
        let resumed = clock(&member, &issue, "RESOLVE").await;
        assert_eq!(resumed["dueAt"], "2021-01-29T09:30:00.000Z");
        assert_eq!(explained(&member, &issue, "RESOLVE").await, [
            "2021-01-20 WORKING - 450 0",
            "2021-01-21 WORKING - 60 450",
            "2021-01-22 PAUSED - 0 510",
            "2021-01-23 WEEKEND - 0 0",
            "2021-01-24 WEEKEND - 0 0",
            "2021-01-25 WORKING - 450 60",
            "2021-01-26 WORKING - 510 0",
            "2021-01-27 WORKING - 510 0",
            "2021-01-28 WORKING - 510 0",
            "2021-01-29 WORKING - 510 0",
        ]);
    }

    async fn a_deadline_over_spring_festival_is_told_day_by_day(app) {
        app.clock.set(at("2021-02-05T10:00"));
        let issue = started(&app).await;
        assert_eq!(explained(&app.operator(), &issue, "RESOLVE").await, [
            "2021-02-05 WORKING - 450 0",
            "2021-02-06 WEEKEND - 0 0",
            "2021-02-07 MAKE_UP 春节 510 0",
            "2021-02-08 WORKING - 510 0",
            "2021-02-09 WORKING - 510 0",
            "2021-02-10 WORKING - 510 0",
            "2021-02-11 HOLIDAY 春节 0 0",
            "2021-02-12 HOLIDAY 春节 0 0",
            "2021-02-13 HOLIDAY 春节 0 0",
            "2021-02-14 HOLIDAY 春节 0 0",
            "2021-02-15 HOLIDAY 春节 0 0",
            "2021-02-16 HOLIDAY 春节 0 0",
            "2021-02-17 HOLIDAY 春节 0 0",
            "2021-02-18 WORKING - 510 0",
        ]);
    }

    async fn a_deadline_is_told_to_those_who_read_the_issue_in_full(app) {
        let issue = started(&app).await;
        for role in ["admin", "operator", "officer", "member"] {
            assert_eq!(explained(&app.role(role), &issue, "CONTACT").await.len(), 1, "{role}");
            assert_eq!(explained(&app.role(role), &issue, "REWORK").await, [""; 0], "{role}");
        }
        // The lead of its pairing reads it in brief.
        for role in ["lead", "partner", "outsider", "other district"] {
            assert_eq!(explained(&app.role(role), &issue, "CONTACT").await, [""; 0], "{role}");
        }
        let brief = app.lead().sees(&issue, "number clocks { totalCount }").await;
        assert_eq!(brief["clocks"], Value::Null);
        assert!(brief["number"].is_string());
    }

    async fn what_a_clock_gives_is_set_for_what_starts_later(app) {
        let before = started(&app).await;
        let admin = app.admin();
        let rule = json!({"clock": "RESOLVE", "complexity": "GENERAL", "limitDays": 7, "expectedVersion": 1});
        app.trail().await;
        let set = admin.mutate("setClockRule", "clockRule { version limitDays complexity urgency }", rule.clone());
        assert_eq!(
            set.await,
            json!({"clockRule": {"version": 2, "limitDays": 7, "complexity": "GENERAL", "urgency": null},
                "userErrors": []})
        );
        assert_eq!(app.trail().await, ["setClockRule clock_rule", "clock_rule.changed"]);
        let after = started(&app).await;
        let member = app.member();
        assert_eq!(clock(&member, &before, "RESOLVE").await["dueAt"], "2021-01-27T09:30:00.000Z");
        assert_eq!(clock(&member, &after, "RESOLVE").await["dueAt"], "2021-01-29T09:30:00.000Z");
        // One for a case of its own decides before it.
        let own = json!({"clock": "RESOLVE", "nature": "HELP", "limitDays": 4});
        let set = admin.mutate("setClockRule", "clockRule { version nature }", own.clone()).await;
        assert_eq!(set["clockRule"], json!({"version": 1, "nature": "HELP"}));
        let later = started(&app).await;
        assert_eq!(clock(&member, &later, "RESOLVE").await["limitDays"], 4);
        app.trail().await;
        for (input, fault) in [
            (rule, "STALE_VERSION input.expectedVersion"),
            (own, "TAKEN input.clock"),
            (json!({"clock": "RATING", "nature": "HELP", "limitDays": 4, "expectedVersion": 1}),
                "NOT_FOUND input.expectedVersion"),
            (json!({"clock": "RATING", "limitDays": 0, "expectedVersion": 1}), "OUT_OF_RANGE input.limitDays"),
            (json!({"clock": "RATING", "limitDays": 251, "expectedVersion": 1}), "OUT_OF_RANGE input.limitDays"),
        ] {
            assert_eq!(admin.faults("setClockRule", input.clone()).await, [fault], "{input}");
        }
        assert_eq!(app.trail().await, [""; 0]);
    }
}
