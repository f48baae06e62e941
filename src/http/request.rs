//! What comes in: one JSON object by POST, or the parameters of a GET; a bearer token, a language.

use std::time::Duration;

use async_graphql::{Request, Variables};
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::negotiate::weighed;
use crate::domain::client;
use crate::graphql::documents::Asked;
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Language};

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Chinese, unless English is what the caller prefers (RFC 9110, 12.5.4).
pub(super) fn language(headers: &HeaderMap) -> Language {
    let mut best: Option<(u16, Language)> = None;
    for value in headers.get_all(header::ACCEPT_LANGUAGE) {
        for range in value.to_str().unwrap_or_default().split(',') {
            let (tag, weight) = weighed(range);
            let primary = tag.split('-').next().unwrap_or_default();
            let language = if primary.eq_ignore_ascii_case("zh") {
                Language::Chinese
            } else if primary.eq_ignore_ascii_case("en") {
                Language::English
            } else {
                continue;
            };
            if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, language));
            }
        }
    }
    best.map_or_else(Language::default, |(_, language)| language)
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

/// What came with a request, taken in whole.
pub(super) enum Given {
    /// The parameters of its address.
    Address,
    /// A body.
    Body(Bytes),
}

impl Given {
    /// The document with its variables.
    pub(super) fn asked(&self, parts: &Parts) -> Result<Asked, Refusal> {
        let Self::Body(body) = self else {
            return parameters(asked(parts)?);
        };
        match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => parameters(body),
            Ok(Value::Array(_)) => Err(Refusal::of(
                StatusCode::BAD_REQUEST,
                TopCode::BatchingDisabled,
            )),
            _ => Err(Refusal::bad(
                "请求体不是有效的 JSON 对象",
                "The body is not a valid JSON object.",
            )),
        }
    }
}

/// Takes in what comes with a request.
pub(super) async fn read(
    parts: &Parts,
    body: Body,
    limit: usize,
    patience: Duration,
) -> Result<Given, Refusal> {
    if parts.method == Method::GET {
        return Ok(Given::Address);
    }
    if parts.method != Method::POST {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            TopCode::BadRequest,
            "请使用 POST 方法；查询也可使用 GET",
            "Use POST; queries may use GET.",
        ));
    }
    is_json(&parts.headers)?;
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            TopCode::DocumentTooLarge,
            "请求体过大",
            "The body is too large.",
        )
    };
    let announced = text(&parts.headers, header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit)) {
        return Err(too_large());
    }
    let Ok(body) = tokio::time::timeout(patience, take(body, limit)).await else {
        return Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            TopCode::Timeout,
            "请求体发送过慢",
            "The body came too slowly.",
        ));
    };
    match body {
        Ok(body) => Ok(Given::Body(body)),
        Err(TakeError::TooLarge) => Err(too_large()),
        Err(TakeError::Broken) => Err(Refusal::bad(
            "请求体读取失败",
            "The body could not be read.",
        )),
    }
}

/// Only what a plain web form cannot send: no request forgery by a foreign page.
fn is_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let refused = |zh, en| {
        Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            TopCode::BadRequest,
            zh,
            en,
        )
    };
    let mut kind = text(headers, header::CONTENT_TYPE)
        .unwrap_or_default()
        .split(';')
        .map(str::trim);
    let name = kind.next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(
        name.as_str(),
        "application/json" | "application/graphql-response+json"
    ) {
        return Err(refused(
            "Content-Type 须为 application/json",
            "The Content-Type must be application/json.",
        ));
    }
    let charset = kind.find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.eq_ignore_ascii_case("charset").then_some(value)
    });
    let is_utf8 = |charset: &str| charset.trim_matches('"').eq_ignore_ascii_case("utf-8");
    let plain = text(headers, header::CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
    if !charset.is_none_or(is_utf8) || !plain {
        return Err(refused(
            "请求体须为未压缩的 UTF-8",
            "The body must be plain UTF-8.",
        ));
    }
    Ok(())
}

enum TakeError {
    TooLarge,
    Broken,
}

/// A body that is announced in no way is bounded as it comes.
async fn take(body: Body, limit: usize) -> Result<Bytes, TakeError> {
    let mut stream = body.into_data_stream();
    let mut taken = Vec::new();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_broken| TakeError::Broken)?;
        if taken.len() + part.len() > limit {
            return Err(TakeError::TooLarge);
        }
        taken.extend_from_slice(&part);
    }
    Ok(taken.into())
}

