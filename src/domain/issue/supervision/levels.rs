//! What a clock brings by running on: a reminder when little of its time is left, an order when it
//! is over, a circular and a joint meeting so many working days later. Pure.

use chrono::{DateTime, Utc};
use entity::enterprise_issue;
use entity::issue_clock::{ClockKind, Model};
use entity::issue_supervision::SupervisionKind::{self, Circular, Meeting, Order, Reminder};

use super::super::clocks::Rules;
use super::super::clocks::table::is_lit;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Error, Result};

/// As often reopened or sent back, an issue goes to a joint meeting at once.
pub const TOO_OFTEN: i32 = 2;

/// What of an issue decides beside its clocks.
#[must_use]
pub const fn is_pressing(issue: &enterprise_issue::Model) -> bool {
    issue.reopen_count >= TOO_OFTEN || issue.rework_count >= TOO_OFTEN
}

/// Everything that a clock has brought by now, and since when it was due to.
///
/// # Errors
/// `Internal` beyond the calendar.
pub fn due(
    rules: &Rules,
    clock: &Model,
    is_pressing: bool,
    now: DateTime<Utc>,
) -> Result<Vec<(SupervisionKind, DateTime<Utc>)>> {
    if clock.running_since.is_none() || !is_lit(clock.kind) {
        return Ok(Vec::new());
    }
    let late_by = |days: i32| {
        let day = business_date(clock.due_at);
        let day = rules.time.calendar.working_days_after(day, days.into());
        let end = day.and_then(|day| rules.time.end_of(day));
        end.ok_or_else(|| Error::Internal("no such working day".to_owned()))
    };
    let mut brought = Vec::new();
    if clock.warn_at <= now {
        brought.push((Reminder, clock.warn_at));
    }
    if clock.due_at < now {
        brought.push((Order, clock.due_at));
        let circular = late_by(rules.policy.circular_after_days)?;
        brought.extend((circular < now).then_some((Circular, circular)));
    }
    let meeting = late_by(rules.policy.meeting_after_days)?;
    if is_pressing && clock.kind == ClockKind::Rework {
        brought.push((Meeting, clock.started_at));
    } else if meeting < now {
        brought.push((Meeting, meeting));
    }
    Ok(brought)
}
