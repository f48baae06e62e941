//! From the assignment to the reply.

use async_graphql::ID;
use entity::department;
use entity::enterprise_issue::{ActiveModel, IssueOutcome, Model};
use entity::issue_co_department;
use entity::issue_progress::ProgressKind;
use entity::issue_transition::TransitionKind;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{
    AddProgressInput, AssignIssueInput, RespondToIssueInput, ReturnAssignmentInput,
    StartHandlingInput, limits, policy, timeline,
};
use super::{Entry, Words, enter, event, merging, open, step, touch};
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::district::queries::policy as district_policy;
use crate::domain::input::{block, block_opt, role_may, row_id};
use crate::domain::officer::queries::officer_of;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

const MOST_CO_DEPARTMENTS: usize = 10;

/// Assigns an issue to departments. Its officer is the one who serves the enterprise.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `INVALID_STATE`, `STALE_VERSION`; for the departments
/// `NOT_FOUND`, `INVALID_STATE` where out of use, `INVALID` where named twice, `OUT_OF_RANGE`.
pub async fn assign(deps: Deps, actor: Actor, input: AssignIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Assign);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 1000);
    let lead = row_id(Kind::Department, &input.lead_department_id);
    let helping = read_helping(&mut faults, lead, &input.co_department_ids);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "assignIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    check_departments(&work, lead, &helping).await?;
    let kind = TransitionKind::Assign;
    let change = ActiveModel {
        lead_department_id: Set(Some(lead)),
        officer_id: Set(officer_of(work.tx(), issue.enterprise_id).await?),
        assigned_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let words = Words {
        note,
        ..Words::default()
    };
    step(&mut work, &issue, kind, words, change).await?;
    name_helping(&mut work, event(issue.id, kind), &issue, &helping).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

fn read_helping(faults: &mut Faults, lead: Uuid, ids: &[ID]) -> Vec<Uuid> {
    if ids.len() > MOST_CO_DEPARTMENTS {
        let error = UserError::at(Code::OutOfRange, "coDepartmentIds");
        faults.add(error.with("max", MOST_CO_DEPARTMENTS));
        return Vec::new();
    }
    let mut helping: Vec<Uuid> = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let id = row_id(Kind::Department, id);
        if id == lead || helping.contains(&id) {
            let error = UserError::at(Code::Invalid, "coDepartmentIds").item(index);
            faults.add(error.saying("单位重复", "The department is named twice."));
        }
        helping.push(id);
    }
    helping
}

async fn check_departments(work: &Work, lead: Uuid, helping: &[Uuid]) -> Result<()> {
    let mut wanted = vec![lead];
    wanted.extend(helping);
    let found = work
        .visible_among::<department::Entity>(&DEPARTMENT, &wanted)
        .await?;
    let mut faults = Faults::default();
    for (index, id) in wanted.iter().enumerate() {
        let at = |code| match index.checked_sub(1) {
            None => UserError::at(code, "leadDepartmentId"),
            Some(index) => UserError::at(code, "coDepartmentIds").item(index),
        };
        match found.iter().find(|department| department.id == *id) {
            None => faults.add(at(Code::NotFound)),
            Some(department) if !department.is_active => faults
                .add(at(Code::InvalidState).saying("单位已停用", "The department is out of use.")),
            Some(_) => {}
        }
    }
    faults.check()
}

/// The departments that help with a new assignment.
async fn name_helping(
    work: &mut Work,
    event: Event,
    issue: &Model,
    helping: &[Uuid],
) -> Result<()> {
    for department in helping {
        let row = issue_co_department::ActiveModel {
            id: Set(work.new_id()),
            district_id: Set(issue.district_id),
            issue_id: Set(issue.id),
            department_id: Set(*department),
            created_at: Set(work.now()),
        };
        work.add(event, row).await?;
    }
    Ok(())
}

