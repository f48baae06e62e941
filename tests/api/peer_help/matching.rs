//! Who could help, and why.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{called, firms, of_enterprise, offering};
use crate::issue::actors::{Issue, brought_to};
use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::rows::{enterprise_row, literal};

/// Who is matched with an issue: ids with their scores, and whether each score is the sum of its
/// reasons' points.
async fn matched(who: &Person<'_>, issue: &Issue) -> Vec<(String, i64)> {
    let found = reasons(who, issue).await;
    let found = found.as_array().unwrap().iter().map(|found| {
        let points = found["reasons"].as_array().unwrap().iter();
        let sum: i64 = points
            .map(|reason| reason["points"].as_i64().unwrap())
            .sum();
        let score = found["score"].as_i64().unwrap();
        assert_eq!(score, sum, "{found}");
        (
            found["enterprise"]["id"].as_str().unwrap().to_owned(),
            score,
        )
    });
    found.collect()
}

async fn reasons(who: &Person<'_>, issue: &Issue) -> Value {
    let query = "query($id: ID!) { matchHelpers(issueId: $id, first: 20) { score enterprise { id } \
        reasons { kind points evidenceCount detail } } }";
    who.read_with(query, json!({"id": issue.id})).await["matchHelpers"].clone()
}

/// The reasons for one enterprise, as kind, points and evidence.
async fn of(who: &Person<'_>, issue: &Issue, enterprise: Uuid) -> Vec<(String, i64, i64)> {
    let found = reasons(who, issue).await;
    let id = of_enterprise(enterprise);
    let mut found = found.as_array().unwrap().iter();
    let found = found.find(|found| found["enterprise"]["id"] == *id);
    let reasons = found.map(|found| found["reasons"].as_array().unwrap().clone());
    let told = reasons.into_iter().flatten().map(|reason| {
        let number = |name: &str| reason[name].as_i64().unwrap();
        let kind = reason["kind"].as_str().unwrap().to_owned();
        (kind, number("points"), number("evidenceCount"))
    });
    told.collect()
}

fn reason(kind: &str, points: i64, evidence: i64) -> (String, i64, i64) {
    (kind.to_owned(), points, evidence)
}

/// Takes away what the Liwan data say of anybody, but for the pairings.
async fn nothing_known(app: &TestApp) {
    app.execute("UPDATE enterprise SET tags = '[]'").await;
    app.execute(
        "UPDATE enterprise_issue SET category_id = (SELECT max_id.id FROM \
        (SELECT id FROM issue_category WHERE code = 'PARTY_BUILDING' AND district_id = \
        (SELECT id FROM district WHERE code = '440103')) max_id) WHERE district_id = \
        (SELECT id FROM district WHERE code = '440103')",
    )
    .await;
}

/// Lets one enterprise supply another.
async fn supplies(app: &TestApp, supplier: Uuid, customer: Uuid) {
    let input =
        json!({"supplierId": of_enterprise(supplier), "customerId": of_enterprise(customer)});
    assert_eq!(
        app.operator().faults("recordSupplyChainLink", input).await,
        [""; 0]
    );
}

async fn tagged(app: &TestApp, enterprise: Uuid, tags: &Value) {
    let at = literal(app, enterprise);
    app.execute(&format!(
        "UPDATE enterprise SET tags = '{tags}' WHERE id = {at}"
    ))
    .await;
}

fn demo(number: usize) -> Uuid {
    enterprise_row(&format!("演示企业 {number:03} 有限公司"))
}

