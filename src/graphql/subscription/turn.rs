//! What one run of a subscription's document is for: to open it, or to tell one event.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, ID};
use futures_util::stream;
use uuid::Uuid;

use crate::access::viewer::{Standing, Viewer};
use crate::domain::input::row_id;
use crate::events::Happening;
use crate::events::reading::Interest;
use crate::kernel::error::{Error, Message, Result};
use crate::kernel::id::{Kind, decode_event};

/// The most ids of one subscription.
const MOST_IDS: usize = 100;

/// What a field says in a turn: one event, or nothing.
pub(super) type Said<T> = stream::Iter<std::option::IntoIter<Option<Result<T>>>>;

/// An event, or nothing where the viewer is not to hear of it.
pub(super) fn say<T>(event: Option<T>) -> Said<T> {
    stream::iter(event.map(|event| Some(Ok(event))))
}

/// What a run is for.
#[derive(Clone)]
pub(super) enum Turn {
    /// To check the arguments and to say what to listen for.
    Opening(Arc<Desk>),
    /// To tell of an event.
    Telling(Arc<Happening>),
}

/// Where a field leaves what it wants to hear of, and after which event.
#[derive(Default)]
pub(super) struct Desk(Mutex<Option<(Interest, Option<Uuid>)>>);

impl Desk {
    pub(super) fn leave(&self, interest: Interest, after: Option<Uuid>) {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *desk = Some((interest, after));
    }

    pub(super) fn collect(&self) -> Option<(Interest, Option<Uuid>)> {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.take()
    }
}

impl Turn {
    /// The turn that a field is resolved in.
    pub(super) fn of(ctx: &Context<'_>) -> Result<Self> {
        // Only `run` runs these documents; another way would have no event to tell.
        let turn = ctx.data_opt::<Self>().cloned();
        turn.ok_or_else(|| Error::Internal("a subscription outside its turns".to_owned()))
    }
}

/// What a viewer wants to hear of in its district.
pub(super) fn interest(
    viewer: &Viewer,
    kinds: &'static [Kind],
    named: fn(&str) -> bool,
) -> Interest {
    let mut standing = vec![viewer.user_id, viewer.district_id];
    match &viewer.standing {
        Standing::Officer(post) => standing.push(post.officer_id),
        Standing::Lead(seat) | Standing::Member(seat) => standing.push(seat.enterprise_id),
        Standing::Admin | Standing::Operator | Standing::Auditor => {}
    }
    Interest {
        district: viewer.district_id,
        kinds,
        ids: None,
        named,
        standing,
    }
}

/// The rows that are asked for.
pub(super) fn rows(kind: Kind, ids: Option<&[ID]>) -> Result<Option<BTreeSet<Uuid>>> {
    if ids.is_some_and(|ids| ids.len() > MOST_IDS) {
        return Err(Error::BadInput(Message::new(
            format!("ids 最多 {MOST_IDS} 个"),
            format!("At most {MOST_IDS} ids."),
        )));
    }
    Ok(ids.map(|ids| ids.iter().map(|id| row_id(kind, id)).collect()))
}

/// The event that the subscriber had last; a malformed id is an unknown one.
pub(super) fn last_event(id: Option<&ID>) -> Option<Uuid> {
    id.map(|id| decode_event(id).unwrap_or(Uuid::nil()))
}
