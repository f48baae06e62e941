//! An enterprise that takes part, for the commands of other concepts that build on it.

use entity::enterprise::{EnterpriseStatus, Entity, Model};
use uuid::Uuid;

use super::queries::SHAPE;
use crate::domain::input::not_found;
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::store::work::Work;

/// The enterprise, locked, so that it cannot be deactivated meanwhile. Whoever may not act for it
/// learns so whatever state it is in.
///
/// # Errors
/// User errors at the field: `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE` once deactivated; or when
/// the database fails.
pub async fn lock(work: &Work, id: Uuid, field: &str, may: bool) -> Result<Model> {
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    check(found.as_ref().map(|found| found.status), field, may)?;
    found.ok_or_else(|| not_found(field))
}

/// Whether an enterprise takes part, by its status if there is such an enterprise.
///
/// # Errors
/// As `lock`.
pub fn check(status: Option<EnterpriseStatus>, field: &str, may: bool) -> Result<()> {
    let status = status.ok_or_else(|| not_found(field))?;
    if !may {
        return Err(Error::user(UserError::at(Code::Forbidden, field)));
    }
    if status == EnterpriseStatus::Active {
        return Ok(());
    }
    let error = UserError::at(Code::InvalidState, field)
        .saying("企业已停用", "The enterprise is deactivated.")
        .with("state", "DEACTIVATED");
    Err(Error::user(error))
}
