//! What goes back: executed answers and refusals, always well-formed and coded.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::negotiate::Media;
use crate::kernel::error::{Error, Language, Message};
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

/// What the log tells of an answer beside its status.
#[derive(Clone, Default)]
pub(super) struct Told {
    /// The stable code of the first error.
    pub(super) code: Option<Cow<'static, str>>,
    /// `query` or `mutation`, with the root fields of the schema that were asked for.
    pub(super) operation: Option<String>,
}

/// A request that was not executed.
#[derive(Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Message,
    language: Language,
    retry_after: Option<Duration>,
    allow: &'static str,
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
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE)
                .then_some(Duration::from_secs(2)),
            allow: "GET, POST",
        }
    }

    /// A request that no one can make sense of.
    pub(super) fn bad(zh: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", zh, en)
    }

    pub(super) const fn in_language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// What the address allows, where the method is the fault.
    pub(super) const fn allowing(mut self, methods: &'static str) -> Self {
        self.allow = methods;
        self
    }

    pub(super) fn body(&self, id: &RequestId) -> Value {
        json!({"errors": [{
            "message": self.message.text(self.language),
            "extensions": {"code": self.code, "requestId": id.0},
        }]})
    }

    /// The refusal to callers of plain JSON.
    pub(super) fn answer(&self, id: &RequestId) -> Response {
        self.answer_as(id, Media::Json)
    }

    pub(super) fn answer_as(&self, id: &RequestId, media: Media) -> Response {
        let mut response = (self.status, Json(self.body(id))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, media.header());
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static(self.allow));
            }
            // What is left of the body is not read: the connection cannot go on.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds(wait));
        }
        response.extensions_mut().insert(Told {
            code: Some(self.code.into()),
            operation: None,
        });
        response
    }
}

/// Whole seconds, and no less than asked for.
pub(super) fn seconds(wait: Duration) -> HeaderValue {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(whole.max(1))
}

/// Sets a header from a text of our own making.
pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::BadCursor | Error::BadInput(_) | Error::User { .. } => StatusCode::BAD_REQUEST,
            Error::Unavailable(_) | Error::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let Message { zh, en } = error.message();
        Self::new(status, error.code(), zh, en)
    }
}
