//! Changes of departments.

use entity::department::{ActiveModel, Column, Entity, GovernanceRole, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::queries::SHAPE;
use super::{MoveGovernanceRoleInput, UpsertDepartmentInput, policy};
use crate::domain::input::{expect_version, line, not_found, role_may, row_id, upserted};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// Enters a department or changes one.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `NOT_FOUND`, `STALE_VERSION`,
/// `TAKEN` for the code and for a second OVERALL or LEAD, `DEPENDENCY_EXISTS` where the change
/// would leave the programme without one.
pub async fn upsert(deps: Deps, actor: Actor, input: UpsertDepartmentInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let mut faults = Faults::default();
    let code = line(&mut faults, "code", &input.code, 40);
    let name = line(&mut faults, "name", &input.name, 120);
    let existing = upserted(&mut faults, input.id.as_ref(), input.expected_version);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "upsertDepartment").await?;
    let before = match existing {
        Some((id, expected)) => Some(load(&work, row_id(Kind::Department, id), expected).await?),
        None => None,
    };
    if let Some(before) = &before {
        let role = before.governance_role;
        if policy::leaves_vacant(role, input.governance_role, input.is_active) {
            return Err(vacancy(before, input.governance_role));
        }
    }
    let own = before.as_ref().map(|before| before.id);
    check_unique(&work, own, &code, input.governance_role).await?;

    let (id, now) = (own.unwrap_or_else(|| work.new_id()), work.now());
    let row = ActiveModel {
        id: Set(id),
        code: Set(code),
        name: Set(name),
        governance_role: Set(input.governance_role),
        is_active: Set(input.is_active),
        version: Set(before.as_ref().map_or(1, |before| before.version + 1)),
        updated_at: Set(now),
        ..<ActiveModel as Default>::default()
    };
    let taken = || UserError::at(Code::Taken, "code");
    if let Some(before) = &before {
        let event = Event::new(Kind::Department, id, "department.updated");
        work.update(event, before, row, taken).await?;
    } else {
        let event = Event::new(Kind::Department, id, "department.created");
        let row = ActiveModel {
            district_id: Set(work.district_id()),
            created_at: Set(now),
            ..row
        };
        work.insert(event, row, taken).await?;
    }
    work.commit(Kind::Department, id).await?;
    Ok(id)
}

/// Gives a part in governing the programme to another department, which gives its own in exchange: so
/// the programme has its one OVERALL and its one LEAD all the time.
///
/// # Errors
/// `Forbidden`; user errors `INVALID` for PARTICIPATING, which is no part of one department, and for
/// the part that it has, `NOT_FOUND`, `STALE_VERSION`, `INVALID_STATE` for a department out of use.
pub async fn move_role(deps: Deps, actor: Actor, input: MoveGovernanceRoleInput) -> Result<Uuid> {
    role_may(policy::may_manage(&actor.viewer))?;
    let role = input.governance_role;
    let invalid = |zh, en| UserError::at(Code::Invalid, "governanceRole").saying(zh, en);
    if role == GovernanceRole::Participating {
        return Err(Error::user(invalid(
            "只能移交统筹（OVERALL）或牵头（LEAD）职责",
            "The parts of one department are OVERALL and LEAD.",
        )));
    }
    let mut work = Work::begin(&deps, &actor, "moveGovernanceRole").await?;
    let id = row_id(Kind::Department, &input.id);
    let next = load(&work, id, input.expected_version).await?;
    if next.governance_role == role {
        let error = invalid("该单位已承担此职责", "It has this part already.");
        return Err(Error::about(id, error));
    }
    if !next.is_active {
        let error = UserError::at(Code::InvalidState, "id")
            .saying("该单位已停用", "The department is out of use.");
        return Err(Error::about(id, error));
    }
    let holder = Entity::find()
        .filter(Column::DistrictId.eq(work.district_id()))
        .filter(Column::GovernanceRole.eq(role))
        .for_change()
        .one(work.tx())
        .await?
        .ok_or_else(|| Error::Internal("nobody has this part".to_owned()))?;
    // Free before it is taken: the database lets nobody have it beside another.
    let free = give(&mut work, &holder, GovernanceRole::Participating).await?;
    give(&mut work, &next, role).await?;
    if next.governance_role != GovernanceRole::Participating {
        give(&mut work, &free, next.governance_role).await?;
    }
    work.commit_with_members(Kind::Department, id).await?;
    Ok(id)
}

async fn give(work: &mut Work, before: &Model, role: GovernanceRole) -> Result<Model> {
    let row = ActiveModel {
        id: Set(before.id),
        governance_role: Set(role),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..<ActiveModel as Default>::default()
    };
    let event = Event::new(Kind::Department, before.id, "department.updated");
    let taken = || UserError::at(Code::Taken, "governanceRole");
    work.update(event, before, row, taken).await
}

/// Enters an office that a new district starts with, within the work that adds the district.
///
/// # Errors
/// When the database fails.
pub async fn found(
    work: &mut Work,
    code: &str,
    name: String,
    governance_role: GovernanceRole,
) -> Result<()> {
    let (id, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        code: Set(code.to_owned()),
        name: Set(name),
        governance_role: Set(governance_role),
        is_active: Set(true),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let event = Event::new(Kind::Department, id, "department.created");
    work.add(event, row).await?;
    Ok(())
}

async fn load(work: &Work, id: Uuid, expected: i32) -> Result<Model> {
    let before: Model = work
        .visible::<Entity>(&SHAPE, id)
        .await?
        .ok_or_else(|| not_found("id"))?;
    expect_version(id, before.version, expected)?;
    Ok(before)
}

fn vacancy(before: &Model, after: GovernanceRole) -> Error {
    let field = if after == before.governance_role {
        "isActive"
    } else {
        "governanceRole"
    };
    let error = UserError::at(Code::DependencyExists, field)
        .saying(
            "统筹单位和牵头单位各须有一个，不能取消或停用",
            "The programme needs its one OVERALL and its one LEAD; this department keeps its part and stays active.",
        )
        .with("dependency", "governanceRole");
    Error::about(before.id, error)
}

async fn check_unique(
    work: &Work,
    own: Option<Uuid>,
    code: &str,
    role: GovernanceRole,
) -> Result<()> {
    let district = work.district_id();
    let others = || {
        let all = Entity::find().filter(Column::DistrictId.eq(district));
        all.filter(Column::Id.ne(own.unwrap_or(Uuid::nil())))
    };
    let mut faults = Faults::default();
    let same_code = others().filter(Column::Code.eq(code));
    if same_code.count(work.tx()).await? > 0 {
        faults.add(UserError::at(Code::Taken, "code"));
    }
    if role != GovernanceRole::Participating {
        let same_role = others().filter(Column::GovernanceRole.eq(role));
        if same_role.count(work.tx()).await? > 0 {
            faults.add(UserError::at(Code::Taken, "governanceRole").saying(
                "该职责已有单位承担，只能有一个",
                "Another department has this part, and there is one only.",
            ));
        }
    }
    faults.check()
}
