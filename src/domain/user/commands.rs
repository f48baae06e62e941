//! Changes of users. Nobody is deleted: a user that leaves is disabled.

use entity::service_officer::{self, OfficerStatus};
use entity::user_account::{ActiveModel, Column, Entity, Model, UserStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::policy::{self, Grants};
use super::queries::SHAPE;
use super::{NewUser, UpsertUserInput};
use crate::domain::district;
use crate::domain::enterprise::{active, queries as enterprises};
use crate::domain::input::{
    expect_version, forbidden, line, line_opt, not_found, role_may, row_id, upserted,
};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::{Kind, encode};
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// Enters a user or changes one.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `NOT_FOUND`, `FORBIDDEN` for
/// taking the administration from oneself, `STALE_VERSION`, `INVALID_STATE` for a deactivated
/// enterprise or a retired officer, `TAKEN` for the login and for a post that has a user.
pub async fn upsert(deps: Deps, actor: Actor, input: UpsertUserInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_manage(viewer))?;
    let mut faults = Faults::default();
    let existing = upserted(&mut faults, input.id.as_ref(), input.expected_version);
    let issuer = line_opt(&mut faults, "issuer", input.issuer.as_deref(), 200);
    let subject = line(&mut faults, "subject", &input.subject, 200);
    let display_name = line(&mut faults, "displayName", &input.display_name, 60);
    let grants = Grants {
        role: input.role,
        has_enterprise: input.enterprise_id.is_some(),
        has_post: input.officer_id.is_some(),
        is_admin: input.is_admin,
        is_auditor: input.is_auditor,
    };
    for fault in policy::faults(grants) {
        faults.add(fault);
    }
    faults.check()?;

    let work = Work::begin(&deps, &actor, "upsertUser").await?;
    let before = match existing {
        Some((id, expected)) => {
            let before = load(&work, row_id(Kind::User, id)).await?;
            if policy::locks_out(viewer, before.id, input.is_admin, input.status) {
                return Err(forbidden(before.id));
            }
            expect_version(before.id, before.version, expected)?;
            Some(before)
        }
        None => None,
    };
    let row = ActiveModel {
        issuer: Set(match (issuer, &before) {
            (Some(issuer), _) => issuer,
            (None, Some(before)) => before.issuer.clone(),
            (None, None) => load(&work, viewer.user_id).await?.issuer,
        }),
        subject: Set(subject),
        display_name: Set(display_name),
        role: Set(input.role),
        enterprise_id: Set(input.enterprise_id.map(|id| row_id(Kind::Enterprise, &id))),
        officer_id: Set(input.officer_id.map(|id| row_id(Kind::Officer, &id))),
        is_admin: Set(input.is_admin),
        is_auditor: Set(input.is_auditor),
        status: Set(input.status),
        ..<ActiveModel as Default>::default()
    };
    check_enterprise(&work, before.as_ref(), &row).await?;
    check_officer(&work, before.as_ref(), &row).await?;
    check_login(&work, before.as_ref(), &row).await?;
    write(work, before, row).await
}

/// Adds a user, of the operator at the command line: the first administrator of a district is
/// nobody's else to enter.
///
/// # Errors
/// User errors as `upsert`, and `NOT_FOUND` for the district and the enterprise.
pub async fn add(deps: &Deps, new: NewUser) -> Result<Uuid> {
    let mut faults = Faults::default();
    let issuer = line(&mut faults, "issuer", &new.issuer, 200);
    let subject = line_opt(&mut faults, "subject", new.subject.as_deref(), 200);
    let name = line_opt(&mut faults, "displayName", new.display_name.as_deref(), 60);
    let grants = Grants {
        role: new.role,
        has_enterprise: new.uscc.is_some(),
        has_post: new.officer_id.is_some(),
        is_admin: new.is_admin,
        is_auditor: new.is_auditor,
    };
    for fault in policy::faults(grants) {
        faults.add(fault);
    }
    faults.check()?;

    let home = district::queries::by_code(deps.db.conn(), new.district.trim()).await?;
    let home = home.ok_or_else(|| not_found("district"))?;
    let mut work = Work::by_operator(deps, home.id, "addUser").await?;
    let enterprise = match &new.uscc {
        Some(uscc) => {
            let found = enterprises::by_uscc(work.tx(), home.id, uscc).await?;
            Some(found.ok_or_else(|| not_found("enterpriseId"))?)
        }
        None => None,
    };
    let id = work.new_id();
    let row = ActiveModel {
        issuer: Set(issuer),
        subject: Set(subject.unwrap_or_else(|| encode(Kind::User, id))),
        display_name: Set(name.unwrap_or_else(|| grants.function().to_owned())),
        role: Set(new.role),
        enterprise_id: Set(enterprise),
        officer_id: Set(new.officer_id.map(|id| row_id(Kind::Officer, &id))),
        is_admin: Set(new.is_admin),
        is_auditor: Set(new.is_auditor),
        status: Set(UserStatus::Active),
        ..<ActiveModel as Default>::default()
    };
    check_enterprise(&work, None, &row).await?;
    check_officer(&work, None, &row).await?;
    check_login(&work, None, &row).await?;
    enter(&mut work, id, row).await?;
    work.commit(Kind::User, id).await?;
    Ok(id)
}

