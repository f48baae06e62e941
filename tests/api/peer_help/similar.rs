//! Issues that may be the same as one that is being written, found by their titles.

use serde_json::{Value, json};

use super::{firms, of_enterprise};
use crate::issue::actors::{Issue, input};
use crate::on_both;
use crate::support::app::Person;

/// The titles that are like one, each with its likeness.
async fn like(who: &Person<'_>, title: &str) -> Vec<(String, f64)> {
    let query = "query($title: String!) { similarIssues(title: $title, first: 20) { score enterpriseIssue { title } } }";
    let found = who.read_with(query, json!({"title": title})).await["similarIssues"].clone();
    let found = found.as_array().unwrap().iter().map(|found| {
        let title = found["enterpriseIssue"]["title"].as_str().unwrap();
        (title.to_owned(), found["score"].as_f64().unwrap())
    });
    found.collect()
}

async fn titled(who: &Person<'_>, title: &str, more: Value) -> Issue {
    let more = crate::support::rows::with(json!({"title": title}), more);
    let issue = who.creates(more).await;
    who.submits(&issue).await
}

fn one(title: &str, score: f64) -> (String, f64) {
    (title.to_owned(), score)
}

on_both! {
    async fn titles_are_alike_by_the_pairs_of_characters_that_they_share(app) {
        let member = app.member();
        titled(&member, "量子芯片厂房层高不足", json!({})).await;
        titled(&member, "量子芯片洁净厂房", json!({})).await;
        titled(&member, "咖啡豆仓库", json!({})).await;
        // 5 pairs in common of 5 and 9; 4 of 5 and 7.
        assert_eq!(like(&member, "量子芯片厂房").await,
            [one("量子芯片厂房层高不足", 0.714), one("量子芯片洁净厂房", 0.666)]);
        assert_eq!(like(&member, "量子芯片厂房层高不足").await[0], one("量子芯片厂房层高不足", 1.0));
        // One in common of 1 and 7: less than three in ten is nothing.
        assert_eq!(like(&member, "芯片").await, []);
        assert_eq!(like(&member, "蒸汽机车调度").await, []);
    }

    async fn width_case_blanks_and_signs_make_no_difference(app) {
        let member = app.member();
        titled(&member, "ＬＥＤ 路灯（A区）更换🙂", json!({})).await;
        for title in ["led路灯a区更换", "ＬＥＤ路灯Ａ区更换", " Led…路灯\tA 区！更换\u{3000}"] {
            assert_eq!(like(&member, title).await, [one("ＬＥＤ 路灯（A区）更换🙂", 1.0)], "{title}");
        }
    }

    async fn a_title_without_letters_is_like_nothing_and_one_of_a_letter_like_itself(app) {
        let member = app.member();
        titled(&member, "囧", json!({})).await;
        titled(&member, "🙂🙂", json!({})).await;
        for title in ["", " \n", "！？…", "🙂🙂"] {
            assert_eq!(like(&member, title).await, [], "{title:?}");
        }
        assert_eq!(like(&member, "囧！").await, [one("囧", 1.0)]);
        let long = "龘靐".repeat(50);
        titled(&member, &long, json!({})).await;
        // As much of it counts as a title has.
        let longer = format!("{}{}", "龘靐".repeat(100), "别的".repeat(100_000));
        assert_eq!(like(&member, &longer).await, [one(&long, 1.0)]);
    }

    async fn nothing_is_told_of_what_the_viewer_does_not_see(app) {
        let (member, lead, outsider) = (app.member(), app.lead(), app.outsider());
        titled(&member, "氢能重卡加氢站", json!({"visibility": "OFFICIAL"})).await;
        titled(&member, "氢能重卡加氢站选址", json!({"visibility": "PAIRING"})).await;
        let draft = member.creates(json!({"title": "氢能重卡加氢站草稿"})).await;
        let official = one("氢能重卡加氢站", 1.0);
        let shown = one("氢能重卡加氢站选址", 0.857);
        assert_eq!(like(&member, "氢能重卡加氢站").await, [official.clone(), shown.clone()]);
        assert_eq!(like(&app.officer(), "氢能重卡加氢站").await, [official.clone(), shown.clone()]);
        assert_eq!(like(&lead, "氢能重卡加氢站").await, [shown]);
        for who in [&outsider, &app.other_district()] {
            assert_eq!(like(who, "氢能重卡加氢站").await, []);
        }
        // A draft is no issue yet.
        let draft = member.faults("withdrawIssue", input(&draft, &json!({"reason": "FILED_IN_ERROR"}))).await;
        assert_eq!(draft, [""; 0]);
        assert_eq!(like(&member, "氢能重卡加氢站").await.len(), 2);
        let query = "{ similarIssues(title: \"氢能\") { score } }";
        assert_eq!(app.auditor().refused(query, json!({})).await, "FORBIDDEN");
        assert_eq!(app.anonymous().refused(query, json!({})).await, "UNAUTHENTICATED");
    }

    async fn of_one_enterprise_and_so_many_as_are_asked_for(app) {
        let (member, lead, operator) = (app.member(), app.lead(), app.operator());
        let [own, leads, ..] = firms();
        for title in ["深海网箱补贴", "深海网箱补贴申领", "深海网箱补贴标准"] {
            titled(&member, title, json!({})).await;
        }
        titled(&lead, "深海网箱补贴", json!({})).await;
        let asked = |arguments: String| format!("{{ similarIssues(title: \"深海网箱补贴\"{arguments}) {{ enterpriseIssue {{ title }} }} }}");
        let count = |answer: &Value| answer["similarIssues"].as_array().unwrap().len();
        for (arguments, expected) in [
            (String::new(), 4),
            (", first: 2".to_owned(), 2),
            (format!(", enterpriseId: \"{}\"", of_enterprise(own)), 3),
            (format!(", enterpriseId: \"{}\"", of_enterprise(leads)), 1),
            (", enterpriseId: \"issue_x\"".to_owned(), 0),
        ] {
            assert_eq!(count(&operator.read(&asked(arguments.clone())).await), expected, "{arguments}");
        }
        for first in [0, 21] {
            assert_eq!(operator.refused(&asked(format!(", first: {first}")), json!({})).await, "BAD_USER_INPUT");
        }
        // The likest first, and of the same likeness the newest.
        let titles = operator.read(&asked(format!(", enterpriseId: \"{}\"", of_enterprise(own)))).await;
        let titles: Vec<_> = titles["similarIssues"].as_array().unwrap().iter().map(|found| found["enterpriseIssue"]["title"].clone()).collect();
        assert_eq!(titles, ["深海网箱补贴", "深海网箱补贴标准", "深海网箱补贴申领"]);
        let (statements, _) = crate::cost::cost(&app, &operator, &asked(String::new())).await;
        assert_eq!(statements, 2);
    }

    async fn the_liwan_issues_are_found_too(app) {
        let operator = app.operator();
        let some = operator.read("{ enterpriseIssues(first: 1) { nodes { title } } }").await;
        let title = some["enterpriseIssues"]["nodes"][0]["title"].as_str().unwrap().to_owned();
        assert_eq!(like(&operator, &title).await[0], one(&title, 1.0));
    }
}
