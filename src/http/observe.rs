//! What happens to every request: an id, a line in the log, and an answer even where the code
//! panics. The log tells method, route, status, time and codes; never a token, a query string,
//! a header's value, a variable or a body.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::Served;
use super::answer::{Refusal, RequestId, Told, set};
use super::negotiate::media;
use super::request::language;
use crate::kernel::error::Error;

/// Answers a request with its id, and logs what happened.
pub(super) async fn every_request(
    State(served): State<Arc<Served>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = RequestId::of(request.headers(), served.app.deps.ids.as_ref());
    let method = request.method().clone();
    let route = route(request.uri().path());
    let (speaks, takes) = (language(request.headers()), media(request.headers()));
    request.extensions_mut().insert(id.clone());
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_panic| {
        Refusal::from(Error::Internal(String::new()))
            .in_language(speaks)
            .answer_as(&id, takes.unwrap_or_default())
    });
    let headers = response.headers_mut();
    set(headers, HeaderName::from_static("x-request-id"), &id.0);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    let Told { code, operation } = response.extensions_mut().remove().unwrap_or_default();
    tracing::info!(
        request_id = id.0,
        %method,
        route,
        status,
        took_ms,
        code = code.as_deref(),
        operation = operation.as_deref(),
        "answered"
    );
    response
}

/// The route by its own name. What a caller writes into an address stays out of the log.
fn route(path: &str) -> &'static str {
    // What follows is a secret.
    for (start, route) in super::LINKS {
        if path.starts_with(start) {
            return route;
        }
    }
    super::ROUTES
        .into_iter()
        .find(|route| *route == path)
        .unwrap_or("-")
}

/// Lets panics into the log by their place and nothing else: what a formatted message says may be
/// someone's data.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(place, message, "panicked");
    }));
}
