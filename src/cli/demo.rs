//! `honglian demo`: the Liwan network on a database of its own, with users to try it as.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::user_account::UserRole;
use entity::{district, setting, user_account};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Map, Value};

use super::database::{connect, load, start};
use super::serve::{answer, listen, start_log};
use super::{Failure, say};
use crate::access::keys::{KeyAlgorithm, PRIVATE_KEY_FILE, PUBLIC_KEYS_FILE, PrivateKey, generate};
use crate::access::token::{ClaimedRole, NewToken, Perm, Signer};
use crate::config::{Config, Introspection, IssuerConfig};
use crate::demo::Profile;
use crate::kernel::clock::{BusinessClock, Clock, SystemClock};
use crate::kernel::id::{Ids, Kind, RandomIds, encode};
use crate::store::Db;
use crate::store::connect::migrate;

/// The users of `demo-tokens.json`, by the subject that the data set gives them.
const CAST: [(&str, &str); 6] = [
    ("district", "demo-operator-1"),
    ("admin", "demo-admin"),
    ("auditor", "demo-auditor"),
    ("officer", "demo-officer-1"),
    ("lead", "demo-lead-3"),
    ("member", "demo-member-4"),
];

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
    fs::create_dir_all(&config.data_dir).map_err(|error| {
        Failure::Other(format!(
            "cannot make {}: {error}",
            config.data_dir.display()
        ))
    })?;
    let mut db = connect(&config).await?;
    if fresh {
        db = start_over(&config, db).await?;
    }
    migrate(&db).await?;
    if !is_demo(&db).await? {
        if district::Entity::find().count(db.conn()).await? > 0 {
            return Err(Failure::Refused(
                "this database is not a demo's; choose another --data-dir or --database-url"
                    .to_owned(),
            ));
        }
        let _ = writeln!(std::io::stderr(), "loading the Liwan data set");
        load(&db, &config, Profile::Demo, start(as_of)?).await?;
        put(&db, "instance", "demo").await?;
        put(&db, "business_now", &start(as_of)?.to_rfc3339()).await?;
    }
    let now = get(&db, "business_now").await?;
    let now = now.and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let clock: Arc<dyn Clock> = Arc::new(BusinessClock::starting_at(
        now.map_or_else(|| start(as_of), Ok)?,
    ));
    let tokens = tokens(&mut config, &db).await?;
    invite(&config, &tokens)?;
    let keeper = tokio::spawn(keep_time(db.clone(), Arc::clone(&clock)));
    let shown = Value::Object(tokens);
    let served = answer(
        &config,
        db.clone(),
        Arc::clone(&clock),
        listener,
        Some(shown),
    )
    .await;
    keeper.abort();
    put(&db, "business_now", &clock.now().to_rfc3339()).await?;
    served
}

async fn is_demo(db: &Db) -> Result<bool, Failure> {
    Ok(get(db, "instance").await?.as_deref() == Some("demo"))
}

/// Throws a demo's database away; refuses any other.
async fn start_over(config: &Config, db: Db) -> Result<Db, Failure> {
    if db.backend() == DbBackend::Postgres {
        return Err(Failure::Refused(
            "--fresh works on SQLite; on PostgreSQL drop and create the database yourself"
                .to_owned(),
        ));
    }
    migrate(&db).await?;
    let is_empty = district::Entity::find().count(db.conn()).await? == 0;
    if !is_empty && !is_demo(&db).await? {
        return Err(Failure::Refused(
            "--fresh refuses: this database is not a demo's".to_owned(),
        ));
    }
    let url = config.database.url.expose();
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or(path).to_owned();
    let _ = db.conn().clone().close().await;
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(format!("{path}{suffix}")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    connect(config).await
}

async fn get(db: &Db, key: &str) -> Result<Option<String>, Failure> {
    let row = setting::Entity::find_by_id(key.to_owned())
        .one(db.conn())
        .await?;
    Ok(row.map(|row| row.value))
}

async fn put(db: &Db, key: &str, value: &str) -> Result<(), Failure> {
    let row = setting::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(value.to_owned()),
        updated_at: Set(SystemClock.now()),
    };
    let newest = OnConflict::column(setting::Column::Key)
        .update_columns([setting::Column::Value, setting::Column::UpdatedAt])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(newest)
        .exec_without_returning(db.conn())
        .await?;
    Ok(())
}

/// Stores the business time, so that a restart goes on from there.
async fn keep_time(db: Db, clock: Arc<dyn Clock>) {
    let mut every = tokio::time::interval(std::time::Duration::from_secs(30));
    loop {
        every.tick().await;
        if let Err(error) = put(&db, "business_now", &clock.now().to_rfc3339()).await {
            tracing::warn!(%error, "the business time is not stored");
        }
    }
}

/// Signs a token of 24 hours for each of the cast and writes them down.
async fn tokens(config: &mut Config, db: &Db) -> Result<Map<String, Value>, Failure> {
    let folder = config.keys_dir();
    let private = folder.join(PRIVATE_KEY_FILE);
    if !private.exists() {
        generate(&folder, KeyAlgorithm::EdDsa)?;
    }
    if config.auth.issuers.is_empty() {
        config.auth.issuers.push(IssuerConfig {
            issuer: config.auth.token_issuer.clone(),
            audience: config.auth.token_audience.clone(),
            jwks_file: folder.join(PUBLIC_KEYS_FILE),
            allow_rs256: false,
            require_typ: true,
        });
    }
    let key = PrivateKey::load(&private)?;
    let (issuer, audience) = (
        config.auth.token_issuer.clone(),
        config.auth.token_audience.clone(),
    );
    let signer = Signer::new(&key, issuer.clone(), audience);
    let mut tokens = Map::new();
    for (name, subject) in CAST {
        let found = user_account::Entity::find()
            .filter(user_account::Column::Issuer.eq(&issuer))
            .filter(user_account::Column::Subject.eq(subject))
            .one(db.conn())
            .await?
            .ok_or_else(|| Failure::Other(format!("the demo has no user {subject}")))?;
        let home = district::Entity::find_by_id(found.district_id)
            .one(db.conn())
            .await?;
        let token = signer.sign(
            &claims(&found, home.map(|home| home.code)),
            SystemClock.now(),
        );
        let token = token.map_err(|error| Failure::Other(error.to_string()))?;
        tokens.insert(name.to_owned(), Value::from(token));
    }
    write_secret(
        &config.data_dir.join("demo-tokens.json"),
        &Value::from(tokens.clone()),
    )?;
    Ok(tokens)
}

/// What the token of a user says.
fn claims(user: &user_account::Model, district: Option<String>) -> NewToken {
    let mut perms = Vec::new();
    perms.extend(user.is_admin.then_some(Perm::Admin));
    perms.extend(user.is_auditor.then_some(Perm::Auditor));
    NewToken {
        sub: user.subject.clone(),
        client_id: "honglian-demo".to_owned(),
        jti: RandomIds.next().simple().to_string(),
        lifetime: TimeDelta::hours(24),
        role: Some(match user.role {
            UserRole::District => ClaimedRole::District,
            UserRole::Lead => ClaimedRole::Lead,
            UserRole::Member => ClaimedRole::Member,
        }),
        district,
        ent: user.enterprise_id.map(|id| encode(Kind::Enterprise, id)),
        off: user.officer_id.map(|id| encode(Kind::Officer, id)),
        perms,
        scope: None,
    }
}

fn write_secret(path: &Path, value: &Value) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{value:#}")?;
    Ok(())
}

fn invite(config: &Config, tokens: &Map<String, Value>) -> Result<(), Failure> {
    let address = format!("http://{}", config.listen);
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
