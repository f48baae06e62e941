//! A deadline told day by day (期限说明): which days count, which do not, and why.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::calendar_day::CalendarDayKind;
use entity::issue_clock::{ClockKind, Model};
use entity::issue_transition::{self, Column};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::table::{Effect, effect};
use super::{queries, rules};
use crate::domain::calendar::WorkingTime;
use crate::kernel::clock::{business_date, midnight};
use crate::kernel::error::Result;
use crate::store::{Db, Scope};

/// What a day is to a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
#[graphql(name = "DeadlineDayKind")]
pub enum DayKind {
    /// A working day (工作日).
    Working,
    /// A Saturday or Sunday that is not worked (周末).
    Weekend,
    /// A day of a public holiday (法定节假日).
    Holiday,
    /// A Saturday or Sunday that is worked (调休补班).
    MakeUp,
    /// A working day on which the clock stood still (暂停).
    Paused,
}

/// A day between the start of a clock and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// The holiday that it belongs to or makes up for.
    pub name: Option<String>,
    /// Whether its year has no published calendar.
    pub is_provisional: bool,
    /// Working seconds of it that count.
    pub counted: i64,
    /// Working seconds of it that do not, since the clock stood still.
    pub paused: i64,
}

/// From when to when a clock stood still; to no end where it still does.
pub type Pause = (DateTime<Utc>, Option<DateTime<Utc>>);

/// The days of the last clock of a kind of an issue: until it is due, or until it ended, or until
/// now where it is paused. None where there is no such clock that the viewer reads.
///
/// # Errors
/// When the database fails.
pub async fn explain(db: &Db, scope: &Scope, issue: Uuid, kind: ClockKind) -> Result<Vec<Day>> {
    let conn = db.conn();
    let Some(clock) = queries::last(conn, scope, issue, kind).await? else {
        return Ok(Vec::new());
    };
    let time = rules::working_time(db, conn, clock.district_id).await?;
    let pauses = pauses(conn, &clock).await?;
    Ok(days(&time, &clock, &pauses, scope.now))
}

/// When a clock stood still, from the steps of its issue.
async fn pauses(conn: &impl ConnectionTrait, clock: &Model) -> Result<Vec<Pause>> {
    let steps = issue_transition::Entity::find()
        .filter(Column::IssueId.eq(clock.issue_id))
        .filter(Column::CreatedAt.gte(clock.started_at))
        .order_by_asc(Column::Seq)
        .all(conn)
        .await?;
    let mut pauses: Vec<Pause> = Vec::new();
    for step in steps {
        let open = pauses.last_mut().filter(|(_, to)| to.is_none());
        match (effect(step.kind, clock.kind), open) {
            (Effect::Pause, None) => pauses.push((step.created_at, None)),
            (Effect::Resume, Some((_, to))) => *to = Some(step.created_at),
            _ => {}
        }
    }
    Ok(pauses)
}

/// The days of a clock.
#[must_use]
pub fn days(time: &WorkingTime, clock: &Model, pauses: &[Pause], now: DateTime<Utc>) -> Vec<Day> {
    let end = match (clock.ended_at, clock.paused_at) {
        (Some(ended), _) => ended,
        (None, Some(_)) => now,
        (None, None) => clock.due_at,
    };
    let between = |from: DateTime<Utc>, to: DateTime<Utc>| {
        let at = |instant| time.at(instant).unwrap_or_default();
        if to > from { at(to) - at(from) } else { 0 }
    };
    let last = business_date(end);
    let days = business_date(clock.started_at).iter_days();
    let mut found = Vec::new();
    for day in days.take_while(|day| *day <= last) {
        let Some(start) = midnight(day) else { break };
        let (from, to) = (
            start.max(clock.started_at),
            (start + TimeDelta::days(1)).min(end),
        );
        let stood: i64 = pauses
            .iter()
            .map(|(since, until)| between(from.max(*since), to.min(until.unwrap_or(end))))
            .sum();
        let counted = between(from, to) - stood;
        let kind = match time.calendar.kind(day) {
            CalendarDayKind::Weekend => DayKind::Weekend,
            CalendarDayKind::Holiday => DayKind::Holiday,
            _ if stood > 0 && counted == 0 => DayKind::Paused,
            CalendarDayKind::Working => DayKind::Working,
            CalendarDayKind::MakeUp => DayKind::MakeUp,
        };
        found.push(Day {
            day,
            kind,
            name: time.calendar.name(day).map(str::to_owned),
            is_provisional: time.calendar.is_provisional(day),
            counted,
            paused: stood,
        });
    }
    found
}
