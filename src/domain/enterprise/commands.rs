//! Changes of the register.

use async_graphql::MaybeUndefined;
use entity::enterprise::{ActiveModel, Column, EnterpriseStatus, Entity, Model};
use entity::{membership, officer_assignment};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::queries::SHAPE;
use super::{CreateEnterpriseInput, DeactivateEnterpriseInput, UpdateEnterpriseInput, policy};
use crate::domain::input::{
    self, block, expect_version, forbidden, invalid_state, line, line_opt, not_found, number,
    patch, patch_opt, role_may, row_id, tags,
};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::kernel::uscc::{Uscc, UsccError};
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

const MOST_EMPLOYEES: i32 = 10_000_000;
const MOST_TAGS: usize = 20;

/// Enters an enterprise into the register.
///
/// # Errors
/// `Forbidden`; user errors `INVALID`, `REQUIRED`, `TOO_LONG`, `OUT_OF_RANGE`, `TAKEN`,
/// `NOT_FOUND` for an unknown parent.
pub async fn create(deps: Deps, actor: Actor, input: CreateEnterpriseInput) -> Result<Uuid> {
    role_may(policy::may_register(&actor.viewer))?;
    let mut faults = Faults::default();
    let waiver = line_opt(
        &mut faults,
        "usccWaiverReason",
        input.uscc_waiver_reason.as_deref(),
        300,
    );
    let uscc = faults.keep(read_uscc("uscc", &input.uscc, waiver.is_some()));
    let name = line(&mut faults, "name", &input.name, 120);
    let short_name = line_opt(&mut faults, "shortName", input.short_name.as_deref(), 60);
    let section = input
        .industry_section
        .map(|text| read_section(&mut faults, &text));
    let code = input
        .industry_code
        .map(|text| read_digits(&mut faults, "industryCode", &text, 2, 4));
    let region = input
        .region_code
        .map(|text| read_digits(&mut faults, "regionCode", &text, 6, 6));
    let street = input
        .street
        .map(|text| read_digits(&mut faults, "street", &text, 9, 9));
    let employees = input
        .employee_count
        .map(|count| number(&mut faults, "employeeCount", count, 0, MOST_EMPLOYEES));
    let own_tags = tags(
        &mut faults,
        "tags",
        &input.tags.unwrap_or_default(),
        MOST_TAGS,
    );
    let description = input::block_opt(
        &mut faults,
        "description",
        input.description.as_deref(),
        2000,
    );
    faults.check()?;
    let uscc = uscc.map(Uscc::into_string).unwrap_or_default();

    let mut work = Work::begin(&deps, &actor, "createEnterprise").await?;
    let parent = input
        .parent_enterprise_id
        .map(|id| row_id(Kind::Enterprise, &id));
    check_parent(&work, None, parent).await?;
    let region = match region {
        Some(region) => region,
        None => district_code(&work).await?,
    };
    let (id, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        search_text: Set(search_text(&name, short_name.as_deref(), &uscc)),
        uscc: Set(uscc),
        uscc_waiver_reason: Set(waiver),
        name: Set(name),
        short_name: Set(short_name),
        ownership: Set(input.ownership),
        industry_section: Set(section),
        industry_code: Set(code),
        size_class: Set(input.size_class),
        region_code: Set(region),
        street: Set(street),
        employee_count: Set(employees),
        parent_enterprise_id: Set(parent),
        tags: Set(serde_json::Value::from(own_tags)),
        description: Set(description),
        status: Set(EnterpriseStatus::Active),
        deactivated_at: Set(None),
        deactivation_reason: Set(None),
        is_synthetic: Set(false),
        synthetic_fields: Set(serde_json::Value::Array(Vec::new())),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let event = Event::new(Kind::Enterprise, id, "enterprise.created");
    work.insert(event, row, || UserError::at(Code::Taken, "uscc"))
        .await?;
    work.commit(Kind::Enterprise, id).await?;
    Ok(id)
}

/// Changes an enterprise. Its own users change what describes it, the district side all of it.
///
/// # Errors
/// `Forbidden`; user errors as `create`, and `FORBIDDEN`, `STALE_VERSION`, `INVALID_STATE` once
/// deactivated.
pub async fn update(deps: Deps, actor: Actor, input: UpdateEnterpriseInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_update_some(viewer))?;
    let mut faults = Faults::default();
    let register = ActiveModel {
        name: patch(&mut faults, "name", input.name, |faults, text| {
            line(faults, "name", &text, 120)
        }),
        ownership: patch(&mut faults, "ownership", input.ownership, |_, value| value),
        industry_section: patch_opt(&mut faults, input.industry_section, |faults, text| {
            read_section(faults, &text)
        }),
        industry_code: patch_opt(&mut faults, input.industry_code, |faults, text| {
            read_digits(faults, "industryCode", &text, 2, 4)
        }),
        size_class: patch_opt(&mut faults, input.size_class, |_, value| value),
        street: patch_opt(&mut faults, input.street, |faults, text| {
            read_digits(faults, "street", &text, 9, 9)
        }),
        employee_count: patch_opt(&mut faults, input.employee_count, |faults, count| {
            number(faults, "employeeCount", count, 0, MOST_EMPLOYEES)
        }),
        parent_enterprise_id: patch_opt(&mut faults, input.parent_enterprise_id, |_, id| {
            row_id(Kind::Enterprise, &id)
        }),
        ..<ActiveModel as Default>::default()
    };
    let changes_register = register.is_changed();
    let set = match input.tags {
        MaybeUndefined::Null => MaybeUndefined::Value(Vec::new()),
        other => other,
    };
    let mut row = ActiveModel {
        short_name: patch_opt(&mut faults, input.short_name, |faults, text| {
            line(faults, "shortName", &text, 60)
        }),
        tags: patch(&mut faults, "tags", set, |faults, set| {
            serde_json::Value::from(tags(faults, "tags", &set, MOST_TAGS))
        }),
        description: patch_opt(&mut faults, input.description, |faults, text| {
            block(faults, "description", &text, 2000)
        }),
        ..register
    };
    faults.check()?;
    input::not_empty(!row.is_changed())?;

    let id = row_id(Kind::Enterprise, &input.id);
    let mut work = Work::begin(&deps, &actor, "updateEnterprise").await?;
    let before: Model = work
        .visible::<Entity>(&SHAPE, id)
        .await?
        .ok_or_else(|| not_found("id"))?;
    if !policy::may_update(viewer, id) || (changes_register && !policy::may_update_register(viewer))
    {
        return Err(forbidden(id));
    }
    if before.status != EnterpriseStatus::Active {
        return Err(invalid_state(id, "DEACTIVATED"));
    }
    expect_version(id, before.version, input.expected_version)?;
    if let Set(parent) = row.parent_enterprise_id {
        check_parent(&work, Some(id), parent).await?;
    }
    let name = row.name.try_as_ref().unwrap_or(&before.name);
    let short = row.short_name.try_as_ref().unwrap_or(&before.short_name);
    row.search_text = Set(search_text(name, short.as_deref(), &before.uscc));
    row.id = Set(id);
    row.version = Set(before.version + 1);
    row.updated_at = Set(work.now());
    let event = Event::new(Kind::Enterprise, id, "enterprise.updated");
    work.update(event, &before, row, || UserError::at(Code::Taken, "uscc"))
        .await?;
    work.commit(Kind::Enterprise, id).await?;
    Ok(id)
}

