//! Working days and working time (工作日、工作时间): pure arithmetic on a calendar that somebody
//! else has loaded. Counts are prefix sums, so that the working time between two instants is one
//! subtraction, and the instant after so much of it one binary search. Days of a year without a
//! published calendar go by their weekday and are provisional.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use entity::calendar_day::CalendarDayKind as Kind;

use crate::kernel::clock::SHANGHAI;

/// The first day that is counted; the programme's record begins after it.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
/// The day after the last one that is counted.
const END: NaiveDate = match NaiveDate::from_ymd_opt(2111, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Which days are worked.
#[derive(Debug)]
pub struct Calendar {
    published: BTreeSet<i32>,
    /// Days that are not what their weekday says.
    exceptions: BTreeMap<NaiveDate, (Kind, String)>,
    /// How many working days lie before each day, from `FIRST` on.
    before: Vec<i64>,
}

/// What a day's weekday says of it.
#[must_use]
pub fn by_weekday(day: NaiveDate) -> Kind {
    if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        Kind::Weekend
    } else {
        Kind::Working
    }
}

impl Calendar {
    /// The calendar of the published years and of the days in them that are not what their
    /// weekday says.
    #[must_use]
    pub fn new(published: BTreeSet<i32>, exceptions: BTreeMap<NaiveDate, (Kind, String)>) -> Self {
        let mut calendar = Self {
            published,
            exceptions,
            before: Vec::new(),
        };
        let mut count = 0;
        let days = FIRST.iter_days().take_while(|day| *day <= END);
        calendar.before = days
            .map(|day| {
                let before = count;
                count += i64::from(calendar.is_working(day));
                before
            })
            .collect();
        calendar
    }

    /// What a day is.
    #[must_use]
    pub fn kind(&self, day: NaiveDate) -> Kind {
        let known = self.exceptions.get(&day).map(|(kind, _)| *kind);
        known.unwrap_or_else(|| by_weekday(day))
    }

    /// The holiday that a day belongs to or makes up for.
    #[must_use]
    pub fn name(&self, day: NaiveDate) -> Option<&str> {
        self.exceptions.get(&day).map(|(_, name)| name.as_str())
    }

    /// Whether a day is worked.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        matches!(self.kind(day), Kind::Working | Kind::MakeUp)
    }

    /// Whether a day's year has no published calendar.
    #[must_use]
    pub fn is_provisional(&self, day: NaiveDate) -> bool {
        !self.published.contains(&day.year())
    }

    /// The years that are published.
    #[must_use]
    pub const fn published(&self) -> &BTreeSet<i32> {
        &self.published
    }

    /// How many working days lie before a day; none outside of what is counted.
    #[must_use]
    pub fn before(&self, day: NaiveDate) -> Option<i64> {
        let index = usize::try_from((day - FIRST).num_days()).ok()?;
        self.before.get(index).copied()
    }

    /// The working day that so many lie before.
    #[must_use]
    pub fn working_day(&self, before: i64) -> Option<NaiveDate> {
        // The first day that has more before it is the day after.
        let index = self.before.partition_point(|count| *count <= before);
        let after = self.before.get(index).and(Some(index))?;
        let days = i64::try_from(after).ok()?.checked_sub(1)?;
        (before >= 0).then(|| FIRST + TimeDelta::days(days))
    }

    /// The working day that is `count` after a day, which itself does not count; that day itself
    /// for none where it is worked.
    #[must_use]
    pub fn working_days_after(&self, day: NaiveDate, count: i64) -> Option<NaiveDate> {
        let until = self.before(day)? + i64::from(self.is_working(day));
        self.working_day(until + count - 1)
    }
}

/// A calendar and the hours of its working days.
#[derive(Clone, Debug)]
pub struct WorkingTime {
    /// The calendar.
    pub calendar: Arc<Calendar>,
    /// Seconds from midnight to the start of a working day.
    start: i64,
    /// Seconds of a working day.
    length: i64,
}

impl WorkingTime {
    /// Working days from one minute after midnight to another.
    #[must_use]
    pub fn new(calendar: Arc<Calendar>, start_minute: i32, end_minute: i32) -> Self {
        Self {
            calendar,
            start: i64::from(start_minute) * 60,
            length: i64::from(end_minute - start_minute).max(1) * 60,
        }
    }

