//! Connections to `PostgreSQL` for single statements, and others for transactions. A pool asks the
//! database of every connection that is given back whether it still lives: one more round trip.
//! What is left behind is known here: a connection whose statement or transaction came to its end
//! is as good as new, and one that broke or was left in the middle of a statement is closed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, Connection, PgConnection, PgPool, Postgres, Row};
use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a statement waits for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How old a connection grows: what its process has kept is then given back.
const LIFETIME: Duration = Duration::from_mins(30);

/// How long a statement that writes is waited for: longer than the database lets any run. Who waits for
/// a connection that has gone silent would wait for ever, and others for them.
const LONGEST_WRITE: Duration = Duration::from_secs(15);

/// How long a connection may have been idle to be written to unasked.
const ALIVE: Duration = Duration::from_secs(1);

/// How long a connection may lie idle: what stands between may have forgotten it then.
const IDLE: Duration = Duration::from_mins(5);

/// Connections that are kept.
pub struct Lanes {
    pool: PgPool,
    permits: Arc<Semaphore>,
    most: usize,
    idle: Mutex<Vec<Lane>>,
}

/// A connection that is kept out of the pool.
struct Lane {
    connection: PoolConnection<Postgres>,
    opened: Instant,
    used: Instant,
}

/// A lane in use.
struct Taken {
    lanes: Arc<Lanes>,
    lane: Option<Lane>,
    /// Whether it has been used before: then it may have died since.
    is_old: bool,
    permit: Option<OwnedSemaphorePermit>,
}

/// Lanes of a pool for single statements, and others for transactions; none of a pool that is too
/// small to be shared. One connection at least is left to the pool itself.
#[must_use]
pub fn of(pool: &PgPool) -> Option<[Arc<Lanes>; 2]> {
    let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(0);
    let single = most / 2;
    (most >= 4).then(|| [single, most - single - 1].map(|lanes| Lanes::new(pool, lanes)))
}

