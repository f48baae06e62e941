//! Supervision (督办): what presses for an issue that is late, by level, and the joint meetings
//! (联席会议) that conclude what nothing else does.
//!
//! `levels` says what a clock brings and when; `queries` reads; `write` puts a level on an issue in
//! the work of somebody else's; `commands` is what the district does by hand.

pub mod commands;
pub mod levels;
pub mod queries;
pub mod write;

use async_graphql::{ID, InputObject};
use entity::issue_supervision::SupervisionKind;

use crate::access::viewer::Viewer;
use crate::domain::scalar::Date;

/// How somebody presses for an issue; what a joint meeting deals with is escalated to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum SupervisionByHand {
    /// A reminder to who handles it (催办).
    Reminder,
    /// A supervision order to the department and its head (督办单).
    Order,
    /// A circular to the district office (通报).
    Circular,
}

impl From<SupervisionByHand> for SupervisionKind {
    fn from(kind: SupervisionByHand) -> Self {
        match kind {
            SupervisionByHand::Reminder => Self::Reminder,
            SupervisionByHand::Order => Self::Order,
            SupervisionByHand::Circular => Self::Circular,
        }
    }
}

/// Pressing for an issue (督办).
#[derive(Clone, Debug, InputObject)]
pub struct SuperviseIssueInput {
    /// The issue, one that work is still owed on.
    pub id: ID,
    /// The version that it was seen in.
    pub expected_version: i32,
    /// How it is pressed for.
    pub kind: SupervisionByHand,
    /// What is demanded, at most 2,000 characters.
    pub demand: String,
}

/// Raising an issue by one level (提级).
#[derive(Clone, Debug, InputObject)]
pub struct EscalateIssueInput {
    /// The issue, one that work is still owed on.
    pub id: ID,
    /// The version that it was seen in.
    pub expected_version: i32,
    /// Why, at most 2,000 characters.
    pub reason: String,
}

/// Lowering the level of an issue (撤销提级): what was pressed for above it is lifted.
#[derive(Clone, Debug, InputObject)]
pub struct LowerEscalationInput {
    /// The issue, one that work is still owed on and that was raised.
    pub id: ID,
    /// The version that it was seen in.
    pub expected_version: i32,
    /// The level that it falls to: 0, or one below the present one.
    pub level: i32,
    /// Why, at most 2,000 characters.
    pub reason: String,
}

/// A joint meeting (联席会议) that was held, with what it concluded.
#[derive(Clone, Debug, InputObject)]
pub struct ConcludeJointMeetingInput {
    /// The title, at most 200 characters.
    pub title: String,
    /// The day it was held on.
    pub held_on: Date,
    /// The post of the district leader who chaired it, at most 120 characters; no name.
    pub chair_post: String,
    /// What it concluded, from 1 to 20.
    pub items: Vec<MeetingConclusionInput>,
}

/// What a joint meeting concluded on an issue.
#[derive(Clone, Debug, InputObject)]
pub struct MeetingConclusionInput {
    /// An issue that was raised to a joint meeting and waits for one.
    pub issue_id: ID,
    /// The conclusion, at most 5,000 characters.
    pub conclusion: String,
}

/// Whether the role may record joint meetings.
#[must_use]
pub const fn may_supervise(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}

/// Whether the role ever reads what was pressed for: the district side and officers, the latter of
/// what they handle.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}
