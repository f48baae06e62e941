//! Lists inside rows, read for all siblings at once. A field asks for its own parent's list and
//! waits; when every field of the request has come to rest, what was asked for at one place of the
//! document is read in one statement. There is no timer, and nothing outlives the request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_channel::mpsc::UnboundedSender;
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::connection::Planned;
use crate::kernel::error::{Error, Result};
use crate::store::list::{self, Slice};
use crate::store::{Db, Scope};

/// What a request still has to read; it is polled in the request's own task.
pub type Reads = UnboundedSender<BoxFuture<'static, ()>>;

/// The lists that are asked for.
#[derive(Clone)]
pub struct Batches {
    db: Db,
    scope: Scope,
    reads: Reads,
    pages: Waiting<Slice>,
    sizes: Waiting<i64>,
}

/// Who waits for what, by the place of the list.
type Waiting<T> = Arc<Mutex<HashMap<usize, Asked<T>>>>;

/// What is asked for at a place: each parent once, and who waits for it.
struct Asked<T> {
    parents: Vec<Uuid>,
    places: HashMap<Uuid, usize>,
    waiting: Vec<(usize, oneshot::Sender<Result<T>>)>,
}

impl<T> Asked<T> {
    fn add(&mut self, parent: Uuid) -> oneshot::Receiver<Result<T>> {
        let (tell, told) = oneshot::channel();
        let place = *self.places.entry(parent).or_insert(self.parents.len());
        if place == self.parents.len() {
            self.parents.push(parent);
        }
        self.waiting.push((place, tell));
        told
    }

    /// Tells everybody what came; who gave up waiting does not mind.
    fn tell(self, came: &Result<Vec<T>>)
    where
        T: Clone,
    {
        for (place, tell) in self.waiting {
            let own = match came {
                Ok(all) => all
                    .get(place)
                    .cloned()
                    .ok_or_else(|| Error::Internal("a parent was passed over".to_owned())),
                Err(error) => Err(error.clone()),
            };
            let _gave_up = tell.send(own);
        }
    }
}

impl Batches {
    /// The lists of a request.
    #[must_use]
    pub fn new(db: Db, scope: Scope, reads: Reads) -> Self {
        Self {
            db,
            scope,
            reads,
            pages: Waiting::default(),
            sizes: Waiting::default(),
        }
    }

    /// Asks for a parent's page of a list.
    pub(super) fn page(&self, list: &Arc<Planned>, parent: Uuid) -> Answered<Slice> {
        self.ask(&self.pages, list, parent, |own, list, parents| async move {
            list::pages(&own.db, &own.scope, &list.list, list.child_of()?, &parents).await
        })
    }

    /// Asks how long a parent's list is.
    pub(super) fn size(&self, list: &Arc<Planned>, parent: Uuid) -> Answered<i64> {
        self.ask(&self.sizes, list, parent, |own, list, parents| async move {
            list::counts(&own.db, &own.scope, &list.list, list.child_of()?, &parents).await
        })
    }

    fn ask<T, F>(
        &self,
        waiting: &Waiting<T>,
        list: &Arc<Planned>,
        parent: Uuid,
        read: impl FnOnce(Self, Arc<Planned>, Vec<Uuid>) -> F + Send + 'static,
    ) -> Answered<T>
    where
        T: Clone + Send + 'static,
        F: Future<Output = Result<Vec<T>>> + Send,
    {
        // The plan of a place is one for all siblings.
        let key = Arc::as_ptr(list).addr();
        let told = match lock(waiting).entry(key) {
            Entry::Occupied(mut asked) => asked.get_mut().add(parent),
            Entry::Vacant(place) => {
                let asked = place.insert(Asked {
                    parents: Vec::new(),
                    places: HashMap::new(),
                    waiting: Vec::new(),
                });
                let told = asked.add(parent);
                let (own, list, waiting) = (self.clone(), Arc::clone(list), Arc::clone(waiting));
                let task = async move {
                    let taken = lock(&waiting).remove(&key);
                    if let Some(mut asked) = taken {
                        let parents = std::mem::take(&mut asked.parents);
                        asked.tell(&read(own, list, parents).await);
                    }
                };
                // Where the request has ended nobody waits either.
                let _ended = self.reads.unbounded_send(Box::pin(task));
                told
            }
        };
        Answered(told)
    }
}

/// What one who asked will be told.
#[must_use = "what was asked for is read, and nobody is told"]
pub(super) struct Answered<T>(oneshot::Receiver<Result<T>>);

impl<T> Future for Answered<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        self.0.poll_unpin(cx).map(|told| {
            told.unwrap_or_else(|_ended| Err(Error::Internal("a list was not read".to_owned())))
        })
    }
}

fn lock<T>(waiting: &Waiting<T>) -> std::sync::MutexGuard<'_, HashMap<usize, Asked<T>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
