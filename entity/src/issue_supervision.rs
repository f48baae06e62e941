//! What was pressed for on an issue (督办), and at which level.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::issue_clock::ClockKind;

/// How an issue is pressed for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
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
pub enum SupervisionKind {
    /// A reminder to who handles it (催办), level 1.
    Reminder,
    /// A supervision order to the department and its head (督办单), level 2.
    Order,
    /// A circular to the district office (通报), level 3.
    Circular,
    /// An item of a joint meeting (联席会议议题), level 4.
    Meeting,
}

impl SupervisionKind {
    /// The level of escalation that it belongs to.
    #[must_use]
    pub const fn level(self) -> i32 {
        match self {
            Self::Reminder => 1,
            Self::Order => 2,
            Self::Circular => 3,
            Self::Meeting => 4,
        }
    }
}

/// What was pressed for on an issue (督办), and at which level.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_supervision")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// The clock that brought it; none where somebody did.
    pub clock_id: Option<Uuid>,
    /// What that clock measures.
    pub clock: Option<ClockKind>,
    /// How the issue is pressed for.
    pub kind: SupervisionKind,
    /// The level of escalation.
    pub level: i32,
    /// What is demanded.
    #[sea_orm(column_type = "Text", nullable)]
    pub demand: Option<String>,
    /// The department that led the handling then.
    pub department_id: Option<Uuid>,
    /// The officer in charge then.
    pub officer_id: Option<Uuid>,
    /// The user who issued it; none where a clock brought it.
    pub issued_by_id: Option<Uuid>,
    /// The meeting that concluded it.
    pub meeting_id: Option<Uuid>,
    /// What the meeting concluded.
    #[sea_orm(column_type = "Text", nullable)]
    pub conclusion: Option<String>,
    /// When it was concluded.
    pub concluded_at: Option<DateTimeUtc>,
    /// When it was lifted.
    pub lifted_at: Option<DateTimeUtc>,
    /// The user who lifted it.
    pub lifted_by_id: Option<Uuid>,
    /// Why it was lifted.
    #[sea_orm(column_type = "Text", nullable)]
    pub lift_reason: Option<String>,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