    /// Seconds of a working day.
    #[must_use]
    pub const fn day(&self) -> i64 {
        self.length
    }

    /// Working seconds since the first day that is counted.
    #[must_use]
    pub fn at(&self, instant: DateTime<Utc>) -> Option<i64> {
        let local = instant.with_timezone(&SHANGHAI);
        let day = local.date_naive();
        let second = i64::from(local.num_seconds_from_midnight());
        let today = if self.calendar.is_working(day) {
            (second - self.start).clamp(0, self.length)
        } else {
            0
        };
        Some(self.calendar.before(day)? * self.length + today)
    }

    /// The earliest instant with so many working seconds before it: the end of a day rather than
    /// the start of the next.
    #[must_use]
    pub fn instant(&self, seconds: i64) -> Option<DateTime<Utc>> {
        let before = (seconds - 1).div_euclid(self.length);
        let day = self.calendar.working_day(before)?;
        Self::local(day, self.start + seconds - before * self.length)
    }

    /// The end of a working day.
    #[must_use]
    pub fn end_of(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        Self::local(day, self.start + self.length)
    }

    fn local(day: NaiveDate, second: i64) -> Option<DateTime<Utc>> {
        let midnight = day.and_hms_opt(0, 0, 0)?;
        let local = midnight.checked_add_signed(TimeDelta::seconds(second))?;
        Some(local.and_local_timezone(SHANGHAI).single()?.to_utc())
    }

    /// The day that a deadline from this instant does not count yet: its own, or the next working
    /// day where that is none or is over.
    #[must_use]
    pub fn day_zero(&self, instant: DateTime<Utc>) -> Option<NaiveDate> {
        let day = instant.with_timezone(&SHANGHAI).date_naive();
        let is_over = self.calendar.is_working(day) && instant > self.end_of(day)?;
        let from = if is_over { day.succ_opt()? } else { day };
        self.calendar.working_day(self.calendar.before(from)?)
    }

    /// The end of the working day that is `days` after day zero.
    #[must_use]
    pub fn due(&self, from: DateTime<Utc>, days: i64) -> Option<DateTime<Utc>> {
        let zero = self.day_zero(from)?;
        self.end_of(self.calendar.working_days_after(zero, days)?)
    }

