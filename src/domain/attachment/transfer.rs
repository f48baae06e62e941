//! The way of the bytes: who holds a link, weighed against the database as it is now, and what
//! becomes of an upload whose bytes came or did not.

use chrono::TimeDelta;
use entity::attachment::{AttachmentStatus, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::sync::Arc;
use uuid::Uuid;

use super::link::{Link, Purpose};
use super::queries::{SHAPE, visible};
use crate::access::token::Claims;
use crate::access::viewer::Viewer;
use crate::domain::user::claims::{Terms, by_id, claims};
use crate::domain::user::viewer::viewer;
use crate::kernel::error::{Error, Result};
use crate::store::{Deps, Scope};

/// Who a link was made for, as the database sees them now; none who may not sign in any more.
async fn holder(deps: &Deps, user: Uuid) -> Result<Option<Viewer>> {
    let Some(row) = by_id(deps.db.conn(), user).await? else {
        return Ok(None);
    };
    let now = deps.clock.now();
    let terms = Terms {
        client_id: String::new(),
        token_id: user,
        lifetime: TimeDelta::zero(),
    };
    let token = claims(deps.db.conn(), &row, terms).await?;
    let claims = Claims {
        iss: row.issuer,
        aud: Vec::new(),
        sub: token.sub,
        exp: now,
        iat: now,
        nbf: None,
        jti: token.jti,
        client_id: token.client_id,
        role: token.role,
        district: token.district,
        ent: token.ent,
        off: token.off,
        perms: token.perms,
        scope: None,
    };
    match viewer(&deps.db, &claims).await {
        Ok((viewer, _)) => Ok(Some(viewer)),
        Err(Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The upload that a link is for, announced and not over.
///
/// # Errors
/// When the database fails.
pub async fn awaited(deps: &Deps, link: &str) -> Result<Option<Model>> {
    let now = deps.clock.now();
    let Some(link) = Link::read(&deps.vault, Purpose::Upload, link, now) else {
        return Ok(None);
    };
    if holder(deps, link.user).await?.is_none() {
        return Ok(None);
    }
    let found = Entity::find_by_id(link.attachment)
        .filter(Column::UploadedById.eq(link.user))
        .filter(Column::ExpiresAt.gt(now))
        .one(deps.db.conn())
        .await?;
    Ok(found)
}

/// Notes that the bytes of an upload are there; false where it is over meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn received(deps: &Deps, id: Uuid) -> Result<bool> {
    let now = deps.clock.now();
    let noted = Entity::update_many()
        .col_expr(
            Column::Status,
            Expr::value(AttachmentStatus::Received.to_value()),
        )
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Status.ne(AttachmentStatus::Attached))
        .filter(Column::ExpiresAt.gt(now))
        .exec(deps.db.conn())
        .await?;
    Ok(noted.rows_affected == 1)
}

/// Whether an attachment has its row.
///
/// # Errors
/// When the database fails.
pub async fn is_known(deps: &Deps, id: Uuid) -> Result<bool> {
    let found = Entity::find_by_id(id).count(deps.db.conn()).await?;
    Ok(found == 1)
}

/// Forgets an upload that was not what was announced.
///
/// # Errors
/// When the database fails.
pub async fn forget(deps: &Deps, id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(AttachmentStatus::Pending))
        .exec(deps.db.conn())
        .await?;
    Ok(())
}

/// The attachment that a link shows, if its holder sees it still.
///
/// # Errors
/// When the database fails.
pub async fn shown(deps: &Deps, link: &str) -> Result<Option<Model>> {
    let Some(link) = Link::read(&deps.vault, Purpose::Download, link, deps.clock.now()) else {
        return Ok(None);
    };
    let Some(viewer) = holder(deps, link.user).await? else {
        return Ok(None);
    };
    let scope = Scope {
        viewer: Arc::new(viewer),
        rights: None,
        backend: deps.db.backend(),
        now: deps.clock.now(),
    };
    let found = Entity::find_by_id(link.attachment)
        .filter(Column::Status.eq(AttachmentStatus::Attached))
        .filter(visible(&scope, SHAPE.table))
        .one(deps.db.conn())
        .await?;
    Ok(found)
}
