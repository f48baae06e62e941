//! Something the enterprises of a pairing did together.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What the enterprises of a pairing did together.
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
pub enum InteractionType {
    /// Regular visit (定期走访互动).
    PeerVisit,
    /// Meeting called by the lead (牵头企业会议).
    LeadMeeting,
    /// Development forum (发展论坛).
    Forum,
    /// Enterprise service day (服务企业日).
    ServiceDay,
}

/// What a cooperation deal (合作共赢) is about.
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
pub enum DealType {
    /// Purchase or supply.
    Procurement,
    /// Technology.
    Technology,
    /// People.
    Talent,
    /// Finance.
    Finance,
    /// Anything else.
    Other,
}

/// The band of a deal's amount; exact amounts are not kept.
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
pub enum AmountBand {
    /// Under one million yuan.
    #[sea_orm(string_value = "UNDER_1M")]
    #[serde(rename = "UNDER_1M")]
    #[graphql(name = "UNDER_1M")]
    Under1m,
    /// From one to ten million yuan.
    #[sea_orm(string_value = "FROM_1M_TO_10M")]
    #[serde(rename = "FROM_1M_TO_10M")]
    #[graphql(name = "FROM_1M_TO_10M")]
    From1mTo10m,
    /// From ten to a hundred million yuan.
    #[sea_orm(string_value = "FROM_10M_TO_100M")]
    #[serde(rename = "FROM_10M_TO_100M")]
    #[graphql(name = "FROM_10M_TO_100M")]
    From10mTo100m,
    /// Over a hundred million yuan.
    #[sea_orm(string_value = "OVER_100M")]
    #[serde(rename = "OVER_100M")]
    #[graphql(name = "OVER_100M")]
    Over100m,
}

/// Something the enterprises of a pairing did together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "pairing_interaction")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The pairing.
    pub pairing_id: Uuid,
    /// What it was.
    pub interaction_type: InteractionType,
    /// The day.
    pub held_on: Date,
    /// The title.
    pub title: String,
    /// What came of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub summary: Option<String>,
    /// The modes of co-building it served, a bit each in the order of `CoBuildMode`; at least one.
    pub modes: i32,
    /// The kinds of mutual aid in it, a bit each in the order of `MutualAidType`.
    pub aids: i32,
    /// People who took part.
    pub participant_count: Option<i32>,
    /// What the cooperation deal is about; `WIN_WIN` needs one.
    pub deal_type: Option<DealType>,
    /// The band of its amount.
    pub deal_amount_band: Option<AmountBand>,
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
