//! The conversation on one socket, from the introduction to the close.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use axum::http::StatusCode;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::SplitStream;
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::operation;
use super::protocol::{self, Close, Incoming};
use super::queue::{self, Queue};
use crate::graphql::subscription::run::Caller;
use crate::http::Served;
use crate::http::answer::Refusal;
use crate::http::live::Seat;
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Language};

/// How long the other side may take to answer a close.
const LAST: Duration = Duration::from_secs(1);

/// Somebody who comes by WebSocket.
pub(super) struct Visit {
    pub(super) served: Arc<Served>,
    pub(super) request_id: String,
    pub(super) language: Language,
    pub(super) seat: Seat,
}

/// What a socket's operations share.
pub(super) struct Desk {
    pub(super) served: Arc<Served>,
    pub(super) caller: Caller,
    pub(super) queue: Queue,
    /// Where an operation says that the socket must end.
    pub(super) ends: mpsc::Sender<Close>,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    operations: HashMap<String, (u64, oneshot::Sender<()>)>,
    begun: u64,
}

impl Desk {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an operation off, if it is still the one that began under this number: the client
    /// may have ended it, and given the id to another.
    pub(super) fn finish(&self, id: &str, number: u64) -> bool {
        let mut running = self.running();
        let is_own = |(known, _): &(u64, _)| *known == number;
        if running.operations.get(id).is_some_and(is_own) {
            running.operations.remove(id);
            return true;
        }
        false
    }

    /// Whether an operation is still wanted.
    pub(super) fn wants(&self, id: &str, number: u64) -> bool {
        let running = self.running();
        let is_own = |(known, _): &(u64, _)| *known == number;
        running.operations.get(id).is_some_and(is_own)
    }
}

impl Visit {
    /// Holds the conversation, and closes.
    pub(super) async fn host(self, socket: WebSocket, agreed: bool) {
        let (sink, mut stream) = socket.split();
        let (queue, writer) = queue::start(sink, &self.served.options.live);
        let request_id = self.request_id.clone();
        let _staying = self.served.seats.stay();
        let close = if agreed {
            Conversation::new(self, queue).hold(&mut stream).await
        } else {
            Some(Close::NOT_ACCEPTABLE)
        };
        let code = close.as_ref().map(|close| close.code);
        tracing::info!(request_id, code, "a socket ends");
        let Some(close) = close else { return };
        writer.close(close).await;
        // To leave words of the other side unread would reset the connection, and the close with it.
        let answered = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = timeout(LAST, answered).await;
    }
}

struct Conversation {
    visit: Visit,
    queue: Queue,
    /// For operations that run, and as many that were ended and are not over yet: without a place
    /// nothing more is read, or a client could begin and end them without bound.
    places: Arc<Semaphore>,
    desk: Option<Arc<Desk>>,
    /// Returns when the caller's right to be here ends.
    lost: BoxFuture<'static, ()>,
    ends: (mpsc::Sender<Close>, mpsc::Receiver<Close>),
}

/// Who is gone wants nothing more; what is answered once runs to its end.
impl Drop for Conversation {
    fn drop(&mut self) {
        if let Some(desk) = &self.desk {
            desk.running().operations.clear();
        }
    }
}

impl Conversation {
    fn new(visit: Visit, queue: Queue) -> Self {
        let most = visit.served.options.live.max_operations_per_socket;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let places = most.saturating_mul(2).min(Semaphore::MAX_PERMITS);
        Self {
            visit,
            queue,
            places: Arc::new(Semaphore::new(places)),
            desk: None,
            lost: std::future::pending().boxed(),
            ends: mpsc::channel(1),
        }
    }

    /// How the socket is to be closed; none where the other side is gone.
    async fn hold(mut self, stream: &mut SplitStream<WebSocket>) -> Option<Close> {
        let settings = self.visit.served.options.live.clone();
        let app = Arc::clone(&self.visit.served.app);
        let mut closing = std::pin::pin!(app.subscriptions.closing());
        let mut late = std::pin::pin!(tokio::time::sleep(settings.init_timeout()));
        // A client answers a ping; one that says nothing for longer is gone.
        let silence = settings.keep_alive() * 2 + LAST;
        loop {
            let places = Arc::clone(&self.places);
            let heard = async {
                let place = places.acquire_owned().await;
                (place, timeout(silence, stream.next()).await)
            };
            let (place, message) = tokio::select! {
                biased;
                () = &mut closing => return Some(Close::GOING_AWAY),
                Some(close) = self.ends.1.recv() => return Some(close),
                () = &mut self.lost => return Some(Close::FORBIDDEN),
                () = &mut late, if self.desk.is_none() => return Some(Close::INIT_TIMEOUT),
                heard = heard => heard,
            };
            // Closed never: it lives as long as this.
            let Ok(place) = place else { return None };
            let text = match message {
                Err(_silent) => return Some(Close::GOING_AWAY),
                Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return None,
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
                Ok(Some(Ok(Message::Binary(_)))) => {
                    return Some(Close::bad("Invalid message: not a text"));
                }
                Ok(Some(Ok(Message::Text(text)))) => text,
            };
            let limit = usize::try_from(settings.message_limit_bytes).unwrap_or(usize::MAX);
            if text.len() > limit {
                return Some(Close::TOO_BIG);
            }
            if let Err(close) = self.hear(&text, place).await {
                return Some(close);
            }
        }
    }

