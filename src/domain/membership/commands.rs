//! Admission, change of role, withdrawal. Each locks the enterprise, and so does everything that
//! builds on its role: a role cannot end while a pairing that needs it comes into force.

use chrono::NaiveDate;
use entity::enterprise;
use entity::membership::{ActiveModel, Column, Entity, MembershipRole, MembershipStatus, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::queries::SHAPE;
use super::{
    AdmitMemberInput, ChangeMembershipRoleInput, LeadCriteriaInput, WithdrawMembershipInput, policy,
};
use crate::domain::enterprise::active;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::input::{
    self, EPOCH, block, expect_version, invalid_state, not_found, role_may, row_id,
};
use crate::domain::pairing::queries::{self as pairings, InForce};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Admits an enterprise to the alliance.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED` and `INVALID` for lead criteria, `INVALID` where the role
/// does not suit the ownership, `OUT_OF_RANGE`, `NOT_FOUND`, `INVALID_STATE` for a deactivated
/// enterprise, `TAKEN` for one that is a member.
pub async fn admit(deps: Deps, actor: Actor, input: AdmitMemberInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let joined_on = input::day(&mut faults, "joinedOn", input.joined_on, EPOCH, today);
    check_criteria(&mut faults, input.role, input.lead_criteria);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "admitMember").await?;
    let enterprise_id = row_id(Kind::Enterprise, &input.enterprise_id);
    let enterprise = active::lock(&work, enterprise_id, "enterpriseId", true).await?;
    check_suits(input.role, &enterprise)?;
    check_after_earlier(&work, enterprise_id, joined_on).await?;
    let next = Next {
        role: input.role,
        joined_on,
        criteria: input.lead_criteria.unwrap_or_default(),
    };
    let row = next.row(&work, enterprise_id);
    let id = work.new_id();
    let event = Event::new(Kind::Membership, id, "membership.admitted");
    let row = ActiveModel { id: Set(id), ..row };
    work.insert(event, row, taken).await?;
    work.commit(Kind::Membership, id).await?;
    Ok(id)
}

/// Ends a membership and opens the next in another role; answers the new one.
///
/// # Errors
/// `Forbidden`; user errors as `admit`, and `STALE_VERSION`, `INVALID_STATE` once ended,
/// `DEPENDENCY_EXISTS` while a pairing in force needs the old role.
pub async fn change_role(
    deps: Deps,
    actor: Actor,
    input: ChangeMembershipRoleInput,
) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let on = input::day(&mut faults, "on", input.on, EPOCH, today);
    check_criteria(&mut faults, input.role, input.lead_criteria);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "changeMembershipRole").await?;
    let before = in_force(&work, row_id(Kind::Membership, &input.id)).await?;
    expect_version(before.id, before.version, input.expected_version)?;
    if before.role == input.role {
        let error = UserError::at(Code::Invalid, "role")
            .saying("该企业已是此角色", "The enterprise has this role already.");
        return Err(Error::about(before.id, error));
    }
    check_leaves_after_joining(&before, "on", on, today)?;
    let enterprise = enterprise_of(&work, before.enterprise_id)
        .await?
        .ok_or_else(|| not_found("id"))?;
    check_suits(input.role, &enterprise)?;
    check_pairings(&work, &before, |pairing| pairing.allows(input.role)).await?;

    let kept = LeadCriteriaInput {
        has_mature_management: before.has_mature_management,
        has_party_foundation: before.has_party_foundation,
        has_demonstration_effect: before.has_demonstration_effect,
    };
    end(&mut work, &before, on, None).await?;
    let next = Next {
        role: input.role,
        joined_on: on,
        criteria: input.lead_criteria.unwrap_or(kept),
    };
    let row = next.row(&work, before.enterprise_id);
    let id = work.new_id();
    let event = Event::new(Kind::Membership, id, "membership.role_changed");
    let row = ActiveModel { id: Set(id), ..row };
    work.insert(event, row, taken).await?;
    work.commit(Kind::Membership, id).await?;
    Ok(id)
}

/// Ends a membership.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `OUT_OF_RANGE`, `NOT_FOUND`, `INVALID_STATE`
/// once ended, `STALE_VERSION`, `DEPENDENCY_EXISTS` while in a pairing in force.
pub async fn withdraw(deps: Deps, actor: Actor, input: WithdrawMembershipInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let left_on = input::day(&mut faults, "leftOn", input.left_on, EPOCH, today);
    let reason = block(&mut faults, "reason", &input.reason, 500);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "withdrawMembership").await?;
    let before = in_force(&work, row_id(Kind::Membership, &input.id)).await?;
    expect_version(before.id, before.version, input.expected_version)?;
    check_leaves_after_joining(&before, "leftOn", left_on, today)?;
    enterprise_of(&work, before.enterprise_id)
        .await?
        .ok_or_else(|| not_found("id"))?;
    check_pairings(&work, &before, |_| false).await?;
    end(&mut work, &before, left_on, Some(reason)).await?;
    work.commit(Kind::Membership, before.id).await?;
    Ok(before.id)
}

/// A membership to open.
struct Next {
    role: MembershipRole,
    joined_on: NaiveDate,
    criteria: LeadCriteriaInput,
}

impl Next {
    fn row(&self, work: &Work, enterprise: Uuid) -> ActiveModel {
        ActiveModel {
            district_id: Set(work.district_id()),
            enterprise_id: Set(enterprise),
            role: Set(self.role),
            status: Set(MembershipStatus::Active),
            joined_on: Set(self.joined_on),
            left_on: Set(None),
            has_mature_management: Set(self.criteria.has_mature_management),
            has_party_foundation: Set(self.criteria.has_party_foundation),
            has_demonstration_effect: Set(self.criteria.has_demonstration_effect),
            is_assumed: Set(false),
            end_reason: Set(None),
            version: Set(1),
            created_at: Set(work.now()),
            updated_at: Set(work.now()),
            ..<ActiveModel as Default>::default()
        }
    }
}

fn taken() -> UserError {
    UserError::at(Code::Taken, "enterpriseId").saying(
        "该企业已是红联共建成员",
        "The enterprise is in the alliance already.",
    )
}

async fn end(
    work: &mut Work,
    before: &Model,
    on: NaiveDate,
    reason: Option<String>,
) -> Result<Model> {
    let row = ActiveModel {
        id: Set(before.id),
        status: Set(MembershipStatus::Ended),
        left_on: Set(Some(on)),
        end_reason: Set(reason),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..<ActiveModel as Default>::default()
    };
    let event = Event::new(Kind::Membership, before.id, "membership.ended");
    work.update(event, before, row, taken).await
}

/// The enterprise, locked.
async fn enterprise_of(work: &Work, id: Uuid) -> Result<Option<enterprise::Model>> {
    work.visible::<enterprise::Entity>(&ENTERPRISE, id).await
}

/// The membership, locked, if it has not ended.
async fn in_force(work: &Work, id: Uuid) -> Result<Model> {
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let found = found.ok_or_else(|| not_found("id"))?;
    if found.status != MembershipStatus::Active {
        return Err(invalid_state(id, "ENDED"));
    }
    Ok(found)
}

fn check_criteria(faults: &mut Faults, role: MembershipRole, criteria: Option<LeadCriteriaInput>) {
    if role != MembershipRole::Lead {
        return;
    }
    let Some(criteria) = criteria else {
        faults.add(UserError::at(Code::Required, "leadCriteria").saying(
            "牵头企业须填写三项条件",
            "A lead enterprise needs the three criteria.",
        ));
        return;
    };
    for (field, holds) in [
        ("hasMatureManagement", criteria.has_mature_management),
        ("hasPartyFoundation", criteria.has_party_foundation),
        ("hasDemonstrationEffect", criteria.has_demonstration_effect),
    ] {
        if !holds {
            let mut error = UserError::at(Code::Invalid, "leadCriteria").saying(
                "牵头企业须满足此项条件",
                "A lead enterprise meets this criterion.",
            );
            error.path.push(field.to_owned());
            faults.add(error);
        }
    }
}

fn check_suits(role: MembershipRole, enterprise: &enterprise::Model) -> Result<()> {
    if policy::suits(role, enterprise.ownership) {
        return Ok(());
    }
    Err(Error::user(UserError::at(Code::Invalid, "role").saying(
        "牵头企业、成员企业须为非公企业，国企伙伴须为国有企业",
        "LEAD and MEMBER are for private enterprises, SOE_PARTNER for state-owned ones.",
    )))
}

/// A membership begins when the one before it has ended, not within it.
async fn check_after_earlier(work: &Work, enterprise: Uuid, joined_on: NaiveDate) -> Result<()> {
    let earlier: Vec<(MembershipStatus, Option<NaiveDate>)> = Entity::find()
        .select_only()
        .columns([Column::Status, Column::LeftOn])
        .filter(Column::EnterpriseId.eq(enterprise))
        .into_tuple()
        .all(work.tx())
        .await?;
    let is_member = |(status, _): &(MembershipStatus, _)| *status == MembershipStatus::Active;
    if earlier.iter().any(is_member) {
        return Err(Error::user(taken()));
    }
    let last = earlier.iter().filter_map(|(_, left_on)| *left_on).max();
    let mut faults = Faults::default();
    let today = business_date(work.now());
    input::day(
        &mut faults,
        "joinedOn",
        joined_on,
        last.unwrap_or(EPOCH),
        today,
    );
    faults.check()
}

fn check_leaves_after_joining(
    before: &Model,
    field: &str,
    day: NaiveDate,
    today: NaiveDate,
) -> Result<()> {
    let mut faults = Faults::default();
    input::day(&mut faults, field, day, before.joined_on, today);
    faults.check()
}

/// Refuses to take a role away that a pairing in force rests on.
async fn check_pairings(
    work: &Work,
    before: &Model,
    allowed: impl Fn(&InForce) -> bool,
) -> Result<()> {
    let found = pairings::in_force_of(work.tx(), &[before.enterprise_id]).await?;
    let Some(broken) = found.iter().find(|pairing| !allowed(pairing)) else {
        return Ok(());
    };
    let error = UserError::at(Code::DependencyExists, "id")
        .saying(
            "该企业仍在生效的结对中，请先调整结对",
            "The enterprise is in a pairing in force; change that first.",
        )
        .with("dependency", "pairing")
        .with(
            "pairing",
            crate::kernel::id::encode(Kind::Pairing, broken.pairing_id),
        );
    Err(Error::about(before.id, error))
}
