//! What callers send that is not right: told at its path, and nothing is written.

use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actors::{Issue, brought_to, execute, found, input, literal_of, usual, written};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

fn id_of(enterprise: Option<Uuid>) -> Value {
    json!(encode(Kind::Enterprise, enterprise.unwrap()))
}

/// What `createIssue` answers to an otherwise right input.
async fn told(who: &Person<'_>, more: Value) -> Vec<String> {
    who.faults("createIssue", who.draft(more).await).await
}

/// What a mutation answers to an otherwise right input.
async fn faults(who: &Person<'_>, mutation: &str, issue: &Issue, more: Value) -> Vec<String> {
    let department = who.department("FINANCE").await;
    let mut fields = usual(mutation, &department);
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    who.faults(mutation, input(issue, &fields)).await
}

async fn archived(app: &TestApp, issue: &Issue) {
    let set = format!(
        "UPDATE enterprise_issue SET state = 'ARCHIVED' WHERE id = {}",
        literal_of(app, issue)
    );
    execute(app, &set).await;
}

on_both! {
    async fn a_bad_draft_is_told_at_its_path(app) {
        let (member, operator) = (app.member(), app.operator());
        let closed = brought_to(&app, &member, "CLOSED").await;
        let foreign = brought_to(&app, &app.outsider(), "CLOSED").await;
        archived(&app, &foreign).await;
        let yuexiu = found(&app, Kind::Category, "SELECT c.id FROM issue_category c JOIN district d \
            ON d.id = c.district_id WHERE d.code = '440104' AND c.code = 'TAX'").await;
        execute(&app, "UPDATE issue_category SET is_active = FALSE WHERE code = 'TAX'").await;
        let tax = member.category("TAX").await;
        let own = id_of(cast().member.enterprise_id);
        let before = written(&app).await;
        for (more, expected) in [
            (json!({"title": "长".repeat(10_000)}), vec!["TOO_LONG input.title"]),
            (json!({"title": "长".repeat(201)}), vec!["TOO_LONG input.title"]),
            (json!({"body": "长".repeat(5001)}), vec!["TOO_LONG input.body"]),
            (json!({"title": "a\u{0}b", "body": "a\u{202e}b"}), vec!["INVALID input.title", "INVALID input.body"]),
            (json!({"title": "一\n二"}), vec!["INVALID input.title"]),
            (json!({"title": " \u{3000}", "body": "\n\t "}), vec!["REQUIRED input.title", "REQUIRED input.body"]),
            (json!({"channel": "VISIT"}), vec!["INVALID input.channel"]),
            (json!({"channel": "CLIENT"}), vec!["INVALID input.channel"]),
            (json!({"title": "", "channel": "VISIT"}), vec!["REQUIRED input.title", "INVALID input.channel"]),
            (json!({"categoryId": yuexiu}), vec!["NOT_FOUND input.categoryId"]),
            (json!({"categoryId": own}), vec!["NOT_FOUND input.categoryId"]),
            (json!({"categoryId": "x"}), vec!["NOT_FOUND input.categoryId"]),
            (json!({"categoryId": tax}), vec!["INVALID_STATE input.categoryId"]),
            (json!({"followUpOfId": closed.id}), vec!["INVALID_STATE input.followUpOfId"]),
            (json!({"followUpOfId": foreign.id}), vec!["NOT_FOUND input.followUpOfId"]),
            (json!({"followUpOfId": own}), vec!["NOT_FOUND input.followUpOfId"]),
            (json!({"enterpriseId": id_of(cast().lead.enterprise_id)}), vec!["FORBIDDEN input.enterpriseId"]),
            (json!({"enterpriseId": id_of(cast().outsider.enterprise_id)}), vec!["NOT_FOUND input.enterpriseId"]),
            (json!({"enterpriseId": closed.id}), vec!["NOT_FOUND input.enterpriseId"]),
        ] {
            assert_eq!(told(&member, more.clone()).await, expected, "{more}");
        }
        assert_eq!(told(&operator, json!({})).await, ["REQUIRED input.enterpriseId"]);
        let query = "{ enterprises(first: 1) { nodes { id } } }";
        let elsewhere = app.other_district().read(query).await["enterprises"]["nodes"][0]["id"].clone();
        assert_eq!(told(&operator, json!({"enterpriseId": elsewhere})).await, ["NOT_FOUND input.enterpriseId"]);
        let unserved = json!({"enterpriseId": id_of(cast().lead.enterprise_id)});
        assert_eq!(told(&app.officer(), unserved).await, ["FORBIDDEN input.enterpriseId"]);
        // Of the same enterprise, but another's to follow up.
        let foreign = json!({"enterpriseId": own, "followUpOfId": foreign.id});
        assert_eq!(told(&operator, foreign).await, ["NOT_FOUND input.followUpOfId"]);
        assert_eq!(written(&app).await, before);
    }

    async fn nothing_is_written_for_a_deactivated_enterprise(app) {
        let (operator, officer) = (app.operator(), app.officer());
        let of = |enterprise| json!({"enterpriseId": id_of(enterprise)});
        execute(&app, "UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at \
            WHERE id IN (SELECT enterprise_id FROM user_account WHERE subject IN ('demo-lead-3', 'demo-member-4'))").await;
        let before = written(&app).await;
        assert_eq!(told(&operator, of(cast().member.enterprise_id)).await, ["INVALID_STATE input.enterpriseId"]);
        assert_eq!(told(&officer, of(cast().member.enterprise_id)).await, ["INVALID_STATE input.enterpriseId"]);
        // Whose it is comes before how it is.
        assert_eq!(told(&officer, of(cast().lead.enterprise_id)).await, ["FORBIDDEN input.enterpriseId"]);
        assert_eq!(written(&app).await, before);
    }

    async fn what_follows_up_an_archived_issue_names_it(app) {
        let member = app.member();
        let earlier = brought_to(&app, &member, "CLOSED").await;
        archived(&app, &earlier).await;
        let issue = member.creates(json!({"followUpOfId": earlier.id})).await;
        assert_eq!(member.sees(&issue, "followUpOf { id state }").await,
            json!({"followUpOf": {"id": earlier.id, "state": "ARCHIVED"}}));
    }

    async fn words_are_kept_as_they_are_meant(app) {
        let member = app.member();
        let more = json!({"title": " \u{3000}Cafe\u{301} 用电 ", "body": "一\r\n二\r三"});
        let issue = member.creates(more).await;
        assert_eq!(member.sees(&issue, "title body").await,
            json!({"title": "Caf\u{e9} 用电", "body": "一\n二\n三"}));
        let most = json!({"title": "长".repeat(200), "body": "长".repeat(5000)});
        member.creates(most).await;
    }

    async fn complaints_reports_and_confidential_issues_are_official(app) {
        let member = app.member();
        for (more, expected) in [
            (json!({"nature": "COMPLAINT", "visibility": "ALLIANCE"}), "OFFICIAL"),
            (json!({"nature": "REPORT", "visibility": "PAIRING"}), "OFFICIAL"),
            (json!({"nature": "REPORT"}), "OFFICIAL"),
            (json!({"isConfidential": true, "visibility": "ALLIANCE"}), "OFFICIAL"),
            (json!({"isConfidential": true}), "OFFICIAL"),
            (json!({"nature": "CONSULT"}), "PAIRING"),
            (json!({"nature": "HELP", "visibility": "ALLIANCE"}), "ALLIANCE"),
            (json!({"nature": "SUGGESTION", "visibility": "OFFICIAL"}), "OFFICIAL"),
        ] {
            let issue = member.creates(more.clone()).await;
            assert_eq!(member.sees(&issue, "visibility").await["visibility"], expected, "{more}");
        }
    }

    async fn a_bad_assignment_is_told_department_by_department(app) {
        let (member, operator) = (app.member(), app.operator());
        let issue = brought_to(&app, &member, "ACCEPTED").await;
        let [lead, tax, health] = [operator.department("FINANCE").await,
            operator.department("TAX").await, operator.department("HEALTH").await];
        let yuexiu = app.other_district().department("ORGANISATION").await;
        execute(&app, "UPDATE department SET is_active = FALSE WHERE code = 'PLANNING'").await;
        let closed = operator.department("PLANNING").await;
        let eleven: Vec<String> = (1..=11).map(|n| encode(Kind::Department, Uuid::from_u128(n))).collect();
        let before = written(&app).await;
        for (more, expected) in [
            (json!({"coDepartmentIds": [tax, health, tax]}), vec!["INVALID input.coDepartmentIds.2"]),
            (json!({"coDepartmentIds": [tax, lead]}), vec!["INVALID input.coDepartmentIds.1"]),
            (json!({"coDepartmentIds": eleven}), vec!["OUT_OF_RANGE input.coDepartmentIds"]),
            (json!({"coDepartmentIds": eleven[..10]}),
                (0..10).map(|_| "").collect()),
            (json!({"leadDepartmentId": closed}), vec!["INVALID_STATE input.leadDepartmentId"]),
            (json!({"leadDepartmentId": yuexiu}), vec!["NOT_FOUND input.leadDepartmentId"]),
            (json!({"leadDepartmentId": issue.id, "coDepartmentIds": [closed, tax, yuexiu]}),
                vec!["NOT_FOUND input.leadDepartmentId", "INVALID_STATE input.coDepartmentIds.0",
                    "NOT_FOUND input.coDepartmentIds.2"]),
            (json!({"note": "长".repeat(1001)}), vec!["TOO_LONG input.note"]),
        ] {
            let told = faults(&operator, "assignIssue", &issue, more.clone()).await;
            if expected.first() == Some(&"") {
                let each: Vec<_> = (0..10).map(|n| format!("NOT_FOUND input.coDepartmentIds.{n}")).collect();
                assert_eq!(told, each, "ten are not too many");
            } else {
                assert_eq!(told, expected, "{more}");
            }
        }
        assert_eq!(written(&app).await, before);
    }

    async fn every_text_has_its_length_and_must_not_be_blank(app) {
        let (member, operator, officer) = (app.member(), app.operator(), app.officer());
        for (who, mutation, state, field, most) in [
            (&operator, "rejectIssue", "SUBMITTED", "advice", 1000),
            (&operator, "requestInfo", "SUBMITTED", "question", 2000),
            (&member, "supplyInfo", "NEEDS_INFO", "answer", 5000),
            (&officer, "returnAssignment", "ASSIGNED", "reason", 1000),
            (&officer, "startHandling", "ASSIGNED", "firstContact", 2000),
            (&officer, "addProgress", "IN_PROGRESS", "body", 5000),
            (&officer, "respondToIssue", "IN_PROGRESS", "reply", 5000),
            (&member, "reopenIssue", "CLOSED", "reason", 1000),
        ] {
            let issue = brought_to(&app, &member, state).await;
            let before = written(&app).await;
            for (text, code) in [
                (" \n\u{3000}".to_owned(), "REQUIRED"), ("长".repeat(most + 1), "TOO_LONG"),
                ("a\u{7}b".to_owned(), "INVALID"), ("长".repeat(10_000), "TOO_LONG"),
            ] {
                let told = faults(who, mutation, &issue, json!({ field: text })).await;
                assert_eq!(told, [format!("{code} input.{field}")], "{mutation}");
            }
            assert_eq!(written(&app).await, before, "{mutation}");
            who.does(mutation, &issue, json!({field: "长".repeat(most)})).await;
        }
    }

    async fn a_rating_is_one_to_five_stars_and_a_low_one_says_why(app) {
        let member = app.member();
        let issue = brought_to(&app, &member, "RESPONDED").await;
        let before = written(&app).await;
        for (more, expected) in [
            (json!({"stars": 0, "comment": "差"}), vec!["OUT_OF_RANGE input.stars"]),
            (json!({"stars": 6}), vec!["OUT_OF_RANGE input.stars"]),
            (json!({"stars": i32::MAX}), vec!["OUT_OF_RANGE input.stars"]),
            (json!({"stars": -1}), vec!["OUT_OF_RANGE input.stars", "REQUIRED input.comment"]),
            (json!({"stars": 2}), vec!["REQUIRED input.comment"]),
            (json!({"stars": 2, "comment": " \n "}), vec!["REQUIRED input.comment"]),
            (json!({"stars": 5, "isResolved": false}), vec!["REQUIRED input.comment"]),
            (json!({"stars": 5, "comment": "长".repeat(1001)}), vec!["TOO_LONG input.comment"]),
            (json!({"stars": 1, "comment": "a\u{0}"}), vec!["INVALID input.comment"]),
        ] {
            assert_eq!(faults(&member, "rateIssue", &issue, more.clone()).await, expected, "{more}");
        }
        let other = json!({"reason": "OTHER"});
        assert_eq!(faults(&member, "withdrawIssue", &issue, other).await, ["REQUIRED input.note"]);
        let other = json!({"reason": "OTHER", "note": " "});
        assert_eq!(faults(&member, "withdrawIssue", &issue, other).await, ["REQUIRED input.note"]);
        let long = json!({"note": "长".repeat(1001)});
        assert_eq!(faults(&member, "withdrawIssue", &issue, long).await, ["TOO_LONG input.note"]);
        assert_eq!(written(&app).await, before);
        member.rates(&issue, 3).await;
    }
}
