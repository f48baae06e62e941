//! More time (延期): asked for before it is due, decided by somebody else, granted once.

use entity::enterprise_issue::{ActiveModel, IssueState, Model};
use entity::issue_extension::{self, Column, ExtensionStatus};
use entity::issue_progress::ProgressPurpose;
use entity::issue_transition::TransitionKind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{
    ApproveExtensionInput, RejectExtensionInput, RequestExtensionInput, clocks, limits, policy,
};
use super::{Entry, enter, event, open, touch};
use crate::domain::input::{block, block_opt, invalid_state, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// How often an issue gets more time.
const MOST: i32 = 1;

/// Asks for more time.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `OUT_OF_RANGE` for
/// the day, `NOT_FOUND`, `FORBIDDEN`, `STALE_VERSION`, `INVALID_STATE` also for an issue that is
/// overdue or has a request already, `LIMIT_EXCEEDED` for one that had its extension.
pub async fn request_extension(
    deps: Deps,
    actor: Actor,
    input: RequestExtensionInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::RequestExtension);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "requestExtension").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    if issue.extension_count >= MOST {
        let error = UserError::at(Code::LimitExceeded, "id")
            .saying(
                format!("最多可延期 {MOST} 次"),
                format!("The deadline is extended {MOST} time at most."),
            )
            .with("max", MOST);
        return Err(Error::about(issue.id, error));
    }
    if let Some(due) = issue.due_at.filter(|due| *due <= work.now()) {
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                "已超过办理期限，不能再申请延期",
                "It is overdue; more time is asked for before.",
            )
            .with("dueAt", due.to_rfc3339());
        return Err(Error::about(issue.id, error));
    }
    let new_due_on = input.new_due_on.0;
    limits::extended_day(&work, "newDueOn", new_due_on, issue.due_at).await?;
    let event = Event::new(Kind::Issue, issue.id, "issue.extension_requested");
    touch(
        &mut work,
        event,
        &issue,
        <ActiveModel as Default>::default(),
    )
    .await?;
    let row = issue_extension::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        status: Set(ExtensionStatus::Requested),
        reason: Set(reason),
        due_before: Set(issue.due_at),
        new_due_on: Set(new_due_on),
        requested_by_id: Set(work.user_id()),
        decided_by_id: Set(None),
        decision_note: Set(None),
        decided_at: Set(None),
        created_at: Set(work.now()),
    };
    work.add(event, row).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Grants more time, and tells the enterprise.
///
/// # Errors
/// `Forbidden`; user errors `TOO_LONG`, `INVALID` for the note, `NOT_FOUND`, `FORBIDDEN` for who
/// asked, `INVALID_STATE` where nothing is asked for, `STALE_VERSION`.
pub async fn approve_extension(
    deps: Deps,
    actor: Actor,
    input: ApproveExtensionInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::ApproveExtension);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "approveExtension").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let asked = requested(&work, &issue).await?;
    let event = Event::new(Kind::Issue, issue.id, "issue.extended");
    let dues = clocks::extend(&mut work, event, &issue, asked.new_due_on).await?;
    let change = dues.on(ActiveModel {
        extension_count: Set(issue.extension_count + 1),
        ..<ActiveModel as Default>::default()
    });
    touch(&mut work, event, &issue, change).await?;
    let told = format!("经批准延期至 {}。{}", asked.new_due_on, asked.reason);
    decide(&mut work, event, &asked, ExtensionStatus::Approved, note).await?;
    let entry = Entry::for_purpose(ProgressPurpose::Extension, told);
    enter(&mut work, event, &issue, entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Refuses more time.
///
/// # Errors
/// As `approve_extension`, and `REQUIRED` for the reason.
pub async fn reject_extension(
    deps: Deps,
    actor: Actor,
    input: RejectExtensionInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::RejectExtension);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "rejectExtension").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let asked = requested(&work, &issue).await?;
    let event = Event::new(Kind::Issue, issue.id, "issue.extension_rejected");
    touch(
        &mut work,
        event,
        &issue,
        <ActiveModel as Default>::default(),
    )
    .await?;
    let status = ExtensionStatus::Rejected;
    decide(&mut work, event, &asked, status, Some(reason)).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// The request that waits for a decision.
async fn requested(work: &Work, issue: &Model) -> Result<issue_extension::Model> {
    let found = waiting(work, issue).await?;
    found.ok_or_else(|| invalid_state(issue.id, issue.state.to_value()))
}

async fn waiting(work: &Work, issue: &Model) -> Result<Option<issue_extension::Model>> {
    Ok(issue_extension::Entity::find()
        .filter(Column::IssueId.eq(issue.id))
        .filter(Column::Status.eq(ExtensionStatus::Requested))
        .one(work.tx())
        .await?)
}

async fn decide(
    work: &mut Work,
    event: Event,
    asked: &issue_extension::Model,
    status: ExtensionStatus,
    note: Option<String>,
) -> Result<()> {
    let row = issue_extension::ActiveModel {
        id: Set(asked.id),
        status: Set(status),
        decided_by_id: Set(work.user_id().filter(|_| status != ExtensionStatus::Lapsed)),
        decision_note: Set(note),
        decided_at: Set(Some(work.now())),
        ..<issue_extension::ActiveModel as Default>::default()
    };
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, asked, row, taken).await?;
    Ok(())
}

/// A request lapses when the issue leaves the handling for good; a pause leaves it standing.
pub(super) async fn lapse(
    work: &mut Work,
    issue: &Model,
    kind: TransitionKind,
    to: IssueState,
) -> Result<()> {
    use IssueState::{InProgress, NeedsInfo, OnHold};
    let handling = [InProgress, NeedsInfo, OnHold];
    if !handling.contains(&issue.state) || handling.contains(&to) {
        return Ok(());
    }
    if let Some(asked) = waiting(work, issue).await? {
        let event = event(issue.id, kind);
        decide(work, event, &asked, ExtensionStatus::Lapsed, None).await?;
    }
    Ok(())
}
