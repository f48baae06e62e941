//! An enterprise that takes part, for the commands of other concepts that build on it.

use entity::enterprise::{EnterpriseStatus, Entity, Model};
use uuid::Uuid;

use super::queries::SHAPE;
use crate::domain::input::not_found;
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::store::work::Work;

/// The enterprise, locked, so that it cannot be deactivated meanwhile.
///
/// # Errors
/// User errors at the field: `NOT_FOUND`, `INVALID_STATE` once deactivated; or when the database
/// fails.
pub async fn lock(work: &Work, id: Uuid, field: &str) -> Result<Model> {
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let found = found.ok_or_else(|| not_found(field))?;
    if found.status == EnterpriseStatus::Active {
        return Ok(found);
    }
    let error = UserError::at(Code::InvalidState, field)
        .saying("企业已停用", "The enterprise is deactivated.")
        .with("state", "DEACTIVATED");
    Err(Error::user(error))
}
