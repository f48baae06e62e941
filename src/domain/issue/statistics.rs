//! Figures of issues: counts by what they are, the three rates (三率), and the signal of ratings
//! that may have been coached. A figure is a condition on issues, so that what is counted and the
//! rows behind it are the same.

use chrono::TimeDelta;
use entity::enterprise_issue::{IssueLight, IssueState};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{ActiveEnum, DbBackend, Iterable, QueryResult};
use uuid::Uuid;

use super::queries::{self, in_full, visible};
use super::{IssueFilter, light};
use crate::access::viewer::Standing;
use crate::domain::filter;
use crate::domain::officer::queries as officers;
use crate::domain::order;
use crate::kernel::error::{Message, Result};
use crate::kernel::id::{Kind, encode};
use crate::store::dialect::{col, in_ids};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::{Db, Scope};

/// Stars from which an enterprise counts as satisfied.
const SATISFIED: i32 = 3;
/// Five-star ratings right after an officer's visits from which they are looked at.
const COACHED: i64 = 3;
/// How long after a visit a rating is right after it.
const RIGHT_AFTER_MINUTES: i32 = 30;
/// Days that the signal looks back.
const SIGNAL_DAYS: i64 = 30;

/// What issues are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// By state.
    State,
    /// By category.
    Category,
    /// By traffic light.
    Light,
    /// By the department that leads the handling.
    Department,
    /// By officer.
    Officer,
    /// By the stars of the last rating.
    Stars,
}

/// Which issues a figure counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// All.
    All,
    /// Those in a state.
    State(IssueState),
    /// Those that show a light.
    Light(IssueLight),
    /// Those of a category.
    Category(Uuid),
    /// Those that a department leads.
    Department(Uuid),
    /// Those of an officer.
    Officer(Uuid),
    /// Those with so many stars at last.
    Stars(i32),
    /// Those that a first contact was due for.
    ContactDue,
    /// Those of them that were contacted in time.
    ContactMet,
    /// Those that were rated.
    Rated,
    /// Those that were resolved by the last rating.
    Resolved,
    /// Those that were satisfied by the last rating.
    Satisfied,
    /// Those that were closed and never rated.
    Unrated,
    /// Those with five stars right after a visit of their officer.
    Coached(Uuid),
}

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

/// The rows that the viewer's figures count: the district side all that were submitted, officers
/// what they or their department handle, leads their own and what their pairing's members show
/// them, other enterprises their own.
fn counted(scope: &Scope, at: &str) -> Condition {
    let submitted = col(at, "submitted_at").is_not_null();
    let seen = visible(scope, at).add(submitted);
    let own = |enterprise: Uuid| col(at, "enterprise_id").eq(enterprise);
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Auditor => seen,
        Standing::Officer(_) => seen.add(queries::handles(scope, at)),
        Standing::Lead(seat) => {
            let members = in_ids(scope.backend, col(at, "enterprise_id"), &seat.members);
            seen.add(Condition::any().add(own(seat.enterprise_id)).add(members))
        }
        Standing::Member(seat) => seen.add(own(seat.enterprise_id)),
    }
}

/// The last rating's value of a column.
fn last_rating(at: &str, column: &str) -> Expr {
    Expr::cust(format!(
        "(SELECT lr.{column} FROM issue_rating lr WHERE lr.issue_id = \"{at}\".id \
         ORDER BY lr.round DESC LIMIT 1)"
    ))
}

/// The last first-contact clock of an issue, where `holds`.
fn contact(at: &str, holds: Condition) -> Condition {
    let mut clock = Query::select();
    clock
        .expr(Expr::val(1))
        .from_as(Alias::new("issue_clock"), Alias::new("cc"))
        .and_where(col("cc", "issue_id").eq(col(at, "id")))
        .and_where(Expr::cust(
            "\"cc\".kind = 'CONTACT' AND \"cc\".round = (SELECT max(lc.round) FROM issue_clock lc \
             WHERE lc.issue_id = \"cc\".issue_id AND lc.kind = 'CONTACT')",
        ))
        .cond_where(holds);
    Condition::all().add(Expr::exists(clock))
}

