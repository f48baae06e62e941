//! Directions, and the order of a list that asks for none.

use async_graphql::Enum;

use crate::store::keyset::{KeyType, OrderKey};

/// The direction of an order; absent values come last in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(name = "OrderDirection")]
pub enum Direction {
    /// Small values first.
    Asc,
    /// Great values first.
    #[default]
    Desc,
}

impl Direction {
    /// A key in this direction.
    #[must_use]
    pub fn of(self, key: OrderKey) -> OrderKey {
        key.descending(self == Self::Desc)
    }
}

/// The newest first, where no order is asked for.
#[must_use]
pub fn or_newest(keys: Vec<OrderKey>) -> Vec<OrderKey> {
    if keys.is_empty() {
        vec![OrderKey::new("created_at", KeyType::Time).descending(true)]
    } else {
        keys
    }
}
