//! Walks at random, the same every time: whoever tries whatever, what is stored is a life that the
//! table of states allows, with the clocks that its steps leave, at the level that they leave it at,
//! and done by who was told that they may.

use std::collections::BTreeSet;

use entity::enterprise_issue::IssueState;
use entity::{enterprise_issue, issue_supervision};
use honglian::kernel::id::{Kind, decode, encode};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::actors::{ACTIONS, Issue, OFFICERS_OWN, input, usual};
use super::replay::replay;
use crate::on_both;
use crate::support::app::TestApp;

/// Numbers that look like chance (xorshift, after Marsaglia).
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count).unwrap()).unwrap()
    }

    fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// The level that an issue is at after somebody did something to it.
fn level(mutation: &str, before: &enterprise_issue::Model, after: &enterprise_issue::Model) -> i32 {
    let known = before.escalation_level;
    match mutation {
        "superviseIssue" => known.max(2),
        "escalateIssue" | "reopenIssue" => (known + 1).min(4),
        "lowerEscalation" => 0,
        "rateIssue" if after.state == IssueState::InProgress => (known + 1).min(4),
        // What it keeps is the joint meeting's.
        "rateIssue" if after.state == IssueState::Responded => 4,
        _ => known,
    }
}

/// The joint meeting that concluded on an issue last.
async fn meeting(app: &TestApp, issue: Uuid) -> Value {
    let found = issue_supervision::Entity::find()
        .filter(issue_supervision::Column::IssueId.eq(issue))
        .filter(issue_supervision::Column::MeetingId.is_not_null())
        .order_by_desc(issue_supervision::Column::ConcludedAt)
        .order_by_desc(issue_supervision::Column::Id)
        .one(app.database.db.conn())
        .await
        .unwrap();
    let id = found.and_then(|item| item.meeting_id);
    id.map_or_else(|| json!("x"), |id| json!(encode(Kind::Meeting, id)))
}

on_both! {
    async fn whatever_is_tried_the_steps_replay_to_what_is_stored(app) {
        let mut chance = Chance(0x5EED_1234_5678_9ABC);
        let people = [app.operator(), app.officer(), app.member(), app.admin(), app.lead(), app.auditor(), app.outsider()];
        let department = people[0].department(OFFICERS_OWN).await;
        let (mut done, mut refused) = (0, 0);
        let mut walked = BTreeSet::new();
        let target = app.member().creates(json!({})).await;
        let target = app.member().submits(&target).await;
        let beginning = app.now();
        for walk in 0..80 {
            app.clock.set(beginning);
            let issue = app.member().creates(json!({})).await;
            let id = decode(Kind::Issue, &issue.id).unwrap();
            let mut row = replay(&app, id).await;
            for _ in 0..90 {
                // Whether its withdrawal is checked is drawn by lot.
                if row.state == IssueState::Withdrawn {
                    break;
                }
                if row.state == IssueState::Closed && chance.once_in(4) {
                    app.clock.advance(chrono::TimeDelta::days(20));
                }
                if row.state == IssueState::Responded && chance.once_in(3) {
                    let meeting = json!({"title": "联席会议", "heldOn": "2021-01-20", "chairPost": "区长",
                        "items": [{"issueId": issue.id, "conclusion": "办理已到位。"}]});
                    let told = people[0].faults("concludeJointMeeting", meeting).await;
                    assert!(told.is_empty() || told == ["INVALID_STATE input.items.0.issueId"], "{told:?}");
                    row = replay(&app, id).await;
                }
                let is_any = chance.once_in(3);
                let who = &people[chance.below(if is_any { 7 } else { 4 })];
                let query = "query($id: ID!) { node(id: $id) { ... on EnterpriseIssue { viewerActions } } }";
                let told = who.read_with(query, json!({"id": issue.id})).await["node"].clone();
                let is_told = |action: &str| {
                    told["viewerActions"].as_array().is_some_and(|told| told.contains(&json!(action)))
                };
                let (mutation, action, _) = if is_any {
                    ACTIONS[chance.below(ACTIONS.len())]
                } else {
                    let possible: Vec<_> = ACTIONS.iter().filter(|(_, action, _)| is_told(action)).collect();
                    if possible.is_empty() {
                        continue;
                    }
                    // What was never done comes first, every other time.
                    let new = possible.iter().find(|(name, _, _)| !walked.contains(name));
                    let new = new.filter(|_| walk % 4 == 1 || chance.once_in(2));
                    **new.unwrap_or(&possible[chance.below(possible.len())])
                };
                // What ends a life is rarely done.
                let rare = match mutation {
                    "withdrawIssue" if walk % 4 == 2 => 12,
                    "mergeIssues" if walk % 8 == 4 => 12,
                    "rejectIssue" if walk % 4 == 3 => 1,
                    // Nor what can be done at all times always.
                    "superviseIssue" | "escalateIssue" | "lowerEscalation" | "reclassifyIssue" => 3,
                    // Who is never satisfied is so to the end.
                    "openForPeerHelp" | "suggestPeerHelp" | "withdrawIssue" if walk % 4 == 1 => 90,
                    "withdrawIssue" | "rejectIssue" | "mergeIssues" => 60,
                    _ => 1,
                };
                if !chance.once_in(rare) {
                    continue;
                }
                let version = i64::from(row.version) - i64::from(chance.once_in(6));
                let mut words = usual(mutation, &department);
                if mutation == "mergeIssues" {
                    words = json!({"intoId": target.id});
                }
                if mutation == "closeDissatisfied" {
                    words = json!({"jointMeetingId": meeting(&app, id).await});
                }
                if mutation == "reclassifyIssue" {
                    words["complexity"] = json!(["SIMPLE", "GENERAL", "COMPLEX"][chance.below(3)]);
                    words["urgency"] = json!(["NORMAL", "URGENT"][chance.below(2)]);
                }
                if mutation == "rateIssue" {
                    // Some enterprises are never satisfied.
                    let stars = 1 + chance.below(if walk % 4 == 1 { 2 } else { 5 });
                    words = json!({"stars": stars, "isResolved": !chance.once_in(4), "comment": "评价"});
                }
                let seen = Issue { id: issue.id.clone(), version, state: String::new() };
                let audited = app.count("audit_entry").await;
                let end = who.tries(mutation, input(&seen, &words)).await;
                let after = replay(&app, id).await;
                let is_done = end == "DONE";
                assert!(!is_done || version == i64::from(row.version), "an old version was taken");
                assert_eq!(after.version, row.version + i32::from(is_done), "{mutation} {end}");
                assert_eq!(app.count("audit_entry").await, audited + i64::from(is_done), "{mutation} {end}");
                // Who may is who was told so, and nobody else is let.
                let may = is_told(action);
                assert!(may || !is_done, "{mutation} {end}");
                let is_denied = ["FORBIDDEN", "NOT_FOUND", "top-level FORBIDDEN"].contains(&end.as_str());
                assert!(!may || !is_denied, "{mutation} {end}");
                if is_done {
                    assert_eq!(after.escalation_level, level(mutation, &row, &after), "{mutation}");
                    done += 1;
                    walked.insert(mutation);
                } else {
                    assert_eq!(after, row, "{mutation} {end}");
                    refused += 1;
                }
                row = after;
            }
        }
        // The same on both databases, and everything that can be done was.
        assert_eq!((done, refused), (1463, 2199), "{walked:?}");
        assert_eq!(walked.len(), ACTIONS.len(), "{walked:?}");
    }
}