fn is_closed(at: &str) -> Expr {
    let closed = [IssueState::Closed, IssueState::Archived];
    col(at, "state").is_in(closed.iter().map(ActiveEnum::to_value))
}

impl Which {
    /// Whether it tells what a brief does not show.
    const fn is_guarded(&self) -> bool {
        !matches!(
            self,
            Self::All | Self::State(_) | Self::Light(_) | Self::Category(_)
        )
    }

    /// The row that its issues share, and the column that they name it in.
    #[must_use]
    pub const fn parent(&self) -> Option<(Uuid, &'static str)> {
        match self {
            Self::Category(id) => Some((*id, "category_id")),
            Self::Department(id) => Some((*id, "lead_department_id")),
            Self::Officer(id) => Some((*id, "officer_id")),
            _ => None,
        }
    }

    fn own(&self, scope: &Scope, at: &str) -> Condition {
        let all = Condition::all();
        let clock = |name| col("cc", name);
        let due = || {
            let overdue = Condition::all()
                .add(clock("ended_at").is_null())
                .add(clock("due_at").lt(Expr::val(scope.now)));
            let missed = Condition::all()
                .add(clock("met_at").is_null())
                .add(clock("ended_at").gt(clock("due_at")));
            Condition::any()
                .add(clock("met_at").is_not_null())
                .add(overdue)
                .add(missed)
        };
        match self {
            Self::All => all,
            Self::State(state) => all.add(col(at, "state").eq(state.to_value())),
            Self::Light(light) => all.add(light::name(scope, at).eq(light.to_value())),
            Self::Category(id) => all.add(col(at, "category_id").eq(*id)),
            Self::Department(id) => all.add(col(at, "lead_department_id").eq(*id)),
            Self::Officer(id) => all.add(col(at, "officer_id").eq(*id)),
            Self::Stars(stars) => all.add(last_rating(at, "stars").eq(*stars)),
            Self::ContactDue => contact(at, due()),
            Self::ContactMet => contact(at, all.add(clock("met_at").lte(clock("due_at")))),
            Self::Rated => all.add(last_rating(at, "stars").is_not_null()),
            Self::Resolved => all.add(last_rating(at, "is_resolved").eq(true)),
            Self::Satisfied => all.add(last_rating(at, "stars").gte(SATISFIED)),
            Self::Unrated => all
                .add(is_closed(at))
                .add(last_rating(at, "stars").is_null()),
            Self::Coached(officer) => {
                let mut rated = Query::select();
                rated.expr(Expr::val(1));
                coached(&mut rated, scope);
                rated
                    .and_where(col("cr", "issue_id").eq(col(at, "id")))
                    .and_where(col("cv", "officer_id").eq(*officer));
                all.add(Expr::exists(rated))
            }
        }
    }
}

/// The condition of a figure: what the viewer's figures count, the filter, and its own.
///
/// # Errors
/// `BadInput` for a malformed filter.
fn condition(
    scope: &Scope,
    filter: Option<&IssueFilter>,
    which: &Which,
    at: &str,
) -> Result<Condition> {
    let guarded = which.is_guarded();
    Ok(counted(scope, at)
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
            .from_as(Alias::new("enterprise_issue"), Alias::new(ROOT))
            .cond_where(condition(scope, filter, which, ROOT)?);
        let name = Alias::new(format!("c{place}"));
        select.expr_as(Expr::SubQuery(None, Box::new(count.into())), name);
    }
    let rows = db.all(scope.backend.build(&select)).await?;
    let row = rows.first();
    let count = |place| row.map_or(Ok(0), |row: &QueryResult| row.try_get_by_index(place));
    Ok((0..figures.len())
        .map(count)
        .collect::<std::result::Result<_, _>>()?)
}

impl Dimension {
    /// The value that issues are grouped by.
    fn value(self, scope: &Scope, at: &str) -> Expr {
        match self {
            Self::State => col(at, "state"),
            Self::Category => col(at, "category_id"),
            Self::Light => light::name(scope, at),
            Self::Department => col(at, "lead_department_id"),
            Self::Officer => col(at, "officer_id"),
            Self::Stars => last_rating(at, "stars"),
        }
    }

