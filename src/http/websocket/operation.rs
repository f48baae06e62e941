//! One operation on a socket: a query or mutation that is answered once, or a subscription.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures_util::FutureExt;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::protocol::{self, Close};
use super::socket::Desk;
use crate::graphql::execute::Reached;
use crate::graphql::subscription::run::{Caller, Told};
use crate::http::graphql::written;
use crate::http::{live, request};
use crate::kernel::error::Error;

/// How an operation ends.
enum End {
    /// All is said.
    Complete,
    /// With errors, which end it.
    Failed(Response),
    /// The client ended it, or is gone.
    Stopped,
    /// The socket must end.
    Socket(Close),
}

/// Runs an operation to its end.
pub(super) async fn run(
    desk: Arc<Desk>,
    id: String,
    number: u64,
    payload: Map<String, Value>,
    stop: oneshot::Receiver<()>,
) {
    let talked = AssertUnwindSafe(talk(&desk, &id, number, payload, stop));
    let end = talked.catch_unwind().await.unwrap_or_else(|_panic| {
        tracing::error!(request_id = desk.caller.request_id, "an operation panicked");
        let error = Error::Internal("panic".to_owned());
        End::Failed(live::refused(error, &desk.caller))
    });
    // Off before the end is said: the id is free when the client reads it.
    let last = match end {
        End::Socket(close) => Err(close),
        End::Complete if desk.finish(&id, number) => Ok(protocol::complete(&id)),
        End::Failed(response) if desk.finish(&id, number) => protocol::error(&id, &response),
        End::Stopped | End::Complete | End::Failed(_) => return,
    };
    let said = match last {
        Ok(message) => desk.queue.put(message).await,
        Err(close) => Err(close),
    };
    if let Err(close) = said {
        // One reason is enough.
        let _ = desk.ends.try_send(close);
    }
}

/// Whoever may no longer be connected is not; any other error ends the operation.
fn failed(error: Error, caller: &Caller) -> End {
    match error {
        Error::Unauthenticated => End::Socket(Close::FORBIDDEN),
        error => End::Failed(live::refused(error, caller)),
    }
}

async fn talk(
    desk: &Arc<Desk>,
    id: &str,
    number: u64,
    payload: Map<String, Value>,
    mut stop: oneshot::Receiver<()>,
) -> End {
    let caller = &desk.caller;
    let request = match request::parameters(payload) {
        Ok(request) => request,
        Err(refusal) => {
            let refusal = refusal.in_language(caller.language);
            return End::Failed(refusal.told(&caller.request_id));
        }
    };
    let admitted = match live::take_on(&desk.served, caller, request).await {
        Ok(Ok(admitted)) => admitted,
        Ok(Err(response)) => return End::Failed(*response),
        Err(error) => return failed(error, caller),
    };
    if admitted.kind != OperationType::Subscription {
        return match live::once(&desk.served, caller, admitted, true).await {
            Ok(answer) if answer.reached == Reached::End => {
                say(desk, id, number, written(&answer)).await
            }
            Ok(answer) => End::Failed(answer.response),
            Err(error) => failed(error, caller),
        };
    }
    let mut running = match desk.served.app.open(caller.clone(), admitted).await {
        Ok(running) => running,
        Err(told) => return end(told),
    };
    loop {
        tokio::select! {
            biased;
            _ = &mut stop => return End::Stopped,
            () = running.ready() => {}
        }
        // Not to be dropped between: it would take its connection down in the middle of a
        // statement.
        match running.tell().await {
            None => {}
            Some(Told::Next(response)) => match say(desk, id, number, &response).await {
                End::Complete => {}
                other => return other,
            },
            Some(told) => return end(told),
        }
    }
}

fn end(told: Told) -> End {
    match told {
        Told::Next(_) => End::Complete,
        Told::Failed(response) => End::Failed(response),
        Told::Lost(_) => End::Socket(Close::FORBIDDEN),
    }
}

async fn say(desk: &Desk, id: &str, number: u64, payload: impl Serialize) -> End {
    if !desk.wants(id, number) {
        return End::Stopped;
    }
    let said = match protocol::next(id, payload) {
        Ok(message) => desk.queue.put(message).await,
        Err(close) => Err(close),
    };
    match said {
        Ok(()) => End::Complete,
        Err(close) => End::Socket(close),
    }
}
