//! The time of the history. It is told in working minutes (09:00 to 17:30 on working days), so
//! that officials act in office hours and deadlines come out as a working-day clock would set
//! them; the article's days become the asked days only when a row is written.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

use super::BuildError;
use crate::domain::district::founding::WORKING_DAY;

/// 2021-01-20 10:00 in Shanghai, in seconds since 1970.
pub(super) const ARTICLE_SECONDS: i64 = 1_611_108_000;
/// Working minutes of a day.
pub(super) const DAY: i64 = 510;
/// Shanghai's distance from UTC; it keeps no summer time.
const SHANGHAI: TimeDelta = TimeDelta::hours(8);

type Ymd = (i32, u32, u32);

/// Public holidays of the history, first and last day. Make-up days are left out: nothing need
/// happen on them.
const HOLIDAYS: [(Ymd, Ymd); 9] = [
    ((2019, 10, 1), (2019, 10, 7)),
    ((2020, 1, 1), (2020, 1, 1)),
    ((2020, 1, 24), (2020, 2, 2)),
    ((2020, 4, 4), (2020, 4, 6)),
    ((2020, 5, 1), (2020, 5, 5)),
    ((2020, 6, 25), (2020, 6, 27)),
    ((2020, 10, 1), (2020, 10, 8)),
    ((2021, 1, 1), (2021, 1, 3)),
    ((2021, 2, 11), (2021, 2, 17)),
];

/// The working days of the history and how far they are moved.
pub(super) struct Calendar {
    /// From the article's day to the asked day.
    shift: TimeDelta,
    /// Working days, unmoved.
    days: Vec<NaiveDate>,
    /// The article's day in `days`.
    today: i64,
}

fn ymd((year, month, day): Ymd) -> Result<NaiveDate, BuildError> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or(BuildError::Calendar)
}

fn is_working(day: NaiveDate) -> bool {
    let date = (day.year(), day.month(), day.day());
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
        && !HOLIDAYS
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&date))
}

impl Calendar {
    pub(super) fn new(as_of: DateTime<Utc>) -> Result<Self, BuildError> {
        let article = ymd((2021, 1, 20))?;
        let asked = as_of
            .naive_utc()
            .checked_add_signed(SHANGHAI)
            .ok_or(BuildError::AsOf)?
            .date();
        if !(2003..=2100).contains(&asked.year()) {
            return Err(BuildError::AsOf);
        }
        let days: Vec<NaiveDate> = ymd((2019, 9, 2))?
            .iter_days()
            .take_while(|day| (day.year(), day.month()) < (2021, 5))
            .filter(|day| is_working(*day))
            .collect();
        let today = days.iter().position(|day| *day == article);
        Ok(Self {
            shift: asked - article,
            today: today
                .and_then(|index| i64::try_from(index).ok())
                .ok_or(BuildError::Calendar)?,
            days,
        })
    }

    /// The working minute `minute` of the working day `days` away from the article's day.
    pub(super) fn at(&self, days: i64, minute: i64) -> i64 {
        (self.today + days) * DAY + minute
    }

    /// The working minute at which the first working day from a day on begins.
    pub(super) fn opening(&self, day: Ymd) -> Result<i64, BuildError> {
        let day = ymd(day)?;
        let index = self.days.partition_point(|other| *other < day);
        let index = i64::try_from(index).ok().ok_or(BuildError::Calendar)?;
        Ok(index * DAY)
    }

    fn day(&self, t: i64) -> Result<NaiveDate, BuildError> {
        let index = usize::try_from(t.div_euclid(DAY))
            .ok()
            .ok_or(BuildError::Calendar)?;
        self.days.get(index).copied().ok_or(BuildError::Calendar)
    }

    /// The moved day of a working minute.
    pub(super) fn date(&self, t: i64) -> Result<NaiveDate, BuildError> {
        self.moved(self.day(t)?)
    }

    /// The moved day of a day of the article's history.
    pub(super) fn on(&self, day: Ymd) -> Result<NaiveDate, BuildError> {
        self.moved(ymd(day)?)
    }

    fn moved(&self, day: NaiveDate) -> Result<NaiveDate, BuildError> {
        day.checked_add_signed(self.shift)
            .ok_or(BuildError::Calendar)
    }

    /// The moved instant of a working minute.
    pub(super) fn instant(&self, t: i64) -> Result<DateTime<Utc>, BuildError> {
        // Seconds for the look of it: a function of the minute, so the order holds.
        let seconds =
            i64::from(WORKING_DAY.0) * 60 + t.rem_euclid(DAY) * 60 + (t * 37).rem_euclid(60);
        Self::shanghai(self.date(t)?, seconds)
    }

    /// The end of the working day `days` after the day of a working minute.
    pub(super) fn end_of(&self, t: i64, days: i64) -> Result<DateTime<Utc>, BuildError> {
        let date = self.date(t + days * DAY)?;
        Self::shanghai(date, i64::from(WORKING_DAY.1) * 60)
    }

    /// The first second of a day.
    pub(super) fn midnight(date: NaiveDate) -> Result<DateTime<Utc>, BuildError> {
        Self::shanghai(date, 0)
    }

    /// A second of a day in Shanghai.
    pub(super) fn shanghai(date: NaiveDate, second: i64) -> Result<DateTime<Utc>, BuildError> {
        date.and_hms_opt(0, 0, 0)
            .and_then(|midnight| midnight.checked_add_signed(TimeDelta::seconds(second)))
            .and_then(|local| local.checked_sub_signed(SHANGHAI))
            .map(|utc| utc.and_utc())
            .ok_or(BuildError::Calendar)
    }

    /// The year of an instant in Shanghai.
    pub(super) fn year(instant: DateTime<Utc>) -> i32 {
        (instant.naive_utc() + SHANGHAI).year()
    }
}