/// The parameters of a GET; `variables` and `extensions` are JSON in it.
fn asked(parts: &Parts) -> Result<Map<String, Value>, Refusal> {
    let malformed = || Refusal::bad("查询参数无效", "The query string is not valid.");
    let axum::extract::Query(pairs) =
        axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_malformed| malformed())?;
    let mut parameters = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => {
                serde_json::from_str(&text).map_err(|_malformed| malformed())?
            }
            _ => Value::String(text),
        };
        if parameters.insert(name, value).is_some() {
            return Err(malformed());
        }
    }
    Ok(parameters)
}

/// The document in what a client sent, by whatever way.
pub(super) fn parameters(mut given: Map<String, Value>) -> Result<Asked, Refusal> {
    let extensions = match given.remove("extensions") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(extensions)) => extensions,
        Some(_) => {
            return Err(Refusal::bad(
                "extensions 须为对象",
                "The extensions must be an object.",
            ));
        }
    };
    let registered = registered(given.remove("documentId"), extensions.get("persistedQuery"))?;
    let (query, registered) = match (given.remove("query"), registered) {
        (None | Some(Value::Null), Some(hash)) => (String::new(), Some(hash)),
        (Some(Value::String(query)), None) => (query, None),
        // The hash tells nothing new, if it tells the truth.
        (Some(Value::String(query)), Some(hash)) if client::hash(&query) == hash => (query, None),
        (Some(Value::String(_)), Some(_)) => {
            return Err(Refusal::bad(
                "哈希与 query 不符",
                "The hash is not the SHA-256 of the query.",
            ));
        }
        _ => return Err(Refusal::bad("缺少 query", "The query is missing.")),
    };
    let mut request = Request::new(query);
    match given.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => {
            request = request.variables(Variables::from_json(variables));
        }
        Some(_) => {
            return Err(Refusal::bad(
                "variables 须为对象",
                "The variables must be an object.",
            ));
        }
    }
    match given.remove("operationName") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) => request = request.operation_name(name),
        Some(_) => {
            return Err(Refusal::bad(
                "operationName 须为字符串",
                "The operationName must be a string.",
            ));
        }
    }
    Ok(Asked {
        request,
        registered,
    })
}

/// The hash of a registered document: `documentId`, plain or as `sha256:...`, or what Apollo's
/// clients send for it.
fn registered(id: Option<Value>, persisted: Option<&Value>) -> Result<Option<String>, Refusal> {
    let id = match id {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => {
            let hash = id.strip_prefix("sha256:").unwrap_or(&id);
            Some(hash.to_ascii_lowercase())
        }
        Some(_) => {
            return Err(Refusal::bad(
                "documentId 须为字符串",
                "The documentId must be a string.",
            ));
        }
    };
    let persisted = match persisted {
        None | Some(Value::Null) => None,
        Some(persisted) => match (&persisted["version"], &persisted["sha256Hash"]) {
            (Value::Number(version), Value::String(hash)) if version.as_u64() == Some(1) => {
                Some(hash.to_ascii_lowercase())
            }
            _ => {
                return Err(Refusal::bad(
                    "persistedQuery 须含 version 1 与 sha256Hash",
                    "The persistedQuery must have version 1 and a sha256Hash.",
                ));
            }
        },
    };
    match (id, persisted) {
        (Some(id), Some(persisted)) if id != persisted => Err(Refusal::bad(
            "documentId 与 persistedQuery 不一致",
            "The documentId and the persistedQuery name different documents.",
        )),
        (id, persisted) => Ok(id.or(persisted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(text: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
        language(&headers)
    }

    #[test]
    fn the_heaviest_known_language_wins_and_the_first_of_equals() {
        assert_eq!(of("en-GB"), Language::English);
        assert_eq!(of("zh-CN,en;q=0.9"), Language::Chinese);
        assert_eq!(of("zh;q=0.5, EN"), Language::English);
        assert_eq!(of("fr, en;q=0.1"), Language::English);
        assert_eq!(of("en;q=0"), Language::Chinese);
        assert_eq!(of("en, zh"), Language::English);
        assert_eq!(of("english"), Language::Chinese);
        assert_eq!(of(""), Language::Chinese);
        assert_eq!(language(&HeaderMap::new()), Language::Chinese);
    }
}
