//! Connections to `PostgreSQL` for what is one statement. A pool asks the database of every
//! connection that is given back whether it still lives: to a single statement that is a second
//! round trip. What one leaves behind is known here: a connection whose statement came to its end
//! is as good as new, one that broke is closed, and one that was left in the middle goes back to
//! the pool, which sees to it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, Connection, PgConnection, PgPool, Postgres};
use sea_orm::{ConnAcquireErr, DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a statement waits for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How old a connection grows: what its process has kept is then given back.
const LIFETIME: Duration = Duration::from_mins(30);

/// How long a connection may lie idle: what stands between may have forgotten it then.
const IDLE: Duration = Duration::from_mins(5);

/// The connections for single statements.
pub struct Lanes {
    pool: PgPool,
    permits: Semaphore,
    idle: Mutex<Vec<Lane>>,
}

/// A connection that is kept out of the pool.
struct Lane {
    connection: PoolConnection<Postgres>,
    opened: Instant,
    used: Instant,
}

/// A lane in use.
struct Taken<'a> {
    lanes: &'a Lanes,
    lane: Option<Lane>,
    /// Whether it has been used before: then it may have died since.
    is_old: bool,
    _permit: SemaphorePermit<'a>,
}

impl Lanes {
    /// Lanes that keep two thirds of a pool's connections; none of a pool that is too small to
    /// be shared. Transactions take the others.
    #[must_use]
    pub fn of(pool: PgPool) -> Option<Arc<Self>> {
        let most = pool.options().get_max_connections();
        let lanes = usize::try_from(most * 2 / 3).unwrap_or(0);
        (most >= 3).then(|| {
            Arc::new(Self {
                pool,
                permits: Semaphore::new(lanes),
                idle: Mutex::new(Vec::with_capacity(lanes)),
            })
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Lane>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self, is_fresh: bool) -> Result<Taken<'_>, DbErr> {
        let timed_out = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let permit = tokio::time::timeout(LONGEST_WAIT, self.permits.acquire()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(timed_out);
        };
        let known = if is_fresh { None } else { self.known() };
        let is_old = known.is_some();
        let lane = match known {
            Some(lane) => lane,
            None => self.open().await?,
        };
        Ok(Taken {
            lanes: self,
            lane: Some(lane),
            is_old,
            _permit: permit,
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

    /// Runs a statement that writes and commits by itself; how many rows it wrote.
    ///
    /// # Errors
    /// When the database fails. It is not tried again: it may have been done.
    pub async fn write(&self, statement: &Statement) -> Result<u64, DbErr> {
        let mut taken = self.take(false).await?;
        let ran = match taken.connection() {
            Ok(connection) => asked(statement).execute(connection).await,
            Err(error) => Err(error),
        };
        let is_dead = taken.is_old && ran.as_ref().err().is_some_and(is_broken);
        taken.give_back(ran.as_ref().err());
        if is_dead {
            self.forget();
        }
        ran.map(|done| done.rows_affected()).map_err(query)
    }

    /// All rows of a read.
    ///
    /// # Errors
    /// When the database fails. A connection that died while nobody used it is replaced first.
    pub async fn all(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let taken = self.take(false).await?;
        let is_old = taken.is_old;
        match taken.all(statement).await {
            Err(error) if is_old && is_broken(&error) => {
                self.forget();
                self.take(true).await?.all(statement).await.map_err(query)
            }
            rows => rows.map_err(query),
        }
    }
}

impl Lane {
    fn close(mut self) {
        self.connection.close_on_drop();
    }
}

/// A statement as the driver takes it.
fn asked(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone();
    let values = values.unwrap_or_else(|| Values(Vec::new()));
    let sql = sqlx::AssertSqlSafe(statement.sql.as_str());
    sqlx::query_with(sql, SqlxValues(values))
}

impl Taken<'_> {
    fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let lane = self.lane.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        Ok(&mut lane.connection)
    }

    /// Gives the connection back after its statement has come to its end.
    fn give_back(mut self, error: Option<&sqlx::Error>) {
        if let Some(mut lane) = self.lane.take() {
            if error.is_some_and(is_broken) {
                lane.close();
            } else {
                lane.used = Instant::now();
                self.lanes.idle().push(lane);
            }
        }
    }

    async fn all(mut self, statement: &Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        let rows = asked(statement).fetch_all(self.connection()?).await;
        self.give_back(rows.as_ref().err());
        Ok(rows?.into_iter().map(QueryResult::from).collect())
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
