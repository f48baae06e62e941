//! Pairings and their members on the wire.

use async_graphql::{Context, ID, InputObject, Object};
use entity::pairing::{PairingKind, PairingStatus};
use entity::pairing_member::PairingMemberStatus;
use uuid::Uuid;

use super::connection::{self, Concept, Connection, Range, node};
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::interaction::{InteractionOrder, PairingInteraction};
use super::payload::{act, payload};
use super::session::Session;
use super::shown::if_may;
use crate::domain::input::row_id;
use crate::domain::order::Direction;
use crate::domain::pairing::{
    ActivatePairingInput, AddPairingMemberInput, EndPairingInput, InteractionFilter, PairingAction,
    PairingFilter, PairingMemberFilter, PairingMemberOrderField, PairingOrderField,
    ProposePairingInput, RemovePairingMemberInput, commands, policy, queries, rules,
};
use crate::domain::scalar::{Date, Timestamp};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A pairing. District users and officers read all of their district's; enterprises of the
/// alliance those in force, and in any state those they lead or take or took part in. What it
/// does together is for the district, for officers of an enterprise in it, and for the pairing
/// itself while in force; that it is under strength for the district side and the lead.
pub struct Pairing(Record);

impl From<Record> for Pairing {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for Pairing {
    const NAME: &'static str = "Pairing";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl Pairing {
    fn lead_id(&self) -> Result<Uuid> {
        self.0.get("lead_id")
    }

    fn reads_strength(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::may_read_strength(viewer, self.lead_id()?))
    }

    fn overdue(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !self.reads_strength(ctx)? {
            return Ok(None);
        }
        let since: Option<Timestamp> = self.0.get("under_strength_since")?;
        let grace: Option<i32> = self.0.get("under_strength_grace_days")?;
        let now = Session::of(ctx).deps.clock.now();
        let runs = since.zip(grace);
        Ok(Some(runs.is_some_and(|(since, grace)| {
            rules::is_overdue(since.0, grace, now)
        })))
    }

    fn last_interaction(&self) -> Result<Option<Date>> {
        if !self.0.get::<bool>("reads_interactions")? {
            return Ok(None);
        }
        self.0.get("last_interaction_on")
    }

    fn idle(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !self.0.get::<bool>("reads_interactions")? {
            return Ok(None);
        }
        let starts_on: Option<Date> = self.0.get("starts_on")?;
        // Before the first interaction the days count from the start.
        let last = self.last_interaction()?.or(starts_on);
        let idle_days: Option<i32> = self.0.get("idle_pairing_days")?;
        let now = Session::of(ctx).deps.clock.now();
        let runs = last.zip(idle_days);
        Ok(Some(
            rules::is_in_force(self.0.get("status")?)
                && runs.is_some_and(|(last, days)| rules::is_idle(last.0, days, now)),
        ))
    }
}

/// A pairing of enterprises (结对共建).
#[Object]
impl Pairing {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the pairing and its members; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// Its kind.
    pub async fn kind(&self) -> Result<PairingKind> {
        self.0.get("kind")
    }

    /// The name.
    pub async fn name(&self) -> Result<String> {
        self.0.get("name")
    }

    /// What it is to achieve.
    pub async fn goals(&self) -> Option<Result<String>> {
        self.0.opt("goals")
    }

    /// Its state.
    pub async fn status(&self) -> Result<PairingStatus> {
        self.0.get("status")
    }

    /// The lead of a 1+N pairing (1+N 结对), or the state-owned side; null where the viewer does
    /// not see the enterprise.
    pub async fn lead(&self) -> Option<Result<InPlace<Enterprise>>> {
        self.0.parent("lead").map(|parent| Ok(parent?.into()))
    }

    /// The day it came into force; null in a draft.
    pub async fn starts_on(&self) -> Option<Result<Date>> {
        self.0.opt("starts_on")
    }

    /// The day it ended.
    pub async fn ends_on(&self) -> Option<Result<Date>> {
        self.0.opt("ends_on")
    }

    /// Why it ended.
    pub async fn end_reason(&self) -> Option<Result<String>> {
        self.0.opt("end_reason")
    }

    /// Since when it has been under strength. District side and the lead.
    pub async fn under_strength_since(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        if_may(self.reads_strength(ctx), || {
            self.0.opt("under_strength_since")
        })
    }

    /// Whether the grace period of the policy has run out since it fell under strength: a warning,
    /// it never ends by itself. District side and the lead.
    pub async fn is_under_strength_overdue(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.overdue(ctx).transpose()
    }

    /// The day of its last interaction; null before the first. Those who read its interactions.
    pub async fn last_interaction_on(&self) -> Option<Result<Date>> {
        self.last_interaction().transpose()
    }

    /// Whether it is in force and has had no interaction for the days that the policy sets. Those
    /// who read its interactions.
    pub async fn is_idle(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.idle(ctx).transpose()
    }

    /// What the viewer may do to it as it stands; limits on its members are looked at when it is
    /// done.
    pub async fn viewer_actions(&self, ctx: &Context<'_>) -> Result<Vec<PairingAction>> {
        Ok(policy::actions(
            Session::of(ctx).viewer()?,
            self.0.get("kind")?,
            self.0.get("status")?,
            self.lead_id()?,
        ))
    }

