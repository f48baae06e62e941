//! A visit to be.

use chrono::Days;
use entity::service_visit::{ActiveModel, VisitStatus};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::{PlanVisitInput, policy};
use super::parties;
use crate::domain::input::{self, block, role_may};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Faults, Result};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// How far ahead a visit is planned at most.
const AHEAD: Days = Days::new(366);

/// Plans a visit.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `NOT_FOUND`,
/// `INVALID_STATE` for a deactivated enterprise or a retired officer, `FORBIDDEN` for an officer
/// and an enterprise that it does not serve or another officer.
pub async fn plan(deps: Deps, actor: Actor, input: PlanVisitInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_visit(viewer))?;
    let today = business_date(deps.clock.now());
    let mut faults = Faults::default();
    let last = today.checked_add_days(AHEAD).unwrap_or(today);
    let planned_on = input::day(&mut faults, "plannedOn", input.planned_on, today, last);
    let purpose = block(&mut faults, "purpose", &input.purpose, 500);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "planVisit").await?;
    let (enterprise_id, officer_id) = parties(
        &work,
        viewer,
        &input.enterprise_id,
        input.officer_id.as_ref(),
    )
    .await?;
    let (id, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        enterprise_id: Set(enterprise_id),
        officer_id: Set(officer_id),
        mode: Set(input.mode),
        status: Set(VisitStatus::Planned),
        planned_on: Set(planned_on),
        held_on: Set(None),
        purpose: Set(purpose),
        findings: Set(None),
        internal_note: Set(None),
        recorded_by_id: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let event = Event::new(Kind::Visit, id, "visit.planned");
    work.add(event, row).await?;
    work.commit(Kind::Visit, id).await?;
    Ok(id)
}
