//! Reads of memberships.

use std::collections::HashMap;

use entity::membership::{Column, Entity, MembershipRole, MembershipStatus};
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{MembershipFilter, MembershipOrderField};
use crate::access::viewer::Standing;
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::{col, in_ids, never};
use crate::store::keyset::OrderKey;
use crate::store::list::Criteria;
use crate::store::shape::{Parent, Shape, column_of};

/// Memberships as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Membership,
    table: "membership",
    column: column_of::<Column>,
    needs: &[(
        "leadCriteria",
        &[
            "has_mature_management",
            "has_party_foundation",
            "has_demonstration_effect",
        ],
    )],
    always: &["enterprise_id"],
    computed: &[],
    parents: &[Parent {
        field: "enterprise",
        column: "enterprise_id",
        shape: &crate::domain::enterprise::queries::SHAPE,
    }],
    visible,
};

/// District side: all of the district. Enterprises: their own, and if they belong to the alliance
/// what is in force of it. Auditors: none.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let district = col(at, "district_id").eq(scope.viewer.district_id);
    let within = Condition::all().add(district);
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => within,
        Standing::Auditor => within.add(never()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            let own = Condition::any().add(col(at, "enterprise_id").eq(seat.enterprise_id));
            let in_force = || col(at, "status").eq(MembershipStatus::Active.to_value());
            within.add(own.add_option(seat.alliance.is_some().then(in_force)))
        }
    }
}

/// Memberships that ended, for those of the alliance, who saw them in force: only to tell that
/// they ended, never to read one.
pub static ENDED: Shape = Shape {
    kind: Kind::Membership,
    table: "membership",
    column: column_of::<Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[],
    visible: |scope, at| {
        let ended = col(at, "status").eq(MembershipStatus::Ended.to_value());
        let saw = scope.viewer.is_in_alliance();
        Condition::all()
            .add(col(at, "district_id").eq(scope.viewer.district_id))
            .add(ended)
            .add_option((!saw).then(never))
    },
};

/// What a list of memberships is narrowed and sorted by.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&MembershipFilter>,
    order: &[(MembershipOrderField, Direction)],
) -> Result<Criteria> {
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    Ok(Criteria {
        filter: filter::of(filter, scope, crate::store::plan::ROOT)?,
        order: order::or_newest(keys.collect::<Vec<OrderKey>>()),
    })
}

/// The roles in force of these enterprises, whoever asks: for the rules of a command.
///
/// # Errors
/// When the database fails.
pub async fn roles_in_force<C: ConnectionTrait>(
    db: &C,
    enterprises: &[Uuid],
) -> Result<HashMap<Uuid, MembershipRole>> {
    let column = col("membership", "enterprise_id");
    let rows: Vec<(Uuid, MembershipRole)> = Entity::find()
        .select_only()
        .columns([Column::EnterpriseId, Column::Role])
        .filter(Column::Status.eq(MembershipStatus::Active))
        .filter(in_ids(db.get_database_backend(), column, enterprises))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
