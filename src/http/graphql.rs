//! GraphQL over HTTP: `POST /graphql`, and `GET /graphql` for queries.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::answer::{Refusal, RequestId, Told, seconds, set};
use super::client::{self, Peer};
use super::idempotency::{self, Done};
use super::negotiate::{Media, media};
use super::{Served, request};
use crate::config::StatusProfile;
use crate::graphql::execute::{Answer, Reached};
use crate::graphql::guard::budget::Spent;
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Result as Fallible};

/// Answers a request to the endpoint.
pub(super) async fn answer(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
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

async fn run(
    served: &Arc<Served>,
    id: &RequestId,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<Done, Refusal> {
    let options = &served.options;
    let asked = request::read(parts, body, options.body_limit, options.body_timeout).await?;
    let token = request::bearer(&parts.headers)?.map(str::to_owned);
    let language = request::language(&parts.headers);
    let peer = parts.extensions.get::<Peer>().map(|Peer(address)| *address);
    let client = client::address(peer, &parts.headers, &options.trusted_proxies);
    let key = idempotency::key(&parts.headers)?;
    let lease = options.timeout + idempotency::GRACE;
    let may_write = parts.method != Method::GET;
    let place = served.load.enter().await?;
    let app = Arc::clone(&served.app);
    let request_id = id.0.clone();
    // A task of its own: a client that hangs up must not drop a connection in mid-statement.
    let mut operation = tokio::spawn(async move {
        let _place = place;
        let answered = async {
            let session = app.session(token.as_deref(), request_id, language).await?;
            let allowed = match app.take(&session, client, asked, may_write).await? {
                Ok(allowed) => allowed,
                Err(answer) => return Done::of(*answer),
            };
            idempotency::run(&app, session, allowed, key, lease).await
        };
        AssertUnwindSafe(answered).catch_unwind().await
    });
    match tokio::time::timeout(options.timeout, &mut operation).await {
        Err(_elapsed) => {
            // What it holds is dropped: its transaction rolls back, its statements end.
            operation.abort();
            Err(Error::Timeout.into())
        }
        Ok(Err(_) | Ok(Err(_))) => {
            tracing::error!(request_id = id.0, "an operation panicked");
            Err(Error::Internal("panic".to_owned()).into())
        }
        Ok(Ok(Ok(Err(failed)))) => Err(failed.refusal(&id.0)),
        Ok(Ok(Ok(Ok(done)))) if done.answer.reached == Reached::Unallowed => Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            TopCode::BadRequest,
            "变更操作须使用 POST 方法",
            "Mutations must use POST.",
        )
        .allowing("POST")),
        Ok(Ok(Ok(Ok(done)))) => Ok(done),
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