async fn write(mut work: Work, before: Option<Model>, row: ActiveModel) -> Result<Uuid> {
    let now = work.now();
    let taken = || UserError::at(Code::Taken, "subject");
    let id = if let Some(before) = before {
        let row = ActiveModel {
            id: Set(before.id),
            version: Set(before.version + 1),
            updated_at: Set(now),
            ..row
        };
        let event = Event::new(Kind::User, before.id, "user.updated");
        work.update(event, &before, row, taken).await?.id
    } else {
        let id = work.new_id();
        enter(&mut work, id, row).await?;
        id
    };
    work.commit(Kind::User, id).await?;
    Ok(id)
}

async fn enter(work: &mut Work, id: Uuid, row: ActiveModel) -> Result<()> {
    let now = work.now();
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..row
    };
    let event = Event::new(Kind::User, id, "user.created");
    let taken = || UserError::at(Code::Taken, "subject");
    work.insert(event, row, taken).await?;
    Ok(())
}

async fn load(work: &Work, id: Uuid) -> Result<Model> {
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    found.ok_or_else(|| not_found("id"))
}

/// An enterprise that is new to the user takes part. One that was deactivated since stays: its
/// users must still be open to disabling.
async fn check_enterprise(work: &Work, before: Option<&Model>, row: &ActiveModel) -> Result<()> {
    let Some(id) = row.enterprise_id.try_as_ref().copied().flatten() else {
        return Ok(());
    };
    if before.is_some_and(|before| before.enterprise_id == Some(id)) {
        return Ok(());
    }
    active::lock(work, id, "enterpriseId", true).await?;
    Ok(())
}

async fn check_officer(work: &Work, before: Option<&Model>, row: &ActiveModel) -> Result<()> {
    let Some(id) = row.officer_id.try_as_ref().copied().flatten() else {
        return Ok(());
    };
    if before.is_some_and(|before| before.officer_id == Some(id)) {
        return Ok(());
    }
    // Administrators see every officer of the district. Locked: of two users for one post at once
    // the second is told so.
    let found = service_officer::Entity::find_by_id(id)
        .filter(service_officer::Column::DistrictId.eq(work.district_id()))
        .for_change()
        .one(work.tx())
        .await?;
    let found = found.ok_or_else(|| not_found("officerId"))?;
    if found.status != OfficerStatus::Active {
        let error = UserError::at(Code::InvalidState, "officerId").with("state", "RETIRED");
        return Err(Error::user(error));
    }
    let holders = Entity::find().filter(Column::OfficerId.eq(id));
    if holders.count(work.tx()).await? > 0 {
        let error = UserError::at(Code::Taken, "officerId")
            .saying("该岗位已有用户", "The post has a user already.");
        return Err(Error::user(error));
    }
    Ok(())
}

/// A login is one user's in the whole database, whatever the district: a token names no other.
async fn check_login(work: &Work, before: Option<&Model>, row: &ActiveModel) -> Result<()> {
    let (Some(issuer), Some(subject)) = (row.issuer.try_as_ref(), row.subject.try_as_ref()) else {
        return Ok(());
    };
    let own = before.map_or(Uuid::nil(), |before| before.id);
    let others = Entity::find()
        .filter(Column::Issuer.eq(issuer.as_str()))
        .filter(Column::Subject.eq(subject.as_str()))
        .filter(Column::Id.ne(own));
    if others.count(work.tx()).await? > 0 {
        return Err(Error::user(UserError::at(Code::Taken, "subject")));
    }
    Ok(())
}
