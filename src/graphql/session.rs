//! What one request carries: who asks, in which language, and the batched reads of its lists.
//! Nothing here outlives the request, so nothing is shared between viewers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::connection::Planned;
use crate::access::viewer::Viewer;
use crate::domain::calendar::WorkingTime;
use crate::domain::issue::clocks::rules::working_time;
use crate::kernel::error::{Error, Language, Result};
use crate::store::idempotency::Claim;
use crate::store::list::{self, Slice};
use crate::store::{Actor, Db, Deps, Scope};

/// What is known of a request's idempotency key.
pub enum Retry {
    /// It has none.
    None,
    /// The action is to run under this claim.
    Claimed(Claim),
    /// The action has run; this is what it was about.
    Done(Uuid),
}

/// One request.
pub struct Session {
    /// What commands and queries need.
    pub deps: Deps,
    /// Who asks; none without a token.
    pub viewer: Option<Arc<Viewer>>,
    /// The request's id.
    pub request_id: String,
    /// The language of messages.
    pub language: Language,
    /// Whether the schema and its codes are shown to everyone.
    pub is_schema_public: bool,
    /// What is known of the request's idempotency key.
    pub retry: Retry,
    /// Lists that were planned already, by their place in the document: the siblings of a field
    /// share one plan, and so one statement.
    planned: Mutex<HashMap<String, Arc<Planned>>>,
    /// Working time in the viewer's district, read once where something asks for it.
    working_time: OnceCell<WorkingTime>,
}

impl Session {
    /// A request.
    #[must_use]
    pub fn new(
        deps: Deps,
        viewer: Option<Arc<Viewer>>,
        request_id: String,
        language: Language,
    ) -> Self {
        Self {
            deps,
            viewer,
            request_id,
            language,
            is_schema_public: false,
            retry: Retry::None,
            planned: Mutex::new(HashMap::new()),
            working_time: OnceCell::new(),
        }
    }

    /// The session of the request that a field is resolved in.
    #[must_use]
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked::<Self>()
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
        let read = || working_time(db, db.conn(), district);
        self.working_time.get_or_try_init(read).await
    }

    /// The plan of a list, made once per place in the document.
    pub(super) fn planned(
        &self,
        place: String,
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

/// The batched reads of a request.
pub struct Reads {
    pub(super) db: Db,
    pub(super) scope: Scope,
}

/// The page of one parent's list.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PageOf {
    pub(super) list: Arc<Planned>,
    pub(super) parent: Uuid,
}

/// The size of one parent's list.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SizeOf {
    pub(super) list: Arc<Planned>,
    pub(super) parent: Uuid,
}

fn by_list<'a, K>(
    keys: &'a [K],
    parts: impl Fn(&'a K) -> (&'a Arc<Planned>, Uuid),
) -> HashMap<&'a Arc<Planned>, Vec<Uuid>> {
    let mut groups: HashMap<&Arc<Planned>, Vec<Uuid>> = HashMap::new();
    for key in keys {
        let (list, parent) = parts(key);
        groups.entry(list).or_default().push(parent);
    }
    groups
}

impl Loader<PageOf> for Reads {
    type Value = Slice;
    type Error = Error;

    async fn load(&self, keys: &[PageOf]) -> Result<HashMap<PageOf, Slice>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (list, parents) in by_list(keys, |key| (&key.list, key.parent)) {
            let column = list.child_of()?;
            let slices = list::pages(&self.db, &self.scope, &list.list, column, &parents).await?;
            found.extend(slices.into_iter().map(|(parent, slice)| {
                let list = Arc::clone(list);
                (PageOf { list, parent }, slice)
            }));
        }
        Ok(found)
    }
}

impl Loader<SizeOf> for Reads {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[SizeOf]) -> Result<HashMap<SizeOf, i64>> {
        let mut found = HashMap::with_capacity(keys.len());
        for (list, parents) in by_list(keys, |key| (&key.list, key.parent)) {
            let column = list.child_of()?;
            let counts = list::counts(&self.db, &self.scope, &list.list, column, &parents).await?;
            found.extend(counts.into_iter().map(|(parent, count)| {
                let list = Arc::clone(list);
                (SizeOf { list, parent }, count)
            }));
        }
        Ok(found)
    }
}

/// The loader of a request.
pub type Loads = DataLoader<Reads>;
