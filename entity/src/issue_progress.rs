//! An entry on an issue: a step, a question, an answer, the reply.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::enterprise_issue::IssueOutcome;

/// What an entry on an issue is.
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
pub enum ProgressKind {
    /// The first contact with the enterprise.
    FirstContact,
    /// A step of the handling.
    Progress,
    /// A question to the enterprise.
    InfoRequest,
    /// The enterprise's answer to a question.
    InfoSupplied,
    /// The reply (答复).
    Response,
}

/// What an entry is for, beyond its kind.
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
pub enum ProgressPurpose {
    /// A reply on the way of a long-term follow-up (阶段性答复).
    InterimReply,
    /// The enterprise is told of more time (延期).
    Extension,
    /// The enterprise urges (催办).
    Urge,
    /// A reply to the issue that this one was merged into.
    MergedReply,
}

/// An entry on an issue: a step, a question, an answer, the reply.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_progress")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// Counts the entries of an issue from 1.
    pub seq: i32,
    /// What it is.
    pub kind: ProgressKind,
    /// The text.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Whether only the district side sees it.
    pub is_internal: bool,
    /// The outcome that a reply states.
    pub outcome: Option<IssueOutcome>,
    /// What it is for, beyond its kind.
    pub purpose: Option<ProgressPurpose>,
    /// The day by which an interim reply promises the next one.
    pub next_reply_on: Option<Date>,
    /// The user who wrote it.
    pub author_id: Option<Uuid>,
    /// When it was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
