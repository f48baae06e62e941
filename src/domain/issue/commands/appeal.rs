//! Appeals against refusals (不予受理申诉). What is refused stays refused: an appeal that is granted
//! takes the issue up anew, as a follow-up that is submitted at once.

use entity::enterprise_issue::{ActiveModel, Model};
use entity::issue_appeal::{self, AppealStatus, Column};
use entity::issue_transition::{self, TransitionKind};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{AppealRejectionInput, DecideAppealInput, limits, policy};
use super::footing::{self, Ground};
use super::{Words, create, event, open, step, touch};
use crate::domain::contact::commands as contacts;
use crate::domain::input::{block, invalid_state, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps, NumberLine};

/// Appeals against a refusal, once and within five working days.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `NOT_FOUND`,
/// `FORBIDDEN`, `STALE_VERSION`, `INVALID_STATE` also when the time is over, `LIMIT_EXCEEDED` for
/// a second appeal.
pub async fn appeal(deps: Deps, actor: Actor, input: AppealRejectionInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::AppealRejection);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "appealRejection").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let earlier = issue_appeal::Entity::find().filter(Column::IssueId.eq(issue.id));
    if earlier.one(work.tx()).await?.is_some() {
        let error = UserError::at(Code::LimitExceeded, "id")
            .saying("每件诉求只能申诉一次", "A refusal is appealed once.")
            .with("max", 1);
        return Err(Error::about(issue.id, error));
    }
    let (refused, most) = (refused_at(&work, &issue).await?, limits::APPEAL_WITHIN);
    if !limits::is_within(&work, refused.created_at, most).await? {
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                format!("申诉须在 {most} 个工作日内提出"),
                format!("A refusal is appealed within {most} working days."),
            )
            .with("workingDays", most);
        return Err(Error::about(issue.id, error));
    }
    let event = Event::new(Kind::Issue, issue.id, "issue.appealed");
    touch(
        &mut work,
        event,
        &issue,
        <ActiveModel as Default>::default(),
    )
    .await?;
    let row = issue_appeal::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        status: Set(AppealStatus::Filed),
        reason: Set(reason),
        filed_by_id: Set(work.user_id()),
        decided_by_id: Set(None),
        decision_note: Set(None),
        decided_at: Set(None),
        successor_id: Set(None),
        created_at: Set(work.now()),
    };
    work.add(event, row).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

async fn refused_at(work: &Work, issue: &Model) -> Result<issue_transition::Model> {
    use issue_transition::Column;
    let step = issue_transition::Entity::find()
        .filter(Column::IssueId.eq(issue.id))
        .filter(Column::Kind.eq(TransitionKind::Reject))
        .order_by_desc(Column::Seq)
        .one(work.tx())
        .await?;
    step.ok_or_else(|| Error::Internal(format!("issue {} was not refused", issue.id)))
}

/// Decides on an appeal.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the note, `NOT_FOUND`,
/// `FORBIDDEN`, `INVALID_STATE` where there is no appeal, or to grant it for an enterprise that is
/// deactivated or a category out of use, `STALE_VERSION`.
pub async fn decide_appeal(deps: Deps, actor: Actor, input: DecideAppealInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::DecideAppeal);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block(&mut faults, "note", &input.note, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "decideAppeal").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let appeal = issue_appeal::Entity::find()
        .filter(Column::IssueId.eq(issue.id))
        .filter(Column::Status.eq(AppealStatus::Filed))
        .one(work.tx())
        .await?
        .ok_or_else(|| invalid_state(issue.id, issue.state.to_value()))?;
    let (status, name) = if input.is_granted {
        (AppealStatus::Granted, "issue.appeal_granted")
    } else {
        (AppealStatus::Dismissed, "issue.appeal_dismissed")
    };
    let successor = if input.is_granted {
        Some(take_up(&mut work, &issue).await?)
    } else {
        None
    };
    let event = Event::new(Kind::Issue, issue.id, name);
    touch(
        &mut work,
        event,
        &issue,
        <ActiveModel as Default>::default(),
    )
    .await?;
    let row = issue_appeal::ActiveModel {
        id: Set(appeal.id),
        status: Set(status),
        decided_by_id: Set(work.user_id()),
        decision_note: Set(Some(note)),
        decided_at: Set(Some(work.now())),
        successor_id: Set(successor.as_ref().map(|(id, _)| *id)),
        ..<issue_appeal::ActiveModel as Default>::default()
    };
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, &appeal, row, taken).await?;
    work.commit(Kind::Issue, issue.id).await?;
    drop(successor);
    Ok(issue.id)
}

/// The same issue anew: its own reporter's, submitted at once.
async fn take_up(work: &mut Work, refused: &Model) -> Result<(Uuid, NumberLine)> {
    let ground = Ground {
        enterprise_id: refused.enterprise_id,
        field: "id",
        may: true,
        category_id: refused.category_id,
    };
    let (footing, line) = footing::take(work, &ground).await?;
    let draft = create::Draft {
        title: refused.title.clone(),
        body: refused.body.clone(),
        nature: refused.nature,
        channel: refused.channel,
        visibility: Some(refused.visibility),
        is_confidential: refused.is_confidential,
        is_on_behalf: refused.is_on_behalf,
        visit_id: refused.visit_id,
        follow_up_of_id: Some(refused.id),
        reporter_id: refused.reporter_id,
        tags: refused.tags.clone(),
    };
    let issue = create::write(work, &footing, draft)?;
    work.settle().await?;
    let change = ActiveModel {
        submitted_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let (kind, words) = (TransitionKind::Submit, Words::default());
    step(work, &issue, kind, words, change).await?;
    contacts::carry(work, event(issue.id, kind), refused.id, &issue).await?;
    Ok((issue.id, line))
}
