//! The headline figures: those of the article, each from rows, each with its definition.

use serde_json::json;

use crate::on_both;
use crate::support::app::TestApp;

/// The figures of the article of 2021-01-20.
const ARTICLE: [(&str, i32, &str); 10] = [
    ("nonPublicEnterprises", 2898, "2898 家"),
    ("employees", 87_344, "87344 人"),
    ("allianceTotal", 31, "31 家"),
    ("leads", 8, "8 家"),
    ("members", 23, "23 家"),
    ("activePairings", 8, "8 对"),
    ("soePrivatePairs", 6, "6 对"),
    ("officers", 77, "77 名"),
    ("servicePersonTimes", 241, "241 人次"),
    ("issuesSolved", 132, "132 件"),
];

/// The figures as of a day, in the order of the article's.
async fn figures(app: &TestApp, day: &str) -> Vec<Option<i64>> {
    let fields: Vec<String> = ARTICLE
        .iter()
        .map(|(field, ..)| format!("{field} {{ value }}"))
        .collect();
    let query = format!(
        "{{ headlineStatistics(asOf: \"{day}\") {{ {} }} }}",
        fields.join(" ")
    );
    let all = app.operator().read(&query).await["headlineStatistics"].clone();
    ARTICLE
        .iter()
        .map(|(field, ..)| all[field]["value"].as_i64())
        .collect()
}

