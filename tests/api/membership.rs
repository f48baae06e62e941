//! Memberships of the alliance: admission, change of role, withdrawal, and the history they leave.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::{cast, dataset};
use crate::support::rows::{enterprise, enterprise_row, literal, name_of};
use honglian::kernel::id::{Kind, encode};

fn outsider() -> String {
    enterprise(name_of(cast().outsider.enterprise_id.unwrap()))
}

/// The membership in force of an enterprise of the Liwan data.
fn membership(name: &str) -> String {
    let id = enterprise_row(name);
    let rows = &dataset().rows.memberships;
    encode(
        Kind::Membership,
        rows.iter().find(|row| row.enterprise_id == id).unwrap().id,
    )
}

/// The pairing that an enterprise of the Liwan data leads.
fn led_by(name: &str) -> String {
    let id = enterprise_row(name);
    let rows = &dataset().rows.pairings;
    encode(
        Kind::Pairing,
        rows.iter().find(|row| row.lead_id == id).unwrap().id,
    )
}

fn demo(number: usize) -> String {
    format!("演示企业 {number:03} 有限公司")
}

fn fit() -> Value {
    json!({"hasMatureManagement": true, "hasPartyFoundation": true, "hasDemonstrationEffect": true})
}

async fn admitted(app: &TestApp, joined_on: &str) -> String {
    let input = json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": joined_on});
    let done = app
        .operator()
        .mutate("admitMember", "membership { id }", input)
        .await;
    assert_eq!(done["userErrors"], json!([]));
    done["membership"]["id"].as_str().unwrap().to_owned()
}

/// The memberships of an enterprise that someone sees, the oldest first.
async fn history(who: &Person<'_>, enterprise: &str) -> Value {
    let query = "query($id: ID!) { memberships(filter: {enterpriseId: {eq: $id}}, \
        orderBy: [{field: JOINED_ON, direction: ASC}, {field: CREATED_AT, direction: ASC}]) \
        { totalCount nodes { role status joinedOn leftOn endReason } } }";
    who.read_with(query, json!({"id": enterprise})).await["memberships"].clone()
}

