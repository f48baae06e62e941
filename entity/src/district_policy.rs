//! One version of what a district's charter sets; the highest revision is in force.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One version of what a district's charter sets; the highest revision is in force.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "district_policy")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// Counts the versions of the district's policy from 1.
    pub revision: i32,
    /// The fewest members of a 1+N pairing.
    pub pairing_min_members: i32,
    /// The most members of a 1+N pairing.
    pub pairing_max_members: i32,
    /// Days until an under-strength pairing shows a warning.
    pub under_strength_grace_days: i32,
    /// Days without interaction after which a pairing counts as idle.
    pub idle_pairing_days: i32,
    /// The most enterprises one officer serves.
    pub officer_capacity: i32,
    /// Leads on duty per quarter.
    pub leads_on_duty: i32,
    /// Whether the enterprise register holds every enterprise, so that the headline figures count rows instead of reading the baseline.
    pub register_complete: bool,
    /// Start of the working day, minutes after midnight Asia/Shanghai.
    pub work_start_minute: i32,
    /// End of the working day, minutes after midnight Asia/Shanghai.
    pub work_end_minute: i32,
    /// How often an enterprise may reopen an issue.
    pub max_reopens: i32,
    /// Working days after closing within which an issue may be reopened.
    pub reopen_window_days: i32,
    /// How often an assignment may be returned before the district decides.
    pub max_returns: i32,
    /// How much of a clock's time is left when its light turns yellow, in per cent.
    pub yellow_percent: i32,
    /// Working days after which an unanswered question to an enterprise withdraws its issue.
    pub info_wait_days: i32,
    /// Working days overdue after which an issue is circulated (通报).
    pub circular_after_days: i32,
    /// Working days overdue after which an issue goes to a joint meeting (联席会议).
    pub meeting_after_days: i32,
    /// The user who set this version; none for the first.
    pub changed_by_id: Option<Uuid>,
    /// Since when this version is in force.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
