//! A call back to the enterprise (回访): due until there is a result.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Why an enterprise is called back.
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
pub enum CallbackReason {
    /// It withdrew its issue, and the withdrawal was drawn for a check (撤单质检).
    Withdrawn,
    /// It was not satisfied with the reply.
    Dissatisfied,
}

/// What a call back brought.
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
pub enum CallbackResult {
    /// The enterprise confirms what is on record.
    Confirmed,
    /// The enterprise does not confirm it.
    Disputed,
    /// Nobody could be reached.
    Unreachable,
}

/// A call back to the enterprise (回访): due until there is a result.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_callback")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// Why it is due.
    pub reason: CallbackReason,
    /// What it brought; none while it is due.
    pub result: Option<CallbackResult>,
    /// What was said.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// The user who called; never one who handled the issue.
    pub called_by_id: Option<Uuid>,
    /// When.
    pub called_at: Option<DateTimeUtc>,
    /// Since when it is due.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
