//! Reads of offers of help.

use entity::peer_help_offer;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};

use super::super::queries::SHAPE as ISSUE_SHAPE;
use super::super::timeline::of_issue;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::order;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::list::Criteria;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Offers of help as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::HelpOffer,
    table: "peer_help_offer",
    column: column_of::<peer_help_offer::Column>,
    needs: &[("viewerActions", &["owner_id", "offerer_id", "status"])],
    always: &[],
    computed: &[Computed {
        name: "owner_id",
        sql: |_, at| {
            Expr::cust(format!(
                "(SELECT oi.enterprise_id FROM enterprise_issue oi WHERE oi.id = \"{at}\".issue_id)"
            ))
        },
    }],
    parents: &[
        Parent {
            field: "enterpriseIssue",
            column: "issue_id",
            shape: &ISSUE_SHAPE,
        },
        Parent {
            field: "offerer",
            column: "offerer_id",
            shape: &ENTERPRISE,
        },
    ],
    visible,
};

/// Whoever reads the issue in full sees all of them; an enterprise its own, whatever became of the
/// issue.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let own = scope
        .viewer
        .seat()
        .map(|seat| col(at, "offerer_id").eq(seat.enterprise_id));
    Condition::all()
        .add(col(at, "district_id").eq(scope.viewer.district_id))
        .add(
            Condition::any()
                .add(of_issue(scope, at, None))
                .add_option(own),
        )
}

/// All that the viewer sees, the newest first.
#[must_use]
pub fn criteria() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: order::or_newest(Vec::new()),
    }
}
