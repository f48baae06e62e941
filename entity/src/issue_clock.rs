//! A clock of an issue: from when it runs, how much working time it gives, when it is due.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a clock measures.
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
pub enum ClockKind {
    /// From the submission to the decision whether it is accepted (受理).
    Accept,
    /// From the acceptance to the assignment (交办).
    Assign,
    /// From the assignment to the first contact with the enterprise (首次响应).
    Contact,
    /// From the acceptance to the answer (办理).
    Resolve,
    /// From what sent it back to the next answer (重办).
    Rework,
    /// From the answer to its rating (评价); the enterprise's own.
    Rating,
    /// From what it was asked for to the call back (回访).
    Callback,
    /// To the next reply of a long-term follow-up (一跟到底).
    NextReply,
}

/// A clock of an issue: from when it runs, how much working time it gives, when it is due.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_clock")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// What it measures.
    pub kind: ClockKind,
    /// Counts the clocks of one kind of an issue from 1.
    pub round: i32,
    /// Working days that it gives after the day it starts on; by the policy when it started.
    pub limit_days: i32,
    /// Working seconds that it gives, the rest of the first day among them.
    pub limit_seconds: i64,
    /// Working seconds that were spent before it last began to run.
    pub spent_seconds: i64,
    /// When it started.
    pub started_at: DateTimeUtc,
    /// Since when it runs; none where it is paused or ended.
    pub running_since: Option<DateTimeUtc>,
    /// Since when it is paused.
    pub paused_at: Option<DateTimeUtc>,
    /// From when little of its time is left; while it is paused, from when it was.
    pub warn_at: DateTimeUtc,
    /// When its time is over; while it is paused, when it was.
    pub due_at: DateTimeUtc,
    /// Whether the deadline reaches into a year without a published calendar.
    pub is_provisional: bool,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
    /// When what it waits for was done; none where it ended without.
    pub met_at: Option<DateTimeUtc>,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
