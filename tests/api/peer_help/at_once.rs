//! Two that act on one offer, or on one issue, at the same time.

use serde_json::json;

use super::{called, offering};
use crate::issue::actors::input;
use crate::on_both;

fn sorted(ends: [Vec<String>; 2]) -> [String; 2] {
    let mut ends = ends.map(|faults| faults.join(","));
    ends.sort();
    ends
}

on_both! {
    async fn of_two_offers_of_one_enterprise_at_once_one_stands(app) {
        let (one, other) = (app.partner(), app.partner());
        let issue = called(&app, &app.member()).await;
        app.trail().await;
        let (a, b) = tokio::join!(one.faults("offerHelp", offering(&issue)), other.faults("offerHelp", offering(&issue)));
        assert_eq!(sorted([a, b]), ["", "INVALID_STATE input.issueId"]);
        assert_eq!(app.trail().await, ["offerHelp help_offer", "issue.help_offered", "help.offered"]);
    }

    async fn an_offer_is_accepted_or_taken_back(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        app.trail().await;
        let (a, b) = tokio::join!(member.faults("declineHelp", offer.input(&json!({}))), partner.faults("withdrawHelp", offer.input(&json!({}))));
        assert_eq!(sorted([a, b]), ["", "INVALID_STATE"]);
        assert_eq!(app.trail().await.len(), 3);
    }

    async fn a_call_that_closes_lapses_an_offer_or_finds_it_accepted(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        let now = issue.at(issue.version + 1);
        let colleague = app.member();
        let (accepted, closed) = tokio::join!(
            member.faults("acceptHelp", offer.input(&json!({}))),
            colleague.faults("closePeerHelp", input(&now, &json!({})))
        );
        let status = member.sees_offer(&offer, "status").await["status"].clone();
        let ends = (accepted.join(","), closed.join(","), status);
        let first = (String::new(), "STALE_VERSION input.expectedVersion".to_owned(), json!("ACCEPTED"));
        let last = ("INVALID_STATE".to_owned(), String::new(), json!("LAPSED"));
        assert!(ends == first || ends == last, "{ends:?}");
    }
}
