//! Common problems (共性问题) as they are read: whoever reads one of its issues in full reads what
//! the problem is.

use entity::issue_cluster;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};

use super::policy;
use super::queries::{in_full, visible as issue_visible};
use crate::domain::order;
use crate::domain::user::queries::ACTOR;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, never};
use crate::store::list::Criteria;
use crate::store::shape::{Parent, Shape, column_of};

/// Common problems as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Cluster,
    table: "issue_cluster",
    column: column_of::<issue_cluster::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "createdBy",
        column: "created_by_id",
        shape: &ACTOR,
    }],
    visible,
};

/// District staff: all of the district. Officers and enterprises: those of which they read an
/// issue in full.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    const ISSUE: &str = "ci";
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    if scope.viewer.is_district_staff() {
        return within;
    }
    if !policy::may_read(&scope.viewer) {
        return within.add(never());
    }
    let mut issue = Query::select();
    issue
        .expr(Expr::val(1))
        .from_as("enterprise_issue", ISSUE)
        .and_where(col(ISSUE, "cluster_id").eq(col(at, "id")))
        .cond_where(issue_visible(scope, ISSUE))
        .cond_where(in_full(scope, ISSUE));
    within.add(Expr::exists(issue))
}

/// All that the viewer sees, the newest first.
#[must_use]
pub fn criteria() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: order::or_newest(Vec::new()),
    }
}
