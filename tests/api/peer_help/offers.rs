//! Help is offered, decided, taken back and thanked for.

use serde_json::{Value, json};

use super::{Offer, called, firms, now, offering};
use crate::issue::actors::{brought_to, written};
use crate::on_both;
use crate::support::rows::name_of;

/// Everything that an offer shows.
const WHOLE: &str = "status aid body decisionNote decidedAt thanks thankedAt viewerActions \
    offerer { name } enterpriseIssue { isRedacted body enterprise { name } }";

on_both! {
    async fn help_is_offered_accepted_and_thanked_for(app) {
        let (member, partner, lead) = (app.member(), app.partner(), app.lead());
        let [own, _, helper, _] = firms();
        let issue = called(&app, &member).await;
        app.trail().await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        assert_eq!((offer.version, &*offer.status), (1, "OFFERED"));
        assert_eq!(app.trail().await, ["offerHelp help_offer", "issue.help_offered", "help.offered"]);
        // It counts as a change of the issue.
        assert_eq!(now(&app, &issue).await.version, issue.version + 1);
        let seen = |status: &str, actions: Value, redacted: bool, body: Value| json!({"status": status, "aid": "DIFFICULTY_AID",
            "body": "可派人交流。", "decisionNote": null, "decidedAt": null, "thanks": null, "thankedAt": null,
            "viewerActions": actions, "offerer": {"name": name_of(helper)},
            "enterpriseIssue": {"isRedacted": redacted, "body": body, "enterprise": {"name": name_of(own)}}});
        let text = "用电负荷不足，申请增容。";
        // In brief until it is accepted.
        assert_eq!(partner.sees_offer(&offer, WHOLE).await, seen("OFFERED", json!(["WITHDRAW"]), true, Value::Null));
        assert_eq!(member.sees_offer(&offer, WHOLE).await, seen("OFFERED", json!(["ACCEPT", "DECLINE"]), false, json!(text)));
        for who in [app.operator(), app.officer()] {
            assert_eq!(who.sees_offer(&offer, WHOLE).await, seen("OFFERED", json!([]), false, json!(text)));
        }
        assert_eq!(partner.sees(&issue, "viewerActions").await, json!({"viewerActions": []}), "its offer stands");
        // Others see the issue, and none of its offers.
        assert_eq!(lead.sees_offer(&offer, "id").await, Value::Null);
        let list = "peerHelpOffers { totalCount }";
        for (who, count) in [(&partner, 1), (&member, 1), (&lead, 0), (&app.outsider(), 0)] {
            assert_eq!(who.sees(&issue, "helpOffers { totalCount }").await["helpOffers"]["totalCount"].as_i64().unwrap_or(0), count);
            let own = who.read(&format!("{{ {list} }}")).await["peerHelpOffers"]["totalCount"].clone();
            let there = app.texts("SELECT body FROM peer_help_offer").await.len();
            assert!(own.as_u64().unwrap() < there as u64, "not all of them: {own}");
        }

        let offer = member.helps("acceptHelp", offer.input(&json!({}))).await;
        assert_eq!((offer.version, &*offer.status), (2, "ACCEPTED"));
        assert_eq!(app.trail().await, ["acceptHelp help_offer", "issue.help_accepted", "help.accepted"]);
        // Now it reads the text, and nothing else of what the brief does not show.
        let read = partner.sees(&issue, "isRedacted body tags urgency reporter { id } contact { nameMasked } attachments { totalCount } \
            progress { totalCount } transitions { totalCount } ratings { totalCount }").await;
        assert_eq!(read, json!({"isRedacted": true, "body": text, "tags": null, "urgency": null, "reporter": null,
            "contact": null, "attachments": null, "progress": null, "transitions": null, "ratings": null}));
        assert_eq!(lead.sees(&issue, "body").await["body"], Value::Null);

        // Thanks may come when all is over.
        let closed = app.officer().responds(&now(&app, &issue).await).await;
        member.rates(&closed, 5).await;
        app.trail().await;
        let offer = member.helps("thankHelper", offer.input(&json!({"note": " 感谢支持！ "}))).await;
        assert_eq!((offer.version, &*offer.status), (3, "THANKED"));
        assert_eq!(app.trail().await, ["thankHelper help_offer", "issue.help_thanked", "help.thanked"]);
        let told = partner.sees_offer(&offer, "status thanks thankedAt decidedAt viewerActions").await;
        assert_eq!(told, json!({"status": "THANKED", "thanks": "感谢支持！", "thankedAt": "2021-01-20T02:00:00.000Z",
            "decidedAt": "2021-01-20T02:00:00.000Z", "viewerActions": []}));
        assert_eq!(partner.sees(&issue, "body").await["body"], text);
    }

    async fn an_offer_is_declined_with_a_word_and_may_be_made_again(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        let offer = member.helps("declineHelp", offer.input(&json!({"note": "暂不需要。"}))).await;
        assert_eq!(partner.sees_offer(&offer, "status decisionNote viewerActions").await,
            json!({"status": "DECLINED", "decisionNote": "暂不需要。", "viewerActions": []}));
        assert_eq!(partner.sees(&issue, "body viewerActions").await, json!({"body": null, "viewerActions": ["OFFER_HELP"]}));
        partner.helps("offerHelp", offering(&issue)).await;
        assert_eq!(partner.sees(&issue, "helpOffers { nodes { status } }").await["helpOffers"]["nodes"],
            json!([{"status": "DECLINED"}, {"status": "OFFERED"}]));
    }

    async fn who_takes_an_accepted_offer_back_reads_the_text_no_more(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        let offer = member.helps("acceptHelp", offer.input(&json!({}))).await;
        let issue = member.does("closePeerHelp", &now(&app, &issue).await, json!({})).await;
        assert_eq!(partner.sees(&issue, "body visibility").await,
            json!({"body": "用电负荷不足，申请增容。", "visibility": "PAIRING"}));
        let offer = partner.helps("withdrawHelp", offer.input(&json!({}))).await;
        assert_eq!((offer.version, &*offer.status), (3, "WITHDRAWN"));
        assert_eq!(partner.sees(&issue, "id").await, Value::Null);
        assert_eq!(partner.sees_offer(&offer, "status enterpriseIssue { id }").await,
            json!({"status": "WITHDRAWN", "enterpriseIssue": null}));
        assert_eq!(member.faults("thankHelper", offer.input(&json!({}))).await, ["INVALID_STATE"]);
    }

    async fn what_was_accepted_is_ended_by_the_enterprise_too(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        let offer = member.helps("acceptHelp", offer.input(&json!({}))).await;
        assert_eq!(member.sees_offer(&offer, "viewerActions").await["viewerActions"], json!(["DECLINE", "THANK"]));
        let offer = member.helps("declineHelp", offer.input(&json!({"note": "已无需要。"}))).await;
        assert_eq!((offer.version, &*offer.status), (3, "DECLINED"));
        assert_eq!(partner.sees(&issue, "isOpenForHelp body").await, json!({"isOpenForHelp": true, "body": null}));
        assert_eq!(member.faults("thankHelper", offer.input(&json!({}))).await, ["INVALID_STATE"]);
        assert_eq!(member.faults("declineHelp", offer.input(&json!({}))).await, ["INVALID_STATE"]);
    }

    async fn what_cannot_be_offered_is_told(app) {
        let (member, partner, lead, outsider) = (app.member(), app.partner(), app.lead(), app.outsider());
        let closed = brought_to(&app, &member, "SUBMITTED").await;
        let open = called(&app, &member).await;
        partner.helps("offerHelp", offering(&open)).await;
        let unknown = crate::support::service::nothing(honglian::kernel::id::Kind::Issue);
        let before = written(&app).await;
        let with = |more: Value| crate::support::rows::with(offering(&open), more);
        for (who, input, expected) in [
            (&partner, with(json!({"issueId": unknown})), vec!["NOT_FOUND input.issueId"]),
            (&partner, with(json!({"issueId": "enterprise_x"})), vec!["NOT_FOUND input.issueId"]),
            // In the pairing of the lead, and out of sight of the partner.
            (&partner, with(json!({"issueId": closed.id})), vec!["NOT_FOUND input.issueId"]),
            (&lead, with(json!({"issueId": closed.id})), vec!["INVALID_STATE input.issueId"]),
            (&member, offering(&open), vec!["FORBIDDEN input.issueId"]),
            // Twice.
            (&partner, offering(&open), vec!["INVALID_STATE input.issueId"]),
            (&lead, with(json!({"body": " "})), vec!["REQUIRED input.body"]),
            (&lead, with(json!({"body": "长".repeat(2001)})), vec!["TOO_LONG input.body"]),
            (&lead, with(json!({"body": "经\u{202e}验"})), vec!["INVALID input.body"]),
        ] {
            assert_eq!(who.faults("offerHelp", input.clone()).await, expected, "{input}");
        }
        for who in [&outsider, &app.operator(), &app.officer(), &app.auditor()] {
            assert_eq!(who.denied("offerHelp", offering(&open)).await, "FORBIDDEN");
        }
        assert_eq!(app.anonymous().denied("offerHelp", offering(&open)).await, "UNAUTHENTICATED");
        assert_eq!(written(&app).await, before);
    }

    async fn what_cannot_be_decided_is_told(app) {
        let (member, partner, lead) = (app.member(), app.partner(), app.lead());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        let unknown = Offer { id: "help_offer_x".to_owned(), ..offer.clone() };
        let stale = Offer { version: 7, ..offer.clone() };
        let before = written(&app).await;
        for (who, mutation, offer, expected) in [
            (&member, "acceptHelp", &unknown, "NOT_FOUND input.id"),
            // The lead sees the issue, and not what others offer.
            (&lead, "acceptHelp", &offer, "NOT_FOUND input.id"),
            (&lead, "withdrawHelp", &offer, "NOT_FOUND input.id"),
            (&partner, "acceptHelp", &offer, "FORBIDDEN"),
            (&partner, "declineHelp", &offer, "FORBIDDEN"),
            (&partner, "thankHelper", &offer, "FORBIDDEN"),
            (&member, "withdrawHelp", &offer, "FORBIDDEN"),
            (&member, "thankHelper", &offer, "INVALID_STATE"),
            (&member, "acceptHelp", &stale, "STALE_VERSION input.expectedVersion"),
            (&member, "declineHelp", &stale, "STALE_VERSION input.expectedVersion"),
            (&partner, "withdrawHelp", &stale, "STALE_VERSION input.expectedVersion"),
        ] {
            assert_eq!(who.faults(mutation, offer.input(&json!({}))).await, [expected], "{mutation} {offer:?}");
        }
        let long = |length| json!({"note": "长".repeat(length)});
        assert_eq!(member.faults("declineHelp", offer.input(&long(501))).await, ["TOO_LONG input.note"]);
        assert_eq!(member.faults("thankHelper", offer.input(&long(1001))).await, ["TOO_LONG input.note"]);
        for who in [app.operator(), app.officer(), app.auditor()] {
            for mutation in ["acceptHelp", "declineHelp", "thankHelper", "withdrawHelp"] {
                assert_eq!(who.denied(mutation, offer.input(&json!({}))).await, "FORBIDDEN");
            }
        }
        assert_eq!(written(&app).await, before);

        let accepted = member.helps("acceptHelp", offer.input(&json!({}))).await;
        let before = written(&app).await;
        let payload = member.mutate("acceptHelp", "peerHelpOffer { version status }", accepted.input(&json!({}))).await;
        assert_eq!(payload["userErrors"][0]["code"], "INVALID_STATE", "twice");
        assert_eq!(payload["peerHelpOffer"], json!({"version": 2, "status": "ACCEPTED"}), "the current offer");
        assert_eq!(written(&app).await, before);
        let thanked = member.helps("thankHelper", accepted.input(&json!({}))).await;
        assert_eq!(member.faults("thankHelper", thanked.input(&json!({}))).await, ["INVALID_STATE"]);
        assert_eq!(partner.faults("withdrawHelp", thanked.input(&json!({}))).await, ["INVALID_STATE"]);
    }

    async fn who_has_left_the_alliance_is_not_accepted(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = called(&app, &member).await;
        let offer = partner.helps("offerHelp", offering(&issue)).await;
        app.execute("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' WHERE role = 'SOE_PARTNER'").await;
        let before = written(&app).await;
        assert_eq!(member.faults("acceptHelp", offer.input(&json!({}))).await, ["INVALID_STATE input.id"]);
        assert_eq!(written(&app).await, before);
        assert_eq!(partner.sees_offer(&offer, "status enterpriseIssue { id }").await,
            json!({"status": "OFFERED", "enterpriseIssue": null}));
        partner.helps("withdrawHelp", offer.input(&json!({}))).await;
    }

    async fn the_share_of_issues_with_an_offer_in_three_working_days(app) {
        let (member, partner) = (app.member(), app.partner());
        let rate = "{ issueStatistics { peerHelpRate { value met { value issues { totalCount } } counted { value } } } }";
        let told = |who: Value| who["issueStatistics"]["peerHelpRate"].clone();
        let met = |met: i64, counted: i64, value: Value| json!({"value": value,
            "met": {"value": met, "issues": {"totalCount": met}}, "counted": {"value": counted}});
        // One of the Liwan data.
        let one = met(1, 1, json!(1.0));
        assert_eq!(told(member.read(rate).await), one);
        let first = called(&app, &member).await;
        called(&app, &member).await;
        assert_eq!(told(member.read(rate).await), one, "neither offered nor late");
        partner.helps("offerHelp", offering(&first)).await;
        assert_eq!(told(member.read(rate).await), met(2, 2, json!(1.0)));
        // Opened on Wednesday: in time until Monday 17:30.
        app.clock.set("2021-01-25T09:30:00Z".parse().unwrap());
        assert_eq!(told(member.read(rate).await), met(2, 2, json!(1.0)));
        app.clock.set("2021-01-25T09:30:01Z".parse().unwrap());
        assert_eq!(told(member.read(rate).await), met(2, 3, json!(2.0 / 3.0)));
        // Not of an issue that is read in brief.
        assert_eq!(told(partner.read(rate).await), met(0, 0, Value::Null));
    }
}
