//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) on mutations: a client that did
//! not hear an answer sends its request again with the same key, and nothing happens twice. The
//! answer that is kept is the body; the request id, cost and rate headers are each request's own.

mod operation;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use async_graphql::{Request, Response as Executed};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::answer::{JSON, Refusal};
use crate::app::App;
use crate::graphql::session::{Retry, Session};
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Result};
use crate::store::idempotency::{self, Claim, Keyed, Standing};

/// How much longer than an operation may run its claim holds.
pub(super) const GRACE: Duration = Duration::from_secs(5);

const LONGEST: usize = 255;

/// The key of a request; none without the header.
pub(super) fn key(headers: &HeaderMap) -> std::result::Result<Option<String>, Refusal> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let alone = given.next().is_none();
    let text = value.to_str().ok().filter(|_| alone).map(unquoted);
    let is_key = |key: &&str| {
        (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
    };
    match text.filter(is_key) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(bad(
            "Idempotency-Key 须为 1 至 255 个可见 ASCII 字符，且只出现一次",
            "The Idempotency-Key must be one value of 1 to 255 visible ASCII characters.",
        )),
    }
}

/// The draft writes the key as a string of structured fields, most clients as it is: both are the
/// same key.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

fn bad(zh: &'static str, en: &'static str) -> Refusal {
    let code = TopCode::BadRequest.entry().code;
    Refusal::new(StatusCode::BAD_REQUEST, code, zh, en)
}

/// An answer.
pub(super) enum Answered {
    /// What has just run.
    Ran(Executed),
    /// What is kept under a key.
    Kept(Kept),
}

/// A body that is kept under a key.
pub(super) struct Kept {
    body: String,
    is_replay: bool,
}

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        if self.is_replay {
            let name = HeaderName::from_static("idempotency-replayed");
            headers.insert(name, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Why there is no answer.
pub(super) enum Failed {
    Error(Error),
    Refused(Refusal),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Runs a request once under its key, or answers what it was answered. Without a key, a user or a
/// mutation it just runs.
pub(super) async fn answer(
    app: &App,
    session: Session,
    mut request: Request,
    key: Option<String>,
    lease: Duration,
) -> std::result::Result<Answered, Failed> {
    let (Some(key), Some(viewer)) = (key, session.viewer.as_ref()) else {
        return Ok(Answered::Ran(app.answer(session, request).await));
    };
    match operation::mutations(&mut request) {
        None => return Ok(Answered::Ran(app.answer(session, request).await)),
        Some(1) => {}
        Some(_) => {
            return Err(bad(
                "带 Idempotency-Key 的请求须恰好包含一个写操作",
                "A request with an Idempotency-Key does exactly one mutation.",
            )
            .into());
        }
    }
    let keyed = Keyed {
        user_id: viewer.user_id,
        key,
        fingerprint: operation::fingerprint(&request)?,
    };
    let (db, attempt) = (&app.deps.db, app.deps.ids.next());
    match idempotency::claim(db, &keyed, attempt, app.real_now(), lease).await? {
        Standing::New(claim) => {
            let retry = Retry::Claimed(claim.clone());
            run(app, session, request, claim, retry, false).await
        }
        Standing::Done(claim, target) => {
            run(app, session, request, claim, Retry::Done(target), true).await
        }
        Standing::Answered(body) => Ok(Answered::Kept(Kept {
            body,
            is_replay: true,
        })),
        Standing::Running => Err(Refusal::of(StatusCode::CONFLICT, TopCode::KeyInProgress).into()),
        Standing::Reused => {
            Err(Refusal::of(StatusCode::UNPROCESSABLE_ENTITY, TopCode::KeyReused).into())
        }
    }
}

/// Runs what is claimed. An answer without errors is kept; after one with errors the next attempt
/// renders again what was written, if anything was.
async fn run(
    app: &App,
    mut session: Session,
    request: Request,
    claim: Claim,
    retry: Retry,
    is_replay: bool,
) -> std::result::Result<Answered, Failed> {
    let request_id = session.request_id.clone();
    session.retry = retry;
    let ran = AssertUnwindSafe(app.answer(session, request))
        .catch_unwind()
        .await;
    let body = match &ran {
        Ok(response) if response.errors.is_empty() => Some(text(response)?),
        _ => None,
    };
    let (db, now) = (&app.deps.db, app.real_now());
    let noted = match &body {
        Some(body) => claim.keep(db, now, body).await,
        None => claim.release(db, now).await,
    };
    if let Err(cause) = noted {
        // The effect stands and says so itself: the retry will be answered from it.
        tracing::error!(request_id, %cause, "the answer of a key could not be kept");
    }
    match (ran, body) {
        (Ok(_), Some(body)) => Ok(Answered::Kept(Kept { body, is_replay })),
        (Ok(response), None) => Ok(Answered::Ran(response)),
        (Err(panic), _) => resume_unwind(panic),
    }
}

fn text(response: &Executed) -> Result<String> {
    serde_json::to_string(response).map_err(|error| Error::Internal(error.to_string()))
}