on_both! {
    async fn the_figures_are_those_of_the_article_with_their_definitions(app) {
        let fields: Vec<String> = ARTICLE.iter()
            .map(|(field, ..)| format!("{field} {{ value display definition asOf }}")).collect();
        let query = format!("{{ headlineStatistics {{ asOf {} }} }}", fields.join(" "));
        for role in ["admin", "operator", "officer", "lead", "member", "partner"] {
            let all = app.role(role).read(&query).await["headlineStatistics"].clone();
            assert_eq!(all["asOf"], "2021-01-20");
            let mut definitions = std::collections::BTreeSet::new();
            for (field, value, _) in ARTICLE {
                let figure = &all[field];
                assert_eq!((&figure["value"], &figure["asOf"]), (&json!(value), &json!("2021-01-20")), "{role} {field}");
                assert_eq!(figure["display"], value.to_string(), "the tests ask in English");
                let definition = figure["definition"].as_str().unwrap();
                assert!(definition.len() > 20 && definition.is_ascii(), "{definition}");
                definitions.insert(definition.to_owned());
            }
            assert_eq!(definitions.len(), ARTICLE.len(), "each figure has its own");
        }
    }

    async fn the_figures_are_shown_in_chinese(app) {
        use honglian::kernel::error::Language;
        let fields: Vec<String> = ARTICLE.iter().map(|(field, ..)| format!("{field} {{ display definition }}")).collect();
        let query = format!("{{ headlineStatistics {{ {} }} }}", fields.join(" "));
        let token = app.token(&crate::support::database::cast().operator);
        let session = app.app.session(Some(&token), "test".to_owned(), Language::Chinese).await.unwrap();
        let answer = app.app.answer(session, async_graphql::Request::new(query)).await;
        let all = serde_json::to_value(answer.data).unwrap()["headlineStatistics"].clone();
        for (field, _, display) in ARTICLE {
            assert_eq!(all[field]["display"], display);
            assert!(!all[field]["definition"].as_str().unwrap().is_ascii());
        }
    }

    async fn who_is_not_of_the_programme_reads_no_figures(app) {
        let query = "{ headlineStatistics { leads { value } } }";
        for role in ["auditor", "outsider"] {
            assert_eq!(app.role(role).refused(query, json!({})).await, "FORBIDDEN", "{role}");
        }
        assert_eq!(app.anonymous().refused(query, json!({})).await, "UNAUTHENTICATED");
    }

    async fn another_district_counts_its_own(app) {
        let query = "{ headlineStatistics { nonPublicEnterprises { value } allianceTotal { value } activePairings { value } \
            officers { value } servicePersonTimes { value } issuesSolved { value } } }";
        let zero = json!({"value": 0});
        assert_eq!(app.other_district().read(query).await["headlineStatistics"],
            json!({"nonPublicEnterprises": {"value": 1}, "allianceTotal": zero, "activePairings": zero, "officers": zero,
                "servicePersonTimes": zero, "issuesSolved": zero}));
    }

    async fn a_day_in_the_past_has_its_own_figures(app) {
        // The day before the launch, the launch, the pairings, the partners, the thirty-first member.
        let launch = figures(&app, "2019-10-22").await;
        assert_eq!(launch[2..7], [Some(0), Some(0), Some(0), Some(0), Some(0)]);
        assert_eq!(figures(&app, "2019-10-23").await[2..7], [Some(30), Some(8), Some(22), Some(0), Some(0)]);
        assert_eq!(figures(&app, "2019-11-05").await[5..7], [Some(0), Some(0)]);
        assert_eq!(figures(&app, "2019-11-06").await[5..7], [Some(8), Some(0)]);
        assert_eq!(figures(&app, "2020-06-30").await[2..7], [Some(30), Some(8), Some(22), Some(8), Some(6)]);
        assert_eq!(figures(&app, "2020-09-14").await[2..5], [Some(30), Some(8), Some(22)]);
        assert_eq!(figures(&app, "2020-09-15").await[2..5], [Some(31), Some(8), Some(23)]);
        let mut before = vec![Some(0); 10];
        for day in ["2019-12-31", "2020-03-31", "2020-06-30", "2020-09-30", "2020-12-31", "2021-01-20"] {
            let now = figures(&app, day).await;
            for place in [7, 8, 9] {
                assert!(now[place] >= before[place], "{day} {place}");
            }
            before = now;
        }
        let total: Vec<Option<i64>> = ARTICLE.iter().map(|(_, value, _)| Some(i64::from(*value))).collect();
        assert_eq!(before, total);
    }

    async fn no_figure_is_told_of_a_day_without_rows_and_of_no_day_to_come(app) {
        assert_eq!(figures(&app, "2000-01-01").await[..2], [None, None], "no baseline reaches back");
        for day in ["1999-12-31", "2021-01-21"] {
            let query = format!("{{ headlineStatistics(asOf: \"{day}\") {{ leads {{ value }} }} }}");
            assert_eq!(app.operator().refused(&query, json!({})).await, "BAD_USER_INPUT", "{day}");
        }
    }

    async fn figures_follow_from_rows(app) {
        let now = |app: TestApp| async move { (figures(&app, "2021-01-20").await, app) };
        let (before, app) = now(app).await;
        app.execute("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' \
            WHERE id = (SELECT m.id FROM membership m WHERE m.role = 'MEMBER' ORDER BY m.id LIMIT 1)").await;
        let (after, app) = now(app).await;
        let mut expected = before;
        expected[2] = Some(30);
        expected[4] = Some(22);
        assert_eq!(after, expected, "the day one leaves is no day of membership");
        // A complete register is counted, not read from the baseline.
        let change = json!({"expectedVersion": 1, "registerComplete": true});
        assert_eq!(app.admin().faults("updateDistrictPolicy", change).await, [""; 0]);
        let count = app.texts("SELECT '' || count(*) FROM enterprise e JOIN district d ON d.id = e.district_id \
            WHERE d.code = '440103' AND e.region_code = '440103' AND e.ownership = 'PRIVATE' AND e.employee_count >= 7").await;
        let (counted, _app) = now(app).await;
        assert_eq!(counted[0].map(|value| value.to_string()), count.first().cloned());
        assert_ne!(counted[0], Some(2898));
    }

    async fn a_pairing_under_strength_counts_and_one_that_has_ended_does_not(app) {
        let value = |all: Vec<Option<i64>>| all[5];
        app.execute("UPDATE pairing SET status = 'UNDER_STRENGTH', under_strength_since = created_at WHERE kind = 'ONE_PLUS_N'").await;
        assert_eq!(value(figures(&app, "2021-01-20").await), Some(8));
        app.execute("UPDATE pairing SET status = 'ENDED', under_strength_since = NULL, ends_on = '2021-01-20' WHERE kind = 'ONE_PLUS_N'").await;
        assert_eq!(value(figures(&app, "2021-01-20").await), Some(0));
        assert_eq!(value(figures(&app, "2021-01-19").await), Some(8));
    }
}
