//! Changes of visits. The participants are part of the visit: they are written with it once and
//! stay.

mod plan;
mod record;

use async_graphql::ID;
use entity::{enterprise, service_officer};
use std::collections::HashMap;
use uuid::Uuid;

use super::policy;
use crate::access::viewer::Viewer;
use crate::domain::enterprise::active;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::input::{not_found, row_id};
use crate::domain::officer::{queries as officers, rules};
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::Work;

pub use plan::plan;
pub use record::record;

/// Officers by id, as far as they are of the district.
type Posts = HashMap<Uuid, service_officer::Model>;

/// The officer at a field, if the viewer may name it and it serves.
fn named(viewer: &Viewer, posts: &Posts, officer: Uuid, field: &str) -> Result<Uuid> {
    let post = posts.get(&officer).ok_or_else(|| not_found(field))?;
    if !policy::may_name(viewer, officer) {
        return Err(Error::user(UserError::at(Code::Forbidden, field)));
    }
    rules::check_serves(post, field)?;
    Ok(officer)
}

/// Who visits whom: the enterprise, locked, and the officer. Where none is named: an officer
/// itself, else the officer who serves the enterprise.
async fn parties(
    work: &Work,
    viewer: &Viewer,
    enterprise: &ID,
    officer: Option<&ID>,
) -> Result<(Uuid, Uuid)> {
    let enterprise = row_id(Kind::Enterprise, enterprise);
    if !policy::may_visit(viewer, enterprise) {
        // Whoever may not do it learns so whatever state the enterprise is in.
        let seen = work.visible::<enterprise::Entity>(&ENTERPRISE, enterprise);
        seen.await?.ok_or_else(|| not_found("enterpriseId"))?;
        return Err(Error::user(UserError::at(Code::Forbidden, "enterpriseId")));
    }
    active::lock(work, enterprise, "enterpriseId").await?;
    if let Some(officer) = officer {
        let officer = row_id(Kind::Officer, officer);
        let posts = officers::posts(work.tx(), work.district_id(), &[officer]).await?;
        return Ok((enterprise, named(viewer, &posts, officer, "officerId")?));
    }
    if let Some(post) = viewer.post() {
        return Ok((enterprise, post.officer_id));
    }
    let serving = officers::officer_of(work.tx(), enterprise).await?;
    let serving = serving.ok_or_else(|| {
        Error::user(UserError::at(Code::Required, "officerId").saying(
            "该企业没有首席服务官，请指定走访的服务官",
            "The enterprise has no officer; name the one who visits.",
        ))
    })?;
    Ok((enterprise, serving))
}
