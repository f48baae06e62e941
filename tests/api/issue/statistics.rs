//! What is counted of issues, for whom, and that the rows behind a figure are as many as it says.

use serde_json::{Value, json};

use super::actors::{brought_to, literal, number};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

const FIGURE: &str = "{ key value issues(first: 100) { totalCount nodes { id state } } }";

/// The figures of a dimension as `(key, value)`, each with as many rows as it says.
async fn by(who: &Person<'_>, dimension: &str, filter: &str) -> Vec<(String, i64)> {
    let query = format!("{{ issueStatistics{filter} {{ {dimension} {FIGURE} }} }}");
    let told = who.read(&query).await["issueStatistics"][dimension].clone();
    let figures = told.as_array().unwrap().iter().map(|figure| {
        let value = figure["value"].as_i64().unwrap();
        assert_eq!(
            figure["issues"]["totalCount"], value,
            "{dimension} {figure}"
        );
        let nodes = figure["issues"]["nodes"].as_array().unwrap().len();
        assert_eq!(nodes, usize::try_from(value.min(100)).unwrap());
        (figure["key"].as_str().unwrap().to_owned(), value)
    });
    let mut figures: Vec<_> = figures.collect();
    figures.sort();
    figures
}

fn pairs(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    let pair = |(key, value): &(&str, i64)| ((*key).to_owned(), *value);
    expected.iter().map(pair).collect()
}

/// A figure or a rate of somebody's.
async fn one(who: &Person<'_>, selection: &str) -> Value {
    who.read(&format!("{{ issueStatistics {{ {selection} }} }}"))
        .await["issueStatistics"]
        .clone()
}

/// The rows of a condition in the cast's district.
async fn rows(app: &TestApp, condition: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM enterprise_issue i JOIN district d ON d.id = i.district_id \
        WHERE d.code = '440103' AND i.submitted_at IS NOT NULL AND {condition}"
    );
    number(app, &sql).await
}

