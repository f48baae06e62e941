//! Walks at random, the same every time: whoever tries whatever, what is stored is a life that the
//! table of states allows.

use entity::enterprise_issue::{IssueState, IssueVisibility};
use entity::issue_extension::ExtensionStatus;
use entity::{enterprise_issue, issue_extension, issue_progress, issue_rating, issue_transition};
use honglian::domain::issue::lifecycle;
use honglian::kernel::id::{Kind, decode};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::actors::{ACTIONS, Issue, OFFICERS_OWN, input, usual};
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

/// Holds that the steps of an issue replay to what is stored of it.
async fn replay(app: &TestApp, id: Uuid) -> enterprise_issue::Model {
    let conn = app.database.db.conn();
    let issue = enterprise_issue::Entity::find_by_id(id)
        .one(conn)
        .await
        .unwrap()
        .unwrap();
    let steps = issue_transition::Entity::find()
        .filter(issue_transition::Column::IssueId.eq(id))
        .order_by_asc(issue_transition::Column::Seq)
        .all(conn)
        .await
        .unwrap();
    let (mut state, mut resume) = (None, None);
    let (mut reopened, mut reworked, mut returned, mut satisfied) = (0, 0, 0, 0);
    let (mut held, mut since, mut spent) = (false, 0, 0);
    for (seq, step) in (1..).zip(&steps) {
        use issue_transition::TransitionKind::{
            CloseRated, Hold, Merge, Reopen, RequestInfo, ReturnAssignment, Rework, SupplyInfo,
            Withdraw,
        };
        assert_eq!((step.seq, step.from_state), (seq, state));
        let to = lifecycle::next(state, step.kind, resume);
        assert_eq!(to, Some(step.to_state), "{state:?} {:?}", step.kind);
        match step.kind {
            RequestInfo => resume = state,
            SupplyInfo | Withdraw | Merge => resume = None,
            Reopen => (reopened, since) = (reopened + 1, 0),
            Rework => {
                (reworked, since) = (reworked + 1, since + 1);
                spent += i32::from(since == 2);
            }
            CloseRated => satisfied += 1,
            ReturnAssignment => returned += 1,
            _ => {}
        }
        assert!(since <= 2, "then a joint meeting has the word");
        held = step.kind == Hold;
        state = to;
    }
    assert_eq!((Some(issue.state), issue.resume_state), (state, resume));
    assert_eq!(
        (issue.reopen_count, issue.rework_count, issue.return_count),
        (reopened, reworked, returned)
    );
    assert!(reopened <= 2 && returned <= 2, "the policy's limits");
    assert_eq!(issue.escalation_level, (reopened + reworked).min(4));
    // A review is promised as long as it is on hold.
    assert_eq!(issue.review_at.is_some(), held);
    // It is shown to the alliance as long as it is open for help, and open as long as work is owed.
    let is_shown = issue.visibility == IssueVisibility::Alliance;
    assert_eq!(issue.is_open_for_help, is_shown);
    assert!(!is_shown || lifecycle::OPEN.contains(&issue.state));
    assert_eq!(
        issue.merged_into_id.is_some(),
        issue.state == IssueState::Merged
    );
    let ratings = issue_rating::Entity::find()
        .filter(issue_rating::Column::IssueId.eq(id))
        .all(conn)
        .await
        .unwrap();
    let (good, low): (Vec<_>, Vec<_>) = ratings
        .iter()
        .partition(|rating| rating.stars > 2 && rating.is_resolved);
    assert_eq!(good.len(), satisfied);
    // After two reworks a low rating is kept and sends nothing back: one each time that they are
    // used up.
    let kept = i32::try_from(low.len()).unwrap() - reworked;
    assert!((0..=spent).contains(&kept), "{kept} {reworked} {spent}");
    let rounds: std::collections::BTreeSet<i32> = ratings.iter().map(|r| r.round).collect();
    assert_eq!(rounds.len(), ratings.len(), "one rating a reply");
    let granted = issue_extension::Entity::find()
        .filter(issue_extension::Column::IssueId.eq(id))
        .filter(issue_extension::Column::Status.eq(ExtensionStatus::Approved))
        .count(conn);
    let granted = i32::try_from(granted.await.unwrap()).unwrap();
    assert_eq!(issue.extension_count, granted);
    assert!(granted <= 1);
    let entries = issue_progress::Entity::find()
        .filter(issue_progress::Column::IssueId.eq(id))
        .order_by_asc(issue_progress::Column::Seq)
        .all(conn)
        .await
        .unwrap();
    assert!((1..).zip(&entries).all(|(seq, entry)| entry.seq == seq));
    issue
}

on_both! {
    async fn whatever_is_tried_the_steps_replay_to_what_is_stored(app) {
        let mut chance = Chance(0x5EED_1234_5678_9ABC);
        let people = [app.operator(), app.officer(), app.member(), app.admin(), app.lead(), app.auditor(), app.outsider()];
        let department = people[0].department(OFFICERS_OWN).await;
        let (mut done, mut refused) = (0, 0);
        let mut walked = std::collections::BTreeSet::new();
        let target = app.member().creates(json!({})).await;
        let target = app.member().submits(&target).await;
        let beginning = app.now();
        for walk in 0..60 {
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
                let (who, mutation) = if chance.once_in(3) {
                    (&people[chance.below(7)], ACTIONS[chance.below(ACTIONS.len())].0)
                } else {
                    let who = &people[chance.below(4)];
                    let told = who.sees(&issue, "viewerActions").await;
                    let possible = ACTIONS.iter().filter(|(_, action, _)| {
                        told["viewerActions"].as_array().is_some_and(|told| told.contains(&json!(action)))
                    });
                    let possible: Vec<_> = possible.collect();
                    if possible.is_empty() {
                        continue;
                    }
                    // What was never done comes first, every other time.
                    let new = possible.iter().find(|(name, _, _)| !walked.contains(name));
                    let new = new.filter(|_| chance.once_in(2));
                    (who, new.unwrap_or(&possible[chance.below(possible.len())]).0)
                };
                // What ends a life is rarely done.
                let rare = match mutation {
                    "withdrawIssue" if walk % 4 == 2 => 12,
                    "mergeIssues" if walk % 8 == 4 => 12,
                    "rejectIssue" if walk % 4 == 3 => 1,
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
                if is_done {
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
        assert_eq!((done, refused), (1063, 1952), "{walked:?}");
        assert_eq!(walked.len(), ACTIONS.len(), "{walked:?}");
    }
}
