//! Figures of issues: counts by what they are, the three rates (三率), and the signal of ratings
//! that may have been coached. A figure is a condition on issues, so that what is counted and the
//! rows behind it are the same: `which` is the condition, `groups` counts by a value that issues
//! share, `coached` is the signal.

mod coached;
mod groups;
mod which;

use sea_orm::QueryResult;
use sea_orm::sea_query::{Condition, Expr, Query};

use super::IssueFilter;
use super::queries::in_full;
use crate::domain::filter;
use crate::domain::order;
use crate::kernel::error::{Message, Result};
use crate::store::list::Criteria;
use crate::store::names::COLUMNS;
use crate::store::plan::ROOT;
use crate::store::{Db, Scope, list};

pub use coached::coached_ratings;
pub use groups::{Dimension, groups};
pub use which::Which;

/// A figure: what it counts, how it is called and how many there are.
#[derive(Clone, Debug)]
pub struct Group {
    /// Which issues.
    pub which: Which,
    /// The value that they share: the name in the schema, the id, or the number.
    pub key: String,
    /// How it is called.
    pub label: Message,
    /// How many.
    pub count: i64,
}

/// The condition of a figure: what the viewer's figures count, the filter, and its own.
///
/// # Errors
/// `BadInput` for a malformed filter.
fn condition(
    scope: &Scope,
    filter: Option<&IssueFilter>,
    which: &Which,
    at: &'static str,
) -> Result<Condition> {
    let guarded = which.is_guarded();
    Ok(which::counted(scope, at)
        .add(filter::of(filter, scope, at)?)
        .add(which.own(scope, at))
        .add_option(guarded.then(|| in_full(scope, at))))
}

/// The issues behind a figure, the newest first.
///
/// # Errors
/// As `counts`.
pub fn criteria(scope: &Scope, filter: Option<&IssueFilter>, which: &Which) -> Result<Criteria> {
    Ok(Criteria {
        filter: condition(scope, filter, which, ROOT)?,
        order: order::or_newest(Vec::new()),
    })
}

/// The issues behind all figures of one dimension, whatever they share.
///
/// # Errors
/// As `counts`.
pub fn criteria_of_all(
    scope: &Scope,
    filter: Option<&IssueFilter>,
    which: &Which,
) -> Result<Criteria> {
    let guarded = which.is_guarded();
    let all = condition(scope, filter, &Which::All, ROOT)?;
    Ok(Criteria {
        filter: all.add_option(guarded.then(|| in_full(scope, ROOT))),
        order: order::or_newest(Vec::new()),
    })
}

/// How many issues each of some figures counts, in one statement.
///
/// # Errors
/// `BadInput` for a malformed filter; or when the database fails.
pub async fn counts(
    db: &Db,
    scope: &Scope,
    filter: Option<&IssueFilter>,
    figures: &[Which],
) -> Result<Vec<i64>> {
    let mut select = Query::select();
    for (place, which) in figures.iter().enumerate() {
        let mut count = Query::select();
        count
            .expr(Expr::cust("count(*)"))
            .from_as("enterprise_issue", ROOT)
            .cond_where(condition(scope, filter, which, ROOT)?);
        let name = COLUMNS.get(place);
        select.expr_as(Expr::SubQuery(None, Box::new(count.into())), name);
    }
    let rows = list::rows(db, scope, select, None).await?;
    let row = rows.first();
    let count = |place| row.map_or(Ok(0), |row: &QueryResult| row.try_get_by_index(place));
    Ok((0..figures.len())
        .map(count)
        .collect::<std::result::Result<_, _>>()?)
}
