//! Reads of users. The same table has two shapes: one for who is looked up, one for who is met
//! as the actor of something that the viewer sees.

use entity::user_account;
use sea_orm::sea_query::{Condition, ExprTrait};

use crate::access::viewer::Standing;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::shape::{Parent, Shape, column_of};

/// Users that the viewer may look up.
pub static SHAPE: Shape = Shape {
    kind: Kind::User,
    table: "user_account",
    column: column_of::<user_account::Column>,
    needs: &[],
    always: ALWAYS,
    computed: &[],
    parents: &PARENTS,
    visible,
};

/// Users as the actors of what the viewer sees: whoever sees a step learns the function that
/// took it. The object redacts the rest. For `Shape.parents` only, never for a list or an id.
pub static ACTOR: Shape = Shape {
    kind: Kind::User,
    table: "user_account",
    column: column_of::<user_account::Column>,
    needs: &[],
    always: ALWAYS,
    computed: &[],
    parents: &PARENTS,
    visible: met,
};

/// Who may read the row goes by its enterprise.
const ALWAYS: &[&str] = &["enterprise_id"];

static PARENTS: [Parent; 2] = [
    Parent {
        field: "enterprise",
        column: "enterprise_id",
        shape: &crate::domain::enterprise::queries::SHAPE,
    },
    Parent {
        field: "district",
        column: "district_id",
        shape: &crate::domain::district::queries::SHAPE,
    },
];

/// Administrators: all of the district. Enterprises: their own enterprise's. Others: themselves.
/// The same rule in Rust is `policy::may_read`.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let within = met(scope, at);
    let own = col(at, "id").eq(scope.viewer.user_id);
    match &scope.viewer.standing {
        Standing::Admin => within,
        Standing::Operator | Standing::Officer(_) | Standing::Auditor => within.add(own),
        Standing::Lead(seat) | Standing::Member(seat) => {
            let colleague = col(at, "enterprise_id").eq(seat.enterprise_id);
            within.add(Condition::any().add(own).add(colleague))
        }
    }
}

fn met(scope: &Scope, at: &'static str) -> Condition {
    Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id))
}
