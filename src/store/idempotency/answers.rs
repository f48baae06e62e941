//! What this process knows of keys: who holds one, and what was answered a moment ago. Answers are
//! written many at a time, beside the requests: nobody waits for it, and a statement of its own
//! would cost as much as the smallest action.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::idempotency_record::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Keyed, REMEMBERED, Standing};
use crate::kernel::error::{Error, Result};
use crate::store::Db;

/// How long answers are gathered.
const GATHERED: Duration = Duration::from_millis(40);

/// A user's key.
type Key = (Uuid, String);

/// How many keys are remembered to have been used.
const USED: usize = 16_384;

/// The keys of the requests that run in this process, of those whose answer is still to be written,
/// and of many that were used not long ago: what comes under these is a retry most likely.
pub struct Keys {
    state: Mutex<State>,
    written: Notify,
    /// Hashes of keys, each in a place of its own, which others may take.
    used: Box<[AtomicU64]>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            written: Notify::default(),
            used: (0..USED).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

#[derive(Default)]
struct State {
    known: HashMap<Key, Known>,
    /// Answers that are still to be written.
    answers: Vec<Answer>,
    is_writing: bool,
}

/// A key that is held, or was and is answered.
struct Known {
    attempt: Uuid,
    fingerprint: String,
    until: DateTime<Utc>,
    answer: Option<String>,
}

/// An answer as it is written.
#[derive(Clone, Serialize)]
struct Answer {
    user_id: Uuid,
    key: String,
    claim: Uuid,
    body: String,
}

/// A key that is held until this is dropped.
pub(super) struct Held {
    keys: Arc<Keys>,
    key: Key,
    attempt: Uuid,
}

impl Keys {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the key of a request, where nobody does.
    pub(super) fn hold(
        self: &Arc<Self>,
        keyed: &Keyed,
        attempt: Uuid,
        now: DateTime<Utc>,
    ) -> std::result::Result<Held, Standing> {
        let key = (keyed.user_id, keyed.key.clone());
        let taken = Known {
            attempt,
            fingerprint: keyed.fingerprint.clone(),
            until: now + REMEMBERED,
            answer: None,
        };
        match self.state().known.entry(key.clone()) {
            Entry::Vacant(place) => {
                place.insert(taken);
            }
            Entry::Occupied(mut place) => {
                let known = place.get();
                match &known.answer {
                    Some(_) if known.until <= now => {
                        place.insert(taken);
                    }
                    _ if !keyed.is(&known.fingerprint) => return Err(Standing::Reused),
                    Some(answer) => return Err(Standing::Answered(answer.clone())),
                    None => return Err(Standing::Running),
                }
            }
        }
        Ok(Held {
            keys: Arc::clone(self),
            key,
            attempt,
        })
    }

    /// Keeps the answer of a request, and sees to it that it is written.
    pub(super) fn keep(self: &Arc<Self>, db: &Db, held: &Held, answer: String) {
        let mut state = self.state();
        let (user_id, key) = held.key.clone();
        state.answers.push(Answer {
            user_id,
            key,
            claim: held.attempt,
            body: answer.clone(),
        });
        if let Some(known) = state.known.get_mut(&held.key) {
            known.answer = Some(answer);
        }
        if !state.is_writing {
            state.is_writing = true;
            let writing = Writing {
                keys: Arc::clone(self),
                has_said: false,
            };
            tokio::spawn(write_all(writing, db.clone()));
        }
    }

    /// Waits until all that was answered is written, or was tried to be.
    pub(in crate::store) async fn written(&self) {
        loop {
            let written = self.written.notified();
            if !self.state().is_writing {
                return;
            }
            written.await;
        }
    }

    fn place(&self, hash: u64) -> Option<&AtomicU64> {
        let place = usize::try_from(hash).unwrap_or(usize::MAX) % USED;
        self.used.get(place)
    }

    fn forget(&self, key: &Key, attempt: Uuid, is_answered: bool) {
        let mut state = self.state();
        let known = state.known.get(key);
        if known
            .is_some_and(|known| known.attempt == attempt && known.answer.is_some() == is_answered)
        {
            state.known.remove(key);
        }
    }
}

impl Held {
    /// The hash of the key.
    pub(super) fn hash(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        self.key.hash(&mut hash);
        hash.finish()
    }

    /// Remembers that the key was used.
    pub(super) fn is_used_now(&self) {
        let hash = self.hash();
        if let Some(place) = self.keys.place(hash) {
            place.store(hash, Ordering::Relaxed);
        }
    }

    /// Whether the key is remembered to have been used; most that were not long ago are.
    pub(super) fn was_used(&self) -> bool {
        let hash = self.hash();
        let place = self.keys.place(hash);
        place.is_some_and(|place| place.load(Ordering::Relaxed) == hash)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.keys.forget(&self.key, self.attempt, false);
    }
}

/// Says that nobody writes any more, however that came.
struct Writing {
    keys: Arc<Keys>,
    has_said: bool,
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.has_said {
            self.keys.state().is_writing = false;
        }
        self.keys.written.notify_waiters();
    }
}

/// Writes answers as long as there are any.
async fn write_all(mut writing: Writing, db: Db) {
    let keys = Arc::clone(&writing.keys);
    loop {
        tokio::time::sleep(GATHERED).await;
        let answers = std::mem::take(&mut keys.state().answers);
        if let Err(cause) = write(&db, &answers).await {
            tracing::warn!(%cause, "answers of keys are tried to be kept once more");
            tokio::time::sleep(GATHERED).await;
            if let Err(cause) = write(&db, &answers).await {
                // The effects stand and say so themselves: retries will be answered from them.
                tracing::error!(%cause, "answers of keys could not be kept");
            }
        }
        for answer in answers {
            keys.forget(&(answer.user_id, answer.key), answer.claim, true);
        }
        let mut state = keys.state();
        if state.answers.is_empty() {
            // Under the lock that answers are added under: none is left behind.
            state.is_writing = false;
            writing.has_said = true;
            return;
        }
    }
}

const WRITE: &str = "SELECT keep_answers($1::json)";

async fn write(db: &Db, answers: &[Answer]) -> Result<()> {
    if db.backend() == DbBackend::Postgres {
        let answers = serde_json::to_string(answers);
        let answers = answers.map_err(|error| Error::Internal(error.to_string()))?;
        let statement = Statement::from_sql_and_values(db.backend(), WRITE, [answers.into()]);
        db.write(statement).await?;
        return Ok(());
    }
    let tx = db.begin().await?;
    for answer in answers {
        Entity::update_many()
            .filter(Column::UserId.eq(answer.user_id))
            .filter(Column::Key.eq(answer.key.as_str()))
            .filter(Column::Claim.eq(answer.claim))
            .col_expr(Column::Answer, Expr::value(answer.body.as_str()))
            .exec(&tx)
            .await?;
    }
    tx.commit().await
}
