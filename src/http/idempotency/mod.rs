//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) on mutations: a client that did
//! not hear an answer sends its request again with the same key, and nothing happens twice. The
//! answer that is kept is the body; the request id, cost and rate headers are each request's own.

mod operation;
mod sealing;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use futures_util::FutureExt;

use super::answer::Refusal;
use super::graphql::body;
use crate::access::viewer::Viewer;
use crate::app::{Allowed, App};
use crate::graphql::execute::{Answer, Reached};
use crate::graphql::guard::budget::Spent;
use crate::graphql::session::{Retry, Session};
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Result as Fallible};
use crate::store::idempotency::{self, Claim, Fate, Keyed, Standing};
use uuid::Uuid;

/// How much longer than an operation may run its claim holds.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// Marks an answer whose action ran before.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const LONGEST: usize = 255;

/// The key of a request; none without the header.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let alone = given.next().is_none();
    let text = value.to_str().ok().filter(|_| alone).map(unquoted);
    let is_key = |key: &&str| {
        (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
    };
    match text.filter(is_key) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Refusal::bad(
            "Idempotency-Key 须为 1 至 255 个可见 ASCII 字符，且只出现一次",
            "The Idempotency-Key must be one value of 1 to 255 visible ASCII characters.",
        )),
    }
}

/// The draft writes the key as a string of structured fields, most clients as it is: both are the
/// same key.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

/// An answer with its body.
pub(super) struct Done {
    pub(super) answer: Answer,
    pub(super) body: String,
    /// Whether the action ran before, for an earlier request.
    pub(super) is_replay: bool,
}

impl Done {
    pub(super) fn of(answer: Answer) -> Result<Self, Failed> {
        Ok(Self {
            body: body(&answer)?,
            answer,
            is_replay: false,
        })
    }
}

/// Why there is no answer.
pub(super) enum Failed {
    /// The session was a known one, and the rights have changed since. Nothing was written; this
    /// much was paid.
    Outdated(Option<Spent>),
    /// Something was done under the key before. Nothing was written; this much was paid.
    Known(Spent),
    Error(Error),
    Refused(Refusal),
}

impl Failed {
    /// How it is answered. What broke is told to the log alone.
    pub(super) fn refusal(self, request_id: &str) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Outdated(_) | Self::Known(_) => {
                Error::Internal("an operation never settled".to_owned()).into()
            }
            Self::Error(error) => {
                if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
                    tracing::error!(request_id, cause, "a request failed");
                }
                error.into()
            }
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Runs a request once under its key, or answers what it was answered. Without a key, a user or a
/// mutation it just runs. Nothing is written by rights that may have changed: without a key they
/// are asked for before, with one its record is written by them or not at all.
///
/// # Errors
/// `Known` where the key turns out to have been used, unless `looks` asked for that before.
pub(super) async fn run(
    app: &App,
    session: Box<Session>,
    allowed: Box<Allowed>,
    key: Option<String>,
    lease: Duration,
    looks: bool,
) -> Result<Done, Failed> {
    let is_mutation = allowed.kind == OperationType::Mutation;
    let (Some(key), Some(viewer)) = (key.filter(|_| is_mutation), session.viewer.clone()) else {
        if is_mutation && !app.is_current(&session.standing).await? {
            return Err(Failed::Outdated(None));
        }
        return Done::of(app.execute(session, allowed).await);
    };
    // Boxed: a request without a key, which most are, has no room for it.
    Box::pin(once(app, session, allowed, &viewer, key, lease, looks)).await
}

