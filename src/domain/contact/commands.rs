//! Changes of contacts, and their reading in full. What the audit and the events tell of a change
//! is which values changed, never a value.

use async_graphql::MaybeUndefined;
use entity::contact::{ActiveModel, Column, Entity, Model};
use entity::enterprise_issue;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::details::{self, Details, read};
use super::queries::{SHAPE, has_any};
use super::sealed::{self, Plain, opened, sealed};
use super::{
    ContactInput, CreateContactInput, RemoveContactInput, RevealContactInput, UpdateContactInput,
    policy,
};
use crate::domain::enterprise::active;
use crate::domain::input::{
    block, expect_version, forbidden, line, not_empty, not_found, patch, patch_opt, role_may,
    row_id,
};
use crate::domain::issue::queries::SHAPE as ISSUE;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

const fn event(id: Uuid, name: &'static str) -> Event {
    Event::new(Kind::Contact, id, name)
}

/// Writes a contact of an enterprise or of one of its issues.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `INVALID`, `TOO_LONG`, `NOT_FOUND`, `FORBIDDEN` for
/// another's enterprise, `INVALID_STATE` for a deactivated one, `TAKEN` for an issue that has one.
pub async fn create(deps: Deps, actor: Actor, input: CreateContactInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_change(viewer))?;
    let mut faults = Faults::default();
    let told = ContactInput {
        name: input.name,
        mobile: input.mobile,
        email: input.email,
        post_title: input.post_title,
    };
    let details = read(&mut faults, &told);
    let own = viewer.seat().map(|seat| seat.enterprise_id);
    let named = input.enterprise_id.as_ref();
    let enterprise_id = named.map(|id| row_id(Kind::Enterprise, id)).or(own);
    if enterprise_id.is_none() {
        faults.add(UserError::at(Code::Required, "enterpriseId"));
    }
    if input.issue_id.is_some() && input.is_primary == Some(true) {
        faults.add(never_primary());
    }
    faults.check()?;
    let enterprise_id = enterprise_id.unwrap_or(Uuid::nil());

    let mut work = Work::begin(&deps, &actor, "createContact").await?;
    let may = policy::may_change(viewer, enterprise_id);
    active::lock(&work, enterprise_id, "enterpriseId", may).await?;
    let mut issue_id = None;
    if let Some(id) = &input.issue_id {
        let id = row_id(Kind::Issue, id);
        let issue = work.visible::<enterprise_issue::Entity>(&ISSUE, id).await?;
        let issue = issue.filter(|issue| issue.enterprise_id == enterprise_id);
        issue_id = Some(issue.ok_or_else(|| not_found("issueId"))?.id);
    }
    let mut is_primary = false;
    if issue_id.is_none() {
        let before = primary(&work, enterprise_id).await?;
        is_primary = input.is_primary.unwrap_or(before.is_none());
        if let Some(before) = before.filter(|_| is_primary) {
            demote(&mut work, &before).await?;
        }
    }
    let id = work.new_id();
    let row = ActiveModel {
        issue_id: Set(issue_id),
        is_primary: Set(is_primary),
        ..fresh(&work, id, enterprise_id, details)?
    };
    let taken = || UserError::at(Code::Taken, "issueId");
    work.insert(event(id, "contact.created"), row, taken)
        .await?;
    work.commit(Kind::Contact, id).await?;
    Ok(id)
}

/// A row of these details.
fn fresh(work: &Work, id: Uuid, enterprise_id: Uuid, details: Details) -> Result<ActiveModel> {
    let plain = Plain::new(details.name, details.mobile, details.email);
    Ok(ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        enterprise_id: Set(enterprise_id),
        issue_id: Set(None),
        post_title: Set(details.post_title),
        is_primary: Set(false),
        is_synthetic: Set(false),
        version: Set(1),
        created_at: Set(work.now()),
        updated_at: Set(work.now()),
        ..sealed(work.vault(), id, &plain)?
    })
}

