//! What visits are narrowed and sorted by.

use async_graphql::{Enum, InputObject};
use sea_orm::sea_query::Condition;

use super::VisitStatus;
use crate::domain::filter::{DateFilter, Filter, IdFilter, enum_filter};
use crate::domain::officer::queries::among_visible;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

enum_filter! {
    /// Narrows by the state of a visit.
    VisitStatusFilter(VisitStatus),
}

/// Narrows visits.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ServiceVisitFilter {
    /// By state.
    pub status: Option<VisitStatusFilter>,
    /// By enterprise.
    pub enterprise_id: Option<IdFilter>,
    /// By an officer that the viewer sees.
    pub officer_id: Option<IdFilter>,
    /// By the day it is planned for.
    pub planned_on: Option<DateFilter>,
    /// By the day it was held.
    pub held_on: Option<DateFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<ServiceVisitFilter>>,
}

impl Filter for ServiceVisitFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let (status, enterprise) = (self.status.as_ref(), self.enterprise_id.as_ref());
        let (officer, held) = (self.officer_id.as_ref(), self.held_on.as_ref());
        let planned = self.planned_on.as_ref();
        Condition::all()
            .add_option(status.map(|by| by.on(scope, &col(at, "status"))))
            .add_option(
                enterprise.map(|by| by.on(scope, &col(at, "enterprise_id"), Kind::Enterprise)),
            )
            .add_option(officer.map(|by| {
                let column = col(at, "officer_id");
                // A filter must not tell of officers that the field would not show.
                Condition::all()
                    .add(by.on(scope, &column, Kind::Officer))
                    .add_option(among_visible(scope, &column))
            }))
            .add_option(planned.map(|by| by.on(&col(at, "planned_on"))))
            .add_option(held.map(|by| by.on(&col(at, "held_on"))))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What visits can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ServiceVisitOrderField {
    /// By the day it is planned for.
    PlannedOn,
    /// By the day it was held; those not held last.
    HeldOn,
}

impl ServiceVisitOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::PlannedOn => OrderKey::new("planned_on", KeyType::Date),
            Self::HeldOn => OrderKey::new("held_on", KeyType::Date).nullable(),
        }
    }
}
