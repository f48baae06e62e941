//! How an issue ends: withdrawn by the enterprise, closed by a joint meeting, archived.

use entity::enterprise_issue::{ActiveModel, Model};
use entity::issue_callback::CallbackReason;
use entity::issue_transition::{TransitionKind, WithdrawReason};
use entity::{issue_rating, joint_meeting};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::supervision::queries::MEETING;
use super::super::supervision::write::known;
use super::super::{ArchiveIssueInput, CloseDissatisfiedInput, WithdrawIssueInput, limits, policy};
use super::{Words, callback, event, open, step};
use crate::domain::input::{block_opt, role_may, row_id};
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
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `STALE_VERSION`, `INVALID_STATE` also before
/// a meeting has concluded on what came of the reworks, `NOT_FOUND` and `INVALID` for a meeting
/// that is not known or did not.
pub async fn close_dissatisfied(
    deps: Deps,
    actor: Actor,
    input: CloseDissatisfiedInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::CloseDissatisfied);
    role_may(policy::may_ever(viewer, action))?;
    let mut work = Work::begin(&deps, &actor, "closeDissatisfied").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let meeting = row_id(Kind::Meeting, &input.joint_meeting_id);
    let conclusion = conclusion(&work, &issue, meeting).await?;
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

/// What a meeting concluded on an issue since its last rating.
async fn conclusion(work: &Work, issue: &Model, meeting: Uuid) -> Result<String> {
    let at = |code| UserError::at(code, "jointMeetingId");
    let seen = work
        .visible::<joint_meeting::Entity>(&MEETING, meeting)
        .await?;
    if seen.is_none() {
        return Err(Error::about(issue.id, at(Code::NotFound)));
    }
    let rated = issue_rating::Entity::find()
        .filter(issue_rating::Column::IssueId.eq(issue.id))
        .order_by_desc(issue_rating::Column::Round)
        .one(work.tx())
        .await?;
    let items = known(work, issue.id).await?.into_iter();
    let mut items = items.filter(|item| {
        let since = rated.as_ref().map(|rating| rating.created_at);
        item.meeting_id == Some(meeting) && item.concluded_at >= since
    });
    items.find_map(|item| item.conclusion).ok_or_else(|| {
        let error = at(Code::Invalid).saying(
            "该联席会议未在最后一次评价后就此诉求作出结论",
            "That meeting did not conclude on the issue after its last rating.",
        );
        Error::about(issue.id, error)
    })
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
