//! Reading what callers send: lenient at first, then checked, every fault at its path.

use async_graphql::{ID, MaybeUndefined};
use chrono::NaiveDate;
use sea_orm::ActiveValue;
use uuid::Uuid;

use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::{self, Kind};
use crate::kernel::text::{self, TextFault};

/// The row id in an input. What is malformed or of another kind becomes the nil id, which no row
/// has: so it is not found in the same way as an unknown one.
#[must_use]
pub fn row_id(kind: Kind, text: &ID) -> Uuid {
    id::decode(kind, text).unwrap_or(Uuid::nil())
}

/// `NOT_FOUND` at a field.
#[must_use]
pub fn not_found(field: &str) -> Error {
    Error::user(UserError::at(Code::NotFound, field))
}

fn fault(field: &str, fault: &TextFault) -> UserError {
    match fault {
        TextFault::Empty => UserError::at(Code::Required, field),
        TextFault::TooLong { max } => UserError::at(Code::TooLong, field)
            .saying(
                format!("不能超过 {max} 个字符"),
                format!("At most {max} characters."),
            )
            .with("max", max),
        TextFault::Forbidden => UserError::at(Code::Invalid, field).saying(
            "包含不允许的控制字符",
            "Control characters are not allowed.",
        ),
    }
}

/// A required text of one line.
pub fn line(faults: &mut Faults, field: &str, value: &str, max: usize) -> String {
    let checked = text::line(value, max).map_err(|error| fault(field, &error));
    faults.keep(checked).unwrap_or_default()
}

/// A required text of several lines.
pub fn block(faults: &mut Faults, field: &str, value: &str, max: usize) -> String {
    let checked = text::block(value, max).map_err(|error| fault(field, &error));
    faults.keep(checked).unwrap_or_default()
}

/// An optional text of one line; a blank one is none.
pub fn line_opt(
    faults: &mut Faults,
    field: &str,
    value: Option<&str>,
    max: usize,
) -> Option<String> {
    let value = value.filter(|value| !value.trim().is_empty())?;
    Some(line(faults, field, value, max))
}

/// An optional text of several lines; a blank one is none.
pub fn block_opt(
    faults: &mut Faults,
    field: &str,
    value: Option<&str>,
    max: usize,
) -> Option<String> {
    let value = value.filter(|value| !value.trim().is_empty())?;
    Some(block(faults, field, value, max))
}

/// Tags, at most so many of at most 20 characters; one that is named twice is there once.
pub fn tags(faults: &mut Faults, field: &str, tags: &[String], most: usize) -> Vec<String> {
    if tags.len() > most {
        faults.add(UserError::at(Code::OutOfRange, field).with("max", most));
        return Vec::new();
    }
    let mut read: Vec<String> = Vec::with_capacity(tags.len());
    for (index, tag) in tags.iter().enumerate() {
        let mut own = Faults::default();
        let tag = line(&mut own, field, tag, 20);
        faults.add_items(own, index);
        if !read.contains(&tag) {
            read.push(tag);
        }
    }
    read
}

/// A number in a range.
pub fn number(faults: &mut Faults, field: &str, value: i32, min: i32, max: i32) -> i32 {
    if !(min..=max).contains(&value) {
        faults.add(
            UserError::at(Code::OutOfRange, field)
                .saying(
                    format!("取值范围为 {min} 到 {max}"),
                    format!("From {min} to {max}."),
                )
                .with("min", min)
                .with("max", max),
        );
    }
    value
}

/// A day between two days, both included.
pub fn day(
    faults: &mut Faults,
    field: &str,
    value: impl Into<NaiveDate>,
    from: NaiveDate,
    to: NaiveDate,
) -> NaiveDate {
    let value = value.into();
    if value < from || value > to {
        faults.add(
            UserError::at(Code::OutOfRange, field)
                .saying(
                    format!("日期须在 {from} 至 {to} 之间"),
                    format!("The day must be from {from} to {to}."),
                )
                .with("min", from)
                .with("max", to),
        );
    }
    value
}

/// The first day that a programme's record can carry.
pub const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A patch field of a column that cannot be null: absent keeps, a value sets, null is a fault.
pub fn patch<T, V: Into<sea_orm::Value>>(
    faults: &mut Faults,
    field: &str,
    value: MaybeUndefined<T>,
    read: impl FnOnce(&mut Faults, T) -> V,
) -> ActiveValue<V> {
    match value {
        MaybeUndefined::Undefined => ActiveValue::NotSet,
        MaybeUndefined::Null => {
            faults.add(UserError::at(Code::Required, field));
            ActiveValue::NotSet
        }
        MaybeUndefined::Value(value) => ActiveValue::Set(read(faults, value)),
    }
}

/// A patch field of a nullable column: absent keeps, null clears, a value sets.
pub fn patch_opt<T, V>(
    faults: &mut Faults,
    value: MaybeUndefined<T>,
    read: impl FnOnce(&mut Faults, T) -> V,
) -> ActiveValue<Option<V>>
where
    Option<V>: Into<sea_orm::Value>,
{
    match value {
        MaybeUndefined::Undefined => ActiveValue::NotSet,
        MaybeUndefined::Null => ActiveValue::Set(None),
        MaybeUndefined::Value(value) => ActiveValue::Set(Some(read(faults, value))),
    }
}

/// Refuses a change that was made on an older version of the row.
///
/// # Errors
/// `STALE_VERSION` with the current entity.
pub fn expect_version(current: Uuid, version: i32, expected: i32) -> Result<()> {
    if version == expected {
        return Ok(());
    }
    let error = UserError::at(Code::StaleVersion, "expectedVersion").with("version", version);
    Err(Error::about(current, error))
}

/// Refuses a patch that changes nothing.
///
/// # Errors
/// `REQUIRED` for the whole input.
pub fn not_empty(is_empty: bool) -> Result<()> {
    if !is_empty {
        return Ok(());
    }
    let mut error = UserError::at(Code::Required, "").saying(
        "没有需要修改的内容",
        "The patch is empty; give at least one field to change.",
    );
    error.path.truncate(1);
    Err(Error::user(error))
}

/// `INVALID_STATE` about an entity.
#[must_use]
pub fn invalid_state(current: Uuid, state: impl std::fmt::Display) -> Error {
    let mut error = UserError::at(Code::InvalidState, "").with("state", state);
    error.path.clear();
    Error::about(current, error)
}

/// `FORBIDDEN` about an entity that the viewer sees.
#[must_use]
pub fn forbidden(current: Uuid) -> Error {
    let mut error = UserError::at(Code::Forbidden, "");
    error.path.clear();
    Error::about(current, error)
}

/// Passes if the role may ever do this.
///
/// # Errors
/// `Forbidden`, before anything is read.
pub const fn role_may(may: bool) -> Result<()> {
    if may { Ok(()) } else { Err(Error::Forbidden) }
}

/// What an upsert is about: an existing row and the version that the change was made on, or none
/// for a new one. The two come together or not at all.
pub fn upserted<'a>(
    faults: &mut Faults,
    id: Option<&'a ID>,
    expected: Option<i32>,
) -> Option<(&'a ID, i32)> {
    match (id, expected) {
        (None, None) => None,
        (Some(id), Some(expected)) => Some((id, expected)),
        (Some(_), None) => {
            faults.add(UserError::at(Code::Required, "expectedVersion"));
            None
        }
        (None, Some(_)) => {
            faults.add(UserError::at(Code::Required, "id").saying(
                "填写 expectedVersion 时必须填写 id",
                "expectedVersion needs the id of what is changed.",
            ));
            None
        }
    }
}
