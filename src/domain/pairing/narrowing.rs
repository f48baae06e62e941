//! What pairings, their members and their interactions are narrowed and sorted by.

use async_graphql::{Enum, InputObject};
use sea_orm::sea_query::{Condition, ExprTrait, Query};

use super::{InteractionType, PairingKind, PairingMemberStatus, PairingStatus, queries};
use crate::domain::enterprise::queries::SHAPE as ENTERPRISE;
use crate::domain::filter::{DateFilter, Filter, IdFilter, enum_filter};
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

enum_filter! {
    /// Narrows by kind of pairing.
    PairingKindFilter(PairingKind),
    /// Narrows by the state of a pairing.
    PairingStatusFilter(PairingStatus),
    /// Narrows by the state of a membership in a pairing.
    PairingMemberStatusFilter(PairingMemberStatus),
    /// Narrows by what the enterprises did together.
    InteractionTypeFilter(InteractionType),
}

/// Narrows pairings.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PairingFilter {
    /// By kind.
    pub kind: Option<PairingKindFilter>,
    /// By state.
    pub status: Option<PairingStatusFilter>,
    /// By the lead, or the state-owned side.
    pub lead_id: Option<IdFilter>,
    /// By an enterprise that the viewer sees as a member, now or formerly.
    pub member_id: Option<IdFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<PairingFilter>>,
}

impl Filter for PairingFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let (kind, status) = (self.kind.as_ref(), self.status.as_ref());
        let (lead, member) = (self.lead_id.as_ref(), self.member_id.as_ref());
        Condition::all()
            .add_option(kind.map(|by| by.on(scope, &col(at, "kind"))))
            .add_option(status.map(|by| by.on(scope, &col(at, "status"))))
            .add_option(lead.map(|by| enterprise(scope, by, at, "lead_id")))
            .add_option(member.map(|by| {
                let mut members = Query::select();
                members
                    .expr(col("pm", "pairing_id"))
                    .from_as("pairing_member", "pm")
                    .cond_where(enterprise(scope, by, "pm", "enterprise_id"))
                    // A filter must not tell of members that the list would not show.
                    .cond_where(queries::member_visible(scope, "pm"));
                col(at, "id").in_subquery(members)
            }))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// By an enterprise of a pairing. One that the viewer does not see is null in the row, and so it is
/// none to the filter.
fn enterprise(scope: &Scope, by: &IdFilter, at: &'static str, column: &'static str) -> Condition {
    let mut seen = Query::select();
    seen.expr(col("pe", "id"))
        .from_as("enterprise", "pe")
        .cond_where((ENTERPRISE.visible)(scope, "pe"));
    by.on(scope, &col(at, column), Kind::Enterprise)
        .add(col(at, column).in_subquery(seen))
}

/// What pairings can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PairingOrderField {
    /// By name.
    Name,
    /// By the day it came into force; drafts last.
    StartsOn,
    /// By the time the row was written.
    CreatedAt,
}

impl PairingOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::Name => OrderKey::new("name", KeyType::Text),
            Self::StartsOn => OrderKey::new("starts_on", KeyType::Date).nullable(),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}

/// Narrows the members of a pairing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PairingMemberFilter {
    /// By state.
    pub status: Option<PairingMemberStatusFilter>,
    /// By kind of the pairing.
    pub kind: Option<PairingKindFilter>,
    /// By enterprise.
    pub enterprise_id: Option<IdFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<PairingMemberFilter>>,
}

impl Filter for PairingMemberFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let (kind, status) = (self.kind.as_ref(), self.status.as_ref());
        let member = self.enterprise_id.as_ref();
        Condition::all()
            .add_option(status.map(|by| by.on(scope, &col(at, "status"))))
            .add_option(kind.map(|by| by.on(scope, &col(at, "kind"))))
            .add_option(member.map(|by| enterprise(scope, by, at, "enterprise_id")))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What the members of a pairing can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PairingMemberOrderField {
    /// By the day it became active; the proposed last.
    JoinedOn,
    /// By the time the row was written.
    CreatedAt,
}

impl PairingMemberOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::JoinedOn => OrderKey::new("joined_on", KeyType::Date).nullable(),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}

/// Narrows interactions.
#[derive(Clone, Debug, Default, InputObject)]
pub struct InteractionFilter {
    /// By what it was.
    #[graphql(name = "type")]
    pub interaction_type: Option<InteractionTypeFilter>,
    /// By the day.
    pub held_on: Option<DateFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<InteractionFilter>>,
}

impl Filter for InteractionFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let (what, held) = (self.interaction_type.as_ref(), self.held_on.as_ref());
        Condition::all()
            .add_option(what.map(|by| by.on(scope, &col(at, "interaction_type"))))
            .add_option(held.map(|by| by.on(&col(at, "held_on"))))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What interactions can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InteractionOrderField {
    /// By the day.
    HeldOn,
    /// By the time the row was written.
    CreatedAt,
}

impl InteractionOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::HeldOn => OrderKey::new("held_on", KeyType::Date),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
        }
    }
}
