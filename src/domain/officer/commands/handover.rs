//! A handover (交接): enterprises go from one officer to another with everything open of them,
//! all at once or not at all.

use std::collections::HashMap;

use entity::enterprise;
use entity::officer_assignment::{AssignmentStatus, Column, Entity, Model};
use entity::service_officer;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::queries::{ASSIGNMENT, SHAPE};
use super::super::rules::check_serves;
use super::super::{HandedOverAssignmentInput, HandoverOfficerInput, policy};
use super::{check_capacity, close, open};
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::input::{
    self, EPOCH, block, expect_version, invalid_state, not_found, role_may, row_id,
};
use crate::domain::issue::follow;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{ForChange, Work};
use crate::store::{Actor, Deps};

/// The most assignments that any policy lets an officer have.
const MOST: usize = 100;

/// Hands enterprises over from one officer to another.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the same officer, for one
/// assignment twice or another officer's, `OUT_OF_RANGE`, `NOT_FOUND`, `STALE_VERSION` of the
/// officer or of an assignment, `INVALID_STATE` for a retired successor, an ended assignment or
/// none at all, `LIMIT_EXCEEDED` over the policy's capacity.
pub async fn handover(deps: Deps, actor: Actor, input: HandoverOfficerInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let today = business_date(deps.clock.now());
    let (id, to) = (
        row_id(Kind::Officer, &input.id),
        row_id(Kind::Officer, &input.to_officer_id),
    );
    let mut faults = Faults::default();
    let on = input.on.map_or(today, Into::into);
    let on = input::day(&mut faults, "on", on, EPOCH, today);
    let reason = block(&mut faults, "reason", &input.reason, 500);
    if id == to && !id.is_nil() {
        faults.add(
            UserError::at(Code::Invalid, "toOfficerId")
                .saying("不能交接给本人", "The officer cannot hand over to itself."),
        );
    }
    let named = input.assignments;
    if let Some(named) = &named {
        check_list(&mut faults, named);
    }
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "handoverOfficer").await?;
    let officers = work
        .visible_among::<service_officer::Entity>(&SHAPE, &[id, to])
        .await?;
    let find = |wanted| officers.iter().find(|officer| officer.id == wanted);
    let from = find(id).ok_or_else(|| not_found("id"))?;
    let successor = find(to).ok_or_else(|| not_found("toOfficerId"))?;
    expect_version(id, from.version, input.expected_version)?;
    check_serves(successor, "toOfficerId").map_err(|error| about(id, error))?;
    let moved = match &named {
        None => in_force(&work, id).await?,
        Some(named) => chosen(&work, id, named).await?,
    };
    let Some(youngest) = moved.iter().map(|before| before.from_on).max() else {
        return Err(invalid_state(id, "NO_ASSIGNMENT"));
    };
    let mut faults = Faults::default();
    input::day(&mut faults, "on", on, youngest, today);
    faults.check()?;
    check_capacity(&work, to, moved.len(), "toOfficerId")
        .await
        .map_err(|error| about(id, error))?;

    let enterprises: Vec<Uuid> = moved.iter().map(|before| before.enterprise_id).collect();
    work.visible_among::<enterprise::Entity>(&ENTERPRISE, &enterprises)
        .await?;
    for before in &moved {
        close(&mut work, before, on, reason.clone()).await?;
        let reason = Some(reason.clone());
        open(&mut work, to, before.enterprise_id, on, reason).await?;
    }
    follow::officer_changed(&mut work, &enterprises, Some(to)).await?;
    work.commit(Kind::Officer, id).await?;
    Ok(id)
}

/// The same errors beside the officer who hands over.
fn about(current: Uuid, error: Error) -> Error {
    match error {
        Error::User { errors, .. } => Error::User {
            errors,
            current: Some(current),
        },
        other => other,
    }
}

fn check_list(faults: &mut Faults, named: &[HandedOverAssignmentInput]) {
    if named.is_empty() {
        faults.add(UserError::at(Code::Required, "assignments"));
    } else if named.len() > MOST {
        let error = UserError::at(Code::OutOfRange, "assignments");
        faults.add(error.with("min", 1).with("max", MOST));
    } else {
        for (index, one) in named.iter().enumerate() {
            let before = named.iter().take(index);
            if before.into_iter().any(|other| other.id == one.id) {
                let error = at(Code::Invalid, index, "id");
                faults.add(error.saying("挂点重复", "The assignment is named twice."));
            }
        }
    }
}

/// An error at a field of one of the named assignments.
fn at(code: Code, index: usize, field: &str) -> UserError {
    let mut error = UserError::at(code, "assignments").item(index);
    error.path.push(field.to_owned());
    error
}

/// All that the officer serves, locked.
async fn in_force(work: &Work, officer: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::OfficerId.eq(officer))
        .filter(Column::Status.eq(AssignmentStatus::Active))
        .order_by_asc(Column::Id)
        .for_change()
        .all(work.tx())
        .await?)
}

/// The named ones, locked, if each is in force, this officer's and as it was seen.
async fn chosen(
    work: &Work,
    officer: Uuid,
    named: &[HandedOverAssignmentInput],
) -> Result<Vec<Model>> {
    let ids: Vec<Uuid> = named
        .iter()
        .map(|one| row_id(Kind::Assignment, &one.id))
        .collect();
    let found = work.visible_among::<Entity>(&ASSIGNMENT, &ids).await?;
    let known: HashMap<Uuid, &Model> = found.iter().map(|row| (row.id, row)).collect();
    let mut errors = Vec::new();
    for (index, (one, id)) in named.iter().zip(&ids).enumerate() {
        errors.extend(match known.get(id) {
            None => Some(at(Code::NotFound, index, "id")),
            Some(row) if row.officer_id != officer => Some(at(Code::Invalid, index, "id").saying(
                "该挂点属于另一名服务官",
                "The assignment is another officer's.",
            )),
            Some(row) if row.status != AssignmentStatus::Active => {
                Some(at(Code::InvalidState, index, "id").with("state", "ENDED"))
            }
            Some(row) if row.version != one.expected_version => {
                let error = at(Code::StaleVersion, index, "expectedVersion");
                Some(error.with("version", row.version))
            }
            Some(_) => None,
        });
    }
    if errors.is_empty() {
        return Ok(found);
    }
    Err(Error::User {
        errors,
        current: Some(officer),
    })
}
