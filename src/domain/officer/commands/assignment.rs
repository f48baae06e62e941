//! One enterprise, one officer: the beginning and the end of it.

use chrono::NaiveDate;
use entity::enterprise;
use entity::officer_assignment::{AssignmentStatus, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::super::queries::ASSIGNMENT;
use super::super::rules::check_serves;
use super::super::{AssignOfficerInput, EndAssignmentInput, policy};
use super::{check_capacity, close, lock, open, taken};
use crate::domain::enterprise::active;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::input::{
    self, EPOCH, block, block_opt, expect_version, invalid_state, not_found, role_may, row_id,
};
use crate::domain::issue::follow;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Error, Faults, Result};
use crate::kernel::id::Kind;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// Gives an enterprise its officer; its issues follow.
///
/// # Errors
/// `Forbidden`; user errors `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `NOT_FOUND`, `INVALID_STATE`
/// for a retired officer or a deactivated enterprise, `TAKEN` for an enterprise that has one,
/// `LIMIT_EXCEEDED` over the policy's capacity.
pub async fn assign(deps: Deps, actor: Actor, input: AssignOfficerInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let from_on = input.from_on.map_or(today, Into::into);
    let from_on = input::day(&mut faults, "fromOn", from_on, EPOCH, today);
    let reason = block_opt(&mut faults, "reason", input.reason.as_deref(), 500);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "assignOfficer").await?;
    let officer = lock(&work, row_id(Kind::Officer, &input.officer_id)).await?;
    let officer = officer.ok_or_else(|| not_found("officerId"))?;
    let enterprise = row_id(Kind::Enterprise, &input.enterprise_id);
    active::lock(&work, enterprise, "enterpriseId", true).await?;
    check_serves(&officer, "officerId")?;
    check_vacant(&work, enterprise, from_on, today).await?;
    check_capacity(&work, officer.id, 1, "officerId").await?;
    let id = open(&mut work, officer.id, enterprise, from_on, reason).await?;
    follow::officer_changed(&mut work, &[enterprise], Some(officer.id)).await?;
    work.commit(Kind::Assignment, id).await?;
    Ok(id)
}

/// Ends an assignment; what is open of the enterprise is then no officer's.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `NOT_FOUND`,
/// `INVALID_STATE` once ended, `STALE_VERSION`.
pub async fn end(deps: Deps, actor: Actor, input: EndAssignmentInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let to_on = input.to_on.map_or(today, Into::into);
    let to_on = input::day(&mut faults, "toOn", to_on, EPOCH, today);
    let reason = block(&mut faults, "reason", &input.reason, 500);
    faults.check()?;

    let id = row_id(Kind::Assignment, &input.id);
    let mut work = Work::begin(&deps, &actor, "endAssignment").await?;
    let found = work.visible::<Entity>(&ASSIGNMENT, id).await?;
    let before = found.ok_or_else(|| not_found("id"))?;
    if before.status != AssignmentStatus::Active {
        return Err(invalid_state(id, "ENDED"));
    }
    expect_version(id, before.version, input.expected_version)?;
    let mut faults = Faults::default();
    input::day(&mut faults, "toOn", to_on, before.from_on, today);
    faults.check()?;
    let enterprise = before.enterprise_id;
    work.visible::<enterprise::Entity>(&ENTERPRISE, enterprise)
        .await?
        .ok_or_else(|| not_found("id"))?;
    close(&mut work, &before, to_on, reason).await?;
    follow::officer_changed(&mut work, &[enterprise], None).await?;
    work.commit(Kind::Assignment, id).await?;
    Ok(id)
}

/// An assignment begins when the one before it has ended, not within it.
async fn check_vacant(
    work: &Work,
    enterprise: Uuid,
    from_on: NaiveDate,
    today: NaiveDate,
) -> Result<()> {
    let earlier: Vec<(AssignmentStatus, Option<NaiveDate>)> = Entity::find()
        .select_only()
        .columns([Column::Status, Column::ToOn])
        .filter(Column::EnterpriseId.eq(enterprise))
        .into_tuple()
        .all(work.tx())
        .await?;
    let is_active = |(status, _): &(AssignmentStatus, _)| *status == AssignmentStatus::Active;
    if earlier.iter().any(is_active) {
        return Err(Error::user(taken("enterpriseId")));
    }
    let last = earlier.iter().filter_map(|(_, to_on)| *to_on).max();
    let mut faults = Faults::default();
    input::day(&mut faults, "fromOn", from_on, last.unwrap_or(EPOCH), today);
    faults.check()
}