    /// Whether the viewer reads less than the whole pairing: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!self.0.get::<bool>("reads_interactions")? || !self.reads_strength(ctx)?)
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the pairing or its members last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// Its members: of a pairing in force those of today; for the district side, the lead and
    /// those who take or took part also the former.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<PairingMemberFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<PairingMemberOrder>,
        >,
    ) -> Result<Connection<PairingMember>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "pairing_id", range, |scope| {
            queries::member_criteria(scope, filter.as_deref(), &member_orders(order_by))
        })
        .await
    }

    /// What its enterprises did together. District operators and administrators; while it is in
    /// force also its own enterprises and the officers who serve one of them; null to others.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn interactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<InteractionFilter>>,
        #[graphql(desc = "In which order; the last held first where absent.")] order_by: Option<
            Vec<InteractionOrder>,
        >,
    ) -> Option<Result<Connection<PairingInteraction>>> {
        match self.0.get::<bool>("reads_interactions") {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let range = Range::new(first, after, last, before);
        let orders = super::interaction::orders(order_by);
        let listed = connection::child(ctx, &self.0, "pairing_id", range, |scope| {
            queries::interaction_criteria(scope, filter.as_deref(), &orders)
        });
        Some(listed.await)
    }
}

/// An enterprise on the N side of a pairing. Seen where the pairing is: the members of today to
/// all who see it, the former to the district side, the lead and those who take or took part.
pub struct PairingMember(Record);

impl From<Record> for PairingMember {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for PairingMember {
    const NAME: &'static str = "PairingMember";

    fn shape() -> &'static Shape {
        &queries::MEMBER
    }
}

/// An enterprise on the N side of a pairing.
#[Object]
impl PairingMember {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// The enterprise; null where the viewer does not see it.
    pub async fn enterprise(&self) -> Option<Result<InPlace<Enterprise>>> {
        self.0.parent("enterprise").map(|parent| Ok(parent?.into()))
    }

    /// The pairing.
    pub async fn pairing(&self) -> Result<InPlace<Pairing>> {
        Ok(self.0.must_parent("pairing")?.into())
    }

    /// Its state.
    pub async fn status(&self) -> Result<PairingMemberStatus> {
        self.0.get("status")
    }

    /// The day it became active; null while proposed.
    pub async fn joined_on(&self) -> Option<Result<Date>> {
        self.0.opt("joined_on")
    }

    /// The day it left.
    pub async fn left_on(&self) -> Option<Result<Date>> {
        self.0.opt("left_on")
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct PairingOrder {
    /// What to sort by.
    pub field: PairingOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct PairingMemberOrder {
    /// What to sort by.
    pub field: PairingMemberOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// The order as the domain reads it.
pub(super) fn orders(order: Option<Vec<PairingOrder>>) -> Vec<(PairingOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

/// The order as the domain reads it.
pub(super) fn member_orders(
    order: Option<Vec<PairingMemberOrder>>,
) -> Vec<(PairingMemberOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

/// Queries on pairings.
#[derive(Default)]
pub struct PairingQuery;

#[Object]
impl PairingQuery {
    /// One pairing; null where there is none that the viewer sees. Auditors: FORBIDDEN.
    async fn pairing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<Result<InPlace<Pairing>>> {
        let found = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            node(ctx, row_id(Kind::Pairing, &id)).await
        };
        found.await.transpose()
    }

    /// The pairings that the viewer sees. District side, officers: all of the district;
    /// enterprises of the alliance: those in force, and all they lead or take or took part in;
    /// other enterprises: none. Auditors: FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn pairings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<PairingFilter>>,
        #[graphql(desc = "Part of a name, in any script.")] search: Option<String>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<PairingOrder>,
        >,
    ) -> Option<Result<Connection<Pairing>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "pairings", range, |scope| {
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
    ProposePairingPayload(pairing: Pairing),
    ActivatePairingPayload(pairing: Pairing),
    AddPairingMemberPayload(pairing: Pairing),
    RemovePairingMemberPayload(pairing: Pairing),
    EndPairingPayload(pairing: Pairing),
}

/// Changes of pairings.
#[derive(Default)]
pub struct PairingMutation;

#[Object]
impl PairingMutation {
    /// Proposes a pairing; it binds nobody before it is activated. District administrators and
    /// operators; a lead's users their own 1+N.
    async fn propose_pairing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pairing.")] input: ProposePairingInput,
    ) -> Option<Result<ProposePairingPayload>> {
        let done = act(ctx, |deps, actor| commands::propose(deps, actor, input)).await;
        Some(done.map(ProposePairingPayload))
    }

    /// Brings a pairing into force. A 1+N has as many members as the policy sets, and every
    /// enterprise is in one pairing in force of a kind at most. District administrators and
    /// operators.
    async fn activate_pairing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pairing.")] input: ActivatePairingInput,
    ) -> Option<Result<ActivatePairingPayload>> {
        let done = act(ctx, |deps, actor| commands::activate(deps, actor, input)).await;
        Some(done.map(ActivatePairingPayload))
    }

    /// Adds a member to a 1+N pairing, at most as many as the policy sets. District administrators
    /// and operators.
    async fn add_pairing_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pairing and the enterprise.")] input: AddPairingMemberInput,
    ) -> Option<Result<AddPairingMemberPayload>> {
        let done = act(ctx, |deps, actor| commands::add_member(deps, actor, input)).await;
        Some(done.map(AddPairingMemberPayload))
    }

    /// Removes a member from a 1+N pairing. Under the policy's minimum it stays in force under
    /// strength; the last member cannot be removed. District administrators and operators.
    async fn remove_pairing_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pairing and the enterprise.")] input: RemovePairingMemberInput,
    ) -> Option<Result<RemovePairingMemberPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::remove_member(deps, actor, input)
        })
        .await;
        Some(done.map(RemovePairingMemberPayload))
    }

    /// Ends a pairing; its members leave with it. District administrators and operators.
    async fn end_pairing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pairing and the reason.")] input: EndPairingInput,
    ) -> Option<Result<EndPairingPayload>> {
        let done = act(ctx, |deps, actor| commands::end(deps, actor, input)).await;
        Some(done.map(EndPairingPayload))
    }
}
