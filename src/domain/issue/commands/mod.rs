//! Changes of issues. Every one locks the issue, so that its steps and entries are counted one
//! after the other; all that belongs to it changes under its version.

mod appeal;
mod callback;
mod closing;
mod cluster;
mod create;
mod ending;
mod extension;
mod footing;
mod grouped;
mod handling;
mod intake;
mod merging;
mod passing;
mod pause;
mod raise;
mod reclassify;
mod urge;

use std::sync::Arc;

use async_graphql::ID;
use chrono::NaiveDate;
use entity::enterprise_issue::{ActiveModel, Entity, IssueOutcome, Model};
use entity::issue_progress::{self, ProgressKind, ProgressPurpose};
use entity::issue_transition::{self, RejectReason, TransitionKind, WithdrawReason};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::clocks::{self, Taking};
use super::lifecycle::{self, Action};
use super::peer_help;
use super::policy::{self, Facts};
use super::queries::SHAPE;
use super::similar;
use super::standing;
use crate::access::viewer::Viewer;
use crate::domain::input::{expect_version, forbidden, invalid_state, not_found, row_id};
use crate::kernel::error::{Code, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::ledger::Ledger;
use crate::store::work::{Event, Work};

pub use appeal::{appeal, decide_appeal};
pub use callback::record_callback;
pub use closing::{rate, reopen};
pub use cluster::{cluster, respond_to_cluster};
pub(in crate::domain::issue) use create::MOST_TAGS;
pub use create::create;
pub use ending::{archive, close_dissatisfied, withdraw};
pub use extension::{approve_extension, reject_extension, request_extension};
pub use handling::{add_progress, assign, respond, return_assignment, start_handling};
pub use intake::{accept, reject, request_info, submit, supply_info};
pub use merging::merge;
pub use passing::{recount, sweep};
pub use pause::{add_interim_reply, hold, move_to_long_term, resume};
pub use raise::raise;
pub use reclassify::reclassify;
pub use urge::urge;

/// The issue, locked, when this viewer may do this to it as it stands.
pub(in crate::domain::issue) async fn open(
    work: &Work,
    viewer: &Arc<Viewer>,
    action: Action,
    id: &ID,
    expected_version: i32,
) -> Result<Model> {
    let id = row_id(Kind::Issue, id);
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let issue = found.ok_or_else(|| not_found("id"))?;
    let facts = facts(work, viewer, &issue).await?;
    if !policy::may(viewer, action, &facts) {
        return Err(forbidden(id));
    }
    if !policy::stands(action, &facts) {
        return Err(invalid_state(id, issue.state.to_value()));
    }
    expect_version(id, issue.version, expected_version)?;
    Ok(issue)
}

/// What decides who may do what; the same as `queries` computes for the field.
///
/// # Errors
/// When the database fails.
pub async fn facts(work: &Work, viewer: &Arc<Viewer>, issue: &Model) -> Result<Facts> {
    let scope = Scope {
        viewer: Arc::clone(viewer),
        rights: None,
        backend: work.tx().get_database_backend(),
        now: work.now(),
    };
    standing::facts(work.tx(), &scope, issue.id).await
}

/// What is said with a step.
#[derive(Default)]
struct Words {
    note: Option<String>,
    reject_reason: Option<RejectReason>,
    withdraw_reason: Option<WithdrawReason>,
    /// The day that is promised with it: of the next reply, or of the review of what is on hold.
    until: Option<NaiveDate>,
    /// Whether the enterprise is called back.
    is_sampled: bool,
}

impl Words {
    fn note(text: String) -> Self {
        Self {
            note: Some(text),
            ..Self::default()
        }
    }
}

/// How the events name a step.
const fn event_name(kind: TransitionKind) -> &'static str {
    match kind {
        TransitionKind::Create => "issue.created",
        TransitionKind::Submit => "issue.submitted",
        TransitionKind::Accept => "issue.accepted",
        TransitionKind::Reject => "issue.rejected",
        TransitionKind::RequestInfo => "issue.info_requested",
        TransitionKind::SupplyInfo => "issue.info_supplied",
        TransitionKind::Assign => "issue.assigned",
        TransitionKind::ReturnAssignment => "issue.assignment_returned",
        TransitionKind::StartHandling => "issue.handling_started",
        TransitionKind::Hold => "issue.held",
        TransitionKind::Resume => "issue.resumed",
        TransitionKind::MoveToLongTerm => "issue.moved_to_long_term",
        TransitionKind::Respond => "issue.responded",
        TransitionKind::CloseRated
        | TransitionKind::CloseUnrated
        | TransitionKind::CloseDissatisfied => "issue.closed",
        TransitionKind::Rework => "issue.sent_back",
        TransitionKind::Reopen => "issue.reopened",
        TransitionKind::Archive => "issue.archived",
        TransitionKind::Withdraw => "issue.withdrawn",
        TransitionKind::Merge => "issue.merged",
    }
}

/// The event of a step on an issue. Everything that the step writes is part of it.
const fn event(issue: Uuid, kind: TransitionKind) -> Event {
    Event::new(Kind::Issue, issue, event_name(kind))
}

