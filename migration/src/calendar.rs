//! The calendar of the years that were vetted, from the file beside it.

use sea_orm_migration::sea_orm::prelude::Date;

/// The days that are not what their weekday says.
const EXCEPTIONS: &str = include_str!("data/calendar_2004_2026.csv");

/// The vetted years.
pub const YEARS: std::ops::RangeInclusive<i32> = 2004..=2026;

/// Every day of the vetted years: what it is, and the holiday that it belongs to or makes up for.
pub fn vetted() -> impl Iterator<Item = (Date, &'static str, Option<&'static str>)> {
    let mut exceptions = Vec::new();
    for line in EXCEPTIONS.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split(',');
        let (kind, from, to) = (fields.next(), fields.next(), fields.next());
        let day = |text: Option<&str>| text.and_then(|text| text.parse::<Date>().ok());
        if let (Some(kind), Some(from), Some(to)) = (kind, day(from), day(to)) {
            exceptions.push((from, to, kind, fields.next()));
        }
    }
    let first = Date::from_ymd_opt(*YEARS.start(), 1, 1).unwrap_or(Date::MIN);
    let end = Date::from_ymd_opt(*YEARS.end() + 1, 1, 1).unwrap_or(Date::MIN);
    // The first of them is a Thursday.
    let days = first.iter_days().take_while(move |day| *day < end).zip(3..);
    let mut at = 0;
    days.map(move |(day, weekday)| {
        while exceptions.get(at).is_some_and(|(_, to, ..)| *to < day) {
            at += 1;
        }
        let known = exceptions.get(at).filter(|(from, ..)| *from <= day);
        match known {
            Some((_, _, kind, name)) => (day, *kind, *name),
            None if weekday % 7 >= 5 => (day, "WEEKEND", None),
            None => (day, "WORKING", None),
        }
    })
}
