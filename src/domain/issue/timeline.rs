//! Reads of what belongs to issues: their steps, entries, ratings, requests for more time, calls
//! back, appeals and helping departments, and the categories that they fall into. What belongs to an issue is read by those who read the
//! issue in full, and some of it by fewer.

use entity::{
    issue_appeal, issue_callback, issue_category, issue_co_department, issue_extension,
    issue_progress, issue_rating, issue_transition,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::policy;
use super::queries::{handled, in_full, visible};
use crate::access::viewer::Standing;
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::user::queries::ACTOR;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, never, truth};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// The issue of a row, as its statement calls it.
pub(super) const ISSUE: &str = "ei";

/// Categories as the reader knows them.
pub static CATEGORY: Shape = Shape {
    kind: Kind::Category,
    table: "issue_category",
    column: column_of::<issue_category::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[],
    visible: |scope, at| {
        let district = col(at, "district_id").eq(scope.viewer.district_id);
        let reads = policy::may_read(&scope.viewer);
        Condition::all()
            .add(district)
            .add_option((!reads).then(never))
    },
};

/// Departments that help, as the reader knows them.
pub static CO_DEPARTMENT: Shape = Shape {
    kind: Kind::CoDepartment,
    table: "issue_co_department",
    column: column_of::<issue_co_department::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "department",
        column: "department_id",
        shape: &DEPARTMENT,
    }],
    visible: |scope, at| of_issue(scope, at, None),
};

/// Steps as the reader knows them.
pub static TRANSITION: Shape = Shape {
    kind: Kind::Transition,
    table: "issue_transition",
    column: column_of::<issue_transition::Column>,
    needs: &[
        ("note", &["note", "kind", "is_sealed"]),
        ("isRedacted", &["kind", "is_sealed"]),
    ],
    always: &[],
    computed: &[Computed {
        name: "is_sealed",
        sql: is_sealed,
    }],
    parents: &[Parent {
        field: "actor",
        column: "actor_id",
        shape: &ACTOR,
    }],
    visible: |scope, at| of_issue(scope, at, None),
};

/// Entries as the reader knows them: internal ones are the district side's and the handlers'; of
/// a confidential issue officers read only what they handle.
pub static PROGRESS: Shape = Shape {
    kind: Kind::Progress,
    table: "issue_progress",
    column: column_of::<issue_progress::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "author",
        column: "author_id",
        shape: &ACTOR,
    }],
    visible: |scope, at| {
        let told = Condition::all().add(col(at, "is_internal").eq(false));
        of_issue(scope, at, unless_told(scope, told))
    },
};

/// Requests for more time as the reader knows them: an enterprise is told of what was granted.
pub static EXTENSION: Shape = Shape {
    kind: Kind::Extension,
    table: "issue_extension",
    column: column_of::<issue_extension::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "requestedBy",
            column: "requested_by_id",
            shape: &ACTOR,
        },
        Parent {
            field: "decidedBy",
            column: "decided_by_id",
            shape: &ACTOR,
        },
    ],
    visible: |scope, at| {
        let granted = Expr::cust(format!("\"{at}\".status = 'APPROVED'"));
        let told = Condition::all().add(granted);
        of_issue(scope, at, unless_told(scope, told))
    },
};

/// Calls back as the reader knows them: the district side's, since they check the handling.
pub static CALLBACK: Shape = Shape {
    kind: Kind::Callback,
    table: "issue_callback",
    column: column_of::<issue_callback::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "calledBy",
        column: "called_by_id",
        shape: &ACTOR,
    }],
    visible: |scope, at| {
        let others = !scope.viewer.is_district_staff();
        of_issue(scope, at, others.then(never))
    },
};

/// Appeals as the reader knows them.
pub static APPEAL: Shape = Shape {
    kind: Kind::Appeal,
    table: "issue_appeal",
    column: column_of::<issue_appeal::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "filedBy",
            column: "filed_by_id",
            shape: &ACTOR,
        },
        Parent {
            field: "decidedBy",
            column: "decided_by_id",
            shape: &ACTOR,
        },
        Parent {
            field: "successor",
            column: "successor_id",
            shape: &super::queries::SHAPE,
        },
    ],
    visible: |scope, at| of_issue(scope, at, unless_told(scope, Condition::all())),
};

/// Of what the district side reads: officers what they handle, and of the rest what enterprises
/// are `told`, but nothing of a confidential issue.
fn unless_told(scope: &Scope, told: Condition) -> Option<Condition> {
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator => None,
        Standing::Officer(_) => {
            let told = told.add(col(ISSUE, "is_confidential").eq(false));
            Some(handled(scope, ISSUE).add(told))
        }
        Standing::Auditor | Standing::Lead(_) | Standing::Member(_) => Some(told),
    }
}

/// Ratings as the reader knows them: officers read those of what they handle.
pub static RATING: Shape = Shape {
    kind: Kind::Rating,
    table: "issue_rating",
    column: column_of::<issue_rating::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "ratedBy",
        column: "rated_by_id",
        shape: &ACTOR,
    }],
    visible: |scope, at| {
        let officer = scope.viewer.post().is_some();
        of_issue(scope, at, officer.then(|| handled(scope, ISSUE)))
    },
};

/// Rows of issues that the viewer reads in full, and of these only where `read` holds: it may
/// speak of the row and of its `ISSUE`.
pub(super) fn of_issue(scope: &Scope, at: &'static str, read: Option<Condition>) -> Condition {
    let mut issue = Query::select();
    issue
        .expr(Expr::val(1))
        .from_as("enterprise_issue", ISSUE)
        .and_where(col(ISSUE, "id").eq(col(at, "issue_id")))
        .cond_where(visible(scope, ISSUE))
        .cond_where(in_full(scope, ISSUE));
    if let Some(read) = read {
        issue.cond_where(read);
    }
    Condition::all()
        .add(col(at, "district_id").eq(scope.viewer.district_id))
        .add(Expr::exists(issue))
}

/// Whether the step is one of a confidential issue that the viewer, an officer, does not handle:
/// then what was said with it is not theirs either.
fn is_sealed(scope: &Scope, at: &'static str) -> Expr {
    if scope.viewer.post().is_none() {
        return truth(never());
    }
    let mut issue = Query::select();
    issue
        .expr(Expr::val(1))
        .from_as("enterprise_issue", ISSUE)
        .and_where(col(ISSUE, "id").eq(col(at, "issue_id")))
        .and_where(col(ISSUE, "is_confidential").eq(true))
        // A truth, since a department that is not named yet makes the condition unknown.
        .and_where(truth(handled(scope, ISSUE)).eq(false));
    truth(Condition::all().add(Expr::exists(issue)))
}

/// What belongs to an issue, in the order it happened: by what numbers it.
#[must_use]
pub fn in_sequence(number: &'static str) -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new(number, KeyType::Int).unique()],
    }
}

/// Categories as the district puts them.
#[must_use]
pub fn by_position() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("position", KeyType::Int)],
    }
}

/// Departments that help, requests, calls and appeals, in the order they came.
#[must_use]
pub fn as_they_came() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("created_at", KeyType::Time)],
    }
}

/// The departments that help with an issue, for the rules of a command.
///
/// # Errors
/// When the database fails.
pub async fn co_departments(
    db: &impl ConnectionTrait,
    issue: Uuid,
) -> Result<Vec<issue_co_department::Model>> {
    Ok(issue_co_department::Entity::find()
        .filter(issue_co_department::Column::IssueId.eq(issue))
        .all(db)
        .await?)
}
