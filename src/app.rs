//! The composition root: what a server is made of, for the command line and for the tests alike.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Value};
use chrono::{DateTime, TimeDelta, Utc};

use crate::access::keys::{Jwks, KeyError};
use crate::access::token::{
    Bearer, Claims, Issuer, IssuerError, KnownTokens, TokenError, Verifier,
};
use crate::access::vault::{self, Vault};
use crate::access::viewer::Viewer;
use crate::config::{Config, Introspection};
use crate::domain::attachment::sweep as attachments;
use crate::domain::issue;
use crate::domain::user::viewer::viewer;
use crate::files::FilesError;
use crate::graphql::documents::{Asked, Documents};
use crate::graphql::execute::{Answer, Reached, execute};
use crate::graphql::guard::budget::{Budgets, Principal, Spent};
use crate::graphql::guard::{Admitted, Guard, Known, Refused};
use crate::graphql::session::{Session, Standing};
use crate::graphql::subscription::run::{Caller, Running, Subscriptions, Told};
use crate::graphql::validated::Validated;
use crate::graphql::{ApiSchema, schema};
use crate::kernel::clock::{BusinessClock, Clock, SystemClock};
use crate::kernel::error::{Error, Language, Result};
use crate::store::{Db, Deps, idempotency};

/// How often what happens by the passing of time alone is looked for.
const BETWEEN_SWEEPS: Duration = Duration::from_mins(1);

/// All objects of the store are gone through once in so many sweeps: it takes its time.
const SWEEPS_OF_OBJECTS: u8 = 60;

/// How old an object is before it counts as left behind where nothing knows of it.
const SETTLED: TimeDelta = TimeDelta::hours(1);

/// The length of a text in bytes that a document with 2,000 tokens may well have.
const LONG_TEXT: usize = 16 * 1024;

/// What the work on a text costs beside what it asks for, where it is in vain or the text is long.
fn work(bytes: usize) -> u64 {
    10 + u64::try_from(bytes / 50).unwrap_or(u64::MAX)
}

/// Whose budget a request is charged to.
fn principal(viewer: Option<&Viewer>, client: Option<IpAddr>) -> Principal {
    match viewer {
        Some(viewer) => Principal::User(viewer.user_id),
        None => Principal::address(client),
    }
}

/// Weighs a token against the database, and keeps what comes of it with the revision of the rights.
async fn weighed(db: &Db, bearer: &Bearer) -> Result<(Arc<Viewer>, i64)> {
    let (viewer, revision) = viewer(db, &bearer.claims).await?;
    let viewer = Arc::new(viewer);
    bearer.keep(Arc::clone(&viewer), revision);
    Ok((viewer, revision))
}

/// Why a server cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The issuers.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The store of attachments.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// A server without its sockets.
pub struct App {
    /// Database, business clock and ids.
    pub deps: Deps,
    /// The schema.
    pub schema: ApiSchema,
    documents: Documents,
    /// What a document must pass.
    pub guard: Guard,
    budgets: Budgets,
    tokens: KnownTokens,
    /// What stays open and hears of what happens.
    pub subscriptions: Arc<Subscriptions>,
    /// Tokens go by the real time, whatever the business clock shows.
    token_clock: Arc<dyn Clock>,
    introspection: Introspection,
}

/// A request that may run: its document is within the limits, and its cost is paid.
pub struct Allowed {
    /// The request, parsed.
    pub request: Request,
    /// What is known of its document.
    pub known: Arc<Known>,
    /// What it does.
    pub kind: OperationType,
    /// Whose budget it was charged to.
    pub principal: Principal,
    /// What it was charged.
    pub spent: Spent,
    /// What it is, in words of the schema.
    pub operation: String,
}

/// Reads the key sets of the configured issuers.
///
/// # Errors
/// A key file that is missing or corrupt, or issuers that cannot stand together.
pub fn verifier(config: &Config) -> std::result::Result<Verifier, AppError> {
    let mut issuers = Vec::with_capacity(config.auth.issuers.len());
    for issuer in &config.auth.issuers {
        issuers.push(Issuer {
            issuer: issuer.issuer.clone(),
            audience: issuer.audience.clone(),
            keys: Jwks::load(&issuer.jwks_file)?,
            allow_rs256: issuer.allow_rs256,
            require_typ: issuer.require_typ,
        });
    }
    Ok(Verifier::new(issuers)?)
}

