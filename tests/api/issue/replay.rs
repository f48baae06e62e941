//! What is stored of an issue against the steps that it has taken: state, counts and clocks.

use std::collections::BTreeSet;

use entity::enterprise_issue::{IssueState, IssueVisibility};
use entity::issue_clock::ClockKind;
use entity::issue_extension::ExtensionStatus;
use entity::{
    enterprise_issue, issue_callback, issue_clock, issue_extension, issue_progress, issue_rating,
    issue_transition,
};
use honglian::domain::issue::clocks::table::{CLOCKS, Effect, effect};
use honglian::domain::issue::lifecycle;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::support::app::TestApp;

/// Holds that the steps of an issue replay to what is stored of it.
pub async fn replay(app: &TestApp, id: Uuid) -> enterprise_issue::Model {
    use issue_progress::ProgressKind::Response;
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
    let rounds: BTreeSet<i32> = ratings.iter().map(|r| r.round).collect();
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
    let replies = entries.iter().filter(|entry| entry.kind == Response);
    let is_rated = ratings
        .iter()
        .any(|rating| usize::try_from(rating.round) == Ok(replies.clone().count()));
    timers(app, &issue, &steps, is_rated).await;
    issue
}

/// Holds that the clocks of an issue are those that its steps have left: which run, which stand
/// still, and that nothing else does.
async fn timers(
    app: &TestApp,
    issue: &enterprise_issue::Model,
    steps: &[issue_transition::Model],
    is_rated: bool,
) {
    let conn = app.database.db.conn();
    let clocks = issue_clock::Entity::find()
        .filter(issue_clock::Column::IssueId.eq(issue.id))
        .all(conn)
        .await
        .unwrap();
    let due = issue_callback::Entity::find()
        .filter(issue_callback::Column::IssueId.eq(issue.id))
        .filter(issue_callback::Column::Result.is_null())
        .count(conn)
        .await
        .unwrap();
    let (mut running, mut paused) = (BTreeSet::new(), BTreeSet::new());
    for step in steps {
        for clock in CLOCKS {
            match effect(step.kind, clock) {
                Effect::Start if !paused.contains(&clock) => _ = running.insert(clock),
                Effect::Pause if running.remove(&clock) => _ = paused.insert(clock),
                Effect::Resume if paused.remove(&clock) => _ = running.insert(clock),
                Effect::Stop | Effect::Drop => {
                    running.remove(&clock);
                    paused.remove(&clock);
                }
                _ => {}
            }
        }
    }
    // Not by steps alone: a low rating that sends nothing back, and calls that are made.
    if issue.state == IssueState::Responded && is_rated {
        running.remove(&ClockKind::Rating);
    }
    running.remove(&ClockKind::Callback);
    if due > 0 && issue.state != IssueState::Merged {
        running.insert(ClockKind::Callback);
    }
    let of = |which: fn(&issue_clock::Model) -> bool| -> BTreeSet<ClockKind> {
        let found = clocks.iter().filter(|clock| which(clock));
        found.map(|clock| clock.kind).collect()
    };
    assert_eq!(of(|clock| clock.running_since.is_some()), running);
    assert_eq!(of(|clock| clock.paused_at.is_some()), paused);
    let open = clocks.iter().filter(|clock| clock.ended_at.is_none());
    assert_eq!(open.count(), running.len() + paused.len());
    for clock in &clocks {
        assert!(clock.started_at <= clock.due_at && clock.warn_at <= clock.due_at);
        assert!(clock.spent_seconds >= 0 && clock.limit_days > 0);
    }
    let lit = |at: fn(&issue_clock::Model) -> chrono::DateTime<chrono::Utc>| {
        let lit = clocks.iter().filter(|clock| {
            let is_lit = !matches!(clock.kind, ClockKind::Rating | ClockKind::Callback);
            is_lit && clock.running_since.is_some()
        });
        lit.map(at).min()
    };
    assert_eq!(issue.due_at, lit(|clock| clock.due_at));
    assert_eq!(issue.warn_at, lit(|clock| clock.warn_at));
}
