//! Reads of issues: their shape, who sees which, and how lists of them are narrowed and sorted.
//! What belongs to an issue is `timeline`.

use entity::enterprise_issue;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query};

use super::timeline::CATEGORY;
use super::{IssueFilter, IssueOrderField, light, policy, standing};
use crate::access::viewer::Standing;
use crate::domain::department::queries::SHAPE as DEPARTMENT;
use crate::domain::enterprise::queries::{SHAPE as ENTERPRISE, in_alliance};
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::domain::user::queries::ACTOR;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::store::Scope;
use crate::store::dialect::{col, contains, in_ids, never, truth};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Issues as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Issue,
    table: "enterprise_issue",
    column: column_of::<enterprise_issue::Column>,
    needs: &[
        ("isRedacted", &["is_confidential", "handles", "helps"]),
        (
            "body",
            &["body", "is_confidential", "handles", "helps", "is_helper"],
        ),
        ("light", &["light"]),
        ("isDueProvisional", &["is_due_provisional"]),
        ("ratings", &["handles", "helps"]),
        ("attachments", &["is_confidential", "handles", "helps"]),
        (
            "viewerActions",
            &[
                "state",
                "is_on_behalf",
                "handles",
                "helps",
                "took_part",
                "filed_on_behalf",
                "asks_for_time",
                "asked_for_time",
                "owes_callback",
                "is_appealed",
                "accepted_at",
                "escalation_level",
                "awaits_meeting",
                "is_concluded",
                "can_be_shown",
                "is_open_for_help",
                "has_offered",
            ],
        ),
    ],
    always: &["enterprise_id"],
    computed: &[
        Computed {
            name: "light",
            sql: light::name,
        },
        Computed {
            name: "light_rank",
            sql: light::rank,
        },
        Computed {
            name: "work_at",
            sql: super::supervision::queries::work_at,
        },
        Computed {
            name: "is_due_provisional",
            sql: super::clocks::queries::is_due_provisional,
        },
        Computed {
            name: "handles",
            sql: |scope, at| truth(handles(scope, at)),
        },
        Computed {
            name: "contact_id",
            sql: crate::domain::contact::queries::of_issue,
        },
        Computed {
            name: "helps",
            sql: |scope, at| truth(helps(scope, at)),
        },
        Computed {
            name: "took_part",
            sql: |scope, at| truth(standing::took_part(scope, at)),
        },
        Computed {
            name: "filed_on_behalf",
            sql: |scope, at| truth(standing::filed_on_behalf(scope, at)),
        },
        Computed {
            name: "asks_for_time",
            sql: |_, at| truth(standing::asks_for_time(at)),
        },
        Computed {
            name: "asked_for_time",
            sql: |scope, at| truth(standing::asked_for_time(scope, at)),
        },
        Computed {
            name: "owes_callback",
            sql: |_, at| truth(standing::owes_callback(at)),
        },
        Computed {
            name: "is_appealed",
            sql: |_, at| truth(standing::is_appealed(at)),
        },
        Computed {
            name: "awaits_meeting",
            sql: |_, at| truth(standing::awaits_meeting(at)),
        },
        Computed {
            name: "is_concluded",
            sql: |_, at| truth(standing::is_concluded(at)),
        },
        Computed {
            name: "can_be_shown",
            sql: |_, at| truth(standing::can_be_shown(at)),
        },
        Computed {
            name: "has_offered",
            sql: |scope, at| truth(standing::has_offered(scope, at)),
        },
        Computed {
            name: "is_helper",
            sql: |scope, at| truth(standing::is_helper(scope, at)),
        },
    ],
    parents: &[
        Parent {
            field: "enterprise",
            column: "enterprise_id",
            shape: &ENTERPRISE,
        },
        Parent {
            field: "contact",
            column: "contact_id",
            shape: &crate::domain::contact::queries::SHAPE,
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
            field: "officer",
            column: "officer_id",
            shape: &crate::domain::officer::queries::SHAPE,
        },
        Parent {
            field: "visit",
            column: "visit_id",
            shape: &crate::domain::visit::queries::SHAPE,
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
            field: "cluster",
            column: "cluster_id",
            shape: &super::cluster::SHAPE,
        },
        Parent {
            field: "followUpOf",
            column: "follow_up_of_id",
            shape: &SHAPE,
        },
    ],
    visible,
};

/// Whether an officer handles the issue: its officer, or of the leading department.
#[must_use]
pub fn handles(scope: &Scope, at: &'static str) -> Condition {
    match scope.viewer.post() {
        None => never(),
        Some(post) => Condition::any()
            .add(col(at, "officer_id").eq(post.officer_id))
            .add(col(at, "lead_department_id").eq(post.department_id)),
    }
}

