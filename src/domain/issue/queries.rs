//! Reads of issues, and of the steps, entries, ratings and departments that belong to them.

use entity::{
    enterprise_issue, issue_category, issue_co_department, issue_progress, issue_rating,
    issue_transition,
};
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::sea_query::{
    Alias, CaseStatement, Condition, Expr, ExprTrait, Func, Query, SelectStatement,
};
use uuid::Uuid;

use super::{IssueFilter, IssueOrderField, policy};
use crate::access::viewer::Standing;
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::domain::user::queries::ACTOR;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::store::Scope;
use crate::store::dialect::{col, contains, in_ids};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Issues as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Issue,
    table: "enterprise_issue",
    column: column_of::<enterprise_issue::Column>,
    needs: &[
        ("isRedacted", &["is_confidential", "handles"]),
        ("body", &["body", "is_confidential", "handles"]),
        ("ratings", &["handles", "helps"]),
        (
            "viewerActions",
            &["state", "is_on_behalf", "handles", "helps"],
        ),
    ],
    always: &["enterprise_id"],
    computed: &[
        Computed {
            name: "handles",
            sql: |scope, at| truth(handles(scope, at)),
        },
        Computed {
            name: "helps",
            sql: |scope, at| truth(helps(scope, at)),
        },
    ],
    parents: &[
        Parent {
            field: "enterprise",
            column: "enterprise_id",
            shape: &ENTERPRISE,
        },
        Parent {
            field: "category",
            column: "category_id",
            shape: &CATEGORY,
        },
        Parent {
            field: "leadDepartment",
            column: "lead_department_id",
            shape: &DEPARTMENT,
        },
        Parent {
            field: "reporter",
            column: "reporter_id",
            shape: &ACTOR,
        },
        Parent {
            field: "firstHandler",
            column: "first_handler_id",
            shape: &ACTOR,
        },
        Parent {
            field: "mergedInto",
            column: "merged_into_id",
            shape: &SHAPE,
        },
        Parent {
            field: "followUpOf",
            column: "follow_up_of_id",
            shape: &SHAPE,
        },
    ],
    visible,
};

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
    visible: |scope, at| of_issues_in_full(scope, at, Reading::All),
};

/// Steps as the reader knows them.
pub static TRANSITION: Shape = Shape {
    kind: Kind::Transition,
    table: "issue_transition",
    column: column_of::<issue_transition::Column>,
    needs: &[("note", &["note", "kind"]), ("isRedacted", &["kind"])],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "actor",
        column: "actor_id",
        shape: &ACTOR,
    }],
    visible: |scope, at| of_issues_in_full(scope, at, Reading::All),
};

/// Entries as the reader knows them: internal ones are the district side's and the handlers'.
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
        let open = Condition::any().add(col(at, "is_internal").eq(false));
        let internal = match &scope.viewer.standing {
            Standing::Admin | Standing::Operator => open.add(Expr::cust("1 = 1")),
            Standing::Officer(_) => open.add(of_issues_in_full(scope, at, Reading::Handled)),
            Standing::Auditor | Standing::Lead(_) | Standing::Member(_) => open,
        };
        of_issues_in_full(scope, at, Reading::All).add(internal)
    },
};

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
    visible: |scope, at| of_issues_in_full(scope, at, Reading::Handled),
};

fn never() -> Expr {
    Expr::cust("1 = 0")
}

fn truth(condition: Condition) -> Expr {
    let case = CaseStatement::new().case(condition, Expr::cust("TRUE"));
    case.finally(Expr::cust("FALSE")).into()
}

/// Whether an officer handles the issue: its officer, or of the leading department.
fn handles(scope: &Scope, at: &str) -> Condition {
    match scope.viewer.post() {
        None => Condition::all().add(never()),
        Some(post) => Condition::any()
            .add(col(at, "officer_id").eq(post.officer_id))
            .add(col(at, "lead_department_id").eq(post.department_id)),
    }
}

/// Whether an officer helps: of a helping department.
fn helps(scope: &Scope, at: &str) -> Condition {
    match scope.viewer.post() {
        None => Condition::all().add(never()),
        Some(post) => {
            let mut helping = Query::select();
            helping
                .expr(col("hd", "issue_id"))
                .from_as(Alias::new("issue_co_department"), Alias::new("hd"))
                .and_where(col("hd", "department_id").eq(post.department_id));
            Condition::all().add(col(at, "id").in_subquery(helping))
        }
    }
}

/// Whether the viewer handles the issue or helps with it; never for who is no officer.
#[must_use]
pub fn handled(scope: &Scope, at: &str) -> Condition {
    Condition::any()
        .add(handles(scope, at))
        .add(helps(scope, at))
}

/// What was submitted is the issue's readers'; before, it is its author's side's.
fn is_submitted(at: &str) -> Expr {
    col(at, "submitted_at").is_not_null()
}

