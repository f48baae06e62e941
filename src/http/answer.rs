//! What goes back: executed answers and refusals, always well-formed and coded.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::kernel::catalogue::TopCode;
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

    /// A refusal in the words of the catalogue.
    pub(super) fn of(status: StatusCode, code: TopCode) -> Self {
        let entry = code.entry();
        let [zh, en] = entry.says;
        Self::new(status, entry.code, zh, en)
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
            StatusCode::CONFLICT => Some((header::RETRY_AFTER, "1")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "2")),
            _ => None,
        };
        if let Some((name, value)) = extra {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// The answer of a document that was taken on. One that never ran carries no `data`.
pub(super) fn executed(response: &async_graphql::Response) -> Response {
    let never_ran = !response.errors.is_empty()
        && response.data == async_graphql::Value::Null
        && response.errors.iter().all(|error| error.path.is_empty());
    let body = if never_ran {
        json!({"errors": response.errors})
    } else {
        json!(response)
    };
    let mut answer = Json(body).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, JSON);
    answer
}
