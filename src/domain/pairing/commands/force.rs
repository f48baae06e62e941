//! When a pairing comes into force, and when it ends.

use chrono::NaiveDate;
use entity::pairing::{ActiveModel, PairingStatus};
use entity::pairing_interaction;
use entity::pairing_member::{self, PairingMemberStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::super::{ActivatePairingInput, EndPairingInput, PairingAction, policy, queries};
use super::{Parties, check_free, count, leave, members, open, taken, write};
use crate::domain::input::{self, EPOCH, block, role_may, row_id};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Brings a draft into force.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `INVALID_STATE`, `STALE_VERSION`, `OUT_OF_RANGE` for the
/// day and for the number of members, `INVALID` where a membership of the alliance no longer
/// suits, `TAKEN` where an enterprise is bound by another pairing of the kind.
pub async fn activate(deps: Deps, actor: Actor, input: ActivatePairingInput) -> Result<Uuid> {
    role_may(policy::may_ever(&actor.viewer, PairingAction::Activate))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let starts_on = input.starts_on.map_or(today, Into::into);
    let starts_on = input::day(&mut faults, "startsOn", starts_on, EPOCH, today);
    faults.check()?;

    let id = row_id(Kind::Pairing, &input.id);
    let mut work = Work::begin(&deps, &actor, "activatePairing").await?;
    let action = PairingAction::Activate;
    let pairing = open(&work, &actor.viewer, action, id, input.expected_version).await?;
    let members = members(&work, id).await?;
    let size = queries::size(work.tx(), pairing.district_id, pairing.kind).await?;
    if !size.holds(count(&members)) {
        let error = UserError::at(Code::OutOfRange, "id")
            .saying(
                format!(
                    "结对须有 {} 至 {} 家成员，现有 {} 家",
                    size.min,
                    size.max,
                    members.len()
                ),
                format!(
                    "A pairing has from {} to {} members; this one has {}.",
                    size.min,
                    size.max,
                    members.len()
                ),
            )
            .with("min", size.min)
            .with("max", size.max)
            .with("count", members.len());
        return Err(Error::about(id, error));
    }
    let mut parties: Vec<Uuid> = members.iter().map(|member| member.enterprise_id).collect();
    parties.push(pairing.lead_id);
    let known = Parties::load(&work, &parties).await?;
    for party in &parties {
        let leads = *party == pairing.lead_id;
        if let Some(fault) = known.fault(pairing.kind, leads, *party, "id") {
            return Err(Error::about(id, fault));
        }
    }
    check_free(&work, &pairing, &parties, "id").await?;

    let event = Event::new(Kind::Pairing, id, "pairing.activated");
    let change = ActiveModel {
        status: Set(PairingStatus::Active),
        starts_on: Set(Some(starts_on)),
        ..<ActiveModel as Default>::default()
    };
    write(&mut work, event, &pairing, change).await?;
    for member in &members {
        let row = pairing_member::ActiveModel {
            id: Set(member.id),
            status: Set(PairingMemberStatus::Active),
            joined_on: Set(Some(starts_on)),
            version: Set(member.version + 1),
            updated_at: Set(work.now()),
            ..<pairing_member::ActiveModel as Default>::default()
        };
        work.update(event, member, row, || taken("id")).await?;
    }
    work.commit(Kind::Pairing, id).await?;
    Ok(id)
}

/// Ends a pairing, a draft too; its members leave on the same day.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `NOT_FOUND`, `INVALID_STATE`,
/// `STALE_VERSION`, `OUT_OF_RANGE` for a day before something of the pairing.
pub async fn end(deps: Deps, actor: Actor, input: EndPairingInput) -> Result<Uuid> {
    role_may(policy::may_ever(&actor.viewer, PairingAction::End))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let ends_on = input.ends_on.map_or(today, Into::into);
    let ends_on = input::day(&mut faults, "endsOn", ends_on, EPOCH, today);
    let reason = block(&mut faults, "reason", &input.reason, 500);
    faults.check()?;

    let id = row_id(Kind::Pairing, &input.id);
    let mut work = Work::begin(&deps, &actor, "endPairing").await?;
    let action = PairingAction::End;
    let pairing = open(&work, &actor.viewer, action, id, input.expected_version).await?;
    let members = members(&work, id).await?;
    // It cannot have ended before the last thing that happened in it.
    let mut days: Vec<NaiveDate> = members
        .iter()
        .filter_map(|member| member.joined_on)
        .collect();
    days.extend(pairing.starts_on);
    days.extend(last_interaction(&work, id).await?);
    let last = days.into_iter().max().unwrap_or(EPOCH);
    let mut faults = Faults::default();
    input::day(&mut faults, "endsOn", ends_on, last, today);
    faults.check()?;

    let event = Event::new(Kind::Pairing, id, "pairing.ended");
    let change = ActiveModel {
        status: Set(PairingStatus::Ended),
        ends_on: Set(Some(ends_on)),
        under_strength_since: Set(None),
        end_reason: Set(Some(reason)),
        ..<ActiveModel as Default>::default()
    };
    write(&mut work, event, &pairing, change).await?;
    for member in &members {
        leave(&mut work, event, member, ends_on).await?;
    }
    work.commit(Kind::Pairing, id).await?;
    Ok(id)
}

async fn last_interaction(work: &Work, pairing: Uuid) -> Result<Option<NaiveDate>> {
    Ok(pairing_interaction::Entity::find()
        .select_only()
        .column(pairing_interaction::Column::HeldOn)
        .filter(pairing_interaction::Column::PairingId.eq(pairing))
        .order_by_desc(pairing_interaction::Column::HeldOn)
        .into_tuple()
        .one(work.tx())
        .await?)
}
