//! Clocks as they are read, and deadlines told day by day.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::issue::actors::{Issue, brought_to, input};
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

    async fn each_of_the_eight_clocks_gives_what_the_rules_say(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let limits = "clocks(first: 50) { nodes { kind round limitDays dueAt } }";
        let mut told = std::collections::BTreeSet::new();
        let mut look = async |issue: &Issue| {
            for clock in operator.sees(issue, limits).await["clocks"]["nodes"].as_array().unwrap() {
                let (kind, days) = (clock["kind"].as_str().unwrap(), &clock["limitDays"]);
                told.insert(format!("{kind} {days} {}", clock["dueAt"].as_str().unwrap()));
            }
        };
        // All on Wednesday the 20th at 10:00; rework and call back after a low rating.
        let issue = brought_to(&app, &member, "RESPONDED").await;
        look(&member.rates(&issue, 1).await).await;
        let followed = brought_to(&app, &member, "IN_PROGRESS").await;
        look(&operator.does("moveToLongTerm", &followed, json!({"nextReplyOn": "2021-02-22"})).await).await;
        let low = brought_to(&app, &member, "RESPONDED").await;
        look(&member.does("withdrawIssue", &member.rates(&low, 1).await, json!({})).await).await;
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [
            "ACCEPT 1 2021-01-21T09:30:00.000Z",
            "ASSIGN 1 2021-01-21T09:30:00.000Z",
            "CALLBACK 1 2021-01-21T09:30:00.000Z",
            "CONTACT 1 2021-01-21T09:30:00.000Z",
            "NEXT_REPLY 20 2021-02-22T09:30:00.000Z",
            "RATING 5 2021-01-27T09:30:00.000Z",
            "RESOLVE 5 2021-01-27T09:30:00.000Z",
            "REWORK 5 2021-01-27T09:30:00.000Z",
        ]);
        // A call back after a withdrawal that is checked has three days.
        app.clock.set(at("2021-02-05T18:00"));
        let late = brought_to(&app, &member, "IN_PROGRESS").await;
        app.clock.set(at("2021-03-10T10:00"));
        let late = member.does("withdrawIssue", &late, json!({})).await;
        let call = clock(&operator, &late, "CALLBACK").await;
        assert_eq!((&call["limitDays"], &call["dueAt"]), (&json!(3), &json!("2021-03-15T09:30:00.000Z")));
        // What an answer is given, by urgency before nature before complexity.
        app.clock.set(at("2021-01-20T10:00"));
        for (nature, complexity, urgency, days) in [
            ("HELP", "COMPLEX", "URGENT", 1), ("CONSULT", "COMPLEX", "URGENT", 1),
            ("CONSULT", "COMPLEX", "NORMAL", 2), ("CONSULT", "SIMPLE", "NORMAL", 2),
            ("HELP", "SIMPLE", "NORMAL", 3), ("COMPLAINT", "GENERAL", "NORMAL", 5),
            ("SUGGESTION", "COMPLEX", "NORMAL", 15), ("REPORT", "COMPLEX", "NORMAL", 15),
        ] {
            let issue = member.creates(json!({"nature": nature})).await;
            let issue = member.submits(&issue).await;
            let case = json!({"complexity": complexity, "urgency": urgency});
            let issue = officer.does("acceptIssue", &issue, case).await;
            let given = clock(&member, &issue, "RESOLVE").await["limitDays"].clone();
            assert_eq!(given, days, "{nature} {complexity} {urgency}");
        }
    }

    async fn who_submits_after_half_past_five_submits_on_the_next_working_day(app) {
        let member = app.member();
        for (from, due) in [
            ("2020-01-23T17:29", "2020-02-03T09:30:00.000Z"),
            ("2020-01-23T17:30", "2020-02-03T09:30:00.000Z"),
            ("2020-01-23T17:31", "2020-02-04T09:30:00.000Z"),
            ("2020-01-25T08:00", "2020-02-04T09:30:00.000Z"),
            ("2026-05-08T10:00", "2026-05-09T09:30:00.000Z"),
        ] {
            app.clock.set(at(from));
            let issue = brought_to(&app, &member, "SUBMITTED").await;
            assert_eq!(clock(&member, &issue, "ACCEPT").await["dueAt"], due, "{from}");
        }
    }

    async fn another_urgency_gives_the_difference_and_keeps_what_was_spent(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        let issue = started(&app).await;
        let again = |complexity: &str, urgency: &str| json!({"complexity": complexity, "urgency": urgency});
        app.clock.set(at("2021-01-21T10:00"));
        let issue = officer.does("requestInfo", &issue, json!({})).await;
        app.trail().await;
        // While it stands still: the pause goes on, and what was spent is spent.
        app.clock.set(at("2021-01-22T10:00"));
        let issue = operator.does("reclassifyIssue", &issue, again("COMPLEX", "NORMAL")).await;
        assert_eq!(app.trail().await, ["reclassifyIssue issue", "issue.reclassified"]);
        let paused = clock(&member, &issue, "RESOLVE").await;
        assert_eq!(
            (&paused["limitDays"], &paused["spentMinutes"], &paused["pausedAt"]),
            (&json!(15), &json!(510), &json!("2021-01-21T02:00:00.000Z"))
        );
        app.clock.set(at("2021-01-25T10:00"));
        let issue = member.does("supplyInfo", &issue, json!({})).await;
        // Ten working days more, from where it stood still.
        assert_eq!(
            member.sees(&issue, "dueAt light complexity urgency").await,
            json!({"dueAt": "2021-02-18T09:30:00.000Z", "light": "GREEN", "complexity": "COMPLEX", "urgency": "NORMAL"})
        );
        app.clock.set(at("2021-01-25T11:00"));
        let issue = operator.does("reclassifyIssue", &issue, again("GENERAL", "URGENT")).await;
        let urgent = clock(&member, &issue, "RESOLVE").await;
        assert_eq!(
            (&urgent["limitDays"], &urgent["limitMinutes"], &urgent["spentMinutes"], &urgent["dueAt"]),
            (&json!(1), &json!(960), &json!(570), &json!("2021-01-25T09:30:00.000Z"))
        );
        // Nor does another policy touch what runs, or what it has spent.
        let rule = json!({"clock": "RESOLVE", "urgency": "URGENT", "limitDays": 9, "expectedVersion": 1});
        assert_eq!(app.admin().faults("setClockRule", rule).await, [""; 0]);
        assert_eq!(clock(&member, &issue, "RESOLVE").await, urgent);
        // Less than was spent is over, and was over when it was.
        app.clock.set(at("2021-01-29T10:00"));
        assert_eq!(member.sees(&issue, "light").await["light"], "RED");
        app.trail().await;
        let same = operator.faults("reclassifyIssue", input(&issue, &json!({
            "complexity": "GENERAL", "urgency": "URGENT", "reason": "无变化"}))).await;
        assert_eq!(same, ["INVALID input.complexity"]);
        let blank = operator.faults("reclassifyIssue", input(&issue, &json!({
            "complexity": "SIMPLE", "urgency": "URGENT", "reason": " "}))).await;
        assert_eq!(blank, ["REQUIRED input.reason"]);
        // What was never accepted has neither.
        let asked = brought_to(&app, &member, "NEEDS_INFO").await;
        let early = input(&asked, &json!({"complexity": "SIMPLE", "urgency": "URGENT", "reason": "简单"}));
        app.trail().await;
        assert_eq!(operator.faults("reclassifyIssue", early).await, ["INVALID_STATE"]);
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn a_deadline_in_a_year_without_a_calendar_says_so_day_by_day(app) {
        app.clock.set(at("2026-12-30T10:00"));
        let issue = started(&app).await;
        let query = "query($id: ID!) { explainDeadline(issueId: $id) { day kind isProvisional } }";
        let told = app.member().read_with(query, json!({"id": issue.id})).await;
        let days = told["explainDeadline"].as_array().unwrap().iter();
        let days: Vec<_> = days
            .map(|day| format!("{} {} {}", day["day"].as_str().unwrap(), day["kind"].as_str().unwrap(), day["isProvisional"]))
            .collect();
        assert_eq!(days, [
            "2026-12-30 WORKING false",
            "2026-12-31 WORKING false",
            "2027-01-01 WORKING true",
            "2027-01-02 WEEKEND true",
            "2027-01-03 WEEKEND true",
            "2027-01-04 WORKING true",
            "2027-01-05 WORKING true",
            "2027-01-06 WORKING true",
        ]);
    }

    async fn a_light_is_true_at_the_time_of_the_question(app) {
        let (member, operator) = (app.member(), app.operator());
        let issue = started(&app).await;
        let query = "query($id: ID!, $light: IssueLight!) { enterpriseIssues(filter: {id: {eq: $id}, light: {eq: $light}}) \
                     { totalCount } }";
        // No sweep runs in between.
        for (time, light) in [
            ("2021-01-26T13:14", "GREEN"),
            ("2021-01-26T13:15", "YELLOW"),
            ("2021-01-27T17:30", "YELLOW"),
            ("2021-01-27T17:31", "RED"),
        ] {
            app.clock.set(at(time));
            assert_eq!(member.sees(&issue, "light").await["light"], light, "{time}");
            for other in ["GREEN", "YELLOW", "RED", "GREY"] {
                let found = operator.read_with(query, json!({"id": issue.id, "light": other})).await;
                let count = i32::from(other == light);
                assert_eq!(found["enterpriseIssues"]["totalCount"], count, "{time} {other}");
            }
        }
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
