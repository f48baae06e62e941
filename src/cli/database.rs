//! `honglian migrate` and `honglian seed`.

use std::fs;
use std::io::{IsTerminal, Write};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use entity::district;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::instance::{self, Owner};
use super::{Failure, SeedProfile, keys, say};
use crate::access::vault::Vault;
use crate::app::{AppError, vault};
use crate::config::Config;
use crate::demo::{self, Options, Profile};
use crate::files::Files;
use crate::kernel::clock::{BusinessClock, Clock, SHANGHAI, SystemClock};
use crate::kernel::id::RandomIds;
use crate::store::connect::{self, StartError, open_existing, open_within};
use crate::store::tx::Tx;
use crate::store::{Db, Deps};

/// The database, made where there is none. So is the data folder, which is ours.
pub(super) async fn made(config: &Config) -> Result<Db, Failure> {
    fs::create_dir_all(&config.data_dir).map_err(|error| {
        let folder = config.data_dir.display();
        Failure::Other(format!(
            "cannot make the folder {folder}: {error}; correct data_dir"
        ))
    })?;
    Ok(open_within(
        config.database.url.expose(),
        config.database.max_connections,
        config.http.request_timeout(),
    )
    .await?)
}

/// The database, which must be there.
pub(super) async fn existing(config: &Config) -> Result<Db, Failure> {
    let url = config.database.url.expose();
    let longest = config.http.request_timeout();
    Ok(open_existing(url, config.database.max_connections, longest).await?)
}

/// What actions of the operator work with. A demo's database lives in the demo's time.
pub(super) async fn deps(config: &Config, db: Db) -> Result<Deps, Failure> {
    connect::check(&db).await?;
    let clock: Arc<dyn Clock> = match instance::owner(&db).await? {
        Owner::Demo => Arc::new(BusinessClock::starting_at(instance::now(db.conn()).await?)),
        Owner::Nobody | Owner::Somebody => Arc::new(SystemClock),
    };
    deps_at(config, db, clock, vault(config)?)
}

/// What a server or an action works with.
pub(super) fn deps_at(
    config: &Config,
    db: Db,
    clock: Arc<dyn Clock>,
    vault: Vault,
) -> Result<Deps, Failure> {
    let files = Files::open(&config.uploads).map_err(AppError::from)?;
    Ok(Deps {
        db,
        clock,
        ids: Arc::new(RandomIds),
        vault: Arc::new(vault),
        files,
    })
}

pub(super) async fn migrate(config: &Config) -> Result<(), Failure> {
    match connect::migrate(&made(config).await?).await? {
        0 => say("the database is up to date"),
        1 => say("1 migration applied"),
        applied => say(format!("{applied} migrations applied")),
    }
}

pub(super) async fn status(config: &Config) -> Result<(), Failure> {
    let standing = connect::standing(&existing(config).await?).await?;
    for (step, is_applied) in &standing.steps {
        say(format!(
            "{} {step}",
            if *is_applied { "applied" } else { "pending" }
        ))?;
    }
    for step in &standing.unknown {
        say(format!("unknown {step}"))?;
    }
    if standing.unknown.is_empty() {
        return Ok(());
    }
    Err(StartError::Newer(standing.unknown.join(", ")).into())
}

pub(super) async fn seed(
    config: &Config,
    profile: SeedProfile,
    as_of: Option<NaiveDate>,
) -> Result<(), Failure> {
    let db = existing(config).await?;
    connect::check(&db).await?;
    let codes = district::Column::Code.is_in(["440103", "440104"]);
    let known = district::Entity::find().filter(codes);
    if known.count(db.conn()).await? > 0 {
        return Err(Failure::Refused(
            "the database already holds the district 440103 or 440104; seed another one".to_owned(),
        ));
    }
    let profile = match profile {
        SeedProfile::Demo => Profile::Demo,
        SeedProfile::Full => Profile::Full,
    };
    let vault = keys::vault_made(&mut config.clone())?;
    let tx = db.begin().await?;
    load(&tx, config, &vault, profile, start(as_of)?).await?;
    tx.commit().await?;
    say("the Liwan data set is loaded")
}

/// Ten in the morning of a day in Shanghai; the article's day where none is given.
pub(super) fn start(as_of: Option<NaiveDate>) -> Result<DateTime<Utc>, Failure> {
    let Some(day) = as_of else {
        return Ok(demo::article_instant());
    };
    let at = NaiveTime::from_hms_opt(10, 0, 0)
        .and_then(|ten| SHANGHAI.from_local_datetime(&day.and_time(ten)).single());
    let at = at.ok_or_else(|| Failure::Refused(format!("--as-of: {day} is out of range")))?;
    Ok(at.to_utc())
}

/// Loads the data set in a transaction, with its progress on stderr.
pub(super) async fn load(
    tx: &Tx,
    config: &Config,
    vault: &Vault,
    profile: Profile,
    as_of: DateTime<Utc>,
) -> Result<(), Failure> {
    let options = Options {
        profile,
        as_of,
        issuer: config.auth.token_issuer.clone(),
    };
    let data = demo::build(&options).map_err(|error| match error {
        demo::BuildError::AsOf => Failure::Refused(format!("--as-of: {error}")),
        _ => Failure::Other(error.to_string()),
    })?;
    let mut stderr = std::io::stderr();
    let redraws = stderr.is_terminal();
    let mut progress = |table: &str, done: usize, of: usize| {
        let line = format!("  {table}: {done}/{of}");
        // Progress that nobody can see is no reason to stop.
        let _ = if done >= of {
            writeln!(stderr, "{line}")
        } else if redraws {
            write!(stderr, "{line}\r")
        } else {
            Ok(())
        };
    };
    demo::load(tx, data, vault, &mut progress)
        .await
        .map_err(|error| Failure::Other(error.to_string()))
}
