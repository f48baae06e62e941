//! GraphQL over HTTP: `POST /graphql`, and `GET /graphql` for queries.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::answer::{Refusal, RequestId, Told, seconds, set};
use super::client::{self, Peer};
use super::idempotency::{self, Done, Failed};
use super::negotiate::{Media, media};
use super::to_its_end::to_its_end;
use super::{Served, request, websocket};
use crate::config::StatusProfile;
use crate::graphql::documents::Asked;
use crate::graphql::execute::{Answer, Reached};
use crate::graphql::guard::budget::Spent;
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Language, Result as Fallible};

/// Answers a request to the endpoint.
pub(super) async fn answer(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if websocket::is_wanted(&parts.headers) {
        // Boxed: it is seldom, and all else would make room for it.
        return Box::pin(websocket::upgrade(served, id, parts)).await;
    }
    let language = request::language(&parts.headers);
    let Some(media) = media(&parts.headers) else {
        let refusal = Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            TopCode::BadRequest,
            "Accept 须包含 application/graphql-response+json 或 application/json",
            "Accept must name application/graphql-response+json or application/json.",
        );
        return refusal.in_language(language).answer(&id);
    };
    match run(&served, &id, &parts, body).await {
        Ok(done) => executed(done, media, served.options.status_profile),
        Err(refusal) => refusal.in_language(language).answer_as(&id, media),
    }
}

/// A request, as far as it was read before it runs.
struct Caller {
    token: Option<String>,
    request_id: String,
    language: Language,
    client: Option<IpAddr>,
    key: Option<String>,
}

/// How an operation is tried.
#[derive(Clone)]
struct Attempt {
    may_write: bool,
    /// Whether who asks may be who it was.
    may_recall: bool,
    /// Whether its key may have been used before.
    looks: bool,
    /// What was paid at the attempt before.
    paid: Option<Spent>,
}

/// What an attempt may be wrong in, and one more.
const ATTEMPTS: u8 = 3;

async fn run(
    served: &Arc<Served>,
    id: &RequestId,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<Done, Refusal> {
    let options = &served.options;
    let given = request::read(parts, body, options.body_limit, options.body_timeout).await?;
    let peer = parts.extensions.get::<Peer>().map(|Peer(address)| *address);
    let caller = Arc::new(Caller {
        token: request::bearer(&parts.headers)?.map(str::to_owned),
        request_id: id.0.clone(),
        language: request::language(&parts.headers),
        client: client::address(peer, &parts.headers, &options.trusted_proxies),
        key: idempotency::key(&parts.headers)?,
    });
    let deadline = Instant::now() + options.timeout;
    // First by what is known of who asks, and as if a key were new, which most are; where it is
    // not so, once more by what is.
    let mut attempt = Attempt {
        may_write: parts.method != Method::GET,
        may_recall: true,
        looks: false,
        paid: None,
    };
    for _ in 0..ATTEMPTS {
        let asked = given.asked(parts)?;
        let place = served.load.enter().await?;
        let operation = operation(served, &caller, asked, attempt.clone());
        let done = match to_its_end(operation, place, deadline, &id.0).await? {
            Err(Failed::Outdated(spent)) => {
                attempt.may_recall = false;
                attempt.paid = spent;
                continue;
            }
            Err(Failed::Known(spent)) => {
                attempt.looks = true;
                attempt.paid = Some(spent);
                continue;
            }
            Err(failed) => return Err(failed.refusal(&id.0)),
            Ok(done) => done,
        };
        if done.answer.reached == Reached::Unallowed {
            return Err(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                TopCode::BadRequest,
                "变更操作须使用 POST 方法",
                "Mutations must use POST.",
            )
            .allowing("POST"));
        }
        return Ok(done);
    }
    Err(Error::Internal("an operation never settled".to_owned()).into())
}

