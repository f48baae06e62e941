//! The scalars of the API that are times: a day and an instant, as JSON carries them.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use sea_orm::DeriveValueType;

/// A calendar day in the district's zone, ISO 8601, such as `2021-01-20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Date(pub NaiveDate);

/// An instant, RFC 3339: read in any offset, always answered in UTC with milliseconds, such as
/// `2021-01-20T02:00:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Timestamp(pub DateTime<Utc>);

impl From<Date> for NaiveDate {
    fn from(day: Date) -> Self {
        day.0
    }
}

/// Years of four digits: what both databases order as the calendar does.
fn has_four_digits(year: i32) -> bool {
    (1..=9999).contains(&year)
}

/// A calendar day in the district's zone, ISO 8601, such as `2021-01-20`.
#[Scalar(
    name = "Date",
    specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        // Chrono alone would take `2021-1-2` too.
        let day = (text.len() == 10).then(|| text.parse::<NaiveDate>());
        match day {
            Some(Ok(day)) if has_four_digits(day.year()) => Ok(Self(day)),
            _ => Err(InputValueError::custom(
                "a day is written as in 2021-01-20 (ISO 8601)",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant, RFC 3339: read in any offset, always answered in UTC with milliseconds, such as
/// `2021-01-20T02:00:00.000Z`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html"
)]
impl ScalarType for Timestamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        match DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc()) {
            Ok(instant) if has_four_digits(instant.year()) => Ok(Self(instant)),
            _ => Err(InputValueError::custom(
                "an instant is written as in 2021-01-20T10:00:00+08:00 (RFC 3339)",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_in_any_offset_and_answered_in_one_form() {
        for text in [
            "2021-01-20T10:00:00+08:00",
            "2021-01-20T02:00:00Z",
            "2021-01-20T02:00:00.000000+00:00",
        ] {
            let read = Timestamp::parse(text.into()).unwrap();
            assert_eq!(read.to_value(), "2021-01-20T02:00:00.000Z".into());
        }
    }

    #[test]
    fn a_day_has_one_spelling() {
        let read = Date::parse("2020-02-29".into()).unwrap();
        assert_eq!(read.to_value(), "2020-02-29".into());
        for text in [
            "2020-2-29",
            "2021-02-29",
            "+02020-02-29",
            "0000-01-01",
            "20200229",
            "",
        ] {
            assert!(Date::parse(text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "2021-01-20",
            "2021-01-20T10:00:00",
            "10000-01-01T00:00:00Z",
            "",
        ] {
            assert!(Timestamp::parse(text.into()).is_err(), "{text}");
        }
        assert!(Timestamp::parse(Value::from(1)).is_err());
    }
}
