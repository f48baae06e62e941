//! The working-day limits of steps, each in one function.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use crate::domain::district::queries::policy as district_policy;
use crate::kernel::clock::{SHANGHAI, business_date};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::store::work::Work;

/// Working days within which a hold is looked at again, and the next reply of a long-term
/// follow-up is promised.
const REVIEW_WITHIN: i32 = 20;
/// Working days by which a due date is put off at most.
const EXTENSION: i32 = 15;
/// Working days within which a refusal is appealed.
pub(super) const APPEAL_WITHIN: i32 = 5;
/// Working days within which an assignment is returned.
pub(super) const RETURN_WITHIN: i32 = 1;
/// Working days from one reminder to the next.
pub(super) const BETWEEN_URGES: i32 = 2;
/// Working days after closing before an issue is archived.
pub(super) const ARCHIVE_AFTER: i32 = 10;

/// The `count`th working day after a day; the day itself for none.
fn working_day_after(from: NaiveDate, count: i32) -> NaiveDate {
    let later = from.iter_days().skip(1);
    let working = later.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    let count = usize::try_from(count).unwrap_or(0);
    working.take(count).last().unwrap_or(from)
}

/// The end of the working hours of a day.
pub(super) async fn end_of(work: &Work, day: NaiveDate) -> Result<DateTime<Utc>> {
    let policy = district_policy(work.tx(), work.district_id()).await?;
    let end = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(policy.work_end_minute.into());
    let end = end.and_local_timezone(SHANGHAI).single();
    let end = end.ok_or_else(|| Error::Internal(format!("{day} has no end")))?;
    Ok(end.to_utc())
}

/// A day after `after`, at most so many working days on.
fn within(faults: &mut Faults, field: &str, day: NaiveDate, after: NaiveDate, most: i32) {
    let last = working_day_after(after, most);
    if day > after && day <= last {
        return;
    }
    let first = after.succ_opt().unwrap_or(after);
    faults.add(
        UserError::at(Code::OutOfRange, field)
            .saying(
                format!("日期须在 {first} 至 {last} 之间（{most} 个工作日内）"),
                format!("The day must be from {first} to {last}, within {most} working days."),
            )
            .with("min", first)
            .with("max", last),
    );
}

/// Holds that a review or a promised reply is to come, and soon enough.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub(super) fn review_day(work: &Work, field: &str, day: NaiveDate) -> Result<()> {
    let mut faults = Faults::default();
    within(
        &mut faults,
        field,
        day,
        business_date(work.now()),
        REVIEW_WITHIN,
    );
    faults.check()
}

/// Holds that a new due date puts the present one off, and not for too long.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub(super) fn extended_day(
    work: &Work,
    field: &str,
    day: NaiveDate,
    due: Option<DateTime<Utc>>,
) -> Result<()> {
    let mut faults = Faults::default();
    let from = business_date(due.unwrap_or_else(|| work.now()));
    within(&mut faults, field, day, from, EXTENSION);
    faults.check()
}

/// Whether so many working days have not yet passed: the last of them counts to its end.
pub(super) async fn is_within(work: &Work, from: DateTime<Utc>, days: i32) -> Result<bool> {
    let last = working_day_after(business_date(from), days);
    Ok(work.now() <= end_of(work, last).await?)
}

/// Whether the working day is reached that is so many after another.
pub(super) fn is_day_reached(work: &Work, from: DateTime<Utc>, days: i32) -> bool {
    business_date(work.now()) >= working_day_after(business_date(from), days)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let friday = date("2021-01-22");
        assert_eq!(working_day_after(friday, 0), friday);
        assert_eq!(working_day_after(friday, 1), date("2021-01-25"));
        assert_eq!(working_day_after(friday, 5), date("2021-01-29"));
    }
}