/// The same of a mutation under a key.
async fn once(
    app: &App,
    session: Box<Session>,
    mut allowed: Box<Allowed>,
    viewer: &Viewer,
    key: String,
    lease: Duration,
    looks: bool,
) -> Result<Done, Failed> {
    if operation::mutations(&mut allowed.request) != 1 {
        return Err(Refusal::bad(
            "带 Idempotency-Key 的请求须恰好包含一个写操作",
            "A request with an Idempotency-Key does exactly one mutation.",
        )
        .into());
    }
    let vault = &app.deps.vault;
    let mut prints = sealing::fingerprints(vault, operation::fingerprint(&allowed.request)?);
    let keyed = Arc::new(Keyed {
        user_id: viewer.user_id,
        district_id: viewer.district_id,
        key,
        fingerprint: prints.remove(0),
        former: prints,
    });
    let (db, attempt, now) = (&app.deps.db, app.deps.ids.next(), app.real_now());
    let rights = session.standing.rights().cloned();
    let standing = match idempotency::hold(db, &keyed, attempt, now, lease, rights) {
        Ok(claim) if looks || claim.may_be_known() => claim.find(db).await?,
        Ok(claim) => Standing::New(claim),
        Err(standing) => standing,
    };
    let act = Act { app, keyed: &keyed };
    match standing {
        Standing::New(claim) => act.first(session, allowed, claim, looks).await,
        Standing::Done(claim, target) => act.again(session, allowed, claim, target).await,
        Standing::Answered(body) => Ok(Done {
            answer: Answer {
                response: Response::default(),
                reached: Reached::End,
                spent: Some(allowed.spent),
                operation: Some(allowed.operation),
            },
            body: sealing::open(vault, &keyed, body)?,
            is_replay: true,
        }),
        Standing::Running => Err(in_progress()),
        Standing::Reused => {
            Err(Refusal::of(StatusCode::UNPROCESSABLE_ENTITY, TopCode::KeyReused).into())
        }
    }
}

fn in_progress() -> Failed {
    Refusal::of(StatusCode::CONFLICT, TopCode::KeyInProgress).into()
}

/// What runs under a key.
struct Act<'a> {
    app: &'a App,
    keyed: &'a Keyed,
}

impl Act<'_> {
    /// Runs what nothing is known of.
    async fn first(
        &self,
        mut session: Box<Session>,
        allowed: Box<Allowed>,
        claim: Claim,
        looks: bool,
    ) -> Result<Done, Failed> {
        let (request_id, spent) = (session.request_id.clone(), allowed.spent.clone());
        session.retry = Retry::Claimed(claim.clone());
        let ran = self.run(session, allowed).await;
        match claim.fate() {
            Fate::Effect => {
                let kept = self.kept(&ran);
                self.note(&claim, kept, &request_id).await;
            }
            Fate::Busy => return Err(in_progress()),
            // Another process was first, or the rights that it went by are gone: that is told at the
            // next attempt, or by rights that are read anew.
            Fate::Late if looks && claim.goes_by_kept_rights() => {
                return Err(Failed::Outdated(Some(spent)));
            }
            Fate::Late if looks => return Err(in_progress()),
            Fate::Late => return Err(Failed::Known(spent)),
            Fate::Open if looks || ran.is_err() => {}
            Fate::Open => {
                if claim.is_known(&self.app.deps.db).await? {
                    return Err(Failed::Known(spent));
                }
            }
        }
        ran.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Renders what was done before.
    async fn again(
        &self,
        mut session: Box<Session>,
        allowed: Box<Allowed>,
        claim: Claim,
        target: Uuid,
    ) -> Result<Done, Failed> {
        let request_id = session.request_id.clone();
        if !self.app.is_current(&session.standing).await? {
            return Err(Failed::Outdated(None));
        }
        session.retry = Retry::Done(target);
        let ran = self.run(session, allowed).await;
        let kept = self.kept(&ran);
        self.note(&claim, kept, &request_id).await;
        let done = ran.unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(Done {
            is_replay: true,
            ..done
        })
    }

    async fn run(&self, session: Box<Session>, allowed: Box<Allowed>) -> Ran {
        let ran = AssertUnwindSafe(self.app.execute(session, allowed)).catch_unwind();
        ran.await.map(Done::of)
    }

    /// What is to be kept: an answer without errors.
    fn kept(&self, ran: &Ran) -> Option<Fallible<String>> {
        let Ok(Ok(done)) = ran else {
            return None;
        };
        let is_kept = done.answer.response.errors.is_empty();
        is_kept.then(|| sealing::seal(&self.app.deps.vault, self.keyed, &done.body))
    }

    /// Keeps an answer. Where there is none, the next attempt renders again what was written.
    async fn note(&self, claim: &Claim, kept: Option<Fallible<String>>, request_id: &str) {
        let (db, now) = (&self.app.deps.db, self.app.real_now());
        let noted = match kept {
            Some(kept) => kept.map(|kept| claim.keep(db, kept)),
            None => claim.release(db, now).await,
        };
        if let Err(cause) = noted {
            // The effect stands and says so itself: the retry will be answered from it.
            tracing::error!(request_id, %cause, "the answer of a key could not be kept");
        }
    }
}

/// What a request came to; an error is a panic.
type Ran = std::thread::Result<Result<Done, Failed>>;