/// Takes a step: the issue's new state with what else changes on it, what its clocks do by the
/// step's kind, and the row that tells of it.
async fn step(
    work: &mut Work,
    before: &Model,
    kind: TransitionKind,
    words: Words,
    change: ActiveModel,
) -> Result<Model> {
    let to = lifecycle::next(Some(before.state), kind, before.resume_state)
        .ok_or_else(|| invalid_state(before.id, before.state.to_value()))?;
    let event = event(before.id, kind);
    let taking = Taking {
        step: kind,
        to,
        until: words.until,
        is_sampled: words.is_sampled,
    };
    extension::lapse(work, before, kind, to).await?;
    let change = peer_help::end_with(work, event, before, to, change).await?;
    let dues = clocks::take(work, event, before, &change, taking).await?;
    let change = dues.on(ActiveModel {
        state: Set(to),
        ..change
    });
    let after = touch(work, event, before, change).await?;
    if before.submitted_at.is_none() && after.submitted_at.is_some() {
        similar::keep(work.tx(), &after).await?;
    }
    tell(work, &after, before, kind, words).await?;
    Ok(after)
}

/// Changes the issue itself; its version counts every change of what belongs to it.
pub(in crate::domain::issue) async fn touch(
    work: &mut Work,
    event: Event,
    before: &Model,
    change: ActiveModel,
) -> Result<Model> {
    let row = ActiveModel {
        id: Set(before.id),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..change
    };
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, before, row, taken).await
}

/// The row that tells of a step.
async fn tell(
    work: &mut Work,
    after: &Model,
    before: &Model,
    kind: TransitionKind,
    words: Words,
) -> Result<()> {
    let seq = issue_transition::Entity::find()
        .select_only()
        .column_as(issue_transition::Column::Seq.max(), "last")
        .filter(issue_transition::Column::IssueId.eq(after.id));
    let last: Vec<Option<i32>> = seq.into_tuple().all(work.tx()).await?;
    let row = issue_transition::Model {
        // The first step of an issue that this action wrote is still to come.
        seq: last.into_iter().next().flatten().unwrap_or(1) + 1,
        kind,
        from_state: Some(before.state),
        reject_reason: words.reject_reason,
        withdraw_reason: words.withdraw_reason,
        note: words.note,
        ..creation(work, after)
    };
    let row = row.into_active_model().reset_all();
    work.add(event(after.id, kind), row).await?;
    Ok(())
}

/// The row that tells of an issue's first step, which nothing counts in the action that takes it.
fn first_step(ledger: &mut Ledger, issue: &Model) -> Result<()> {
    let row = creation(ledger, issue);
    ledger.add_last::<issue_transition::Entity>(event(issue.id, row.kind), row)
}

fn creation(ledger: &Ledger, issue: &Model) -> issue_transition::Model {
    issue_transition::Model {
        id: ledger.new_id(),
        district_id: issue.district_id,
        issue_id: issue.id,
        seq: 1,
        kind: TransitionKind::Create,
        from_state: None,
        to_state: issue.state,
        actor_id: ledger.user_id(),
        reject_reason: None,
        withdraw_reason: None,
        note: None,
        created_at: ledger.now(),
    }
}

/// Something to write on an issue.
#[derive(Clone)]
pub(in crate::domain::issue) struct Entry {
    kind: ProgressKind,
    body: String,
    is_internal: bool,
    outcome: Option<IssueOutcome>,
    purpose: Option<ProgressPurpose>,
    next_reply_on: Option<NaiveDate>,
}

impl Entry {
    pub(in crate::domain::issue) const fn new(kind: ProgressKind, body: String) -> Self {
        Self {
            kind,
            body,
            is_internal: false,
            outcome: None,
            purpose: None,
            next_reply_on: None,
        }
    }

    /// An entry of the handling that is for something.
    fn for_purpose(purpose: ProgressPurpose, body: String) -> Self {
        Self {
            purpose: Some(purpose),
            ..Self::new(ProgressKind::Progress, body)
        }
    }
}

/// Writes an entry on an issue.
pub(in crate::domain::issue) async fn enter(
    work: &mut Work,
    event: Event,
    issue: &Model,
    entry: Entry,
) -> Result<()> {
    let seq = issue_progress::Entity::find()
        .select_only()
        .column_as(issue_progress::Column::Seq.max(), "last")
        .filter(issue_progress::Column::IssueId.eq(issue.id));
    let last: Vec<Option<i32>> = seq.into_tuple().all(work.tx()).await?;
    let last = last.into_iter().next();
    let row = issue_progress::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        seq: Set(last.flatten().unwrap_or(0) + 1),
        kind: Set(entry.kind),
        body: Set(entry.body),
        is_internal: Set(entry.is_internal),
        outcome: Set(entry.outcome),
        purpose: Set(entry.purpose),
        next_reply_on: Set(entry.next_reply_on),
        author_id: Set(work.user_id()),
        created_at: Set(work.now()),
    };
    work.add(event, row).await?;
    Ok(())
}