    /// Whether any day from one instant to another is of a year without a published calendar.
    #[must_use]
    pub fn is_provisional(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let year = |at: DateTime<Utc>| at.with_timezone(&SHANGHAI).year();
        let published = self.calendar.published();
        (year(from)..=year(to)).any(|year| !published.contains(&year))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The vetted years, as the migration writes them.
    fn calendar() -> Arc<Calendar> {
        let days = migration::calendar::vetted();
        let exceptions = days.filter_map(|(day, kind, name)| {
            let kind = match kind {
                "HOLIDAY" => Kind::Holiday,
                "MAKE_UP" => Kind::MakeUp,
                _ => return None,
            };
            Some((day, (kind, name.unwrap_or_default().to_owned())))
        });
        Arc::new(Calendar::new((2004..=2026).collect(), exceptions.collect()))
    }

    fn time() -> WorkingTime {
        WorkingTime::new(calendar(), 540, 1050)
    }

    fn at(local: &str) -> DateTime<Utc> {
        format!("{local}+08:00").parse().unwrap()
    }

    #[test]
    fn the_years_have_the_working_days_that_were_announced() {
        let calendar = calendar();
        let of = |year: i32| {
            let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            calendar.before(first(year + 1)).unwrap() - calendar.before(first(year)).unwrap()
        };
        let years = [2020, 2021, 2024, 2025, 2026].map(of);
        assert_eq!(years, [249, 250, 251, 248, 248]);
        let make_up: Vec<_> = day("2026-01-01")
            .iter_days()
            .take(365)
            .filter(|day| calendar.kind(*day) == Kind::MakeUp)
            .map(|day| day.format("%m-%d").to_string())
            .collect();
        assert_eq!(
            make_up,
            ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
        );
    }

    #[test]
    fn the_vectors_of_working_days() {
        let calendar = calendar();
        for (from, count, to, is_provisional) in [
            ("2026-02-12", 5, "2026-02-26", false),
            ("2026-02-13", 5, "2026-02-27", false),
            ("2026-09-18", 5, "2026-09-24", false),
            ("2026-09-30", 5, "2026-10-13", false),
            ("2026-05-08", 1, "2026-05-09", false),
            ("2020-01-23", 1, "2020-02-03", false),
            ("2021-02-05", 5, "2021-02-18", false),
            ("2026-12-30", 5, "2027-01-06", true),
        ] {
            let found = calendar.working_days_after(day(from), count).unwrap();
            assert_eq!(found, day(to), "{from} + {count}");
            assert_eq!(calendar.is_provisional(found), is_provisional, "{found}");
        }
        // From a Saturday that is not worked the next working day is the first.
        assert_eq!(
            calendar.working_days_after(day("2026-05-16"), 1).unwrap(),
            day("2026-05-18")
        );
    }

    #[test]
    fn who_comes_after_half_past_five_comes_on_the_next_working_day() {
        for (from, days, due) in [
            ("2020-01-23T17:29:00", 1, "2020-02-03T17:30:00"),
            ("2020-01-23T17:30:00", 1, "2020-02-03T17:30:00"),
            ("2020-01-23T17:30:00.000001", 1, "2020-02-04T17:30:00"),
            ("2020-01-23T17:31:00", 1, "2020-02-04T17:30:00"),
            ("2020-01-25T08:00:00", 1, "2020-02-04T17:30:00"),
            ("2021-01-20T03:00:00", 1, "2021-01-21T17:30:00"),
            // A Saturday that is worked is a day like any other.
            ("2026-05-09T17:29:00", 1, "2026-05-11T17:30:00"),
            ("2021-01-20T10:00:00", 0, "2021-01-20T17:30:00"),
        ] {
            assert_eq!(time().due(at(from), days), Some(at(due)), "{from} + {days}");
        }
    }

    #[test]
    fn working_time_passes_in_office_hours_alone() {
        let time = time();
        let between =
            |from: &str, to: &str| (time.at(at(to)).unwrap() - time.at(at(from)).unwrap()) / 60;
        assert_eq!(between("2021-01-20T09:00:00", "2021-01-20T17:30:00"), 510);
        assert_eq!(between("2021-01-20T08:00:00", "2021-01-20T09:30:00"), 30);
        assert_eq!(between("2021-01-20T17:00:00", "2021-01-21T09:10:00"), 40);
        // Spring Festival: from the evening before the eve to the first morning.
        assert_eq!(between("2020-01-23T17:30:00", "2020-02-03T09:00:00"), 0);
        assert_eq!(between("2021-01-22T17:29:00", "2021-01-25T09:01:00"), 2);
    }

    #[test]
    fn an_instant_and_its_working_time_belong_together() {
        let time = time();
        for (from, minutes, to) in [
            ("2021-01-20T10:00:00", 450, "2021-01-20T17:30:00"),
            ("2021-01-20T10:00:00", 451, "2021-01-21T09:01:00"),
            ("2020-01-23T17:29:00", 1, "2020-01-23T17:30:00"),
            ("2020-01-23T17:29:00", 2, "2020-02-03T09:01:00"),
            ("2026-02-13T17:00:00", 31, "2026-02-14T09:01:00"),
        ] {
            let found = time.instant(time.at(at(from)).unwrap() + minutes * 60);
            assert_eq!(found, Some(at(to)), "{from} + {minutes}");
        }
        let start = time.at(at("2004-01-01T00:00:00")).unwrap();
        for step in 1..20_000 {
            let seconds = start + step * 7_919;
            let instant = time.instant(seconds).unwrap();
            assert_eq!(time.at(instant), Some(seconds), "{instant}");
        }
    }

    #[test]
    fn what_is_not_counted_has_no_answer() {
        let time = time();
        assert_eq!(time.at(at("1999-12-31T10:00:00")), None);
        assert_eq!(time.at(at("2111-02-01T10:00:00")), None);
        assert_eq!(time.due(at("2110-12-30T10:00:00"), 100), None);
        assert_eq!(time.calendar.working_day(-1), None);
    }

    #[test]
    fn a_deadline_that_reaches_a_year_without_a_calendar_says_so() {
        let time = time();
        let from = at("2026-12-30T10:00:00");
        assert!(time.is_provisional(from, time.due(from, 5).unwrap()));
        assert!(!time.is_provisional(from, time.due(from, 1).unwrap()));
    }
}
