//! A pairing of enterprises (结对共建).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The kind of a pairing.
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
pub enum PairingKind {
    /// One lead with two or three members (1+N 结对).
    OnePlusN,
    /// One state-owned with one private enterprise (国企+民企结对).
    SoePrivate,
}

/// The state of a pairing.
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
pub enum PairingStatus {
    /// Proposed, not yet in force.
    Draft,
    /// In force.
    Active,
    /// In force with fewer members than the policy asks for; a grace period runs.
    UnderStrength,
    /// Over.
    Ended,
}

/// A pairing of enterprises (结对共建).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pairing")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// Its kind.
    pub kind: PairingKind,
    /// The lead of a 1+N pairing, or the state-owned side.
    pub lead_id: Uuid,
    /// The name.
    pub name: String,
    /// What it is to achieve.
    #[sea_orm(column_type = "Text", nullable)]
    pub goals: Option<String>,
    /// Its state.
    pub status: PairingStatus,
    /// The day it came into force.
    pub starts_on: Option<Date>,
    /// The day it ended.
    pub ends_on: Option<Date>,
    /// Since when it has been under strength.
    pub under_strength_since: Option<DateTimeUtc>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// The user who proposed it.
    pub proposed_by_id: Option<Uuid>,
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
