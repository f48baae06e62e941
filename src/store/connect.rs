//! Opening a database and bringing it up to date.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, TransactionTrait,
};

use super::Db;

/// The longest statement where nothing else is said.
const LONGEST: Duration = Duration::from_mins(1);

/// What can go wrong at the start, each with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such `SQLite` file.
    #[error(
        "there is no database {}; make it with `honglian migrate up`, or correct data_dir or database.url", .0.display()
    )]
    NoFile(PathBuf),
    /// There is no folder to make a `SQLite` file in.
    #[error(
        "there is no folder {} for the database; make it, or correct data_dir or database.url", .0.display()
    )]
    NoFolder(PathBuf),
    /// The database does not answer.
    #[error("cannot open the database: {0}; check database.url and that its server runs")]
    Open(String),
    /// The database knows steps that this binary does not.
    #[error(
        "the database is newer than this binary (it has {0}); install the version that wrote it, or a later one"
    )]
    Newer(String),
    /// The database lacks steps.
    #[error(
        "the database is not up to date ({0} migrations are pending); run `honglian migrate up`"
    )]
    Pending(usize),
    /// A migration failed.
    #[error("cannot migrate the database: {0}; nothing was changed by the failed step")]
    Migrate(String),
}

/// Where the schema of a database stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Every step with whether it is applied.
    pub steps: Vec<(String, bool)>,
    /// Applied steps that this binary does not know.
    pub unknown: Vec<String>,
}

impl Standing {
    /// Steps that are not applied yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.steps.iter().filter(|(_, applied)| !applied).count()
    }
}

/// Opens a database, or makes it where the address allows that. `SQLite` writes are synchronous
/// to the disk: an acknowledged write survives `kill -9` and a loss of power.
///
/// # Errors
/// `NoFolder`, or `Open` where it does not answer.
pub async fn open(url: &str, connections: u32) -> Result<Db, StartError> {
    open_within(url, connections, LONGEST).await
}

/// The same, where no statement may take longer than so long.
///
/// # Errors
/// `NoFolder`, or `Open` where it does not answer.
pub async fn open_within(url: &str, connections: u32, longest: Duration) -> Result<Db, StartError> {
    if let Some(file) = sqlite_file(url)?
        && let Some(folder) = file.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(StartError::NoFolder(folder.to_owned()));
    }
    connect(url, connections, longest).await
}

/// Opens a database that is there: a misspelt address must not make an empty one.
///
/// # Errors
/// `NoFile`, or `Open` where it does not answer.
pub async fn open_existing(
    url: &str,
    connections: u32,
    longest: Duration,
) -> Result<Db, StartError> {
    match sqlite_file(url)? {
        Some(file) if !file.exists() => Err(StartError::NoFile(file)),
        _ => connect(url, connections, longest).await,
    }
}

/// The file of a `SQLite` database; none in memory and on `PostgreSQL`.
fn sqlite_file(url: &str) -> Result<Option<PathBuf>, StartError> {
    if !url.starts_with("sqlite:") || url.contains(":memory:") || url.contains("mode=memory") {
        return Ok(None);
    }
    let options = SqliteConnectOptions::from_str(url);
    // What the parser says may quote the address; that of SQLite holds no password.
    let options = options.map_err(|error| StartError::Open(error.to_string()))?;
    Ok(Some(Path::to_owned(options.get_filename())))
}

async fn connect(url: &str, connections: u32, longest: Duration) -> Result<Db, StartError> {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        // What opens when it is needed opens when there is the least time for it.
        .min_connections(if url.starts_with("postgres") {
            connections
        } else {
            1
        })
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(512)
        })
        .map_sqlx_postgres_opts(move |postgres| {
            postgres
                .application_name("honglian")
                // The server ends what nobody waits for any more.
                .options([("statement_timeout", longest.as_millis().to_string())])
                .statement_cache_capacity(512)
        });
    let conn = Database::connect(options)
        .await
        .map_err(|error| StartError::Open(plain(&error)))?;
    Ok(Db::new(conn))
}

/// An error in one line, without the address that it may quote.
fn plain(error: &DbErr) -> String {
    error
        .to_string()
        .lines()
        .next()
        .unwrap_or("no answer")
        .to_owned()
}

/// Where the schema stands.
///
/// # Errors
/// `Open` where the database does not answer.
pub async fn standing(db: &Db) -> Result<Standing, StartError> {
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let applied = applied(db.conn())
        .await
        .map_err(|error| StartError::Open(plain(&error)))?;
    Ok(Standing {
        unknown: applied
            .iter()
            .filter(|step| !known.contains(step))
            .cloned()
            .collect(),
        steps: known
            .into_iter()
            .map(|step| {
                let is_applied = applied.contains(&step);
                (step, is_applied)
            })
            .collect(),
    })
}

async fn applied(conn: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let exists = match conn.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT 1 FROM information_schema.tables WHERE table_name = 'seaql_migrations' \
             AND table_schema = ANY(current_schemas(false))"
        }
        _ => "SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations'",
    };
    let statement = |sql: &str| sea_orm::Statement::from_string(conn.get_database_backend(), sql);
    if conn.query_one_raw(statement(exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = conn
        .query_all_raw(statement(
            "SELECT version FROM seaql_migrations ORDER BY version",
        ))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Refuses a database that this binary must not serve.
///
/// # Errors
/// `Newer`, `Pending` or `Open`.
pub async fn check(db: &Db) -> Result<(), StartError> {
    let standing = standing(db).await?;
    if !standing.unknown.is_empty() {
        return Err(StartError::Newer(standing.unknown.join(", ")));
    }
    match standing.pending() {
        0 => Ok(()),
        pending => Err(StartError::Pending(pending)),
    }
}

/// Applies what is pending. Several starts at once are safe: one works, the others wait.
///
/// # Errors
/// `Newer`, `Migrate` or `Open`.
pub async fn migrate(db: &Db) -> Result<usize, StartError> {
    let before = standing(db).await?;
    if !before.unknown.is_empty() {
        return Err(StartError::Newer(before.unknown.join(", ")));
    }
    if before.pending() == 0 {
        return Ok(0);
    }
    let failed = |error: &DbErr| StartError::Migrate(plain(error));
    let tx = lock(db).await.map_err(|error| failed(&error))?;
    Migrator::up(&tx, None)
        .await
        .map_err(|error| failed(&error))?;
    tx.commit().await.map_err(|error| failed(&error))?;
    Ok(before.pending())
}

/// A transaction that only one migrating process holds at a time.
async fn lock(db: &Db) -> Result<DatabaseTransaction, DbErr> {
    if db.backend() == DbBackend::Postgres {
        let tx = db.conn().begin().await?;
        // Others may be at it for a while, and so may a migration.
        tx.execute_unprepared("SET LOCAL statement_timeout = 0")
            .await?;
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7161727014)")
            .await?;
        return Ok(tx);
    }
    let options = sea_orm::TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..sea_orm::TransactionOptions::default()
    };
    db.conn().begin_with_options(options).await
}
