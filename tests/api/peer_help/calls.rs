//! An issue is opened for help, closed, and suggested for it.

use serde_json::{Value, json};

use super::{CALL, called, now, offering};
use crate::issue::actors::{brought_to, input, written};
use crate::on_both;

on_both! {
    async fn an_issue_opened_for_help_is_shown_to_the_alliance_in_brief_and_no_more(app) {
        let (member, partner, outsider) = (app.member(), app.partner(), app.outsider());
        let issue = brought_to(&app, &member, "IN_PROGRESS").await;
        assert_eq!(member.sees(&issue, CALL).await, json!({"visibility": "PAIRING", "isOpenForHelp": false,
            "helpWanted": null, "helpOpenedAt": null}));
        assert_eq!(partner.sees(&issue, "id").await, Value::Null);
        app.trail().await;
        let wanted = json!({"wanted": "  求推荐用电增容经验\r\n ", "tags": ["用电", " 用电 ", "增容"]});
        let opened = member.does("openForPeerHelp", &issue, wanted).await;
        assert_eq!(opened.version, issue.version + 1);
        assert_eq!(app.trail().await, ["openForPeerHelp issue", "issue.help_opened"]);
        let call = json!({"visibility": "ALLIANCE", "isOpenForHelp": true,
            "helpWanted": "求推荐用电增容经验", "helpOpenedAt": "2021-01-20T02:00:00.000Z"});
        assert_eq!(member.sees(&issue, CALL).await, call);
        assert_eq!(member.sees(&issue, "tags viewerActions").await, json!({"tags": ["用电", "增容"],
            "viewerActions": ["URGE", "WITHDRAW", "CLOSE_PEER_HELP"]}));
        for (role, who) in [("partner", &partner), ("lead", &app.lead())] {
            assert_eq!(who.sees(&issue, CALL).await, call, "{role}");
            assert_eq!(who.sees(&issue, "isRedacted body tags urgency viewerActions attachments { totalCount } \
                helpOffers { totalCount }").await, json!({"isRedacted": true, "body": null, "tags": null, "urgency": null,
                "viewerActions": ["OFFER_HELP"], "attachments": null, "helpOffers": {"totalCount": 0}}), "{role}");
        }
        // Nothing of it outside the alliance.
        assert_eq!(outsider.sees(&issue, "id").await, Value::Null);
        let list = "{ enterpriseIssues(filter: {isOpenForHelp: true}) { nodes { id } } }";
        let listed = partner.read(list).await["enterpriseIssues"]["nodes"].clone();
        assert!(listed.as_array().unwrap().contains(&json!({"id": issue.id})), "{listed}");

        let closed = member.does("closePeerHelp", &opened, json!({})).await;
        assert_eq!(app.trail().await, ["closePeerHelp issue", "issue.help_closed"]);
        assert_eq!(partner.sees(&issue, "id").await, Value::Null);
        assert_eq!(member.sees(&issue, "visibility isOpenForHelp helpWanted").await, json!({
            "visibility": "PAIRING", "isOpenForHelp": false, "helpWanted": "求推荐用电增容经验"}));
        // And opened again, in other words.
        member.does("openForPeerHelp", &closed, json!({"wanted": "另求经验"})).await;
        assert_eq!(partner.sees(&issue, "helpWanted").await["helpWanted"], "另求经验");
    }

    async fn what_was_shown_to_the_alliance_before_stays_shown(app) {
        let (member, partner) = (app.member(), app.partner());
        let issue = member.creates(json!({"visibility": "ALLIANCE", "tags": ["用工"]})).await;
        let issue = member.submits(&issue).await;
        // Shown, and not open for help.
        assert_eq!(partner.sees(&issue, "viewerActions").await, json!({"viewerActions": []}));
        let issue = member.does("openForPeerHelp", &issue, json!({})).await;
        assert_eq!(member.sees(&issue, "tags").await["tags"], json!(["用工"]));
        member.does("closePeerHelp", &issue, json!({})).await;
        assert_eq!(partner.sees(&issue, "visibility isOpenForHelp").await,
            json!({"visibility": "ALLIANCE", "isOpenForHelp": false}));
    }

    async fn what_must_not_be_shown_is_not_opened(app) {
        let member = app.member();
        let confidential = member.creates(json!({"isConfidential": true})).await;
        let confidential = member.submits(&confidential).await;
        let complaint = member.creates(json!({"nature": "COMPLAINT"})).await;
        let complaint = member.submits(&complaint).await;
        let draft = member.creates(json!({})).await;
        let closed = brought_to(&app, &member, "CLOSED").await;
        let before = written(&app).await;
        for issue in [&confidential, &complaint, &draft, &closed] {
            let faults = member.faults("openForPeerHelp", input(issue, &json!({"wanted": "经验"}))).await;
            assert_eq!(faults, ["INVALID_STATE"], "{issue:?}");
            let faults = member.faults("closePeerHelp", input(issue, &json!({}))).await;
            assert_eq!(faults, ["INVALID_STATE"], "{issue:?}");
        }
        for issue in [&complaint, &closed] {
            let faults = app.officer().faults("suggestPeerHelp", input(issue, &json!({"note": "建议"}))).await;
            assert_eq!(faults, ["INVALID_STATE"], "{issue:?}");
        }
        assert_eq!(written(&app).await, before);
    }

    async fn a_call_says_what_is_wanted_and_only_its_own_enterprise_makes_it(app) {
        let (member, lead) = (app.member(), app.lead());
        let issue = brought_to(&app, &member, "SUBMITTED").await;
        let many: Vec<String> = (0..11).map(|n| format!("标签{n}")).collect();
        let before = written(&app).await;
        for (more, expected) in [
            (json!({"wanted": " \n"}), vec!["REQUIRED input.wanted"]),
            (json!({"wanted": "长".repeat(501)}), vec!["TOO_LONG input.wanted"]),
            (json!({"wanted": "经\u{7}验", "tags": ["", "x".repeat(21)]}),
                vec!["INVALID input.wanted", "REQUIRED input.tags.0", "TOO_LONG input.tags.1"]),
            (json!({"wanted": "经验", "tags": many}), vec!["OUT_OF_RANGE input.tags"]),
        ] {
            assert_eq!(member.faults("openForPeerHelp", input(&issue, &more)).await, expected, "{more}");
        }
        let right = json!({"wanted": "经验"});
        // The lead of its pairing sees it, and it is not the lead's; others do not see it.
        assert_eq!(lead.faults("openForPeerHelp", input(&issue, &right)).await, ["FORBIDDEN"]);
        assert_eq!(app.partner().faults("openForPeerHelp", input(&issue, &right)).await, ["NOT_FOUND input.id"]);
        assert_eq!(member.faults("openForPeerHelp", input(&issue.at(9), &right)).await,
            ["STALE_VERSION input.expectedVersion"]);
        assert_eq!(written(&app).await, before);
        let open = member.does("openForPeerHelp", &issue, json!({})).await;
        assert_eq!(member.faults("openForPeerHelp", input(&open, &right)).await, ["INVALID_STATE"]);
        assert_eq!(lead.faults("closePeerHelp", input(&open, &json!({}))).await, ["FORBIDDEN"]);
    }

    async fn a_call_ends_with_the_issue_and_what_was_not_decided_lapses(app) {
        let (member, partner, lead, officer) = (app.member(), app.partner(), app.lead(), app.officer());
        let issue = called(&app, &member).await;
        let accepted = partner.helps("offerHelp", offering(&issue)).await;
        let accepted = member.helps("acceptHelp", accepted.input(&json!({}))).await;
        let waiting = lead.helps("offerHelp", offering(&issue)).await;
        let issue = officer.responds(&now(&app, &issue).await).await;
        assert_eq!(member.sees(&issue, "isOpenForHelp").await["isOpenForHelp"], true);
        app.trail().await;
        let issue = member.rates(&issue, 5).await;
        let mut trail = app.trail().await;
        trail.sort();
        assert_eq!(trail, ["help.lapsed", "issue.closed", "rateIssue issue"]);
        assert_eq!(member.sees(&issue, "state visibility isOpenForHelp helpOffers { nodes { status } }").await, json!({
            "state": "CLOSED", "visibility": "PAIRING", "isOpenForHelp": false,
            "helpOffers": {"nodes": [{"status": "ACCEPTED"}, {"status": "LAPSED"}]}}));
        assert_eq!(lead.sees_offer(&waiting, "status decidedAt version").await,
            json!({"status": "LAPSED", "decidedAt": "2021-01-20T02:00:00.000Z", "version": 2}));
        // Who helped still reads what about.
        assert_eq!(partner.sees(&issue, "state body").await, json!({"state": "CLOSED", "body": "用电负荷不足，申请增容。"}));
        assert_eq!(partner.sees_offer(&accepted, "enterpriseIssue { state }").await["enterpriseIssue"]["state"], "CLOSED");
    }

    async fn an_officer_suggests_and_the_enterprise_opens(app) {
        let (member, officer) = (app.member(), app.officer());
        let issue = brought_to(&app, &member, "SUBMITTED").await;
        let before = written(&app).await;
        for (note, expected) in [("", "REQUIRED input.note"), (&*"长".repeat(1001), "TOO_LONG input.note")] {
            let faults = officer.faults("suggestPeerHelp", input(&issue, &json!({"note": note}))).await;
            assert_eq!(faults, [expected]);
        }
        assert_eq!(written(&app).await, before);
        app.trail().await;
        let issue = officer.does("suggestPeerHelp", &issue, json!({"note": "同行已有做法，可请帮助。"})).await;
        assert_eq!(app.trail().await, ["suggestPeerHelp issue", "issue.help_suggested"]);
        assert_eq!(member.sees(&issue, "progress(last: 1) { nodes { kind body isInternal } }").await["progress"]["nodes"],
            json!([{"kind": "PROGRESS", "body": "同行已有做法，可请帮助。", "isInternal": false}]));
        let issue = member.does("openForPeerHelp", &issue, json!({})).await;
        assert_eq!(officer.faults("suggestPeerHelp", input(&issue, &json!({"note": "再次"}))).await, ["INVALID_STATE"]);
        assert_eq!(officer.sees(&issue, CALL).await["isOpenForHelp"], true);
    }

    async fn who_leaves_the_alliance_asks_it_for_nothing(app) {
        let member = app.member();
        let open = called(&app, &member).await;
        let other = brought_to(&app, &member, "SUBMITTED").await;
        app.execute("UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' WHERE role = 'MEMBER' AND status = 'ACTIVE'").await;
        assert_eq!(app.partner().sees(&open, "id").await, Value::Null);
        let input = input(&other, &json!({"wanted": "经验"}));
        assert_eq!(member.denied("openForPeerHelp", input).await, "FORBIDDEN");
        // It can still take back what it asked for.
        assert_eq!(member.does("closePeerHelp", &open, json!({})).await.version, open.version + 1);
    }
}