on_both! {
    async fn the_alliance_of_the_article(app) {
        let query = "{ all: memberships { totalCount } \
            leads: memberships(filter: {role: {eq: LEAD}, status: {eq: ACTIVE}}) { totalCount } \
            members: memberships(filter: {role: {eq: MEMBER}}) { totalCount } \
            partners: memberships(filter: {role: {in: [SOE_PARTNER]}}) { totalCount } \
            later: memberships(filter: {joinedOn: {gte: \"2020-09-15\"}}) { nodes { joinedOn role enterprise { name } } } \
            first: memberships(filter: {joinedOn: {eq: \"2019-10-23\"}}) { totalCount } \
            none: memberships(filter: {status: {notIn: [ACTIVE]}}) { totalCount } }";
        let expected = json!({"all": {"totalCount": 37}, "leads": {"totalCount": 8}, "members": {"totalCount": 23},
            "partners": {"totalCount": 6}, "first": {"totalCount": 30}, "none": {"totalCount": 0},
            "later": {"nodes": [{"joinedOn": "2020-09-15", "role": "MEMBER", "enterprise": {"name": demo(31)}}]}});
        for role in ["admin", "operator", "officer", "lead", "member", "partner"] {
            assert_eq!(app.role(role).read(query).await, expected, "{role}");
        }
        assert_eq!(app.outsider().read("{ memberships { totalCount } }").await["memberships"]["totalCount"], 0);
        assert_eq!(app.other_district().read("{ memberships { totalCount } }").await["memberships"]["totalCount"], 0);
        assert_eq!(app.auditor().refused("{ memberships { totalCount } }", json!({})).await, "FORBIDDEN");
    }

    async fn an_admission_opens_the_alliance_at_the_next_request(app) {
        let selection = "membership { version role status joinedOn leftOn isAssumed isRedacted enterprise { id allianceRole } \
            leadCriteria { hasMatureManagement hasPartyFoundation hasDemonstrationEffect } }";
        let input = json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": "2021-01-20"});
        let done = app.operator().mutate("admitMember", selection, input).await;
        assert_eq!(done, json!({"userErrors": [], "membership": {"version": 1, "role": "MEMBER", "status": "ACTIVE",
            "joinedOn": "2021-01-20", "leftOn": null, "isAssumed": false, "isRedacted": false,
            "enterprise": {"id": outsider(), "allianceRole": "MEMBER"},
            "leadCriteria": {"hasMatureManagement": false, "hasPartyFoundation": false, "hasDemonstrationEffect": false}}}));
        assert_eq!(app.trail().await, ["admitMember membership", "membership.admitted"]);
        let seen = app.outsider().read("{ enterprises { totalCount } memberships { totalCount } }").await;
        assert_eq!(seen, json!({"enterprises": {"totalCount": 38}, "memberships": {"totalCount": 38}}));
    }

    async fn an_admission_that_cannot_be_is_refused(app) {
        let gone = enterprise(&demo(40));
        app.execute(&format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = updated_at WHERE id = {}",
            literal(&app, enterprise_row(&demo(40))))).await;
        app.execute(&format!("UPDATE enterprise SET ownership = 'SOE' WHERE id = {}",
            literal(&app, enterprise_row(&demo(41))))).await;
        let unfit = json!({"hasMatureManagement": true, "hasPartyFoundation": false, "hasDemonstrationEffect": false});
        let cases = [
            (json!({"joinedOn": "1999-12-31"}), vec!["OUT_OF_RANGE input.joinedOn"]),
            (json!({"joinedOn": "2021-01-21"}), vec!["OUT_OF_RANGE input.joinedOn"]),
            (json!({"role": "LEAD"}), vec!["REQUIRED input.leadCriteria"]),
            (json!({"role": "LEAD", "leadCriteria": unfit, "joinedOn": "2030-01-01"}), vec!["OUT_OF_RANGE input.joinedOn",
                "INVALID input.leadCriteria.hasPartyFoundation", "INVALID input.leadCriteria.hasDemonstrationEffect"]),
            (json!({"role": "SOE_PARTNER"}), vec!["INVALID input.role"]),
            (json!({"enterpriseId": enterprise(&demo(41))}), vec!["INVALID input.role"]),
            (json!({"enterpriseId": enterprise(&demo(41)), "role": "LEAD", "leadCriteria": fit()}), vec!["INVALID input.role"]),
            (json!({"enterpriseId": gone}), vec!["INVALID_STATE input.enterpriseId"]),
            (json!({"enterpriseId": enterprise("立白集团")}), vec!["TAKEN input.enterpriseId"]),
            (json!({"enterpriseId": enterprise("越秀演示企业 001 有限公司")}), vec!["NOT_FOUND input.enterpriseId"]),
            (json!({"enterpriseId": membership("立白集团")}), vec!["NOT_FOUND input.enterpriseId"]),
            (json!({"enterpriseId": "enterprise_"}), vec!["NOT_FOUND input.enterpriseId"]),
        ];
        for (change, expected) in cases {
            let mut input = json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": "2021-01-20"});
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            assert_eq!(app.operator().faults("admitMember", input.clone()).await, expected, "{input}");
        }
        let input = json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": "2099-01-01"});
        app.only(&["admin", "operator", "other district"], "admitMember", &input).await;
        assert_eq!(app.trail().await, [""; 0]);
        assert_eq!(app.count("membership").await, 37);
    }

    async fn a_change_of_role_ends_one_membership_and_opens_the_next(app) {
        let id = admitted(&app, "2020-12-01").await;
        app.trail().await;
        let input = json!({"id": id, "expectedVersion": 1, "role": "LEAD", "on": "2021-01-05", "leadCriteria": fit()});
        let selection = "membership { id version role status joinedOn leadCriteria { hasPartyFoundation } }";
        let done = app.admin().mutate("changeMembershipRole", selection, input).await;
        let lead = done["membership"]["id"].as_str().unwrap().to_owned();
        assert_ne!(lead, id);
        assert_eq!(done, json!({"userErrors": [], "membership": {"id": lead, "version": 1, "role": "LEAD",
            "status": "ACTIVE", "joinedOn": "2021-01-05", "leadCriteria": {"hasPartyFoundation": true}}}));
        assert_eq!(app.trail().await, ["changeMembershipRole membership", "membership.ended", "membership.role_changed"]);
        // Back, with the criteria kept as they were found.
        let input = json!({"id": lead, "expectedVersion": 1, "role": "MEMBER", "on": "2021-01-05"});
        let done = app.operator().mutate("changeMembershipRole", selection, input).await;
        assert_eq!(done["membership"]["leadCriteria"]["hasPartyFoundation"], true);
        let rows = json!({"totalCount": 3, "nodes": [
            {"role": "MEMBER", "status": "ENDED", "joinedOn": "2020-12-01", "leftOn": "2021-01-05", "endReason": null},
            {"role": "LEAD", "status": "ENDED", "joinedOn": "2021-01-05", "leftOn": "2021-01-05", "endReason": null},
            {"role": "MEMBER", "status": "ACTIVE", "joinedOn": "2021-01-05", "leftOn": null, "endReason": null}]});
        for who in [app.operator(), app.officer(), app.outsider()] {
            assert_eq!(history(&who, &outsider()).await, rows);
        }
        // The others of the alliance see what is in force.
        assert_eq!(history(&app.member(), &outsider()).await["totalCount"], 1);
    }

    async fn a_change_of_role_that_cannot_be_is_refused(app) {
        let id = admitted(&app, "2020-12-01").await;
        let other = admitted_then_withdrawn(&app).await;
        app.trail().await;
        let cases = [
            (json!({"role": "MEMBER"}), "INVALID input.role"),
            (json!({"role": "SOE_PARTNER"}), "INVALID input.role"),
            (json!({"leadCriteria": null}), "REQUIRED input.leadCriteria"),
            (json!({"on": "2020-11-30"}), "OUT_OF_RANGE input.on"),
            (json!({"on": "2021-01-21"}), "OUT_OF_RANGE input.on"),
            (json!({"expectedVersion": 2}), "STALE_VERSION input.expectedVersion"),
            (json!({"id": other}), "INVALID_STATE"),
            (json!({"id": outsider()}), "NOT_FOUND input.id"),
            (json!({"id": "membership_00000000000000000000000000"}), "NOT_FOUND input.id"),
        ];
        for (change, expected) in cases {
            let mut input = json!({"id": id, "expectedVersion": 1, "role": "LEAD", "on": "2021-01-20", "leadCriteria": fit()});
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            assert_eq!(app.operator().faults("changeMembershipRole", input.clone()).await, [expected], "{input}");
            assert_eq!(app.other_district().faults("changeMembershipRole", input).await.len(), 1);
        }
        let input = json!({"id": id, "expectedVersion": 1, "role": "LEAD", "on": "2099-01-01"});
        app.only(&["admin", "operator", "other district"], "changeMembershipRole", &input).await;
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn a_withdrawal_keeps_the_history_and_closes_the_alliance(app) {
        let id = admitted(&app, "2020-12-01").await;
        app.trail().await;
        let input = json!({"id": id, "expectedVersion": 1, "leftOn": "2021-01-10", "reason": "迁出本区"});
        let selection = "membership { version status leftOn endReason }";
        let done = app.operator().mutate("withdrawMembership", selection, input.clone()).await;
        assert_eq!(done, json!({"userErrors": [], "membership": {"version": 2, "status": "ENDED",
            "leftOn": "2021-01-10", "endReason": "迁出本区"}}));
        assert_eq!(app.trail().await, ["withdrawMembership membership", "membership.ended"]);
        let again = app.operator().mutate("withdrawMembership", selection, input).await;
        assert_eq!((&again["userErrors"][0]["code"], &again["membership"]["version"]), (&json!("INVALID_STATE"), &json!(2)));
        let seen = app.outsider().read("{ enterprises { totalCount } memberships { totalCount } }").await;
        assert_eq!(seen, json!({"enterprises": {"totalCount": 1}, "memberships": {"totalCount": 1}}));
        assert_eq!(history(&app.member(), &outsider()).await["totalCount"], 0);
        // The next begins when this one has ended, not within it.
        let mut next = json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": "2021-01-09"});
        assert_eq!(app.operator().faults("admitMember", next.clone()).await, ["OUT_OF_RANGE input.joinedOn"]);
        next["joinedOn"] = json!("2021-01-10");
        assert_eq!(app.operator().faults("admitMember", next).await, [""; 0]);
        assert_eq!(history(&app.operator(), &outsider()).await["totalCount"], 2);
    }

    async fn a_withdrawal_that_cannot_be_is_refused(app) {
        let id = admitted(&app, "2020-12-01").await;
        app.trail().await;
        let cases = [
            (json!({"reason": ""}), "REQUIRED input.reason"),
            (json!({"reason": "长".repeat(10_000)}), "TOO_LONG input.reason"),
            (json!({"leftOn": "2020-11-30"}), "OUT_OF_RANGE input.leftOn"),
            (json!({"leftOn": "2021-01-21"}), "OUT_OF_RANGE input.leftOn"),
            (json!({"expectedVersion": 0}), "STALE_VERSION input.expectedVersion"),
            (json!({"id": encode(Kind::Membership, uuid::Uuid::from_u128(7))}), "NOT_FOUND input.id"),
            (json!({"id": membership(&demo(12))}), "DEPENDENCY_EXISTS input.id"),
            (json!({"id": membership(&demo(3))}), "DEPENDENCY_EXISTS input.id"),
            (json!({"id": membership("广药集团本部")}), "DEPENDENCY_EXISTS input.id"),
        ];
        for (change, expected) in cases {
            let mut input = json!({"id": id, "expectedVersion": 1, "leftOn": "2021-01-20", "reason": "迁出"});
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            assert_eq!(app.operator().faults("withdrawMembership", input.clone()).await, [expected], "{input}");
        }
        let held = json!({"id": membership(&demo(12)), "expectedVersion": 1, "leftOn": "2021-01-20", "reason": "迁出"});
        let held = app.operator().mutate("withdrawMembership", "membership { version status }", held).await;
        assert_eq!(held["userErrors"][0]["params"], json!([{"name": "dependency", "value": "pairing"},
            {"name": "pairing", "value": led_by(&demo(3))}]));
        assert_eq!(held["membership"], json!({"version": 1, "status": "ACTIVE"}));
        app.only(&["admin", "operator", "other district"], "withdrawMembership",
            &json!({"id": id, "expectedVersion": 1, "leftOn": "2099-01-01", "reason": ""})).await;
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn a_role_stays_while_a_pairing_in_force_rests_on_it(app) {
        // 023 is a member of 007's pairing and the private side of another.
        let change = |name: &str, role: &str| json!({"id": membership(name), "expectedVersion": 1, "role": role,
            "on": "2021-01-20", "leadCriteria": fit()});
        for (name, role) in [(demo(7), "MEMBER"), (demo(23), "LEAD")] {
            assert_eq!(app.operator().faults("changeMembershipRole", change(&name, role)).await,
                ["DEPENDENCY_EXISTS input.id"]);
        }
        let end = json!({"id": led_by(&demo(7)), "expectedVersion": 2, "reason": "调整"});
        assert_eq!(app.operator().faults("endPairing", end).await, [""; 0]);
        for (name, role) in [(demo(7), "MEMBER"), (demo(23), "LEAD")] {
            assert_eq!(app.operator().faults("changeMembershipRole", change(&name, role)).await, [""; 0]);
        }
        // The pairing with the state-owned partner takes a lead as well, but not nobody.
        let query = "query($id: ID!) { memberships(filter: {enterpriseId: {eq: $id}, status: {eq: ACTIVE}}) { nodes { id role } } }";
        let found = app.operator().read_with(query, json!({"id": enterprise(&demo(23))})).await;
        let now = &found["memberships"]["nodes"][0];
        assert_eq!(now["role"], "LEAD");
        let input = json!({"id": now["id"], "expectedVersion": 1, "leftOn": "2021-01-20", "reason": "迁出"});
        assert_eq!(app.operator().faults("withdrawMembership", input).await, ["DEPENDENCY_EXISTS input.id"]);
    }

    async fn of_two_admissions_at_once_one_wins(app) {
        let input = |day: &str| json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": day});
        let (first, second) = (app.operator(), app.admin());
        let (a, b) = tokio::join!(
            first.faults("admitMember", input("2021-01-19")),
            second.faults("admitMember", input("2021-01-20")),
        );
        let mut ends = [a.join(","), b.join(",")];
        ends.sort();
        assert_eq!(ends, ["", "TAKEN input.enterpriseId"]);
        assert_eq!(app.trail().await, ["admitMember membership", "membership.admitted"]);
    }

    async fn an_enterprise_is_not_admitted_while_it_leaves_the_register(app) {
        app.execute("DELETE FROM officer_assignment").await;
        let admit = json!({"enterpriseId": outsider(), "role": "MEMBER", "joinedOn": "2021-01-20"});
        let leave = json!({"id": outsider(), "expectedVersion": 1, "reason": "注销"});
        let (first, second) = (app.operator(), app.admin());
        let (a, b) = tokio::join!(first.faults("admitMember", admit), second.faults("deactivateEnterprise", leave));
        let ends = [a.join(","), b.join(",")];
        assert!(ends == ["", "DEPENDENCY_EXISTS input.id"] || ends == ["INVALID_STATE input.enterpriseId", ""], "{ends:?}");
        assert_eq!(app.trail().await.len(), 2);
    }
}

/// A membership that has ended.
async fn admitted_then_withdrawn(app: &TestApp) -> String {
    let input =
        json!({"enterpriseId": enterprise(&demo(42)), "role": "MEMBER", "joinedOn": "2020-12-01"});
    let done = app
        .operator()
        .mutate("admitMember", "membership { id }", input)
        .await;
    let id = done["membership"]["id"].as_str().unwrap().to_owned();
    let input = json!({"id": id, "expectedVersion": 1, "leftOn": "2020-12-02", "reason": "迁出"});
    assert_eq!(
        app.operator().faults("withdrawMembership", input).await,
        [""; 0]
    );
    id
}
