//! Reads of districts and of what their charters set.

use entity::{district, district_policy};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::access::viewer::Standing;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, never};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Districts as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::District,
    table: "district",
    column: column_of::<district::Column>,
    needs: &[],
    always: &[],
    computed: &[Computed {
        name: "policy_id",
        sql: |_, at| in_force(at),
    }],
    parents: &[Parent {
        field: "policy",
        column: "policy_id",
        shape: &POLICY,
    }],
    visible,
};

/// Policies as the reader knows them.
pub static POLICY: Shape = Shape {
    kind: Kind::Policy,
    table: "district_policy",
    column: column_of::<district_policy::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "district",
            column: "district_id",
            shape: &SHAPE,
        },
        Parent {
            field: "changedBy",
            column: "changed_by_id",
            shape: &crate::domain::user::queries::ACTOR,
        },
    ],
    visible: policy_visible,
};

/// Everybody sees their own district and no other.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    Condition::all().add(col(at, "id").eq(scope.viewer.district_id))
}

/// District side: every revision. Enterprises: the one in force. Auditors: none.
#[must_use]
pub fn policy_visible(scope: &Scope, at: &'static str) -> Condition {
    let district = col(at, "district_id").eq(scope.viewer.district_id);
    let within = Condition::all().add(district);
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => within,
        Standing::Auditor => within.add(never()),
        Standing::Lead(_) | Standing::Member(_) => within.add(Expr::cust(format!(
            "\"{at}\".revision = (SELECT max(p.revision) FROM district_policy p \
             WHERE p.district_id = \"{at}\".district_id)"
        ))),
    }
}

/// The id of the policy in force: the highest revision, one step on its index.
fn in_force(at: &'static str) -> Expr {
    Expr::cust(format!(
        "(SELECT p.id FROM district_policy p WHERE p.district_id = \"{at}\".id \
         ORDER BY p.revision DESC LIMIT 1)"
    ))
}

/// All policies that the viewer sees, the newest first.
#[must_use]
pub fn policies() -> Criteria {
    Criteria {
        filter: Condition::all(),
        order: vec![OrderKey::new("revision", KeyType::Int).descending(true)],
    }
}

/// The policy in force, for the rules of other concepts: commands ask it with `work.tx()`, so
/// that rule and change are of one transaction.
///
/// # Errors
/// `Internal` for a district without one; or when the database fails.
pub async fn policy(conn: &impl ConnectionTrait, district: Uuid) -> Result<district_policy::Model> {
    let newest = district_policy::Entity::find()
        .filter(district_policy::Column::DistrictId.eq(district))
        .order_by_desc(district_policy::Column::Revision)
        .one(conn)
        .await?;
    newest.ok_or_else(|| Error::Internal(format!("district {district} has no policy")))
}

/// The district of a GB/T 2260 code, for the command line; a request has a district already.
///
/// # Errors
/// When the database fails.
pub async fn by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<district::Model>> {
    let found = district::Entity::find().filter(district::Column::Code.eq(code));
    Ok(found.one(conn).await?)
}
