//! An appeal against a refusal, once; granted, the issue is taken up anew.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Where an appeal stands.
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
pub enum AppealStatus {
    /// Not decided yet.
    Filed,
    /// Granted: the issue was submitted anew.
    Granted,
    /// The refusal stays.
    Dismissed,
}

/// An appeal against a refusal, once; granted, the issue is taken up anew.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_appeal")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue that was refused.
    pub issue_id: Uuid,
    /// Where it stands.
    pub status: AppealStatus,
    /// Why the enterprise appeals.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// The user who appealed.
    pub filed_by_id: Option<Uuid>,
    /// The user who decided.
    pub decided_by_id: Option<Uuid>,
    /// What was said with the decision.
    #[sea_orm(column_type = "Text", nullable)]
    pub decision_note: Option<String>,
    /// When it was decided.
    pub decided_at: Option<DateTimeUtc>,
    /// The issue that takes it up anew.
    pub successor_id: Option<Uuid>,
    /// When it was filed.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
