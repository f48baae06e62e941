//! One subscriber's place in the outbox: first what it missed, from the table, then what comes.
//! Whoever is too slow for what the feed keeps is back at the table; nothing is passed over.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::feed::Feed;
use super::{Happening, outbox};
use crate::kernel::error::{Error, Message, Result};
use crate::kernel::id::Kind;

/// Rows of one read.
const PAGE: u64 = 100;
/// The most events of a district that a subscriber can catch up on.
const MOST_MISSED: u64 = 10_000;

/// What a subscriber wants to hear of, before anybody asks what it may.
#[derive(Clone, Debug)]
pub struct Interest {
    /// The district.
    pub district: Uuid,
    /// The kinds of things.
    pub kinds: &'static [Kind],
    /// Only these; all where absent.
    pub ids: Option<BTreeSet<Uuid>>,
    /// Only what is named so.
    pub named: fn(&str) -> bool,
    /// What the subscriber's own rights rest on: an event on one of these is taken too.
    pub standing: Vec<Uuid>,
}

impl Interest {
    /// Whether it was asked for.
    #[must_use]
    pub fn asks_for(&self, happening: &Happening) -> bool {
        happening.district_id == self.district
            && happening
                .kind
                .is_some_and(|kind| self.kinds.contains(&kind))
            && (self.named)(&happening.name)
            && self
                .ids
                .as_ref()
                .is_none_or(|ids| ids.contains(&happening.aggregate_id))
    }

    fn takes(&self, happening: &Happening) -> bool {
        self.standing.contains(&happening.aggregate_id) || self.asks_for(happening)
    }
}

/// A place in the outbox.
pub struct Reading {
    feed: Feed,
    interest: Interest,
    live: Receiver<Arc<Happening>>,
    taken: VecDeque<Arc<Happening>>,
    /// Everything up to here was looked at.
    place: i64,
    /// Everything up to here is to be read from the table.
    until: Option<i64>,
}

impl Reading {
    /// Begins after an event that the subscriber had already; with what comes where there is none.
    ///
    /// # Errors
    /// `BadInput` for an event that is not known or too long ago, or when the database fails.
    pub async fn open(feed: Feed, interest: Interest, after: Option<Uuid>) -> Result<Self> {
        let (live, position) = feed.listen().await?;
        let mut reading = Self {
            feed,
            interest,
            live,
            taken: VecDeque::new(),
            place: position,
            until: None,
        };
        if let Some(id) = after {
            let db = reading.feed.db();
            let district = reading.interest.district;
            let place = outbox::place(db, district, id).await?;
            let place = place.ok_or_else(unknown)?;
            if outbox::has_more_than(db, district, place, MOST_MISSED).await? {
                return Err(unknown());
            }
            reading.place = place;
            reading.until = (place < position).then_some(position);
        }
        Ok(reading)
    }

    /// What it wants to hear of.
    #[must_use]
    pub const fn interest(&self) -> &Interest {
        &self.interest
    }

    /// Waits until there is something to `take`. It may be dropped at any time.
    pub async fn ready(&mut self) {
        while self.taken.is_empty() && self.until.is_none() {
            match self.live.recv().await {
                Ok(happening) if happening.seq <= self.place => {}
                Ok(happening) => {
                    self.place = happening.seq;
                    if self.interest.takes(&happening) {
                        self.taken.push_back(happening);
                    }
                }
                Err(RecvError::Lagged(_)) => {
                    let position = self.feed.position();
                    self.until = (self.place < position).then_some(position);
                }
                // The feed outlives its readings.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// The next event, where what is at hand holds one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&mut self) -> Result<Option<Arc<Happening>>> {
        if let (true, Some(until)) = (self.taken.is_empty(), self.until) {
            let (db, district) = (self.feed.db(), self.interest.district);
            let rows = outbox::between(db, district, self.place, until, PAGE).await?;
            let more = u64::try_from(rows.len()).unwrap_or(0) == PAGE;
            match rows.last() {
                Some(last) if more => self.place = last.seq,
                _ => {
                    self.place = until;
                    self.until = None;
                }
            }
            let interest = &self.interest;
            let rows = rows.into_iter().filter(|row| interest.takes(row));
            self.taken.extend(rows);
        }
        Ok(self.taken.pop_front())
    }
}

fn unknown() -> Error {
    Error::BadInput(Message::new(
        "lastEventId 无效或过早，请重新读取数据后再订阅",
        "lastEventId is not known or too long ago; read the data anew and subscribe without it.",
    ))
}
