//! A pairing to be: a draft that binds nobody.

use entity::pairing::{ActiveModel, PairingKind, PairingStatus};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::rules::Size;
use super::super::{ProposePairingInput, policy, queries};
use super::{Parties, member_row};
use crate::domain::input::{block_opt, line, not_found, role_may, row_id};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// The most members that any policy can allow.
const MOST_MEMBERS: usize = 20;

/// Proposes a pairing.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for a list with a double or the
/// lead in it and for enterprises that do not suit, `OUT_OF_RANGE` for their number, `NOT_FOUND`,
/// `FORBIDDEN` for a lead that proposes more than its own 1+N.
pub async fn propose(deps: Deps, actor: Actor, input: ProposePairingInput) -> Result<Uuid> {
    role_may(policy::may_ever_propose(&actor.viewer))?;
    let lead = row_id(Kind::Enterprise, &input.lead_id);
    let mut faults = Faults::default();
    let name = line(&mut faults, "name", &input.name, 120);
    let goals = block_opt(&mut faults, "goals", input.goals.as_deref(), 2000);
    let most = match input.kind {
        PairingKind::OnePlusN => MOST_MEMBERS,
        PairingKind::SoePrivate => 1,
    };
    if input.member_ids.is_empty() {
        faults.add(UserError::at(Code::Required, "memberIds"));
    } else if input.member_ids.len() > most {
        faults.add(wrong_number(&most));
    }
    let mut members: Vec<Uuid> = Vec::new();
    for (index, id) in input.member_ids.iter().enumerate().take(most) {
        let member = row_id(Kind::Enterprise, id);
        let fault = UserError::at(Code::Invalid, "memberIds").item(index);
        if member == lead && !member.is_nil() {
            faults.add(fault.saying(
                "牵头方不能同时是成员",
                "The lead cannot be a member of its own pairing.",
            ));
        } else if members.contains(&member) && !member.is_nil() {
            faults.add(fault.saying("成员重复", "The member is named twice."));
        }
        members.push(member);
    }
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "proposePairing").await?;
    let parties = Parties::load(&work, &[members.as_slice(), &[lead]].concat()).await?;
    if !parties.knows(lead) {
        return Err(not_found("leadId"));
    }
    if !policy::may_propose(&actor.viewer, input.kind, lead) {
        return Err(Error::user(UserError::at(Code::Forbidden, "leadId")));
    }
    let Size { max, .. } = queries::size(work.tx(), work.district_id(), input.kind).await?;
    if usize::try_from(max).is_ok_and(|max| members.len() > max) {
        return Err(Error::user(wrong_number(&max)));
    }
    let mut faults = Faults::default();
    if let Some(fault) = parties.fault(input.kind, true, lead, "leadId") {
        faults.add(fault);
    }
    for (index, member) in members.iter().enumerate() {
        if let Some(fault) = parties.fault(input.kind, false, *member, "memberIds") {
            faults.add(fault.item(index));
        }
    }
    faults.check()?;

    let id = work.new_id();
    let event = Event::new(Kind::Pairing, id, "pairing.proposed");
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        kind: Set(input.kind),
        lead_id: Set(lead),
        name: Set(name),
        goals: Set(goals),
        status: Set(PairingStatus::Draft),
        starts_on: Set(None),
        ends_on: Set(None),
        under_strength_since: Set(None),
        end_reason: Set(None),
        proposed_by_id: Set(work.user_id()),
        version: Set(1),
        created_at: Set(work.now()),
        updated_at: Set(work.now()),
    };
    let pairing = work.add(event, row).await?;
    for member in members {
        let row = member_row(&work, &pairing, member, None);
        work.add(event, row).await?;
    }
    work.commit(Kind::Pairing, id).await?;
    Ok(id)
}

fn wrong_number(max: &impl ToString) -> UserError {
    let max = max.to_string();
    UserError::at(Code::OutOfRange, "memberIds")
        .saying(
            format!("成员数须为 1 至 {max} 家"),
            format!("From 1 to {max} members."),
        )
        .with("min", 1)
        .with("max", max)
}