on_both! {
    async fn those_of_the_pairing_come_first_and_then_by_score(app) {
        nothing_known(&app).await;
        let (member, [own, lead, partner, _]) = (app.member(), firms());
        let issue = member.creates(json!({"tags": ["仓储", "用工", "物流"]})).await;
        let issue = member.submits(&issue).await;
        // The lead and the two other members of the pairing.
        let pairing = matched(&member, &issue).await;
        assert_eq!(pairing.iter().map(|(_, score)| *score).collect::<Vec<_>>(), [30, 30, 30]);
        assert!(pairing.iter().any(|(id, _)| *id == of_enterprise(lead)));
        let mut ids: Vec<_> = pairing.iter().map(|(id, _)| id.clone()).collect();
        ids.sort();
        assert_eq!(ids, pairing.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), "by id where all is the same");

        tagged(&app, partner, &json!(["仓储", "物流", "用工", "别的"])).await;
        supplies(&app, partner, own).await;
        tagged(&app, lead, &json!(["用工"])).await;
        let found = matched(&member, &issue).await;
        // 50 points of the partner's, and yet after the pairing.
        assert_eq!(found[0], (of_enterprise(lead), 40));
        assert_eq!(found.last(), Some(&(of_enterprise(partner), 50)));
        assert_eq!(found.len(), 4);
        assert_eq!(of(&member, &issue, partner).await, [reason("TAGS", 30, 3), reason("SUPPLY_CHAIN", 20, 2)]);
        assert_eq!(matched(&member, &issue).await, found, "the same again");
        let query = "query($id: ID!) { matchHelpers(issueId: $id, first: 1) { score } }";
        assert_eq!(member.read_with(query, json!({"id": issue.id})).await, json!({"matchHelpers": [{"score": 40}]}));
        for first in [0, 21, -1] {
            let query = format!("{{ matchHelpers(issueId: \"{}\", first: {first}) {{ score }} }}", issue.id);
            assert_eq!(member.refused(&query, json!({})).await, "BAD_USER_INPUT");
        }
    }

    async fn the_supply_chain_counts_to_the_second_link_in_either_direction(app) {
        nothing_known(&app).await;
        let (member, [own, ..]) = (app.member(), firms());
        let issue = member.creates(json!({})).await;
        let issue = member.submits(&issue).await;
        let (near, middle, far, farther) = (demo(16), demo(60), demo(17), demo(18));
        supplies(&app, own, near).await;
        // By way of one outside the alliance.
        supplies(&app, middle, own).await;
        supplies(&app, middle, far).await;
        supplies(&app, far, farther).await;
        for (enterprise, expected) in [
            (near, vec![reason("SUPPLY_CHAIN", 20, 2)]),
            (far, vec![reason("SUPPLY_CHAIN", 10, 1)]),
            (farther, vec![]),
            (middle, vec![]),
        ] {
            assert_eq!(of(&member, &issue, enterprise).await, expected);
        }
    }

    async fn thanks_count_and_an_offer_that_stands_is_known_already(app) {
        nothing_known(&app).await;
        let (member, partner, [_, _, helper, _]) = (app.member(), app.partner(), firms());
        for nth in 1..=4 {
            let issue = called(&app, &member).await;
            let offer = partner.helps("offerHelp", offering(&issue)).await;
            assert_eq!(of(&member, &issue, helper).await, [], "it has offered");
            let offer = member.helps("acceptHelp", offer.input(&json!({}))).await;
            let next = member.creates(json!({})).await;
            let next = member.submits(&next).await;
            let known = i64::from(nth) - 1;
            let expected: Vec<_> = (known > 0).then(|| reason("HELPED", 12 * known.min(3), known)).into_iter().collect();
            assert_eq!(of(&member, &next, helper).await, expected, "accepted is not thanked");
            member.helps("thankHelper", offer.input(&json!({}))).await;
            let counted = i64::from(nth);
            assert_eq!(of(&member, &next, helper).await, [reason("HELPED", 12 * counted.min(3), counted)]);
            // Of another category it says nothing.
            let other = member.creates(json!({"categoryId": member.category("TAX").await})).await;
            let other = member.submits(&other).await;
            assert_eq!(of(&member, &other, helper).await, []);
        }
    }

    async fn what_it_solved_counts_as_far_as_the_viewer_sees_it(app) {
        nothing_known(&app).await;
        let (member, lead, operator, [_, leads, ..]) = (app.member(), app.lead(), app.operator(), firms());
        let issue = member.creates(json!({})).await;
        let issue = member.submits(&issue).await;
        let pairing = reason("SAME_PAIRING", 30, 1);
        let solved = |count: i64| vec![pairing.clone(), reason("SOLVED", 8 * count.min(3), count)];
        // Not to be seen by the member: the district knows of it.
        brought_to(&app, &lead, "CLOSED").await;
        assert_eq!(of(&member, &issue, leads).await, std::slice::from_ref(&pairing));
        assert_eq!(of(&operator, &issue, leads).await, solved(1));
        // Answered, not closed.
        brought_to(&app, &lead, "RESPONDED").await;
        assert_eq!(of(&operator, &issue, leads).await, solved(1));
        // Shown to the alliance, and closed as not feasible: a brief does not tell what came of it.
        let shown = lead.creates(json!({"visibility": "ALLIANCE"})).await;
        let shown = lead.submits(&shown).await;
        let shown = operator.accepts(&shown).await;
        let own = json!({"leadDepartmentId": operator.department(crate::issue::actors::OFFICERS_OWN).await});
        let shown = operator.does("assignIssue", &shown, own).await;
        let shown = app.officer().starts(&shown).await;
        let shown = app.officer().does("respondToIssue", &shown, json!({"outcome": "NOT_FEASIBLE"})).await;
        lead.rates(&shown, 5).await;
        assert_eq!(of(&member, &issue, leads).await, solved(1));
        assert_eq!(of(&operator, &issue, leads).await, solved(1));
    }

    async fn who_does_not_read_the_issue_in_full_is_matched_with_nobody(app) {
        let (member, lead, partner) = (app.member(), app.lead(), app.partner());
        let issue = called(&app, &member).await;
        for who in [&member, &app.operator(), &app.officer()] {
            assert!(!matched(who, &issue).await.is_empty());
        }
        for who in [&lead, &partner, &app.outsider(), &app.other_district()] {
            assert_eq!(matched(who, &issue).await, []);
        }
        let unknown = Issue { id: "issue_x".to_owned(), ..issue.clone() };
        assert_eq!(matched(&member, &unknown).await, []);
        let query = format!("{{ matchHelpers(issueId: \"{}\") {{ score }} }}", issue.id);
        assert_eq!(app.auditor().refused(&query, json!({})).await, "FORBIDDEN");
        // Whoever is not in the alliance sees nobody in it.
        let outside = brought_to(&app, &app.outsider(), "SUBMITTED").await;
        assert_eq!(matched(&app.outsider(), &outside).await, []);
    }

    async fn a_match_is_two_statements_however_many_there_are(app) {
        let issue = called(&app, &app.member()).await;
        let query = format!("{{ matchHelpers(issueId: \"{}\", first: 20) {{ score reasons {{ kind detail }} enterprise {{ name officer {{ postTitle }} }} }} }}", issue.id);
        let (statements, _) = crate::cost::cost(&app, &app.operator(), &query).await;
        assert_eq!(statements, 2);
    }

    async fn reasons_are_told_in_the_language_that_is_asked_for(app) {
        nothing_known(&app).await;
        let member = app.member();
        let issue = member.creates(json!({})).await;
        let issue = member.submits(&issue).await;
        let told = reasons(&member, &issue).await;
        assert_eq!(told[0]["reasons"], json!([{"kind": "SAME_PAIRING", "points": 30, "evidenceCount": 1,
            "detail": "In one pairing with the enterprise"}]));
    }
}
