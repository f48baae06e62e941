//! Subscriptions: what happens, told to whoever may know it. A subscription is a document that is
//! run once when it is opened, which checks it and says what to listen for, and once for each
//! event that fits, with the viewer and the row as they are then. So every field has the same
//! rules as in a query, at every event.
//!
//! - `turn` is what a run is for; `run` drives one subscription from its opening to its end;
//! - `event` is what all events have in common; `issue` and `alliance` are the events.

pub mod alliance;
pub mod event;
pub mod issue;
pub mod run;
mod turn;

use async_graphql::MergedSubscription;

/// The root of all subscriptions: one line per concept.
#[derive(MergedSubscription, Default)]
pub struct Subscription(alliance::AllianceSubscription, issue::IssueSubscription);
