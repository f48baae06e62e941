//! How many issues there are in each state: what stands above a list of them.

use entity::enterprise_issue::IssueState;
use sea_orm::Iterable;
use sea_orm::sea_query::{Condition, Expr, Query};

use super::queries::SHAPE;
use super::{IssueFilter, queries};
use crate::kernel::error::Result;
use crate::store::dialect::col;
use crate::store::plan::ROOT;
use crate::store::{Db, Scope, list};

/// The issues that the viewer sees under a filter, counted by state; every state has its count.
///
/// # Errors
/// As `queries::criteria`, or when the database fails.
pub async fn by_state(
    db: &Db,
    scope: &Scope,
    filter: Option<&IssueFilter>,
    search: Option<&str>,
) -> Result<Vec<(IssueState, i64)>> {
    let criteria = queries::criteria(scope, filter, search, &[])?;
    let mut select = Query::select();
    select
        .expr(col(ROOT, "state"))
        .expr(Expr::cust("count(*)"))
        .from_as(SHAPE.table, ROOT)
        .cond_where((SHAPE.visible)(scope, ROOT))
        .cond_where(Condition::all().add(criteria.filter))
        .add_group_by([col(ROOT, "state")]);
    let mut counts: Vec<(IssueState, i64)> = IssueState::iter().map(|state| (state, 0)).collect();
    for row in list::rows(db, scope, select, None).await? {
        let state: IssueState = row.try_get_by_index(0)?;
        let count = row.try_get_by_index(1)?;
        let known = counts.iter_mut().find(|(known, _)| *known == state);
        if let Some(known) = known {
            known.1 = count;
        }
    }
    Ok(counts)
}
