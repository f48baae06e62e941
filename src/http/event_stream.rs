//! GraphQL over server-sent events (`graphql-sse`, distinct connections mode): one operation per
//! request, its results as `next` events until `complete`.

use std::sync::Arc;

use async_graphql::Response as Executed;
use async_graphql::parser::types::OperationType;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, watch};

use super::answer::{Refusal, RequestId};
use super::graphql::written;
use super::live::{self, Seat};
use super::negotiate::weighed;
use super::{Served, idempotency, request};
use crate::graphql::execute::{Answer, Reached};
use crate::graphql::subscription::run::{Caller, Running, Told, lost};
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::Error;

/// Said to a silent stream, so that proxies keep it.
const STILL_HERE: &str = ":\n\n";
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// Answers an operation with a stream of its results.
pub(super) async fn answer(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    match open(&served, &id, &parts, body).await {
        Ok(response) => response,
        Err(refusal) => refusal
            .in_language(request::language(&parts.headers))
            .answer(&id),
    }
}

async fn open(
    served: &Arc<Served>,
    id: &RequestId,
    parts: &Parts,
    body: Body,
) -> Result<Response, Refusal> {
    if !takes_events(&parts.headers) {
        return Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            TopCode::BadRequest,
            "Accept 须包含 text/event-stream",
            "Accept must name text/event-stream.",
        ));
    }
    let options = &served.options;
    let given = request::read(parts, body, options.body_limit, options.body_timeout).await?;
    let request = given.asked(parts)?;
    // The token comes by the header alone: an address ends up in logs and histories.
    let token = request::bearer(&parts.headers)?.ok_or(Error::Unauthenticated)?;
    let key = idempotency::key(&parts.headers)?;
    let claims = served.app.claims(token, &id.0)?;
    let viewer = served.app.subscriptions.viewer(&claims).await?;
    let mut seat = served.seats.take().ok_or_else(full)?;
    if !seat.give_to(viewer.user_id) {
        return Err(full());
    }
    let caller = Caller {
        claims,
        user_id: viewer.user_id,
        request_id: id.0.clone(),
        language: request::language(&parts.headers),
    };
    let (says, said) = mpsc::channel(usize::try_from(options.live.queue_length).unwrap_or(1));
    let line = Line {
        served: Arc::clone(served),
        caller,
        says,
        _seat: seat,
        _staying: served.seats.stay(),
    };
    let admitted = match live::take_on(served, &line.caller, request).await? {
        Ok(admitted) => admitted,
        Err(response) => return Ok(line.say_once(next(&written(&refused(*response)))?, said)),
    };
    if admitted.kind == OperationType::Subscription {
        let opened = served.app.open(line.caller.clone(), admitted).await;
        tokio::spawn(line.follow(opened));
        return Ok(events(said));
    }
    let may_write = parts.method != Method::GET;
    let ran = live::once_by_key(served, &line.caller, admitted, may_write, key).await;
    let done = ran.map_err(|failed| failed.refusal(&id.0))?;
    if done.answer.reached == Reached::Unallowed {
        let refusal = Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            TopCode::BadRequest,
            "变更操作须使用 POST 方法",
            "Mutations must use POST.",
        );
        return Err(refusal.allowing("POST"));
    }
    let mut response = line.say_once(next_of(&done.body), said);
    if done.is_replay {
        response
            .headers_mut()
            .insert(idempotency::REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Whether the caller takes an event stream.
fn takes_events(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(header::ACCEPT).iter().peekable();
    given.peek().is_none()
        || given.any(|value| {
            let mut ranges = value.to_str().unwrap_or_default().split(',').map(weighed);
            ranges.any(|(range, weight)| {
                let range = range.to_ascii_lowercase();
                weight > 0 && matches!(range.as_str(), "text/event-stream" | "text/*" | "*/*")
            })
        })
}

fn events(said: mpsc::Receiver<String>) -> Response {
    let events = stream::unfold(said, |mut said| async move {
        let event = said.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(event), said))
    });
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, kind),
        // Word to proxies that would wait for the end.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (headers, Body::from_stream(events)).into_response()
}

