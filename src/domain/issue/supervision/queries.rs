//! Reads of what was pressed for, of joint meetings, and of what is to be done next.

use chrono::{DateTime, Utc};
use entity::enterprise_issue::IssueState;
use entity::{issue_supervision, joint_meeting};
use sea_orm::ActiveEnum;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};

use super::super::clocks::table::{CLOCKS, is_lit};
use super::super::lifecycle::OPEN;
use super::super::queries::{SHAPE as ISSUE_SHAPE, handled};
use super::super::standing;
use super::super::timeline::{ISSUE, of_issue};
use super::levels::TOO_OFTEN;
use super::may_read;
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::officer::queries::SHAPE as OFFICER;
use crate::domain::user::queries::ACTOR;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, in_ids, never};
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
            field: "liftedBy",
            column: "lifted_by_id",
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
            Some(never())
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

fn is_one_of(at: &'static str, states: &[IssueState]) -> Expr {
    let states: Vec<String> = states.iter().map(ActiveEnum::to_value).collect();
    col(at, "state").is_in(states)
}

/// What waits for the viewer, in the order in which it must be done: what is due first comes
/// first. For the district: what it accepts, assigns, reviews and decides, what a joint meeting is to
/// conclude or has concluded, whom it is to call back, and all that is overdue. For an officer: what
/// they handle, and what the enterprises that they serve have submitted.
#[must_use]
pub fn work(scope: &Scope) -> Criteria {
    use IssueState::{Accepted, Assigned, InProgress, LongTerm, OnHold, Responded, Submitted};
    let filter = match scope.viewer.post() {
        None => Condition::any()
            .add(is_one_of(ROOT, &[Submitted, Accepted, OnHold]))
            .add(
                Condition::all()
                    .add(is_one_of(ROOT, &OPEN))
                    .add(col(ROOT, "due_at").lt(scope.now)),
            )
            // What waits for a decision, or for a call, by somebody who may.
            .add(standing::is_appealed(ROOT))
            .add(
                Condition::all()
                    .add(is_one_of(ROOT, &OPEN))
                    .add(standing::awaits_meeting(ROOT)),
            )
            .add(
                Condition::all()
                    .add(is_one_of(ROOT, &[Responded]))
                    .add(standing::is_concluded(ROOT)),
            )
            .add(
                Condition::all()
                    .add(is_one_of(ROOT, &[InProgress]))
                    .add(standing::asks_for_time(ROOT))
                    .add(standing::asked_for_time(scope, ROOT).not()),
            )
            .add(
                Condition::all()
                    .add(standing::owes_callback(ROOT))
                    .add(standing::took_part(scope, ROOT).not()),
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

/// By when something is to be done next: what is paused, by the day of its review; by the district, a
/// call back that is due before, and an appeal from the day it was filed on.
#[must_use]
pub fn work_at(scope: &Scope, at: &'static str) -> Expr {
    let handling = format!("COALESCE(\"{at}\".due_at, \"{at}\".review_at)");
    if !scope.viewer.is_district_staff() {
        return Expr::cust(handling);
    }
    let call = format!(
        "(SELECT wc.due_at FROM issue_clock wc WHERE wc.issue_id = \"{at}\".id \
         AND wc.kind = 'CALLBACK' AND wc.ended_at IS NULL)"
    );
    let appeal = format!(
        "(SELECT wa.created_at FROM issue_appeal wa WHERE wa.issue_id = \"{at}\".id \
         AND wa.status = 'FILED')"
    );
    Expr::cust(format!(
        "CASE WHEN {call} < {handling} THEN {call} ELSE COALESCE({handling}, {call}, {appeal}) END"
    ))
}

/// Issues with a running clock that may have brought something that is not there yet: its time is
/// short and not every level of it is known, or it goes to a joint meeting at once and does not
/// yet. A level that is not due by its working days is looked at again; one that is there is not.
#[must_use]
pub fn pending_levels(now: DateTime<Utc>) -> Condition {
    let unlit = CLOCKS.iter().filter(|clock| !is_lit(**clock));
    let unlit: Vec<String> = unlit.map(ActiveEnum::to_value).collect();
    let brought = |level: i32| {
        format!(
            "EXISTS (SELECT 1 FROM issue_supervision ls WHERE ls.clock_id = \"lc\".id AND ls.level = {level})"
        )
    };
    let met = format!(
        "({} OR EXISTS (SELECT 1 FROM issue_supervision ms WHERE ms.issue_id = \"lc\".issue_id \
         AND ms.kind = 'MEETING' AND ms.meeting_id IS NULL AND ms.lifted_at IS NULL))",
        brought(4)
    );
    let all = [brought(1), brought(2), brought(3), met.clone()].join(" AND ");
    let often = format!(
        "\"lc\".kind = 'REWORK' AND NOT {met} AND EXISTS (SELECT 1 FROM enterprise_issue oi \
         WHERE oi.id = \"lc\".issue_id AND (oi.rework_count >= {TOO_OFTEN} OR oi.reopen_count >= {TOO_OFTEN}))"
    );
    let short = Condition::all()
        .add(col("lc", "warn_at").lte(now))
        .add(Expr::cust(format!("NOT ({all})")));
    let mut clocks = Query::select();
    clocks
        .expr(col("lc", "issue_id"))
        .from_as("issue_clock", "lc")
        .and_where(col("lc", "running_since").is_not_null())
        .and_where(col("lc", "kind").is_not_in(unlit))
        .cond_where(Condition::any().add(short).add(Expr::cust(often)));
    Condition::all().add(col("enterprise_issue", "id").in_subquery(clocks))
}
