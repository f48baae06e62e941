//! GraphQL over server-sent events (`graphql-sse`, distinct connections mode): one operation per
//! request, its results as `next` events until `complete`.

use std::sync::Arc;

use async_graphql::Response as Executed;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;

use super::answer::{Refusal, RequestId};
use super::live::{self, Kind, Seat};
use super::{Served, request};
use crate::graphql::subscription::run::{Caller, Running, Told, lost};
use crate::kernel::error::{Error, Message};

/// Said to a silent stream, so that proxies keep it.
const STILL_HERE: &str = ":\n\n";
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// Answers an operation with a stream of its results.
pub(super) async fn answer(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    method: Method,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match open(&served, &id, &method, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.in_language(request::language(&headers)).answer(&id),
    }
}

async fn open(
    served: &Arc<Served>,
    id: &RequestId,
    method: &Method,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let mut request = request::read(method, headers, body)?;
    // The token comes by the header alone: an address ends up in logs and histories.
    let token = request::bearer(headers)?.ok_or(Error::Unauthenticated)?;
    let claims = Arc::new(served.app.claims(token, &id.0)?);
    let viewer = served.app.subscriptions.viewer(&claims).await?;
    let mut seat = served.seats.take().ok_or_else(full)?;
    if !seat.give_to(viewer.user_id) {
        return Err(full());
    }
    let caller = Caller {
        claims,
        request_id: id.0.clone(),
        language: request::language(headers),
    };
    let length = usize::try_from(served.options.live.queue_length).unwrap_or(usize::MAX);
    let (says, said) = mpsc::channel(length);
    let line = Line {
        served: Arc::clone(served),
        caller: caller.clone(),
        says,
        _seat: seat,
    };
    match live::kind(&mut request) {
        Kind::Once => {
            let response = live::once(served, &caller, request).await?;
            tokio::spawn(
                async move { line.say_all(&[next(&response), COMPLETE.to_owned()]).await },
            );
        }
        Kind::Subscription => {
            let opened = served.app.subscriptions.open(caller, request).await;
            tokio::spawn(async move { line.follow(opened).await });
        }
    }
    let events = stream::unfold(said, |mut said: mpsc::Receiver<String>| async move {
        let event = said.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(event), said))
    });
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, kind),
        // Word to proxies that would wait for the end.
        (
            header::HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

fn full() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "SERVICE_UNAVAILABLE",
        "连接数已满，请稍后重试",
        "There are too many connections; try again later.",
    )
}

fn next(response: &Executed) -> String {
    let body = if live::never_ran(response) {
        json!({"errors": response.errors})
    } else {
        json!(response)
    };
    format!("event: next\ndata: {body}\n\n")
}

/// One stream.
struct Line {
    served: Arc<Served>,
    caller: Caller,
    says: mpsc::Sender<String>,
    _seat: Seat,
}

impl Line {
    async fn follow(self, opened: Result<Running, Told>) {
        let last = match opened {
            Ok(running) => self.tell(running).await,
            Err(Told::Next(response) | Told::Failed(response) | Told::Lost(response)) => {
                Some(response)
            }
        };
        if let Some(last) = last {
            self.say_all(&[next(&last), COMPLETE.to_owned()]).await;
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
                () = &mut out => match lost(&self.caller) {
                    Told::Next(response) | Told::Failed(response) | Told::Lost(response) => {
                        return Some(response);
                    }
                },
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
                Some(Told::Failed(response) | Told::Lost(response)) => return Some(response),
            }
        }
    }

    /// Says something; what is left to say to a reader who is too slow, none to one who is gone.
    async fn say(&self, event: String) -> Result<(), Option<Executed>> {
        let patience = self.served.options.live.slow_reader();
        match self.says.send_timeout(event, patience).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Closed(_)) => Err(None),
            Err(SendTimeoutError::Timeout(_)) => {
                let words = Message::new(
                    "读取过慢，连接已关闭，请用 lastEventId 继续",
                    "The reader is too slow; go on with lastEventId.",
                );
                Err(Some(live::refused("RATE_LIMITED", &words, &self.caller)))
            }
        }
    }

    async fn say_all(&self, events: &[String]) {
        let patience = self.served.options.live.slow_reader();
        for event in events {
            let said = self.says.send_timeout(event.clone(), patience).await;
            if said.is_err() {
                return;
            }
        }
    }
}
