//! Retries: what a user does under a key happens once. While a request runs its key is held, by
//! this process and, on `PostgreSQL`, by its transaction; the transaction of its effect writes what
//! the effect was about, which it can but once; the answer follows. So whatever dies in between,
//! the effect and the word of it are there together or not at all, and what has no effect leaves no
//! trace. Most requests are no retries: what a key stands for is asked for where this process
//! remembers its use, and otherwise only after a request that had no effect, which is what a retry
//! comes to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_record::{Column, Entity, Model};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, InsertStatement, OnConflict, Query, SelectStatement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, UpdateMany,
};
use uuid::Uuid;

mod answers;

use answers::Held;
pub use answers::Keys;

use super::Db;
use super::tx::Tx;
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

/// The right to run a request under its key, and to write its record.
#[derive(Clone)]
pub struct Claim(Arc<Claimed>);

struct Claimed {
    keyed: Arc<Keyed>,
    /// The attempt.
    id: Uuid,
    now: DateTime<Utc>,
    lease: Duration,
    /// The rights that the request goes by, where they were kept.
    rights: Option<Arc<Rights>>,
    fate: AtomicU8,
    held: Held,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fate {
    /// Nothing was done under it.
    Open,
    /// Something was done, by it or by what it took over.
    Effect,
    /// Another process runs a request under the key.
    Busy,
    /// Something was done before it, or the rights that it went by are gone.
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

/// Holds the key of a request for as long as the request may run, where nobody in this process
/// does.
///
/// # Errors
/// Where the key stands instead.
pub fn hold(
    db: &Db,
    keyed: &Arc<Keyed>,
    attempt: Uuid,
    now: DateTime<Utc>,
    lease: Duration,
    rights: Option<Arc<Rights>>,
) -> std::result::Result<Claim, Standing> {
    let held = db.keys.hold(keyed, attempt, now)?;
    Ok(Claim(Arc::new(Claimed {
        keyed: Arc::clone(keyed),
        id: attempt,
        now,
        lease,
        rights,
        fate: AtomicU8::new(Fate::Open as u8),
        held,
    })))
}

impl Claim {
    /// What the database knows of the key, and with it a word on the rights of who asks.
    async fn look(&self, db: &Db) -> Result<Option<Known>> {
        let keyed = &self.0.keyed;
        let values = [
            keyed.user_id.into(),
            keyed.key.as_str().into(),
            keyed.district_id.into(),
        ];
        let statement = Statement::from_sql_and_values(db.backend(), LOOK, values);
        let rows = db.all(statement).await?;
        let row = rows.first().ok_or(Error::Unauthenticated)?;
        if let Some(rights) = &self.0.rights {
            rights.hear(row.try_get_by_index(0)?);
        }
        let target: Option<Uuid> = row.try_get_by_index(4)?;
        let Some(target) = target else {
            return Ok(None);
        };
        let known = Known {
            fingerprint: row.try_get_by_index(1)?,
            claim: row.try_get_by_index(2)?,
            claimed_until: row.try_get_by_index(3)?,
            target,
            answer: row.try_get_by_index(5)?,
            expires_at: row.try_get_by_index(6)?,
        };
        Ok(Some(known).filter(|known| known.expires_at > self.0.now))
    }

    /// Whether something was done under the key before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_known(&self, db: &Db) -> Result<bool> {
        let is_known = self.look(db).await?.is_some();
        if is_known {
            self.0.held.is_used_now();
        }
        Ok(is_known)
    }

    /// Whether this process remembers that something was done under the key.
    #[must_use]
    pub fn may_be_known(&self) -> bool {
        self.0.held.was_used()
    }

    /// What was done under the key before, waited for if it is about to be answered; of rights
    /// that have changed, `Running`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(self, db: &Db) -> Result<Standing> {
        for _ in 0..LOOKS {
            let known = self.look(db).await?;
            let rights = self.0.rights.as_deref();
            if rights.is_some_and(Rights::have_changed) {
                // Nothing is taken over by a right that is gone.
                return Ok(Standing::Running);
            }
            let Some(known) = known else {
                return Ok(Standing::New(self));
            };
            if !self.0.keyed.is(&known.fingerprint) {
                return Ok(Standing::Reused);
            }
            if let Some(answer) = known.answer {
                return Ok(Standing::Answered(answer));
            }
            if known.claimed_until <= self.0.now {
                if self.take_over(db, known.claim).await? {
                    return Ok(Standing::Done(self, known.target));
                }
            } else {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(Standing::Running)
    }

    fn own(&self) -> UpdateMany<Entity> {
        self.record_of(self.0.id)
    }

    fn record_of(&self, attempt: Uuid) -> UpdateMany<Entity> {
        Entity::update_many()
            .filter(Column::UserId.eq(self.0.keyed.user_id))
            .filter(Column::Key.eq(self.0.keyed.key.as_str()))
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
        let is_taken = taken.rows_affected == 1;
        if is_taken {
            self.meets(Fate::Effect);
        }
        Ok(is_taken)
    }

    /// What became of it.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match self.0.fate.load(Ordering::Relaxed) {
            fate if fate == Fate::Effect as u8 => Fate::Effect,
            fate if fate == Fate::Busy as u8 => Fate::Busy,
            fate if fate == Fate::Late as u8 => Fate::Late,
            _ => Fate::Open,
        }
    }

