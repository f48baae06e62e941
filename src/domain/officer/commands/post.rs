//! Posts that come, change and go.

use async_graphql::MaybeUndefined;
use entity::department;
use entity::service_officer::{ActiveModel, Model, OfficerStatus};
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::rules::office_phone;
use super::super::{CreateOfficerInput, UpdateOfficerInput, policy, queries};
use super::lock;
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::input::{
    expect_version, invalid_state, line, line_opt, not_empty, not_found, patch, patch_opt,
    role_may, row_id,
};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Enters an officer.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `NOT_FOUND`, `INVALID_STATE` for a
/// department that is not active, `TAKEN` for a post that an active officer of it has.
pub async fn create(deps: Deps, actor: Actor, input: CreateOfficerInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let mut faults = Faults::default();
    let post_title = line(&mut faults, "postTitle", &input.post_title, 120);
    let patch = line_opt(&mut faults, "patch", input.patch.as_deref(), 60);
    let phone = input.office_phone.filter(|text| !text.trim().is_empty());
    let phone = phone.map(|text| office_phone(&mut faults, &text));
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "createOfficer").await?;
    let department_id = row_id(Kind::Department, &input.department_id);
    check_department(&work, department_id).await?;
    let (id, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        post_title: Set(post_title),
        department_id: Set(department_id),
        patch: Set(patch),
        office_phone: Set(phone),
        status: Set(OfficerStatus::Active),
        is_synthetic: Set(false),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let event = Event::new(Kind::Officer, id, "officer.created");
    work.insert(event, row, taken).await?;
    work.commit(Kind::Officer, id).await?;
    Ok(id)
}

/// Changes an officer, retires it or brings it back.
///
/// # Errors
/// `Forbidden`; user errors as `create`, and `STALE_VERSION`, `INVALID_STATE` for a change of a
/// retired one that does not bring it back, `DEPENDENCY_EXISTS` for retiring one who serves an
/// enterprise.
pub async fn update(deps: Deps, actor: Actor, input: UpdateOfficerInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let mut faults = Faults::default();
    let mut row = ActiveModel {
        post_title: patch(
            &mut faults,
            "postTitle",
            input.post_title,
            |faults, text| line(faults, "postTitle", &text, 120),
        ),
        department_id: patch(&mut faults, "departmentId", input.department_id, |_, id| {
            row_id(Kind::Department, &id)
        }),
        patch: patch_opt(&mut faults, input.patch, |faults, text| {
            line(faults, "patch", &text, 60)
        }),
        office_phone: patch_opt(&mut faults, input.office_phone, |faults, text| {
            office_phone(faults, &text)
        }),
        status: patch(&mut faults, "status", input.status, |_, status| status),
        ..<ActiveModel as Default>::default()
    };
    faults.check()?;
    not_empty(!row.is_changed())?;

    let id = row_id(Kind::Officer, &input.id);
    let mut work = Work::begin(&deps, &actor, "updateOfficer").await?;
    let before = lock(&work, id).await?.ok_or_else(|| not_found("id"))?;
    let returns = input.status == MaybeUndefined::Value(OfficerStatus::Active);
    if before.status == OfficerStatus::Retired && !returns {
        return Err(invalid_state(id, "RETIRED"));
    }
    expect_version(id, before.version, input.expected_version)?;
    if let Set(department) = row.department_id {
        check_department(&work, department).await?;
    }
    if row.status == Set(OfficerStatus::Retired) {
        check_serves_nobody(&work, &before).await?;
    }
    row.id = Set(id);
    row.version = Set(before.version + 1);
    row.updated_at = Set(work.now());
    let event = Event::new(Kind::Officer, id, "officer.updated");
    work.update(event, &before, row, taken).await?;
    work.commit(Kind::Officer, id).await?;
    Ok(id)
}

async fn check_department(work: &Work, id: Uuid) -> Result<()> {
    let found = work.visible::<department::Entity>(&DEPARTMENT, id).await?;
    let found = found.ok_or_else(|| not_found("departmentId"))?;
    if found.is_active {
        return Ok(());
    }
    let error = UserError::at(Code::InvalidState, "departmentId")
        .saying("该部门已停用", "The department is not active.")
        .with("state", "INACTIVE");
    Err(Error::user(error))
}

async fn check_serves_nobody(work: &Work, officer: &Model) -> Result<()> {
    let load = queries::load_of(work.tx(), officer.id).await?;
    if load == 0 {
        return Ok(());
    }
    let error = UserError::at(Code::DependencyExists, "status")
        .saying(
            format!("该服务官仍挂点 {load} 家企业，请先交接或结束挂点"),
            format!(
                "The officer still serves {load} enterprises; hand them over or end that first."
            ),
        )
        .with("dependency", "assignment")
        .with("count", load);
    Err(Error::about(officer.id, error))
}

fn taken() -> UserError {
    UserError::at(Code::Taken, "postTitle").saying(
        "该部门已有同名的在任服务官岗位",
        "An active officer of the department has this post already.",
    )
}
