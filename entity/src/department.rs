//! An office of the district.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What part a department has in governing the programme.
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
pub enum GovernanceRole {
    /// Overall coordination by the district committee (区委统筹); exactly one.
    Overall,
    /// Leads the work (组织部牵头抓总); exactly one.
    Lead,
    /// Shares the work (相关单位齐抓共管).
    Participating,
}

/// An office of the district.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "department")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// A short code, unique in the district.
    pub code: String,
    /// The name.
    pub name: String,
    /// Its part in governing the programme.
    pub governance_role: GovernanceRole,
    /// Whether issues can be assigned to it.
    pub is_active: bool,
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
