//! Departments on the wire.

use async_graphql::{Context, ID, InputObject, Object};
use entity::department::GovernanceRole;

use super::connection::{self, Concept, Connection, Range};
use super::district::District;
use super::in_place::InPlace;
use super::payload::{act, payload};
use super::session::Session;
use crate::domain::department::{
    DepartmentFilter, DepartmentOrderField, MoveGovernanceRoleInput, UpsertDepartmentInput,
    commands, policy, queries,
};
use crate::domain::order::Direction;
use crate::domain::scalar::Timestamp;
use crate::kernel::error::{Error, Result};
use crate::store::record::Record;
use crate::store::shape::Shape;

/// An office of the district. Everybody of the district reads it but auditors.
pub struct Department(Record);

impl From<Record> for Department {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for Department {
    const NAME: &'static str = "Department";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

/// An office of the district. Everybody of the district reads it but auditors.
#[Object]
impl Department {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// A short code, unique in the district.
    pub async fn code(&self) -> Result<String> {
        self.0.get("code")
    }

    /// The name.
    pub async fn name(&self) -> Result<String> {
        self.0.get("name")
    }

    /// Its part in governing the programme.
    pub async fn governance_role(&self) -> Result<GovernanceRole> {
        self.0.get("governance_role")
    }

    /// Whether issues can be assigned to it.
    pub async fn is_active(&self) -> Result<bool> {
        self.0.get("is_active")
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// The district.
    pub async fn district(&self) -> Result<InPlace<District>> {
        Ok(self.0.must_parent("district")?.into())
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct DepartmentOrder {
    /// What to sort by.
    pub field: DepartmentOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

pub(super) fn orders(
    order: Option<Vec<DepartmentOrder>>,
) -> Vec<(DepartmentOrderField, Direction)> {
    order
        .unwrap_or_default()
        .into_iter()
        .map(|key| (key.field, key.direction))
        .collect()
}

/// Queries on departments.
#[derive(Default)]
pub struct DepartmentQuery;

#[Object]
impl DepartmentQuery {
    /// The departments of the viewer's district. Everybody but auditors; those get FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<DepartmentFilter>>,
        #[graphql(desc = "Part of a name or of a code, in any script.")] search: Option<String>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<DepartmentOrder>,
        >,
    ) -> Option<Result<Connection<Department>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "departments", range, |scope| {
                queries::criteria(
                    scope,
                    filter.as_deref(),
                    search.as_deref(),
                    &orders(order_by),
                )
            })
            .await
        };
        Some(listed.await)
    }
}

payload! {
    UpsertDepartmentPayload(department: Department),
    MoveGovernanceRolePayload(department: Department),
}

/// Changes of departments.
#[derive(Default)]
pub struct DepartmentMutation;

#[Object]
impl DepartmentMutation {
    /// Enters a department, or changes the one with `id`. The programme always has its one
    /// OVERALL and its one LEAD: a second is TAKEN, and the one there is cannot give its part up
    /// or be deactivated (`DEPENDENCY_EXISTS`): `moveGovernanceRole` does that. District
    /// administrators.
    async fn upsert_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The department as it shall be.")] input: UpsertDepartmentInput,
    ) -> Option<Result<UpsertDepartmentPayload>> {
        let done = act(ctx, |deps, actor| commands::upsert(deps, actor, input)).await;
        Some(done.map(UpsertDepartmentPayload))
    }

    /// Gives the part of OVERALL (区委统筹) or LEAD (组织部牵头抓总) to another department, which gives its own
    /// in exchange. District administrators.
    async fn move_governance_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The part, and who gets it.")] input: MoveGovernanceRoleInput,
    ) -> Option<Result<MoveGovernanceRolePayload>> {
        let done = act(ctx, |deps, actor| commands::move_role(deps, actor, input)).await;
        Some(done.map(MoveGovernanceRolePayload))
    }
}