/// Takes an enterprise out of the register. What is still in force must be ended first.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `STALE_VERSION`, `INVALID_STATE`, `DEPENDENCY_EXISTS`.
pub async fn deactivate(
    deps: Deps,
    actor: Actor,
    input: DeactivateEnterpriseInput,
) -> Result<Uuid> {
    role_may(policy::may_register(&actor.viewer))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 500);
    faults.check()?;
    let id = row_id(Kind::Enterprise, &input.id);
    let mut work = Work::begin(&deps, &actor, "deactivateEnterprise").await?;
    let before: Model = work
        .visible::<Entity>(&SHAPE, id)
        .await?
        .ok_or_else(|| not_found("id"))?;
    if before.status != EnterpriseStatus::Active {
        return Err(invalid_state(id, "DEACTIVATED"));
    }
    expect_version(id, before.version, input.expected_version)?;
    check_nothing_in_force(&work, id).await?;
    let row = ActiveModel {
        id: Set(id),
        status: Set(EnterpriseStatus::Deactivated),
        deactivated_at: Set(Some(work.now())),
        deactivation_reason: Set(Some(reason)),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..<ActiveModel as Default>::default()
    };
    let event = Event::new(Kind::Enterprise, id, "enterprise.deactivated");
    work.update(event, &before, row, || UserError::at(Code::Taken, "id"))
        .await?;
    work.commit(Kind::Enterprise, id).await?;
    Ok(id)
}

