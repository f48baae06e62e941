//! The assignments of officers on the wire.

use async_graphql::{Context, ID, InputObject, Object};
use entity::officer_assignment::AssignmentStatus;

use super::connection::Concept;
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::officer::ServiceOfficer;
use super::payload::{act, payload};
use super::session::Session;
use crate::domain::officer::{
    AssignOfficerInput, EndAssignmentInput, OfficerAssignmentOrderField, commands, policy, queries,
};
use crate::domain::order::Direction;
use crate::domain::scalar::{Date, Timestamp};
use crate::kernel::error::Result;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// Which officer serves which enterprise (挂点联系), for a time. District users and officers read
/// all of their district's, an enterprise's users, a lead's too, their own enterprise's, ended
/// ones included. Why one was made and why it ended is a matter of staff: for the district side
/// and officers, null to enterprises beside `isRedacted: true`.
pub struct OfficerAssignment(Record);

impl From<Record> for OfficerAssignment {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for OfficerAssignment {
    const NAME: &'static str = "OfficerAssignment";

    fn shape() -> &'static Shape {
        &queries::ASSIGNMENT
    }
}

impl OfficerAssignment {
    fn reason_of(&self, ctx: &Context<'_>, column: &str) -> Option<Result<String>> {
        match Session::of(ctx).viewer() {
            Ok(viewer) if policy::may_read_reasons(viewer) => self.0.opt(column),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Which officer serves which enterprise (挂点联系), for a time. District users and officers read
/// all of their district's, an enterprise's users, a lead's too, their own enterprise's, ended
/// ones included. Why one was made and why it ended is a matter of staff: for the district side
/// and officers, null to enterprises beside `isRedacted: true`.
#[Object]
impl OfficerAssignment {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The officer; null where the viewer does not see it, as an enterprise that is no lead does
    /// not see the officer it had before.
    pub async fn officer(&self) -> Option<Result<InPlace<ServiceOfficer>>> {
        self.0.parent("officer").map(|parent| Ok(parent?.into()))
    }

    /// The enterprise.
    pub async fn enterprise(&self) -> Result<InPlace<Enterprise>> {
        Ok(self.0.must_parent("enterprise")?.into())
    }

    /// Whether it is in force.
    pub async fn status(&self) -> Result<AssignmentStatus> {
        self.0.get("status")
    }

    /// The day it began.
    pub async fn from_on(&self) -> Result<Date> {
        self.0.get("from_on")
    }

    /// The day it ended; null while in force.
    pub async fn to_on(&self) -> Option<Result<Date>> {
        self.0.opt("to_on")
    }

    /// Why it was made. District side and officers.
    pub async fn reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.reason_of(ctx, "reason")
    }

    /// Why it ended. District side and officers.
    pub async fn end_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.reason_of(ctx, "end_reason")
    }

    /// Whether the viewer reads less than the whole row: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!policy::may_read_reasons(Session::of(ctx).viewer()?))
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct OfficerAssignmentOrder {
    /// What to sort by.
    pub field: OfficerAssignmentOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// The order as the domain reads it.
pub(super) fn orders(
    order: Option<Vec<OfficerAssignmentOrder>>,
) -> Vec<(OfficerAssignmentOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

payload! {
    AssignOfficerPayload(assignment: OfficerAssignment),
    EndAssignmentPayload(assignment: OfficerAssignment),
}

/// Changes of assignments.
#[derive(Default)]
pub struct AssignmentMutation;

#[Object]
impl AssignmentMutation {
    /// Gives an enterprise its officer (一对一挂点), who takes charge of its issues that are not at
    /// their end. An enterprise has one at most (TAKEN), an officer as many enterprises as the
    /// policy allows (`LIMIT_EXCEEDED`). District administrators and operators.
    async fn assign_officer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The officer and the enterprise.")] input: AssignOfficerInput,
    ) -> Option<Result<AssignOfficerPayload>> {
        let done = act(ctx, |deps, actor| commands::assign(deps, actor, input)).await;
        Some(done.map(AssignOfficerPayload))
    }

    /// Ends an assignment; it stays as history, and what is open of the enterprise is no officer's
    /// until there is another. District administrators and operators.
    async fn end_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The assignment and the reason.")] input: EndAssignmentInput,
    ) -> Option<Result<EndAssignmentPayload>> {
        let done = act(ctx, |deps, actor| commands::end(deps, actor, input)).await;
        Some(done.map(EndAssignmentPayload))
    }
}
