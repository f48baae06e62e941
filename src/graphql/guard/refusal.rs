//! Why a document does not run, and how far a document came.

#![expect(
    clippy::unnecessary_box_returns,
    reason = "a refusal is wide and rare: it travels as a pointer in every result"
)]

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};

use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Language, Message};

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
    fn new(reached: Reached, code: TopCode, message: Message) -> Box<Self> {
        Box::new(Self {
            reached,
            code: code.name(),
            message,
            position: None,
            details: Vec::new(),
        })
    }

    pub(super) fn unparsed(error: ServerError) -> Box<Self> {
        let mut refused = Self::new(
            Reached::Parser,
            TopCode::ParseFailed,
            Message::new(error.message.clone(), error.message),
        );
        refused.position = error.locations.first().copied();
        refused
    }

    pub(super) fn unresolved(message: Message) -> Box<Self> {
        Self::new(Reached::Validation, TopCode::OperationUnresolved, message)
    }

    pub(super) fn invalid(message: Message, position: Pos) -> Box<Self> {
        let mut refused = Self::new(Reached::Validation, TopCode::ValidationFailed, message);
        refused.position = Some(position);
        refused
    }

    pub(super) fn bad_input(message: Message, position: Pos) -> Box<Self> {
        let mut refused = Self::new(Reached::Validation, TopCode::BadUserInput, message);
        refused.position = Some(position);
        refused
    }

    pub(super) fn too_large(
        message: Message,
        limit: &'static str,
        most: impl Into<Value>,
    ) -> Box<Self> {
        let mut refused = Self::new(Reached::Limits, TopCode::DocumentTooLarge, message);
        refused.details = vec![("limit", limit.into()), ("maximum", most.into())];
        refused
    }

    pub(super) fn too_deep(message: Message, most: usize, position: Pos) -> Box<Self> {
        let mut refused = Self::new(Reached::Limits, TopCode::DepthLimitExceeded, message);
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
        let mut refused = Self::new(Reached::Limits, TopCode::CostLimitExceeded, message);
        refused.details = vec![
            ("cost", cost.into()),
            ("maximum", most.into()),
            ("dearestField", dearest.into()),
        ];
        refused
    }

    /// A document that is asked for by a hash, and is not registered.
    pub(in crate::graphql) fn not_registered() -> Box<Self> {
        let code = TopCode::DocumentNotFound;
        Self::new(Reached::Validation, code, code.entry().message())
    }

    /// A free document of an application that may send registered ones only.
    pub(in crate::graphql) fn not_trusted() -> Box<Self> {
        let code = TopCode::DocumentNotTrusted;
        Self::new(Reached::Limits, code, code.entry().message())
    }

    /// What failed before there was a document.
    #[must_use]
    pub fn failed(error: &Error) -> Box<Self> {
        Self::new(Reached::Limits, error.top_code(), error.message())
    }

    /// What cannot be paid.
    #[must_use]
    pub fn out_of_budget() -> Box<Self> {
        let code = TopCode::RateLimited;
        Self::new(Reached::Budget, code, code.entry().message())
    }

    /// What is said, in a language.
    #[must_use]
    pub fn message(&self, language: Language) -> &str {
        self.message.text(language)
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
