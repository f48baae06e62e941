//! The way out of a socket: a short queue and one writer. Whoever has something to say waits for
//! a place; where none comes free for too long, the reader is too slow and the socket ends.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::protocol::Close;
use crate::config::Subscriptions;

/// How long the last frames may take.
const LAST: Duration = Duration::from_secs(5);

/// Where messages are put.
#[derive(Clone)]
pub(super) struct Queue {
    messages: mpsc::Sender<Message>,
    patience: Duration,
}

impl Queue {
    /// Puts a message.
    ///
    /// # Errors
    /// When the reader is too slow or gone.
    pub(super) async fn put(&self, text: String) -> Result<(), Close> {
        let message = Message::Text(text.into());
        let put = self.messages.send_timeout(message, self.patience);
        put.await.map_err(|_full_or_closed| Close::TOO_SLOW)
    }
}

/// The writer of a socket.
pub(super) struct Writer {
    close: oneshot::Sender<Close>,
    task: JoinHandle<()>,
}

impl Writer {
    /// Says what waits, then closes, and returns when that is done or takes too long. For a slow
    /// reader what waits is dropped.
    pub(super) async fn close(self, close: Close) {
        // A writer that has ended lost its reader: there is nobody to tell.
        let _ = self.close.send(close);
        let _ = self.task.await;
    }
}

/// Starts the writer of a socket.
pub(super) fn start(
    sink: SplitSink<WebSocket, Message>,
    settings: &Subscriptions,
) -> (Queue, Writer) {
    let length = usize::try_from(settings.queue_length).unwrap_or(usize::MAX);
    let (messages, waiting) = mpsc::channel(length);
    let (close, closes) = oneshot::channel();
    let task = tokio::spawn(write(sink, waiting, closes, settings.keep_alive()));
    let patience = settings.slow_reader();
    (Queue { messages, patience }, Writer { close, task })
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut waiting: mpsc::Receiver<Message>,
    mut closes: oneshot::Receiver<Close>,
    keep_alive: Duration,
) {
    let mut pings = interval_at(Instant::now() + keep_alive, keep_alive);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let close = loop {
        let message = tokio::select! {
            biased;
            close = &mut closes => break close,
            // However much is said: a subscriber that only listens says nothing but the answer.
            _ = pings.tick() => Message::Ping(axum::body::Bytes::new()),
            // The conversation holds a sender as long as it lasts.
            Some(message) = waiting.recv() => message,
        };
        let mut sending = sink.send(message);
        let sent = tokio::select! {
            sent = &mut sending => sent,
            close = &mut closes => {
                // A frame that is begun is ended first, or the close could not be told from it.
                match timeout(LAST, sending).await {
                    Ok(Ok(())) => break close,
                    _ => return,
                }
            }
        };
        if sent.is_err() {
            return;
        }
    };
    let Ok(close) = close else { return };
    let last = async {
        while let Ok(message) = waiting.try_recv() {
            if close != Close::TOO_SLOW && sink.send(message).await.is_err() {
                return;
            }
        }
        let frame = CloseFrame {
            code: close.code,
            reason: Utf8Bytes::from(close.reason.as_ref()),
        };
        // A reader that is gone needs no close.
        let _ = sink.send(Message::Close(Some(frame))).await;
    };
    let _ = timeout(LAST, last).await;
}
