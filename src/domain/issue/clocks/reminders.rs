//! When whoever an issue waits for is reminded: of a question half way to the withdrawal, of a reply
//! that is not rated twice before it is closed without. Pure.

use chrono::{DateTime, Utc};
use entity::enterprise_issue::IssueState;

use super::rules::{Rules, uncounted};
use crate::kernel::error::Result;

/// Working days after a reply on which its rating is asked for.
const OF_A_RATING: [i32; 2] = [2, 4];

/// All instants at which an issue that came to a state then reminds of itself, in order: none at
/// or after its lapse, since then there is nothing to remind of.
///
/// # Errors
/// `Internal` beyond the calendar.
pub fn reminders(
    rules: &Rules,
    state: IssueState,
    (since, lapses_at): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<Vec<DateTime<Utc>>> {
    let days: &[i32] = match state {
        IssueState::NeedsInfo => &[rules.policy.info_wait_days / 2],
        IssueState::Responded => &OF_A_RATING,
        _ => &[],
    };
    let mut instants = Vec::new();
    for day in days.iter().filter(|day| **day > 0) {
        let due = rules.time.due(since, i64::from(*day));
        let due = due.ok_or_else(uncounted)?;
        instants.extend(lapses_at.filter(|lapse| due < *lapse).map(|_| due));
    }
    Ok(instants)
}

/// The first of them after an instant.
///
/// # Errors
/// As `reminders`.
pub fn next_reminder(
    rules: &Rules,
    state: IssueState,
    waits: (DateTime<Utc>, Option<DateTime<Utc>>),
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let mut all = reminders(rules, state, waits)?.into_iter();
    Ok(all.find(|instant| *instant > after))
}