/// Runs an operation: in the session that is known of its token, if it may be recalled, or else in
/// one that the database is asked for.
///
/// # Errors
/// `Outdated` where a known session is not what the database says, `Known` where a key is not new:
/// then nothing was written.
fn operation(
    served: &Arc<Served>,
    caller: &Arc<Caller>,
    asked: Asked,
    attempt: Attempt,
) -> impl Future<Output = Result<Done, Failed>> + Send + use<> {
    let (app, caller) = (Arc::clone(&served.app), Arc::clone(caller));
    let lease = served.options.timeout + idempotency::GRACE;
    async move {
        let (token, language) = (caller.token.as_deref(), caller.language);
        let request_id = || caller.request_id.clone();
        let recalled = match token.filter(|_| attempt.may_recall) {
            Some(token) => app.recalled(token, request_id(), language)?,
            None => None,
        };
        let mut session = match recalled {
            Some(session) => session,
            None => app.session(token, request_id(), language).await?,
        };
        session.paid = attempt.paid;
        let (standing, mut spent) = (session.standing.clone(), None);
        let may_write = attempt.may_write;
        let done = match app.take(&session, caller.client, asked, may_write).await? {
            Ok(allowed) => {
                spent = Some(allowed.spent.clone());
                let key = caller.key.clone();
                idempotency::run(&app, session, allowed, key, lease, attempt.looks).await
            }
            Err(answer) => Done::of(*answer),
        };
        if app.is_current(&standing).await? {
            done
        } else {
            Err(Failed::Outdated(spent))
        }
    }
}

/// An answer on the wire. It is written as it stands, so that its keys come in the order that
/// they were asked for in; a document that never ran has no `data`.
#[derive(serde::Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [async_graphql::ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Extensions>,
}

#[derive(serde::Serialize)]
struct Extensions {
    cost: serde_json::Value,
}

/// An answer as it is written.
pub(super) fn written(answer: &Answer) -> impl serde::Serialize {
    Written {
        errors: &answer.response.errors,
        data: (answer.reached == Reached::End).then_some(&answer.response.data),
        extensions: answer.spent.as_ref().map(|spent| Extensions {
            cost: spent.extension(),
        }),
    }
}

/// The body of an answer.
pub(super) fn body(answer: &Answer) -> Fallible<String> {
    let body = serde_json::to_string(&written(answer));
    body.map_err(|error| Error::Internal(error.to_string()))
}

fn executed(done: Done, media: Media, profile: StatusProfile) -> Response {
    let Done {
        answer,
        body,
        is_replay,
    } = done;
    let mut told = (status(&answer, media, profile), body).into_response();
    let headers = told.headers_mut();
    if is_replay {
        headers.insert(idempotency::REPLAYED, HeaderValue::from_static("true"));
    }
    headers.insert(axum::http::header::CONTENT_TYPE, media.header());
    if let Some(spent) = &answer.spent {
        budget_headers(headers, spent);
    }
    let code = answer.response.errors.first().and_then(|error| {
        let code = error.extensions.as_ref()?.get("code")?.clone().into_json();
        code.ok()?.as_str().map(|code| code.to_owned().into())
    });
    told.extensions_mut().insert(Told {
        code,
        operation: answer.operation,
    });
    told
}

fn status(answer: &Answer, media: Media, profile: StatusProfile) -> StatusCode {
    let draft = profile == StatusProfile::Draft2026 && media == Media::GraphqlResponse;
    match answer.reached {
        Reached::Budget => StatusCode::TOO_MANY_REQUESTS,
        Reached::Parser | Reached::Validation if media == Media::Json => StatusCode::OK,
        Reached::Validation if draft => StatusCode::UNPROCESSABLE_ENTITY,
        Reached::Limits | Reached::Unallowed | Reached::Parser | Reached::Validation => {
            StatusCode::BAD_REQUEST
        }
        // Partial success: data beside errors.
        Reached::End if draft && !answer.response.errors.is_empty() => {
            StatusCode::from_u16(294).unwrap_or(StatusCode::OK)
        }
        Reached::End => StatusCode::OK,
    }
}

fn budget_headers(headers: &mut axum::http::HeaderMap, spent: &Spent) {
    use axum::http::HeaderName;
    let policy = HeaderName::from_static("ratelimit-policy");
    set(
        headers,
        policy,
        &format!("\"cost\";q={};w={}", spent.most, spent.refill_seconds()),
    );
    let state = HeaderName::from_static("ratelimit");
    let wait = spent.wait.map_or(0, |wait| wait.as_secs() + 1);
    set(
        headers,
        state,
        &format!("\"cost\";r={};t={wait}", spent.left),
    );
    if let Some(wait) = spent.wait {
        headers.insert(axum::http::header::RETRY_AFTER, seconds(wait));
    }
}
