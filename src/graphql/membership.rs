//! Memberships of the alliance on the wire.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::membership::{MembershipRole, MembershipStatus};

use super::connection::{self, Concept, Connection, Range};
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::payload::{act, payload};
use super::session::Session;
use super::shown::if_may;
use crate::domain::membership::{
    AdmitMemberInput, ChangeMembershipRoleInput, MembershipFilter, MembershipOrderField,
    WithdrawMembershipInput, commands, policy, queries,
};
use crate::domain::order::Direction;
use crate::domain::scalar::{Date, Timestamp};
use crate::kernel::error::{Error, Result};
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A membership of the alliance. District users and officers read all of their district's; an
/// enterprise its own, ended ones too, and if it belongs to the alliance all that are in force.
/// Lead criteria and the reason of an end are for the district side and the enterprise itself.
pub struct Membership(Record);

impl From<Record> for Membership {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for Membership {
    const NAME: &'static str = "Membership";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl Membership {
    fn reads_judgement(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::may_read_judgement(
            viewer,
            self.0.get("enterprise_id")?,
        ))
    }
}

/// What makes an enterprise fit to lead.
#[derive(SimpleObject)]
pub struct LeadCriteria {
    /// Mature management (管理体系成熟).
    has_mature_management: bool,
    /// Good party foundation (党建基础较好).
    has_party_foundation: bool,
    /// Strong demonstration effect (示范带动力强).
    has_demonstration_effect: bool,
}

/// A membership of the alliance (红联共建): an enterprise in a role, for a time.
#[Object]
impl Membership {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The enterprise; null where the viewer does not see it.
    pub async fn enterprise(&self) -> Option<Result<InPlace<Enterprise>>> {
        self.0.parent("enterprise").map(|parent| Ok(parent?.into()))
    }

    /// Its role.
    pub async fn role(&self) -> Result<MembershipRole> {
        self.0.get("role")
    }

    /// Whether it is in force.
    pub async fn status(&self) -> Result<MembershipStatus> {
        self.0.get("status")
    }

    /// The day it began.
    pub async fn joined_on(&self) -> Result<Date> {
        self.0.get("joined_on")
    }

    /// The day it ended; null while in force.
    pub async fn left_on(&self) -> Option<Result<Date>> {
        self.0.opt("left_on")
    }

    /// Which lead criteria it was found to meet. District side and the enterprise itself.
    pub async fn lead_criteria(&self, ctx: &Context<'_>) -> Option<Result<LeadCriteria>> {
        let criteria = || {
            Ok(LeadCriteria {
                has_mature_management: self.0.get("has_mature_management")?,
                has_party_foundation: self.0.get("has_party_foundation")?,
                has_demonstration_effect: self.0.get("has_demonstration_effect")?,
            })
        };
        if_may(self.reads_judgement(ctx), || Some(criteria()))
    }

    /// Whether the role is assumed, not stated by a source.
    pub async fn is_assumed(&self) -> Result<bool> {
        self.0.get("is_assumed")
    }

    /// Why it ended; null while in force and where a change of role ended it. District side and
    /// the enterprise itself.
    pub async fn end_reason(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        if_may(self.reads_judgement(ctx), || self.0.opt("end_reason"))
    }

    /// Whether the viewer reads less than the whole row: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!self.reads_judgement(ctx)?)
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
pub struct MembershipOrder {
    /// What to sort by.
    pub field: MembershipOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// The order as the domain reads it.
pub(super) fn orders(
    order: Option<Vec<MembershipOrder>>,
) -> Vec<(MembershipOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

/// Queries on memberships.
#[derive(Default)]
pub struct MembershipQuery;

#[Object]
impl MembershipQuery {
    /// The memberships that the viewer sees. District side, officers: all of the district;
    /// enterprises: their own, and if they belong to the alliance all that are in force.
    /// Auditors: FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<MembershipFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<MembershipOrder>,
        >,
    ) -> Option<Result<Connection<Membership>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "memberships", range, |scope| {
                queries::criteria(scope, filter.as_deref(), &orders(order_by))
            })
            .await
        };
        Some(listed.await)
    }
}

payload! {
    AdmitMemberPayload(membership: Membership),
    ChangeMembershipRolePayload(membership: Membership),
    WithdrawMembershipPayload(membership: Membership),
}

/// Changes of memberships.
#[derive(Default)]
pub struct MembershipMutation;

#[Object]
impl MembershipMutation {
    /// Admits an enterprise to the alliance. District administrators and operators.
    async fn admit_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The enterprise and its role.")] input: AdmitMemberInput,
    ) -> Option<Result<AdmitMemberPayload>> {
        let done = act(ctx, |deps, actor| commands::admit(deps, actor, input)).await;
        Some(done.map(AdmitMemberPayload))
    }

    /// Ends a membership and opens the next in another role; answers the new one. Not while a
    /// pairing in force rests on the old role. District administrators and operators.
    async fn change_membership_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The membership and the new role.")] input: ChangeMembershipRoleInput,
    ) -> Option<Result<ChangeMembershipRolePayload>> {
        let done = act(ctx, |deps, actor| commands::change_role(deps, actor, input)).await;
        Some(done.map(ChangeMembershipRolePayload))
    }

    /// Ends a membership; not while the enterprise is in a pairing in force. District
    /// administrators and operators.
    async fn withdraw_membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The membership and the reason.")] input: WithdrawMembershipInput,
    ) -> Option<Result<WithdrawMembershipPayload>> {
        let done = act(ctx, |deps, actor| commands::withdraw(deps, actor, input)).await;
        Some(done.map(WithdrawMembershipPayload))
    }
}
