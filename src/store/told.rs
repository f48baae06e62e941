//! The events of an action, which end it. They are numbered in the order of the commits, by turns: on
//! `PostgreSQL` they and the commit go one way, so that nobody waits for a turn that waits for us.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use entity::outbox_event::{ActiveModel, Entity};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryTrait};
use serde::Serialize;
use uuid::Uuid;

use super::Db;
use super::tx::Tx;
use crate::kernel::error::{Error, Result};

/// An event as it is written; see `outbox_event`.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) id: Uuid,
    pub(super) district_id: Uuid,
    pub(super) event_type: &'static str,
    pub(super) aggregate_kind: &'static str,
    pub(super) aggregate_id: Uuid,
    pub(super) changed_fields: BTreeSet<String>,
    pub(super) actor_id: Option<Uuid>,
    pub(super) request_id: String,
    pub(super) created_at: DateTime<Utc>,
}

impl Told {
    pub(super) fn row(self) -> ActiveModel {
        ActiveModel {
            seq: NotSet,
            id: Set(self.id),
            district_id: Set(self.district_id),
            event_type: Set(self.event_type.to_owned()),
            aggregate_kind: Set(self.aggregate_kind.to_owned()),
            aggregate_id: Set(self.aggregate_id),
            changed_fields: Set(serde_json::Value::from_iter(self.changed_fields)),
            actor_id: Set(self.actor_id),
            request_id: Set(self.request_id),
            created_at: Set(self.created_at),
        }
    }
}

/// Writes the events and commits.
///
/// # Errors
/// When the database fails.
pub(super) async fn commit(db: &Db, tx: Tx, events: Vec<Told>) -> Result<()> {
    if events.is_empty() {
        return tx.commit().await;
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.commit_after(&call(&events)?).await?;
    } else {
        let rows = events.into_iter().map(Told::row);
        tx.execute(&Entity::insert_many(rows).into_query()).await?;
        tx.commit().await?;
    }
    db.tell_written();
    Ok(())
}

/// The call of the function that writes events. What goes with a commit is no statement with
/// values, so these go in Base64, which nobody can break out of.
fn call(events: &[Told]) -> Result<String> {
    let events = serde_json::to_vec(events).map_err(|error| Error::Internal(error.to_string()))?;
    let events = STANDARD.encode(events);
    Ok(format!("SELECT tell_events(decode('{events}', 'base64'))"))
}
