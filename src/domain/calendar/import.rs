//! A year of the calendar that comes in: by the notice of the State Council, as a file of days.
//! A year is there as a whole or not at all, and a later notice replaces what an earlier one said.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use entity::calendar_day::{CalendarDayKind as Kind, CalendarDayStatus, Column, Entity, Model};
use entity::setting;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::queries::{PENDING, REVISION};
use crate::domain::input::{line, number};
use crate::kernel::error::{Code, Faults, Result, UserError};
use crate::store::work::{Event, Work};

/// The years that are counted.
const YEARS: (i32, i32) = (2000, 2110);
/// The most faults that are told at once.
const MOST_TOLD: usize = 20;

/// A day of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The day.
    pub day: NaiveDate,
    /// What it is.
    pub kind: Kind,
    /// The holiday that it belongs to or makes up for.
    pub name: Option<String>,
}

/// A year that was read and found whole.
#[derive(Debug)]
pub struct Year {
    days: BTreeMap<NaiveDate, Model>,
}

/// Reads a year of days.
///
/// # Errors
/// User errors: `OUT_OF_RANGE` for the year, `REQUIRED` for the source and for days that are
/// missing, `INVALID` for a day that is there twice, of another year, of a kind that its weekday
/// cannot be, or with the wrong name.
pub fn read(year: i32, source: &str, rows: &[Row]) -> Result<Year> {
    let mut faults = Faults::default();
    let source = line(&mut faults, "source", source, 300);
    number(&mut faults, "year", year, YEARS.0, YEARS.1);
    faults.check()?;

    let mut faults = Vec::new();
    let mut days = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let mut row_faults = Faults::default();
        let name = row.name.as_deref().filter(|name| !name.trim().is_empty());
        let name = name.map(|name| line(&mut row_faults, "days", name, 60));
        if row_faults.check().is_err() {
            faults.push(said(index, "名称无效", "The name is not valid.", row.day));
        }
        if let Some((zh, en)) = wrong(year, row, name.is_some()) {
            faults.push(said(index, zh, en, row.day));
        }
        let day = Model {
            day: row.day,
            kind: row.kind,
            name,
            source: source.clone(),
            status: CalendarDayStatus::Published,
        };
        if days.insert(row.day, day).is_some() {
            let (zh, en) = ("日期重复", "The day is there twice.");
            faults.push(said(index, zh, en, row.day));
        }
    }
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    let all = first.iter_days().take_while(|day| day.year() == year);
    for day in all.filter(|day| !days.contains_key(day)) {
        let error = UserError::at(Code::Required, "days")
            .saying(format!("缺少 {day}"), format!("{day} is missing."));
        faults.push(error.with("day", day));
    }
    let mut told = Faults::default();
    for fault in faults.into_iter().take(MOST_TOLD) {
        told.add(fault);
    }
    told.check()?;
    Ok(Year { days })
}

fn said(index: usize, zh: &'static str, en: &'static str, day: NaiveDate) -> UserError {
    let error = UserError::at(Code::Invalid, "days").item(index);
    error
        .saying(format!("{day}：{zh}"), format!("{day}: {en}"))
        .with("day", day)
}

/// What is wrong with a day for itself.
fn wrong(year: i32, row: &Row, is_named: bool) -> Option<(&'static str, &'static str)> {
    let is_end_of_week = matches!(row.day.weekday(), Weekday::Sat | Weekday::Sun);
    if row.day.year() != year {
        return Some(("不属该年度", "The day is of another year."));
    }
    let fits = match row.kind {
        Kind::Working => !is_end_of_week,
        Kind::Weekend | Kind::MakeUp => is_end_of_week,
        Kind::Holiday => true,
    };
    if !fits {
        return Some((
            "类别与星期不符",
            "Its weekday cannot be of this kind: WORKING is Monday to Friday, WEEKEND and MAKE_UP \
             are Saturday or Sunday.",
        ));
    }
    if row.day.ordinal() == 1 && row.kind != Kind::Holiday {
        return Some(("元旦为法定节假日", "New Year's Day is a holiday."));
    }
    match (matches!(row.kind, Kind::Holiday | Kind::MakeUp), is_named) {
        (true, false) => Some((
            "节假日和调休日须注明节日名称",
            "A holiday and a make-up day name the holiday.",
        )),
        (false, true) => Some((
            "工作日和周末不填节日名称",
            "A working day and a weekend name no holiday.",
        )),
        _ => None,
    }
}

/// Writes a year in the work that imports it. Deadlines from its first day on are counted anew
/// afterwards; until that is done the database remembers it.
///
/// # Errors
/// When the database fails.
pub async fn write(work: &mut Work, event: Event, year: Year) -> Result<()> {
    let (Some(first), Some(last)) = (
        year.days.keys().next().copied(),
        year.days.keys().next_back().copied(),
    ) else {
        return Ok(());
    };
    // Takes the row, so that imports follow each other.
    let next = Expr::cust("CAST(CAST(value AS integer) + 1 AS varchar(20))");
    setting::Entity::update_many()
        .col_expr(setting::Column::Value, next)
        .col_expr(setting::Column::UpdatedAt, Expr::val(work.now()))
        .filter(setting::Column::Key.eq(REVISION))
        .exec(work.tx())
        .await?;
    let known = Entity::find()
        .filter(Column::Day.between(first, last))
        .all(work.tx())
        .await?;
    let mut new = year.days;
    for before in known {
        if let Some(after) = new.remove(&before.day)
            && after != before
        {
            let row = after.into_active_model().reset_all();
            work.update(event, &before, row, || UserError::at(Code::Taken, "days"))
                .await?;
        }
    }
    work.add_all::<Entity>(event, new.into_values().collect())
        .await?;
    remember(work, first).await
}

