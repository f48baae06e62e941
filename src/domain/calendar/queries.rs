//! Reads of the calendar. A server keeps one copy in memory, as long as nothing was imported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use entity::calendar_day::{CalendarDayKind, CalendarDayStatus, Column, Entity};
use entity::setting;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::Calendar;
use crate::kernel::error::{Error, Result};
use crate::store::Db;

/// The setting that counts the imports.
pub const REVISION: &str = "calendar";

/// The setting that remembers from which day on deadlines are to be counted anew.
pub const PENDING: &str = "calendar_pending";

/// The calendar as this transaction or connection sees it.
///
/// # Errors
/// When the database fails.
pub async fn calendar(db: &Db, conn: &impl ConnectionTrait) -> Result<Arc<Calendar>> {
    let revision = setting::Entity::find_by_id(REVISION.to_owned())
        .one(conn)
        .await?
        .ok_or_else(|| Error::Internal("the calendar has no revision".to_owned()))?
        .value;
    if let Some(known) = db.kept(REVISION, &revision) {
        return Ok(known);
    }
    let calendar = Arc::new(load(conn).await?);
    db.keep(REVISION, revision, Arc::clone(&calendar));
    Ok(calendar)
}

/// What is not as its weekday says, and which years are published: New Year's Day is a holiday in
/// each.
async fn load(conn: &impl ConnectionTrait) -> Result<Calendar> {
    let rows: Vec<(
        NaiveDate,
        CalendarDayKind,
        Option<String>,
        CalendarDayStatus,
    )> = Entity::find()
        .select_only()
        .columns([Column::Day, Column::Kind, Column::Name, Column::Status])
        .filter(Condition::all().add(Column::Name.is_not_null()))
        .into_tuple()
        .all(conn)
        .await?;
    let mut published = BTreeSet::new();
    let mut exceptions = BTreeMap::new();
    for (day, kind, name, status) in rows {
        if status == CalendarDayStatus::Published {
            published.insert(day.year());
        }
        exceptions.insert(day, (kind, name.unwrap_or_default()));
    }
    Ok(Calendar::new(published, exceptions))
}
