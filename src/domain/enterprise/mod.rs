//! Enterprises (一企一档): the register that everything else hangs on. Deactivated, never deleted.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, OneofObject};
use entity::enterprise::{EnterpriseStatus, Ownership, SizeClass};
use entity::membership::MembershipRole;
use sea_orm::sea_query::Condition;

use super::filter::{Filter, IdFilter, IntFilter, StringFilter, enum_filter};
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

pub mod active;
pub mod commands;
pub mod policy;
pub mod queries;

enum_filter! {
    /// Narrows by ownership.
    OwnershipFilter(Ownership),
    /// Narrows by status.
    EnterpriseStatusFilter(EnterpriseStatus),
    /// Narrows by size class.
    SizeClassFilter(SizeClass),
    /// Narrows by role in the alliance.
    MembershipRoleFilter(MembershipRole),
}

/// Narrows enterprises. A viewer of an enterprise filters the others only by what they may read
/// of them: id, name, industry section, street and role in the alliance.
#[derive(Clone, Debug, Default, InputObject)]
pub struct EnterpriseFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By name.
    pub name: Option<StringFilter>,
    /// By street code (GB/T 2260 plus three digits).
    pub street: Option<StringFilter>,
    /// By section letter of GB/T 4754-2017.
    pub industry_section: Option<StringFilter>,
    /// By the role of an active membership in the alliance.
    pub alliance_role: Option<MembershipRoleFilter>,
    /// By unified social credit code; own rows and district side.
    pub uscc: Option<StringFilter>,
    /// By ownership; own rows and district side.
    pub ownership: Option<OwnershipFilter>,
    /// By status; own rows and district side.
    pub status: Option<EnterpriseStatusFilter>,
    /// By size class; own rows and district side.
    pub size_class: Option<SizeClassFilter>,
    /// By employees; own rows and district side.
    pub employee_count: Option<IntFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<EnterpriseFilter>>,
}

impl Filter for EnterpriseFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let column = |name| col(at, name);
        let hidden = Condition::all()
            .add_option(self.uscc.as_ref().map(|by| by.on(scope, &column("uscc"))))
            .add_option(
                self.ownership
                    .as_ref()
                    .map(|by| by.on(scope, &column("ownership"))),
            )
            .add_option(
                self.status
                    .as_ref()
                    .map(|by| by.on(scope, &column("status"))),
            )
            .add_option(
                self.size_class
                    .as_ref()
                    .map(|by| by.on(scope, &column("size_class"))),
            )
            .add_option(
                self.employee_count
                    .as_ref()
                    .map(|by| by.on(&column("employee_count"))),
            );
        let guarded = !hidden.is_empty();
        Condition::all()
            .add_option(
                self.id
                    .as_ref()
                    .map(|by| by.on(scope, &column("id"), Kind::Enterprise)),
            )
            .add_option(self.name.as_ref().map(|by| by.on(scope, &column("name"))))
            .add_option(
                self.street
                    .as_ref()
                    .map(|by| by.on(scope, &column("street"))),
            )
            .add_option(
                self.industry_section
                    .as_ref()
                    .map(|by| by.on(scope, &column("industry_section"))),
            )
            .add_option(
                self.alliance_role
                    .as_ref()
                    .map(|by| by.on(scope, &queries::alliance_role(at))),
            )
            .add(hidden)
            // A filter must not tell what the field would not.
            .add_option(guarded.then(|| queries::in_full(scope, at)))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What enterprises can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum EnterpriseOrderField {
    /// By name.
    Name,
    /// By street.
    Street,
    /// By employees; district side only.
    EmployeeCount,
    /// By the time the row was written.
    CreatedAt,
    /// By the time the row last changed; district side only.
    UpdatedAt,
}

impl EnterpriseOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::Name => OrderKey::new("name", KeyType::Text),
            Self::Street => OrderKey::new("street", KeyType::Text).nullable(),
            Self::EmployeeCount => OrderKey::new("employee_count", KeyType::Int).nullable(),
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
            Self::UpdatedAt => OrderKey::new("updated_at", KeyType::Time),
        }
    }

    /// Whether it sorts by something that not every viewer may read of every row.
    #[must_use]
    pub const fn is_guarded(self) -> bool {
        matches!(self, Self::EmployeeCount | Self::UpdatedAt)
    }
}

/// One enterprise, by exactly one of its keys.
#[derive(Clone, Debug, OneofObject)]
pub enum EnterpriseBy {
    /// By id.
    Id(ID),
    /// By unified social credit code; full-width and lower-case letters are read.
    Uscc(String),
}

/// A new enterprise.
#[derive(Clone, Debug, InputObject)]
pub struct CreateEnterpriseInput {
    /// Unified social credit code (GB 32100-2015), 18 characters.
    pub uscc: String,
    /// The registered name, at most 120 characters.
    pub name: String,
    /// Who owns it.
    pub ownership: Ownership,
    /// Why the check character is waived, for early codes that fail it yet are real.
    pub uscc_waiver_reason: Option<String>,
    /// The name in daily use, at most 60 characters.
    pub short_name: Option<String>,
    /// Section letter of GB/T 4754-2017, A to T.
    pub industry_section: Option<String>,
    /// Two to four digits of GB/T 4754-2017.
    pub industry_code: Option<String>,
    /// The size class.
    pub size_class: Option<SizeClass>,
    /// GB/T 2260 code of its seat; the district's own where absent.
    pub region_code: Option<String>,
    /// Street code, nine digits.
    pub street: Option<String>,
    /// Employees, from 0 to 10,000,000.
    pub employee_count: Option<i32>,
    /// The enterprise it is a subsidiary of.
    pub parent_enterprise_id: Option<ID>,
    /// Tags, at most 20 of at most 20 characters.
    pub tags: Option<Vec<String>>,
    /// A description, at most 2,000 characters.
    pub description: Option<String>,
}

/// A change of an enterprise: what is absent stays, null clears.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateEnterpriseInput {
    /// The enterprise.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The registered name; district side.
    pub name: MaybeUndefined<String>,
    /// Who owns it; district side.
    pub ownership: MaybeUndefined<Ownership>,
    /// The name in daily use.
    pub short_name: MaybeUndefined<String>,
    /// Section letter of GB/T 4754-2017; district side.
    pub industry_section: MaybeUndefined<String>,
    /// Two to four digits of GB/T 4754-2017; district side.
    pub industry_code: MaybeUndefined<String>,
    /// The size class; district side.
    pub size_class: MaybeUndefined<SizeClass>,
    /// Street code; district side.
    pub street: MaybeUndefined<String>,
    /// Employees; district side.
    pub employee_count: MaybeUndefined<i32>,
    /// The enterprise it is a subsidiary of; district side.
    pub parent_enterprise_id: MaybeUndefined<ID>,
    /// Tags, replacing those before.
    pub tags: MaybeUndefined<Vec<String>>,
    /// A description.
    pub description: MaybeUndefined<String>,
}

/// A deactivation.
#[derive(Clone, Debug, InputObject)]
pub struct DeactivateEnterpriseInput {
    /// The enterprise.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why, at most 500 characters.
    pub reason: String,
}