/// Gives an assignment back, within a working day. After as many returns as the policy allows the
/// district decides (兜底).
///
/// # Errors
/// As `assign`, and `FORBIDDEN` for who does not handle it, `INVALID_STATE` when the time is over,
/// `LIMIT_EXCEEDED`.
pub async fn return_assignment(
    deps: Deps,
    actor: Actor,
    input: ReturnAssignmentInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::ReturnAssignment);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "returnAssignment").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let most = district_policy(work.tx(), issue.district_id)
        .await?
        .max_returns;
    if issue.return_count >= most {
        let error = UserError::at(Code::LimitExceeded, "id")
            .saying(
                format!("最多可退单 {most} 次，请由区级裁定"),
                format!(
                    "An assignment is returned {most} times at most; now the district decides."
                ),
            )
            .with("max", most);
        return Err(Error::about(issue.id, error));
    }
    let (assigned, days) = (
        issue.assigned_at.unwrap_or_else(|| work.now()),
        limits::RETURN_WITHIN,
    );
    if !limits::is_within(&work, assigned, days).await? {
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                format!("退单须在交办后 {days} 个工作日内提出"),
                format!("An assignment is returned within {days} working day."),
            )
            .with("workingDays", days);
        return Err(Error::about(issue.id, error));
    }
    // Who gave it back handles it no more, nor does who was to help.
    let change = ActiveModel {
        lead_department_id: Set(None),
        return_count: Set(issue.return_count + 1),
        ..<ActiveModel as Default>::default()
    };
    let kind = TransitionKind::ReturnAssignment;
    step(&mut work, &issue, kind, Words::note(reason), change).await?;
    for helping in timeline::co_departments(work.tx(), issue.id).await? {
        work.remove(event(issue.id, kind), helping).await?;
    }
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Starts the handling, with the first contact to the enterprise.
///
/// # Errors
/// As `return_assignment`.
pub async fn start_handling(deps: Deps, actor: Actor, input: StartHandlingInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::StartHandling);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let contact = block(&mut faults, "firstContact", &input.first_contact, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "startHandling").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let kind = TransitionKind::StartHandling;
    let change = ActiveModel {
        handling_started_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    step(&mut work, &issue, kind, Words::default(), change).await?;
    let entry = Entry::new(ProgressKind::FirstContact, contact);
    enter(&mut work, event(issue.id, kind), &issue, entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Tells of a step of the handling.
///
/// # Errors
/// As `return_assignment`.
pub async fn add_progress(deps: Deps, actor: Actor, input: AddProgressInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::AddProgress);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let body = block(&mut faults, "body", &input.body, 5000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "addProgress").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    // What is internal is not told to the enterprise, not even that there is something.
    let name = if input.is_internal {
        "issue.noted"
    } else {
        "issue.progressed"
    };
    let event = Event::new(Kind::Issue, issue.id, name);
    touch(
        &mut work,
        event,
        &issue,
        <ActiveModel as Default>::default(),
    )
    .await?;
    let entry = Entry {
        is_internal: input.is_internal,
        ..Entry::new(ProgressKind::Progress, body)
    };
    enter(&mut work, event, &issue, entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Answers an issue; the enterprise rates the reply.
///
/// # Errors
/// As `return_assignment`.
pub async fn respond(deps: Deps, actor: Actor, input: RespondToIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Respond);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reply = block(&mut faults, "reply", &input.reply, 5000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "respondToIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    answer(&mut work, &issue, reply, input.outcome).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// The answer itself, which those that were merged into the issue hear too.
pub(super) async fn answer(
    work: &mut Work,
    issue: &Model,
    reply: String,
    outcome: IssueOutcome,
) -> Result<()> {
    let kind = TransitionKind::Respond;
    let change = ActiveModel {
        outcome: Set(Some(outcome)),
        responded_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    step(work, issue, kind, Words::default(), change).await?;
    let entry = Entry {
        outcome: Some(outcome),
        ..Entry::new(ProgressKind::Response, reply)
    };
    enter(work, event(issue.id, kind), issue, entry.clone()).await?;
    merging::share(work, issue, &entry).await
}
