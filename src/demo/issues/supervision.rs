//! What was pressed for: by the clocks of the open issues as the server would have it on the asked
//! day, an order for each that ended late or stayed dissatisfied, and the two joint meetings that
//! concluded the latter.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enterprise_issue::Model;
use entity::issue_clock::{self, ClockKind};
use entity::issue_supervision::SupervisionKind::{self, Meeting, Order};
use entity::issue_transition::TransitionKind;
use entity::joint_meeting;
use sea_orm::prelude::Uuid;

use crate::demo::BuildError;
use crate::demo::rows::{Build, Table};
use crate::demo::taxonomy::District;
use crate::domain::issue::lifecycle::OPEN;
use crate::domain::issue::supervision::levels;
use crate::domain::issue::supervision::write::{Cause, row};
use crate::kernel::clock::business_date;

/// From this level on there was an order.
const ORDERED: i32 = 2;

/// Builds what was pressed for.
pub(super) fn build(build: &mut Build, district: &District) -> Result<(), BuildError> {
    let mut clocks: BTreeMap<Uuid, Vec<issue_clock::Model>> = BTreeMap::new();
    for clock in &build.rows.clocks {
        clocks
            .entry(clock.issue_id)
            .or_default()
            .push(clock.clone());
    }
    let mut meetings = BTreeMap::new();
    for issue in build.rows.issues.clone() {
        let clocks = clocks.remove(&issue.id).unwrap_or_default();
        if OPEN.contains(&issue.state) {
            brought(build, district, &issue, &clocks)?;
        } else if issue.escalation_level >= ORDERED {
            ordered(build, &issue, &clocks)?;
            concluded(build, &mut meetings, &issue, &clocks)?;
        }
    }
    Ok(())
}

/// What the clocks of an open issue have brought.
fn brought(
    build: &mut Build,
    district: &District,
    issue: &Model,
    clocks: &[issue_clock::Model],
) -> Result<(), BuildError> {
    let mut awaits = false;
    for clock in clocks {
        let is_pressing = levels::is_pressing(issue);
        let due = levels::due(&district.rules, clock, is_pressing, build.as_of);
        for (kind, at) in due.map_err(|_beyond| BuildError::Calendar)? {
            if kind != Meeting || !awaits {
                awaits |= kind == Meeting;
                put(build, issue, kind, clock, at)?;
            }
        }
    }
    Ok(())
}

/// The last clock of an issue that ended late, or that it was sent back by.
fn last(clocks: &[issue_clock::Model]) -> Option<&issue_clock::Model> {
    let of = |kind| clocks.iter().rev().find(move |clock| clock.kind == kind);
    of(ClockKind::Rework).or_else(|| of(ClockKind::Resolve))
}

fn ordered(
    build: &mut Build,
    issue: &Model,
    clocks: &[issue_clock::Model],
) -> Result<(), BuildError> {
    let clock = last(clocks).ok_or(BuildError::Missing("clock"))?;
    let at = clock.due_at.min(clock.ended_at.unwrap_or(clock.due_at));
    put(build, issue, Order, clock, at)?;
    Ok(())
}

/// What a joint meeting concluded on an issue that was closed although dissatisfied.
fn concluded(
    build: &mut Build,
    meetings: &mut BTreeMap<NaiveDate, Uuid>,
    issue: &Model,
    clocks: &[issue_clock::Model],
) -> Result<(), BuildError> {
    let mut steps = build.rows.transitions.iter();
    let closed = steps
        .find(|step| step.issue_id == issue.id && step.kind == TransitionKind::CloseDissatisfied);
    let Some(closed) = closed.cloned() else {
        return Ok(());
    };
    let held_on = business_date(closed.created_at);
    let meeting = if let Some(known) = meetings.get(&held_on) {
        *known
    } else {
        let id = build.id(Table::Meeting, closed.created_at)?;
        build.rows.meetings.push(joint_meeting::Model {
            id,
            district_id: issue.district_id,
            title: format!("第{}次联席会议（演示）", meetings.len() + 1),
            held_on,
            chair_post: "演示职务（区分管领导）".to_owned(),
            recorded_by_id: closed.actor_id,
            created_at: closed.created_at,
        });
        meetings.insert(held_on, id);
        id
    };
    let clock = last(clocks).ok_or(BuildError::Missing("clock"))?;
    put(build, issue, Meeting, clock, clock.started_at)?;
    if let Some(item) = build.rows.supervisions.last_mut() {
        item.meeting_id = Some(meeting);
        item.conclusion = closed.note;
        item.concluded_at = Some(closed.created_at);
    }
    Ok(())
}

fn put(
    build: &mut Build,
    issue: &Model,
    kind: SupervisionKind,
    clock: &issue_clock::Model,
    at: DateTime<Utc>,
) -> Result<(), BuildError> {
    let id = build.id(Table::Supervision, at)?;
    let row = row(id, issue, kind, Cause::Clock(clock), (None, at));
    build.rows.supervisions.push(row);
    Ok(())
}