/// District staff: all of the district. Officers: of the enterprises they serve, and what they
/// handle or help with. Enterprises: their own; a lead what its members show to their pairing;
/// those of the alliance what is shown to it. What was never submitted: the author's side only.
#[must_use]
pub fn visible(scope: &Scope, at: &str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    let written_here = Condition::any()
        .add(is_submitted(at))
        .add(col(at, "is_on_behalf").eq(true));
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator => within.add(written_here),
        Standing::Officer(post) => {
            let assigned = in_ids(scope.backend, col(at, "enterprise_id"), &post.assigned);
            let theirs = Condition::any()
                .add(assigned)
                .add(handles(scope, at))
                .add(helps(scope, at));
            within.add(written_here).add(theirs)
        }
        Standing::Auditor => within.add(never()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            let of_own = col(at, "enterprise_id").eq(seat.enterprise_id);
            let written_there = Condition::any()
                .add(is_submitted(at))
                .add(col(at, "is_on_behalf").eq(false));
            let own = Condition::all().add(of_own).add(written_there);
            let in_alliance = seat.alliance.is_some();
            let shown = in_alliance.then(|| {
                let members = (!seat.members.is_empty()).then(|| {
                    let members = in_ids(scope.backend, col(at, "enterprise_id"), &seat.members);
                    let to_pairing = Expr::cust(format!("\"{at}\".visibility = 'PAIRING'"));
                    Condition::all().add(members).add(to_pairing)
                });
                let to_alliance = Expr::cust(format!("\"{at}\".visibility = 'ALLIANCE'"));
                let brief = Condition::any().add(to_alliance).add_option(members);
                Condition::all().add(is_submitted(at)).add(brief)
            });
            within.add(Condition::any().add(own).add_option(shown))
        }
    }
}

/// The visible issues that the viewer reads in full, and filters by every field.
#[must_use]
pub fn in_full(scope: &Scope, at: &str) -> Condition {
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => Condition::all(),
        Standing::Auditor => Condition::all().add(never()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            Condition::all().add(col(at, "enterprise_id").eq(seat.enterprise_id))
        }
    }
}

/// Which issues' rows an officer reads.
#[derive(Clone, Copy)]
enum Reading {
    /// Of all that the officer sees.
    All,
    /// Of what the officer handles or helps with.
    Handled,
}

/// Rows that belong to an issue that the viewer reads in full.
fn of_issues_in_full(scope: &Scope, at: &str, reading: Reading) -> Condition {
    let mut issue = Query::select();
    issue
        .expr(Expr::val(1))
        .from_as(Alias::new("enterprise_issue"), Alias::new("ei"))
        .and_where(col("ei", "id").eq(col(at, "issue_id")))
        .cond_where(visible(scope, "ei"))
        .cond_where(in_full(scope, "ei"));
    if matches!(reading, Reading::Handled) && scope.viewer.post().is_some() {
        issue.cond_where(handled(scope, "ei"));
    }
    Condition::all()
        .add(col(at, "district_id").eq(scope.viewer.district_id))
        .add(exists(issue))
}

fn exists(select: SelectStatement) -> Expr {
    Expr::exists(select)
}

/// What a list of issues is narrowed and sorted by.
///
/// # Errors
/// `Forbidden` where the role may not sort by a field; `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&IssueFilter>,
    search: Option<&str>,
    order: &[(IssueOrderField, Direction)],
) -> Result<Criteria> {
    let guarded = order.iter().any(|(field, _)| field.is_guarded());
    if guarded && scope.viewer.seat().is_some() {
        return Err(Error::Forbidden);
    }
    let mut all = filter::of(filter, scope, ROOT)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        let pattern = like_pattern(&words.to_lowercase());
        let within = |name| {
            let lower = Expr::expr(Func::lower(col(ROOT, name)));
            contains(lower, pattern.clone())
        };
        all = all.add(Condition::any().add(within("title")).add(within("number")));
    }
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    Ok(Criteria {
        filter: all,
        order: order::or_newest(keys.collect()),
    })
}

/// What belongs to an issue, in the order it happened.
#[must_use]
pub fn in_sequence(key: &'static str) -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new(key, KeyType::Int)],
    }
}

/// Departments that help, in the order they were named.
#[must_use]
pub fn as_named() -> Criteria {
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
    db: &impl sea_orm::ConnectionTrait,
    issue: Uuid,
) -> Result<Vec<issue_co_department::Model>> {
    Ok(issue_co_department::Entity::find()
        .filter(issue_co_department::Column::IssueId.eq(issue))
        .all(db)
        .await?)
}

/// The officer who serves an enterprise, for the rules of a command.
///
/// # Errors
/// When the database fails.
pub async fn officer_of(
    db: &impl sea_orm::ConnectionTrait,
    enterprise: Uuid,
) -> Result<Option<Uuid>> {
    use entity::officer_assignment::{AssignmentStatus, Column, Entity};
    let assignment = Entity::find()
        .filter(Column::EnterpriseId.eq(enterprise))
        .filter(Column::Status.eq(AssignmentStatus::Active))
        .one(db)
        .await?;
    Ok(assignment.map(|assignment| assignment.officer_id))
}
