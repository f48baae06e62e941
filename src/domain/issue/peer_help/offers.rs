//! Offers of help: made, decided, taken back, thanked for. Every one locks the issue first and the
//! offer after it, and counts as a change of both.

use std::sync::Arc;

use async_graphql::ID;
use entity::enterprise_issue;
use entity::peer_help_offer::{ActiveModel, Column, Entity, Model, PeerHelpOfferStatus};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::commands::{facts, touch};
use super::super::lifecycle::Action;
use super::super::policy::{self as issue_policy, stands};
use super::super::queries::SHAPE as ISSUE;
use super::policy::{self, OfferFacts};
use super::queries::SHAPE;
use super::{
    AcceptHelpInput, DeclineHelpInput, OfferAction, OfferHelpInput, ThankHelperInput,
    WithdrawHelpInput,
};
use crate::access::viewer::Viewer;
use crate::domain::input::{
    block, block_opt, expect_version, forbidden, invalid_state, not_found, role_may, row_id,
};
use crate::domain::membership::queries::roles_in_force;
use crate::domain::pairing::to_bits;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// Offers help on an issue that is open for it, once as long as the offer stands.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for what is offered; at the issue
/// `NOT_FOUND`, `FORBIDDEN` for one's own, `INVALID_STATE` where it is not open or an offer stands.
pub async fn offer(deps: Deps, actor: Actor, input: OfferHelpInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::OfferHelp);
    role_may(issue_policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let body = block(&mut faults, "body", &input.body, 2000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "offerHelp").await?;
    let id = row_id(Kind::Issue, &input.issue_id);
    let found = work.visible::<enterprise_issue::Entity>(&ISSUE, id).await?;
    let issue = found.ok_or_else(|| not_found("issueId"))?;
    let known = facts(&work, viewer, &issue).await?;
    let seat = viewer
        .seat()
        .filter(|_| issue_policy::may(viewer, action, &known));
    let Some(seat) = seat else {
        return Err(Error::user(UserError::at(Code::Forbidden, "issueId")));
    };
    if !stands(action, &known) {
        return Err(Error::user(unoffered(&issue, known.has_offered)));
    }
    told(&mut work, &issue, "issue.help_offered").await?;
    let (offer, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(offer),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        offerer_id: Set(seat.enterprise_id),
        aid: Set(to_bits(&[input.aid])),
        body: Set(body),
        status: Set(PeerHelpOfferStatus::Offered),
        decision_note: Set(None),
        decided_at: Set(None),
        thanks: Set(None),
        thanked_at: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let event = Event::new(Kind::HelpOffer, offer, "help.offered");
    work.add(event, row).await?;
    work.commit(Kind::HelpOffer, offer).await?;
    Ok(offer)
}

/// Why nothing is offered on an issue as it stands.
fn unoffered(issue: &enterprise_issue::Model, has_offered: bool) -> UserError {
    let error = UserError::at(Code::InvalidState, "issueId");
    let error = if has_offered {
        error.saying(
            "本企业的互助意向仍然有效",
            "An offer of the enterprise stands already.",
        )
    } else {
        error.saying("该诉求未开放难题共解", "The issue is not open for help.")
    };
    error.with("state", issue.state.to_value())
}

/// Accepts an offer: its enterprise reads the issue's text from now on.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE` also where the helper has left
/// the alliance, `STALE_VERSION`.
pub async fn accept(deps: Deps, actor: Actor, input: AcceptHelpInput) -> Result<Uuid> {
    role_may(policy::may_ever(&actor.viewer))?;
    let work = Work::begin(&deps, &actor, "acceptHelp").await?;
    let asked = (OfferAction::Accept, &input.id, input.expected_version);
    let (issue, offer) = open(&work, &actor.viewer, asked).await?;
    let roles = roles_in_force(work.tx(), &[offer.offerer_id]).await?;
    if roles.is_empty() {
        let error = UserError::at(Code::InvalidState, "id").saying(
            "对方企业已不在红联共建中",
            "The enterprise has left the alliance.",
        );
        return Err(Error::about(offer.id, error));
    }
    let change = ActiveModel {
        status: Set(PeerHelpOfferStatus::Accepted),
        decided_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let names = ["issue.help_accepted", "help.accepted"];
    end(work, (&issue, &offer), names, change).await
}

/// Declines an offer, an accepted one too: its enterprise reads the issue's text no more.
///
/// # Errors
/// As `accept`, and `TOO_LONG`, `INVALID` for the note.
pub async fn decline(deps: Deps, actor: Actor, input: DeclineHelpInput) -> Result<Uuid> {
    role_may(policy::may_ever(&actor.viewer))?;
    let mut faults = Faults::default();
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 500);
    faults.check()?;
    let work = Work::begin(&deps, &actor, "declineHelp").await?;
    let asked = (OfferAction::Decline, &input.id, input.expected_version);
    let (issue, offer) = open(&work, &actor.viewer, asked).await?;
    let change = ActiveModel {
        status: Set(PeerHelpOfferStatus::Declined),
        decision_note: Set(note),
        decided_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let names = ["issue.help_declined", "help.declined"];
    end(work, (&issue, &offer), names, change).await
}

/// Takes one's own offer back; who was accepted reads the issue's text no more.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`, `STALE_VERSION`.
pub async fn withdraw(deps: Deps, actor: Actor, input: WithdrawHelpInput) -> Result<Uuid> {
    role_may(policy::may_ever(&actor.viewer))?;
    let work = Work::begin(&deps, &actor, "withdrawHelp").await?;
    let asked = (OfferAction::Withdraw, &input.id, input.expected_version);
    let (issue, offer) = open(&work, &actor.viewer, asked).await?;
    let change = ActiveModel {
        status: Set(PeerHelpOfferStatus::Withdrawn),
        decided_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let names = ["issue.help_withdrawn", "help.withdrawn"];
    end(work, (&issue, &offer), names, change).await
}

/// Thanks for help, once, whatever has become of the issue.
///
/// # Errors
/// As `accept`, and `TOO_LONG`, `INVALID` for the note.
pub async fn thank(deps: Deps, actor: Actor, input: ThankHelperInput) -> Result<Uuid> {
    role_may(policy::may_ever(&actor.viewer))?;
    let mut faults = Faults::default();
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 1000);
    faults.check()?;
    let work = Work::begin(&deps, &actor, "thankHelper").await?;
    let asked = (OfferAction::Thank, &input.id, input.expected_version);
    let (issue, offer) = open(&work, &actor.viewer, asked).await?;
    let change = ActiveModel {
        status: Set(PeerHelpOfferStatus::Thanked),
        thanks: Set(note),
        thanked_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let names = ["issue.help_thanked", "help.thanked"];
    end(work, (&issue, &offer), names, change).await
}

/// The issue and the offer, locked in this order as everywhere, when this viewer may do this to
/// the offer as it stands.
async fn open(
    work: &Work,
    viewer: &Arc<Viewer>,
    (action, id, expected_version): (OfferAction, &ID, i32),
) -> Result<(enterprise_issue::Model, Model)> {
    let id = row_id(Kind::HelpOffer, id);
    let known = Entity::find_by_id(id)
        .filter(Column::DistrictId.eq(work.district_id()))
        .all(work.tx())
        .await?
        .pop()
        .ok_or_else(|| not_found("id"))?;
    let issue = enterprise_issue::Entity::find()
        .filter(enterprise_issue::Column::Id.eq(known.issue_id))
        .for_change()
        .all(work.tx())
        .await?
        .pop()
        .ok_or_else(|| Error::Internal("an offer without an issue".to_owned()))?;
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let offer = found.ok_or_else(|| not_found("id"))?;
    let facts = OfferFacts {
        owner_id: issue.enterprise_id,
        offerer_id: offer.offerer_id,
        status: offer.status,
    };
    if !policy::may(viewer, action, &facts) {
        return Err(forbidden(id));
    }
    if !action.exists_in(offer.status) {
        return Err(invalid_state(id, offer.status.to_value()));
    }
    expect_version(id, offer.version, expected_version)?;
    Ok((issue, offer))
}

/// Writes what was decided, told as one thing of the issue and one of the offer.
async fn end(
    mut work: Work,
    (issue, offer): (&enterprise_issue::Model, &Model),
    [of_issue, of_offer]: [&'static str; 2],
    row: ActiveModel,
) -> Result<Uuid> {
    told(&mut work, issue, of_issue).await?;
    change(&mut work, offer, of_offer, row).await?;
    work.commit(Kind::HelpOffer, offer.id).await?;
    Ok(offer.id)
}

/// The issue's version counts what belongs to it.
async fn told(
    work: &mut Work,
    issue: &enterprise_issue::Model,
    name: &'static str,
) -> Result<enterprise_issue::Model> {
    let event = Event::new(Kind::Issue, issue.id, name);
    let change = <enterprise_issue::ActiveModel as Default>::default();
    work.tell(event, "peer_help_offer");
    touch(work, event, issue, change).await
}

/// Changes an offer.
pub(super) async fn change(
    work: &mut Work,
    before: &Model,
    name: &'static str,
    change: ActiveModel,
) -> Result<Model> {
    let row = ActiveModel {
        id: Set(before.id),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..change
    };
    let event = Event::new(Kind::HelpOffer, before.id, name);
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, before, row, taken).await
}
