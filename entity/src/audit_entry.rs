//! Who did what, when, and what it changed; append-only.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Who did what, when, and what it changed; append-only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district, where there is one.
    pub district_id: Option<Uuid>,
    /// The user; none for the command line.
    pub actor_id: Option<Uuid>,
    /// How the actor is named: the role, or the command line.
    pub actor: String,
    /// The id (jti) of the token used.
    pub token_id: Option<String>,
    /// The action, such as assignIssue.
    pub action: String,
    /// What kind of thing it was done to.
    pub target_kind: String,
    /// Its id.
    pub target_id: Uuid,
    /// Each changed row with the changed fields before and after.
    pub changes: Json,
    /// The request it was part of.
    pub request_id: String,
    /// When it happened.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
