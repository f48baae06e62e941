//! Districts, and the policy that their charter sets: revisions that are added and never changed.

use async_graphql::{InputObject, MaybeUndefined};

pub mod commands;
pub mod founding;
pub mod policy;
pub mod queries;

/// A change of the district's policy: what is absent stays. It becomes a new revision.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateDistrictPolicyInput {
    /// The revision that the change was made on.
    pub expected_version: i32,
    /// The fewest members of a 1+N pairing (1+N 结对), from 1 to 20.
    pub pairing_min_members: MaybeUndefined<i32>,
    /// The most members of a 1+N pairing, from the fewest to 20.
    pub pairing_max_members: MaybeUndefined<i32>,
    /// Days until an under-strength pairing shows a warning, from 1 to 365.
    pub under_strength_grace_days: MaybeUndefined<i32>,
    /// Days without interaction after which a pairing counts as idle, from 1 to 365.
    pub idle_pairing_days: MaybeUndefined<i32>,
    /// The most enterprises that one chief service officer (首席服务官) serves, from 1 to 100.
    pub officer_capacity: MaybeUndefined<i32>,
    /// Leads on duty per quarter (轮值), from 1 to 8.
    pub leads_on_duty: MaybeUndefined<i32>,
    /// Whether the register holds every enterprise: then the headline figures count its rows
    /// instead of reading the baseline.
    pub register_complete: MaybeUndefined<bool>,
    /// Start of the working day in minutes after midnight, from 0 to 1439.
    pub work_start_minute: MaybeUndefined<i32>,
    /// End of the working day in minutes after midnight, after its start and at most 1440.
    pub work_end_minute: MaybeUndefined<i32>,
    /// How often an enterprise may reopen an issue, from 0 to 10.
    pub max_reopens: MaybeUndefined<i32>,
    /// Working days after closing within which an issue may be reopened, from 0 to 90.
    pub reopen_window_days: MaybeUndefined<i32>,
    /// How often an assignment may be returned before the district decides, from 0 to 10.
    pub max_returns: MaybeUndefined<i32>,
    /// How much of a clock's time is left when its light turns yellow, from 1 to 99 per cent.
    pub yellow_percent: MaybeUndefined<i32>,
    /// Working days after which an unanswered question withdraws its issue, from 1 to 250.
    pub info_wait_days: MaybeUndefined<i32>,
    /// Working days overdue after which an issue is circulated (通报), from 1 to 250.
    pub circular_after_days: MaybeUndefined<i32>,
    /// Working days overdue after which an issue goes to a joint meeting (联席会议), from 1 to 250.
    pub meeting_after_days: MaybeUndefined<i32>,
}

/// A district to add.
#[derive(Clone, Debug)]
pub struct NewDistrict {
    /// GB/T 2260 code: six digits, of a district or county.
    pub code: String,
    /// The name, at most 120 characters.
    pub name: String,
    /// The prefix of its issue numbers: 2 to 8 capital letters and digits; its code where absent.
    pub number_prefix: Option<String>,
}
