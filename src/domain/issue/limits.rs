//! The working-day limits of steps, each in one function.

use chrono::{DateTime, NaiveDate, Utc};

use super::clocks::Rules;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Error, Faults, Result};
use crate::store::work::Work;

/// Working days within which a hold is looked at again, and the next reply of a long-term
/// follow-up is promised.
const REVIEW_WITHIN: i64 = 20;
/// Working days by which a due date is put off at most.
const EXTENSION: i64 = 15;
/// Working days within which a refusal is appealed.
pub(super) const APPEAL_WITHIN: i32 = 5;
/// Working days within which an assignment is returned.
pub(super) const RETURN_WITHIN: i32 = 1;
/// Working days from one reminder to the next.
pub(super) const BETWEEN_URGES: i32 = 2;
/// Working days after closing before an issue is archived.
pub(super) const ARCHIVE_AFTER: i32 = 10;
/// Working days within which an issue that is opened for help should have an offer.
const OFFER_WITHIN: i64 = 3;

async fn rules(work: &Work) -> Result<Rules> {
    Rules::load(work.db(), work.tx(), work.district_id()).await
}

/// Holds that a review or a promised reply is to come, and soon enough.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub(super) async fn review_day(work: &Work, field: &str, day: NaiveDate) -> Result<()> {
    let mut faults = Faults::default();
    let rules = rules(work).await?;
    rules.promised(&mut faults, field, day, work.now(), REVIEW_WITHIN);
    faults.check()
}

/// Holds that a new due date puts the present one off, and not for too long.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub(super) async fn extended_day(
    work: &Work,
    field: &str,
    day: NaiveDate,
    due: Option<DateTime<Utc>>,
) -> Result<()> {
    let mut faults = Faults::default();
    let from = due.unwrap_or_else(|| work.now());
    rules(work)
        .await?
        .promised(&mut faults, field, day, from, EXTENSION);
    faults.check()
}

/// Until when an offer of help is in time on an issue that is opened now.
pub(super) async fn offer_due(work: &Work) -> Result<DateTime<Utc>> {
    let due = rules(work).await?.time.due(work.now(), OFFER_WITHIN);
    due.ok_or_else(uncounted)
}

/// Whether so many working days have not yet passed: the last of them counts to its end.
pub(super) async fn is_within(work: &Work, from: DateTime<Utc>, days: i32) -> Result<bool> {
    let due = rules(work).await?.time.due(from, i64::from(days));
    Ok(work.now() <= due.ok_or_else(uncounted)?)
}

/// Whether the working day is reached that is so many after another.
pub(super) async fn is_day_reached(work: &Work, from: DateTime<Utc>, days: i32) -> Result<bool> {
    let rules = rules(work).await?;
    let day = business_date(from);
    let day = rules.time.calendar.working_days_after(day, i64::from(days));
    Ok(business_date(work.now()) >= day.ok_or_else(uncounted)?)
}

fn uncounted() -> Error {
    Error::Internal("a day lies outside of the calendar".to_owned())
}
