//! What the district does by hand: pressing for an issue, raising and lowering it, and recording
//! what a joint meeting concluded.

use entity::enterprise_issue::{ActiveModel, Entity, Model};
use entity::issue_supervision::{self, SupervisionKind};
use entity::joint_meeting;
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use serde_json::json;
use uuid::Uuid;

use super::super::commands::{open, touch};
use super::super::lifecycle::Action;
use super::super::policy;
use super::super::queries::SHAPE;
use super::write::{Cause, known, row, waiting};
use super::{
    ConcludeJointMeetingInput, EscalateIssueInput, LowerEscalationInput, MeetingConclusionInput,
    SuperviseIssueInput, may_supervise,
};
use crate::domain::input::{EPOCH, block, day, line, number, role_may, row_id};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// The most issues that one meeting concludes.
const MOST_ITEMS: usize = 20;

/// Presses for an issue.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the demand, `NOT_FOUND`,
/// `INVALID_STATE` where no work is owed, `STALE_VERSION`.
pub async fn supervise(deps: Deps, actor: Actor, input: SuperviseIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Supervise);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let demand = block(&mut faults, "demand", &input.demand, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "superviseIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    press(&mut work, &issue, input.kind.into(), &demand).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Raises an issue by one level; from the third on it waits for a joint meeting.
///
/// # Errors
/// As `supervise`; `INVALID_STATE` also where it waits for one already.
pub async fn escalate(deps: Deps, actor: Actor, input: EscalateIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Escalate);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "escalateIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let kind = match issue.escalation_level {
        ..=0 => SupervisionKind::Reminder,
        1 => SupervisionKind::Order,
        2 => SupervisionKind::Circular,
        _ => SupervisionKind::Meeting,
    };
    press(&mut work, &issue, kind, &reason).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

async fn press(work: &mut Work, issue: &Model, kind: SupervisionKind, demand: &str) -> Result<()> {
    let event = Event::new(Kind::Issue, issue.id, "issue.supervised");
    let by = (work.user_id(), work.now());
    let row = row(work.new_id(), issue, kind, Cause::Hand(demand), by);
    let change = ActiveModel {
        escalation_level: Set(issue.escalation_level.max(kind.level())),
        ..<ActiveModel as Default>::default()
    };
    touch(work, event, issue, change).await?;
    work.add(event, row.into_active_model()).await?;
    Ok(())
}

/// Lowers the level of an issue: what was pressed for above it is lifted, unless a meeting has
/// concluded on it. What a clock brought it does not bring again.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `OUT_OF_RANGE` for a
/// level that is not below the issue's, `NOT_FOUND`, `INVALID_STATE` where no work is owed or
/// there is nothing to lower, `STALE_VERSION`.
pub async fn lower(deps: Deps, actor: Actor, input: LowerEscalationInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::LowerEscalation);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "lowerEscalation").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let mut faults = Faults::default();
    let most = issue.escalation_level - 1;
    let level = number(&mut faults, "level", input.level, 0, most);
    faults.check().map_err(|error| error.showing(issue.id))?;
    let event = Event::new(Kind::Issue, issue.id, "issue.escalation_lowered");
    let change = ActiveModel {
        escalation_level: Set(level),
        ..<ActiveModel as Default>::default()
    };
    touch(&mut work, event, &issue, change).await?;
    let stands = |item: &issue_supervision::Model| {
        item.level > level && item.lifted_at.is_none() && item.meeting_id.is_none()
    };
    for item in known(&work, issue.id).await?.into_iter().filter(stands) {
        let row = issue_supervision::ActiveModel {
            id: Set(item.id),
            lifted_at: Set(Some(work.now())),
            lifted_by_id: Set(work.user_id()),
            lift_reason: Set(Some(reason.clone())),
            ..<issue_supervision::ActiveModel as Default>::default()
        };
        let taken = || UserError::at(Code::Taken, "id");
        work.update(event, &item, row, taken).await?;
    }
    // With nothing to lift there is nowhere else for the reason.
    work.remark(json!({"reason": reason}));
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Records a joint meeting with what it concluded on issues that wait for one.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the texts and for an issue that
/// is named twice, `OUT_OF_RANGE` for the day and the number of items; at the items `NOT_FOUND`,
/// and `INVALID_STATE` for an issue that waits for no meeting.
pub async fn conclude(deps: Deps, actor: Actor, input: ConcludeJointMeetingInput) -> Result<Uuid> {
    role_may(may_supervise(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let title = line(&mut faults, "title", &input.title, 200);
    let chair_post = line(&mut faults, "chairPost", &input.chair_post, 120);
    let held_on = day(&mut faults, "heldOn", input.held_on, EPOCH, today);
    let items = read_items(&mut faults, &input.items);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "concludeJointMeeting").await?;
    let ids: Vec<Uuid> = items.iter().map(|(issue, _)| *issue).collect();
    let issues = work.visible_among::<Entity>(&SHAPE, &ids).await?;
    let waiting = waiting(&work, &ids).await?;
    let id = work.new_id();
    let meeting = joint_meeting::ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        title: Set(title),
        held_on: Set(held_on),
        chair_post: Set(chair_post),
        recorded_by_id: Set(work.user_id()),
        created_at: Set(work.now()),
    };
    let event = Event::new(Kind::Meeting, id, "joint_meeting.concluded");
    work.add(event, meeting).await?;
    let mut faults = Faults::default();
    for (index, (issue, conclusion)) in items.into_iter().enumerate() {
        let place = index.to_string();
        let fault = |code| UserError::at(code, "issueId").under(&["items", &place]);
        let Some(issue) = issues.iter().find(|known| known.id == issue) else {
            faults.add(fault(Code::NotFound));
            continue;
        };
        let Some(waiting) = waiting.iter().find(|item| item.issue_id == issue.id) else {
            faults.add(fault(Code::InvalidState).saying(
                "未提请联席会议，或已有结论",
                "It was not escalated to a joint meeting, or is concluded.",
            ));
            continue;
        };
        let event = Event::new(Kind::Issue, issue.id, "issue.meeting_concluded");
        touch(&mut work, event, issue, <ActiveModel as Default>::default()).await?;
        let row = issue_supervision::ActiveModel {
            id: Set(waiting.id),
            meeting_id: Set(Some(id)),
            conclusion: Set(Some(conclusion)),
            concluded_at: Set(Some(work.now())),
            ..<issue_supervision::ActiveModel as Default>::default()
        };
        let taken = || UserError::at(Code::Taken, "items");
        work.update(event, waiting, row, taken).await?;
    }
    faults.check()?;
    work.commit_with_members(Kind::Meeting, id).await?;
    Ok(id)
}

fn read_items(faults: &mut Faults, items: &[MeetingConclusionInput]) -> Vec<(Uuid, String)> {
    if items.is_empty() || items.len() > MOST_ITEMS {
        let error = UserError::at(Code::OutOfRange, "items");
        faults.add(error.with("min", 1).with("max", MOST_ITEMS));
        return Vec::new();
    }
    let mut read: Vec<(Uuid, String)> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut own = Faults::default();
        let issue = row_id(Kind::Issue, &item.issue_id);
        let conclusion = block(&mut own, "conclusion", &item.conclusion, 5000);
        if read.iter().any(|(known, _)| *known == issue) {
            let error = UserError::at(Code::Invalid, "issueId");
            own.add(error.saying("诉求重复", "The issue is named twice."));
        }
        faults.add_under(own, &["items", &index.to_string()]);
        read.push((issue, conclusion));
    }
    read
}
