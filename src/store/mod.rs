//! How rows are read and written, whatever the concept: the connection, the one mechanism that
//! turns a selection into one statement per level, and the one that turns an action into one
//! transaction with its audit entry and its events. Knows no concept and no rule.
//!
//! - `shape` is what a concept tells about its table; `plan` weighs it against a selection;
//! - `list` runs pages, lists inside lists and counts; `keyset` is their order and cursors;
//! - `lanes` are the connections of single statements, and those of transactions (`tx`);
//! - `dialect` is the little in which the two databases differ, `names` what statements make up;
//! - `ledger` is what an action records, `work` an action step by step, `group` those that are written
//!   with others of their kind; `insert`, `together` and `told` write rows and events;
//! - `idempotency` keeps a retry from writing twice.

pub mod connect;
pub mod dialect;
pub mod group;
pub mod idempotency;
mod insert;
pub mod keyset;
mod lanes;
pub mod ledger;
pub mod list;
pub mod names;
pub mod plan;
pub mod record;
pub mod shape;
mod together;
mod told;
pub mod tx;
pub mod work;

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{Notify, OwnedMutexGuard};
use uuid::Uuid;

use crate::access::vault::Vault;
use crate::access::viewer::{Rights, Viewer};
use crate::files::Files;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Ids;
use lanes::Lanes;
use tx::Tx;

/// What every command needs: the database, where time and ids come from, the vault, the
/// files.
#[derive(Clone)]
pub struct Deps {
    /// The database.
    pub db: Db,
    /// Business time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// What seals personal data at rest.
    pub vault: Arc<Vault>,
    /// Where the bytes of attachments lie.
    pub files: Files,
}

/// Who does something, and in which request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The viewer.
    pub viewer: Arc<Viewer>,
    /// The request's id.
    pub request_id: String,
    /// The claim of a request under an idempotency key; its effect commits with it.
    pub claim: Option<idempotency::Claim>,
}

/// A database, and a count of what was asked of it.
#[derive(Clone)]
pub struct Db {
    conn: DatabaseConnection,
    /// What single statements, and transactions, are taken over by on `PostgreSQL`.
    lanes: Option<[Arc<Lanes>; 2]>,
    tally: Arc<Tally>,
    written: Arc<Notify>,
    kept: Arc<Mutex<HashMap<&'static str, Kept>>>,
    /// The keys of requests that run.
    keys: Arc<idempotency::Keys>,
    lines: Arc<Mutex<Lines>>,
    groups: Arc<group::Groups>,
}

/// A line for each district.
type Lines = HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>;

/// A place in the line for numbers.
pub type NumberLine = OwnedMutexGuard<()>;

/// How many moments an action that is given up may take to let go of its key.
const GIVEN_UP_WITHIN: u8 = 5;
const MOMENT: Duration = Duration::from_millis(20);

/// Something that was read once, and the revision that it is of.
type Kept = (String, Arc<dyn Any + Send + Sync>);

/// How many statements ran and how many rows the reads brought; what the cost tests count.
#[derive(Debug, Default)]
pub struct Tally {
    statements: AtomicU64,
    rows: AtomicU64,
    /// The statements themselves, where a test wants to see how they run.
    recorded: OnceLock<Mutex<Vec<Statement>>>,
}

impl Tally {
    /// Statements so far.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// The statements since the last call; the first call begins to record them.
    pub fn recorded(&self) -> Vec<Statement> {
        let recorded = self.recorded.get_or_init(Mutex::default).lock();
        std::mem::take(&mut recorded.unwrap_or_else(PoisonError::into_inner))
    }

    fn count(&self, statement: &Statement) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        if let Some(recorded) = self.recorded.get() {
            let mut recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner);
            recorded.push(statement.clone());
        }
    }
}

impl Db {
    /// Wraps a connection and starts to count.
    #[must_use]
    pub fn new(mut conn: DatabaseConnection) -> Self {
        let tally = Arc::new(Tally::default());
        let counted = Arc::clone(&tally);
        conn.set_metric_callback(move |ran| counted.count(ran.statement));
        let lanes = (conn.get_database_backend() == DbBackend::Postgres)
            .then(|| lanes::of(conn.get_postgres_connection_pool()));
        Self {
            conn,
            lanes: lanes.flatten(),
            tally,
            written: Arc::new(Notify::new()),
            kept: Arc::default(),
            keys: Arc::default(),
            lines: Arc::default(),
            groups: Arc::default(),
        }
    }

    /// What this process keeps of the database under a name, where it is of this revision. Only
    /// for what is the same for everybody.
    #[must_use]
    pub fn kept<T: Any + Send + Sync>(&self, name: &'static str, revision: &str) -> Option<Arc<T>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, value) = kept.get(name)?;
        let value = (known == revision).then(|| Arc::clone(value))?;
        value.downcast().ok()
    }

    /// Keeps something of a revision.
    pub fn keep<T: Any + Send + Sync>(&self, name: &'static str, revision: String, value: Arc<T>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name, (revision, value));
    }

