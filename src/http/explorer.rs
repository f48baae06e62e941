//! The explorer: our own page, which loads nothing from anywhere else.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use super::Served;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; \
     style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// The page.
pub(super) async fn page() -> Response {
    let policy = (header::CONTENT_SECURITY_POLICY, POLICY);
    ([policy], Html(include_str!("explorer.html"))).into_response()
}

/// The demo's users; none elsewhere.
pub(super) async fn tokens(State(served): State<Arc<Served>>) -> Json<serde_json::Value> {
    let tokens = served.options.demo_tokens.clone();
    Json(tokens.unwrap_or_else(|| serde_json::json!({})))
}

/// What each of the demo's users could ask first.
pub(super) async fn examples() -> Response {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    let examples = include_str!("examples.json");
    ([(header::CONTENT_TYPE, kind)], examples).into_response()
}
