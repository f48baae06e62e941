//! `honglian demo`: the Liwan network on a database of its own, with users to try it as.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Map, Value};

use super::database::{load, made, start};
use super::instance::{self, Owner};
use super::keys::vault_made;
use super::serve::{Prepared, answer, check_vault, listen, scheme, start_log};
use super::token::Mint;
use super::{Failure, say};
use crate::access::keys::{KeyAlgorithm, ensure};
use crate::access::vault::Vault;
use crate::config::{Config, Introspection, IssuerConfig};
use crate::demo::Profile;
use crate::domain::user::claims::by_login;
use crate::kernel::clock::{BusinessClock, Clock, business_date};
use crate::store::Db;
use crate::store::connect::{migrate, open};

/// The users of `demo-tokens.json`, by the subject that the data set gives them.
const CAST: [(&str, &str); 6] = [
    ("district", "demo-operator-1"),
    ("admin", "demo-admin"),
    ("auditor", "demo-auditor"),
    ("officer", "demo-officer-1"),
    ("lead", "demo-lead-3"),
    ("member", "demo-member-4"),
];
/// How often the demo's time is stored: what a killed demo loses at most.
const KEEP_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(
    mut config: Config,
    as_of: Option<NaiveDate>,
    fresh: bool,
) -> Result<(), Failure> {
    // A port in use is told before anything is written.
    let listener = listen(config.listen).await?;
    config.listen = listener.local_addr()?;
    config.graphql.explorer = true;
    config.graphql.introspection = Introspection::Public;
    start_log(&config)?;
    let mut prepared = Prepared::open(&config)?;
    let mut db = made(&config).await?;
    let vault = vault_made(&mut config)?;
    if fresh {
        db = start_over(&config, db).await?;
    }
    match instance::owner(&db).await? {
        Owner::Somebody => {
            return Err(Failure::Refused(
                "this database is not a demo's; choose another --data-dir or --database-url"
                    .to_owned(),
            ));
        }
        Owner::Nobody => {
            migrate(&db).await?;
            fill(&config, &db, &vault, as_of).await?;
        }
        Owner::Demo => {
            migrate(&db).await?;
            keep(&db, as_of).await?;
        }
    }
    check_vault(&vault, &db).await?;
    let now = instance::now(db.conn()).await?;
    let clock: Arc<dyn Clock> = Arc::new(BusinessClock::starting_at(now));
    let tokens = tokens(&mut config, &db).await?;
    invite(&config, &tokens)?;
    let keeper = tokio::spawn(keep_time(db.clone(), Arc::clone(&clock)));
    prepared.demo_tokens = Some(Value::Object(tokens));
    let served = answer(&config, &db, vault, Arc::clone(&clock), listener, prepared).await;
    keeper.abort();
    instance::store_now(db.conn(), clock.now()).await?;
    served
}

/// Loads the data set and marks the database as a demo's in one transaction: a start that is
/// killed on the way leaves an empty database, which the next one fills.
async fn fill(
    config: &Config,
    db: &Db,
    vault: &Vault,
    as_of: Option<NaiveDate>,
) -> Result<(), Failure> {
    let at = start(as_of)?;
    let _ = writeln!(std::io::stderr(), "loading the Liwan data set");
    let tx = db.begin().await?;
    load(&tx, config, vault, Profile::Demo, at).await?;
    instance::becomes_demo(&tx, at).await?;
    tx.commit().await?;
    Ok(())
}

/// A demo that is loaded keeps its data, and its day.
async fn keep(db: &Db, as_of: Option<NaiveDate>) -> Result<(), Failure> {
    let loaded = business_date(instance::as_of(db.conn()).await?);
    match as_of {
        Some(asked) if asked != loaded => Err(Failure::Refused(format!(
            "this demo is loaded as of {loaded}; add --fresh to start over as of {asked}"
        ))),
        _ => Ok(()),
    }
}