impl Lanes {
    fn new(pool: &PgPool, lanes: usize) -> Arc<Self> {
        Arc::new(Self {
            pool: pool.clone(),
            permits: Arc::new(Semaphore::new(lanes)),
            most: lanes,
            idle: Mutex::new(Vec::with_capacity(lanes)),
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Lane>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a connection that is as good as new.
    fn put(&self, mut lane: Lane) {
        lane.used = Instant::now();
        let mut idle = self.idle();
        if idle.len() < self.most {
            idle.push(lane);
        } else {
            lane.close();
        }
    }

    async fn take(self: &Arc<Self>, is_fresh: bool) -> Result<Taken, DbErr> {
        let timed_out = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let permit = Arc::clone(&self.permits).acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout(LONGEST_WAIT, permit).await else {
            return Err(timed_out);
        };
        let known = if is_fresh { None } else { self.known() };
        let is_old = known.is_some();
        let lane = match known {
            Some(lane) => lane,
            // Boxed: most find one, and wait in less room.
            None => Box::pin(self.open()).await?,
        };
        Ok(Taken {
            lanes: Arc::clone(self),
            lane: Some(lane),
            is_old,
            permit: Some(permit),
        })
    }

    /// The connection that was used last, if it is not too old.
    fn known(&self) -> Option<Lane> {
        let mut idle = self.idle();
        while let Some(lane) = idle.pop() {
            if lane.opened.elapsed() < LIFETIME && lane.used.elapsed() < IDLE {
                return Some(lane);
            }
            lane.close();
        }
        None
    }

    /// A connection of the pool that answers: those that lie there may have died as well.
    async fn open(&self) -> Result<Lane, DbErr> {
        loop {
            let mut connection = self.pool.acquire().await.map_err(unavailable)?;
            if connection.ping().await.is_ok() {
                let now = Instant::now();
                return Ok(Lane {
                    connection,
                    opened: now,
                    used: now,
                });
            }
            connection.close_on_drop();
        }
    }

    /// Forgets all that lies idle: it is as old as what has just been found dead.
    fn forget(&self) {
        let dead = std::mem::take(&mut *self.idle());
        dead.into_iter().for_each(Lane::close);
    }

    /// Runs a statement that writes and commits by itself; what it returns of that.
    ///
    /// # Errors
    /// When the database fails, or is silent. It is not tried again, as it may have been done: so a
    /// connection that nobody used for a while is asked first whether it still lives.
    pub async fn write(self: &Arc<Self>, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let written = tokio::time::timeout(LONGEST_WRITE, self.write_once(statement)).await;
        written.unwrap_or_else(|_| {
            let silence = "the database did not answer in time".to_owned();
            Err(DbErr::Conn(RuntimeErr::Internal(silence)))
        })
    }

    async fn write_once(self: &Arc<Self>, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut taken = self.take(false).await?;
        if !taken.lives().await {
            drop(taken);
            self.forget();
            taken = self.take(true).await?;
        }
        let is_old = taken.is_old;
        let ran = taken.all(&statement.sql, statement.values).await;
        if is_old && ran.as_ref().err().is_some_and(is_broken) {
            self.forget();
        }
        ran.map_err(query)
    }

    /// All rows of a read.
    ///
    /// # Errors
    /// When the database fails. A connection that died while nobody used it is replaced first.
    pub async fn all(self: &Arc<Self>, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let taken = self.take(false).await?;
        let is_old = taken.is_old;
        let values = || statement.values.clone();
        match taken.all(&statement.sql, values()).await {
            Err(error) if is_old && is_broken(&error) => {
                self.forget();
                let taken = self.take(true).await?;
                taken.all(&statement.sql, values()).await.map_err(query)
            }
            rows => rows.map_err(query),
        }
    }

    /// Begins a transaction. A connection that died while nobody used it is replaced first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(self: &Arc<Self>) -> Result<Opened, DbErr> {
        Ok(self.begin_by("BEGIN").await?.0)
    }

    /// Begins a transaction that holds a lock to its end; none where somebody else holds it. Both
    /// go the same way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_holding(self: &Arc<Self>, lock: i64) -> Result<Option<Opened>, DbErr> {
        let sql = format!("BEGIN; SELECT pg_try_advisory_xact_lock({lock})");
        let (opened, rows) = self.begin_by(&sql).await?;
        let is_held = rows.last().map(|row| row.try_get(0)).transpose();
        if is_held.map_err(query)? == Some(true) {
            return Ok(Some(opened));
        }
        opened.roll_back().await;
        Ok(None)
    }

    async fn begin_by(self: &Arc<Self>, sql: &str) -> Result<(Opened, Vec<PgRow>), DbErr> {
        let mut opened = Opened::of(self.take(false).await?);
        match opened.run(sql).await {
            Err(error) if opened.taken.is_old && is_broken(&error) => {
                drop(opened);
                self.forget();
                opened = Opened::of(self.take(true).await?);
                let rows = opened.run(sql).await.map_err(query)?;
                Ok((opened, rows))
            }
            begun => begun.map(|rows| (opened, rows)).map_err(query),
        }
    }
}

/// A transaction under way on a lane. Dropped before its end, it is rolled back by a task.
pub struct Opened {
    taken: Taken,
    state: State,
}

/// Where a transaction stands, as far as is known here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing runs.
    Open,
    /// A statement runs: if it is dropped now, it is in the middle.
    Busy,
    /// The connection is of no use.
    Broken,
    /// It has ended.
    Ended,
}

impl Opened {
    const fn of(taken: Taken) -> Self {
        Self {
            taken,
            state: State::Open,
        }
    }

    /// Runs something on the connection, and knows afterwards what is left of it.
    async fn on<T>(
        &mut self,
        run: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        if self.state != State::Open {
            return Err(sqlx::Error::PoolClosed);
        }
        self.state = State::Busy;
        let ran = run(self.taken.connection()?).await;
        self.state = if ran.as_ref().err().is_some_and(is_broken) {
            State::Broken
        } else {
            State::Open
        };
        ran
    }

