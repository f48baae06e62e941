//! A user: the database's word on what a token may do.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The role of a user.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    async_graphql::Enum,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserRole {
    /// District side (区级): operators, administrators, auditors and officers.
    District,
    /// User of a lead enterprise.
    Lead,
    /// User of an enterprise that does not lead.
    Member,
}

/// Whether a user may sign in.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    async_graphql::Enum,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// May sign in.
    Active,
    /// May not sign in.
    Disabled,
}

/// A user: the database's word on what a token may do.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "user_account")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issuer of the user's tokens.
    pub issuer: String,
    /// The subject of the user's tokens.
    pub subject: String,
    /// How the user is shown; a post or a function, not a private name.
    pub display_name: String,
    /// The role.
    pub role: UserRole,
    /// The enterprise of a lead or member user.
    pub enterprise_id: Option<Uuid>,
    /// The officer post of a district user.
    pub officer_id: Option<Uuid>,
    /// Whether a district user administers (ADMIN).
    pub is_admin: bool,
    /// Whether a district user audits (AUDITOR).
    pub is_auditor: bool,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// Counts the changes of this row; the optimistic lock.
    pub version: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
