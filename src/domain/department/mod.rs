//! Departments: which office of the district owns what. One coordinates, one leads the work.

use async_graphql::{Enum, ID, InputObject};
use entity::department::GovernanceRole;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::filter::{Filter, IdFilter, StringFilter, enum_filter};
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

pub mod commands;
pub mod policy;
pub mod queries;

enum_filter! {
    /// Narrows by part in governing the programme.
    GovernanceRoleFilter(GovernanceRole),
}

/// Narrows departments.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DepartmentFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By code.
    pub code: Option<StringFilter>,
    /// By name.
    pub name: Option<StringFilter>,
    /// By part in governing the programme.
    pub governance_role: Option<GovernanceRoleFilter>,
    /// By whether issues can be assigned to it.
    pub is_active: Option<bool>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<DepartmentFilter>>,
}

impl Filter for DepartmentFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let column = |name| col(at, name);
        let role = self.governance_role.as_ref();
        Condition::all()
            .add_option(
                self.id
                    .as_ref()
                    .map(|by| by.on(scope, &column("id"), Kind::Department)),
            )
            .add_option(self.code.as_ref().map(|by| by.on(scope, &column("code"))))
            .add_option(self.name.as_ref().map(|by| by.on(scope, &column("name"))))
            .add_option(role.map(|by| by.on(scope, &column("governance_role"))))
            .add_option(self.is_active.map(|is| column("is_active").eq(is)))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What departments can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DepartmentOrderField {
    /// By name.
    Name,
    /// By code.
    Code,
    /// By the time the row was written.
    CreatedAt,
}

impl DepartmentOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::Name => OrderKey::new("name", KeyType::Text),
            Self::Code => OrderKey::new("code", KeyType::Text),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}

/// A department as it shall be: a new one without `id`, else all values of an existing one.
#[derive(Clone, Debug, InputObject)]
pub struct UpsertDepartmentInput {
    /// The department to change; absent for a new one.
    pub id: Option<ID>,
    /// The version that the change was made on; with `id` only, and then required.
    pub expected_version: Option<i32>,
    /// A short code, unique in the district, at most 40 characters.
    pub code: String,
    /// The name, at most 120 characters.
    pub name: String,
    /// Its part in governing the programme; OVERALL (区委统筹) and LEAD (组织部牵头抓总) are one
    /// department's each.
    pub governance_role: GovernanceRole,
    /// Whether issues can be assigned to it.
    pub is_active: bool,
}

/// A part in governing the programme that goes to another department.
#[derive(Clone, Debug, InputObject)]
pub struct MoveGovernanceRoleInput {
    /// The department that gets it.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The part: OVERALL (区委统筹) or LEAD (组织部牵头抓总).
    pub governance_role: GovernanceRole,
}