    /// The table and the columns that name the value; none where the value is its own name.
    const fn named(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::Category => Some(("issue_category", &["name_zh", "name_en"])),
            Self::Department => Some(("department", &["name", "name"])),
            Self::Officer => Some(("service_officer", &["post_title", "post_title"])),
            Self::State | Self::Light | Self::Stars => None,
        }
    }

    const fn is_guarded(self) -> bool {
        matches!(self, Self::Department | Self::Officer | Self::Stars)
    }

    fn group(self, row: &QueryResult) -> Result<Option<Group>> {
        let count = row.try_get_by_index(1)?;
        let id = || row.try_get_by_index::<Uuid>(0);
        let word = || row.try_get_by_index::<String>(0);
        let known = |which, key: String, zh: String, en: String| {
            let label = Message::new(zh, en);
            Some(Group {
                which,
                key,
                label,
                count,
            })
        };
        let named = || -> Result<(String, String)> {
            Ok((row.try_get_by_index(2)?, row.try_get_by_index(3)?))
        };
        Ok(match self {
            Self::State => {
                let word = word()?;
                let state = IssueState::iter().find(|state| state.to_value() == word);
                state.and_then(|state| {
                    let (zh, en) = state_names(state);
                    known(Which::State(state), word, zh.to_owned(), en.to_owned())
                })
            }
            Self::Light => {
                let word = word()?;
                let light = IssueLight::iter().find(|light| light.to_value() == word);
                light.and_then(|light| {
                    let (zh, en) = light_names(light);
                    known(Which::Light(light), word, zh.to_owned(), en.to_owned())
                })
            }
            Self::Stars => {
                let stars: i32 = row.try_get_by_index(0)?;
                let name = stars.to_string();
                let (zh, en) = (format!("{stars} 星"), format!("{stars} stars"));
                known(Which::Stars(stars), name, zh, en)
            }
            Self::Category => {
                let (id, (zh, en)) = (id()?, named()?);
                known(Which::Category(id), encode(Kind::Category, id), zh, en)
            }
            Self::Department => {
                let (id, (zh, en)) = (id()?, named()?);
                known(Which::Department(id), encode(Kind::Department, id), zh, en)
            }
            Self::Officer => {
                let (id, (zh, en)) = (id()?, named()?);
                known(Which::Officer(id), encode(Kind::Officer, id), zh, en)
            }
        })
    }
}

const fn state_names(state: IssueState) -> (&'static str, &'static str) {
    match state {
        IssueState::Draft => ("草稿", "Draft"),
        IssueState::Submitted => ("已提交", "Submitted"),
        IssueState::NeedsInfo => ("待补充", "Needs information"),
        IssueState::Accepted => ("已受理", "Accepted"),
        IssueState::Assigned => ("已交办", "Assigned"),
        IssueState::InProgress => ("办理中", "In progress"),
        IssueState::OnHold => ("挂起", "On hold"),
        IssueState::LongTerm => ("一跟到底", "Long-term"),
        IssueState::Responded => ("已答复", "Answered"),
        IssueState::Closed => ("办结", "Closed"),
        IssueState::Archived => ("归档", "Archived"),
        IssueState::Rejected => ("不予受理", "Not accepted"),
        IssueState::Withdrawn => ("撤单", "Withdrawn"),
        IssueState::Merged => ("并单", "Merged"),
    }
}

const fn light_names(light: IssueLight) -> (&'static str, &'static str) {
    match light {
        IssueLight::Green => ("绿灯", "Green"),
        IssueLight::Yellow => ("黄灯", "Yellow"),
        IssueLight::Red => ("红灯", "Red"),
        IssueLight::Grey => ("灰灯", "Grey"),
    }
}

