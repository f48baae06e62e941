//! Visits of officers to enterprises (走访): planned, then held and recorded with those who took
//! part. The participants are the person-times (人次) that the programme counts. No place and no
//! track of a person is kept.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use entity::service_visit::{VisitMode, VisitStatus};

use crate::domain::scalar::Date;

pub mod commands;
pub mod narrowing;
pub mod policy;
pub mod queries;

pub use narrowing::{ServiceVisitFilter, ServiceVisitOrderField, VisitStatusFilter};

/// What can be done to a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, sea_orm::EnumIter)]
#[graphql(name = "ServiceVisitAction")]
pub enum VisitAction {
    /// Record that it was held (`recordVisit`).
    Record,
}

/// A visit to be.
#[derive(Clone, Debug, InputObject)]
pub struct PlanVisitInput {
    /// The enterprise, active; an officer names one that it serves.
    pub enterprise_id: ID,
    /// The officer who will visit, active. Where absent: an officer itself, else the officer who
    /// serves the enterprise. An officer names nobody else.
    pub officer_id: Option<ID>,
    /// How it will be held.
    pub mode: VisitMode,
    /// The day, from today to a year ahead.
    pub planned_on: Date,
    /// What it is for, at most 500 characters.
    pub purpose: String,
}

/// A planned visit that was held.
#[derive(Clone, Debug, InputObject)]
pub struct PlannedVisitInput {
    /// The visit, planned.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The officer who visited; as planned where absent. An officer names nobody else.
    pub officer_id: Option<ID>,
    /// How it was held; as planned where absent.
    pub mode: Option<VisitMode>,
}

/// A visit that was held without a plan.
#[derive(Clone, Debug, InputObject)]
pub struct UnplannedVisitInput {
    /// The enterprise, active; an officer names one that it serves.
    pub enterprise_id: ID,
    /// The officer who visited, active. Where absent: an officer itself, else the officer who
    /// serves the enterprise. An officer names nobody else.
    pub officer_id: Option<ID>,
    /// How it was held.
    pub mode: VisitMode,
    /// What it was for, at most 500 characters.
    pub purpose: String,
}

/// The visit that is recorded: a planned one, or one without a plan.
#[derive(Clone, Debug, OneofObject)]
pub enum RecordedVisitInput {
    /// A planned one, done now.
    Planned(PlannedVisitInput),
    /// A new one, entered as done.
    Unplanned(UnplannedVisitInput),
}

/// An official who took part in a visit: an officer, or anybody else by post.
#[derive(Clone, Debug, OneofObject)]
pub enum VisitParticipantInput {
    /// An officer of the district.
    OfficerId(ID),
    /// A post, not a person, at most 120 characters.
    PostTitle(String),
}

/// The record of a visit that was held.
#[derive(Clone, Debug, InputObject)]
pub struct RecordVisitInput {
    /// Which visit.
    pub visit: RecordedVisitInput,
    /// The day, not after today and not before the plan was made; today where absent.
    pub held_on: Option<Date>,
    /// What was found, at most 4,000 characters; the enterprise reads it.
    pub findings: String,
    /// A note for the district and the visiting officer, at most 4,000 characters; the enterprise
    /// never reads it. The visiting officer and the district write it.
    pub internal_note: Option<String>,
    /// Who took part, 1 to 20, each officer once: the person-times (人次). The visiting officer
    /// alone where absent.
    pub participants: Option<Vec<VisitParticipantInput>>,
}
