//! Changes of pairings. Every change of one locks its row and the enterprises it binds, as
//! changes of memberships do; the members' rows are part of the pairing, its version counts theirs.

mod force;
mod interaction;
mod members;
mod propose;

use chrono::NaiveDate;
use entity::membership::MembershipRole;
use entity::pairing::{ActiveModel, Entity, Model, PairingKind};
use entity::pairing_member::{self, PairingMemberStatus};
use entity::{enterprise, pairing};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

use super::queries::SHAPE;
use super::rules::{self, Bar};
use super::{PairingAction, policy, queries};
use crate::access::viewer::Viewer;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::input::{expect_version, forbidden, invalid_state, not_found};
use crate::domain::membership::queries::roles_in_force;
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::kernel::id::{self, Kind};
use crate::store::work::{Event, Work};

pub use force::{activate, end};
pub use interaction::record;
pub use members::{add_member, remove_member};
pub use propose::propose;

/// The pairing, locked, when this viewer may do this to it as it stands.
async fn open(
    work: &Work,
    viewer: &Viewer,
    action: PairingAction,
    id: Uuid,
    expected_version: i32,
) -> Result<Model> {
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let pairing = found.ok_or_else(|| not_found("id"))?;
    if !policy::may(viewer, action, pairing.lead_id) {
        return Err(forbidden(id));
    }
    if !rules::state_allows(action, pairing.status) {
        return Err(invalid_state(id, state(&pairing)));
    }
    expect_version(id, pairing.version, expected_version)?;
    Ok(pairing)
}

fn state(pairing: &Model) -> String {
    sea_orm::ActiveEnum::to_value(&pairing.status)
}

/// The members that have not left, in the order they came.
async fn members(work: &Work, pairing: Uuid) -> Result<Vec<pairing_member::Model>> {
    Ok(pairing_member::Entity::find()
        .filter(pairing_member::Column::PairingId.eq(pairing))
        .filter(pairing_member::Column::Status.ne(PairingMemberStatus::Left))
        .order_by_asc(pairing_member::Column::CreatedAt)
        .order_by_asc(pairing_member::Column::Id)
        .all(work.tx())
        .await?)
}

fn count(members: &[pairing_member::Model]) -> i32 {
    i32::try_from(members.len()).unwrap_or(i32::MAX)
}

/// Enterprises that are to take part, locked, with their roles in the alliance.
struct Parties {
    enterprises: HashMap<Uuid, enterprise::Model>,
    roles: HashMap<Uuid, MembershipRole>,
}

impl Parties {
    async fn load(work: &Work, ids: &[Uuid]) -> Result<Self> {
        let found = work
            .visible_among::<enterprise::Entity>(&ENTERPRISE, ids)
            .await?;
        // After the lock: a role that ends meanwhile has ended by now.
        let roles = roles_in_force(work.tx(), ids).await?;
        Ok(Self {
            enterprises: found.into_iter().map(|row| (row.id, row)).collect(),
            roles,
        })
    }

    fn knows(&self, enterprise: Uuid) -> bool {
        self.enterprises.contains_key(&enterprise)
    }

    /// What is wrong with an enterprise on a side of a pairing, to be said at a field.
    fn fault(
        &self,
        kind: PairingKind,
        leads: bool,
        enterprise: Uuid,
        field: &str,
    ) -> Option<UserError> {
        let Some(row) = self.enterprises.get(&enterprise) else {
            return Some(UserError::at(Code::NotFound, field));
        };
        let role = self.roles.get(&enterprise).copied();
        let error = UserError::at(Code::Invalid, field);
        let error = match rules::bar(kind, leads, role, row)? {
            Bar::Role => {
                let (zh, en) = role_message(kind, leads);
                error.saying(zh, en)
            }
            Bar::Ownership => error.saying(
                "国企与民企结对的民企一方须为非公企业",
                "The private side of the pairing must be a private enterprise.",
            ),
            Bar::Industry => error.saying(
                "国企与民企结对的双方均须为医药企业",
                "Both sides of the pairing must be of the pharmaceutical trade.",
            ),
        };
        Some(error.with("enterprise", id::encode(Kind::Enterprise, enterprise)))
    }
}

const fn role_message(kind: PairingKind, leads: bool) -> (&'static str, &'static str) {
    match (kind, leads) {
        (PairingKind::OnePlusN, true) => (
            "牵头方须为红联共建的牵头企业",
            "The lead must be a LEAD of the alliance.",
        ),
        (PairingKind::OnePlusN, false) => (
            "成员须为红联共建的成员企业",
            "A member must be a MEMBER of the alliance.",
        ),
        (PairingKind::SoePrivate, true) => (
            "国企一方须为红联共建的国企伙伴",
            "The state-owned side must be an SOE_PARTNER of the alliance.",
        ),
        (PairingKind::SoePrivate, false) => (
            "民企一方须为红联共建的牵头企业或成员企业",
            "The private side must be a LEAD or a MEMBER of the alliance.",
        ),
    }
}

/// An enterprise takes part in one pairing in force of a kind at most.
async fn check_free(work: &Work, pairing: &Model, ids: &[Uuid], field: &str) -> Result<()> {
    let found = queries::in_force_of(work.tx(), ids).await?;
    let bound = found
        .iter()
        .find(|other| other.kind == pairing.kind && other.pairing_id != pairing.id);
    match bound {
        None => Ok(()),
        Some(bound) => Err(Error::about(
            pairing.id,
            taken(field).with(
                "enterprise",
                id::encode(Kind::Enterprise, bound.enterprise_id),
            ),
        )),
    }
}

fn taken(field: &str) -> UserError {
    UserError::at(Code::Taken, field).saying(
        "该企业已在同类的生效结对中",
        "The enterprise is in a pairing in force of this kind already.",
    )
}

/// Writes what has changed of the pairing itself; its version counts every change, members' too.
async fn write(
    work: &mut Work,
    event: Event,
    before: &Model,
    change: ActiveModel,
) -> Result<pairing::Model> {
    let row = ActiveModel {
        id: Set(before.id),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..change
    };
    work.update(event, before, row, || taken("id")).await
}

/// A member's row for an enterprise: proposed in a draft, active from a day in a pairing in force.
fn member_row(
    work: &Work,
    pairing: &Model,
    enterprise: Uuid,
    joined_on: Option<NaiveDate>,
) -> pairing_member::ActiveModel {
    pairing_member::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(pairing.district_id),
        pairing_id: Set(pairing.id),
        kind: Set(pairing.kind),
        lead_id: Set(pairing.lead_id),
        enterprise_id: Set(enterprise),
        status: Set(match joined_on {
            Some(_) => PairingMemberStatus::Active,
            None => PairingMemberStatus::Proposed,
        }),
        joined_on: Set(joined_on),
        left_on: Set(None),
        version: Set(1),
        created_at: Set(work.now()),
        updated_at: Set(work.now()),
    }
}

async fn leave(
    work: &mut Work,
    event: Event,
    before: &pairing_member::Model,
    on: NaiveDate,
) -> Result<()> {
    let row = pairing_member::ActiveModel {
        id: Set(before.id),
        status: Set(PairingMemberStatus::Left),
        left_on: Set(Some(on)),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..<pairing_member::ActiveModel as Default>::default()
    };
    work.update(event, before, row, || taken("id")).await?;
    Ok(())
}
