//! The composition root: what a server is made of, for the command line and for the tests alike.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response};
use chrono::{DateTime, Utc};

use crate::access::keys::{Jwks, KeyError};
use crate::access::token::{Issuer, IssuerError, TokenError, Verifier};
use crate::config::{Config, Introspection};
use crate::domain::user::viewer::viewer;
use crate::graphql::execute::execute;
use crate::graphql::session::Session;
use crate::graphql::{ApiSchema, schema};
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::error::{Error, Language, Result};
use crate::store::{Deps, idempotency};

/// How often expired idempotency keys are forgotten.
const BETWEEN_SWEEPS: Duration = Duration::from_mins(10);

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
        Self {
            deps,
            schema: schema(config.graphql.suggestions),
            verifier,
            token_clock: Arc::new(SystemClock),
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

    /// Forgets expired idempotency keys from time to time, without end.
    pub async fn sweep(&self) {
        loop {
            match idempotency::sweep(&self.deps.db, self.real_now()).await {
                Ok(0) => {}
                Ok(gone) => tracing::debug!(gone, "idempotency keys were forgotten"),
                Err(cause) => tracing::warn!(%cause, "idempotency keys could not be swept"),
            }
            tokio::time::sleep(BETWEEN_SWEEPS).await;
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
        let mut session = Session::new(self.deps.clone(), viewer, request_id, language);
        session.is_schema_public = self.introspection == Introspection::Public;
        Ok(session)
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
