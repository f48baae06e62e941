//! Reads of officers and of their assignments.

use std::collections::HashMap;

use entity::officer_assignment::{self, AssignmentStatus};
use entity::service_officer;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{
    OfficerAssignmentFilter, OfficerAssignmentOrderField, ServiceOfficerFilter,
    ServiceOfficerOrderField,
};
use crate::access::viewer::Standing;
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::store::Scope;
use crate::store::dialect::{col, contains, in_ids, never, truth};
use crate::store::keyset::{KeyType, OrderKey};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Computed, Parent, Shape, column_of};

/// Officers as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Officer,
    table: "service_officer",
    column: column_of::<service_officer::Column>,
    needs: &[
        ("patch", &["reads_in_full", "patch"]),
        ("officePhone", &["reads_in_full", "office_phone"]),
        ("updatedAt", &["reads_in_full", "updated_at"]),
        ("isRedacted", &["reads_in_full"]),
        ("viewerActions", &["status"]),
    ],
    always: &[],
    computed: &[Computed {
        name: "reads_in_full",
        sql: |scope, at| truth(in_full(scope, at)),
    }],
    parents: &[Parent {
        field: "department",
        column: "department_id",
        shape: &crate::domain::department::queries::SHAPE,
    }],
    visible,
};

/// Assignments as the reader knows them.
pub static ASSIGNMENT: Shape = Shape {
    kind: Kind::Assignment,
    table: "officer_assignment",
    column: column_of::<officer_assignment::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[
        Parent {
            field: "officer",
            column: "officer_id",
            shape: &SHAPE,
        },
        Parent {
            field: "enterprise",
            column: "enterprise_id",
            shape: &crate::domain::enterprise::queries::SHAPE,
        },
    ],
    visible: assignment_visible,
};

/// District side, officers and leads: all of the district. Other enterprises: the officer who
/// serves them now. Auditors: none.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) | Standing::Lead(_) => within,
        Standing::Member(seat) => within.add(serves(at, seat.enterprise_id)),
        Standing::Auditor => within.add(never()),
    }
}

/// The rows that the viewer reads in full and filters by every field: the district side and
/// officers all, an enterprise the officer who serves it now.
#[must_use]
pub fn in_full(scope: &Scope, at: &'static str) -> Condition {
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => Condition::all(),
        Standing::Lead(seat) | Standing::Member(seat) => {
            Condition::all().add(serves(at, seat.enterprise_id))
        }
        Standing::Auditor => never(),
    }
}

/// What of a column of officers' ids the viewer may filter by: those that it sees. None for a
/// viewer who sees all of the district.
#[must_use]
pub fn among_visible(scope: &Scope, officer: &Expr) -> Option<Expr> {
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) | Standing::Lead(_) => None,
        Standing::Member(_) | Standing::Auditor => {
            let mut seen = Query::select();
            seen.expr(col("vo", "id"))
                .from_as("service_officer", "vo")
                .cond_where(visible(scope, "vo"));
            Some(officer.clone().in_subquery(seen))
        }
    }
}

/// District side and officers: all of the district. Enterprises: their own, the ended ones too.
/// Auditors: none.
#[must_use]
pub fn assignment_visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => within,
        Standing::Lead(seat) | Standing::Member(seat) => {
            within.add(col(at, "enterprise_id").eq(seat.enterprise_id))
        }
        Standing::Auditor => within.add(never()),
    }
}

/// The officer who serves the enterprise of the row now, as far as the viewer sees the
/// assignment.
#[must_use]
pub fn serving(scope: &Scope, at: &'static str) -> Expr {
    let mut officer = active("sa");
    officer
        .and_where(col("sa", "enterprise_id").eq(col(at, "id")))
        .cond_where(assignment_visible(scope, "sa"));
    officer.into()
}

/// Whether the officer of the row serves this enterprise now.
fn serves(at: &'static str, enterprise: Uuid) -> Expr {
    let mut officer = active("oa");
    officer.and_where(col("oa", "enterprise_id").eq(enterprise));
    col(at, "id").in_subquery(officer)
}

/// The officers of assignments in force. The status is a literal, not a bound value: then the
/// database can use the partial index on it.
fn active(at: &'static str) -> SelectStatement {
    let mut officers = Query::select();
    officers
        .expr(col(at, "officer_id"))
        .from_as("officer_assignment", at)
        .and_where(Expr::cust(format!("\"{at}\".status = 'ACTIVE'")));
    officers
}

/// What a list of officers is narrowed and sorted by.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&ServiceOfficerFilter>,
    search: Option<&str>,
    order: &[(ServiceOfficerOrderField, Direction)],
) -> Result<Criteria> {
    let mut all = filter::of(filter, scope, ROOT)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        let title = Expr::expr(Func::lower(col(ROOT, "post_title")));
        all = all.add(contains(title, like_pattern(&words.to_lowercase())));
    }
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    Ok(Criteria {
        filter: all,
        order: order::or_newest(keys.collect()),
    })
}

/// What a list of assignments is narrowed and sorted by: the last begun first where no order is
/// asked for.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn assignment_criteria(
    scope: &Scope,
    filter: Option<&OfficerAssignmentFilter>,
    order: &[(OfficerAssignmentOrderField, Direction)],
) -> Result<Criteria> {
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    let mut order: Vec<OrderKey> = keys.collect();
    if order.is_empty() {
        order.push(OrderKey::new("from_on", KeyType::Date).descending(true));
    }
    Ok(Criteria {
        filter: filter::of(filter, scope, ROOT)?,
        order,
    })
}

/// The officer who serves an enterprise now, whoever asks: for the rules of a command.
///
/// # Errors
/// When the database fails.
pub async fn officer_of<C: ConnectionTrait>(db: &C, enterprise: Uuid) -> Result<Option<Uuid>> {
    // There is at most one in force.
    let found = officer_assignment::Entity::find()
        .select_only()
        .column(officer_assignment::Column::OfficerId)
        .filter(officer_assignment::Column::EnterpriseId.eq(enterprise))
        .filter(officer_assignment::Column::Status.eq(AssignmentStatus::Active))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().next())
}

/// The same as a value in another statement of a command, which holds the enterprise's id.
#[must_use]
pub fn officer_in_sql(enterprise: &str) -> String {
    format!(
        "(SELECT oa.officer_id FROM officer_assignment oa \
         WHERE oa.enterprise_id = {enterprise} AND oa.status = 'ACTIVE')"
    )
}

/// How many enterprises an officer serves now, whoever asks: for the rules of a command.
///
/// # Errors
/// When the database fails.
pub async fn load_of<C: ConnectionTrait>(db: &C, officer: Uuid) -> Result<u64> {
    Ok(officer_assignment::Entity::find()
        .filter(officer_assignment::Column::OfficerId.eq(officer))
        .filter(officer_assignment::Column::Status.eq(AssignmentStatus::Active))
        .count(db)
        .await?)
}

/// Those of these officers that are of the district, by id: for the commands of those who see
/// all of them.
///
/// # Errors
/// When the database fails.
pub async fn posts<C: ConnectionTrait>(
    db: &C,
    district: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, service_officer::Model>> {
    let backend = db.get_database_backend();
    let found = service_officer::Entity::find()
        .filter(service_officer::Column::DistrictId.eq(district))
        .filter(in_ids(backend, col("service_officer", "id"), ids))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}
