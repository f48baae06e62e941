//! What happened, read back from the outbox in the order of the commits. One `Feed` per process
//! reads the table; a `Reading` is one subscriber's place in it. Writing the rows is the last
//! thing that `store::work` and `store::group` do.
//!
//! # Why nothing is lost
//!
//! Ids do not tell the order: a UUIDv7 is made when an action begins to write, and the action may
//! commit after one that began later. A reader that goes by ids, or by a plain sequence, passes
//! over such a row for good. So rows carry `seq`, and this holds:
//!
//! > Whoever sees a row sees every row with a smaller `seq` that will ever be there.
//!
//! `PostgreSQL`: a trigger takes one advisory lock before the statement draws its first number,
//! and the lock is let go at the end of the transaction. The sequence hands out one number at a
//! time (it caches none), so of two transactions the one with the smaller numbers had the lock
//! first, and the other drew its numbers after that one had ended. `PostgreSQL` makes a commit
//! visible before it lets go of the transaction's locks: a snapshot that holds the later commit
//! holds the earlier one. A number that is missing belongs to a transaction that was rolled back.
//! `SQLite`: a transaction that has written anything is the only one that writes until it ends.
//!
//! Therefore `seq > position ORDER BY seq`, asked again and again, is every row exactly once, in
//! an order that is the same in every process and is that of the commits. What wakes a reader
//! (`NOTIFY`, a timer, a word from the writer beside it) may be late or lost: it decides when the
//! table is read, never what is read.

pub mod feed;
pub mod outbox;
pub mod reading;
mod wake;

use chrono::{DateTime, Utc};
use entity::outbox_event;
use uuid::Uuid;

use crate::kernel::id::Kind;

/// Something that happened to one thing.
#[derive(Debug)]
pub struct Happening {
    /// Its place in the order of all.
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// The district it happened in.
    pub district_id: Uuid,
    /// What happened, such as `issue.assigned`.
    pub name: String,
    /// What kind of thing it happened to; none for one that this binary does not know.
    pub kind: Option<Kind>,
    /// The thing's id.
    pub aggregate_id: Uuid,
    /// The columns that changed, and the tables of what belongs to it.
    pub changed: Vec<String>,
    /// The user who did it; none for the command line.
    pub actor_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<outbox_event::Model> for Happening {
    fn from(row: outbox_event::Model) -> Self {
        let changed = row.changed_fields.as_array();
        let changed = changed.into_iter().flatten();
        Self {
            seq: row.seq,
            id: row.id,
            district_id: row.district_id,
            name: row.event_type,
            kind: Kind::of_prefix(&row.aggregate_kind),
            aggregate_id: row.aggregate_id,
            changed: changed
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            actor_id: row.actor_id,
            at: row.created_at,
        }
    }
}