/// A document that does not run, as an answer.
const fn refused(response: Executed) -> Answer {
    Answer {
        response,
        reached: Reached::Validation,
        spent: None,
        operation: None,
    }
}

fn full() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        TopCode::Unavailable,
        "连接数已满，请稍后重试",
        "There are too many connections; try again later.",
    )
}

/// A `next` event, its payload written as it stands.
fn next(payload: &impl Serialize) -> Result<String, Error> {
    let payload = serde_json::to_string(payload);
    let payload = payload.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(next_of(&payload))
}

fn next_of(payload: &str) -> String {
    format!("event: next\ndata: {payload}\n\n")
}

/// One stream.
struct Line {
    served: Arc<Served>,
    caller: Caller,
    says: mpsc::Sender<String>,
    _seat: Seat,
    _staying: watch::Receiver<()>,
}

impl Line {
    async fn follow(self, opened: Result<Running, Told>) {
        let last = match opened {
            Ok(running) => self.tell(running).await,
            Err(told) => Some(told.response()),
        };
        if let Some(last) = last {
            self.end(next(&written(&refused(last)))).await;
        }
    }

    /// Says one thing and ends.
    fn say_once(self, event: String, said: mpsc::Receiver<String>) -> Response {
        tokio::spawn(async move { self.end(Ok(event)).await });
        events(said)
    }

    async fn end(&self, last: Result<String, Error>) {
        let patience = self.served.options.live.slow_reader();
        match last {
            Ok(last) => {
                for event in [last, COMPLETE.to_owned()] {
                    // A reader that is still too slow, or gone, is left to itself.
                    if self.says.send_timeout(event, patience).await.is_err() {
                        return;
                    }
                }
            }
            // Nothing that can be written: the stream breaks off.
            Err(error) => tracing::error!(request_id = self.caller.request_id, %error, "unwritten"),
        }
    }

    /// Tells events until there is a reason to end, which is told too; none where nobody listens
    /// any more or the server stops: then the client comes back.
    async fn tell(&self, mut running: Running) -> Option<Executed> {
        let settings = &self.served.options.live;
        let subscriptions = &self.served.app.subscriptions;
        let claims = &self.caller.claims;
        let mut closing = std::pin::pin!(subscriptions.closing());
        let mut out = std::pin::pin!(subscriptions.until_lost(claims, settings.recheck()));
        loop {
            tokio::select! {
                biased;
                () = &mut closing => return None,
                () = self.says.closed() => return None,
                () = &mut out => return Some(lost(&self.caller).response()),
                () = running.ready() => {}
                () = tokio::time::sleep(settings.keep_alive()) => {
                    // A full queue says enough.
                    let _ = self.says.try_send(STILL_HERE.to_owned());
                    continue;
                }
            }
            match running.tell().await {
                None => {}
                Some(Told::Next(response)) => match self.say(next(&response)).await {
                    Ok(()) => {}
                    Err(last) => return last,
                },
                Some(told) => return Some(told.response()),
            }
        }
    }

    /// Says something; what is left to say to a reader who is too slow, none to one who is gone.
    async fn say(&self, event: Result<String, Error>) -> Result<(), Option<Executed>> {
        let patience = self.served.options.live.slow_reader();
        let event = event.map_err(|error| Some(live::refused(error, &self.caller)))?;
        match self.says.send_timeout(event, patience).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Closed(_)) => Err(None),
            Err(SendTimeoutError::Timeout(_)) => {
                let refusal = Refusal::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    TopCode::RateLimited,
                    "读取过慢，连接已关闭，请用 lastEventId 继续",
                    "The reader is too slow; go on with lastEventId.",
                );
                let refusal = refusal.in_language(self.caller.language);
                Err(Some(refusal.told(&self.caller.request_id)))
            }
        }
    }
}
