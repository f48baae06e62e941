//! What is left to spend, on the wire.

use async_graphql::{Context, Object, SimpleObject};

use super::guard::budget::Spent;

/// What the caller may spend. Each operation costs points before it runs; they come back with
/// time.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// What this operation costs, which is charged already.
    cost: i32,
    /// What a full budget holds.
    limit: i32,
    /// What is left.
    remaining: i32,
    /// What comes back each second.
    restore_rate: i32,
}

/// The root of what is left to spend.
#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// What the caller may spend; for everyone, by user or, without a token, by address.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let spent = ctx.data_opt::<Spent>()?;
        let points = |points: u64| i32::try_from(points).unwrap_or(i32::MAX);
        Some(RateLimit {
            cost: points(spent.cost),
            limit: points(spent.most.into()),
            remaining: points(spent.left.into()),
            restore_rate: points(spent.per_second.into()),
        })
    }
}
