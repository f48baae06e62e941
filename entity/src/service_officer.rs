//! A chief service officer (首席服务官): a post, not a person.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Whether a post serves.
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
pub enum OfficerStatus {
    /// The post serves.
    Active,
    /// The post no longer serves.
    Retired,
}

/// A chief service officer (首席服务官): a post, not a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "service_officer")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The post.
    pub post_title: String,
    /// The department the post belongs to.
    pub department_id: Uuid,
    /// The patch it covers (片区).
    pub patch: Option<String>,
    /// The office telephone.
    pub office_phone: Option<String>,
    /// Whether the post serves.
    pub status: OfficerStatus,
    /// Whether the row is made up for demonstration.
    pub is_synthetic: bool,
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
