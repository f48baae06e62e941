//! GraphQL over WebSocket (`graphql-transport-ws`): the way in. `protocol` is the messages,
//! `socket` the conversation, `operation` what runs on it, `queue` the way out.

mod operation;
mod protocol;
mod queue;
mod socket;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::{Refusal, RequestId};
use super::{Served, request};
use crate::kernel::catalogue::TopCode;

/// The protocol's name.
const PROTOCOL: &str = "graphql-transport-ws";
/// What a socket reads and writes at once. The library's own buffers are thirty times as large,
/// for every socket whether it speaks or not.
const BUFFER_BYTES: usize = 4 * 1024;

/// How much more than a message may hold is read of one.
const MARGIN_BYTES: usize = 64 * 1024;

/// Whether a request asks for a WebSocket.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let wanted = headers.get(header::UPGRADE);
    wanted.is_some_and(|wanted| wanted.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Takes on what asks for a WebSocket.
pub(super) async fn upgrade(served: Arc<Served>, id: RequestId, mut parts: Parts) -> Response {
    let language = request::language(&parts.headers);
    if !is_welcome(&parts.headers, &served.options.allowed_origins) {
        let refusal = Refusal::new(
            StatusCode::FORBIDDEN,
            TopCode::Forbidden,
            "不允许此来源的页面连接",
            "Pages of this origin may not connect.",
        );
        return refusal.in_language(language).answer(&id);
    }
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(_malformed) => {
            let refusal = Refusal::new(
                StatusCode::BAD_REQUEST,
                TopCode::BadRequest,
                "WebSocket 握手请求不正确",
                "This is no proper WebSocket handshake.",
            );
            return refusal.in_language(language).answer(&id);
        }
    };
    let Some(seat) = served.seats.take() else {
        let refusal = Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            TopCode::Unavailable,
            "连接数已满，请稍后重试",
            "There are too many connections; try again later.",
        );
        return refusal.in_language(language).answer(&id);
    };
    // One that is a little too large is answered with its code. More is not even gathered: until
    // the introduction nobody knows who sends it.
    let limit = usize::try_from(served.options.live.message_limit_bytes).unwrap_or(usize::MAX);
    let transport_limit = limit.saturating_add(MARGIN_BYTES);
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(transport_limit)
        .max_frame_size(transport_limit);
    let agreed = upgrade.selected_protocol() == Some(&HeaderValue::from_static(PROTOCOL));
    upgrade
        .on_upgrade(move |socket| async move {
            let visit = socket::Visit {
                served,
                request_id: id.0,
                language,
                seat,
            };
            visit.host(socket, agreed).await;
        })
        .into_response()
}

/// Whether a page may connect: browsers name the page's origin, and send no preflight. Our own
/// pages may, those of the configured origins, and whatever is no page.
fn is_welcome(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let (_, own) = origin.split_once("://").unwrap_or_default();
    host.is_some_and(|host| host == own) || allowed.iter().any(|allowed| allowed == origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcomes(origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("api.example.cn"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        is_welcome(&headers, &["https://desk.example.cn".to_owned()])
    }

    #[test]
    fn only_pages_of_known_origins_connect() {
        assert!(welcomes(None));
        assert!(welcomes(Some("https://desk.example.cn")));
        assert!(welcomes(Some("https://api.example.cn")));
        for foreign in [
            "https://evil.example",
            "null",
            "http://desk.example.cn",
            "https://desk.example.cn:8443",
            "https://desk.example.cn.evil.example",
            "",
        ] {
            assert!(!welcomes(Some(foreign)), "{foreign}");
        }
    }
}
