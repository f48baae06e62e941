//! What the enterprises of a pairing did together.

use entity::pairing::Entity;
use entity::pairing_interaction::ActiveModel;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::queries::SHAPE;
use super::super::rules::state_allows;
use super::super::{CoBuildMode, PairingAction, RecordInteractionInput, policy, to_bits};
use super::state;
use crate::domain::input::{self, EPOCH, block_opt, line, not_found, number, role_may, row_id};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

const MOST_PARTICIPANTS: i32 = 100_000;

/// Records an interaction.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `NOT_FOUND`,
/// `FORBIDDEN` for a lead and another's pairing, `INVALID_STATE` where it is not in force.
pub async fn record(deps: Deps, actor: Actor, input: RecordInteractionInput) -> Result<Uuid> {
    let action = PairingAction::RecordInteraction;
    role_may(policy::may_ever(&actor.viewer, action))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let held_on = input::day(&mut faults, "heldOn", input.held_on, EPOCH, today);
    let title = line(&mut faults, "title", &input.title, 200);
    let summary = block_opt(&mut faults, "summary", input.summary.as_deref(), 2000);
    if input.modes.is_empty() {
        faults.add(UserError::at(Code::Required, "modes"));
    }
    check_distinct(&mut faults, "modes", &input.modes);
    check_distinct(&mut faults, "aids", &input.aids);
    check_deal(&mut faults, &input);
    let participants = input
        .participant_count
        .map(|count| number(&mut faults, "participantCount", count, 0, MOST_PARTICIPANTS));
    faults.check()?;

    let pairing_id = row_id(Kind::Pairing, &input.pairing_id);
    let mut work = Work::begin(&deps, &actor, "recordInteraction").await?;
    let found = work.visible::<Entity>(&SHAPE, pairing_id).await?;
    let pairing = found.ok_or_else(|| not_found("pairingId"))?;
    if !policy::may(&actor.viewer, action, pairing.lead_id) {
        return Err(Error::user(UserError::at(Code::Forbidden, "pairingId")));
    }
    if !state_allows(action, pairing.status) {
        let error = UserError::at(Code::InvalidState, "pairingId").with("state", state(&pairing));
        return Err(Error::user(error));
    }
    let mut faults = Faults::default();
    let first = pairing.starts_on.unwrap_or(EPOCH);
    input::day(&mut faults, "heldOn", held_on, first, today);
    faults.check()?;

    let (id, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(pairing.district_id),
        pairing_id: Set(pairing_id),
        interaction_type: Set(input.interaction_type),
        held_on: Set(held_on),
        title: Set(title),
        summary: Set(summary),
        modes: Set(to_bits(&input.modes)),
        aids: Set(to_bits(&input.aids)),
        participant_count: Set(participants),
        deal_type: Set(input.deal.map(|deal| deal.deal_type)),
        deal_amount_band: Set(input.deal.map(|deal| deal.amount_band)),
        recorded_by_id: Set(work.user_id()),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    // Its own event, not the pairing's: fewer read it than read the pairing.
    let event = Event::new(Kind::Interaction, id, "interaction.recorded");
    work.add(event, row).await?;
    work.commit(Kind::Interaction, id).await?;
    Ok(id)
}

fn check_distinct<E: PartialEq>(faults: &mut Faults, field: &str, values: &[E]) {
    for (index, value) in values.iter().enumerate() {
        if values.iter().take(index).any(|before| before == value) {
            let error = UserError::at(Code::Invalid, field).item(index);
            faults.add(error.saying("重复的选项", "The value is named twice."));
        }
    }
}

/// Cooperation to mutual benefit is a deal, and a deal is that.
fn check_deal(faults: &mut Faults, input: &RecordInteractionInput) {
    let wins = input.modes.contains(&CoBuildMode::WinWin);
    if wins && input.deal.is_none() {
        faults.add(UserError::at(Code::Required, "deal").saying(
            "合作共赢须填写合作事项",
            "WIN_WIN needs the deal that came of it.",
        ));
    } else if !wins && input.deal.is_some() {
        faults.add(UserError::at(Code::Invalid, "deal").saying(
            "合作事项须选择合作共赢模式",
            "A deal is recorded under the mode WIN_WIN.",
        ));
    }
}
