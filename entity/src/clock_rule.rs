//! How many working days a clock gives; of those that fit, the most specific one counts.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::enterprise_issue::{IssueComplexity, IssueNature, IssueUrgency};
use crate::issue_clock::ClockKind;

/// How many working days a clock gives; of those that fit, the most specific one counts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "clock_rule")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The clock.
    pub clock: ClockKind,
    /// Of issues of this urgency; none: of any. It decides before the nature.
    pub urgency: Option<IssueUrgency>,
    /// Of issues of this nature; none: of any. It decides before the complexity.
    pub nature: Option<IssueNature>,
    /// Of issues of this complexity; none: of any.
    pub complexity: Option<IssueComplexity>,
    /// Whether it is for what a dissatisfied enterprise sent back.
    pub is_dissatisfied: bool,
    /// Working days after the day it starts on.
    pub limit_days: i32,
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
