//! Members that come and go. Under the policy's minimum a pairing stays in force, under strength.

use entity::pairing::{ActiveModel, Model, PairingStatus};
use sea_orm::ActiveValue::{NotSet, Set};
use uuid::Uuid;

use super::super::rules::{Size, is_in_force};
use super::super::{
    AddPairingMemberInput, PairingAction, RemovePairingMemberInput, policy, queries,
};
use super::{Parties, check_free, count, leave, member_row, members, open, state, taken, write};
use crate::domain::input::{not_found, role_may, row_id};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Adds a member: at once where the pairing is in force, as proposed in a draft.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `INVALID_STATE`, `STALE_VERSION`, `LIMIT_EXCEEDED` over
/// the policy's maximum, `INVALID` where the enterprise does not suit, `TAKEN` where it is in this
/// or another pairing in force of the kind.
pub async fn add_member(deps: Deps, actor: Actor, input: AddPairingMemberInput) -> Result<Uuid> {
    let action = PairingAction::AddMember;
    role_may(policy::may_ever(&actor.viewer, action))?;
    let id = row_id(Kind::Pairing, &input.id);
    let mut work = Work::begin(&deps, &actor, "addPairingMember").await?;
    let pairing = open(&work, &actor.viewer, action, id, input.expected_version).await?;
    let enterprise = row_id(Kind::Enterprise, &input.enterprise_id);
    let parties = Parties::load(&work, &[enterprise]).await?;
    if !parties.knows(enterprise) {
        return Err(not_found("enterpriseId"));
    }
    if enterprise == pairing.lead_id {
        let error = UserError::at(Code::Invalid, "enterpriseId").saying(
            "牵头方不能同时是成员",
            "The lead cannot be a member of its own pairing.",
        );
        return Err(Error::about(id, error));
    }
    let members = members(&work, id).await?;
    if members
        .iter()
        .any(|member| member.enterprise_id == enterprise)
    {
        let error = UserError::at(Code::Taken, "enterpriseId").saying(
            "该企业已在此结对中",
            "The enterprise is in this pairing already.",
        );
        return Err(Error::about(id, error));
    }
    let size = queries::size(work.tx(), pairing.district_id, pairing.kind).await?;
    let after = count(&members).saturating_add(1);
    if after > size.max {
        let error = UserError::at(Code::LimitExceeded, "enterpriseId")
            .saying(
                format!("结对最多 {} 家成员", size.max),
                format!("A pairing has at most {} members.", size.max),
            )
            .with("max", size.max);
        return Err(Error::about(id, error));
    }
    if let Some(fault) = parties.fault(pairing.kind, false, enterprise, "enterpriseId") {
        return Err(Error::about(id, fault));
    }
    let in_force = is_in_force(pairing.status);
    if in_force {
        check_free(&work, &pairing, &[enterprise], "enterpriseId").await?;
    }

    let event = Event::new(Kind::Pairing, id, "pairing.member_added");
    let change = strength(&work, &pairing, size, after);
    write(&mut work, event, &pairing, change).await?;
    let joined_on = in_force.then(|| business_date(work.now()));
    let row = member_row(&work, &pairing, enterprise, joined_on);
    work.insert(event, row, || taken("enterpriseId")).await?;
    work.commit(Kind::Pairing, id).await?;
    Ok(id)
}

/// Removes a member; the last one stays.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `INVALID_STATE` once ended and for the last member,
/// `STALE_VERSION`.
pub async fn remove_member(
    deps: Deps,
    actor: Actor,
    input: RemovePairingMemberInput,
) -> Result<Uuid> {
    let action = PairingAction::RemoveMember;
    role_may(policy::may_ever(&actor.viewer, action))?;
    let id = row_id(Kind::Pairing, &input.id);
    let mut work = Work::begin(&deps, &actor, "removePairingMember").await?;
    let pairing = open(&work, &actor.viewer, action, id, input.expected_version).await?;
    let enterprise = row_id(Kind::Enterprise, &input.enterprise_id);
    let members = members(&work, id).await?;
    let leaving = members
        .iter()
        .find(|member| member.enterprise_id == enterprise)
        .ok_or_else(|| not_found("enterpriseId"))?;
    let after = count(&members) - 1;
    if after == 0 {
        let error = UserError::at(Code::InvalidState, "enterpriseId")
            .saying(
                "不能移除最后一家成员，请结束结对",
                "The last member cannot be removed; end the pairing instead.",
            )
            .with("state", state(&pairing))
            .with("min", 1);
        return Err(Error::about(id, error));
    }
    let size = queries::size(work.tx(), pairing.district_id, pairing.kind).await?;

    let event = Event::new(Kind::Pairing, id, "pairing.member_removed");
    let change = strength(&work, &pairing, size, after);
    write(&mut work, event, &pairing, change).await?;
    let today = business_date(work.now());
    leave(&mut work, event, leaving, today).await?;
    work.commit(Kind::Pairing, id).await?;
    Ok(id)
}

/// The state of a pairing in force by its number of members. The grace period runs from the day
/// it first fell under strength, however often members change within it.
fn strength(work: &Work, pairing: &Model, size: Size, after: i32) -> ActiveModel {
    let (status, since) = match (is_in_force(pairing.status), after < size.min) {
        (false, _) => (NotSet, NotSet),
        (true, false) => (Set(PairingStatus::Active), Set(None)),
        (true, true) => (
            Set(PairingStatus::UnderStrength),
            Set(pairing.under_strength_since.or(Some(work.now()))),
        ),
    };
    ActiveModel {
        status,
        under_strength_since: since,
        ..<ActiveModel as Default>::default()
    }
}
