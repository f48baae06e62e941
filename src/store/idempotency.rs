//! Retries: what a user does under a key happens once. While a request runs its key is held, by
//! this process and, on `PostgreSQL`, by its transaction; the transaction of its effect writes what
//! the effect was about; the answer follows. So whatever dies in between, the effect and the word
//! of it are there together or not at all, and what has no effect leaves no trace.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_record::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr, InsertStatement, OnConflict, Query as SeaQuery};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, Statement, UpdateMany,
};
use uuid::Uuid;

use super::Db;
use crate::access::viewer::Rights;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;

/// How long a key stands for its first request.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// How often another process is looked at that has done what is asked for and not answered yet.
const LOOKS: u8 = 5;
/// The pause in between.
const PAUSE: Duration = Duration::from_millis(20);

/// A request under a key.
pub struct Keyed {
    /// Who asks.
    pub user_id: Uuid,
    /// Their district.
    pub district_id: Uuid,
    /// The key.
    pub key: String,
    /// The SHA-256 of what is asked for.
    pub fingerprint: String,
    /// What an attempt that came before may have had in its place.
    pub former: Vec<String>,
}

impl Keyed {
    fn is(&self, fingerprint: &String) -> bool {
        self.fingerprint == *fingerprint || self.former.contains(fingerprint)
    }
}

/// Where a key stands.
pub enum Standing {
    /// Nothing was done under it: run the request.
    New(Claim),
    /// Something was done and the answer is not known: render it again.
    Done(Claim, Uuid),
    /// This was answered.
    Answered(String),
    /// Another attempt runs.
    Running,
    /// The key stands for another request.
    Reused,
}

/// The keys of the requests that run in this process, and what those ask for.
#[derive(Default)]
pub struct Keys(Mutex<HashMap<(Uuid, String), String>>);

/// A key that is held until this is dropped.
struct Held {
    keys: Arc<Keys>,
    key: (Uuid, String),
}

impl Keys {
    fn lock(&self) -> MutexGuard<'_, HashMap<(Uuid, String), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the key of a request, where nobody does.
    fn hold(self: &Arc<Self>, keyed: &Keyed) -> std::result::Result<Held, Standing> {
        let key = (keyed.user_id, keyed.key.clone());
        match self.lock().entry(key.clone()) {
            Entry::Vacant(place) => {
                place.insert(keyed.fingerprint.clone());
                Ok(Held {
                    keys: Arc::clone(self),
                    key,
                })
            }
            Entry::Occupied(known) if keyed.is(known.get()) => Err(Standing::Running),
            Entry::Occupied(_) => Err(Standing::Reused),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.key);
    }
}

/// The right to run a request under its key, and to write its record.
#[derive(Clone)]
pub struct Claim(Arc<Claimed>);

struct Claimed {
    held: Held,
    /// The attempt.
    id: Uuid,
    fingerprint: String,
    now: DateTime<Utc>,
    lease: Duration,
    fate: AtomicU8,
    has_effect: AtomicBool,
}

/// What became of a claim, beside what its request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fate {
    /// Nothing came in between.
    Open,
    /// Another process runs a request under the key.
    Busy,
    /// Another process was first.
    Late,
}

/// A record as it is looked up.
struct Known {
    fingerprint: String,
    claim: Uuid,
    claimed_until: DateTime<Utc>,
    target: Uuid,
    answer: Option<String>,
    expires_at: DateTime<Utc>,
}

const LOOK: &str = "SELECT (SELECT r.revision FROM rights_revision r \
    WHERE r.district_id = u.district_id) AS rights, k.fingerprint, k.claim, k.claimed_until, \
    k.target_id, k.answer, k.expires_at FROM user_account u \
    LEFT JOIN idempotency_record k ON k.user_id = u.id AND k.key = $2 \
    WHERE u.id = $1 AND u.district_id = $3";

/// The record of a key, and with it a word on the rights of who asks.
async fn look(db: &Db, keyed: &Keyed, rights: Option<&Rights>) -> Result<Option<Known>> {
    let values = [
        keyed.user_id.into(),
        keyed.key.as_str().into(),
        keyed.district_id.into(),
    ];
    let statement = Statement::from_sql_and_values(db.backend(), LOOK, values);
    let rows = db.all(statement).await?;
    let row = rows.first().ok_or(Error::Unauthenticated)?;
    if let Some(rights) = rights {
        rights.hear(row.try_get_by_index(0)?);
    }
    let target: Option<Uuid> = row.try_get_by_index(4)?;
    let Some(target) = target else {
        return Ok(None);
    };
    Ok(Some(Known {
        fingerprint: row.try_get_by_index(1)?,
        claim: row.try_get_by_index(2)?,
        claimed_until: row.try_get_by_index(3)?,
        target,
        answer: row.try_get_by_index(5)?,
        expires_at: row.try_get_by_index(6)?,
    }))
}

