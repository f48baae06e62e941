//! Reads of visits and of those who took part.

use entity::{service_visit, visit_participant};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query};

use super::{ServiceVisitFilter, ServiceVisitOrderField};
use crate::access::viewer::Standing;
use crate::domain::filter;
use crate::domain::officer::queries::SHAPE as OFFICER;
use crate::domain::order::Direction;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::store::Scope;
use crate::store::dialect::{col, contains, in_ids, never};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Visits as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Visit,
    table: "service_visit",
    column: column_of::<service_visit::Column>,
    needs: &[
        ("personTimes", &["person_times"]),
        ("viewerActions", &["status"]),
    ],
    always: &["enterprise_id", "officer_id"],
    computed: &[Computed {
        name: "person_times",
        sql: |_, at| {
            Expr::cust(format!(
                "(SELECT count(*) FROM visit_participant pt WHERE pt.visit_id = \"{at}\".id)"
            ))
        },
    }],
    parents: &[
        Parent {
            field: "enterprise",
            column: "enterprise_id",
            shape: &crate::domain::enterprise::queries::SHAPE,
        },
        Parent {
            field: "officer",
            column: "officer_id",
            shape: &OFFICER,
        },
        Parent {
            field: "recordedBy",
            column: "recorded_by_id",
            shape: &crate::domain::user::queries::ACTOR,
        },
    ],
    visible,
};

/// Participants as the reader knows them.
pub static PARTICIPANT: Shape = Shape {
    kind: Kind::Participant,
    table: "visit_participant",
    column: column_of::<visit_participant::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "visit",
            column: "visit_id",
            shape: &SHAPE,
        },
        Parent {
            field: "officer",
            column: "officer_id",
            shape: &OFFICER,
        },
    ],
    visible: participant_visible,
};

/// District staff: all of the district. Officers: of the enterprises they serve, and their own.
/// Enterprises: those to them. Auditors: none.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator => within,
        Standing::Officer(post) => {
            let enterprise = col(at, "enterprise_id");
            let served = in_ids(scope.backend, enterprise, &post.assigned);
            let own = col(at, "officer_id").eq(post.officer_id);
            within.add(Condition::any().add(served).add(own))
        }
        Standing::Lead(seat) | Standing::Member(seat) => {
            within.add(col(at, "enterprise_id").eq(seat.enterprise_id))
        }
        Standing::Auditor => within.add(never()),
    }
}

/// As the visits.
#[must_use]
pub fn participant_visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    if scope.viewer.is_district_staff() {
        return within;
    }
    let mut visits = Query::select();
    visits
        .expr(col("pv", "id"))
        .from_as("service_visit", "pv")
        .cond_where(visible(scope, "pv"));
    within.add(col(at, "visit_id").in_subquery(visits))
}

/// What a list of visits is narrowed and sorted by: the latest planned first where no order is
/// asked for.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&ServiceVisitFilter>,
    search: Option<&str>,
    order: &[(ServiceVisitOrderField, Direction)],
) -> Result<Criteria> {
    let mut all = filter::of(filter, scope, ROOT)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        let pattern = like_pattern(&words.to_lowercase());
        let within = |name| {
            let lower = Expr::expr(Func::lower(col(ROOT, name)));
            contains(lower, pattern.clone())
        };
        let either = Condition::any().add(within("purpose"));
        all = all.add(either.add(within("findings")));
    }
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    let mut order: Vec<OrderKey> = keys.collect();
    if order.is_empty() {
        order.push(OrderKey::new("planned_on", KeyType::Date).descending(true));
    }
    Ok(Criteria { filter: all, order })
}

/// Those who took part, in the order they were named.
#[must_use]
pub fn participants() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("position", KeyType::Int)],
    }
}
