//! How an operation runs: in a place, no longer than it may, and to its end even where nobody waits
//! for it any more. A client that hangs up must not drop a connection in mid-statement.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::kernel::error::{Error, Result};

/// Runs an operation, which holds its place until it has ended.
///
/// # Errors
/// `Timeout` at the deadline: what it holds is dropped, its transaction rolls back, its statements
/// end. `Internal` where it panics.
pub(super) fn to_its_end<T: Send + 'static>(
    operation: impl Future<Output = T> + Send + 'static,
    place: OwnedSemaphorePermit,
    deadline: Instant,
    request_id: &str,
) -> impl Future<Output = Result<T>> + Send {
    // Boxed before anything is put round it: it is large, and would be moved each time.
    ended(Box::pin(operation), place, deadline, request_id)
}

async fn ended<T: Send + 'static>(
    operation: BoxFuture<'static, T>,
    place: OwnedSemaphorePermit,
    deadline: Instant,
    request_id: &str,
) -> Result<T> {
    let operation = AssertUnwindSafe(operation).catch_unwind();
    let operation = operation.map(move |done| {
        drop(place);
        done
    });
    let mut running = ToItsEnd {
        operation: Some(operation),
        deadline,
    };
    match timeout_at(deadline, &mut running).await {
        Err(_elapsed) => {
            running.give_up();
            Err(Error::Timeout)
        }
        Ok(Err(_panic)) => {
            tracing::error!(request_id, "an operation panicked");
            Err(Error::Internal("panic".to_owned()))
        }
        Ok(Ok(done)) => Ok(done),
    }
}

/// Something that goes on as a task when nobody waits for it any more, and is none before. The
/// deadline is its own: it holds then too.
struct ToItsEnd<F: Future<Output: Send> + Send + Unpin + 'static> {
    operation: Option<F>,
    deadline: Instant,
}

impl<F: Future<Output: Send> + Send + Unpin + 'static> ToItsEnd<F> {
    /// Drops it where it stands.
    fn give_up(&mut self) {
        self.operation = None;
    }
}

impl<F: Future<Output: Send> + Send + Unpin + 'static> Future for ToItsEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(operation) = &mut self.operation else {
            return Poll::Pending;
        };
        let polled = Pin::new(operation).poll(cx);
        if polled.is_ready() {
            self.operation = None;
        }
        polled
    }
}

impl<F: Future<Output: Send> + Send + Unpin + 'static> Drop for ToItsEnd<F> {
    fn drop(&mut self) {
        if let (Some(operation), Ok(runtime)) = (self.operation.take(), Handle::try_current()) {
            let deadline = self.deadline;
            runtime.spawn(async move {
                if timeout_at(deadline, operation).await.is_err() {
                    tracing::warn!("an operation that nobody waited for took too long");
                }
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::{Semaphore, oneshot};

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    async fn in_a_place(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
        Arc::clone(places).acquire_owned().await.unwrap()
    }

    #[tokio::test]
    async fn what_nobody_waits_for_goes_on() {
        let places = Arc::new(Semaphore::new(1));
        let (go, gone) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let operation = async move {
            let _ = gone.await;
            let _ = tell.send("done");
        };
        let place = in_a_place(&places).await;
        let mut waiting = Box::pin(to_its_end(operation, place, Instant::now() + LONG, ""));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(waiting);
        assert_eq!(places.available_permits(), 0);
        go.send(()).unwrap();
        assert_eq!(told.await, Ok("done"));
        drop(in_a_place(&places).await);
    }

    #[tokio::test]
    async fn but_no_longer_than_it_may() {
        let places = Arc::new(Semaphore::new(1));
        let soon = Instant::now() + Duration::from_millis(20);
        let place = in_a_place(&places).await;
        let endless = std::future::pending::<()>();
        let mut waiting = Box::pin(to_its_end(endless, place, soon, ""));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(waiting);
        assert_eq!(places.available_permits(), 0);
        let again = tokio::time::timeout(LONG, in_a_place(&places)).await;
        assert!(again.is_ok(), "its place is free after its deadline");
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_the_place_back() {
        let places = Arc::new(Semaphore::new(1));
        let place = in_a_place(&places).await;
        let panics = async { panic!("as asked") };
        let ended: Result<()> = to_its_end(panics, place, Instant::now() + LONG, "").await;
        assert!(matches!(ended, Err(Error::Internal(_))));
        assert_eq!(places.available_permits(), 1);
    }
}