on_both! {
    async fn the_districts_figures_are_the_articles(app) {
        let operator = app.operator();
        assert_eq!(by(&operator, "byState", "").await, pairs(&[("ARCHIVED", 118), ("ASSIGNED", 3), ("CLOSED", 19),
            ("IN_PROGRESS", 6), ("LONG_TERM", 2), ("MERGED", 3), ("NEEDS_INFO", 3), ("ON_HOLD", 2),
            ("REJECTED", 3), ("RESPONDED", 3), ("SUBMITTED", 2), ("WITHDRAWN", 4)]));
        assert_eq!(by(&operator, "byLight", "").await,
            pairs(&[("GREEN", 7), ("GREY", 5), ("RED", 3), ("YELLOW", 3)]));
        assert_eq!(by(&operator, "byStars", "").await,
            pairs(&[("1", 1), ("2", 3), ("3", 8), ("4", 31), ("5", 78)]));
        for dimension in ["byCategory", "byDepartment", "byOfficer"] {
            let total: i64 = by(&operator, dimension, "").await.iter().map(|(_, value)| value).sum();
            let counted = match dimension {
                "byDepartment" => rows(&app, "i.lead_department_id IS NOT NULL").await,
                _ => 168,
            };
            assert_eq!(total, counted, "{dimension}");
        }
        assert_eq!(one(&operator, "total { value issues { totalCount } } unrated { value issues { totalCount } }").await,
            json!({"total": {"value": 168, "issues": {"totalCount": 168}},
                "unrated": {"value": 16, "issues": {"totalCount": 16}}}));
    }

    async fn a_fragment_lists_the_rows_of_the_figure_that_it_stands_at(app) {
        let query = "query { one: issueStatistics { byCategory { ...F } byDepartment { ...F } }
            other: issueStatistics(filter: {state: {eq: CLOSED}}) { byDepartment { ...F } } }
            fragment F on IssueFigure { value issues(first: 1) { totalCount nodes { id } } }";
        let told = app.operator().read(query).await;
        let mut figures = 0;
        for (statistics, dimension) in [("one", "byCategory"), ("one", "byDepartment"), ("other", "byDepartment")] {
            for figure in told[statistics][dimension].as_array().unwrap() {
                assert_eq!(figure["issues"]["totalCount"], figure["value"], "{statistics} {dimension} {figure}");
                assert_eq!(figure["issues"]["nodes"].as_array().unwrap().len(), 1);
                figures += 1;
            }
        }
        assert!(figures > 20, "{figures}");
    }

    async fn the_three_rates_say_what_they_count(app) {
        let rate = "{ value definition met { value issues { totalCount } } counted { value issues { totalCount } } }";
        let told = one(&app.operator(), &format!(
            "satisfactionRate {rate} resolutionRate {rate} responseRate {rate}")).await;
        let counted = |name: &str| {
            let of = |part: &str| {
                let part = &told[name][part];
                assert_eq!(part["value"], part["issues"]["totalCount"], "{name}");
                part["value"].as_i64().unwrap()
            };
            (of("met"), of("counted"))
        };
        assert_eq!(counted("satisfactionRate"), (117, 121));
        assert_eq!(counted("resolutionRate"), (117, 121));
        let share = told["satisfactionRate"]["value"].as_f64().unwrap();
        assert!((share - 117.0 / 121.0).abs() < 1e-9);
        assert!(told["satisfactionRate"]["definition"].as_str().unwrap().contains("unrated ones are left out"));
        let met = "SELECT count(*) FROM issue_clock c WHERE c.kind = 'CONTACT' AND c.round = (SELECT max(l.round) \
            FROM issue_clock l WHERE l.issue_id = c.issue_id AND l.kind = 'CONTACT')";
        let (kept, due) = counted("responseRate");
        assert_eq!(kept, number(&app, &format!("{met} AND c.met_at <= c.due_at")).await);
        // The one assigned issue whose contact is overdue, and no issue that waits in time.
        assert!(kept < due && due < 168, "{kept} of {due}");
    }

    async fn unrated_is_neither_satisfied_nor_not_and_a_rating_moves_the_rates(app) {
        let member = app.member();
        let rate = "satisfactionRate { met { value } counted { value } } unrated { value }";
        let issue = brought_to(&app, &member, "RESPONDED").await;
        let before = one(&app.operator(), rate).await;
        member.rates(&issue, 5).await;
        let after = one(&app.operator(), rate).await;
        assert_eq!(before["satisfactionRate"], json!({"met": {"value": 117}, "counted": {"value": 121}}));
        assert_eq!(after["satisfactionRate"], json!({"met": {"value": 118}, "counted": {"value": 122}}));
        assert_eq!(before["unrated"], after["unrated"]);
    }

    async fn everybody_counts_what_is_theirs(app) {
        let seat = |id: Option<uuid::Uuid>| literal(&app, id.unwrap());
        let own = format!("i.enterprise_id = {}", seat(cast().member.enterprise_id));
        let member = one(&app.member(), "total { value }").await["total"]["value"].as_i64().unwrap();
        assert_eq!(member, rows(&app, &own).await);
        let outsider = format!("i.enterprise_id = {}", seat(cast().outsider.enterprise_id));
        let told = one(&app.outsider(), "total { value }").await;
        assert_eq!(told["total"]["value"], rows(&app, &outsider).await);
        let lead = seat(cast().lead.enterprise_id);
        let members = format!("(SELECT m.enterprise_id FROM pairing_member m JOIN pairing p ON p.id = m.pairing_id \
            WHERE p.lead_id = {lead} AND p.kind = 'ONE_PLUS_N' AND p.status IN ('ACTIVE', 'UNDER_STRENGTH') \
            AND m.status = 'ACTIVE')");
        let seen = format!("(i.enterprise_id = {lead} OR i.enterprise_id IN {members} \
            AND i.visibility IN ('PAIRING', 'ALLIANCE'))");
        let told = one(&app.lead(), "total { value } byOfficer { value } byDepartment { value }").await;
        assert_eq!(told["total"]["value"], rows(&app, &seen).await);
        // What the brief does not show is counted of its own alone.
        let sum = |list: &Value| -> i64 {
            list.as_array().unwrap().iter().map(|figure| figure["value"].as_i64().unwrap()).sum()
        };
        let own = format!("i.enterprise_id = {lead}");
        assert_eq!(sum(&told["byOfficer"]), rows(&app, &format!("{own} AND i.officer_id IS NOT NULL")).await);
        assert_eq!(sum(&told["byDepartment"]), rows(&app, &format!("{own} AND i.lead_department_id IS NOT NULL")).await);
        let officer = literal(&app, cast().officer.officer_id.unwrap());
        let handled = format!("(i.officer_id = {officer} OR i.lead_department_id = \
            (SELECT department_id FROM service_officer WHERE id = {officer}))");
        let told = one(&app.officer(), "total { value }").await;
        assert_eq!(told["total"]["value"], rows(&app, &handled).await);
        let refused = app.auditor().refused("{ issueStatistics { total { value } } }", json!({})).await;
        assert_eq!(refused, "FORBIDDEN");
        let nothing = one(&app.other_district(), "total { value } satisfactionRate { value }").await;
        assert_eq!(nothing, json!({"total": {"value": 0}, "satisfactionRate": {"value": null}}));
    }

    async fn figures_are_of_what_the_filter_leaves(app) {
        let operator = app.operator();
        assert_eq!(by(&operator, "byState", "(filter: {state: {in: [CLOSED, RESPONDED]}})").await,
            pairs(&[("CLOSED", 19), ("RESPONDED", 3)]));
        // A filter by what the brief does not show counts no brief.
        let all = "{ issueStatistics { total { value } } }";
        let filtered = "{ issueStatistics(filter: {channel: {in: [MINI_PROGRAM, WEB, VISIT, ACTIVITY, PHONE, CLIENT]}}) \
            { total { value } } }";
        let lead = app.lead();
        let (all, filtered) = (lead.read(all).await, lead.read(filtered).await);
        let value = |told: &Value| told["issueStatistics"]["total"]["value"].as_i64().unwrap();
        assert!(value(&filtered) < value(&all));
    }

    async fn a_figures_cursor_is_its_own(app) {
        let query = "{ issueStatistics { byState { key issues(first: 1) { pageInfo { endCursor } } } } }";
        let told = app.operator().read(query).await["issueStatistics"]["byState"].clone();
        let cursor = told[0]["issues"]["pageInfo"]["endCursor"].as_str().unwrap();
        let query = format!("{{ issueStatistics {{ total {{ issues(first: 1, after: \"{cursor}\") {{ nodes {{ id }} }} }} }} }}");
        assert_eq!(app.operator().refused(&query, json!({})).await, "BAD_CURSOR");
    }

    async fn five_stars_right_after_the_officers_visits_are_a_signal_from_the_third_on(app) {
        let (member, officer, operator) = (app.member(), app.officer(), app.operator());
        let signal = "{ coachedRatings { key label value issues { totalCount nodes { id } } } }";
        let enterprise = honglian::kernel::id::encode(
            honglian::kernel::id::Kind::Enterprise, cast().member.enterprise_id.unwrap());
        let mut rated = Vec::new();
        for n in 0..4 {
            let issue = brought_to(&app, &member, "RESPONDED").await;
            let visit = json!({"visit": {"unplanned": {"enterpriseId": enterprise, "mode": "ON_SITE",
                "purpose": "走访"}}, "findings": "已走访"});
            if n < 3 {
                assert_eq!(officer.faults("recordVisit", visit).await, [""; 0]);
            }
            // The last one comes half an hour and a second after the third visit.
            app.clock.advance(if n < 3 { chrono::TimeDelta::minutes(30) } else { chrono::TimeDelta::seconds(1) });
            rated.push(member.rates(&issue, 5).await.id);
            let told = operator.read(signal).await["coachedRatings"].clone();
            if n < 2 {
                assert_eq!(told, json!([]), "{n}");
            } else {
                assert_eq!((&told[0]["value"], &told[0]["issues"]["totalCount"]), (&json!(3), &json!(3)), "{n}");
            }
            app.clock.advance(chrono::TimeDelta::days(i64::from(n < 2)));
        }
        app.clock.advance(chrono::TimeDelta::days(31));
        assert_eq!(operator.read(signal).await["coachedRatings"], json!([]), "thirty days have passed");
        for other in [&officer, &member, &app.lead(), &app.auditor()] {
            assert_eq!(other.refused(signal, json!({})).await, "FORBIDDEN");
        }
    }

    async fn figures_by_rows_of_a_table_are_one_statement_a_level(app) {
        let query = "{ issueStatistics { byOfficer { value issues(first: 2) { nodes { title } } } } }";
        let (statements, _) = crate::cost::cost(&app, &app.operator(), query).await;
        assert_eq!(statements, 2);
    }
}
