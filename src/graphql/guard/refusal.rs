//! Why a document does not run, and how far a document came.

#![expect(
    clippy::unnecessary_box_returns,
    reason = "a refusal is wide and rare: it travels as a pointer in every result"
)]

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};

use crate::kernel::error::{Language, Message};

/// How far a document came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It could not be parsed.
    Parser,
    /// It passed a limit.
    Limits,
    /// It does not fit the schema, or its values do not.
    Validation,
    /// Its cost is over what is left.
    Budget,
    /// Its transport does not carry such an operation.
    Unallowed,
    /// It ran.
    End,
}

/// Why a document does not run.
#[derive(Debug)]
pub struct Refused {
    /// How far it came.
    pub reached: Reached,
    /// The stable code.
    pub code: &'static str,
    message: Message,
    position: Option<Pos>,
    details: Vec<(&'static str, Value)>,
}

impl Refused {
    fn new(reached: Reached, code: &'static str, message: Message) -> Box<Self> {
        Box::new(Self {
            reached,
            code,
            message,
            position: None,
            details: Vec::new(),
        })
    }

    pub(super) fn unparsed(error: ServerError) -> Box<Self> {
        let mut refused = Self::new(
            Reached::Parser,
            "GRAPHQL_PARSE_FAILED",
            Message::new(error.message.clone(), error.message),
        );
        refused.position = error.locations.first().copied();
        refused
    }

    pub(super) fn unresolved(message: Message) -> Box<Self> {
        Self::new(Reached::Validation, "OPERATION_RESOLUTION_FAILURE", message)
    }

    pub(super) fn invalid(message: Message, position: Pos) -> Box<Self> {
        let mut refused = Self::new(Reached::Validation, "GRAPHQL_VALIDATION_FAILED", message);
        refused.position = Some(position);
        refused
    }

    pub(super) fn bad_input(message: Message, position: Pos) -> Box<Self> {
        let mut refused = Self::new(Reached::Validation, "BAD_USER_INPUT", message);
        refused.position = Some(position);
        refused
    }

    pub(super) fn too_large(
        message: Message,
        limit: &'static str,
        most: impl Into<Value>,
    ) -> Box<Self> {
        let mut refused = Self::new(Reached::Limits, "DOCUMENT_TOO_LARGE", message);
        refused.details = vec![("limit", limit.into()), ("maximum", most.into())];
        refused
    }

    pub(super) fn too_deep(message: Message, most: usize, position: Pos) -> Box<Self> {
        let mut refused = Self::new(Reached::Limits, "DEPTH_LIMIT_EXCEEDED", message);
        refused.details = vec![("maximum", most.into())];
        refused.position = Some(position);
        refused
    }

    pub(super) fn too_costly(cost: u64, most: u64, dearest: &str) -> Box<Self> {
        let message = Message::new(
            format!("查询代价 {cost} 超过上限 {most}；代价最高的字段：{dearest}"),
            format!(
                "The operation costs {cost}, over the limit of {most}; the dearest field is {dearest}."
            ),
        );
        let mut refused = Self::new(Reached::Limits, "COST_LIMIT_EXCEEDED", message);
        refused.details = vec![
            ("cost", cost.into()),
            ("maximum", most.into()),
            ("dearestField", dearest.into()),
        ];
        refused
    }

    /// What cannot be paid.
    #[must_use]
    pub fn out_of_budget() -> Box<Self> {
        let message = Message::new(
            "请求过于频繁，请稍后重试",
            "Too much was asked for in a short time; try again after Retry-After.",
        );
        Self::new(Reached::Budget, "RATE_LIMITED", message)
    }

    /// The answer, in a language.
    #[must_use]
    pub fn response(&self, language: Language, request_id: &str) -> Response {
        let mut error = ServerError::new(self.message.text(language), self.position);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        for (name, value) in &self.details {
            extensions.set(*name, value.clone());
        }
        extensions.set("requestId", request_id);
        error.extensions = Some(extensions);
        Response::from_errors(vec![error])
    }
}