/// Whether an officer helps: of a helping department.
#[must_use]
pub fn helps(scope: &Scope, at: &'static str) -> Condition {
    match scope.viewer.post() {
        None => never(),
        Some(post) => {
            let mut helping = Query::select();
            helping
                .expr(col("hd", "issue_id"))
                .from_as("issue_co_department", "hd")
                .and_where(col("hd", "department_id").eq(post.department_id));
            Condition::all().add(col(at, "id").in_subquery(helping))
        }
    }
}

/// Whether the viewer handles the issue or helps with it; never for who is no officer.
#[must_use]
pub fn handled(scope: &Scope, at: &'static str) -> Condition {
    Condition::any()
        .add(handles(scope, at))
        .add(helps(scope, at))
}

/// What was submitted is the issue's readers'; before, it is its author's side's.
fn is_submitted(at: &'static str) -> Expr {
    col(at, "submitted_at").is_not_null()
}

/// District staff: all of the district. Officers: of the enterprises they serve, and what they
/// handle or help with. Enterprises: their own; a lead what its members show to their pairing;
/// those of the alliance what others of it show to it, and what they were accepted to help with.
/// What was never submitted: the author's side only.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    // In the words of the index `enterprise_issue_told`, without a parameter.
    let by_officials = Expr::cust(format!(
        "(\"{at}\".submitted_at IS NOT NULL OR \"{at}\".is_on_behalf)"
    ));
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator => within.add(by_officials),
        Standing::Officer(post) => {
            let assigned = in_ids(scope.backend, col(at, "enterprise_id"), &post.assigned);
            let theirs = handled(scope, at).add(assigned);
            within.add(by_officials).add(theirs)
        }
        Standing::Auditor => within.add(never()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            let of_own = col(at, "enterprise_id").eq(seat.enterprise_id);
            let by_itself = Condition::any()
                .add(is_submitted(at))
                .add(col(at, "is_on_behalf").eq(false));
            let own = Condition::all().add(of_own).add(by_itself);
            let is_member = seat.alliance.is_some();
            let shown = is_member.then(|| {
                let members = (!seat.members.is_empty()).then(|| {
                    let members = in_ids(scope.backend, col(at, "enterprise_id"), &seat.members);
                    let to_pairing = Expr::cust(format!("\"{at}\".visibility = 'PAIRING'"));
                    Condition::all().add(members).add(to_pairing)
                });
                // Nothing of an enterprise outside the alliance is shown to it.
                let in_alliance = || in_alliance(scope, col(at, "enterprise_id"));
                let to_alliance = Condition::all()
                    .add(Expr::cust(format!("\"{at}\".visibility = 'ALLIANCE'")))
                    .add(in_alliance());
                let helped = standing::is_helper(scope, at).add(in_alliance());
                let brief = Condition::any()
                    .add(to_alliance)
                    .add(helped)
                    .add_option(members);
                Condition::all().add(is_submitted(at)).add(brief)
            });
            within.add(Condition::any().add(own).add_option(shown))
        }
    }
}

/// The visible issues that the viewer reads in full, and filters by every field.
#[must_use]
pub fn in_full(scope: &Scope, at: &'static str) -> Condition {
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => Condition::all(),
        Standing::Auditor => never(),
        Standing::Lead(seat) | Standing::Member(seat) => {
            Condition::all().add(col(at, "enterprise_id").eq(seat.enterprise_id))
        }
    }
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
    if guarded && !policy::may_order_by_guarded(&scope.viewer) {
        return Err(Error::Forbidden);
    }
    let mut all = filter::of(filter, scope, ROOT)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        let found = Condition::any()
            .add(searched("title", words))
            .add(searched("number", words));
        all = all.add(found);
    }
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    Ok(Criteria {
        filter: all,
        order: order::or_newest(keys.collect()),
    })
}

/// As written or in lower case: `SQLite` lowers ASCII alone, and full-width letters are common.
fn searched(column: &'static str, words: &str) -> Condition {
    let lower = Expr::expr(Func::lower(col(ROOT, column)));
    Condition::any()
        .add(contains(lower, like_pattern(&words.to_lowercase())))
        .add(contains(col(ROOT, column), like_pattern(words)))
}

/// The same of what is met by something that a brief does not show: then only issues that the
/// viewer reads in full, or the list would tell what the field does not.
///
/// # Errors
/// As `criteria`.
pub fn criteria_in_full(
    scope: &Scope,
    filter: Option<&IssueFilter>,
    order: &[(IssueOrderField, Direction)],
) -> Result<Criteria> {
    let Criteria { filter, order } = criteria(scope, filter, None, order)?;
    Ok(Criteria {
        filter: Condition::all().add(filter).add(in_full(scope, ROOT)),
        order,
    })
}
