//! Memberships of the alliance (红联共建): who belongs to it, in which role, since when. A change
//! of role ends one row and opens the next, so that the history stays.

use async_graphql::{Enum, ID, InputObject};
use entity::membership::{MembershipRole, MembershipStatus};
use sea_orm::sea_query::Condition;

use super::enterprise::MembershipRoleFilter;
use super::filter::{DateFilter, Filter, IdFilter, enum_filter};
use crate::domain::scalar::Date;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

pub mod commands;
pub mod policy;
pub mod queries;

enum_filter! {
    /// Narrows by whether a membership is in force.
    MembershipStatusFilter(MembershipStatus),
}

/// Narrows memberships.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MembershipFilter {
    /// By enterprise.
    pub enterprise_id: Option<IdFilter>,
    /// By role.
    pub role: Option<MembershipRoleFilter>,
    /// By whether it is in force.
    pub status: Option<MembershipStatusFilter>,
    /// By the day it began.
    pub joined_on: Option<DateFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<MembershipFilter>>,
}

impl Filter for MembershipFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let enterprise = self.enterprise_id.as_ref();
        let (role, status) = (self.role.as_ref(), self.status.as_ref());
        let joined = self.joined_on.as_ref();
        Condition::all()
            .add_option(
                enterprise.map(|by| by.on(scope, &col(at, "enterprise_id"), Kind::Enterprise)),
            )
            .add_option(role.map(|by| by.on(scope, &col(at, "role"))))
            .add_option(status.map(|by| by.on(scope, &col(at, "status"))))
            .add_option(joined.map(|by| by.on(&col(at, "joined_on"))))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What memberships can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MembershipOrderField {
    /// By the day it began.
    JoinedOn,
    /// By the time the row was written.
    CreatedAt,
}

impl MembershipOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::JoinedOn => OrderKey::new("joined_on", KeyType::Date),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}

/// What makes an enterprise fit to lead: all three hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, InputObject)]
pub struct LeadCriteriaInput {
    /// Mature management (管理体系成熟).
    pub has_mature_management: bool,
    /// Good party foundation (党建基础较好).
    pub has_party_foundation: bool,
    /// Strong demonstration effect (示范带动力强).
    pub has_demonstration_effect: bool,
}

/// An admission to the alliance.
#[derive(Clone, Debug, InputObject)]
pub struct AdmitMemberInput {
    /// The enterprise: active, and not in the alliance yet.
    pub enterprise_id: ID,
    /// Its role. LEAD and MEMBER are for private enterprises, `SOE_PARTNER` for state-owned ones.
    pub role: MembershipRole,
    /// The day it joins, from 2000-01-01 to today and not before an earlier membership's end.
    pub joined_on: Date,
    /// The lead criteria; a LEAD meets all three.
    pub lead_criteria: Option<LeadCriteriaInput>,
}

/// A change of role: the membership ends and the next begins on the same day.
#[derive(Clone, Debug, InputObject)]
pub struct ChangeMembershipRoleInput {
    /// The membership in force.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The new role.
    pub role: MembershipRole,
    /// The day of the change, from the day it joined to today.
    pub on: Date,
    /// The lead criteria; a LEAD meets all three. Kept as they are where absent.
    pub lead_criteria: Option<LeadCriteriaInput>,
}

/// A withdrawal from the alliance.
#[derive(Clone, Debug, InputObject)]
pub struct WithdrawMembershipInput {
    /// The membership in force.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The day it leaves, from the day it joined to today.
    pub left_on: Date,
    /// Why, at most 500 characters.
    pub reason: String,
}
