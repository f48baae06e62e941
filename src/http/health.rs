//! Whether the process lives, and whether it can work.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::Served;
use super::answer::{Refusal, RequestId};
use crate::kernel::error::Error;
use crate::store::connect;

/// A probe that waits longer has its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn alive() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// The database is reachable, its migrations are those of this binary, and the server is not
/// about to end.
pub(super) async fn ready(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
) -> Response {
    let cause = if served.is_ending() {
        "the server is ending".to_owned()
    } else {
        match tokio::time::timeout(PATIENCE, connect::check(&served.app.deps.db)).await {
            Ok(Ok(())) => return Json(json!({"status": "ready"})).into_response(),
            Ok(Err(cause)) => cause.to_string(),
            Err(_elapsed) => "the database does not answer in time".to_owned(),
        }
    };
    tracing::warn!(request_id = id.0, cause, "not ready");
    Refusal::from(Error::Unavailable(cause)).answer(&id)
}
