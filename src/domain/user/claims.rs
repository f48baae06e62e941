//! What the token of a user says. The database weighs it at every request (`viewer`), so these
//! are its own words.

use chrono::TimeDelta;
use entity::district;
use entity::user_account::{Column, Entity, Model, UserRole};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::token::{ClaimedRole, NewToken, Perm};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::{Kind, encode};

/// What a token is issued for.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The application it is issued to.
    pub client_id: String,
    /// Its own identifier; a fresh one for each token.
    pub token_id: Uuid,
    /// How long it is valid.
    pub lifetime: TimeDelta,
}

/// The user of an id, whatever the district: tokens are signed for it at the command line only.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

/// The user that signs in as `subject` of `issuer`.
///
/// # Errors
/// When the database fails.
pub async fn by_login(
    conn: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<Model>> {
    let found = Entity::find()
        .filter(Column::Issuer.eq(issuer))
        .filter(Column::Subject.eq(subject));
    Ok(found.one(conn).await?)
}

/// The claims of a user's token.
///
/// # Errors
/// When the database fails.
pub async fn claims(conn: &impl ConnectionTrait, user: &Model, terms: Terms) -> Result<NewToken> {
    let home = district::Entity::find_by_id(user.district_id)
        .one(conn)
        .await?;
    let home = home.ok_or_else(|| Error::Internal(format!("user {} has no district", user.id)))?;
    let mut perms = Vec::new();
    perms.extend(user.is_admin.then_some(Perm::Admin));
    perms.extend(user.is_auditor.then_some(Perm::Auditor));
    Ok(NewToken {
        sub: user.subject.clone(),
        client_id: terms.client_id,
        jti: terms.token_id.simple().to_string(),
        lifetime: terms.lifetime,
        role: Some(match user.role {
            UserRole::District => ClaimedRole::District,
            UserRole::Lead => ClaimedRole::Lead,
            UserRole::Member => ClaimedRole::Member,
        }),
        district: Some(home.code),
        ent: user.enterprise_id.map(|id| encode(Kind::Enterprise, id)),
        off: user.officer_id.map(|id| encode(Kind::Officer, id)),
        perms,
        scope: None,
    })
}
