//! What tells the reader of the outbox to look again. Late or lost, it costs time and never an
//! event: on `PostgreSQL` a `NOTIFY` from the writing transaction, on `SQLite` a short interval
//! and a word from the writers of this process.

use std::time::Duration;

use sea_orm::DbBackend;
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};

use crate::kernel::error::{Error, Result};
use crate::store::Db;

/// The channel that the triggers of the outbox notify.
const CHANNEL: &str = "honglian_outbox";
/// How long a listener trusts its connection: after that the table is read unasked.
const UNASKED: Duration = Duration::from_secs(5);
/// How often `SQLite` is asked for what other processes wrote.
const POLL: Duration = Duration::from_millis(200);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// Waits for something to read.
pub(super) enum Wake {
    /// On `PostgreSQL`; none after a failure, until it listens again.
    Notified(Option<Box<PgListener>>),
    /// On `SQLite`.
    Polling,
}

impl Wake {
    /// Begins to listen. What commits from now on wakes.
    pub(super) async fn open(db: &Db) -> Result<Self> {
        if db.backend() == DbBackend::Postgres {
            Ok(Self::Notified(Some(Box::new(listen(db).await?))))
        } else {
            Ok(Self::Polling)
        }
    }

    /// Returns when the table is to be read, at the latest after some seconds.
    pub(super) async fn wait(&mut self, db: &Db) {
        match self {
            Self::Polling => {
                tokio::select! {
                    () = db.written() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
            Self::Notified(listening) => {
                let heard = match listening {
                    // A lost connection is an answer too: it listens again, and what was missed
                    // is in the table.
                    Some(listener) => tokio::time::timeout(UNASKED, listener.try_recv())
                        .await
                        .map_or(Ok(()), |heard| heard.map(|_| ())),
                    None => match listen(db).await {
                        Ok(listener) => {
                            *listening = Some(Box::new(listener));
                            return;
                        }
                        Err(error) => {
                            tracing::warn!(%error, "the outbox is not listened to");
                            tokio::time::sleep(PAUSE).await;
                            return;
                        }
                    },
                };
                if let Err(error) = heard {
                    tracing::warn!(%error, "the outbox is not listened to");
                    *listening = None;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// A connection of its own: it is held as long as anybody subscribes, and must not be one of
/// those that answer requests.
async fn listen(db: &Db) -> Result<PgListener> {
    let failed = |error: sea_orm::sqlx::Error| Error::Unavailable(error.to_string());
    let options = db.conn().get_postgres_connection_pool().connect_options();
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(UNASKED)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with((*options).clone());
    let mut listener = PgListener::connect_with(&pool).await.map_err(failed)?;
    listener.listen(CHANNEL).await.map_err(failed)?;
    Ok(listener)
}
