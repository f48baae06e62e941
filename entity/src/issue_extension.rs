//! A request for more time (延期); decided by somebody else.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Where a request for more time stands.
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
pub enum ExtensionStatus {
    /// Asked for.
    Requested,
    /// Granted: there is a new due date.
    Approved,
    /// Not granted.
    Rejected,
    /// Never decided: the issue did not need it any more.
    Lapsed,
}

/// A request for more time (延期); decided by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_extension")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// Where it stands.
    pub status: ExtensionStatus,
    /// Why more time is needed.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// When the issue was due when it was asked for.
    pub due_before: Option<DateTimeUtc>,
    /// The day by whose end it is to be due instead.
    pub new_due_on: Date,
    /// The user who asked.
    pub requested_by_id: Option<Uuid>,
    /// The user who decided; never the one who asked.
    pub decided_by_id: Option<Uuid>,
    /// What was said with the decision.
    #[sea_orm(column_type = "Text", nullable)]
    pub decision_note: Option<String>,
    /// When it was decided, or lapsed.
    pub decided_at: Option<DateTimeUtc>,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
