//! The one reader of the outbox in a process. It runs while somebody listens, and hands every
//! row to all who do. What it keeps for them is bounded: who falls behind reads the table.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use super::wake::Wake;
use super::{Happening, outbox};
use crate::kernel::error::Result;
use crate::store::Db;

/// The rows that are kept for listeners who have not taken them yet.
const KEPT: usize = 256;
/// Rows of one read.
const PAGE: u64 = 200;
/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The outbox as it grows.
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    db: Db,
    live: broadcast::Sender<Arc<Happening>>,
    state: Mutex<State>,
    /// One start at a time.
    starting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Everything up to here was handed out, or was there before anybody listened.
    position: i64,
    reader: Option<JoinHandle<()>>,
}

impl State {
    fn is_reading(&self) -> bool {
        let reader = self.reader.as_ref();
        reader.is_some_and(|reader| !reader.is_finished())
    }
}

impl Feed {
    /// The feed of a database. Nothing is read before somebody listens.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let (live, _) = broadcast::channel(KEPT);
        Self(Arc::new(Inner {
            db,
            live,
            state: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
        }))
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Everything after the returned place, as it comes. Everything up to it is in the table.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listen(&self) -> Result<(broadcast::Receiver<Arc<Happening>>, i64)> {
        let inner = &self.0;
        let _one = inner.starting.lock().await;
        if let Some(listening) = inner.join(&inner.state()) {
            return Ok(listening);
        }
        // Woken for all that commits after this; then where the table ends, which is before it.
        let wake = Wake::open(&inner.db).await?;
        let last = outbox::last(&inner.db).await?;
        let mut state = inner.state();
        // A reader that broke down has listeners still: they go on where it stopped.
        if inner.live.receiver_count() == 0 {
            state.position = last;
        }
        let listening = (inner.live.subscribe(), state.position);
        state.reader = Some(tokio::spawn(read(Arc::clone(inner), wake)));
        Ok(listening)
    }

    /// Everything up to here is handed out or in the table.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.0.state().position
    }

    /// How many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.0.live.receiver_count()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Under the lock that the reader hands out under: no row falls between place and receiver.
    fn join(&self, state: &State) -> Option<(broadcast::Receiver<Arc<Happening>>, i64)> {
        state
            .is_reading()
            .then(|| (self.live.subscribe(), state.position))
    }

    async fn catch_up(&self) -> Result<()> {
        loop {
            let position = self.state().position;
            let rows = outbox::after(&self.db, position, PAGE).await?;
            let is_last = u64::try_from(rows.len()).unwrap_or(PAGE) < PAGE;
            let mut state = self.state();
            for row in rows {
                state.position = row.seq;
                // Nobody to hand it to is no fault: it is in the table.
                let _ = self.live.send(row);
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

async fn read(inner: Arc<Inner>, mut wake: Wake) {
    loop {
        if let Err(error) = inner.catch_up().await {
            tracing::warn!(%error, "the outbox is not read");
            tokio::time::sleep(PAUSE).await;
        }
        {
            let mut state = inner.state();
            if inner.live.receiver_count() == 0 {
                state.reader = None;
                return;
            }
        }
        wake.wait(&inner.db).await;
    }
}