    async fn hear(&mut self, text: &str, place: OwnedSemaphorePermit) -> Result<(), Close> {
        match protocol::read(text)? {
            Incoming::Init(payload) => self.introduce(&payload).await,
            Incoming::Ping(payload) => self.queue.put(protocol::pong(payload)).await,
            Incoming::Pong => Ok(()),
            Incoming::Subscribe { id, payload } => self.subscribe(id, payload, place).await,
            Incoming::Complete { id } => {
                if let Some(desk) = &self.desk {
                    desk.running().operations.remove(&id);
                }
                Ok(())
            }
        }
    }

    /// The introduction carries the token; sockets are for those who bring one.
    async fn introduce(&mut self, payload: &Map<String, Value>) -> Result<(), Close> {
        if self.desk.is_some() {
            return Err(Close::TOO_MANY_INITS);
        }
        let given = payload.get("authorization").and_then(Value::as_str);
        let token = given.and_then(crate::http::request::bearer_token);
        let token = token.ok_or(Close::FORBIDDEN)?;
        let served = Arc::clone(&self.visit.served);
        let app = &served.app;
        let request_id = self.visit.request_id.clone();
        let claims = app.claims(token, &request_id);
        let claims = claims.map_err(|_refused| Close::FORBIDDEN)?;
        let viewer = match app.subscriptions.viewer(&claims).await {
            Ok(viewer) => viewer,
            Err(Error::Unauthenticated) => return Err(Close::FORBIDDEN),
            Err(Error::Unavailable(cause)) => {
                tracing::error!(request_id, cause, "a socket is not opened");
                return Err(Close::UNAVAILABLE);
            }
            Err(error) => {
                tracing::error!(request_id, %error, "a socket is not opened");
                return Err(Close::INTERNAL);
            }
        };
        if !self.visit.seat.give_to(viewer.user_id) {
            return Err(Close::TOO_MANY);
        }
        let every = served.options.live.recheck();
        let (subscriptions, watched) = (Arc::clone(&app.subscriptions), Arc::clone(&claims));
        self.lost = async move { subscriptions.until_lost(&watched, every).await }.boxed();
        self.desk = Some(Arc::new(Desk {
            served: Arc::clone(&served),
            caller: Caller {
                claims,
                user_id: viewer.user_id,
                request_id,
                language: self.visit.language,
            },
            queue: self.queue.clone(),
            ends: self.ends.0.clone(),
            running: Mutex::default(),
        }));
        self.queue.put(protocol::ack()).await
    }

    async fn subscribe(
        &mut self,
        id: String,
        payload: Map<String, Value>,
        place: OwnedSemaphorePermit,
    ) -> Result<(), Close> {
        let desk = self.desk.as_ref().ok_or(Close::UNAUTHORIZED)?;
        let (number, stop) = {
            let mut running = desk.running();
            let most = desk.served.options.live.max_operations_per_socket;
            let full = u32::try_from(running.operations.len()).unwrap_or(u32::MAX) >= most;
            running.begun += 1;
            let number = running.begun;
            match running.operations.entry(id.clone()) {
                Entry::Occupied(_) => return Err(Close::taken(&id)),
                Entry::Vacant(_) if full => (number, None),
                Entry::Vacant(place) => {
                    let (stop, stops) = oneshot::channel();
                    place.insert((number, stop));
                    (number, Some(stops))
                }
            }
        };
        let Some(stop) = stop else {
            let refusal = Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                TopCode::RateLimited,
                "此连接上的操作过多",
                "There are too many operations on this socket.",
            );
            let refusal = refusal.in_language(self.visit.language);
            let response = refusal.told(&self.visit.request_id);
            return self.queue.put(protocol::error(&id, &response)?).await;
        };
        let desk = Arc::clone(desk);
        tokio::spawn(async move {
            let _place = place;
            operation::run(desk, id, number, payload, stop).await;
        });
        Ok(())
    }
}
