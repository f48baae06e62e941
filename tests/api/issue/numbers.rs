//! Numbers, and what happens when several act at once.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::actors::{Issue, brought_to, execute, input, usual};
use crate::on_both;
use crate::support::app::{Person, TestApp};

/// The number of a new issue.
async fn numbered(who: &Person<'_>) -> String {
    let issue = who.creates(json!({})).await;
    let seen = who.sees(&issue, "number").await;
    seen["number"].as_str().unwrap().to_owned()
}

fn count(number: &str) -> i32 {
    number[8..].parse().unwrap()
}

async fn ends(app: &TestApp, mutation: &str, issue: &Issue) -> Vec<String> {
    let department = app.operator().department("FINANCE").await;
    let mut running = tokio::task::JoinSet::new();
    for n in 0..10 {
        let token = app.token(if n % 2 == 0 {
            &crate::support::database::cast().operator
        } else {
            &crate::support::database::cast().admin
        });
        let (server, fields) = (app.app.clone(), input(issue, &usual(mutation, &department)));
        let query = format!(
            "mutation($input: {}{}Input!) {{ {mutation}(input: $input) \
            {{ userErrors {{ code }} }} }}",
            mutation[..1].to_uppercase(),
            &mutation[1..]
        );
        let mutation = mutation.to_owned();
        running.spawn(async move {
            let language = honglian::kernel::error::Language::English;
            let session = server
                .session(Some(&token), "test".to_owned(), language)
                .await
                .unwrap();
            let variables = async_graphql::Variables::from_json(json!({"input": fields}));
            let request = async_graphql::Request::new(query).variables(variables);
            let answer = serde_json::to_value(server.answer(session, request).await).unwrap();
            let code = &answer["data"][&mutation]["userErrors"];
            if *code == json!([]) {
                "DONE".to_owned()
            } else {
                code[0]["code"].as_str().unwrap_or("?").to_owned()
            }
        });
    }
    let mut ends = running.join_all().await;
    ends.sort();
    ends
}

on_both! {
    async fn a_number_is_the_prefix_the_year_and_six_digits(app) {
        let member = app.member();
        let latest = app.operator().read("{ enterpriseIssues(first: 1, orderBy: [{field: NUMBER}]) { nodes { number } } }").await;
        let latest = latest["enterpriseIssues"]["nodes"][0]["number"].as_str().unwrap().to_owned();
        let number = numbered(&member).await;
        assert!(number.starts_with("LW-2021-") && number.len() == 14, "{number}");
        assert_eq!(count(&number), count(&latest) + 1, "after {latest}");
        let yuexiu = app.other_district();
        let enterprise = yuexiu.read("{ enterprises(first: 1) { nodes { id } } }").await["enterprises"]["nodes"][0]["id"].clone();
        let issue = yuexiu.creates(json!({"enterpriseId": enterprise})).await;
        assert_eq!(yuexiu.sees(&issue, "number").await["number"], "YX-2021-000001");
    }

    async fn a_new_year_in_shanghai_begins_at_one(app) {
        let member = app.member();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        app.clock.set(at("2021-12-31T15:59:59Z"));
        let last = numbered(&member).await;
        app.clock.set(at("2021-12-31T16:00:00Z"));
        assert_eq!(numbered(&member).await, "LW-2022-000001");
        assert_eq!(numbered(&member).await, "LW-2022-000002");
        app.clock.set(at("2021-12-31T15:59:59Z"));
        assert_eq!(count(&numbered(&member).await), count(&last) + 1);
        execute(&app, "UPDATE issue_counter SET last_number = 999999 WHERE year = 2022").await;
        app.clock.set(at("2022-06-01T00:00:00Z"));
        assert_eq!(numbered(&member).await, "LW-2022-1000000", "a seventh digit, not a second first");
    }

    async fn a_failure_loses_no_number(app) {
        let member = app.member();
        let first = numbered(&member).await;
        let bad = member.draft(json!({"categoryId": "x"})).await;
        assert_eq!(member.faults("createIssue", bad).await, ["NOT_FOUND input.categoryId"]);
        assert_eq!(count(&numbered(&member).await), count(&first) + 1);
    }

    async fn thirty_at_once_get_thirty_numbers_in_a_row(app) {
        let first = count(&numbered(&app.member()).await);
        let other = app.beside().await;
        let input = app.member().draft(json!({})).await;
        let mut running = tokio::task::JoinSet::new();
        for n in 0..30 {
            let cast = crate::support::database::cast();
            let token = app.token([&cast.member, &cast.lead, &cast.outsider][n % 3]);
            // Two processes on one database.
            let server = if n % 2 == 0 { &app } else { &other }.app.clone();
            let input = input.clone();
            running.spawn(async move {
                let language = honglian::kernel::error::Language::English;
                let session = server.session(Some(&token), "test".to_owned(), language).await.unwrap();
                let query = "mutation($input: CreateIssueInput!) { createIssue(input: $input) \
                    { enterpriseIssue { number } } }";
                let variables = async_graphql::Variables::from_json(json!({"input": input}));
                let request = async_graphql::Request::new(query).variables(variables);
                let answer = serde_json::to_value(server.answer(session, request).await).unwrap();
                let number = answer["data"]["createIssue"]["enterpriseIssue"]["number"].clone();
                assert!(number.is_string(), "{answer}");
                count(number.as_str().unwrap())
            });
        }
        let mut numbers = running.join_all().await;
        numbers.sort_unstable();
        assert_eq!(numbers, (first + 1..=first + 30).collect::<Vec<_>>());
    }

    async fn of_many_who_act_at_once_one_does(app) {
        let member = app.member();
        for (mutation, state) in [("acceptIssue", "SUBMITTED"), ("assignIssue", "ACCEPTED")] {
            let issue = brought_to(&app, &member, state).await;
            let mut expected = vec!["INVALID_STATE".to_owned(); 9];
            expected.insert(0, "DONE".to_owned());
            assert_eq!(ends(&app, mutation, &issue).await, expected);
            let steps = member.sees(&issue, "version transitions { totalCount }").await;
            let steps_so_far = if state == "SUBMITTED" { 3 } else { 4 };
            assert_eq!(steps, json!({"version": issue.version + 1, "transitions": {"totalCount": steps_so_far}}));
        }
        // What leaves the state as it is goes by the version.
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let mut expected = vec!["STALE_VERSION".to_owned(); 9];
        expected.insert(0, "DONE".to_owned());
        assert_eq!(ends(&app, "addProgress", &issue).await, expected);
        let entries: Value = member.sees(&issue, "progress { nodes { seq } }").await["progress"]["nodes"].clone();
        assert_eq!(entries, json!([{"seq": 1}, {"seq": 2}]));
    }
}
