//! Users: who may enter them, what they may be, and what a change does at the next request.

use entity::user_account::UserRole;
use honglian::demo::Actor;
use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};
use crate::support::rows::{enterprise, enterprise_row, literal, with};

fn account(subject: &str) -> Value {
    json!({"subject": subject, "displayName": "试验经办", "role": "DISTRICT", "isAdmin": false,
        "isAuditor": false, "status": "ACTIVE"})
}

fn user(id: uuid::Uuid) -> String {
    encode(Kind::User, id)
}

/// A post of the district that has no user.
fn free_post() -> uuid::Uuid {
    let rows = &dataset().rows;
    let taken = |post| rows.users.iter().any(|user| user.officer_id == Some(post));
    rows.officers
        .iter()
        .map(|row| row.id)
        .find(|id| !taken(*id))
        .unwrap()
}

/// Someone with the token of a login.
fn login(subject: &str, role: UserRole) -> Actor {
    Actor {
        subject: subject.to_owned(),
        role,
        ..cast().operator.clone()
    }
}

async fn entered(app: &TestApp, input: Value) -> Value {
    let payload = app
        .admin()
        .mutate("upsertUser", "user { id version }", input)
        .await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["user"].clone()
}

const WHO: &str = "{ viewer { role isAdmin isAuditor isOfficer user { displayName } } }";

