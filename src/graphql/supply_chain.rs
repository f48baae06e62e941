//! The supply chain on the wire.

use async_graphql::{Context, ID, Object};

use super::connection::Concept;
use super::enterprise::Enterprise;
use super::payload::{act, payload};
use crate::domain::scalar::Timestamp;
use crate::domain::supply_chain::{
    RecordSupplyChainLinkInput, RemoveSupplyChainLinkInput, commands, queries,
};
use crate::kernel::error::Result;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// Who supplies whom.
pub struct SupplyChainLink(Record);

impl From<Record> for SupplyChainLink {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for SupplyChainLink {
    const NAME: &'static str = "SupplyChainLink";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

/// That an enterprise supplies another (上下游), as the district has confirmed it. The district side;
/// enterprises the links of their own.
#[Object]
impl SupplyChainLink {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts its changes; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The enterprise that supplies; null where the viewer does not see it.
    pub async fn supplier(&self) -> Option<Result<Enterprise>> {
        self.0.parent("supplier").map(|parent| Ok(parent?.into()))
    }

    /// The enterprise that is supplied; null where the viewer does not see it.
    pub async fn customer(&self) -> Option<Result<Enterprise>> {
        self.0.parent("customer").map(|parent| Ok(parent?.into()))
    }

    /// When it was recorded.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

payload! {
    RecordSupplyChainLinkPayload(supply_chain_link: SupplyChainLink),
    RemoveSupplyChainLinkPayload(enterprise: Enterprise),
}

/// Changes of the supply chain.
#[derive(Default)]
pub struct SupplyChainMutation;

#[Object]
impl SupplyChainMutation {
    /// Records that an enterprise supplies another (上下游). District operators and administrators.
    async fn record_supply_chain_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link.")] input: RecordSupplyChainLinkInput,
    ) -> Option<Result<RecordSupplyChainLinkPayload>> {
        let done = act(ctx, |deps, actor| commands::record(deps, actor, input)).await;
        Some(done.map(RecordSupplyChainLinkPayload))
    }

    /// Removes a link that does not hold; answers the enterprise that was said to supply. District
    /// operators and administrators.
    async fn remove_supply_chain_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link.")] input: RemoveSupplyChainLinkInput,
    ) -> Option<Result<RemoveSupplyChainLinkPayload>> {
        let done = act(ctx, |deps, actor| commands::remove(deps, actor, input)).await;
        Some(done.map(RemoveSupplyChainLinkPayload))
    }
}
