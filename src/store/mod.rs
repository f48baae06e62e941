//! How rows are read and written, whatever the concept: the connection, the one mechanism that
//! turns a selection into one statement per level, and the one that turns an action into one
//! transaction with its audit entry and its events. Knows no concept and no rule.
//!
//! - `shape` is what a concept tells about its table; `plan` weighs it against a selection;
//! - `list` runs pages, lists inside lists and counts; `keyset` is their order and cursors;
//! - `lanes` are the connections of single statements;
//! - `dialect` is the little in which the two databases differ; `work` is the write side with
//!   `together` for its last rows, and `idempotency` what keeps a retry from writing twice.

pub mod connect;
pub mod dialect;
pub mod idempotency;
pub mod keyset;
mod lanes;
pub mod list;
pub mod plan;
pub mod record;
pub mod shape;
mod together;
pub mod work;

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

use crate::access::vault::Vault;
use crate::access::viewer::Viewer;
use crate::files::Files;
use crate::kernel::clock::Clock;
use crate::kernel::error::Result;
use crate::kernel::id::Ids;
use lanes::Lanes;

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
    /// What single statements are taken over by on `PostgreSQL`.
    lanes: Option<Arc<Lanes>>,
    tally: Arc<Tally>,
    written: Arc<Notify>,
    kept: Arc<Mutex<HashMap<&'static str, Kept>>>,
}

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
            .then(|| Lanes::of(conn.get_postgres_connection_pool().clone()));
        Self {
            conn,
            lanes: lanes.flatten(),
            tally,
            written: Arc::new(Notify::new()),
            kept: Arc::default(),
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

    /// All rows of a read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>> {
        let rows = match &self.lanes {
            Some(lanes) => {
                self.tally.count(&statement);
                lanes.all(&statement).await?
            }
            None => self.conn.query_all_raw(statement).await?,
        };
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.tally.rows.fetch_add(count, Ordering::Relaxed);
        Ok(rows)
    }

    /// Runs a statement that writes and commits by itself; how many rows it wrote.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write(&self, statement: Statement) -> Result<u64> {
        if let Some(lanes) = &self.lanes {
            self.tally.count(&statement);
            return Ok(lanes.write(&statement).await?);
        }
        Ok(self.conn.execute_raw(statement).await?.rows_affected())
    }

    /// Begins a write. On `SQLite` it takes the write lock at once: a transaction that reads
    /// first and then writes would fail as busy whatever the timeout.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.conn.begin_with_options(options).await?)
    }
}

/// A visibility: every select takes one.
#[derive(Clone)]
pub struct Scope {
    /// Who asks.
    pub viewer: Arc<Viewer>,
    /// Which database is asked.
    pub backend: DbBackend,
    /// The instant of the question, in business time.
    pub now: DateTime<Utc>,
}