on_both! {
    async fn a_user_that_is_entered_signs_in_and_one_that_is_disabled_does_not(app) {
        let input = with(account("trial-member"), json!({"role": "MEMBER", "enterpriseId": enterprise("立白集团")}));
        let selection = "user { version displayName issuer subject role status isAdmin isAuditor enterprise { name } }";
        let done = app.admin().mutate("upsertUser", selection, input.clone()).await;
        assert_eq!(done["user"], json!({"version": 1, "displayName": "试验经办", "issuer": "honglian",
            "subject": "trial-member", "role": "MEMBER", "status": "ACTIVE", "isAdmin": false,
            "isAuditor": false, "enterprise": {"name": "立白集团"}}));
        assert_eq!(app.trail().await, ["upsertUser user", "user.created"]);
        let who = login("trial-member", UserRole::Member);
        let seen = app.person(&who).read("{ viewer { role allianceRole enterprise { name uscc } user { id } } }").await;
        assert_eq!(seen["viewer"]["allianceRole"], "LEAD");
        assert_eq!(seen["viewer"]["role"], "MEMBER", "the alliance's lead, but no LEAD account");
        assert!(seen["viewer"]["enterprise"]["uscc"].is_string());
        let disabled = with(input, json!({"id": seen["viewer"]["user"]["id"], "expectedVersion": 1, "status": "DISABLED"}));
        assert_eq!(app.admin().faults("upsertUser", disabled).await, [""; 0]);
        assert_eq!(app.trail().await, ["upsertUser user", "user.updated"]);
        assert_eq!(app.person(&who).refused("{ __typename }", json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_post_makes_an_officer_and_a_grant_an_administrator(app) {
        let post = encode(Kind::Officer, free_post());
        entered(&app, with(account("trial-officer"), json!({"officerId": post}))).await;
        let mut who = login("trial-officer", UserRole::District);
        assert_eq!(app.person(&who).read(WHO).await["viewer"], json!({"role": "DISTRICT", "isAdmin": false,
            "isAuditor": false, "isOfficer": true, "user": {"displayName": "试验经办"}}));
        entered(&app, with(account("trial-admin"), json!({"isAdmin": true, "issuer": " honglian "}))).await;
        who = Actor { is_admin: true, ..login("trial-admin", UserRole::District) };
        assert_eq!(app.person(&who).read(WHO).await["viewer"]["isAdmin"], true);
        // A token without the permission asks as an operator.
        who.is_admin = false;
        assert_eq!(app.person(&who).read(WHO).await["viewer"]["isAdmin"], false);
    }

    async fn only_administrators_enter_users(app) {
        app.only(&["admin"], "upsertUser", &account("")).await;
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn a_user_that_cannot_be_is_refused(app) {
        let (own, lead) = (user(cast().operator.user_id), user(cast().lead.user_id));
        let post = encode(Kind::Officer, cast().officer.officer_id.unwrap());
        let (firm, foreign) = (enterprise("立白集团"), enterprise("越秀演示企业 001 有限公司"));
        let cases = [
            (json!({"subject": "", "displayName": "长".repeat(10_000)}), vec!["REQUIRED input.subject", "TOO_LONG input.displayName"]),
            (json!({"subject": "x".repeat(201), "issuer": "x".repeat(201)}), vec!["TOO_LONG input.issuer", "TOO_LONG input.subject"]),
            (json!({"displayName": "a\u{0}b"}), vec!["INVALID input.displayName"]),
            (json!({"role": "LEAD"}), vec!["REQUIRED input.enterpriseId"]),
            (json!({"enterpriseId": firm}), vec!["INVALID input.enterpriseId"]),
            (json!({"role": "MEMBER", "enterpriseId": firm, "isAdmin": true, "isAuditor": true, "officerId": post}),
                vec!["INVALID input.officerId", "INVALID input.isAdmin", "INVALID input.isAuditor", "INVALID input.isAuditor"]),
            (json!({"isAdmin": true, "isAuditor": true}), vec!["INVALID input.isAuditor"]),
            (json!({"officerId": post, "isAuditor": true}), vec!["INVALID input.isAuditor"]),
            (json!({"officerId": post}), vec!["TAKEN input.officerId"]),
            (json!({"officerId": firm}), vec!["NOT_FOUND input.officerId"]),
            (json!({"role": "MEMBER", "enterpriseId": foreign}), vec!["NOT_FOUND input.enterpriseId"]),
            (json!({"role": "MEMBER", "enterpriseId": post}), vec!["NOT_FOUND input.enterpriseId"]),
            (json!({"subject": "demo-lead-1"}), vec!["TAKEN input.subject"]),
            // A login of another district is taken too: a token names one user.
            (json!({"subject": "yuexiu-operator-1"}), vec!["TAKEN input.subject"]),
            (json!({"id": own}), vec!["REQUIRED input.expectedVersion"]),
            (json!({"expectedVersion": 1}), vec!["REQUIRED input.id"]),
            (json!({"id": own, "expectedVersion": 2}), vec!["STALE_VERSION input.expectedVersion"]),
            (json!({"id": lead, "expectedVersion": 1, "subject": "demo-admin"}), vec!["TAKEN input.subject"]),
            (json!({"id": user(cast().other_district_operator.user_id), "expectedVersion": 1}), vec!["NOT_FOUND input.id"]),
            (json!({"id": firm, "expectedVersion": 1}), vec!["NOT_FOUND input.id"]),
        ];
        let before = app.count("user_account").await;
        for (change, expected) in cases {
            let input = with(account("trial"), change);
            assert_eq!(app.admin().faults("upsertUser", input.clone()).await, expected, "{input}");
        }
        assert_eq!(app.count("user_account").await, before);
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn nobody_takes_the_administration_from_themselves(app) {
        let own = json!({"id": user(cast().admin.user_id), "expectedVersion": 1, "subject": "demo-admin", "isAdmin": true});
        for change in [json!({"isAdmin": false}), json!({"status": "DISABLED"})] {
            let input = with(with(account(""), own.clone()), change);
            let refused = app.admin().mutate("upsertUser", "user { version isAdmin status }", input).await;
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
            assert_eq!(refused["user"], json!({"version": 1, "isAdmin": true, "status": "ACTIVE"}));
        }
        assert_eq!(app.trail().await, [""; 0]);
        let renamed = with(with(account(""), own), json!({"displayName": "区级管理员（新）"}));
        assert_eq!(app.admin().faults("upsertUser", renamed).await, [""; 0]);
    }

    async fn a_retired_post_and_a_deactivated_enterprise_get_no_users(app) {
        let post = free_post();
        let sql = format!("UPDATE service_officer SET status = 'RETIRED' WHERE id = {}", literal(&app, post));
        app.execute(&sql).await;
        let input = with(account("trial"), json!({"officerId": encode(Kind::Officer, post)}));
        assert_eq!(app.admin().faults("upsertUser", input).await, ["INVALID_STATE input.officerId"]);
        let gone = cast().outsider.enterprise_id.unwrap();
        let sql = format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = updated_at WHERE id = {}",
            literal(&app, gone));
        app.execute(&sql).await;
        let firm = encode(Kind::Enterprise, gone);
        let input = with(account("trial"), json!({"role": "MEMBER", "enterpriseId": firm}));
        assert_eq!(app.admin().faults("upsertUser", input).await, ["INVALID_STATE input.enterpriseId"]);
        assert_eq!(app.trail().await, [""; 0]);
        // Those it has can still be disabled.
        let input = with(account("demo-outsider-1"), json!({"id": user(cast().outsider.user_id), "expectedVersion": 1,
            "role": "MEMBER", "enterpriseId": firm, "status": "DISABLED"}));
        assert_eq!(app.admin().faults("upsertUser", input).await, [""; 0]);
    }

    async fn of_two_users_with_one_login_or_one_post_one_wins(app) {
        async fn race(app: &TestApp, one: Value, other: Value) -> [String; 2] {
            let (first, second) = (app.admin(), app.admin());
            let (a, b) = tokio::join!(first.faults("upsertUser", one), second.faults("upsertUser", other));
            let mut ends = [a.join(","), b.join(",")];
            ends.sort();
            assert_eq!(app.trail().await, ["upsertUser user", "user.created"]);
            ends
        }
        assert_eq!(race(&app, account("trial"), account("trial")).await, ["", "TAKEN input.subject"]);
        let post = json!({"officerId": encode(Kind::Officer, free_post())});
        let (one, other) = (with(account("one"), post.clone()), with(account("two"), post));
        assert_eq!(race(&app, one, other).await, ["", "TAKEN input.officerId"]);
    }

    async fn a_lead_account_leads_only_while_its_enterprise_does(app) {
        let input = with(account("trial"), json!({"role": "LEAD", "enterpriseId": enterprise("大翔集团")}));
        entered(&app, input).await;
        let who = login("trial", UserRole::Lead);
        let seen = app.person(&who).read("{ viewer { role allianceRole } }").await;
        assert_eq!(seen["viewer"], json!({"role": "MEMBER", "allianceRole": "MEMBER"}));
        let sql = format!("UPDATE membership SET role = 'LEAD' WHERE enterprise_id = {}",
            literal(&app, enterprise_row("大翔集团")));
        app.execute(&sql).await;
        assert_eq!(app.person(&who).read("{ viewer { role } }").await["viewer"]["role"], "LEAD");
    }
}
