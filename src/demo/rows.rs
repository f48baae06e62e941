//! What is being built: the rows, the ids they get and the choices between them.

use chrono::{DateTime, Utc};
use entity::{
    clock_rule, department, district, district_baseline, district_policy, enterprise,
    enterprise_issue, issue_callback, issue_category, issue_clock, issue_cluster,
    issue_co_department, issue_counter, issue_extension, issue_progress, issue_rating,
    issue_supervision, issue_transition, joint_meeting, membership, officer_assignment, pairing,
    pairing_interaction, pairing_member, peer_help_offer, service_officer, service_visit,
    user_account, visit_participant,
};
use sea_orm::prelude::Uuid;

use super::calendar::Calendar;
use super::{BuildError, Options, Profile};

/// The rows of the data set, table by table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Districts.
    pub districts: Vec<district::Model>,
    /// Sizes of the register by an outside source.
    pub baselines: Vec<district_baseline::Model>,
    /// Offices.
    pub departments: Vec<department::Model>,
    /// Categories of issues.
    pub categories: Vec<issue_category::Model>,
    /// The register.
    pub enterprises: Vec<enterprise::Model>,
    /// Officers' posts.
    pub officers: Vec<service_officer::Model>,
    /// Users.
    pub users: Vec<user_account::Model>,
    /// Policies.
    pub policies: Vec<district_policy::Model>,
    /// Memberships of the alliance.
    pub memberships: Vec<membership::Model>,
    /// Pairings.
    pub pairings: Vec<pairing::Model>,
    /// Members of pairings.
    pub pairing_members: Vec<pairing_member::Model>,
    /// What pairings did together.
    pub interactions: Vec<pairing_interaction::Model>,
    /// Which officer serves which enterprise.
    pub assignments: Vec<officer_assignment::Model>,
    /// Visits.
    pub visits: Vec<service_visit::Model>,
    /// Who took part in a visit.
    pub participants: Vec<visit_participant::Model>,
    /// Issues.
    pub issues: Vec<enterprise_issue::Model>,
    /// Departments that help with an issue.
    pub co_departments: Vec<issue_co_department::Model>,
    /// Steps of issues.
    pub transitions: Vec<issue_transition::Model>,
    /// Entries on issues.
    pub progress: Vec<issue_progress::Model>,
    /// Ratings.
    pub ratings: Vec<issue_rating::Model>,
    /// What clocks give.
    pub clock_rules: Vec<clock_rule::Model>,
    /// The clocks of issues.
    pub clocks: Vec<issue_clock::Model>,
    /// Common problems.
    pub clusters: Vec<issue_cluster::Model>,
    /// Requests for more time.
    pub extensions: Vec<issue_extension::Model>,
    /// Calls back.
    pub callbacks: Vec<issue_callback::Model>,
    /// Joint meetings.
    pub meetings: Vec<joint_meeting::Model>,
    /// What was pressed for on issues.
    pub supervisions: Vec<issue_supervision::Model>,
    /// Offers of help on issues.
    pub help_offers: Vec<peer_help_offer::Model>,
    /// The last issue numbers given out.
    pub counters: Vec<issue_counter::Model>,
}

/// A table, for its part in an id.
#[derive(Clone, Copy)]
pub(super) enum Table {
    District,
    Baseline,
    Department,
    Category,
    Enterprise,
    Officer,
    User,
    Policy,
    Membership,
    Pairing,
    PairingMember,
    Interaction,
    Assignment,
    Visit,
    Participant,
    Issue,
    CoDepartment,
    Transition,
    Progress,
    Rating,
    Counter,
    ClockRule,
    Clock,
    Cluster,
    Extension,
    Callback,
    Contact,
    Meeting,
    Supervision,
    HelpOffer,
}

/// The work in progress.
pub(super) struct Build {
    pub(super) profile: Profile,
    pub(super) issuer: String,
    pub(super) as_of: DateTime<Utc>,
    pub(super) calendar: Calendar,
    pub(super) rows: Rows,
    /// Ids given out per table.
    counters: [u32; 30],
}

impl Build {
    pub(super) fn new(options: &Options, calendar: Calendar) -> Self {
        Self {
            profile: options.profile,
            issuer: options.issuer.clone(),
            as_of: options.as_of,
            calendar,
            rows: Rows::default(),
            counters: [0; 30],
        }
    }

    /// A `UUIDv7` of the row's own time. Where the standard has random bits stand the table and a
    /// count per table, so that rows of one instant keep the order they were made in and the
    /// rows that one profile adds leave the ids of the others alone.
    pub(super) fn id(&mut self, table: Table, at: DateTime<Utc>) -> Result<Uuid, BuildError> {
        let millis = u64::try_from(at.timestamp_millis())
            .ok()
            .ok_or(BuildError::Calendar)?;
        let slot = self
            .counters
            .get_mut(table as usize)
            .ok_or(BuildError::Missing("table"))?;
        *slot += 1;
        let [a, b, c, d] = slot.to_be_bytes();
        let bytes = [0, 0, 0, table as u8, 0, 0, a, b, c, d];
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }
}

/// A small seeded generator (splitmix64). Each part of the data has its own, so that a change
/// in one part leaves the others as they are.
pub(super) struct Pick(u64);

impl Pick {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn range(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// One of a list.
    pub(super) fn of<'a, T>(&mut self, list: &'a [T]) -> Result<&'a T, BuildError> {
        let highest = i64::try_from(list.len()).unwrap_or(0) - 1;
        let index = usize::try_from(self.range(0, highest.max(0))).unwrap_or(0);
        list.get(index).ok_or(BuildError::Missing("choice"))
    }

    /// Puts a list into another order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.range(0, i64::try_from(last).unwrap_or(0));
            list.swap(last, usize::try_from(other).unwrap_or(0));
        }
    }
}

/// An element of a list that the plan counts on.
pub(super) fn at<'a, T>(
    list: &'a [T],
    index: usize,
    what: &'static str,
) -> Result<&'a T, BuildError> {
    list.get(index).ok_or(BuildError::Missing(what))
}
