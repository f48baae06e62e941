//! The time of the history. It is told in working minutes (09:00 to 17:30 on working days), so
//! that officials act in office hours and deadlines come out as the clocks set them. "Twelve
//! working days ago" stays that for whatever day is asked: the history lies on the working days
//! before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use entity::calendar_day::CalendarDayKind as Kind;

use super::BuildError;
use crate::domain::calendar::Calendar as Days;
use crate::domain::district::founding::WORKING_DAY;

/// 2021-01-20 10:00 in Shanghai, in seconds since 1970.
pub(super) const ARTICLE_SECONDS: i64 = 1_611_108_000;
/// Working minutes of a day.
pub(super) const DAY: i64 = 510;
/// Shanghai's distance from UTC; it keeps no summer time.
const SHANGHAI: TimeDelta = TimeDelta::hours(8);

type Ymd = (i32, u32, u32);

/// The working days of the history.
pub(super) struct Calendar {
    /// All days.
    pub(super) days: Arc<Days>,
    /// The article's day and the asked one.
    article: NaiveDate,
    asked: NaiveDate,
    /// How many working days lie before each of the two.
    before_article: i64,
    before_asked: i64,
}

fn ymd((year, month, day): Ymd) -> Result<NaiveDate, BuildError> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or(BuildError::Calendar)
}

/// The calendar that every database begins with.
fn vetted() -> Days {
    let days = migration::calendar::vetted();
    let exceptions: BTreeMap<_, _> = days
        .filter_map(|(day, kind, name)| {
            let kind = match kind {
                "HOLIDAY" => Kind::Holiday,
                "MAKE_UP" => Kind::MakeUp,
                _ => return None,
            };
            Some((day, (kind, name?.to_owned())))
        })
        .collect();
    Days::new(migration::calendar::YEARS.collect(), exceptions)
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
        let days = vetted();
        Ok(Self {
            before_article: days.before(article).ok_or(BuildError::Calendar)?,
            before_asked: days.before(asked).ok_or(BuildError::Calendar)?,
            days: Arc::new(days),
            article,
            asked,
        })
    }

    /// The working minute `minute` of the working day `days` away from the asked day.
    pub(super) fn at(&self, days: i64, minute: i64) -> i64 {
        (self.before_asked + days) * DAY + minute
    }

    /// The working minute at which the first working day from a day of the article's history on
    /// begins.
    pub(super) fn opening(&self, day: Ymd) -> Result<i64, BuildError> {
        let before = self.days.before(ymd(day)?).ok_or(BuildError::Calendar)?;
        Ok(self.at(before - self.before_article, 0))
    }

    /// The day of a working minute.
    pub(super) fn date(&self, t: i64) -> Result<NaiveDate, BuildError> {
        let day = self.days.working_day(t.div_euclid(DAY));
        day.ok_or(BuildError::Calendar)
    }

    /// The day that a day of the article's history becomes: itself for the article's own day, else
    /// the working day as far from the asked one.
    pub(super) fn on(&self, day: Ymd) -> Result<NaiveDate, BuildError> {
        if self.asked == self.article {
            return ymd(day);
        }
        if ymd(day)? == self.article {
            return Ok(self.asked);
        }
        self.date(self.opening(day)?)
    }

    /// The instant of a working minute.
    pub(super) fn instant(&self, t: i64) -> Result<DateTime<Utc>, BuildError> {
        // Seconds for the look of it: a function of the minute, so the order holds.
        let seconds =
            i64::from(WORKING_DAY.0) * 60 + t.rem_euclid(DAY) * 60 + (t * 37).rem_euclid(60);
        Self::shanghai(self.date(t)?, seconds)
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
