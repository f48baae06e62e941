//! Reads of the supply chain.

use entity::supply_chain_link;
use sea_orm::sea_query::{Condition, ExprTrait};

use crate::access::viewer::Standing;
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::order;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, never};
use crate::store::list::Criteria;
use crate::store::shape::{Parent, Shape, column_of};

/// Links of the supply chain as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::SupplyLink,
    table: "supply_chain_link",
    column: column_of::<supply_chain_link::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "supplier",
            column: "supplier_id",
            shape: &ENTERPRISE,
        },
        Parent {
            field: "customer",
            column: "customer_id",
            shape: &ENTERPRISE,
        },
    ],
    visible,
};

/// District side: all of the district. Enterprises: those of their own.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => within,
        Standing::Auditor => within.add(never()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            let either = Condition::any()
                .add(col(at, "supplier_id").eq(seat.enterprise_id))
                .add(col(at, "customer_id").eq(seat.enterprise_id));
            within.add(either)
        }
    }
}

/// All that the viewer sees, the newest first.
#[must_use]
pub fn criteria() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: order::or_newest(Vec::new()),
    }
}

/// How far two enterprises are from each other in the supply chain, in either direction: 1, 2 or,
/// where it is farther, 0. A number of two columns of a statement.
#[must_use]
pub fn distance(one: &str, other: &str) -> String {
    let of = |link: &str, enterprise: &str| {
        format!("({link}.supplier_id = {enterprise} OR {link}.customer_id = {enterprise})")
    };
    let across = |link: &str, enterprise: &str| {
        format!(
            "(CASE WHEN {link}.supplier_id = {enterprise} THEN {link}.customer_id \
             ELSE {link}.supplier_id END)"
        )
    };
    format!(
        "(CASE WHEN EXISTS (SELECT 1 FROM supply_chain_link sl WHERE {} AND {}) THEN 1 \
         WHEN EXISTS (SELECT 1 FROM supply_chain_link sa JOIN supply_chain_link sb ON {} = {} \
         WHERE {} AND {}) THEN 2 ELSE 0 END)",
        of("sl", one),
        of("sl", other),
        across("sa", one),
        across("sb", other),
        of("sa", one),
        of("sb", other)
    )
}
