//! The interactions of pairings on the wire.

use async_graphql::{Context, ID, InputObject, Object};
use entity::pairing_interaction::{AmountBand, DealType, InteractionType};

use super::connection::Concept;
use super::in_place::InPlace;
use super::pairing::Pairing;
use super::payload::{act, payload};
use crate::domain::order::Direction;
use crate::domain::pairing::{
    CoBuildMode, InteractionOrderField, MutualAidType, RecordInteractionInput, commands, from_bits,
    queries,
};
use crate::domain::scalar::{Date, Timestamp};
use crate::kernel::error::Result;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// An interaction of a pairing. District operators and administrators read all of their
/// district's; while the pairing is in force, its own enterprises and the officers who serve one
/// of them read it too; nobody else.
pub struct PairingInteraction(Record);

impl From<Record> for PairingInteraction {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for PairingInteraction {
    const NAME: &'static str = "PairingInteraction";

    fn shape() -> &'static Shape {
        &queries::INTERACTION
    }
}

/// Something the enterprises of a pairing did together.
#[Object]
impl PairingInteraction {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// What it was.
    #[graphql(name = "type")]
    pub async fn interaction_type(&self) -> Result<InteractionType> {
        self.0.get("interaction_type")
    }

    /// The day.
    pub async fn held_on(&self) -> Result<Date> {
        self.0.get("held_on")
    }

    /// The title.
    pub async fn title(&self) -> Result<String> {
        self.0.get("title")
    }

    /// What came of it.
    pub async fn summary(&self) -> Option<Result<String>> {
        self.0.opt("summary")
    }

    /// The modes of co-building (六共模式) it served, at least one.
    pub async fn modes(&self) -> Result<Vec<CoBuildMode>> {
        Ok(from_bits(self.0.get("modes")?))
    }

    /// The kinds of mutual aid (六互) in it.
    pub async fn aids(&self) -> Result<Vec<MutualAidType>> {
        Ok(from_bits(self.0.get("aids")?))
    }

    /// People who took part.
    pub async fn participant_count(&self) -> Option<Result<i32>> {
        self.0.opt("participant_count")
    }

    /// What the cooperation deal (合作共赢) is about; null without one.
    pub async fn deal_type(&self) -> Option<Result<DealType>> {
        self.0.opt("deal_type")
    }

    /// The band of the deal's amount; null without one.
    pub async fn deal_amount_band(&self) -> Option<Result<AmountBand>> {
        self.0.opt("deal_amount_band")
    }

    /// The pairing.
    pub async fn pairing(&self) -> Result<InPlace<Pairing>> {
        Ok(self.0.must_parent("pairing")?.into())
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct InteractionOrder {
    /// What to sort by.
    pub field: InteractionOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// The order as the domain reads it.
pub(super) fn orders(
    order: Option<Vec<InteractionOrder>>,
) -> Vec<(InteractionOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

payload! {
    RecordInteractionPayload(interaction: PairingInteraction),
}

/// Changes of interactions.
#[derive(Default)]
pub struct InteractionMutation;

#[Object]
impl InteractionMutation {
    /// Records what the enterprises of a pairing in force did together. District administrators
    /// and operators; a lead's users for the pairing it leads.
    async fn record_interaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The interaction.")] input: RecordInteractionInput,
    ) -> Option<Result<RecordInteractionPayload>> {
        let done = act(ctx, |deps, actor| commands::record(deps, actor, input)).await;
        Some(done.map(RecordInteractionPayload))
    }
}
