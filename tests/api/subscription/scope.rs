//! Who hears what: the rows of a query, at every event.

use serde_json::{Value, json};

use super::{ISSUES, draft, execute};
use crate::on_both;
use crate::support::database::cast;
use honglian::kernel::id::{Kind, encode};

const FEED: &str = "subscription { allianceFeed { type changedFields subject { __typename \
    ... on Pairing { name status } ... on Membership { status } \
    ... on PairingInteraction { title } } } }";

/// What happened to which issue.
fn told(event: &Value) -> (String, String) {
    let event = &event["enterpriseIssueChanged"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&event["type"]),
        text(&event["enterpriseIssue"]["title"]),
    )
}

fn pair(kind: &str, title: &str) -> (String, String) {
    (kind.to_owned(), title.to_owned())
}

on_both! {
    async fn an_event_reaches_those_who_see_the_issue_and_nobody_else(app) {
        let server = app.serve(|_| {}).await;
        let (member, elsewhere) = (app.member(), app.outsider());
        let mut to_pairing = draft(&member, "甲", "PAIRING").await;
        let mut to_alliance = draft(&member, "乙", "ALLIANCE").await;
        let mut to_officials = draft(&elsewhere, "丙", "OFFICIAL").await;
        let mut own = server.subscribed(&app.token(&cast().member), ISSUES).await;
        let mut lead = server.subscribed(&app.token(&cast().lead), ISSUES).await;
        let mut partner = server.subscribed(&app.token(&cast().partner), ISSUES).await;
        let mut staff = server.subscribed(&app.token(&cast().operator), ISSUES).await;
        let mut officer = server.subscribed(&app.token(&cast().officer), ISSUES).await;
        let mut outsider = server.subscribed(&app.token(&cast().outsider), ISSUES).await;
        let mut yuexiu = server
            .subscribed(&app.token(&cast().other_district_operator), ISSUES).await;

        to_pairing.submit(&member).await;
        to_alliance.submit(&member).await;
        to_officials.submit(&elsewhere).await;

        // What comes first for each is the first that it may know: nothing before it was told.
        for title in ["甲", "乙"] {
            assert_eq!(told(&own.event().await), pair("issue.submitted", title));
            assert_eq!(told(&officer.event().await), pair("issue.submitted", title));
            // In brief, without a word on the step.
            assert_eq!(told(&lead.event().await), pair("issue.changed", title));
        }
        assert_eq!(told(&partner.event().await), pair("issue.changed", "乙"));
        for title in ["甲", "乙", "丙"] {
            assert_eq!(told(&staff.event().await), pair("issue.submitted", title));
        }
        assert_eq!(told(&outsider.event().await), pair("issue.submitted", "丙"));
        drop((own, lead, partner, staff, officer, outsider));
        server.listening(1).await;
        yuexiu.say(json!({"type": "ping"})).await;
        assert_eq!(yuexiu.hear().await, json!({"type": "pong"}), "nothing came before");
    }

    async fn changed_fields_and_actor_are_as_much_as_the_viewer_reads(app) {
        let query = "subscription { enterpriseIssueChanged { type changedFields \
            actor { displayName isRedacted } enterpriseIssue { isRedacted body urgency } } }";
        let server = app.serve(|_| {}).await;
        let member = app.member();
        let mut issue = draft(&member, "甲", "PAIRING").await;
        issue.submit(&member).await;
        let mut own = server.subscribed(&app.token(&cast().member), query).await;
        let mut lead = server.subscribed(&app.token(&cast().lead), query).await;
        issue.accept(&app.operator()).await;
        let full = own.event().await["enterpriseIssueChanged"].clone();
        assert_eq!(full, json!({
            "type": "issue.accepted",
            "changedFields": ["version", "state", "urgency", "complexity", "acceptedAt",
                "firstHandler", "transitions", "clocks"],
            "actor": {"displayName": "区级经办 1", "isRedacted": true},
            "enterpriseIssue": {"isRedacted": false, "body": "正文", "urgency": "NORMAL"},
        }));
        let brief = lead.event().await["enterpriseIssueChanged"].clone();
        assert_eq!(brief, json!({
            "type": "issue.changed",
            "changedFields": ["version", "state"],
            "actor": null,
            "enterpriseIssue": {"isRedacted": true, "body": null, "urgency": null},
        }));
    }

    async fn ids_and_filter_choose_among_what_is_seen(app) {
        let server = app.serve(|_| {}).await;
        let member = app.member();
        let mut one = draft(&member, "甲", "OFFICIAL").await;
        let mut other = draft(&member, "乙", "OFFICIAL").await;
        let chosen = format!("subscription {{ enterpriseIssueChanged(ids: [{}]) \
            {{ type enterpriseIssue {{ title }} }} }}", one.id);
        let accepted = "subscription { enterpriseIssueChanged(filter: {state: {eq: ACCEPTED}}) \
            { type enterpriseIssue { title } } }";
        let mut by_id = server.subscribed(&app.token(&cast().operator), &chosen).await;
        let mut by_state = server.subscribed(&app.token(&cast().operator), accepted).await;
        other.submit(&member).await;
        one.submit(&member).await;
        other.accept(&app.operator()).await;
        assert_eq!(told(&by_id.event().await), pair("issue.submitted", "甲"));
        // The issue as it is when it is told of: a step before may be told late, of another never.
        loop {
            let (name, title) = told(&by_state.event().await);
            assert_eq!(title, "乙");
            if name == "issue.accepted" {
                break;
            }
        }
        let mut socket = server.signed_in(&app.token(&cast().operator)).await;
        let many: Vec<String> = (0..101).map(|n| format!("\"issue_{n}\"")).collect();
        let query = format!("subscription {{ enterpriseIssueChanged(ids: [{}]) {{ id }} }}",
            many.join(","));
        socket.subscribe("m", &query).await;
        assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn what_officials_note_among_themselves_is_not_told_to_the_enterprise(app) {
        let server = app.serve(|_| {}).await;
        let member = app.member();
        let mut issue = draft(&member, "甲", "OFFICIAL").await;
        issue.submit(&member).await;
        issue.accept(&app.operator()).await;
        issue.assign(&app).await;
        issue.step(&app.officer(), "startHandling", json!({"firstContact": "已联系"})).await;
        let mut own = server.subscribed(&app.token(&cast().member), ISSUES).await;
        let mut handler = server.subscribed(&app.token(&cast().officer), ISSUES).await;
        let mut staff = server.subscribed(&app.token(&cast().admin), ISSUES).await;
        let note = json!({"body": "内部", "isInternal": true});
        issue.step(&app.officer(), "addProgress", note).await;
        issue.step(&app.officer(), "addProgress", json!({"body": "进展"})).await;
        for socket in [&mut handler, &mut staff] {
            assert_eq!(told(&socket.event().await).0, "issue.noted");
            assert_eq!(told(&socket.event().await).0, "issue.progressed");
        }
        assert_eq!(told(&own.event().await).0, "issue.progressed");
    }

    async fn a_scope_that_shrinks_holds_from_the_next_event_on(app) {
        let server = app.serve(|_| {}).await;
        let (member, lead) = (app.member(), app.lead());
        let mut first = draft(&member, "甲", "PAIRING").await;
        let mut second = draft(&member, "乙", "PAIRING").await;
        let mut socket = server.subscribed(&app.token(&cast().lead), ISSUES).await;
        first.submit(&member).await;
        assert_eq!(told(&socket.event().await), pair("issue.changed", "甲"));
        execute(&app, "UPDATE membership SET status = 'ENDED', left_on = '2021-01-20' \
            WHERE status = 'ACTIVE'").await;
        second.submit(&member).await;
        draft(&lead, "丙", "OFFICIAL").await;
        assert_eq!(told(&socket.event().await), pair("issue.created", "丙"));
    }

    async fn the_brief_is_told_of_nothing_that_it_does_not_show(app) {
        let server = app.serve(|_| {}).await;
        let (member, officer) = (app.member(), app.officer());
        let mut issue = draft(&member, "甲", "PAIRING").await;
        issue.submit(&member).await;
        issue.accept(&app.operator()).await;
        issue.assign(&app).await;
        issue.step(&officer, "startHandling", json!({"firstContact": "已联系"})).await;
        let query = "subscription { enterpriseIssueChanged { type changedFields \
            enterpriseIssue { state } } }";
        let mut lead = server.subscribed(&app.token(&cast().lead), query).await;
        issue.step(&officer, "addProgress", json!({"body": "进展"})).await;
        issue.step(&officer, "respondToIssue", json!({"reply": "已办", "outcome": "SOLVED"})).await;
        // The progress changed nothing that the lead reads.
        let heard = lead.event().await["enterpriseIssueChanged"].clone();
        assert_eq!(heard, json!({"type": "issue.changed", "changedFields": ["version", "state"],
            "enterpriseIssue": {"state": "RESPONDED"}}));
    }

    async fn the_alliance_hears_of_itself_each_as_it_may(app) {
        let server = app.serve(|_| {}).await;
        let found = app.member().read("{ pairings(first: 100) { nodes { id version name \
            members { nodes { enterprise { id } } } } } memberships(first: 100) \
            { nodes { id version enterprise { id } } } }").await;
        let own = json!(encode(Kind::Enterprise, cast().member.enterprise_id.unwrap()));
        let pairings = found["pairings"]["nodes"].as_array().unwrap();
        let pairing = pairings.iter().find(|pairing| {
            let members = pairing["members"]["nodes"].as_array().unwrap();
            members.iter().any(|member| member["enterprise"]["id"] == own)
        }).unwrap();
        let memberships = found["memberships"]["nodes"].as_array().unwrap();
        let membership = memberships.iter().find(|row| row["enterprise"]["id"] == own).unwrap();

        let mut member = server.subscribed(&app.token(&cast().member), FEED).await;
        let mut partner = server.subscribed(&app.token(&cast().partner), FEED).await;
        let mut outsider = server.subscribed(&app.token(&cast().outsider), FEED).await;
        let input = json!({"pairingId": pairing["id"], "type": "FORUM", "heldOn": "2021-01-19",
            "title": "联席会", "modes": ["JOINT_ACTIVITY"]});
        let recorded = app.operator().mutate("recordInteraction", "interaction { id }", input).await;
        assert_eq!(recorded["userErrors"], json!([]));
        let heard = member.event().await["allianceFeed"].clone();
        assert_eq!(heard["type"], "interaction.recorded");
        assert_eq!(heard["subject"], json!({"__typename": "PairingInteraction", "title": "联席会"}));
        let end = json!({"id": pairing["id"], "expectedVersion": pairing["version"],
            "reason": "期满"});
        let ended = app.operator().mutate("endPairing", "pairing { id }", end).await;
        assert_eq!(ended["userErrors"], json!([]));
        let heard = member.event().await["allianceFeed"].clone();
        assert_eq!(heard, json!({"type": "pairing.ended",
            "changedFields": ["version", "status", "endsOn", "endReason", "updatedAt", "members"],
            "subject": {"__typename": "Pairing", "name": pairing["name"], "status": "ENDED"}}));
        let leave = json!({"id": membership["id"], "expectedVersion": membership["version"],
            "leftOn": "2021-01-20", "reason": "迁出"});
        let left = app.operator().mutate("withdrawMembership", "membership { id }", leave).await;
        assert_eq!(left["userErrors"], json!([]));

        let heard = member.event().await["allianceFeed"].clone();
        assert_eq!(heard, json!({"type": "membership.ended",
            "changedFields": ["version", "status", "leftOn", "updatedAt", "endReason"],
            "subject": {"__typename": "Membership", "status": "ENDED"}}));
        // Another enterprise of the alliance saw the pairing and the membership, not what the
        // pairing does; now it sees neither.
        for name in ["pairing.ended", "membership.ended"] {
            let heard = partner.event().await["allianceFeed"].clone();
            assert_eq!(heard, json!({"type": name, "changedFields": [], "subject": null}));
        }
        outsider.say(json!({"type": "ping"})).await;
        assert_eq!(outsider.hear().await, json!({"type": "pong"}));
    }
}