    /// What was done stays done, whatever is tried after.
    fn meets(&self, fate: Fate) {
        if matches!(fate, Fate::Effect | Fate::Late) {
            self.0.held.is_used_now();
        }
        if self.fate() != Fate::Effect {
            self.0.fate.store(fate as u8, Ordering::Relaxed);
        }
    }

    /// What a transaction on `PostgreSQL` holds of it to its end.
    pub(super) fn lock(&self) -> i64 {
        self.0.held.hash().cast_signed()
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
            self.meets(Fate::Effect);
            if let Some(rights) = &self.0.rights {
                rights.confirm();
            }
            return Ok(());
        }
        self.meets(Fate::Late);
        Err(Error::Unavailable("another attempt was first".to_owned()))
    }

    /// The record of an effect.
    pub(super) fn record(&self, target: Kind, id: Uuid) -> Model {
        let (keyed, now) = (&self.0.keyed, self.0.now);
        Model {
            user_id: keyed.user_id,
            key: keyed.key.clone(),
            fingerprint: keyed.fingerprint.clone(),
            claim: self.0.id,
            claimed_until: self.until(),
            target_kind: Some(target.prefix().to_owned()),
            target_id: Some(id),
            answer: None,
            created_at: now,
            expires_at: now + REMEMBERED,
        }
    }

    /// The revision of the rights that the request goes by, where they were kept.
    pub(super) fn revision(&self) -> Option<i64> {
        self.0.rights.as_ref().map(|rights| rights.revision())
    }

    /// Writes the record of an effect in its transaction: where the rights that it goes by are those
    /// of now. It takes the place of a record that has expired, and of no other.
    pub(super) fn insert(
        &self,
        backend: DbBackend,
        target: Kind,
        id: Uuid,
    ) -> Result<InsertStatement> {
        let record = self.record(target, id);
        let now = record.created_at;
        let values = [
            (Column::UserId, Expr::value(record.user_id)),
            (Column::Key, Expr::value(record.key)),
            (Column::Fingerprint, Expr::value(record.fingerprint)),
            (Column::Claim, Expr::value(record.claim)),
            (Column::ClaimedUntil, Expr::value(record.claimed_until)),
            (Column::TargetKind, Expr::value(record.target_kind)),
            (Column::TargetId, Expr::value(record.target_id)),
            (Column::CreatedAt, Expr::value(record.created_at)),
            (Column::ExpiresAt, Expr::value(record.expires_at)),
        ];
        let free = Condition::any()
            .add(Column::ExpiresAt.lte(now))
            .add(Column::TargetId.is_null());
        let place = OnConflict::columns([Column::UserId, Column::Key])
            .update_columns(values.iter().skip(2).map(|(column, _)| *column))
            .value(Column::Answer, Expr::value(None::<String>))
            .action_cond_where(free)
            .to_owned();
        let (columns, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let mut row = Query::select();
        row.exprs(values)
            .and_where(self.rights_are_the_same(backend));
        let mut insert = Query::insert();
        let filled = insert.into_table(Entity).columns(columns).select_from(row);
        filled.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(insert.on_conflict(place).take())
    }

    /// What holds while the rights are those that the request goes by. On `SQLite`, where a change
    /// of rights counts at once and not with the commit, an action that makes one is asked before.
    fn rights_are_the_same(&self, backend: DbBackend) -> Expr {
        match &self.0.rights {
            Some(rights) if backend == DbBackend::Postgres => {
                Expr::exists(self.is_of(rights.revision()))
            }
            _ => Expr::cust("TRUE"),
        }
    }

    fn is_of(&self, revision: i64) -> SelectStatement {
        Query::select()
            .expr(Expr::cust("1"))
            .from("rights_revision")
            .and_where(Expr::col("district_id").eq(self.0.keyed.district_id))
            .and_where(Expr::col("revision").eq(revision))
            .take()
    }

    /// Whether a transaction on `SQLite`, which has just begun, may write.
    ///
    /// # Errors
    /// Where the rights are not those that the request goes by; or when the database fails.
    pub(super) async fn may_write(&self, tx: &Tx) -> Result<()> {
        if let Some(rights) = &self.0.rights
            && tx
                .query_all(&self.is_of(rights.revision()))
                .await?
                .is_empty()
        {
            self.meets(Fate::Late);
            return Err(Error::Unavailable("the rights have changed".to_owned()));
        }
        Ok(())
    }

    /// Whether something other than a use of the key may be in its way.
    #[must_use]
    pub fn goes_by_kept_rights(&self) -> bool {
        self.0.rights.is_some()
    }

    /// Hears that nobody knows whether the effect was committed: the record tells.
    pub(super) fn may_have_effect(&self) {
        self.meets(Fate::Effect);
    }

    /// Keeps the answer: at once in this process, and a moment later in the database, where it may
    /// get lost with the process and is rendered again then.
    pub fn keep(&self, db: &Db, answer: String) {
        db.keys.keep(db, &self.0.held, answer);
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
