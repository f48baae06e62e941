//! An offer of help on the issue of another enterprise (难题共解).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Where an offer of help stands.
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
pub enum PeerHelpOfferStatus {
    /// Not decided yet.
    Offered,
    /// Accepted: the helper reads the issue's text.
    Accepted,
    /// Thanked for: it counts as solved together.
    Thanked,
    /// Declined by the issue's enterprise.
    Declined,
    /// Taken back by the helper.
    Withdrawn,
    /// The call for help ended before it was decided.
    Lapsed,
}

/// An offer of help on the issue of another enterprise (难题共解).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "peer_help_offer")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// The enterprise that offers.
    pub offerer_id: Uuid,
    /// The kind of mutual aid, a bit in the order of `MutualAidType`.
    pub aid: i32,
    /// What is offered.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Where it stands.
    pub status: PeerHelpOfferStatus,
    /// What was said when it was declined.
    #[sea_orm(column_type = "Text", nullable)]
    pub decision_note: Option<String>,
    /// When it was first decided on, taken back, or lapsed.
    pub decided_at: Option<DateTimeUtc>,
    /// The words of thanks.
    #[sea_orm(column_type = "Text", nullable)]
    pub thanks: Option<String>,
    /// When it was thanked for.
    pub thanked_at: Option<DateTimeUtc>,
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
