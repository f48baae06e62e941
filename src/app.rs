//! The composition root: what a server is made of, for the command line and for the tests alike.

use std::sync::Arc;

use async_graphql::{Request, Response};

use crate::access::keys::{Jwks, KeyError};
use crate::access::token::{Claims, Issuer, IssuerError, TokenError, Verifier};
use crate::config::{Config, Introspection};
use crate::domain::user::viewer::viewer;
use crate::graphql::execute::execute;
use crate::graphql::session::Session;
use crate::graphql::subscription::run::Subscriptions;
use crate::graphql::{ApiSchema, schema};
use crate::kernel::clock::{Clock, SystemClock};
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
    verifier: Verifier,
    /// What stays open and hears of what happens.
    pub subscriptions: Arc<Subscriptions>,
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
        let token_clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (same, clock) = (schema.clone(), Arc::clone(&token_clock));
        Self {
            subscriptions: Arc::new(Subscriptions::new(same, deps.clone(), clock)),
            deps,
            schema,
            verifier,
            token_clock,
            introspection: config.graphql.introspection,
        }
    }

    /// What a token says, if it holds.
    ///
    /// # Errors
    /// `Unauthenticated` for a token that is not valid.
    pub fn claims(&self, token: &str, request_id: &str) -> Result<Claims> {
        let claims = self.verifier.verify(token, self.token_clock.now());
        claims.map_err(|cause: TokenError| {
            tracing::info!(request_id, %cause, "a token was refused");
            Error::Unauthenticated
        })
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
                let claims = self.claims(token, &request_id)?;
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

    /// Runs a request in its session.
    pub async fn answer(&self, session: Session, request: Request) -> Response {
        let shows = match self.introspection {
            Introspection::Public => true,
            Introspection::Authenticated => session.viewer.is_some(),
            Introspection::Off => false,
        };
        let request = if shows {
            request
        } else {
            request.disable_introspection()
        };
        execute(&self.schema, session, request).await
    }
}
