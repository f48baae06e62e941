//! Puts what presses for an issue on it, within somebody else's work.

use entity::enterprise_issue;
use entity::issue_clock;
use entity::issue_supervision::{Column, Entity, Model, SupervisionKind};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::clocks::Rules;
use super::super::clocks::write::of_issue;
use super::levels;
use crate::kernel::error::Result;
use crate::store::dialect::{col, in_ids};
use crate::store::work::{Event, Work};

/// What brings it.
#[derive(Clone, Copy, Debug)]
pub enum Cause<'a> {
    /// A clock of the issue.
    Clock(&'a issue_clock::Model),
    /// Somebody, with what they demand.
    Hand(&'a str),
}

/// What was pressed for on an issue.
///
/// # Errors
/// When the database fails.
pub async fn known(work: &Work, issue: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::IssueId.eq(issue))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(work.tx())
        .await?)
}

/// The items of these issues that wait for a joint meeting.
///
/// # Errors
/// When the database fails.
pub async fn waiting(work: &Work, issues: &[Uuid]) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(in_ids(
            work.db().backend(),
            col("issue_supervision", "issue_id"),
            issues,
        ))
        .filter(Column::Kind.eq(SupervisionKind::Meeting))
        .filter(Column::MeetingId.is_null())
        .filter(Column::LiftedAt.is_null())
        .all(work.tx())
        .await?)
}

/// Puts an issue before a joint meeting, unless it waits for one: neither a clock nor somebody
/// brings it.
///
/// # Errors
/// When the database fails.
pub async fn refer(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    why: &str,
) -> Result<()> {
    if !waiting(work, &[issue.id]).await?.is_empty() {
        return Ok(());
    }
    let at = (None, work.now());
    let row = row(
        work.new_id(),
        issue,
        SupervisionKind::Meeting,
        Cause::Hand(why),
        at,
    );
    work.add(event, row.into_active_model()).await?;
    Ok(())
}

/// A row of it.
#[must_use]
pub fn row(
    id: Uuid,
    issue: &enterprise_issue::Model,
    kind: SupervisionKind,
    cause: Cause<'_>,
    (issued_by_id, created_at): (Option<Uuid>, chrono::DateTime<chrono::Utc>),
) -> Model {
    let (clock, demand) = match cause {
        Cause::Clock(clock) => (Some(clock), None),
        Cause::Hand(demand) => (None, Some(demand.to_owned())),
    };
    Model {
        id,
        district_id: issue.district_id,
        issue_id: issue.id,
        clock_id: clock.map(|clock| clock.id),
        clock: clock.map(|clock| clock.kind),
        kind,
        level: kind.level(),
        demand,
        department_id: issue.lead_department_id,
        officer_id: issue.officer_id,
        issued_by_id,
        meeting_id: None,
        conclusion: None,
        concluded_at: None,
        lifted_at: None,
        lifted_by_id: None,
        lift_reason: None,
        created_at,
    }
}

/// Writes what the clocks of an issue have brought by now and is not there yet. The highest level
/// of it; none where there was nothing. The issue is locked, so that whoever comes second finds
/// what the first wrote.
///
/// # Errors
/// When the database fails.
pub async fn bring(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
) -> Result<Option<i32>> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let mut there = known(work, issue.id).await?;
    let mut new = Vec::new();
    for clock in of_issue(work.tx(), issue.id).await? {
        for (kind, _) in levels::due(&rules, &clock, levels::is_pressing(issue), work.now())? {
            let is_there = |known: &Model| {
                known.clock_id == Some(clock.id) && known.level == kind.level()
                    // One meeting deals with all that an issue is late with.
                    || kind == SupervisionKind::Meeting && awaits(known)
            };
            if !there.iter().any(is_there) {
                let at = (None, work.now());
                let row = row(work.new_id(), issue, kind, Cause::Clock(&clock), at);
                there.push(row.clone());
                new.push(row);
            }
        }
    }
    let highest = new.iter().map(|row| row.level).max();
    work.add_all::<Entity>(event, new).await?;
    Ok(highest)
}

/// Whether it waits for a joint meeting.
#[must_use]
fn awaits(known: &Model) -> bool {
    known.kind == SupervisionKind::Meeting
        && known.meeting_id.is_none()
        && known.lifted_at.is_none()
}
