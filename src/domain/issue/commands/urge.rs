//! Reminders by the enterprise (催办).

use entity::enterprise_issue::ActiveModel;
use entity::issue_progress::{self, Column, ProgressPurpose};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{UrgeIssueInput, limits, policy};
use super::{Entry, enter, open, touch};
use crate::domain::input::{block, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Urges the handling on, once in two working days.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the note, `NOT_FOUND`,
/// `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`, `LIMIT_EXCEEDED`.
pub async fn urge(deps: Deps, actor: Actor, input: UrgeIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Urge);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block(&mut faults, "note", &input.note, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "urgeIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let last = issue_progress::Entity::find()
        .filter(Column::IssueId.eq(issue.id))
        .filter(Column::Purpose.eq(ProgressPurpose::Urge))
        .order_by_desc(Column::Seq)
        .one(work.tx())
        .await?;
    let days = limits::BETWEEN_URGES;
    let may_again = match last {
        Some(last) => limits::is_day_reached(&work, last.created_at, days).await?,
        None => true,
    };
    if !may_again {
        let error = UserError::at(Code::LimitExceeded, "id")
            .saying(
                format!("每 {days} 个工作日内只能催办一次"),
                format!("An issue is urged once in {days} working days."),
            )
            .with("max", 1)
            .with("workingDays", days);
        return Err(Error::about(issue.id, error));
    }
    let event = Event::new(Kind::Issue, issue.id, "issue.urged");
    touch(
        &mut work,
        event,
        &issue,
        <ActiveModel as Default>::default(),
    )
    .await?;
    let entry = Entry::for_purpose(ProgressPurpose::Urge, note);
    enter(&mut work, event, &issue, entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
