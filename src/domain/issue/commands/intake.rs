//! From the draft to the decision: submission, acceptance, refusal, questions and answers.

use entity::enterprise_issue::ActiveModel;
use entity::issue_progress::ProgressKind;
use entity::issue_transition::TransitionKind;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{
    AcceptIssueInput, RejectIssueInput, RequestInfoInput, SubmitIssueInput, SupplyInfoInput, policy,
};
use super::{Entry, Words, enter, event, open, step};
use crate::domain::contact::{commands as contacts, details};
use crate::domain::input::{block, role_may};
use crate::kernel::error::{Faults, Result};
use crate::kernel::id::Kind;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// Submits a draft.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`, and
/// `REQUIRED`, `INVALID`, `TOO_LONG` for the contact.
pub async fn submit(deps: Deps, actor: Actor, input: SubmitIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Submit);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let contact = details::read_under(&mut faults, "contact", input.contact.as_ref());
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "submitIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let change = ActiveModel {
        submitted_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let (kind, words) = (TransitionKind::Submit, Words::default());
    contacts::settle(&mut work, event(issue.id, kind), &issue, contact).await?;
    step(&mut work, &issue, kind, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Accepts an issue; who does stays its first handler (首接负责).
///
/// # Errors
/// As `submit`.
pub async fn accept(deps: Deps, actor: Actor, input: AcceptIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Accept);
    role_may(policy::may_ever(viewer, action))?;
    let mut work = Work::begin(&deps, &actor, "acceptIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let change = ActiveModel {
        complexity: Set(Some(input.complexity)),
        urgency: Set(Some(input.urgency)),
        accepted_at: Set(Some(work.now())),
        first_handler_id: Set(issue.first_handler_id.or(work.user_id())),
        ..<ActiveModel as Default>::default()
    };
    let (kind, words) = (TransitionKind::Accept, Words::default());
    step(&mut work, &issue, kind, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Refuses an issue, and says where to go instead.
///
/// # Errors
/// As `submit`, and `REQUIRED`, `TOO_LONG`, `INVALID` for the advice.
pub async fn reject(deps: Deps, actor: Actor, input: RejectIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Reject);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let advice = block(&mut faults, "advice", &input.advice, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "rejectIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let words = Words {
        reject_reason: Some(input.reason),
        ..Words::note(advice)
    };
    let change = <ActiveModel as Default>::default();
    step(&mut work, &issue, TransitionKind::Reject, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Asks the enterprise; the issue waits where it stands.
///
/// # Errors
/// As `submit`, and `REQUIRED`, `TOO_LONG`, `INVALID` for the question.
pub async fn request_info(deps: Deps, actor: Actor, input: RequestInfoInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::RequestInfo);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let question = block(&mut faults, "question", &input.question, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "requestInfo").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let kind = TransitionKind::RequestInfo;
    let change = ActiveModel {
        resume_state: Set(Some(issue.state)),
        ..<ActiveModel as Default>::default()
    };
    step(&mut work, &issue, kind, Words::default(), change).await?;
    let entry = Entry::new(ProgressKind::InfoRequest, question);
    enter(&mut work, event(issue.id, kind), &issue, entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Answers a question; the issue goes on where it waited.
///
/// # Errors
/// As `submit`, and `REQUIRED`, `TOO_LONG`, `INVALID` for the answer.
pub async fn supply_info(deps: Deps, actor: Actor, input: SupplyInfoInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::SupplyInfo);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let answer = block(&mut faults, "answer", &input.answer, 5000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "supplyInfo").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let kind = TransitionKind::SupplyInfo;
    let change = ActiveModel {
        resume_state: Set(None),
        ..<ActiveModel as Default>::default()
    };
    step(&mut work, &issue, kind, Words::default(), change).await?;
    let entry = Entry::new(ProgressKind::InfoSupplied, answer);
    enter(&mut work, event(issue.id, kind), &issue, entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
