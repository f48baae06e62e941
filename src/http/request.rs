//! What comes in: one JSON object by POST, a bearer token, a language.

use async_graphql::{Request, Variables};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

use super::answer::Refusal;
use super::scan;
use crate::kernel::error::{Error, Language};

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Chinese, unless English is what the caller prefers.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let wanted = text(headers, header::ACCEPT_LANGUAGE).unwrap_or_default();
    let first = wanted.split(',').map(str::trim).find(|tag| {
        let tag = tag.to_ascii_lowercase();
        tag.starts_with("zh") || tag.starts_with("en")
    });
    match first {
        Some(tag) if tag.to_ascii_lowercase().starts_with("en") => Language::English,
        _ => Language::Chinese,
    }
}

/// The bearer token (RFC 6750); none without the header.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let value = value.to_str().ok().filter(|_| given.next().is_none());
    let token = value.and_then(bearer_token);
    token.map(Some).ok_or_else(|| Error::Unauthenticated.into())
}

/// The token in `Bearer <token>`.
pub(super) fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The document with its variables.
pub(super) fn read(
    method: &Method,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Request, Refusal> {
    if method != Method::POST {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_REQUEST",
            "请使用 POST 方法",
            "Use POST.",
        ));
    }
    let kind = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // Only what a plain web form cannot send: no request forgery by a foreign page.
    if !matches!(
        kind.as_str(),
        "application/json" | "application/graphql-response+json"
    ) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_REQUEST",
            "Content-Type 须为 application/json",
            "The Content-Type must be application/json.",
        ));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "DOCUMENT_TOO_LARGE",
            "请求体过大",
            "The body is too large.",
        ),
        _ => bad("请求体读取失败", "The body could not be read."),
    })?;
    let malformed = || {
        bad(
            "请求体不是有效的 JSON 对象",
            "The body is not a valid JSON object.",
        )
    };
    let body: Value = serde_json::from_slice(&body).map_err(|_malformed| malformed())?;
    if body.is_array() {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "BATCHING_DISABLED",
            "不支持批量请求",
            "Batches are not taken; send one operation.",
        ));
    }
    let Value::Object(mut body) = body else {
        return Err(malformed());
    };
    let Some(Value::String(query)) = body.remove("query") else {
        return Err(bad("缺少 query", "The query is missing."));
    };
    if !scan::is_bearable(&query) {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "DOCUMENT_TOO_LARGE",
            "查询过大或嵌套过深",
            "The document is too large or too deeply nested.",
        ));
    }
    let mut request = Request::new(query);
    match body.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => {
            request = request.variables(Variables::from_json(variables));
        }
        Some(_) => {
            return Err(bad(
                "variables 须为对象",
                "The variables must be an object.",
            ));
        }
    }
    match body.remove("operationName") {
        None | Some(Value::Null) => Ok(request),
        Some(Value::String(name)) => Ok(request.operation_name(name)),
        Some(_) => Err(bad(
            "operationName 须为字符串",
            "The operationName must be a string.",
        )),
    }
}

fn bad(zh: &'static str, en: &'static str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", zh, en)
}