/// The contact of an enterprise to turn to first, locked.
async fn primary(work: &Work, enterprise_id: Uuid) -> Result<Option<Model>> {
    let found = Entity::find()
        .filter(Column::EnterpriseId.eq(enterprise_id))
        .filter(Column::IsPrimary.eq(true))
        .for_change()
        .one(work.tx())
        .await?;
    Ok(found)
}

async fn demote(work: &mut Work, before: &Model) -> Result<()> {
    let change = ActiveModel {
        is_primary: Set(false),
        ..<ActiveModel as Default>::default()
    };
    touch(work, before, change).await
}

async fn touch(work: &mut Work, before: &Model, change: ActiveModel) -> Result<()> {
    let row = ActiveModel {
        id: Set(before.id),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..change
    };
    let taken = || UserError::at(Code::Taken, "isPrimary");
    work.update(event(before.id, "contact.updated"), before, row, taken)
        .await?;
    Ok(())
}

fn never_primary() -> UserError {
    UserError::at(Code::Invalid, "isPrimary").saying(
        "诉求联系人不能设为企业首要联系人",
        "The contact of an issue is not the one of the enterprise to turn to first.",
    )
}

/// The contact, locked, when this viewer may change it.
async fn open(work: &Work, actor: &Actor, id: &async_graphql::ID) -> Result<Model> {
    let id = row_id(Kind::Contact, id);
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let found = found.ok_or_else(|| not_found("id"))?;
    if policy::may_change(&actor.viewer, found.enterprise_id) {
        Ok(found)
    } else {
        Err(forbidden(id))
    }
}

/// Changes a contact.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `INVALID`, `TOO_LONG`, `NOT_FOUND`, `FORBIDDEN`,
/// `STALE_VERSION`.
pub async fn update(deps: Deps, actor: Actor, input: UpdateContactInput) -> Result<Uuid> {
    role_may(policy::may_ever_change(&actor.viewer))?;
    let mut faults = Faults::default();
    let name = patch(&mut faults, "name", input.name, |faults, text| {
        details::name(faults, &text)
    });
    let mobile = patch(&mut faults, "mobile", input.mobile, |faults, text| {
        details::mobile(faults, &text)
    });
    let email = match input.email {
        MaybeUndefined::Value(text) => {
            MaybeUndefined::Value(details::email(&mut faults, Some(&text)))
        }
        MaybeUndefined::Null => MaybeUndefined::Value(None),
        MaybeUndefined::Undefined => MaybeUndefined::Undefined,
    };
    let row = ActiveModel {
        post_title: patch_opt(&mut faults, input.post_title, |faults, text| {
            line(faults, "postTitle", &text, 120)
        }),
        is_primary: patch(&mut faults, "isPrimary", input.is_primary, |_, value| value),
        ..<ActiveModel as Default>::default()
    };
    faults.check()?;
    let is_told = name.is_set() || mobile.is_set() || !email.is_undefined();
    not_empty(!is_told && !row.is_changed())?;

    let mut work = Work::begin(&deps, &actor, "updateContact").await?;
    let before = open(&work, &actor, &input.id).await?;
    expect_version(before.id, before.version, input.expected_version)?;
    if row.is_primary == Set(true) && !before.is_primary {
        if before.issue_id.is_some() {
            return Err(Error::about(before.id, never_primary()));
        }
        if let Some(former) = primary(&work, before.enterprise_id).await? {
            demote(&mut work, &former).await?;
        }
    }
    let was = opened(work.vault(), &before)?;
    let is = Plain::new(
        name.try_as_ref().unwrap_or(&was.name).clone(),
        mobile.try_as_ref().unwrap_or(&was.mobile).clone(),
        match email {
            MaybeUndefined::Value(email) => email,
            _ => was.email.clone(),
        },
    );
    let change = ActiveModel {
        post_title: row.post_title,
        is_primary: row.is_primary,
        ..sealed::changed(work.vault(), &before, &was, &is)?
    };
    touch(&mut work, &before, change).await?;
    work.commit(Kind::Contact, before.id).await?;
    Ok(before.id)
}