/// The figures of a dimension, the greatest first; values that no issue has are left out.
///
/// # Errors
/// As `counts`.
pub async fn groups(
    db: &Db,
    scope: &Scope,
    filter: Option<&IssueFilter>,
    dimension: Dimension,
) -> Result<Vec<Group>> {
    let mut inner = Query::select();
    inner
        .expr_as(dimension.value(scope, ROOT), Alias::new("k"))
        .from_as(Alias::new("enterprise_issue"), Alias::new(ROOT))
        .cond_where(condition(scope, filter, &Which::All, ROOT)?);
    if dimension.is_guarded() {
        inner.cond_where(in_full(scope, ROOT));
    }
    if dimension == Dimension::Officer
        && let Some(seen) = officers::among_visible(scope, &col(ROOT, "officer_id"))
    {
        inner.and_where(seen);
    }
    let mut select = Query::select();
    select
        .expr(col("w", "k"))
        .expr(Expr::cust("count(*)"))
        .from_subquery(inner, Alias::new("w"))
        .and_where(col("w", "k").is_not_null())
        .add_group_by([col("w", "k")])
        .order_by_expr(Expr::cust("count(*)"), sea_orm::Order::Desc)
        .order_by_expr(col("w", "k"), sea_orm::Order::Asc);
    if let Some((table, columns)) = dimension.named() {
        select.join_as(
            JoinType::InnerJoin,
            Alias::new(table),
            Alias::new("n"),
            col("n", "id").eq(col("w", "k")),
        );
        for column in columns {
            select
                .expr(col("n", column))
                .add_group_by([col("n", column)]);
        }
    }
    let rows = db.all(scope.backend.build(&select)).await?;
    let groups = rows.iter().map(|row| dimension.group(row));
    groups.filter_map(Result::transpose).collect()
}

/// Five-star ratings right after a visit by the officer of the issue, of the days that the signal
/// looks back: when a visit was held is told when it is recorded.
fn coached(select: &mut SelectStatement, scope: &Scope) {
    let right_after = match scope.backend {
        DbBackend::Postgres => format!(
            "\"cr\".created_at - \"cv\".updated_at \
             BETWEEN interval '0' AND interval '{RIGHT_AFTER_MINUTES} minutes'"
        ),
        _ => format!(
            "(julianday(\"cr\".created_at) - julianday(\"cv\".updated_at)) * 1440.0 \
             BETWEEN 0.0 AND {RIGHT_AFTER_MINUTES}.0001"
        ),
    };
    let since = scope.now - TimeDelta::days(SIGNAL_DAYS);
    select
        .from_as(Alias::new("issue_rating"), Alias::new("cr"))
        .join_as(
            JoinType::InnerJoin,
            Alias::new("enterprise_issue"),
            Alias::new("ce"),
            col("ce", "id").eq(col("cr", "issue_id")),
        )
        .join_as(
            JoinType::InnerJoin,
            Alias::new("service_visit"),
            Alias::new("cv"),
            Condition::all()
                .add(col("cv", "enterprise_id").eq(col("ce", "enterprise_id")))
                .add(col("cv", "officer_id").eq(col("ce", "officer_id")))
                .add(Expr::cust("\"cv\".status = 'DONE'"))
                .add(Expr::cust(right_after)),
        )
        .and_where(col("cr", "stars").eq(5))
        .and_where(col("cr", "district_id").eq(scope.viewer.district_id))
        .and_where(col("cr", "created_at").gte(Expr::val(since)));
}

/// The officers after whose visits five-star ratings come in numbers.
///
/// # Errors
/// When the database fails.
pub async fn coached_ratings(db: &Db, scope: &Scope) -> Result<Vec<Group>> {
    let mut select = Query::select();
    select
        .expr(col("so", "id"))
        .expr(Expr::cust("count(DISTINCT \"cr\".id)"))
        .expr(col("so", "post_title"));
    coached(&mut select, scope);
    select
        .join_as(
            JoinType::InnerJoin,
            Alias::new("service_officer"),
            Alias::new("so"),
            col("so", "id").eq(col("cv", "officer_id")),
        )
        .add_group_by([col("so", "id"), col("so", "post_title")])
        .and_having(Expr::cust(format!(
            "count(DISTINCT \"cr\".id) >= {COACHED}"
        )))
        .order_by_expr(
            Expr::cust("count(DISTINCT \"cr\".id)"),
            sea_orm::Order::Desc,
        )
        .order_by_expr(col("so", "id"), sea_orm::Order::Asc);
    let rows = db.all(scope.backend.build(&select)).await?;
    let group = |row: &QueryResult| -> Result<Group> {
        let (id, title): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        Ok(Group {
            which: Which::Coached(id),
            key: encode(Kind::Officer, id),
            label: Message::new(title.clone(), title),
            count: row.try_get_by_index(1)?,
        })
    };
    rows.iter().map(group).collect()
}