async fn check_nothing_in_force(work: &Work, id: Uuid) -> Result<()> {
    let memberships = membership::Entity::find()
        .filter(membership::Column::EnterpriseId.eq(id))
        .filter(membership::Column::Status.eq(membership::MembershipStatus::Active))
        .count(work.tx())
        .await?;
    let assignments = officer_assignment::Entity::find()
        .filter(officer_assignment::Column::EnterpriseId.eq(id))
        .filter(officer_assignment::Column::Status.eq(officer_assignment::AssignmentStatus::Active))
        .count(work.tx())
        .await?;
    for (count, what, zh) in [
        (memberships, "membership", "仍为红联共建成员，请先办理退出"),
        (
            assignments,
            "assignment",
            "仍有首席服务官挂点，请先结束挂点",
        ),
    ] {
        if count > 0 {
            let error = UserError::at(Code::DependencyExists, "id")
                .saying(zh, format!("Its {what} is still in force; end it first."))
                .with("dependency", what);
            return Err(Error::about(id, error));
        }
    }
    Ok(())
}

async fn check_parent(work: &Work, own: Option<Uuid>, parent: Option<Uuid>) -> Result<()> {
    let Some(parent) = parent else {
        return Ok(());
    };
    let found = work.visible::<Entity>(&SHAPE, parent).await?;
    let known = found.ok_or_else(|| not_found("parentEnterpriseId"))?;
    // One level: a subsidiary has no subsidiaries of its own, so there is no ring.
    let has_children = match own {
        Some(own) => {
            Entity::find()
                .filter(Column::ParentEnterpriseId.eq(own))
                .count(work.tx())
                .await?
                > 0
        }
        None => false,
    };
    if own == Some(parent) || known.parent_enterprise_id.is_some() || has_children {
        let error = UserError::at(Code::Invalid, "parentEnterpriseId").saying(
            "上级企业只能有一级",
            "A parent has no parent of its own, and a subsidiary no subsidiaries.",
        );
        return Err(Error::user(error));
    }
    Ok(())
}

async fn district_code(work: &Work) -> Result<String> {
    let district = entity::district::Entity::find_by_id(work.district_id())
        .one(work.tx())
        .await?;
    let district = district.ok_or_else(|| Error::Internal("no such district".to_owned()))?;
    Ok(district.code)
}

fn search_text(name: &str, short_name: Option<&str>, uscc: &str) -> String {
    format!("{name} {} {uscc}", short_name.unwrap_or_default()).to_lowercase()
}

fn read_uscc(field: &str, text: &str, waived: bool) -> std::result::Result<Uscc, UserError> {
    let read = if waived {
        Uscc::without_check(text)
    } else {
        Uscc::parse(text)
    };
    read.map_err(|error| {
        let wrong = UserError::at(Code::Invalid, field);
        match error {
            UsccError::Length => wrong.saying(
                "统一社会信用代码须为 18 位（GB 32100-2015）",
                "A unified social credit code has 18 characters (GB 32100-2015).",
            ),
            UsccError::Character(position) => wrong
                .saying(
                    format!("第 {position} 位字符不合法（不含 I、O、S、V、Z）"),
                    format!("Character {position} is not allowed (no I, O, S, V, Z)."),
                )
                .with("position", position),
            UsccError::CheckCharacter => wrong.saying(
                "校验码不正确，请核对",
                "The check character does not fit; check the code.",
            ),
        }
    })
}

fn read_section(faults: &mut Faults, text: &str) -> String {
    let section = text.trim().to_uppercase();
    if section.len() != 1 || !section.chars().all(|letter| ('A'..='T').contains(&letter)) {
        faults.add(UserError::at(Code::Invalid, "industrySection").saying(
            "行业门类须为 A 至 T 的一个字母（GB/T 4754-2017）",
            "One letter from A to T (GB/T 4754-2017).",
        ));
    }
    section
}

fn read_digits(faults: &mut Faults, field: &str, text: &str, min: usize, max: usize) -> String {
    let digits = text.trim().to_owned();
    let fits = (min..=max).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !fits {
        let error = UserError::at(Code::Invalid, field);
        faults.add(if min == max {
            error.saying(
                format!("须为 {max} 位数字"),
                format!("Exactly {max} digits."),
            )
        } else {
            error.saying(
                format!("须为 {min} 至 {max} 位数字"),
                format!("From {min} to {max} digits."),
            )
        });
    }
    digits
}