/// Removes a contact; nothing of it stays. Gives its enterprise.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `STALE_VERSION`.
pub async fn remove(deps: Deps, actor: Actor, input: RemoveContactInput) -> Result<Uuid> {
    role_may(policy::may_ever_change(&actor.viewer))?;
    let mut work = Work::begin(&deps, &actor, "removeContact").await?;
    let before = open(&work, &actor, &input.id).await?;
    let enterprise = before.enterprise_id;
    expect_version(enterprise, before.version, input.expected_version)?;
    let gone = event(before.id, "contact.removed");
    work.remove::<Model, ActiveModel>(gone, before).await?;
    work.commit(Kind::Enterprise, enterprise).await?;
    Ok(enterprise)
}

/// Records that a contact is read in full, and what for. Nothing changes, so nothing is told.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN`, `REQUIRED`, `TOO_LONG`, `INVALID` for the
/// reason.
pub async fn reveal(deps: Deps, actor: Actor, input: RevealContactInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_reveal(viewer))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 200);
    let mut work = Work::begin(&deps, &actor, "revealContact").await?;
    let id = row_id(Kind::Contact, &input.id);
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let found = found.ok_or_else(|| not_found("id"))?;
    if !policy::may_reveal(viewer, found.enterprise_id) {
        return Err(forbidden(id));
    }
    faults.check()?;
    work.remark(json!({
        "table": "contact",
        "read": ["name", "mobile", "email"],
        "reason": reason,
    }));
    work.commit(Kind::Contact, id).await?;
    Ok(id)
}

/// Sees to it that an issue that comes in has somebody to turn to: the one who is told, in place
/// of its own before, or one who is there. Part of the issue's event.
///
/// # Errors
/// User error `REQUIRED` at `contact` where there is nobody; or when the database fails.
pub async fn settle(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    told: Option<Details>,
) -> Result<()> {
    let Some(details) = told else {
        if has_any(work.tx(), issue.id, issue.enterprise_id).await? {
            return Ok(());
        }
        let error = UserError::at(Code::Required, "contact").saying(
            "提交诉求须有联系人：填写 contact，或先为企业设置首要联系人",
            "An issue needs somebody to turn to: give a contact, or the enterprise a first one.",
        );
        return Err(Error::about(issue.id, error));
    };
    replace(work, event, issue, details).await
}

/// Gives an issue that takes up another one the contact of that one, sealed anew.
///
/// # Errors
/// When the database fails, or the contact cannot be opened.
pub async fn carry(
    work: &mut Work,
    event: Event,
    from: Uuid,
    issue: &enterprise_issue::Model,
) -> Result<()> {
    let own = Entity::find()
        .filter(Column::IssueId.eq(from))
        .one(work.tx())
        .await?;
    let Some(own) = own else {
        return Ok(());
    };
    let plain = opened(work.vault(), &own)?;
    let details = Details {
        name: plain.name,
        mobile: plain.mobile,
        email: plain.email,
        post_title: own.post_title,
    };
    replace(work, event, issue, details).await
}

/// Writes the contact of an issue, in place of its own before.
///
/// # Errors
/// When the database fails.
pub async fn replace(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    details: Details,
) -> Result<()> {
    let own = Entity::find()
        .filter(Column::IssueId.eq(issue.id))
        .for_change()
        .one(work.tx())
        .await?;
    if let Some(before) = own {
        work.remove::<Model, ActiveModel>(event, before).await?;
    }
    let id = work.new_id();
    let row = ActiveModel {
        issue_id: Set(Some(issue.id)),
        ..fresh(work, id, issue.enterprise_id, details)?
    };
    work.add(event, row).await?;
    Ok(())
}
