//! A visit of an officer to an enterprise (走访).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// How a visit is held.
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
pub enum VisitMode {
    /// At the enterprise.
    OnSite,
    /// By telephone.
    Call,
    /// By video or chat.
    Online,
}

/// The state of a visit.
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
pub enum VisitStatus {
    /// Planned, not yet held.
    Planned,
    /// Held and recorded.
    Done,
    /// Not held.
    Cancelled,
}

/// A visit of an officer to an enterprise (走访).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "service_visit")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The officer.
    pub officer_id: Uuid,
    /// How it is held.
    pub mode: VisitMode,
    /// Its state.
    pub status: VisitStatus,
    /// The day it is planned for.
    pub planned_on: Date,
    /// The day it was held.
    pub held_on: Option<Date>,
    /// What it is for.
    pub purpose: String,
    /// What was found.
    #[sea_orm(column_type = "Text", nullable)]
    pub findings: Option<String>,
    /// Notes of the district side.
    #[sea_orm(column_type = "Text", nullable)]
    pub internal_note: Option<String>,
    /// The user who recorded it.
    pub recorded_by_id: Option<Uuid>,
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
