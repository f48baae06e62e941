//! What the enterprise says in the end: rating, reopening, withdrawal.

use entity::enterprise_issue::{ActiveModel, Model};
use entity::issue_progress::{self, ProgressKind};
use entity::issue_rating;
use entity::issue_transition::{TransitionKind, WithdrawReason};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{RateIssueInput, ReopenIssueInput, WithdrawIssueInput, policy};
use super::{Words, event, open, step};
use crate::domain::district::queries::policy as district_policy;
use crate::domain::input::{block, block_opt, number, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// The highest level of escalation.
const HIGHEST_LEVEL: i32 = 4;
/// The fewest stars that close an issue.
const SATISFIED: i32 = 3;

/// Rates the reply: three stars and more of a resolved issue close it, anything else sends it
/// back for rework, one level higher.
///
/// # Errors
/// `Forbidden`; user errors `OUT_OF_RANGE` for the stars, `REQUIRED` for a comment that is due,
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`.
pub async fn rate(deps: Deps, actor: Actor, input: RateIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Rate);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let stars = number(&mut faults, "stars", input.stars, 1, 5);
    let comment = block_opt(&mut faults, "comment", input.comment.as_deref(), 1000);
    let is_satisfied = stars >= SATISFIED && input.is_resolved;
    if !is_satisfied && comment.is_none() {
        faults.add(UserError::at(Code::Required, "comment").saying(
            "不满意或未解决时请说明原因",
            "Say why you are not satisfied, or what is not resolved.",
        ));
    }
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "rateIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let (kind, change) = if is_satisfied {
        let change = ActiveModel {
            closed_at: Set(Some(work.now())),
            is_closed_unrated: Set(false),
            ..<ActiveModel as Default>::default()
        };
        (TransitionKind::CloseRated, change)
    } else {
        let change = ActiveModel {
            rework_count: Set(issue.rework_count + 1),
            ..back_to_work(&issue)
        };
        (TransitionKind::Rework, change)
    };
    step(&mut work, &issue, kind, Words::default(), change).await?;
    let row = issue_rating::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        round: Set(round(&work, issue.id).await?),
        stars: Set(stars),
        is_resolved: Set(input.is_resolved),
        comment: Set(comment),
        rated_by_id: Set(work.user_id()),
        created_at: Set(work.now()),
    };
    work.add(event(issue.id, kind), row).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Which reply it is that is rated: replies are counted, and each is rated once at most.
pub(super) async fn round(work: &Work, issue: Uuid) -> Result<i32> {
    let replies = issue_progress::Entity::find()
        .filter(issue_progress::Column::IssueId.eq(issue))
        .filter(issue_progress::Column::Kind.eq(ProgressKind::Response))
        .count(work.tx())
        .await?;
    Ok(i32::try_from(replies).unwrap_or(i32::MAX))
}

/// What an issue that is worked on again no longer has, and the level that it rises to.
fn back_to_work(issue: &Model) -> ActiveModel {
    ActiveModel {
        outcome: Set(None),
        escalation_level: Set((issue.escalation_level + 1).min(HIGHEST_LEVEL)),
        ..<ActiveModel as Default>::default()
    }
}

/// Reopens a closed issue, as often as the policy allows.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `NOT_FOUND`,
/// `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`, `LIMIT_EXCEEDED`.
pub async fn reopen(deps: Deps, actor: Actor, input: ReopenIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Reopen);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "reopenIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let most = district_policy(work.tx(), issue.district_id)
        .await?
        .max_reopens;
    if issue.reopen_count >= most {
        let error = UserError::at(Code::LimitExceeded, "id")
            .saying(
                format!("最多可重办 {most} 次"),
                format!("An issue is reopened {most} times at most."),
            )
            .with("max", most);
        return Err(Error::about(issue.id, error));
    }
    let change = ActiveModel {
        reopen_count: Set(issue.reopen_count + 1),
        is_closed_unrated: Set(false),
        ..back_to_work(&issue)
    };
    let kind = TransitionKind::Reopen;
    step(&mut work, &issue, kind, Words::note(reason), change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Withdraws an issue, a draft too.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED` for a note that is due, `TOO_LONG`, `INVALID`,
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`.
pub async fn withdraw(deps: Deps, actor: Actor, input: WithdrawIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Withdraw);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 1000);
    if input.reason == WithdrawReason::Other && note.is_none() {
        faults.add(UserError::at(Code::Required, "note"));
    }
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "withdrawIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let words = Words {
        note,
        withdraw_reason: Some(input.reason),
        ..Words::default()
    };
    let change = ActiveModel {
        resume_state: Set(None),
        ..<ActiveModel as Default>::default()
    };
    step(&mut work, &issue, TransitionKind::Withdraw, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
