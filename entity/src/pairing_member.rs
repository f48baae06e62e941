//! An enterprise on the N side of a pairing. Kind and lead repeat the pairing's, so that the database holds the rules on them.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::pairing::PairingKind;

/// The state of a membership in a pairing.
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
pub enum PairingMemberStatus {
    /// Named in a draft.
    Proposed,
    /// Member of a pairing in force.
    Active,
    /// No longer a member.
    Left,
}

/// An enterprise on the N side of a pairing. Kind and lead repeat the pairing's, so that the database holds the rules on them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pairing_member")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The pairing.
    pub pairing_id: Uuid,
    /// The pairing's kind.
    pub kind: PairingKind,
    /// The pairing's lead, never the member itself.
    pub lead_id: Uuid,
    /// The member.
    pub enterprise_id: Uuid,
    /// Its state.
    pub status: PairingMemberStatus,
    /// The day it became active.
    pub joined_on: Option<Date>,
    /// The day it left.
    pub left_on: Option<Date>,
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
