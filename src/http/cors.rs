//! Browser frontends of other origins: exactly those that the configuration names.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Served;

const ALLOWED_HEADERS: &str =
    "Authorization, Content-Type, Accept-Language, Idempotency-Key, X-Request-Id, traceparent";
const EXPOSED_HEADERS: &str = "X-Request-Id, Retry-After, RateLimit, Idempotency-Replayed";

/// Tells browsers whether the page that asks may read the answer. Others do not care.
pub(super) async fn cross_origin(
    State(served): State<Arc<Served>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = &served.options.allowed_origins;
    let origin = request.headers().get(header::ORIGIN).cloned();
    let origin = origin.filter(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        allowed.iter().any(|allowed| allowed == origin)
    });
    let headers = request.headers();
    let asks_first = request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let mut tell = |name, value| headers.insert(name, HeaderValue::from_static(value));
        if asks_first {
            tell(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT");
            tell(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
            tell(header::ACCESS_CONTROL_MAX_AGE, "7200");
        } else {
            tell(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        }
    }
    response
}
