//! Issues that may be the same as one that is being written: by their titles, in any script, with
//! the same result on both databases. A title is kept in pieces of two characters
//! (`migration::gram`); titles are alike by the share of pieces that they have in common. Texts are
//! not looked at: that of a confidential issue must not be found by guessing.

use entity::enterprise_issue::Model;
use entity::issue_gram;
use migration::gram::grams;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, OnConflict, Order, Query};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::queries::visible;
use crate::kernel::error::Result;
use crate::store::dialect::{col, in_texts};
use crate::store::{Db, Scope, list};

/// In parts of a thousand: from which likeness on an issue is told.
const LIKE_ENOUGH: i64 = 300;

/// The pieces of a submitted issue's title.
pub fn pieces(issue: &Model) -> impl Iterator<Item = issue_gram::Model> {
    let (district_id, issue_id) = (issue.district_id, issue.id);
    grams(&issue.title)
        .into_iter()
        .map(move |gram| issue_gram::Model {
            district_id,
            gram,
            issue_id,
        })
}

/// Keeps the pieces of an issue's title, from its submission on: a draft is like nothing. They say
/// nothing that the title does not, and so have no place in the audit.
///
/// # Errors
/// When the database fails.
pub async fn keep(conn: &impl ConnectionTrait, issue: &Model) -> Result<()> {
    let rows: Vec<_> = pieces(issue)
        .map(IntoActiveModel::into_active_model)
        .collect();
    if !rows.is_empty() {
        // A server of an older version may have kept them with the draft.
        issue_gram::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(conn)
            .await?;
    }
    Ok(())
}

/// The submitted issues that the viewer sees whose titles are like this one, of one enterprise or
/// of all, the likest first, each with its likeness in parts of a thousand: twice the pieces in
/// common, of the pieces of both.
///
/// # Errors
/// When the database fails.
pub async fn similar(
    db: &Db,
    scope: &Scope,
    title: &str,
    enterprise: Option<Uuid>,
    most: usize,
) -> Result<Vec<(Uuid, i64)>> {
    const AT: &str = "t0";
    let wanted: Vec<String> = grams(title).into_iter().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let likeness = format!(
        "2000 * count(*) / ({} + (SELECT count(*) FROM issue_gram ng WHERE ng.issue_id = \"g\".issue_id))",
        wanted.len()
    );
    let mut inner = Query::select();
    inner
        .expr_as(col("g", "issue_id"), "id")
        .expr_as(Expr::cust(likeness), "likeness")
        .from_as("issue_gram", "g")
        .join_as(
            JoinType::InnerJoin,
            "enterprise_issue",
            AT,
            col(AT, "id").eq(col("g", "issue_id")),
        )
        .and_where(col("g", "district_id").eq(scope.viewer.district_id))
        .and_where(in_texts(scope.backend, col("g", "gram"), &wanted))
        .and_where(col(AT, "submitted_at").is_not_null())
        .cond_where(visible(scope, AT))
        .add_group_by([col("g", "issue_id")]);
    if let Some(enterprise) = enterprise {
        inner.and_where(col(AT, "enterprise_id").eq(enterprise));
    }
    let mut select = Query::select();
    select
        .expr(col("w", "id"))
        .expr(Expr::cust("CAST(w.likeness AS bigint)"))
        .from_subquery(inner, "w")
        .and_where(col("w", "likeness").gte(LIKE_ENOUGH))
        .order_by_expr(col("w", "likeness"), Order::Desc)
        .order_by_expr(col("w", "id"), Order::Desc);
    let rows = list::rows(db, scope, select, Some(most)).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
