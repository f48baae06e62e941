//! What can be wrong with a configuration, told without the configured values: any of
//! them may be a password in the wrong place.

use std::io;
use std::path::PathBuf;

use figment::error::{Actual, Kind};

/// Why the configuration cannot be used. One line, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("{}: no such file; correct --config or HONGLIAN_CONFIG", .0.display())]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("{}: {refusal}; check the file and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        refusal: io::Error,
    },
    /// The file is not TOML.
    #[error("{}: line {line}: not TOML: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// A variable or flag is not Unicode.
    #[error("{0}: not Unicode; correct or remove it")]
    NotUnicode(String),
    /// A setting is unknown, missing or impossible.
    #[error("{origin}: {key}: {reason}")]
    Value {
        /// Where it comes from: a file, a variable, the command line.
        origin: String,
        /// The setting.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The setting a fault is about, where the library's path ends at the table around it.
pub(super) fn member(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::MissingField(name) => Some(name),
        Kind::DuplicateField(name) => Some(name),
        _ => None,
    }
}

pub(super) fn reason(kind: &Kind) -> String {
    match kind {
        // Only our own types speak here, and they do not repeat what they were given.
        Kind::Message(text) => text.replace('\n', " "),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!(
                "{} where {} is expected",
                found_kind(found),
                expected_kind(expected)
            )
        }
        Kind::InvalidLength(length, expected) => {
            format!(
                "{length} entries where {} is expected",
                expected_kind(expected)
            )
        }
        Kind::UnknownVariant(_, known) => format!("unknown value; write {}", known.join(" or ")),
        Kind::UnknownField(_, known) => {
            format!(
                "unknown setting; remove it or use one of {}",
                known.join(", ")
            )
        }
        Kind::MissingField(_) => "is missing; add it".to_owned(),
        Kind::DuplicateField(_) => "is set twice; keep one".to_owned(),
        _ => "an impossible value".to_owned(),
    }
}

fn expected_kind(expected: &str) -> &str {
    if expected.starts_with("struct ") {
        "a table of settings"
    } else {
        expected
    }
}

fn found_kind(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "a boolean",
        Actual::Unsigned(_) | Actual::Signed(_) => "a number out of range or of another kind",
        Actual::Float(_) => "a fraction",
        Actual::Char(_) | Actual::Str(_) => "a string",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}
