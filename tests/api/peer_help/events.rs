//! Who hears of calls and offers.

use serde_json::{Value, json};

use super::{called, offering};
use crate::issue::actors::brought_to;
use crate::on_both;
use crate::support::database::cast;

const FEED: &str = "subscription { allianceFeed { type changedFields subject { __typename \
    ... on PeerHelpOffer { status enterpriseIssue { body } } } } }";
const ISSUES: &str = "subscription { enterpriseIssueChanged { type changedFields enterpriseIssue { isOpenForHelp } } }";

on_both! {
    async fn a_call_is_told_to_the_alliance_and_an_offer_to_the_enterprise(app) {
        let server = app.serve(|_| {}).await;
        let (member, partner) = (app.member(), app.partner());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        let mut own = server.subscribed(&app.token(&cast().member), ISSUES).await;
        let mut others = server.subscribed(&app.token(&cast().partner), ISSUES).await;
        let mut outsider = server.subscribed(&app.token(&cast().outsider), ISSUES).await;
        let issue = member.does("openForPeerHelp", &issue, json!({})).await;
        let told = |event: Value| {
            let event = &event["enterpriseIssueChanged"];
            (event["type"].clone(), event["changedFields"].clone())
        };
        assert_eq!(told(own.event().await), (json!("issue.help_opened"), json!(["version", "visibility", "isOpenForHelp",
            "helpWanted", "helpOpenedAt"])));
        assert_eq!(told(others.event().await), (json!("issue.changed"),
            json!(["version", "visibility", "isOpenForHelp", "helpWanted", "helpOpenedAt"])));
        partner.helps("offerHelp", offering(&issue)).await;
        assert_eq!(told(own.event().await), (json!("issue.help_offered"), json!(["version", "helpOffers"])));
        // Those who read it in brief hear nothing of it: the next is of another call.
        let other = called(&app, &app.lead()).await;
        let next = told(others.event().await);
        assert_eq!(next.0, "issue.changed");
        let seen = others_sees(&app, &other.id).await;
        assert_eq!(seen, json!(true));
        drop((own, others));
        outsider.say(json!({"type": "ping"})).await;
        assert_eq!(outsider.hear().await, json!({"type": "pong"}), "nothing came before");
    }

    async fn an_offer_is_told_to_its_two_sides_as_each_reads_it(app) {
        let server = app.serve(|_| {}).await;
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let mut owner = server.subscribed(&app.token(&cast().member), FEED).await;
        let mut helper = server.subscribed(&app.token(&cast().partner), FEED).await;
        let mut lead = server.subscribed(&app.token(&cast().lead), FEED).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        let told = |event: Value| event["allianceFeed"].clone();
        let offered = ["version", "aid", "body", "status"];
        let text = "用电负荷不足，申请增容。";
        let seen = |kind: &str, status: &str, body: Value| json!([kind, {"__typename": "PeerHelpOffer", "status": status,
            "enterpriseIssue": {"body": body}}]);
        let pair = |event: &Value| json!([event["type"], event["subject"]]);
        let first = told(owner.event().await);
        assert_eq!(pair(&first), seen("help.offered", "OFFERED", json!(text)));
        for field in offered {
            assert!(first["changedFields"].as_array().unwrap().contains(&json!(field)), "{field} {first}");
        }
        assert_eq!(pair(&told(helper.event().await)), seen("help.offered", "OFFERED", Value::Null));
        member.helps("acceptHelp", offer.input(&json!({}))).await;
        assert_eq!(pair(&told(helper.event().await)), seen("help.accepted", "ACCEPTED", json!(text)));
        assert_eq!(pair(&told(owner.event().await)), seen("help.accepted", "ACCEPTED", json!(text)));
        drop((owner, helper));
        lead.say(json!({"type": "ping"})).await;
        assert_eq!(lead.hear().await, json!({"type": "pong"}), "of others' offers nothing");
    }
}

async fn others_sees(app: &crate::support::app::TestApp, id: &str) -> Value {
    let query = "query($id: ID!) { enterpriseIssue(id: $id) { isOpenForHelp } }";
    let seen = app.partner().read_with(query, json!({"id": id})).await;
    seen["enterpriseIssue"]["isOpenForHelp"].clone()
}
