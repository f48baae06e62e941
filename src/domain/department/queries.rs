//! Reads of departments.

use entity::department;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func};

use super::{DepartmentFilter, DepartmentOrderField};
use crate::domain::filter;
use crate::domain::order::{self, Direction};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::kernel::text::like_pattern;
use crate::store::Scope;
use crate::store::dialect::{col, contains, never};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Parent, Shape, column_of};

/// Departments as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Department,
    table: "department",
    column: column_of::<department::Column>,
    needs: &[],
    always: &[],
    computed: &[],
    parents: &[Parent {
        field: "district",
        column: "district_id",
        shape: &crate::domain::district::queries::SHAPE,
    }],
    visible,
};

/// Everybody of the district but auditors.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let district = col(at, "district_id").eq(scope.viewer.district_id);
    let within = Condition::all().add(district);
    if super::policy::may_read(&scope.viewer) {
        within
    } else {
        within.add(never())
    }
}

/// What a list of departments is narrowed and sorted by.
///
/// # Errors
/// `BadInput` for a malformed filter.
pub fn criteria(
    scope: &Scope,
    filter: Option<&DepartmentFilter>,
    search: Option<&str>,
    order: &[(DepartmentOrderField, Direction)],
) -> Result<Criteria> {
    let mut all = filter::of(filter, scope, ROOT)?;
    if let Some(words) = search.map(str::trim).filter(|words| !words.is_empty()) {
        let pattern = like_pattern(&words.to_lowercase());
        let within = |name| {
            let lower = Expr::expr(Func::lower(col(ROOT, name)));
            contains(lower, pattern.clone())
        };
        all = all.add(Condition::any().add(within("name")).add(within("code")));
    }
    let keys = order
        .iter()
        .map(|(field, direction)| direction.of(field.key()));
    Ok(Criteria {
        filter: all,
        order: order::or_newest(keys.collect()),
    })
}