/// Reads the configured vault keys.
///
/// # Errors
/// A key file that is missing, open to others or corrupt.
pub fn vault(config: &Config) -> std::result::Result<Vault, AppError> {
    let mut keys = Vec::with_capacity(config.vault.keys.len());
    for key in &config.vault.keys {
        keys.push(vault::load(&key.id, &key.file)?);
    }
    Ok(Vault::new(keys))
}

impl App {
    /// Puts a server together.
    #[must_use]
    pub fn new(config: &Config, deps: Deps, verifier: Verifier) -> Self {
        let schema = schema(config.graphql.suggestions);
        let points = |points| NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN);
        let (budget, refill) = (config.graphql.budget, config.graphql.budget_per_second);
        // Real time that does not jump with the host's clock.
        let steady = Arc::new(BusinessClock::starting_at(SystemClock.now()));
        let token_clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let subscriptions = Subscriptions::new(
            schema.clone(),
            deps.clone(),
            Arc::clone(&token_clock),
            config.http.request_timeout(),
        );
        Self {
            subscriptions: Arc::new(subscriptions),
            deps,
            guard: Guard::new(&schema, config.graphql.cost_limit),
            budgets: Budgets::new(points(budget), points(refill), steady),
            schema,
            documents: Documents::default(),
            tokens: KnownTokens::new(verifier),
            token_clock,
            introspection: config.graphql.introspection,
        }
    }

    /// The same by another real clock. For tests of what expires.
    #[must_use]
    pub fn with_real_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.token_clock = clock;
        self
    }

    /// The real time, whatever the business clock shows.
    #[must_use]
    pub fn real_now(&self) -> DateTime<Utc> {
        self.token_clock.now()
    }

    /// Does what happens by the passing of time alone, without end: issues go on, expired
    /// idempotency keys and what is left of uploads are forgotten.
    pub async fn sweep(&self) {
        let mut rounds = 0;
        loop {
            match issue::commands::sweep(&self.deps).await {
                Ok(0) => {}
                Ok(changed) => tracing::info!(changed, "issues went on by the passing of time"),
                Err(cause) => tracing::warn!(%cause, "issues could not be swept"),
            }
            match idempotency::sweep(&self.deps.db, self.real_now()).await {
                Ok(0) => {}
                Ok(gone) => tracing::debug!(gone, "idempotency keys were forgotten"),
                Err(cause) => tracing::warn!(%cause, "idempotency keys could not be swept"),
            }
            self.sweep_uploads().await;
            if rounds == 0 {
                self.sweep_objects().await;
            }
            rounds = (rounds + 1) % SWEEPS_OF_OBJECTS;
            tokio::time::sleep(BETWEEN_SWEEPS).await;
        }
    }

    /// Removes uploads that nobody confirmed.
    async fn sweep_uploads(&self) {
        match attachments::expired(&self.deps).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "uploads that were not confirmed are removed"),
            Err(cause) => tracing::warn!(%cause, "uploads could not be swept"),
        }
    }

    /// Removes objects that no row knows of.
    async fn sweep_objects(&self) {
        // The store's clock is the real one.
        match attachments::unknown(&self.deps, self.real_now() - SETTLED).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "objects that nothing knows of are removed"),
            Err(cause) => tracing::warn!(%cause, "objects could not be swept"),
        }
    }

    /// What a token says, if it holds.
    ///
    /// # Errors
    /// `TokenExpired` for a token past its end, `Unauthenticated` for one that is not valid.
    pub fn claims(&self, token: &str, request_id: &str) -> Result<Arc<Claims>> {
        Ok(Arc::clone(&self.bearer(token, request_id)?.claims))
    }

    fn bearer(&self, token: &str, request_id: &str) -> Result<Arc<Bearer>> {
        let bearer = self.tokens.verify(token, self.token_clock.now());
        bearer.map_err(|cause: TokenError| {
            tracing::info!(request_id, %cause, "a token was refused");
            match cause {
                TokenError::Expired => Error::TokenExpired,
                _ => Error::Unauthenticated,
            }
        })
    }

    /// The session of a request. No token is anonymous; a bad one never is.
    ///
    /// # Errors
    /// `Unauthenticated` for a token that is not valid or whose user may not sign in,
    /// `TokenExpired` for one past its end; or when the database fails.
    pub async fn session(
        &self,
        token: Option<&str>,
        request_id: String,
        language: Language,
    ) -> Result<Box<Session>> {
        let viewer = match token {
            None => None,
            Some(token) => {
                let bearer = self.bearer(token, &request_id)?;
                Some(weighed(&self.deps.db, &bearer).await?.0)
            }
        };
        Ok(self.session_of(viewer, request_id, language))
    }

    /// The session of a request by what was kept of its token; none where nothing is. What it
    /// comes to holds only where `is_current` says so in the end, and what it may write only where
    /// it says so before.
    ///
    /// # Errors
    /// As `session`, for the token alone.
    pub fn recalled(
        &self,
        token: &str,
        request_id: String,
        language: Language,
    ) -> Result<Option<Box<Session>>> {
        let bearer = self.bearer(token, &request_id)?;
        let Some((viewer, revision)) = bearer.kept() else {
            return Ok(None);
        };
        let mut session = self.session_of(Some(Arc::clone(&viewer)), request_id, language);
        session.standing = Standing::kept(bearer, viewer, revision);
        Ok(Some(session))
    }

    fn session_of(
        &self,
        viewer: Option<Arc<Viewer>>,
        request_id: String,
        language: Language,
    ) -> Box<Session> {
        let mut session = Session::new(self.deps.clone(), viewer, request_id, language);
        session.is_schema_public = self.introspection == Introspection::Public;
        session
    }

    /// Whether the rights that a request went by are those that the database has. Where no
    /// statement of the request told so, the viewer is weighed again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_current(&self, standing: &Standing) -> Result<bool> {
        let Standing::Kept {
            bearer,
            viewer,
            rights,
        } = standing
        else {
            return Ok(true);
        };
        if rights.are_untold() {
            match weighed(&self.deps.db, bearer).await {
                Ok((now, revision)) if rights.are_of(revision) || now == *viewer => {
                    rights.confirm();
                }
                Ok(_) | Err(Error::Unauthenticated) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(!rights.have_changed())
    }

    /// The same server with budgets that refill by another clock.
    #[must_use]
    pub fn with_budget_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.budgets = self.budgets.by(clock);
        self
    }

    /// Runs a request in its session and gives the answer alone.
    pub async fn answer(&self, session: Box<Session>, request: Request) -> Response {
        self.run(session, None, request, true).await.response
    }

    /// Runs a request in its session, if it may run.
    pub async fn run(
        &self,
        session: Box<Session>,
        client: Option<IpAddr>,
        request: Request,
        may_write: bool,
    ) -> Answer {
        match self.take(&session, client, request.into(), may_write).await {
            // A run is large to carry about.
            Ok(Ok(allowed)) => Box::pin(self.execute(session, allowed)).await,
            Ok(Err(answer)) => *answer,
            Err(error) => {
                let why = Refused::failed(&error);
                Answer::refused(&why, session.language, &session.request_id)
            }
        }
    }

    /// The document that a request asks for, if its application may send it and it passes the
    /// limits. To find that it does not is work that its principal pays for, too.
    ///
    /// # Errors
    /// When the database fails; inside, why it may not run.
    pub async fn look_up(
        &self,
        principal: Principal,
        viewer: Option<&Viewer>,
        asked: Asked,
    ) -> Result<std::result::Result<Admitted, Box<Refused>>> {
        if self.budgets.unheard(principal).is_some() {
            return Ok(Err(Refused::out_of_budget()));
        }
        let size = asked.request.query.len();
        let found = self.documents.find(&self.deps.db, viewer, asked).await?;
        let admitted = found.and_then(|(request, source)| self.guard.admit(request, source));
        if admitted.is_err() || size > LONG_TEXT {
            self.budgets.fine(principal, work(size));
        }
        Ok(admitted)
    }

    /// Takes a request on, if there is a document that it may run and its principal can pay for it.
    /// What may not write is not run where it would.
    ///
    /// # Errors
    /// When the database fails; inside, the answer to what is not run.
    pub async fn take(
        &self,
        session: &Session,
        client: Option<IpAddr>,
        asked: Asked,
        may_write: bool,
    ) -> Result<std::result::Result<Box<Allowed>, Box<Answer>>> {
        let viewer = session.viewer.as_deref();
        let principal = principal(viewer, client);
        Ok(match self.look_up(principal, viewer, asked).await? {
            Ok(admitted) => self.allow(session, client, admitted, may_write),
            Err(why) => Err(Box::new(Answer {
                spent: match why.reached {
                    Reached::Budget => self.budgets.unheard(principal),
                    _ => None,
                },
                ..Answer::refused(&why, session.language, &session.request_id)
            })),
        })
    }

    /// Runs a document that passed the limits in its session, if its principal can pay for it.
    pub async fn run_admitted(
        &self,
        session: Box<Session>,
        client: Option<IpAddr>,
        admitted: Admitted,
        may_write: bool,
    ) -> Answer {
        match self.allow(&session, client, admitted, may_write) {
            Ok(allowed) => self.execute(session, allowed).await,
            Err(answer) => *answer,
        }
    }

    /// Lets a document run that passed the limits, if its principal can pay for it.
    ///
    /// # Errors
    /// The answer to what is not run.
    pub fn allow(
        &self,
        session: &Session,
        client: Option<IpAddr>,
        admitted: Admitted,
        may_write: bool,
    ) -> std::result::Result<Box<Allowed>, Box<Answer>> {
        let operation = admitted.summary();
        if admitted.kind == OperationType::Mutation && !may_write {
            return Err(Box::new(Answer {
                response: Response::default(),
                reached: Reached::Unallowed,
                spent: None,
                operation: Some(operation),
            }));
        }
        let principal = principal(session.viewer.as_deref(), client);
        let paid = session.paid.clone();
        let spent = paid.unwrap_or_else(|| self.budgets.charge(principal, admitted.cost));
        if spent.wait.is_some() {
            return Err(Box::new(Answer {
                spent: Some(spent),
                operation: Some(operation),
                ..Answer::refused(
                    &Refused::out_of_budget(),
                    session.language,
                    &session.request_id,
                )
            }));
        }
        let shows = match self.introspection {
            Introspection::Public => true,
            Introspection::Authenticated => session.viewer.is_some(),
            Introspection::Off => false,
        };
        let request = if shows {
            admitted.request
        } else {
            admitted.request.disable_introspection()
        };
        Ok(Box::new(Allowed {
            request,
            known: admitted.known,
            kind: admitted.kind,
            principal,
            spent,
            operation,
        }))
    }

    /// Runs a request that may run.
    pub async fn execute(&self, session: Box<Session>, allowed: Box<Allowed>) -> Answer {
        let Allowed {
            request,
            known,
            principal,
            spent,
            operation,
            ..
        } = *allowed;
        let mut request = request.data(spent.clone());
        // A null fits some places by their default alone: with one, all is looked at again.
        let is_null = |value: &Value| *value == Value::Null;
        if known.is_valid() && !request.variables.values().any(is_null) {
            request = request.data(Validated);
        }
        let response = execute(&self.schema, session, request).await;
        let answer = Answer::of(response, spent, operation);
        if answer.reached == Reached::End {
            self.guard.keep(&known);
        } else {
            self.budgets.fine(principal, work(known.size()));
        }
        answer
    }

    /// Opens a subscription whose document passed the limits, if its user can pay for it. It is
    /// paid once, at the opening.
    ///
    /// # Errors
    /// What it is refused with.
    pub async fn open(
        &self,
        caller: Caller,
        admitted: Admitted,
    ) -> std::result::Result<Running, Told> {
        let principal = Principal::User(caller.user_id);
        let spent = self.budgets.charge(principal, admitted.cost);
        if spent.wait.is_some() {
            let why = Refused::out_of_budget();
            let response = why.response(caller.language, &caller.request_id);
            return Err(Told::Failed(response));
        }
        let opened = self.subscriptions.open(caller, admitted.request).await;
        match &opened {
            Ok(_) => self.guard.keep(&admitted.known),
            Err(_) => self.budgets.fine(principal, work(admitted.known.size())),
        }
        opened
    }
}
