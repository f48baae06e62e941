//! One error for all layers, each with a stable code and a message in Chinese and English.
//! What a user can put right is `User`; what a caller may not do or ask is a top-level error;
//! what broke is logged with its cause and answered blank.

use std::borrow::Cow;

use uuid::Uuid;

use super::catalogue::TopCode;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// A message in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Chinese (zh-CN).
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Message {
    /// A message from its two texts.
    pub fn new(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The text in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// The languages that messages come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// zh-CN, the default.
    #[default]
    Chinese,
    /// English.
    English,
}

/// What is wrong with an input or an action that the caller can put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sea_orm::EnumIter, async_graphql::Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// A value is missing.
    Required,
    /// A value is malformed.
    Invalid,
    /// A text is too long.
    TooLong,
    /// A number or a date is out of range.
    OutOfRange,
    /// A value that must be unique is in use.
    Taken,
    /// No such thing that the viewer may see.
    NotFound,
    /// The viewer sees it and may not do this to it.
    Forbidden,
    /// The row has changed since `expectedVersion`; the payload carries its current value.
    StaleVersion,
    /// Not possible in the current state; the payload carries the current value.
    InvalidState,
    /// A limit of the policy is reached.
    LimitExceeded,
    /// Something that is still in force depends on it.
    DependencyExists,
}

impl Code {
    /// The message where a case has none of its own.
    #[must_use]
    pub fn message(self) -> Message {
        self.entry().message()
    }
}

/// One thing that the caller can put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// The stable code.
    pub code: Code,
    /// Where in the input, such as `["input", "uscc"]`; empty for the whole.
    pub path: Vec<String>,
    /// What to say.
    pub message: Message,
    /// Values the message is about, by name, for a client's own wording.
    pub params: Vec<(&'static str, String)>,
}

impl UserError {
    /// An error with the code's own message at a field of the input.
    #[must_use]
    pub fn at(code: Code, field: &str) -> Self {
        Self {
            code,
            path: vec!["input".to_owned(), field.to_owned()],
            message: code.message(),
            params: Vec::new(),
        }
    }

    /// The same with a message of its own.
    #[must_use]
    pub fn saying(
        mut self,
        zh: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.message = Message::new(zh, en);
        self
    }

    /// The same with a named value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// The same at an element of a list of the input.
    #[must_use]
    pub fn item(mut self, index: usize) -> Self {
        self.path.push(index.to_string());
        self
    }

    /// The same within a nested part of the input; an error on the whole stays one.
    #[must_use]
    pub fn under(mut self, parts: &[&str]) -> Self {
        if !self.path.is_empty() {
            let parts = parts.iter().map(|part| (*part).to_owned());
            self.path.splice(1..1, parts);
        }
        self
    }
}

/// What can go wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No valid token.
    #[error("not authenticated")]
    Unauthenticated,
    /// A token past its end.
    #[error("the token has expired")]
    TokenExpired,
    /// The role may never do this.
    #[error("forbidden")]
    Forbidden,
    /// A cursor of another list, filter or order.
    #[error("bad cursor")]
    BadCursor,
    /// A request that can never be answered, such as `first` beside `last`.
    #[error("bad input: {}", .0.en)]
    BadInput(Message),
    /// What the caller can put right, with the current entity where there is one to show.
    #[error("user errors: {errors:?}")]
    User {
        /// What is wrong.
        errors: Vec<UserError>,
        /// The entity to show beside the errors.
        current: Option<Uuid>,
    },
    /// The database cannot be reached or is too busy.
    #[error("service unavailable: {0}")]
    Unavailable(String),
    /// The operation took too long.
    #[error("timeout")]
    Timeout,
    /// A bug, or a database that is not as it should be.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Its code in the catalogue of top-level errors.
    #[must_use]
    pub const fn top_code(&self) -> TopCode {
        match self {
            Self::Unauthenticated => TopCode::Unauthenticated,
            Self::TokenExpired => TopCode::TokenExpired,
            Self::Forbidden => TopCode::Forbidden,
            Self::BadCursor => TopCode::BadCursor,
            Self::BadInput(_) | Self::User { .. } => TopCode::BadUserInput,
            Self::Unavailable(_) => TopCode::Unavailable,
            Self::Timeout => TopCode::Timeout,
            Self::Internal(_) => TopCode::Internal,
        }
    }

    /// The stable code of a top-level error (`extensions.code`).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.top_code().name()
    }

    /// What a caller is told; nothing of the cause.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::BadInput(message) => message.clone(),
            other => other.top_code().entry().message(),
        }
    }

    /// One user error and no entity to show.
    #[must_use]
    pub fn user(error: UserError) -> Self {
        Self::User {
            errors: vec![error],
            current: None,
        }
    }

    /// The same beside an entity that the payload shows.
    #[must_use]
    pub fn showing(self, current: Uuid) -> Self {
        match self {
            Self::User { errors, .. } => Self::User {
                errors,
                current: Some(current),
            },
            other => other,
        }
    }

    /// The same without an entity to show: what it was about is not there any more.
    #[must_use]
    pub fn without_entity(self) -> Self {
        match self {
            Self::User { errors, .. } => Self::User {
                errors,
                current: None,
            },
            other => other,
        }
    }

    /// The same with its user errors within a nested part of the input.
    #[must_use]
    pub fn under(self, parts: &[&str]) -> Self {
        match self {
            Self::User { errors, current } => Self::User {
                errors: errors.into_iter().map(|fault| fault.under(parts)).collect(),
                current,
            },
            other => other,
        }
    }

    /// One user error about an entity that the payload shows.
    #[must_use]
    pub fn about(current: Uuid, error: UserError) -> Self {
        Self::User {
            errors: vec![error],
            current: Some(current),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(cause: sea_orm::DbErr) -> Self {
        use sea_orm::DbErr;
        if is_cancelled(&cause) {
            return Self::Timeout;
        }
        match cause {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(cause.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Whether `PostgreSQL` ended a statement because it took too long (`query_canceled`).
fn is_cancelled(cause: &sea_orm::DbErr) -> bool {
    sql_state(cause).as_deref() == Some("57014")
}

/// What the database answered that a statement failed with, its SQLSTATE; none where it did not
/// answer.
#[must_use]
pub fn sql_state(cause: &sea_orm::DbErr) -> Option<String> {
    use sea_orm::{DbErr, RuntimeErr};
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        cause
    else {
        return None;
    };
    let code = error
        .as_database_error()
        .and_then(sea_orm::sqlx::error::DatabaseError::code)?;
    Some(code.into_owned())
}

/// Collects what is wrong with an input, so that a caller hears of everything at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<UserError>);

impl Faults {
    /// Keeps an error.
    pub fn add(&mut self, error: UserError) {
        self.0.push(error);
    }

    /// The value of a check, or none with its error kept.
    pub fn keep<T>(&mut self, checked: std::result::Result<T, UserError>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(error);
                None
            }
        }
    }

    /// Keeps the errors of one element of a list.
    pub fn add_items(&mut self, faults: Self, index: usize) {
        self.0
            .extend(faults.0.into_iter().map(|error| error.item(index)));
    }

    /// Keeps the errors of a nested part of the input.
    pub fn add_under(&mut self, faults: Self, parts: &[&str]) {
        self.0
            .extend(faults.0.into_iter().map(|error| error.under(parts)));
    }

    /// Fails if anything was kept.
    ///
    /// # Errors
    /// `Error::User` with everything kept.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::User {
                errors: self.0,
                current: None,
            })
        }
    }
}
