//! What goes back: executed answers and refusals, always well-formed and coded.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::kernel::error::{Language, Message};
use crate::kernel::id::Ids;

/// The id of a request: the caller's where it is harmless, else a new one.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap, ids: &dyn Ids) -> Self {
        let given = headers
            .get("x-request-id")
            .and_then(|value| value.to_str().ok());
        let harmless = |id: &&str| {
            (1..=100).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        let id = given.filter(harmless).map(str::to_owned);
        Self(id.unwrap_or_else(|| ids.next().simple().to_string()))
    }
}

/// A request that was not executed.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Message,
    language: Language,
}

impl Refusal {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        zh: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            message: Message::new(zh, en),
            language: Language::default(),
        }
    }

    pub(super) const fn in_language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    pub(super) fn answer(&self, id: &RequestId) -> Response {
        let error = json!({
            "message": self.message.text(self.language),
            "extensions": {"code": self.code, "requestId": id.0},
        });
        let mut response = (self.status, Json(json!({"errors": [error]}))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        let extra = match self.status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::METHOD_NOT_ALLOWED => Some((header::ALLOW, "POST")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "2")),
            _ => None,
        };
        if let Some((name, value)) = extra {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// An answer without `data`: of a document that never ran.
#[derive(serde::Serialize)]
struct NeverRan<'a> {
    errors: &'a [async_graphql::ServerError],
}

/// The answer of a document that was taken on. It is written as it stands, so that its keys come
/// in the order that they were asked for in. One that never ran carries no `data`.
pub(super) fn executed(response: &async_graphql::Response) -> Response {
    let errors = &response.errors;
    let never_ran = !errors.is_empty()
        && response.data == async_graphql::Value::Null
        && errors.iter().all(|error| error.path.is_empty());
    let mut answer = if never_ran {
        Json(NeverRan { errors }).into_response()
    } else {
        Json(response).into_response()
    };
    answer.headers_mut().insert(header::CONTENT_TYPE, JSON);
    answer
}
