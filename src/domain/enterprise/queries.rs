//! Reads of the register.

use entity::enterprise::{self, Entity};
use entity::membership::MembershipStatus;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{EnterpriseFilter, EnterpriseOrderField};
use crate::access::viewer::Standing;
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::kernel::uscc::Uscc;
use crate::store::dialect::{col, contains, never};
use crate::store::keyset::OrderKey;
use crate::store::list::Criteria;
use crate::store::shape::{Computed, Parent, Shape, column_of};
use crate::store::{Db, Scope};

/// The register as the reader knows it.
pub static SHAPE: Shape = Shape {
    kind: Kind::Enterprise,
    table: "enterprise",
    column: column_of::<enterprise::Column>,
    needs: &[("allianceRole", &["alliance_role"])],
    always: &[],
    computed: &[
        Computed {
            name: "alliance_role",
            sql: |_, at| alliance_role(at),
        },
        Computed {
            name: "officer_id",
            sql: crate::domain::officer::queries::serving,
        },
    ],
    parents: &[
        Parent {
            field: "officer",
            column: "officer_id",
            shape: &crate::domain::officer::queries::SHAPE,
        },
        Parent {
            field: "district",
            column: "district_id",
            shape: &crate::domain::district::queries::SHAPE,
        },
        Parent {
            field: "parentEnterprise",
            column: "parent_enterprise_id",
            shape: &SHAPE,
        },
    ],
    visible,
};

/// District side: all of the district. Enterprises: their own, and the alliance's if they belong
/// to it. Auditors: none.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let district = col(at, "district_id").eq(scope.viewer.district_id);
    let within = Condition::all().add(district);
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => within,
        Standing::Auditor => within.add(never()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            let own = Condition::any().add(col(at, "id").eq(seat.enterprise_id));
            let alliance = seat
                .alliance
                .is_some()
                .then(|| in_alliance(scope, col(at, "id")));
            within.add(own.add_option(alliance))
        }
    }
}

/// The rows that the viewer reads in full, filters and sorts by every field.
#[must_use]
pub fn in_full(scope: &Scope, at: &'static str) -> Condition {
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => Condition::all(),
        Standing::Auditor => never(),
        Standing::Lead(seat) | Standing::Member(seat) => {
            Condition::all().add(col(at, "id").eq(seat.enterprise_id))
        }
    }
}

/// Whether an enterprise, by its id, belongs to the alliance.
#[must_use]
pub fn in_alliance(scope: &Scope, enterprise: Expr) -> Expr {
    let mut members = Query::select();
    members
        .column("enterprise_id")
        .from("membership")
        .and_where(Expr::col("district_id").eq(scope.viewer.district_id))
        .and_where(Expr::col("status").eq(MembershipStatus::Active.to_value()));
    enterprise.in_subquery(members)
}

/// The role of an enterprise's active membership, of which there is at most one.
#[must_use]
pub fn alliance_role(at: &'static str) -> Expr {
    Expr::cust(format!(
        "(SELECT role FROM membership m WHERE m.enterprise_id = \"{at}\".id AND m.status = 'ACTIVE')"
    ))
}

/// What a list of enterprises is narrowed and sorted by.
///
/// # Errors
/// `Forbidden` where the role may not sort by a field; `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&EnterpriseFilter>,
    search: Option<&str>,
    order: &[(EnterpriseOrderField, Direction)],
) -> Result<Criteria> {
    let at = crate::store::plan::ROOT;
    let guarded = order.iter().any(|(field, _)| field.is_guarded());
    if guarded && !super::policy::may_order_by_guarded(&scope.viewer) {
        return Err(Error::Forbidden);
    }
    let mut all = filter::of(filter, scope, at)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        all = all.add(searched(scope, at, words));
    }
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    Ok(Criteria {
        filter: all,
        order: order::or_newest(keys.collect::<Vec<OrderKey>>()),
    })
}

/// The search text holds the credit code too, which not every viewer may read: theirs goes by
/// the name.
fn searched(scope: &Scope, at: &'static str, words: &str) -> Condition {
    let pattern = like_pattern(&words.to_lowercase());
    let name = contains(
        Expr::expr(sea_orm::sea_query::Func::lower(col(at, "name"))),
        pattern.clone(),
    );
    let full = in_full(scope, at).add(contains(col(at, "search_text"), pattern));
    Condition::any().add(name).add(full)
}

/// What a duplicate check finds: whether one exists, and a name that tells the caller which
/// without telling it to one who does not know it.
///
/// # Errors
/// When the database fails.
pub async fn duplicates(
    db: &Db,
    district_id: Uuid,
    uscc: Option<&str>,
    name: Option<&str>,
) -> Result<Vec<(Uuid, String, bool)>> {
    let mut either = Condition::any();
    if let Some(uscc) = uscc {
        either = either.add(enterprise::Column::Uscc.eq(uscc));
    }
    if let Some(name) = name {
        either = either.add(enterprise::Column::Name.eq(name));
    }
    if either.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(Uuid, String, String)> = Entity::find()
        .select_only()
        .columns([
            enterprise::Column::Id,
            enterprise::Column::Name,
            enterprise::Column::Uscc,
        ])
        .filter(enterprise::Column::DistrictId.eq(district_id))
        .filter(either)
        .limit(5)
        .into_tuple()
        .all(db.conn())
        .await?;
    let same = |code: &str| uscc == Some(code);
    Ok(found
        .into_iter()
        .map(|(id, name, code)| (id, name, same(&code)))
        .collect())
}

/// The enterprise of a credit code, for the command line.
///
/// # Errors
/// When the database fails.
pub async fn by_uscc(
    conn: &impl ConnectionTrait,
    district_id: Uuid,
    uscc: &str,
) -> Result<Option<Uuid>> {
    // Some codes of the register fail the check arithmetic by a waiver.
    let Ok(uscc) = Uscc::without_check(uscc) else {
        return Ok(None);
    };
    let found = Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .filter(enterprise::Column::DistrictId.eq(district_id))
        .filter(enterprise::Column::Uscc.eq(uscc.as_str()))
        .into_tuple();
    Ok(found.one(conn).await?)
}
