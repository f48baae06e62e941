//! What the passing of time does to an issue itself: it goes on, it is pressed for, it reminds whoever
//! it waits for.

use entity::enterprise_issue::{ActiveModel, IssueState, Model};
use entity::issue_callback::CallbackReason;
use entity::issue_clock::ClockKind;
use entity::issue_progress::ProgressKind;
use entity::issue_transition::{TransitionKind, WithdrawReason};
use sea_orm::ActiveValue::Set;

use super::super::closing::is_rated;
use super::super::{Entry, Words, callback, enter, event, step, touch};
use super::dues::{arrived, moved_event};
use crate::domain::issue::clocks::reminders::reminders;
use crate::domain::issue::clocks::write::of_issue;
use crate::domain::issue::clocks::{Clocks, Rules};
use crate::domain::issue::supervision::write::bring;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};

/// Takes the step that the passing of time takes, if it is still due.
pub(super) async fn lapse_one(work: &mut Work, issue: &Model) -> Result<bool> {
    if issue.lapses_at.is_none_or(|at| at >= work.now()) {
        return Ok(false);
    }
    let none = || <ActiveModel as Default>::default();
    let (kind, words, change) = match issue.state {
        // 100 of a hundred such withdrawals are checked by a call back.
        IssueState::NeedsInfo => {
            let words = Words {
                withdraw_reason: Some(WithdrawReason::Other),
                is_sampled: true,
                ..Words::note("企业逾期未补充材料，自动撤单。".to_owned())
            };
            let change = ActiveModel {
                resume_state: Set(None),
                ..none()
            };
            (TransitionKind::Withdraw, words, change)
        }
        IssueState::Responded if !is_rated(work, issue.id).await? => {
            let change = ActiveModel {
                closed_at: Set(Some(work.now())),
                is_closed_unrated: Set(true),
                ..none()
            };
            (TransitionKind::CloseUnrated, Words::default(), change)
        }
        IssueState::Closed if !owes_call(work, issue).await? => {
            (TransitionKind::Archive, Words::default(), none())
        }
        _ => return Ok(false),
    };
    step(work, issue, kind, words, change).await?;
    if kind == TransitionKind::Withdraw {
        callback::owe(
            work,
            event(issue.id, kind),
            issue,
            CallbackReason::Withdrawn,
        )
        .await?;
    }
    Ok(true)
}

/// Writes what its clocks have brought, if anything is new.
pub(super) async fn escalate_one(work: &mut Work, issue: &Model) -> Result<bool> {
    let event = Event::new(Kind::Issue, issue.id, "issue.escalated");
    let Some(level) = bring(work, event, issue).await? else {
        return Ok(false);
    };
    let change = ActiveModel {
        escalation_level: Set(issue.escalation_level.max(level)),
        ..<ActiveModel as Default>::default()
    };
    touch(work, event, issue, change).await?;
    Ok(true)
}

/// Reminds whoever the issue waits for, in its timeline, and keeps when it does so next. What was
/// waited for before there were reminders is only given its instants.
pub(super) async fn remind_one(work: &mut Work, issue: &Model) -> Result<bool> {
    let Some(from) = issue.reminds_at.filter(|at| *at < work.now()) else {
        return Ok(false);
    };
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let waits = (arrived(work, issue).await?, issue.lapses_at);
    let all = reminders(&rules, issue.state, waits)?;
    let is_due = all.iter().any(|at| *at >= from && *at < work.now());
    let change = ActiveModel {
        reminds_at: Set(all.into_iter().find(|at| *at >= work.now())),
        ..<ActiveModel as Default>::default()
    };
    if !is_due {
        touch(work, moved_event(issue), issue, change).await?;
        return Ok(true);
    }
    let event = Event::new(Kind::Issue, issue.id, "issue.reminded");
    touch(work, event, issue, change).await?;
    let asked = match issue.state {
        IssueState::NeedsInfo => "请补充材料；逾期未补充的，将自动撤单。",
        _ => "请对答复作出评价；逾期未评价的，将自动办结。",
    };
    let entry = Entry::new(ProgressKind::Progress, asked.to_owned());
    enter(work, event, issue, entry).await?;
    Ok(true)
}

/// Whether the enterprise is to be called back before the issue is put away.
async fn owes_call(work: &Work, issue: &Model) -> Result<bool> {
    let clocks = Clocks::new(
        issue.district_id,
        issue.id,
        of_issue(work.tx(), issue.id).await?,
    );
    Ok(clocks.open(ClockKind::Callback).is_some())
}
