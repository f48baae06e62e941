//! Calls for help: an issue is opened to the alliance, closed again, or suggested for it. A call
//! ends with the issue; what was offered and not decided lapses with it.

use entity::enterprise_issue::{ActiveModel, IssueState, IssueVisibility, Model};
use entity::issue_progress::ProgressKind;
use entity::peer_help_offer::{self, Column, PeerHelpOfferStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::commands::{Entry, MOST_TAGS, enter, open as lock, touch};
use super::super::lifecycle::{Action, OPEN};
use super::super::{limits, policy};
use super::{ClosePeerHelpInput, OpenForPeerHelpInput, SuggestPeerHelpInput, offers};
use crate::domain::input::{block, role_may, tags};
use crate::kernel::error::{Faults, Result};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// Opens an issue for help: the alliance sees its brief, with what is wanted.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for what is wanted and the tags,
/// `OUT_OF_RANGE` for too many tags, `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE` also for what may
/// never be shown, `STALE_VERSION`.
pub async fn open(deps: Deps, actor: Actor, input: OpenForPeerHelpInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::OpenForPeerHelp);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let wanted = block(&mut faults, "wanted", &input.wanted, 500);
    let tags = input
        .tags
        .map(|set| tags(&mut faults, "tags", &set, MOST_TAGS));
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "openForPeerHelp").await?;
    let issue = lock(&work, viewer, action, &input.id, input.expected_version).await?;
    let due = limits::offer_due(&work).await?;
    let change = ActiveModel {
        visibility: Set(IssueVisibility::Alliance),
        tags: Set(tags.map_or_else(|| issue.tags.clone(), Into::into)),
        is_open_for_help: Set(true),
        help_wanted: Set(Some(wanted)),
        help_opened_at: Set(Some(work.now())),
        help_due_at: Set(Some(due)),
        help_shown_before: Set(Some(issue.visibility)),
        ..<ActiveModel as Default>::default()
    };
    let event = Event::new(Kind::Issue, issue.id, "issue.help_opened");
    touch(&mut work, event, &issue, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Closes a call for help. Who was accepted goes on to help.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`.
pub async fn close(deps: Deps, actor: Actor, input: ClosePeerHelpInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::ClosePeerHelp);
    role_may(policy::may_ever(viewer, action))?;
    let mut work = Work::begin(&deps, &actor, "closePeerHelp").await?;
    let issue = lock(&work, viewer, action, &input.id, input.expected_version).await?;
    let event = Event::new(Kind::Issue, issue.id, "issue.help_closed");
    lapse(&mut work, event, &issue).await?;
    let change = closed(&issue, <ActiveModel as Default>::default());
    touch(&mut work, event, &issue, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Suggests to the enterprise to open its issue; it is an entry of the timeline.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the note, `NOT_FOUND`,
/// `FORBIDDEN`, `INVALID_STATE` also for what may never be shown, `STALE_VERSION`.
pub async fn suggest(deps: Deps, actor: Actor, input: SuggestPeerHelpInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::SuggestPeerHelp);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block(&mut faults, "note", &input.note, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "suggestPeerHelp").await?;
    let issue = lock(&work, viewer, action, &input.id, input.expected_version).await?;
    let event = Event::new(Kind::Issue, issue.id, "issue.help_suggested");
    let change = <ActiveModel as Default>::default();
    touch(&mut work, event, &issue, change).await?;
    enter(
        &mut work,
        event,
        &issue,
        Entry::new(ProgressKind::Progress, note),
    )
    .await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// What a step to a state changes on an issue beside: a call for help ends when no more work is
/// owed.
///
/// # Errors
/// When the database fails.
pub async fn end_with(
    work: &mut Work,
    event: Event,
    before: &Model,
    to: IssueState,
    change: ActiveModel,
) -> Result<ActiveModel> {
    if !before.is_open_for_help || OPEN.contains(&to) {
        return Ok(change);
    }
    lapse(work, event, before).await?;
    Ok(closed(before, change))
}

/// An issue is shown again to those who saw it before the call.
fn closed(before: &Model, change: ActiveModel) -> ActiveModel {
    ActiveModel {
        visibility: Set(before.help_shown_before.unwrap_or(before.visibility)),
        is_open_for_help: Set(false),
        help_shown_before: Set(None),
        ..change
    }
}

/// What was offered and not decided lapses.
async fn lapse(work: &mut Work, event: Event, issue: &Model) -> Result<()> {
    let waiting = peer_help_offer::Entity::find()
        .filter(Column::IssueId.eq(issue.id))
        .filter(Column::Status.eq(PeerHelpOfferStatus::Offered))
        .order_by_asc(Column::Id)
        .for_change()
        .all(work.tx())
        .await?;
    for offer in waiting {
        work.tell(event, "peer_help_offer");
        let change = peer_help_offer::ActiveModel {
            status: Set(PeerHelpOfferStatus::Lapsed),
            decided_at: Set(Some(work.now())),
            ..<peer_help_offer::ActiveModel as Default>::default()
        };
        offers::change(work, &offer, "help.lapsed", change).await?;
    }
    Ok(())
}
