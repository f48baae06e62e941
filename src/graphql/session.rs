//! What one request carries: who asks, in which language, and the batched reads of its lists.
//! Nothing here outlives the request, so nothing is shared between viewers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::connection::Planned;
use super::guard::budget::Spent;
use crate::access::token::Bearer;
use crate::access::viewer::{Rights, Viewer};
use crate::domain::calendar::WorkingTime;
use crate::domain::issue::clocks::rules::working_time;
use crate::kernel::error::{Error, Language, Result};
use crate::store::idempotency::Claim;
use crate::store::{Actor, Deps, Scope};

/// What is known of a request's idempotency key.
pub enum Retry {
    /// It has none.
    None,
    /// The action is to run under this claim.
    Claimed(Claim),
    /// The action has run; this is what it was about.
    Done(Uuid),
}

/// What it rests on that the viewer may do what the session says.
#[derive(Clone)]
pub enum Standing {
    /// The database has been asked for this request, or nobody has signed in.
    Weighed,
    /// It was asked before.
    Kept {
        /// Who bears the token.
        bearer: Arc<Bearer>,
        /// Who that was.
        viewer: Arc<Viewer>,
        /// What is said of the rights since.
        rights: Arc<Rights>,
    },
}

impl Standing {
    /// What was kept, of a revision of the rights.
    #[must_use]
    pub fn kept(bearer: Arc<Bearer>, viewer: Arc<Viewer>, revision: i64) -> Self {
        Self::Kept {
            bearer,
            viewer,
            rights: Arc::new(Rights::of(revision)),
        }
    }

    /// The rights that are to be told of.
    #[must_use]
    pub const fn rights(&self) -> Option<&Arc<Rights>> {
        match self {
            Self::Weighed => None,
            Self::Kept { rights, .. } => Some(rights),
        }
    }
}

/// One request.
pub struct Session {
    /// What commands and queries need.
    pub deps: Deps,
    /// Who asks; none without a token.
    pub viewer: Option<Arc<Viewer>>,
    /// What that rests on.
    pub standing: Standing,
    /// The request's id.
    pub request_id: String,
    /// The language of messages.
    pub language: Language,
    /// Whether the schema and its codes are shown to everyone.
    pub is_schema_public: bool,
    /// What is known of the request's idempotency key.
    pub retry: Retry,
    /// What was paid for the request before it had to begin again.
    pub paid: Option<Spent>,
    /// Lists that were planned already, by their place in the document: the siblings of a field
    /// share one plan, and so one statement.
    planned: Mutex<HashMap<Vec<usize>, Arc<Planned>>>,
    /// Working time in the viewer's district, read once where something asks for it.
    working_time: OnceCell<WorkingTime>,
}

impl Session {
    /// A request. Boxed: it is large, and passed from hand to hand.
    #[must_use]
    pub fn new(
        deps: Deps,
        viewer: Option<Arc<Viewer>>,
        request_id: String,
        language: Language,
    ) -> Box<Self> {
        Box::new(Self {
            deps,
            viewer,
            standing: Standing::Weighed,
            request_id,
            language,
            is_schema_public: false,
            retry: Retry::None,
            paid: None,
            planned: Mutex::new(HashMap::new()),
            working_time: OnceCell::new(),
        })
    }

    /// The session of the request that a field is resolved in.
    #[must_use]
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked::<Box<Self>>()
    }

    /// Who asks.
    ///
    /// # Errors
    /// `Unauthenticated` without a token.
    pub fn viewer(&self) -> Result<&Arc<Viewer>> {
        self.viewer.as_ref().ok_or(Error::Unauthenticated)
    }

    /// What the viewer may see.
    ///
    /// # Errors
    /// `Unauthenticated` without a token.
    pub fn scope(&self) -> Result<Scope> {
        Ok(Scope {
            viewer: Arc::clone(self.viewer()?),
            rights: self.standing.rights().cloned(),
            backend: self.deps.db.backend(),
            now: self.deps.clock.now(),
        })
    }

    /// Who acts.
    ///
    /// # Errors
    /// `Unauthenticated` without a token.
    pub fn actor(&self) -> Result<Actor> {
        Ok(Actor {
            viewer: Arc::clone(self.viewer()?),
            request_id: self.request_id.clone(),
            claim: match &self.retry {
                Retry::Claimed(claim) => Some(claim.clone()),
                Retry::None | Retry::Done(_) => None,
            },
        })
    }

    /// Working time in the viewer's district.
    ///
    /// # Errors
    /// `Unauthenticated` without a token, or when the database fails.
    pub async fn working_time(&self) -> Result<&WorkingTime> {
        let district = self.viewer()?.district_id;
        let db = &self.deps.db;
        // Boxed: it is read once, and many fields wait for it.
        let read = || Box::pin(working_time(db, db.conn(), district));
        self.working_time.get_or_try_init(read).await
    }

    /// The plan of a list, made once per place in the document.
    pub(super) fn planned(
        &self,
        place: Vec<usize>,
        make: impl FnOnce() -> Result<Planned>,
    ) -> Result<Arc<Planned>> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = planned.get(&place) {
            return Ok(Arc::clone(known));
        }
        let fresh = Arc::new(make()?);
        planned.insert(place, Arc::clone(&fresh));
        Ok(fresh)
    }
}
