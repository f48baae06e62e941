//! The composition root: what a server is made of, for the command line and for the tests alike.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};

use crate::access::keys::{Jwks, KeyError};
use crate::access::token::{Issuer, IssuerError, TokenError, Verifier};
use crate::config::{Config, Introspection};
use crate::domain::user::viewer::viewer;
use crate::graphql::execute::{Answer, Reached, execute};
use crate::graphql::guard::budget::{Budgets, Principal};
use crate::graphql::guard::{Guard, Refused};
use crate::graphql::session::Session;
use crate::graphql::{ApiSchema, schema};
use crate::kernel::clock::{BusinessClock, Clock, SystemClock};
use crate::kernel::error::{Error, Language, Result};
use crate::store::Deps;

/// Why a server cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The issuers.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
}

/// A server without its sockets.
pub struct App {
    /// Database, business clock and ids.
    pub deps: Deps,
    /// The schema.
    pub schema: ApiSchema,
    /// What a document must pass.
    pub guard: Guard,
    budgets: Budgets,
    budget: [NonZeroU32; 2],
    verifier: Verifier,
    /// Tokens go by the real time, whatever the business clock shows.
    token_clock: Arc<dyn Clock>,
    introspection: Introspection,
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

impl App {
    /// Puts a server together.
    #[must_use]
    pub fn new(config: &Config, deps: Deps, verifier: Verifier) -> Self {
        let schema = schema(config.graphql.suggestions);
        let points = |points| NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN);
        let budget = [
            points(config.graphql.budget),
            points(config.graphql.budget_per_second),
        ];
        // Real time that does not jump with the host's clock.
        let steady = Arc::new(BusinessClock::starting_at(SystemClock.now()));
        Self {
            deps,
            guard: Guard::new(&schema, config.graphql.cost_limit),
            budgets: Budgets::new(budget[0], budget[1], steady),
            budget,
            schema,
            verifier,
            token_clock: Arc::new(SystemClock),
            introspection: config.graphql.introspection,
        }
    }

    /// The session of a request. No token is anonymous; a bad one never is.
    ///
    /// # Errors
    /// `Unauthenticated` for a token that is not valid or whose user may not sign in; or when
    /// the database fails.
    pub async fn session(
        &self,
        token: Option<&str>,
        request_id: String,
        language: Language,
    ) -> Result<Session> {
        let viewer = match token {
            None => None,
            Some(token) => {
                let claims = self.verifier.verify(token, self.token_clock.now());
                let claims = claims.map_err(|cause: TokenError| {
                    tracing::info!(request_id, %cause, "a token was refused");
                    Error::Unauthenticated
                })?;
                Some(Arc::new(viewer(&self.deps.db, &claims).await?))
            }
        };
        Ok(Session::new(
            self.deps.clone(),
            viewer,
            request_id,
            language,
        ))
    }

    /// The same server with budgets that refill by another clock.
    #[must_use]
    pub fn with_budget_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.budgets = Budgets::new(self.budget[0], self.budget[1], clock);
        self
    }

    /// Runs a request in its session and gives the answer alone.
    pub async fn answer(&self, session: Session, request: Request) -> Response {
        self.run(session, None, request, true).await.response
    }

    /// Runs a request in its session, if its document passes the limits and its principal can
    /// pay for it. What may not write is not run where it would.
    pub async fn run(
        &self,
        session: Session,
        client: Option<IpAddr>,
        request: Request,
        may_write: bool,
    ) -> Answer {
        let (language, request_id) = (session.language, session.request_id.clone());
        let refused = |refused: &Refused| Answer {
            response: refused.response(language, &request_id),
            reached: refused.reached,
            spent: None,
            operation: None,
        };
        let admitted = match self.guard.admit(request) {
            Ok(admitted) => admitted,
            Err(why) => return refused(&why),
        };
        let operation = admitted.summary();
        if admitted.kind == OperationType::Mutation && !may_write {
            return Answer {
                response: Response::default(),
                reached: Reached::Unallowed,
                spent: None,
                operation: Some(operation),
            };
        }
        let principal = match &session.viewer {
            Some(viewer) => Principal::User(viewer.user_id),
            None => Principal::address(client),
        };
        let spent = self.budgets.charge(principal, admitted.cost);
        if spent.wait.is_some() {
            return Answer {
                spent: Some(spent),
                operation: Some(operation),
                ..refused(&Refused::out_of_budget())
            };
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
        let request = request.data(spent.clone());
        Answer::of(
            execute(&self.schema, session, request).await,
            spent,
            operation,
        )
    }
}