/// Throws a demo's database away; refuses any other.
async fn start_over(config: &Config, db: Db) -> Result<Db, Failure> {
    if db.backend() == DbBackend::Postgres {
        return Err(Failure::Refused(
            "--fresh works on SQLite; on PostgreSQL drop and create the database yourself"
                .to_owned(),
        ));
    }
    if instance::owner(&db).await? == Owner::Somebody {
        return Err(Failure::Refused(
            "--fresh refuses: this database is not a demo's; choose another --data-dir".to_owned(),
        ));
    }
    db.conn().close_by_ref().await?;
    // Out of the write-ahead mode, which fails while another process has the file open, the
    // database is one file: it is removed as a whole or not at all.
    let alone = open(config.database.url.expose(), 1).await?;
    let sole = alone.conn().execute_unprepared("PRAGMA busy_timeout = 0");
    sole.await?;
    let left = ask(&alone, "PRAGMA journal_mode = DELETE", "journal_mode").await;
    if left.is_err() || left.is_ok_and(|mode| mode.as_deref() != Some("delete")) {
        return Err(Failure::Refused(
            "--fresh refuses: another process uses this database; stop it first".to_owned(),
        ));
    }
    let file = ask(&alone, "PRAGMA database_list", "file").await?;
    alone.conn().close_by_ref().await?;
    if let Some(file) = file.filter(|file| !file.is_empty()) {
        fs::remove_file(&file)
            .map_err(|error| Failure::Other(format!("cannot remove {file}: {error}")))?;
    }
    made(config).await
}

async fn ask(db: &Db, sql: &str, column: &str) -> Result<Option<String>, Failure> {
    let row = db
        .conn()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await?;
    Ok(match row {
        Some(row) => row.try_get("", column)?,
        None => None,
    })
}

/// Stores the business time, so that a restart goes on from there.
async fn keep_time(db: Db, clock: Arc<dyn Clock>) {
    let mut every = tokio::time::interval(KEEP_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = instance::store_now(db.conn(), clock.now()).await {
            tracing::warn!(%error, "the business time is not stored");
        }
    }
}

/// Signs a token of 24 hours for each of the cast and writes them down.
async fn tokens(config: &mut Config, db: &Db) -> Result<Map<String, Value>, Failure> {
    // A demo accepts the tokens that it signs and no others.
    let keys = ensure(&config.keys_dir(), KeyAlgorithm::EdDsa)?;
    config.auth.signing_key_file = Some(keys.private);
    config.auth.issuers = vec![IssuerConfig {
        issuer: config.auth.token_issuer.clone(),
        audience: config.auth.token_audience.clone(),
        jwks_file: keys.public,
        allow_rs256: false,
        require_typ: true,
    }];
    let mint = Mint::open(config)?;
    let mut tokens = Map::new();
    for (name, subject) in CAST {
        let user = by_login(db.conn(), &config.auth.token_issuer, subject).await?;
        let user = user.ok_or_else(|| {
            Failure::Refused(format!(
                "the demo has no user {subject} of the issuer {:?}; start over with --fresh",
                config.auth.token_issuer
            ))
        })?;
        // Signed whatever has become of the user: a demo starts again after every trial, and a
        // right that was taken away answers as it should.
        let token = mint
            .sign(db, &user, "honglian-demo", TimeDelta::hours(24))
            .await?;
        tokens.insert(name.to_owned(), Value::from(token));
    }
    let file = config.data_dir.join("demo-tokens.json");
    write_secret(&file, &Value::from(tokens.clone())).map_err(|error| {
        Failure::Other(format!(
            "cannot write {}: {error}; check the folder's permissions",
            file.display()
        ))
    })?;
    Ok(tokens)
}

/// Replaces a file by one that its owner alone may read, whoever could read the one before.
fn write_secret(path: &Path, value: &Value) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    writeln!(file, "{value:#}")?;
    fs::rename(&beside, path)
}

fn invite(config: &Config, tokens: &Map<String, Value>) -> Result<(), Failure> {
    let address = format!("{}://{}", scheme(config), config.listen);
    say(format!(
        "\nHonglian is ready. Explorer: {address}/graphiql\n"
    ))?;
    let token = |name: &str| tokens.get(name).and_then(Value::as_str).unwrap_or_default();
    for name in ["district", "lead", "member"] {
        say(format!("{name}:\n{}\n", token(name)))?;
    }
    let query =
        r#"{"query":"{ enterprises(first: 3) { totalCount nodes { name allianceRole } } }"}"#;
    say(format!(
        "Try:\ncurl -s {address}/graphql -H 'Content-Type: application/json' \
         -H 'Authorization: Bearer {}' -d '{query}'",
        token("district")
    ))
}
