//! GraphQL over HTTP: `POST /graphql`, and `GET /graphql` for queries.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::FutureExt;

use super::answer::{Refusal, RequestId, Told, seconds, set};
use super::client::{self, Peer};
use super::negotiate::{Media, media};
use super::{Served, request};
use crate::config::StatusProfile;
use crate::graphql::execute::{Answer, Reached};
use crate::graphql::guard::budget::Spent;
use crate::kernel::error::Error;

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
            "BAD_REQUEST",
            "Accept 须包含 application/graphql-response+json 或 application/json",
            "Accept must name application/graphql-response+json or application/json.",
        );
        return refusal.in_language(language).answer(&id);
    };
    match run(&served, &id, &parts, body).await {
        Ok(answer) => executed(&answer, media, served.options.status_profile),
        Err(refusal) => refusal.in_language(language).answer_as(&id, media),
    }
}

async fn run(
    served: &Arc<Served>,
    id: &RequestId,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<Answer, Refusal> {
    let options = &served.options;
    let document = request::read(parts, body, options.body_limit, options.body_timeout).await?;
    let token = request::bearer(&parts.headers)?.map(str::to_owned);
    let language = request::language(&parts.headers);
    let peer = parts.extensions.get::<Peer>().map(|Peer(address)| *address);
    let client = client::address(peer, &parts.headers, &options.trusted_proxies);
    let may_write = parts.method != Method::GET;
    let place = served.load.enter().await?;
    let app = Arc::clone(&served.app);
    let request_id = id.0.clone();
    // A task of its own: a client that hangs up must not drop a connection in mid-statement.
    let mut operation = tokio::spawn(async move {
        let _place = place;
        let answered = async {
            let session = app.session(token.as_deref(), request_id, language).await?;
            Ok::<_, Error>(app.run(session, client, document, may_write).await)
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
        Ok(Ok(Ok(Err(error)))) => {
            if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
                tracing::error!(request_id = id.0, cause, "a request failed");
            }
            Err(error.into())
        }
        Ok(Ok(Ok(Ok(answer)))) if answer.reached == Reached::Unallowed => Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_REQUEST",
            "变更操作须使用 POST 方法",
            "Mutations must use POST.",
        )
        .allowing("POST")),
        Ok(Ok(Ok(Ok(answer)))) => Ok(answer),
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

fn executed(answer: &Answer, media: Media, profile: StatusProfile) -> Response {
    let response = &answer.response;
    let written = Written {
        errors: &response.errors,
        data: (answer.reached == Reached::End).then_some(&response.data),
        extensions: answer.spent.as_ref().map(|spent| Extensions {
            cost: spent.extension(),
        }),
    };
    let mut told = (status(answer, media, profile), Json(written)).into_response();
    let headers = told.headers_mut();
    headers.insert(axum::http::header::CONTENT_TYPE, media.header());
    if let Some(spent) = &answer.spent {
        budget_headers(headers, spent);
    }
    let code = response.errors.first().and_then(|error| {
        let code = error.extensions.as_ref()?.get("code")?.clone().into_json();
        code.ok()?.as_str().map(|code| code.to_owned().into())
    });
    told.extensions_mut().insert(Told {
        code,
        operation: answer.operation.clone(),
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
