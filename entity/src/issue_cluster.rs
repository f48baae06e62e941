//! A problem that several enterprises have (共性问题), answered once for all of them.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Where a common problem stands.
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
pub enum ClusterStatus {
    /// Not answered yet.
    Open,
    /// Answered, once for all.
    Answered,
}

/// A problem that several enterprises have (共性问题), answered once for all of them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_cluster")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// What the problem is.
    pub title: String,
    /// What its issues have in common.
    #[sea_orm(column_type = "Text")]
    pub cause: String,
    /// Where it stands.
    pub status: ClusterStatus,
    /// When it was answered.
    pub answered_at: Option<DateTimeUtc>,
    /// The user who saw that the issues belong together.
    pub created_by_id: Option<Uuid>,
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
