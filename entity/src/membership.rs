//! The membership of an enterprise in the alliance; a change of role ends one row and opens the next.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The role of an enterprise in the alliance.
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
pub enum MembershipRole {
    /// Lead enterprise (牵头企业).
    Lead,
    /// Member enterprise (成员企业).
    Member,
    /// State-owned partner (国企伙伴); not counted among the alliance enterprises.
    SoePartner,
}

/// Whether a membership is in force.
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
pub enum MembershipStatus {
    /// In force.
    Active,
    /// Ended by withdrawal or by a change of role; kept as history.
    Ended,
}

/// The membership of an enterprise in the alliance; a change of role ends one row and opens the next.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "membership")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "three criteria, a column each"
)]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Its role.
    pub role: MembershipRole,
    /// Whether it is in force.
    pub status: MembershipStatus,
    /// The day it began.
    pub joined_on: Date,
    /// The day it ended.
    pub left_on: Option<Date>,
    /// Lead criterion: mature management (管理体系成熟).
    pub has_mature_management: bool,
    /// Lead criterion: good party foundation (党建基础较好).
    pub has_party_foundation: bool,
    /// Lead criterion: strong demonstration effect (示范带动力强).
    pub has_demonstration_effect: bool,
    /// Whether the role is assumed, not stated by a source.
    pub is_assumed: bool,
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
