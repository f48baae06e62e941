//! How an issue ends: withdrawn by the enterprise, closed by a joint meeting, archived.

use entity::enterprise_issue::{ActiveModel, Model};
use entity::issue_callback::CallbackReason;
use entity::issue_transition::{TransitionKind, WithdrawReason};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{ArchiveIssueInput, CloseDissatisfiedInput, WithdrawIssueInput, limits, policy};
use super::closing::{REWORKS, is_rated, reworks};
use super::{Words, callback, event, open, step};
use crate::domain::input::{block, block_opt, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// Withdraws an issue, a draft too. Some withdrawals are checked by a call back.
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
    end_by_withdrawal(&mut work, &issue, words).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// The step itself. What was never submitted nobody has handled: nobody calls back.
async fn end_by_withdrawal(work: &mut Work, issue: &Model, words: Words) -> Result<()> {
    let kind = TransitionKind::Withdraw;
    let is_checked = issue.submitted_at.is_some() && callback::draws(work, issue).await?;
    let words = Words {
        is_sampled: is_checked,
        ..words
    };
    let change = ActiveModel {
        resume_state: Set(None),
        ..<ActiveModel as Default>::default()
    };
    step(work, issue, kind, words, change).await?;
    if is_checked {
        callback::owe(
            work,
            event(issue.id, kind),
            issue,
            CallbackReason::Withdrawn,
        )
        .await?;
    }
    Ok(())
}

/// Closes an issue that the enterprise is still not satisfied with after two reworks, as a joint
/// meeting concluded. The low rating stands.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the conclusion, `NOT_FOUND`,
/// `FORBIDDEN`, `STALE_VERSION`, `INVALID_STATE` also before the reworks and the rating after.
pub async fn close_dissatisfied(
    deps: Deps,
    actor: Actor,
    input: CloseDissatisfiedInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::CloseDissatisfied);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let conclusion = block(&mut faults, "conclusion", &input.conclusion, 5000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "closeDissatisfied").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let done = reworks(&work, issue.id).await?;
    if done < REWORKS || !is_rated(&work, issue.id).await? {
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                format!("须经 {REWORKS} 次重办且企业仍不满意，方可由联席会议结论办结"),
                format!(
                    "A joint meeting closes what stays dissatisfied after {REWORKS} reworks; \
                     until then it is handled or rated."
                ),
            )
            .with("reworks", done);
        return Err(Error::about(issue.id, error));
    }
    let change = ActiveModel {
        closed_at: Set(Some(work.now())),
        is_closed_unrated: Set(false),
        ..<ActiveModel as Default>::default()
    };
    let kind = TransitionKind::CloseDissatisfied;
    step(&mut work, &issue, kind, Words::note(conclusion), change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Archives a closed issue: it is read from then on, and followed up by a new one.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `STALE_VERSION`, `INVALID_STATE` also while
/// it can be reopened, `DEPENDENCY_EXISTS` while the enterprise is to be called back.
pub async fn archive(deps: Deps, actor: Actor, input: ArchiveIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Archive);
    role_may(policy::may_ever(viewer, action))?;
    let mut work = Work::begin(&deps, &actor, "archiveIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let closed = issue.closed_at.unwrap_or_else(|| work.now());
    if limits::is_within(&work, closed, limits::ARCHIVE_AFTER).await? {
        let most = limits::ARCHIVE_AFTER;
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                format!("办结满 {most} 个工作日后方可归档"),
                format!("A closed issue is archived after {most} working days."),
            )
            .with("workingDays", most);
        return Err(Error::about(issue.id, error));
    }
    if callback::due(&work, issue.id).await?.is_some() {
        let error = UserError::at(Code::DependencyExists, "id").saying(
            "回访尚未完成，不能归档",
            "The enterprise is to be called back first.",
        );
        return Err(Error::about(issue.id, error));
    }
    let change = <ActiveModel as Default>::default();
    let (kind, words) = (TransitionKind::Archive, Words::default());
    step(&mut work, &issue, kind, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