/// Remembers from which day on deadlines are to be counted anew.
async fn remember(work: &Work, first: NaiveDate) -> Result<()> {
    let row = setting::ActiveModel {
        key: sea_orm::ActiveValue::Set(PENDING.to_owned()),
        value: sea_orm::ActiveValue::Set(first.to_string()),
        updated_at: sea_orm::ActiveValue::Set(work.now()),
    };
    let earliest = Expr::case(
        Expr::col((setting::Entity, setting::Column::Value)).lt(first.to_string()),
        Expr::col((setting::Entity, setting::Column::Value)),
    )
    .finally(Expr::val(first.to_string()));
    let conflict = sea_orm::sea_query::OnConflict::column(setting::Column::Key)
        .value(setting::Column::Value, earliest)
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(work.tx())
        .await?;
    Ok(())
}

/// Reads the lines of a file: `day,kind,name`, with comments after `#` and a head that begins with
/// `day`.
///
/// # Errors
/// User errors `INVALID` at the line.
pub fn parse(text: &str) -> Result<Vec<Row>> {
    let mut faults = Faults::default();
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("day,") {
            continue;
        }
        let mut fields = line.split(',').map(str::trim);
        let (day, kind, name) = (fields.next(), fields.next(), fields.next());
        let day = day.and_then(|day| day.parse::<NaiveDate>().ok());
        let kind = match kind {
            Some("WORKING") => Some(Kind::Working),
            Some("WEEKEND") => Some(Kind::Weekend),
            Some("HOLIDAY") => Some(Kind::Holiday),
            Some("MAKE_UP") => Some(Kind::MakeUp),
            _ => None,
        };
        if let (Some(day), Some(kind), None) = (day, kind, fields.next()) {
            rows.push(Row {
                day,
                kind,
                name: name.filter(|name| !name.is_empty()).map(str::to_owned),
            });
        } else {
            faults.add(UserError::at(Code::Invalid, "days").saying(
                format!("第 {number} 行须为 日期,类别,名称"),
                format!("Line {number} is not day,kind,name as in 2027-01-01,HOLIDAY,元旦."),
            ));
            break;
        }
    }
    faults.check()?;
    Ok(rows)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::domain::calendar::time::by_weekday;
    use crate::kernel::error::Error;

    /// A year by its weekdays, with New Year's Day.
    fn rows() -> Vec<Row> {
        let first = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
        let mut rows: Vec<Row> = (first.iter_days().take(365))
            .map(|day| Row {
                day,
                kind: by_weekday(day),
                name: None,
            })
            .collect();
        rows[0].kind = Kind::Holiday;
        rows[0].name = Some("元旦".to_owned());
        rows
    }

    fn told(rows: &[Row]) -> Vec<String> {
        match read(2027, "通知", rows) {
            Err(Error::User { errors, .. }) => errors
                .iter()
                .map(|error| {
                    let day = error.params.iter().find(|(name, _)| *name == "day");
                    format!(
                        "{:?} {} {}",
                        error.code,
                        error.path.join("."),
                        day.unwrap().1
                    )
                })
                .collect(),
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn a_year_is_there_as_a_whole() {
        assert_eq!(told(&rows()), [""; 0]);
        let mut missing = rows();
        missing.remove(40);
        assert_eq!(told(&missing), ["Required input.days 2027-02-10"]);
        let mut doubled = rows();
        doubled.push(rows()[3].clone());
        assert_eq!(told(&doubled), ["Invalid input.days.365 2027-01-04"]);
        let mut moved = rows();
        moved[364].day = NaiveDate::from_ymd_opt(2028, 1, 1).unwrap();
        moved[364].kind = Kind::Weekend;
        assert_eq!(
            told(&moved),
            [
                "Invalid input.days.364 2028-01-01",
                "Required input.days 2027-12-31"
            ]
        );
        assert_eq!(told(&[]).len(), MOST_TOLD);
    }

    #[test]
    fn a_day_is_what_its_weekday_can_be() {
        for (place, kind, name, is_right) in [
            (1, Kind::Working, None, false),
            (1, Kind::MakeUp, Some("元旦"), true),
            (1, Kind::MakeUp, None, false),
            (3, Kind::Weekend, None, false),
            (3, Kind::MakeUp, Some("元旦"), false),
            (3, Kind::Holiday, Some("元旦"), true),
            (3, Kind::Holiday, Some("  "), false),
            (3, Kind::Working, Some("元旦"), false),
            (0, Kind::Working, None, false),
        ] {
            let mut rows = rows();
            rows[place].kind = kind;
            rows[place].name = name.map(str::to_owned);
            assert_eq!(
                told(&rows).is_empty(),
                is_right,
                "{place} {kind:?} {name:?}"
            );
        }
    }

    #[test]
    fn a_file_is_lines_of_day_kind_and_name() {
        let text = "\u{feff}day,kind,name\n# 国务院办公厅\n2027-01-01,HOLIDAY,元旦\n\n2027-01-02, WEEKEND\n";
        let rows = parse(text).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].name.as_deref(), Some("元旦"));
        assert_eq!(rows[1].kind, Kind::Weekend);
        for wrong in [
            "2027-1-41,WORKING",
            "2027-01-04",
            "2027-01-04,WORKDAY",
            "2027-01-04,WORKING,,x",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
