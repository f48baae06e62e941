//! What officers and their assignments are narrowed and sorted by.

use async_graphql::{Enum, InputObject};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};

use super::{AssignmentStatus, OfficerStatus, queries};
use crate::domain::filter::{DateFilter, Filter, IdFilter, StringFilter, enum_filter};
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

enum_filter! {
    /// Narrows by whether a post serves.
    OfficerStatusFilter(OfficerStatus),
    /// Narrows by whether an assignment is in force.
    AssignmentStatusFilter(AssignmentStatus),
}

/// Narrows chief service officers.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ServiceOfficerFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By post.
    pub post_title: Option<StringFilter>,
    /// By department.
    pub department_id: Option<IdFilter>,
    /// By whether the post serves.
    pub status: Option<OfficerStatusFilter>,
    /// By patch (片区); where the viewer reads it.
    pub patch: Option<StringFilter>,
    /// By an enterprise that it serves now, as far as the viewer sees the assignment.
    pub enterprise_id: Option<IdFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<ServiceOfficerFilter>>,
}

impl Filter for ServiceOfficerFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let column = |name| col(at, name);
        let (id, department) = (self.id.as_ref(), self.department_id.as_ref());
        let (title, status) = (self.post_title.as_ref(), self.status.as_ref());
        let (patch, enterprise) = (self.patch.as_ref(), self.enterprise_id.as_ref());
        Condition::all()
            .add_option(id.map(|by| by.on(scope, &column("id"), Kind::Officer)))
            .add_option(title.map(|by| by.on(scope, &column("post_title"))))
            .add_option(
                department.map(|by| by.on(scope, &column("department_id"), Kind::Department)),
            )
            .add_option(status.map(|by| by.on(scope, &column("status"))))
            .add_option(patch.map(|by| {
                // A filter must not tell what the field would not.
                Condition::all()
                    .add(by.on(scope, &column("patch")))
                    .add(queries::in_full(scope, at))
            }))
            .add_option(enterprise.map(|by| {
                let mut serving = Query::select();
                serving
                    .expr(col("fa", "officer_id"))
                    .from_as("officer_assignment", "fa")
                    .and_where(Expr::cust("\"fa\".status = 'ACTIVE'"))
                    .cond_where(by.on(scope, &col("fa", "enterprise_id"), Kind::Enterprise))
                    .cond_where(queries::assignment_visible(scope, "fa"));
                column("id").in_subquery(serving)
            }))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What chief service officers can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ServiceOfficerOrderField {
    /// By post.
    PostTitle,
    /// By the time the row was written.
    CreatedAt,
}

impl ServiceOfficerOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::PostTitle => OrderKey::new("post_title", KeyType::Text),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}

/// Narrows assignments of officers.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OfficerAssignmentFilter {
    /// By enterprise.
    pub enterprise_id: Option<IdFilter>,
    /// By whether it is in force.
    pub status: Option<AssignmentStatusFilter>,
    /// By the day it began.
    pub from_on: Option<DateFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<OfficerAssignmentFilter>>,
}

impl Filter for OfficerAssignmentFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let (enterprise, status) = (self.enterprise_id.as_ref(), self.status.as_ref());
        let from = self.from_on.as_ref();
        Condition::all()
            .add_option(
                enterprise.map(|by| by.on(scope, &col(at, "enterprise_id"), Kind::Enterprise)),
            )
            .add_option(status.map(|by| by.on(scope, &col(at, "status"))))
            .add_option(from.map(|by| by.on(&col(at, "from_on"))))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What assignments of officers can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OfficerAssignmentOrderField {
    /// By the day it began.
    FromOn,
    /// By the time the row was written.
    CreatedAt,
}

impl OfficerAssignmentOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::FromOn => OrderKey::new("from_on", KeyType::Date),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}
