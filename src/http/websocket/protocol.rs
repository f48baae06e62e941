//! The messages and close codes of `graphql-transport-ws`.

use std::borrow::Cow;

use async_graphql::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The longest id of an operation, in bytes.
const LONGEST_ID: usize = 256;

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: Cow<'static, str>,
}

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(reason),
        }
    }

    pub(super) const GOING_AWAY: Self = Self::new(1001, "Going away");
    pub(super) const TOO_BIG: Self = Self::new(1009, "Message too big");
    pub(super) const TOO_SLOW: Self = Self::new(1013, "Slow reader");
    pub(super) const TOO_MANY: Self = Self::new(1013, "Too many sockets of this user");
    pub(super) const UNAVAILABLE: Self = Self::new(1013, "Service unavailable");
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    pub(super) const NOT_ACCEPTABLE: Self = Self::new(4406, "Subprotocol not acceptable");
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(super) const TOO_MANY_INITS: Self = Self::new(4429, "Too many initialisation requests");
    pub(super) const INTERNAL: Self = Self::new(4500, "Internal server error");

    pub(super) const fn bad(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    pub(super) fn taken(id: &str) -> Self {
        // A close frame holds 123 bytes of reason.
        let short: String = id.chars().take(20).collect();
        Self {
            code: 4409,
            reason: format!("Subscriber for {short} already exists").into(),
        }
    }
}

/// What a client says.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe {
        id: String,
        payload: Map<String, Value>,
    },
    Complete {
        id: String,
    },
}

/// Reads a message; none of the protocol closes the socket.
pub(super) fn read(text: &str) -> Result<Incoming, Close> {
    let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
        return Err(Close::bad("Invalid message: not a JSON object"));
    };
    let Some(Value::String(kind)) = message.remove("type") else {
        return Err(Close::bad("Invalid message: no type"));
    };
    let payload = message.remove("payload");
    match (kind.as_str(), payload) {
        ("connection_init", None | Some(Value::Null)) => Ok(Incoming::Init(Map::new())),
        ("connection_init", Some(Value::Object(payload))) => Ok(Incoming::Init(payload)),
        ("ping", None | Some(Value::Null)) => Ok(Incoming::Ping(None)),
        ("ping", Some(payload @ Value::Object(_))) => Ok(Incoming::Ping(Some(payload))),
        ("pong", None | Some(Value::Null | Value::Object(_))) => Ok(Incoming::Pong),
        ("connection_init" | "ping" | "pong", Some(_)) => {
            Err(Close::bad("Invalid message: the payload is no object"))
        }
        ("subscribe", Some(Value::Object(payload))) => Ok(Incoming::Subscribe {
            id: id(&mut message)?,
            payload,
        }),
        ("subscribe", _) => Err(Close::bad("Invalid message: no payload")),
        ("complete", _) => Ok(Incoming::Complete {
            id: id(&mut message)?,
        }),
        _ => Err(Close::bad("Invalid message: unknown type")),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if (1..=LONGEST_ID).contains(&id.len()) => Ok(id),
        _ => Err(Close::bad("Invalid message: no proper id")),
    }
}

pub(super) fn ack() -> String {
    json!({"type": "connection_ack"}).to_string()
}

pub(super) fn pong(payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
        None => json!({"type": "pong"}).to_string(),
    }
}

/// A message with a payload, written as it stands: its keys keep their order.
#[derive(Serialize)]
struct Said<'a, P> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    payload: P,
}

fn said(id: &str, kind: &'static str, payload: impl Serialize) -> Result<String, Close> {
    let said = Said { id, kind, payload };
    serde_json::to_string(&said).map_err(|_unwritable| Close::INTERNAL)
}

pub(super) fn next(id: &str, payload: impl Serialize) -> Result<String, Close> {
    said(id, "next", payload)
}

pub(super) fn error(id: &str, response: &Response) -> Result<String, Close> {
    said(id, "error", &response.errors)
}

pub(super) fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_protocol_are_read() {
        let empty = Map::new();
        assert_eq!(
            read(r#"{"type":"connection_init"}"#),
            Ok(Incoming::Init(empty.clone()))
        );
        assert_eq!(
            read(r#"{"type":"ping","payload":null}"#),
            Ok(Incoming::Ping(None))
        );
        assert_eq!(
            read(r#"{"type":"subscribe","id":"1","payload":{}}"#),
            Ok(Incoming::Subscribe {
                id: "1".to_owned(),
                payload: empty
            })
        );
        assert_eq!(
            read(r#"{"type":"complete","id":"1"}"#),
            Ok(Incoming::Complete { id: "1".to_owned() })
        );
    }

    #[test]
    fn anything_else_is_4400_with_a_reason_that_fits() {
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(257));
        for text in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"ping","payload":[]}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{}}"#,
            r#"{"type":"subscribe","id":1,"payload":{}}"#,
            r#"{"type":"subscribe","payload":{}}"#,
            r#"{"type":"complete"}"#,
            &long,
        ] {
            let close = read(text).unwrap_err();
            assert_eq!(close.code, 4400, "{text}");
            assert!(close.reason.len() <= 123);
        }
        let close = Close::taken(&"诉".repeat(80));
        assert!(close.code == 4409 && close.reason.len() <= 123);
    }
}
