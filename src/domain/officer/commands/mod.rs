//! Changes of officers and of their assignments. Locks are taken in one order, officers before
//! assignments before enterprises before issues, so that two changes cannot wait for each other.

mod assignment;
mod handover;
mod post;

use chrono::NaiveDate;
use entity::officer_assignment::{self, AssignmentStatus};
use entity::service_officer::{Entity, Model};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::queries::{self, SHAPE};
use crate::domain::district::queries::policy;
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};

pub use assignment::{assign, end};
pub use handover::handover;
pub use post::{create, update};

/// The officer, locked, so that nobody else gives it an enterprise or retires it meanwhile.
async fn lock(work: &Work, id: Uuid) -> Result<Option<Model>> {
    work.visible::<Entity>(&SHAPE, id).await
}

/// Passes if the policy lets the officer serve so many enterprises more.
async fn check_capacity(work: &Work, officer: Uuid, more: usize, field: &str) -> Result<()> {
    let policy = policy(work.tx(), work.district_id()).await?;
    let capacity = u64::try_from(policy.officer_capacity).unwrap_or(0);
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    let load = queries::load_of(work.tx(), officer).await?;
    if load.saturating_add(more) <= capacity {
        return Ok(());
    }
    let error = UserError::at(Code::LimitExceeded, field)
        .saying(
            format!("每名首席服务官最多挂点 {capacity} 家企业，现有 {load} 家"),
            format!("An officer serves at most {capacity} enterprises; this one serves {load}."),
        )
        .with("max", capacity)
        .with("count", load);
    Err(Error::user(error))
}

fn taken(field: &str) -> UserError {
    UserError::at(Code::Taken, field).saying(
        "该企业已有首席服务官",
        "The enterprise has a chief service officer already.",
    )
}

/// Opens an assignment.
async fn open(
    work: &mut Work,
    officer: Uuid,
    enterprise: Uuid,
    from_on: NaiveDate,
    reason: Option<String>,
) -> Result<Uuid> {
    let id = work.new_id();
    let row = officer_assignment::ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        officer_id: Set(officer),
        enterprise_id: Set(enterprise),
        status: Set(AssignmentStatus::Active),
        from_on: Set(from_on),
        to_on: Set(None),
        reason: Set(reason),
        end_reason: Set(None),
        version: Set(1),
        created_at: Set(work.now()),
        updated_at: Set(work.now()),
    };
    let event = Event::new(Kind::Assignment, id, "assignment.started");
    work.insert(event, row, || taken("enterpriseId")).await?;
    Ok(id)
}

/// Ends an assignment; the row stays as history.
async fn close(
    work: &mut Work,
    before: &officer_assignment::Model,
    to_on: NaiveDate,
    reason: String,
) -> Result<()> {
    let row = officer_assignment::ActiveModel {
        id: Set(before.id),
        status: Set(AssignmentStatus::Ended),
        to_on: Set(Some(to_on)),
        end_reason: Set(Some(reason)),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..<officer_assignment::ActiveModel as Default>::default()
    };
    let event = Event::new(Kind::Assignment, before.id, "assignment.ended");
    work.update(event, before, row, || taken("id")).await?;
    Ok(())
}
