//! How much runs at once. Work beyond that waits a little, and what would wait in vain is told
//! to come back: a queue without end answers nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::HttpOptions;
use super::answer::Refusal;
use crate::kernel::error::Error;

/// The places for running and waiting operations.
pub(super) struct Load {
    running: Arc<Semaphore>,
    places: u32,
    waiting: AtomicU32,
    most_waiting: u32,
    patience: Duration,
}

impl Load {
    pub(super) fn new(options: &HttpOptions) -> Self {
        let places = options.max_running;
        Self {
            running: Arc::new(Semaphore::new(
                usize::try_from(places).unwrap_or(usize::MAX),
            )),
            places,
            waiting: AtomicU32::new(0),
            most_waiting: options.max_waiting,
            patience: options.max_wait,
        }
    }

    /// A place to run in, held until it is dropped.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if let Ok(place) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = Waiting::join(&self.waiting, self.most_waiting).ok_or_else(overloaded)?;
        let place = Arc::clone(&self.running).acquire_owned();
        match tokio::time::timeout(self.patience, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(overloaded()),
        }
    }

    /// Waits until nothing runs.
    pub(super) async fn rest(&self) {
        let _all = self.running.acquire_many(self.places).await;
    }
}

/// One who waits, counted until it waits no longer, however it ends.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn join(waiting: &'a AtomicU32, most: u32) -> Option<Self> {
        let one = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < most).then_some(one)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn overloaded() -> Refusal {
    Error::Unavailable("overloaded".to_owned()).into()
}
