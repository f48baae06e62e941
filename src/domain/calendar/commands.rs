//! Changes of the calendar: it is the country's, so that a year that one district imports is every
//! district's.

use async_graphql::InputObject;
use entity::calendar_day::CalendarDayKind;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::import::{self, Row};
use crate::access::viewer::Viewer;
use crate::domain::input::role_may;
use crate::domain::issue::commands::recount;
use crate::domain::scalar::Date;
use crate::kernel::error::{Error, Message, Result};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// A day of a year to import.
#[derive(Clone, Debug, InputObject)]
pub struct CalendarDayInput {
    /// The day.
    pub day: Date,
    /// What it is.
    pub kind: CalendarDayKind,
    /// The holiday that it belongs to or makes up for, at most 60 characters; for HOLIDAY and
    /// `MAKE_UP` only.
    pub name: Option<String>,
}

/// A year of the calendar (工作日历): every day once.
#[derive(Clone, Debug, InputObject)]
pub struct ImportCalendarInput {
    /// The year, from 2000 to 2110.
    pub year: i32,
    /// The notice that says so, at most 300 characters.
    pub source: String,
    /// Its days.
    pub days: Vec<CalendarDayInput>,
}

/// Whether the role may import a year.
#[must_use]
pub const fn may_import(viewer: &Viewer) -> bool {
    viewer.is_admin()
}

/// Imports a year, and counts the deadlines anew that reach into it.
///
/// # Errors
/// `Forbidden`; user errors as `import::read`.
pub async fn import(deps: Deps, actor: Actor, input: ImportCalendarInput) -> Result<Uuid> {
    role_may(may_import(&actor.viewer))?;
    let rows: Vec<Row> = (input.days.into_iter())
        .map(|day| Row {
            day: day.day.into(),
            kind: day.kind,
            name: day.name,
        })
        .collect();
    let year = import::read(input.year, &input.source, &rows)?;
    let work = Work::begin(&deps, &actor, "importCalendar").await?;
    let district = work.district_id();
    write(&deps, work, year).await?;
    Ok(district)
}

/// The same from the command line, told in the name of the first district.
///
/// # Errors
/// User errors as `import::read`; `BadInput` before there is a district.
pub async fn import_file(deps: &Deps, year: i32, source: &str, text: &str) -> Result<()> {
    let year = import::read(year, source, &import::parse(text)?)?;
    let district = entity::district::Entity::find().one(deps.db.conn()).await?;
    let district = district.ok_or_else(|| {
        Error::BadInput(Message::new(
            "尚无区县",
            "There is no district yet; add one first.",
        ))
    })?;
    let work = Work::by_operator(deps, district.id, "importCalendar").await?;
    write(deps, work, year).await
}

async fn write(deps: &Deps, mut work: Work, year: import::Year) -> Result<()> {
    let district = work.district_id();
    let event = Event::new(Kind::District, district, "district.calendarImported");
    import::write(&mut work, event, year).await?;
    work.commit(Kind::District, district).await?;
    // What fails here the sweep does.
    match recount(deps).await {
        Ok(changed) => tracing::info!(changed, "deadlines were counted anew"),
        Err(cause) => tracing::warn!(%cause, "deadlines are to be counted anew"),
    }
    Ok(())
}
