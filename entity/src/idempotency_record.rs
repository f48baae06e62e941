//! What a user did under an idempotency key.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a user did under an idempotency key. Without a target it is a claim: the request runs, or
/// its process died.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "idempotency_record")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The key, which the user chose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The SHA-256 of what was asked for.
    pub fingerprint: String,
    /// The attempt that may finish it.
    pub claim: Uuid,
    /// When the attempt lapses.
    pub claimed_until: DateTimeUtc,
    /// What kind of thing was written.
    pub target_kind: Option<String>,
    /// Its id.
    pub target_id: Option<Uuid>,
    /// The answer, as it was sent.
    #[sea_orm(column_type = "Text", nullable)]
    pub answer: Option<String>,
    /// When the key was first used.
    pub created_at: DateTimeUtc,
    /// When it is forgotten.
    pub expires_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
