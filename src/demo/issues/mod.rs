//! The 168 issues: which there are, and what became of each. How an issue goes its way is
//! `desk`; how the finished ones ended is `ended`; the open ones are told one by one in `open`.

mod desk;
mod ended;
mod open;
mod peer_help;
mod supervision;

use std::collections::BTreeMap;

use entity::issue_counter;
use sea_orm::prelude::Uuid;

use self::desk::Desk;
use super::BuildError;
use super::calendar::Calendar;
use super::officers::Party;
use super::rows::{Build, Table};
use super::taxonomy::District;
use super::users::Accounts;
use super::visits::Visits;

/// Builds the issues with their steps, entries and ratings.
pub(super) fn build(
    build: &mut Build,
    district: &District,
    parties: &[Party],
    accounts: &Accounts,
    visits: &Visits,
) -> Result<(), BuildError> {
    let mut desk = Desk::new(build, district, parties, accounts, visits);
    let archived = ended::archived(&mut desk)?;
    ended::merged(&mut desk, &archived)?;
    ended::closed(&mut desk)?;
    ended::dissatisfied(&mut desk)?;
    ended::stopped(&mut desk)?;
    open::build(&mut desk, &archived)?;
    number(build, district)?;
    co_departments(build, district)?;
    supervision::build(build, district)?;
    peer_help::build(build, district, accounts)
}

/// Gives the issues their numbers, by year in the order they came in.
fn number(build: &mut Build, district: &District) -> Result<(), BuildError> {
    build
        .rows
        .issues
        .sort_by_key(|issue| (issue.created_at, issue.id));
    let mut last: BTreeMap<i32, i32> = BTreeMap::new();
    for issue in &mut build.rows.issues {
        let submitted = issue.submitted_at.unwrap_or(issue.created_at);
        let year = Calendar::year(submitted);
        let counter = last.entry(year).or_default();
        *counter += 1;
        issue.number = format!("{}-{year}-{counter:06}", district.prefix);
    }
    let at = build
        .calendar
        .instant(build.calendar.opening((2019, 10, 8))?)?;
    for (year, last_number) in last {
        let row = issue_counter::Model {
            id: build.id(Table::Counter, at)?,
            district_id: district.id,
            year,
            last_number,
        };
        build.rows.counters.push(row);
    }
    Ok(())
}

/// Adds the department that helps to assigned issues of those kinds that take two.
fn co_departments(build: &mut Build, district: &District) -> Result<(), BuildError> {
    let mut by_text: BTreeMap<&str, Uuid> = BTreeMap::new();
    for template in &super::texts::TEMPLATES {
        if let Some(co_department) = template.co_department {
            by_text.insert(template.title, district.department(co_department)?.0);
        }
    }
    let mut found = Vec::new();
    for issue in &build.rows.issues {
        let Some(assigned_at) = issue.assigned_at else {
            continue;
        };
        let co_department = by_text
            .iter()
            .find(|(title, _)| desk::is_of(&issue.title, title));
        if let Some((_, department)) = co_department {
            found.push((issue.id, *department, assigned_at));
        }
    }
    for (issue_id, department_id, created_at) in found {
        let row = entity::issue_co_department::Model {
            id: build.id(Table::CoDepartment, created_at)?,
            district_id: district.id,
            issue_id,
            department_id,
            created_at,
        };
        build.rows.co_departments.push(row);
    }
    Ok(())
}
