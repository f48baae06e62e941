//! `honglian migrate` and `honglian seed`.

use std::io::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use entity::district;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{Failure, SeedProfile, say};
use crate::config::Config;
use crate::demo::{self, Cast, Options, Profile};
use crate::kernel::clock::SHANGHAI;
use crate::store::Db;
use crate::store::connect::{self, open};

pub(super) async fn connect(config: &Config) -> Result<Db, Failure> {
    Ok(open(
        config.database.url.expose(),
        config.database.max_connections,
    )
    .await?)
}

pub(super) async fn migrate(config: &Config) -> Result<(), Failure> {
    let applied = connect::migrate(&connect(config).await?).await?;
    say(format!("{applied} migrations applied"))
}

pub(super) async fn status(config: &Config) -> Result<(), Failure> {
    let standing = connect::standing(&connect(config).await?).await?;
    for (step, is_applied) in &standing.steps {
        say(format!(
            "{} {step}",
            if *is_applied { "applied" } else { "pending" }
        ))?;
    }
    for step in &standing.unknown {
        say(format!("unknown {step}"))?;
    }
    Ok(())
}

pub(super) async fn seed(
    config: &Config,
    profile: SeedProfile,
    as_of: Option<NaiveDate>,
) -> Result<(), Failure> {
    let db = connect(config).await?;
    connect::check(&db).await?;
    let profile = match profile {
        SeedProfile::Demo => Profile::Demo,
        SeedProfile::Full => Profile::Full,
    };
    load(&db, config, profile, start(as_of)?).await?;
    say("the Liwan data set is loaded")
}

/// Ten in the morning of a day in Shanghai; the article's day where none is given.
pub(super) fn start(as_of: Option<NaiveDate>) -> Result<DateTime<Utc>, Failure> {
    let Some(day) = as_of else {
        return Ok(demo::article_instant());
    };
    let ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default();
    let at = SHANGHAI.from_local_datetime(&day.and_time(ten)).single();
    let at = at.ok_or_else(|| Failure::Refused(format!("{day} is no day to start at")))?;
    Ok(at.to_utc())
}

/// Loads the data set with its progress on stderr.
pub(super) async fn load(
    db: &Db,
    config: &Config,
    profile: Profile,
    as_of: DateTime<Utc>,
) -> Result<Cast, Failure> {
    let codes = district::Column::Code.is_in(["440103", "440104"]);
    if district::Entity::find()
        .filter(codes)
        .count(db.conn())
        .await?
        > 0
    {
        return Err(Failure::Refused(
            "the database already holds the district 440103 or 440104; seed an empty one"
                .to_owned(),
        ));
    }
    let options = Options {
        profile,
        as_of,
        issuer: config.auth.token_issuer.clone(),
    };
    let data = demo::build(&options).map_err(|error| Failure::Refused(error.to_string()))?;
    let cast = data.cast.clone();
    let mut progress = |table: &str, done: usize, of: usize| {
        let end = if done >= of { "\n" } else { "\r" };
        let _ = write!(std::io::stderr(), "  {table}: {done}/{of}{end}");
    };
    demo::load(db.conn(), data, &mut progress).await?;
    Ok(cast)
}
