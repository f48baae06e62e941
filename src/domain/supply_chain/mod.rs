//! The supply chain (上下游): who supplies whom, as the district has confirmed it.

use async_graphql::{ID, InputObject};

use crate::access::viewer::Viewer;

pub mod commands;
pub mod queries;

/// A link of the supply chain (上下游).
#[derive(Clone, Debug, InputObject)]
pub struct RecordSupplyChainLinkInput {
    /// The enterprise that supplies.
    pub supplier_id: ID,
    /// The enterprise that is supplied, another one.
    pub customer_id: ID,
}

/// The end of a link.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveSupplyChainLinkInput {
    /// The link.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// Whether the role records who supplies whom.
#[must_use]
pub const fn may_record(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}
