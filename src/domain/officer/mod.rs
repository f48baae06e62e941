//! Chief service officers (首席服务官): posts, not persons, and which enterprise each serves
//! (挂点联系). An enterprise has at most one; a change ends one assignment and opens the next, so
//! that the history stays, and what is open of the enterprise goes with it.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::officer_assignment::AssignmentStatus;
use entity::service_officer::OfficerStatus;

use crate::domain::scalar::Date;

pub mod commands;
pub mod narrowing;
pub mod policy;
pub mod queries;
pub mod rules;

pub use narrowing::{
    AssignmentStatusFilter, OfficerAssignmentFilter, OfficerAssignmentOrderField,
    OfficerStatusFilter, ServiceOfficerFilter, ServiceOfficerOrderField,
};

/// What can be done to a chief service officer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, sea_orm::EnumIter)]
#[graphql(name = "ServiceOfficerAction")]
pub enum OfficerAction {
    /// Change the post, retire it or bring it back (`updateOfficer`).
    Update,
    /// Give it an enterprise to serve (`assignOfficer`).
    Assign,
    /// Hand its enterprises over to another, if it has any (`handoverOfficer`).
    Handover,
}

/// A new chief service officer.
#[derive(Clone, Debug, InputObject)]
pub struct CreateOfficerInput {
    /// The post, not a person, at most 120 characters; once among the active ones of a department.
    pub post_title: String,
    /// The department of the post, active.
    pub department_id: ID,
    /// The patch it covers (片区), at most 60 characters.
    pub patch: Option<String>,
    /// The office telephone, at most 32 characters; not a personal mobile.
    pub office_phone: Option<String>,
}

/// A change of a chief service officer: what is absent stays, null clears. A retired one is
/// changed only together with its return.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateOfficerInput {
    /// The officer.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The post, not a person.
    pub post_title: MaybeUndefined<String>,
    /// The department of the post, active.
    pub department_id: MaybeUndefined<ID>,
    /// The patch it covers (片区).
    pub patch: MaybeUndefined<String>,
    /// The office telephone; not a personal mobile.
    pub office_phone: MaybeUndefined<String>,
    /// Whether the post serves; RETIRED only once it serves no enterprise.
    pub status: MaybeUndefined<OfficerStatus>,
}

/// An assignment to be.
#[derive(Clone, Debug, InputObject)]
pub struct AssignOfficerInput {
    /// The officer: active, and with less than the policy's `officerCapacity` of enterprises.
    pub officer_id: ID,
    /// The enterprise: active, and without an officer.
    pub enterprise_id: ID,
    /// The day it begins, from the end of the one before to today; today where absent.
    pub from_on: Option<Date>,
    /// Why, at most 500 characters.
    pub reason: Option<String>,
}

/// The end of an assignment.
#[derive(Clone, Debug, InputObject)]
pub struct EndAssignmentInput {
    /// The assignment.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The day it ends, from its beginning to today; today where absent.
    pub to_on: Option<Date>,
    /// Why, at most 500 characters.
    pub reason: String,
}

/// One assignment that goes to another officer.
#[derive(Clone, Debug, InputObject)]
pub struct HandedOverAssignmentInput {
    /// The assignment, in force.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// A handover (交接) from one officer to another.
#[derive(Clone, Debug, InputObject)]
pub struct HandoverOfficerInput {
    /// The officer who hands over.
    pub id: ID,
    /// The version of that officer that the change was made on.
    pub expected_version: i32,
    /// The officer who takes over: active, and within the policy's `officerCapacity` afterwards.
    pub to_officer_id: ID,
    /// Which assignments, 1 to 100; all that are in force where absent.
    pub assignments: Option<Vec<HandedOverAssignmentInput>>,
    /// The day, from the beginning of the youngest of them to today; today where absent.
    pub on: Option<Date>,
    /// Why, at most 500 characters.
    pub reason: String,
}