    /// Tells the reader of the outbox in this process that there is something to read.
    pub fn tell_written(&self) {
        self.written.notify_one();
    }

    /// Waits for `tell_written`; also for a call since the last wait.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// The connection, for statements on entities.
    #[must_use]
    pub const fn conn(&self) -> &DatabaseConnection {
        &self.conn
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.conn.get_database_backend()
    }

    /// What was asked of it so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// All rows of a read, boxed as all that waits for it is many and small.
    ///
    /// # Errors
    /// When the database fails.
    #[must_use]
    pub fn all(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<QueryResult>>> {
        Box::pin(async move {
            let rows = match &self.lanes {
                Some([lanes, _]) => {
                    self.tally.count(&statement);
                    lanes.all(&statement).await?
                }
                None => self.conn.query_all_raw(statement).await?,
            };
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            self.tally.rows.fetch_add(count, Ordering::Relaxed);
            Ok(rows)
        })
    }

    /// Runs a statement that writes and commits by itself; what it returns of that.
    ///
    /// # Errors
    /// When the database fails.
    #[must_use]
    pub fn write(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<QueryResult>>> {
        Box::pin(async move { Ok(self.write_raw(statement).await?) })
    }

    async fn write_raw(
        &self,
        statement: Statement,
    ) -> std::result::Result<Vec<QueryResult>, DbErr> {
        if let Some([lanes, _]) = &self.lanes {
            self.tally.count(&statement);
            return lanes.write(statement).await;
        }
        self.conn.query_all_raw(statement).await
    }

    /// Whether actions may be written in groups: on `PostgreSQL`, where single statements have
    /// connections of their own. Else who holds the line might wait for who waits in it.
    #[must_use]
    pub const fn writes_in_groups(&self) -> bool {
        self.lanes.is_some()
    }

    /// How many actions wait to be written with others of their kind.
    #[must_use]
    pub fn gathered(&self) -> usize {
        self.groups.waiting()
    }

    /// A place in the line of a district for numbers: who draws one is in the way of the others, who
    /// wait here for less than in the database. It is left once the number is committed.
    pub async fn line(&self, district: Uuid) -> NumberLine {
        let line = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lines.entry(district).or_default())
        };
        line.lock_owned().await
    }

    /// Begins a write. On `SQLite` it takes the write lock at once: a transaction that reads
    /// first and then writes would fail as busy whatever the timeout.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self) -> Result<Tx> {
        if let Some([_, lanes]) = &self.lanes {
            let opened = lanes.begin().await?;
            return Ok(Tx::kept(opened, Arc::clone(&self.tally)));
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx::pooled(self.conn.begin_with_options(options).await?))
    }

    /// Begins the write of a request under a key. On `PostgreSQL` the transaction holds the key;
    /// `SQLite` has one writer anyway.
    ///
    /// # Errors
    /// When the database fails, or another process holds the key, which the claim is told.
    pub(crate) async fn begin_under(&self, claim: &idempotency::Claim) -> Result<Tx> {
        if self.backend() != DbBackend::Postgres {
            let tx = self.begin().await?;
            claim.may_write(&tx).await?;
            return Ok(tx);
        }
        for _ in 0..GIVEN_UP_WITHIN {
            if let Some(tx) = self.begin_holding(claim.lock()).await? {
                return Ok(tx);
            }
            // Maybe it is held by what this process gave up a moment ago.
            tokio::time::sleep(MOMENT).await;
        }
        claim.was_kept_out();
        Err(Error::Unavailable("the key is held".to_owned()))
    }

    async fn begin_holding(&self, lock: i64) -> Result<Option<Tx>> {
        if let Some([_, lanes]) = &self.lanes {
            let opened = lanes.begin_holding(lock).await?;
            return Ok(opened.map(|opened| Tx::kept(opened, Arc::clone(&self.tally))));
        }
        let tx = Tx::pooled(self.conn.begin().await?);
        let held = format!("SELECT pg_try_advisory_xact_lock({lock})");
        let held = Statement::from_string(self.backend(), held);
        let row = tx.query_one_raw(held).await?;
        let is_held = row.map(|row| row.try_get_by_index(0)).transpose()?;
        if is_held == Some(true) {
            return Ok(Some(tx));
        }
        tx.rollback().await?;
        Ok(None)
    }

    /// Waits until what was answered under keys is written, or was tried to be.
    pub async fn answers_written(&self) {
        self.keys.written().await;
    }
}

/// A visibility: every select takes one.
#[derive(Clone)]
pub struct Scope {
    /// Who asks.
    pub viewer: Arc<Viewer>,
    /// What the answering statement is to tell of the rights of a viewer that was kept.
    pub rights: Option<Arc<Rights>>,
    /// Which database is asked.
    pub backend: DbBackend,
    /// The instant of the question, in business time.
    pub now: DateTime<Utc>,
}
