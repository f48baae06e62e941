//! The signal of ratings that may have been coached: five stars right after the officer's visit.

use chrono::TimeDelta;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{DbBackend, QueryResult};
use uuid::Uuid;

use super::{Group, Which};
use crate::kernel::error::{Message, Result};
use crate::kernel::id::{Kind, encode};
use crate::store::dialect::col;
use crate::store::{Db, Scope, list};

/// Five-star ratings right after an officer's visits from which they are looked at.
const COACHED: i64 = 3;
/// How long after a visit a rating is right after it.
const RIGHT_AFTER_MINUTES: i32 = 30;
/// Days that the signal looks back.
const SIGNAL_DAYS: i64 = 30;

/// Five-star ratings right after a visit by the officer of the issue, of the days that the signal
/// looks back: when a visit was held is told when it is recorded.
pub(super) fn coached(select: &mut SelectStatement, scope: &Scope) {
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
        .from_as("issue_rating", "cr")
        .join_as(
            JoinType::InnerJoin,
            "enterprise_issue",
            "ce",
            col("ce", "id").eq(col("cr", "issue_id")),
        )
        .join_as(
            JoinType::InnerJoin,
            "service_visit",
            "cv",
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
            "service_officer",
            "so",
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
    let rows = list::rows(db, scope, select, None).await?;
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
