//! The catalogue of errors, for clients that show, translate or retry them.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::session::Session;
use crate::kernel::catalogue::{self, Entry};
use crate::kernel::error::{Language, Result};

/// Where an error of a code stands in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ErrorKind {
    /// Among the `errors` of the answer, as `extensions.code`: the request or a field failed.
    TopLevel,
    /// Among the `userErrors` of a payload: the caller can put it right, and nothing was written.
    UserError,
}

/// A code that an answer can carry (错误码).
#[derive(SimpleObject)]
pub struct ErrorCatalogueEntry {
    /// The stable code, to program against.
    code: &'static str,
    /// Where an error of the code stands.
    kind: ErrorKind,
    /// What it says in Chinese, where a case has no words of its own.
    zh: &'static str,
    /// What it says in English, where a case has no words of its own.
    en: &'static str,
    /// What to do about it, in the language of `Accept-Language` (zh-CN or en).
    remedy: &'static str,
    /// Whether the same request can succeed later, as it is.
    is_retryable: bool,
}

impl ErrorCatalogueEntry {
    fn new(kind: ErrorKind, entry: Entry, language: Language) -> Self {
        let ([zh, en], [remedy_zh, remedy_en]) = (entry.says, entry.remedy);
        Self {
            code: entry.code,
            kind,
            zh,
            en,
            remedy: match language {
                Language::Chinese => remedy_zh,
                Language::English => remedy_en,
            },
            is_retryable: entry.is_retryable,
        }
    }
}

fn entries(ctx: &Context<'_>) -> Result<Vec<ErrorCatalogueEntry>> {
    let session = Session::of(ctx);
    if !session.is_schema_public {
        session.viewer()?;
    }
    let language = session.language;
    let top_level = catalogue::top_level()
        .map(|entry| ErrorCatalogueEntry::new(ErrorKind::TopLevel, entry, language));
    let of_users = catalogue::of_users()
        .map(|entry| ErrorCatalogueEntry::new(ErrorKind::UserError, entry, language));
    Ok(top_level.chain(of_users).collect())
}

/// The query of the catalogue.
#[derive(Default)]
pub struct CatalogueQuery;

#[Object]
impl CatalogueQuery {
    /// Every code that an answer can carry, with its messages and remedy (错误码目录). Everybody
    /// who is signed in; without a token where introspection is public.
    async fn error_catalogue(&self, ctx: &Context<'_>) -> Option<Result<Vec<ErrorCatalogueEntry>>> {
        Some(entries(ctx))
    }
}
