//! Where work waits or takes long: holds, long-term follow-ups and the replies on their way.

use entity::enterprise_issue::ActiveModel;
use entity::issue_progress::ProgressPurpose;
use entity::issue_transition::TransitionKind;
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{
    AddInterimReplyInput, HoldIssueInput, MoveToLongTermInput, ResumeIssueInput, clocks, limits,
    policy,
};
use super::{Entry, Words, enter, merging, open, step, touch};
use crate::domain::input::{block, block_opt, role_may};
use crate::kernel::error::{Faults, Result};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Puts an issue on hold until something comes, to be looked at again by a day.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `OUT_OF_RANGE` for
/// the day, `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`.
pub async fn hold(deps: Deps, actor: Actor, input: HoldIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Hold);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "holdIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    limits::review_day(&work, "reviewOn", input.review_on.0).await?;
    let words = Words {
        until: Some(input.review_on.0),
        ..Words::note(reason)
    };
    let change = <ActiveModel as Default>::default();
    step(&mut work, &issue, TransitionKind::Hold, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Ends a hold.
///
/// # Errors
/// As `hold`, without a day.
pub async fn resume(deps: Deps, actor: Actor, input: ResumeIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Resume);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "resumeIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let words = Words {
        note,
        ..Words::default()
    };
    let change = <ActiveModel as Default>::default();
    step(&mut work, &issue, TransitionKind::Resume, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Follows an issue up over a long time (一跟到底), with a reply by a day.
///
/// # Errors
/// As `hold`.
pub async fn move_to_long_term(
    deps: Deps,
    actor: Actor,
    input: MoveToLongTermInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::MoveToLongTerm);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let cause = block(&mut faults, "cause", &input.cause, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "moveToLongTerm").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    limits::review_day(&work, "nextReplyOn", input.next_reply_on.0).await?;
    let words = Words {
        until: Some(input.next_reply_on.0),
        ..Words::note(cause)
    };
    let kind = TransitionKind::MoveToLongTerm;
    let change = <ActiveModel as Default>::default();
    step(&mut work, &issue, kind, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Replies on the way of a long-term follow-up, and promises the next reply.
///
/// # Errors
/// As `hold`.
pub async fn add_interim_reply(
    deps: Deps,
    actor: Actor,
    input: AddInterimReplyInput,
) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::AddInterimReply);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reply = block(&mut faults, "reply", &input.reply, 5000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "addInterimReply").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    limits::review_day(&work, "nextReplyOn", input.next_reply_on.0).await?;
    let event = Event::new(Kind::Issue, issue.id, "issue.replied_on_the_way");
    let next = input.next_reply_on.0;
    let dues = clocks::promise(&mut work, event, &issue, next).await?;
    let change = dues.on(<ActiveModel as Default>::default());
    touch(&mut work, event, &issue, change).await?;
    let entry = Entry {
        next_reply_on: Some(next),
        ..Entry::for_purpose(ProgressPurpose::InterimReply, reply)
    };
    enter(&mut work, event, &issue, entry.clone()).await?;
    merging::share(&mut work, &issue, &entry).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