/// Claims the key of a request for as long as the request may run, and hears of the rights of who
/// asks.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    db: &Db,
    keyed: &Keyed,
    attempt: Uuid,
    now: DateTime<Utc>,
    lease: Duration,
    rights: Option<&Rights>,
) -> Result<Standing> {
    let held = match db.keys.hold(keyed) {
        Ok(held) => held,
        Err(standing) => return Ok(standing),
    };
    let claim = Claim(Arc::new(Claimed {
        held,
        id: attempt,
        fingerprint: keyed.fingerprint.clone(),
        now,
        lease,
        fate: AtomicU8::new(Fate::Open as u8),
        has_effect: AtomicBool::new(false),
    }));
    for _ in 0..LOOKS {
        let known = look(db, keyed, rights).await?;
        if rights.is_some_and(Rights::have_changed) {
            // Nothing is taken over by a right that is gone.
            return Ok(Standing::Running);
        }
        let Some(known) = known.filter(|known| known.expires_at > now) else {
            return Ok(Standing::New(claim));
        };
        if !keyed.is(&known.fingerprint) {
            return Ok(Standing::Reused);
        }
        if let Some(answer) = known.answer {
            return Ok(Standing::Answered(answer));
        }
        if known.claimed_until <= now {
            if claim.take_over(db, known.claim).await? {
                return Ok(Standing::Done(claim, known.target));
            }
        } else {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(Standing::Running)
}

/// On `PostgreSQL`, a statement that is no effect need not wait for the disk: an answer may be
/// lost, and is rendered again.
fn at_leisure() -> Expr {
    Expr::cust("(SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL")
}

impl Claim {
    fn own(&self) -> UpdateMany<Entity> {
        self.record_of(self.0.id)
    }

    fn record_of(&self, attempt: Uuid) -> UpdateMany<Entity> {
        let (user, key) = &self.0.held.key;
        Entity::update_many()
            .filter(Column::UserId.eq(*user))
            .filter(Column::Key.eq(key.as_str()))
            .filter(Column::Claim.eq(attempt))
    }

    fn until(&self) -> DateTime<Utc> {
        self.0.now + self.0.lease
    }

    /// Takes over what another attempt did and did not answer.
    async fn take_over(&self, db: &Db, other: Uuid) -> Result<bool> {
        let taken = self
            .record_of(other)
            .filter(Column::Answer.is_null())
            .col_expr(Column::Claim, Expr::value(self.0.id))
            .col_expr(Column::ClaimedUntil, Expr::value(self.until()))
            .exec(db.conn())
            .await?;
        self.0.has_effect.store(true, Ordering::Relaxed);
        Ok(taken.rows_affected == 1)
    }

    /// Whether something was done under it, so that there is a record to answer from.
    #[must_use]
    pub fn has_effect(&self) -> bool {
        self.0.has_effect.load(Ordering::Relaxed)
    }

    /// What became of it.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match self.0.fate.load(Ordering::Relaxed) {
            fate if fate == Fate::Busy as u8 => Fate::Busy,
            fate if fate == Fate::Late as u8 => Fate::Late,
            _ => Fate::Open,
        }
    }

    fn meets(&self, fate: Fate) {
        self.0.fate.store(fate as u8, Ordering::Relaxed);
    }

    /// What a transaction on `PostgreSQL` begins with: it holds the key to its end, or fails at
    /// once.
    pub(super) fn hold(&self) -> String {
        let mut hash = DefaultHasher::new();
        self.0.held.key.hash(&mut hash);
        format!("SELECT hold_key({})", hash.finish().cast_signed())
    }

    /// Hears why a transaction could not begin.
    pub(super) fn was_kept_out(&self) {
        self.meets(Fate::Busy);
    }

    /// Hears how many records a transaction wrote.
    ///
    /// # Errors
    /// Where it is none: then the effect must not be committed.
    pub(super) fn wrote(&self, records: u64) -> Result<()> {
        if records == 1 {
            self.0.has_effect.store(true, Ordering::Relaxed);
            return Ok(());
        }
        self.meets(Fate::Late);
        Err(Error::Unavailable("another attempt was first".to_owned()))
    }

    /// The record of an effect, for its transaction. It takes the place of one that has expired,
    /// and of no other.
    pub(super) fn record(&self, target: Kind, id: Uuid) -> Result<InsertStatement> {
        let (user, key) = &self.0.held.key;
        let expires_at = self.0.now + REMEMBERED;
        let values = [
            (Column::UserId, Expr::value(*user)),
            (Column::Key, Expr::value(key.as_str())),
            (
                Column::Fingerprint,
                Expr::value(self.0.fingerprint.as_str()),
            ),
            (Column::Claim, Expr::value(self.0.id)),
            (Column::ClaimedUntil, Expr::value(self.until())),
            (Column::TargetKind, Expr::value(target.prefix())),
            (Column::TargetId, Expr::value(id)),
            (Column::CreatedAt, Expr::value(self.0.now)),
            (Column::ExpiresAt, Expr::value(expires_at)),
        ];
        let free = Condition::any()
            .add(Column::ExpiresAt.lte(self.0.now))
            .add(Column::TargetId.is_null());
        let place = OnConflict::columns([Column::UserId, Column::Key])
            .update_columns(values.iter().skip(2).map(|(column, _)| *column))
            .value(Column::Answer, Expr::value(None::<String>))
            .action_cond_where(free)
            .to_owned();
        let (columns, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let mut insert = SeaQuery::insert();
        let filled = insert.into_table(Entity).columns(columns).values(values);
        filled.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(insert.on_conflict(place).to_owned())
    }

    /// Keeps the answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, db: &Db, answer: &str) -> Result<()> {
        let is_postgres = db.backend() == DbBackend::Postgres;
        let leisure = Condition::all().add_option(is_postgres.then(at_leisure));
        let kept = self
            .own()
            .filter(leisure)
            .col_expr(Column::Answer, Expr::value(answer));
        let mut kept = kept.into_query();
        kept.returning(SeaQuery::returning().column(Column::Key));
        db.write(db.backend().build(&kept)).await?;
        Ok(())
    }

    /// Lets the next attempt render what was written, if anything was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        self.own()
            .col_expr(Column::ClaimedUntil, Expr::value(now))
            .exec(db.conn())
            .await?;
        Ok(())
    }
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Claim").field(&self.0.id).finish()
    }
}

/// Forgets what has expired; how many keys.
///
/// # Errors
/// When the database fails.
pub async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let gone = Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db.conn())
        .await?;
    Ok(gone.rows_affected)
}