    /// Runs statements as they are written, all on one way; what they return.
    async fn run(&mut self, sql: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        let sql = sqlx::AssertSqlSafe(sql);
        self.on(async |connection| sqlx::raw_sql(sql).fetch_all(connection).await)
            .await
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn execute(&mut self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let done = self.on(async |connection| {
            asked(&statement.sql, statement.values.clone())
                .execute(connection)
                .await
        });
        done.await.map(ExecResult::from).map_err(query)
    }

    /// Runs statements as they are written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sqlx::AssertSqlSafe(sql);
        let done = self.on(async |connection| sqlx::raw_sql(sql).execute(connection).await);
        done.await.map(ExecResult::from).map_err(query)
    }

    /// All rows of a statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.on(async |connection| {
            asked(&statement.sql, statement.values.clone())
                .fetch_all(connection)
                .await
        });
        let rows = rows.await.map_err(query)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Ends it, and keeps what it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.end("COMMIT").await
    }

    /// The same after a last statement, as it is written, that goes the same way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn commit_after(self, last: &str) -> Result<(), DbErr> {
        self.end(&format!("{last}; COMMIT")).await
    }

    async fn end(mut self, sql: &str) -> Result<(), DbErr> {
        self.run(sql).await.map_err(query)?;
        self.state = State::Ended;
        Ok(())
    }

    /// Ends it, and keeps nothing.
    pub async fn roll_back(mut self) {
        self.state = State::Open;
        let is_back = self.run("ROLLBACK").await.is_ok();
        self.state = if is_back { State::Ended } else { State::Broken };
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let Some(lane) = self.taken.lane.take() else {
            return;
        };
        match self.state {
            State::Ended => self.taken.lanes.put(lane),
            State::Open => {
                let Ok(runtime) = Handle::try_current() else {
                    lane.close();
                    return;
                };
                let left = Self {
                    taken: Taken {
                        lanes: Arc::clone(&self.taken.lanes),
                        lane: Some(lane),
                        is_old: true,
                        permit: self.taken.permit.take(),
                    },
                    // Should the task be dropped before it runs.
                    state: State::Busy,
                };
                runtime.spawn(left.roll_back());
            }
            // The database ends a transaction with its connection.
            State::Busy | State::Broken => lane.close(),
        }
    }
}

impl Lane {
    fn close(mut self) {
        self.connection.close_on_drop();
    }
}

/// A statement as the driver takes it.
fn asked(sql: &str, values: Option<Values>) -> Query<'_, Postgres, SqlxValues> {
    let values = values.unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(sqlx::AssertSqlSafe(sql), SqlxValues(values))
}

impl Taken {
    fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let lane = self.lane.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        Ok(&mut lane.connection)
    }

    /// Gives the connection back after its statement has come to its end.
    fn give_back(mut self, error: Option<&sqlx::Error>) {
        if let Some(lane) = self.lane.take() {
            if error.is_some_and(is_broken) {
                lane.close();
            } else {
                self.lanes.put(lane);
            }
        }
    }

    /// Whether the connection lives, asked where nobody has used it for a while.
    async fn lives(&mut self) -> bool {
        let Some(lane) = self.lane.as_mut().filter(|_| self.is_old) else {
            return true;
        };
        let is_known = lane.used.elapsed() < ALIVE;
        is_known
            || matches!(
                tokio::time::timeout(ALIVE, lane.connection.ping()).await,
                Ok(Ok(()))
            )
    }

    async fn all(
        mut self,
        sql: &str,
        values: Option<Values>,
    ) -> Result<Vec<QueryResult>, sqlx::Error> {
        let rows = asked(sql, values).fetch_all(self.connection()?).await;
        self.give_back(rows.as_ref().err());
        Ok(rows?.into_iter().map(QueryResult::from).collect())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // In the middle of a statement: nobody waits for its end, and it may never come.
        if let Some(lane) = self.lane.take() {
            lane.close();
        }
    }
}

/// Whether an error leaves the connection unfit for use. What the database itself answers, it
/// answers in order.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        // `admin_shutdown` and its like end the connection after the answer.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => false,
        _ => true,
    }
}

fn query(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::Io(_) => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
        error => DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))),
    }
}

fn unavailable(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
    }
}
