//! Changes of departments.

use entity::department::{ActiveModel, Column, Entity, GovernanceRole, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::queries::SHAPE;
use super::{UpsertDepartmentInput, policy};
use crate::domain::input::{expect_version, line, not_found, role_may, row_id, upserted};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
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
