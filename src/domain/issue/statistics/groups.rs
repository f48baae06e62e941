//! Figures by a value that issues share, and how the values are called.

use entity::enterprise_issue::{IssueLight, IssueState};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query};
use sea_orm::{ActiveEnum, Iterable, QueryResult};
use uuid::Uuid;

use super::which::last_rating;
use super::{Group, Which, condition};
use crate::domain::issue::queries::in_full;
use crate::domain::issue::{IssueFilter, light};
use crate::domain::officer::queries as officers;
use crate::kernel::error::{Message, Result};
use crate::kernel::id::{Kind, encode};
use crate::store::dialect::col;
use crate::store::plan::ROOT;
use crate::store::{Db, Scope, list};

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

impl Dimension {
    /// The value that issues are grouped by.
    fn value(self, scope: &Scope, at: &'static str) -> Expr {
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
        .expr_as(dimension.value(scope, ROOT), "k")
        .from_as("enterprise_issue", ROOT)
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
        .from_subquery(inner, "w")
        .and_where(col("w", "k").is_not_null())
        .add_group_by([col("w", "k")])
        .order_by_expr(Expr::cust("count(*)"), sea_orm::Order::Desc)
        .order_by_expr(col("w", "k"), sea_orm::Order::Asc);
    if let Some((table, columns)) = dimension.named() {
        select.join_as(
            JoinType::InnerJoin,
            table,
            "n",
            col("n", "id").eq(col("w", "k")),
        );
        for column in columns {
            select
                .expr(col("n", column))
                .add_group_by([col("n", column)]);
        }
    }
    let rows = list::rows(db, scope, select, None).await?;
    let groups = rows.iter().map(|row| dimension.group(row));
    groups.filter_map(Result::transpose).collect()
}
