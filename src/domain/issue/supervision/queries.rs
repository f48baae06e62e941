//! Reads of what was pressed for, of joint meetings, and of what is to be done next.

use entity::enterprise_issue::IssueState;
use entity::{issue_supervision, joint_meeting};
use sea_orm::ActiveEnum;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};

use super::super::lifecycle::OPEN;
use super::super::queries::{SHAPE as ISSUE_SHAPE, handled, never};
use super::super::timeline::{ISSUE, of_issue};
use super::may_read;
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::officer::queries::SHAPE as OFFICER;
use crate::domain::user::queries::ACTOR;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, in_ids};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Parent, Shape, column_of};

/// What was pressed for, as the reader knows it: the district side all of it, officers of what
/// they handle.
pub static SUPERVISION: Shape = Shape {
    kind: Kind::Supervision,
    table: "issue_supervision",
    column: column_of::<issue_supervision::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "enterpriseIssue",
            column: "issue_id",
            shape: &ISSUE_SHAPE,
        },
        Parent {
            field: "department",
            column: "department_id",
            shape: &DEPARTMENT,
        },
        Parent {
            field: "officer",
            column: "officer_id",
            shape: &OFFICER,
        },
        Parent {
            field: "issuedBy",
            column: "issued_by_id",
            shape: &ACTOR,
        },
        Parent {
            field: "meeting",
            column: "meeting_id",
            shape: &MEETING,
        },
    ],
    visible: |scope, at| {
        let read = if scope.viewer.is_district_staff() {
            None
        } else if scope.viewer.post().is_some() {
            Some(handled(scope, ISSUE))
        } else {
            Some(Condition::all().add(never()))
        };
        of_issue(scope, at, read)
    },
};

/// Joint meetings as the reader knows them: the district side and officers.
pub static MEETING: Shape = Shape {
    kind: Kind::Meeting,
    table: "joint_meeting",
    column: column_of::<joint_meeting::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "recordedBy",
        column: "recorded_by_id",
        shape: &ACTOR,
    }],
    visible: |scope, at| {
        let reads = may_read(&scope.viewer);
        Condition::all()
            .add(col(at, "district_id").eq(scope.viewer.district_id))
            .add_option((!reads).then(never))
    },
};

/// What was pressed for, in the order it came.
#[must_use]
pub fn as_issued() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("created_at", KeyType::Time)],
    }
}

/// Joint meetings, the last first.
#[must_use]
pub fn meetings() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("held_on", KeyType::Date).descending(true)],
    }
}

fn is_one_of(at: &str, states: &[IssueState]) -> Expr {
    let states: Vec<String> = states.iter().map(ActiveEnum::to_value).collect();
    col(at, "state").is_in(states)
}

/// What waits for the viewer, in the order in which it must be done: what is due first comes
/// first. For the district: what it accepts, assigns and reviews, and all that is overdue. For an
/// officer: what they handle, and what the enterprises that they serve have submitted.
#[must_use]
pub fn work(scope: &Scope) -> Criteria {
    use IssueState::{Accepted, Assigned, InProgress, LongTerm, OnHold, Submitted};
    let filter = match scope.viewer.post() {
        None => Condition::any()
            .add(is_one_of(ROOT, &[Submitted, Accepted, OnHold]))
            .add(
                Condition::all()
                    .add(is_one_of(ROOT, &OPEN))
                    .add(col(ROOT, "due_at").lt(scope.now)),
            ),
        Some(post) => {
            let mine = Condition::any()
                .add(col(ROOT, "officer_id").eq(post.officer_id))
                .add(col(ROOT, "lead_department_id").eq(post.department_id));
            let served = in_ids(scope.backend, col(ROOT, "enterprise_id"), &post.assigned);
            Condition::any()
                .add(
                    Condition::all()
                        .add(is_one_of(ROOT, &[Assigned, InProgress, LongTerm]))
                        .add(mine),
                )
                .add(
                    Condition::all()
                        .add(is_one_of(ROOT, &[Submitted]))
                        .add(served),
                )
        }
    };
    Criteria {
        filter,
        order: vec![OrderKey::new("work_at", KeyType::Time).nullable()],
    }
}

/// By when something is to be done next: what is paused, by the day of its review.
#[must_use]
pub fn work_at(_: &Scope, at: &str) -> Expr {
    Expr::cust(format!("COALESCE(\"{at}\".due_at, \"{at}\".review_at)"))
}
