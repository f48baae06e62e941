//! Reads of the clocks of issues, and of what a district gives them.

use entity::issue_clock::{Column, Entity, Model};
use entity::{clock_rule, issue_clock};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::policy;
use super::super::timeline::of_issue;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, never};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::shape::{Shape, column_of};

/// Clocks as the reader knows them: those who read the issue in full.
pub static CLOCK: Shape = Shape {
    kind: Kind::Clock,
    table: "issue_clock",
    column: column_of::<issue_clock::Column>,
    needs: &[
        ("limitMinutes", &["limit_seconds"]),
        ("spentMinutes", &["spent_seconds", "running_since"]),
    ],
    always: &[],
    computed: &[],
    parents: &[],
    visible: |scope, at| of_issue(scope, at, None),
};

/// What clocks give, as the reader knows it: everybody of the district but auditors.
pub static RULE: Shape = Shape {
    kind: Kind::ClockRule,
    table: "clock_rule",
    column: column_of::<clock_rule::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[],
    visible: |scope, at| {
        let reads = policy::may_read(&scope.viewer);
        Condition::all()
            .add(col(at, "district_id").eq(scope.viewer.district_id))
            .add_option((!reads).then(never))
    },
};

/// Whether the earliest due of the clocks that light an issue may move with a calendar; null where
/// none runs.
#[must_use]
pub fn is_due_provisional(_: &Scope, at: &'static str) -> Expr {
    Expr::cust(format!(
        "(SELECT pc.is_provisional FROM issue_clock pc WHERE pc.issue_id = \"{at}\".id \
         AND pc.running_since IS NOT NULL AND pc.kind NOT IN ('RATING', 'CALLBACK') \
         ORDER BY pc.due_at LIMIT 1)"
    ))
}

/// Clocks in the order they were started in.
#[must_use]
pub fn as_started() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("started_at", KeyType::Time)],
    }
}

/// Rules clock by clock, in a fixed order.
#[must_use]
pub fn by_clock() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("clock", KeyType::Text)],
    }
}

/// The last clock of a kind of an issue, where the viewer reads the issue in full.
///
/// # Errors
/// When the database fails.
pub async fn last(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    issue: Uuid,
    kind: issue_clock::ClockKind,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::IssueId.eq(issue))
        .filter(Column::Kind.eq(kind))
        .filter((CLOCK.visible)(scope, CLOCK.table))
        .order_by_desc(Column::Round)
        .one(conn)
        .await?)
}
