//! Which officer serves which enterprise (挂点联系).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Whether an assignment is in force.
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
pub enum AssignmentStatus {
    /// In force.
    Active,
    /// Ended; kept as history.
    Ended,
}

/// Which officer serves which enterprise (挂点联系).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "officer_assignment")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The officer.
    pub officer_id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Whether it is in force.
    pub status: AssignmentStatus,
    /// The day it began.
    pub from_on: Date,
    /// The day it ended.
    pub to_on: Option<Date>,
    /// Why it was made.
    pub reason: Option<String>,
    /// Why it ended.
    pub end_reason: Option<String>,
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
