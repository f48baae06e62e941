//! Where the time comes from: the one place that asks the operating system.
//!
//! Everything else takes a [`Clock`], so a test can stand at a chosen moment and the
//! demo can live in January 2021. Deadlines and working days do not belong here.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};

/// China Standard Time. One offset without daylight saving since 1991, which is older
/// than any date the service accepts, so no time-zone database is needed.
pub const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => panic!("eight hours are a valid offset"),
};

/// A source of the current instant.
pub trait Clock: Send + Sync {
    /// The current instant in whole microseconds.
    ///
    /// PostgreSQL stores no more than that; a finer value would change on its way
    /// through the database and no longer equal itself.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one home of the real time")]
        let now = Utc::now();
        now.trunc_subsecs(6)
    }
}

/// A clock that stands still until it is told to move. For tests.
#[derive(Debug)]
pub struct FixedClock {
    micros: AtomicI64,
}

impl FixedClock {
    /// A clock standing at `at`.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self {
            micros: AtomicI64::new(at.timestamp_micros()),
        }
    }

    /// Moves the clock to `at`, forwards or backwards.
    pub fn set(&self, at: DateTime<Utc>) {
        self.micros.store(at.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves the clock on by `step`; a negative step moves it back.
    pub fn advance(&self, step: TimeDelta) {
        // A step beyond 292,000 years has no microsecond count; the clock stays.
        let micros = step.num_microseconds().unwrap_or_default();
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        let micros = self.micros.load(Ordering::SeqCst);
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }
}

/// The demo's clock: it starts at a chosen instant and moves on in real seconds.
///
/// It counts on the monotonic clock, so a correction of the host's time does not make
/// the demo's day jump.
#[derive(Debug)]
pub struct BusinessClock {
    start: DateTime<Utc>,
    since: Instant,
}

impl BusinessClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        Self {
            start: start.trunc_subsecs(6),
            since: Instant::now(),
        }
    }
}

impl Clock for BusinessClock {
    fn now(&self) -> DateTime<Utc> {
        TimeDelta::from_std(self.since.elapsed())
            .ok()
            .and_then(|elapsed| self.start.checked_add_signed(elapsed))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
            .trunc_subsecs(6)
    }
}

/// The instant at which a day begins in the district; none beyond what can be counted.
#[must_use]
pub fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(SHANGHAI);
    Some(local.single()?.to_utc())
}

/// The date on the wall in the district at `now`.
#[must_use]
pub fn business_date(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&SHANGHAI).date_naive()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_clock_shows_whole_microseconds() {
        let fine = at("2021-01-20T02:00:00.123456789Z");
        let coarse = at("2021-01-20T02:00:00.123456Z");
        assert_eq!(FixedClock::new(fine).now(), coarse);

        let business = BusinessClock::starting_at(fine);
        for now in [SystemClock.now(), business.now()] {
            assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
        }
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::new(at("2021-01-20T02:00:00Z"));
        assert_eq!(clock.now(), clock.now());
        clock.advance(TimeDelta::minutes(90));
        assert_eq!(clock.now(), at("2021-01-20T03:30:00Z"));
        clock.advance(TimeDelta::minutes(-30));
        assert_eq!(clock.now(), at("2021-01-20T03:00:00Z"));
        clock.set(at("2019-10-23T01:00:00Z"));
        assert_eq!(clock.now(), at("2019-10-23T01:00:00Z"));
    }

    #[test]
    fn a_fixed_clock_survives_an_absurd_step() {
        let clock = FixedClock::new(at("2021-01-20T02:00:00Z"));
        clock.advance(TimeDelta::MAX);
        assert_eq!(clock.now(), at("2021-01-20T02:00:00Z"));
    }

    #[test]
    fn the_business_clock_starts_where_it_is_told_and_runs_in_real_seconds() {
        let start = at("2021-01-20T02:00:00Z");
        let mut clock = BusinessClock::starting_at(start);
        let first = clock.now();
        assert!(first >= start && first < start + TimeDelta::minutes(1));
        assert!(clock.now() >= first);

        // As if it had been started an hour ago.
        clock.since = Instant::now()
            .checked_sub(std::time::Duration::from_hours(1))
            .unwrap();
        let later = clock.now();
        assert!(later >= start + TimeDelta::hours(1));
        assert!(later < start + TimeDelta::minutes(61));
    }

    #[test]
    fn the_business_clock_stops_at_the_end_of_time_instead_of_panicking() {
        let mut clock = BusinessClock::starting_at(DateTime::<Utc>::MAX_UTC);
        clock.since = Instant::now()
            .checked_sub(std::time::Duration::from_secs(10))
            .unwrap();
        assert!(clock.now() > at("2100-01-01T00:00:00Z"));
    }

    #[test]
    fn the_business_date_turns_at_midnight_in_shanghai() {
        let date = |text| business_date(at(text)).to_string();
        assert_eq!(date("2021-01-19T15:59:59.999999Z"), "2021-01-19");
        assert_eq!(date("2021-01-19T16:00:00Z"), "2021-01-20");
        assert_eq!(date("2020-12-31T16:00:00Z"), "2021-01-01");
        assert_eq!(date("2020-02-28T16:00:00Z"), "2020-02-29");
    }
}
