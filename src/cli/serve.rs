//! `honglian serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::database::{deps_at, existing};
use super::{Failure, say};
use crate::access::vault::Vault;
use crate::app::{App, vault, verifier};
use crate::config::{Config, LogFormat};
use crate::domain::contact::queries::keys_in_use;
use crate::http::{Bundle, HttpOptions, Tls, ended, log_panics, serve};
use crate::kernel::clock::{Clock, SystemClock};
use crate::store::{Db, connect};

/// How long a server that ends waits for answers to be written.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

pub(super) async fn run(config: Config, check: bool) -> Result<(), Failure> {
    if check {
        return say(config.effective());
    }
    start_log(&config)?;
    let prepared = Prepared::open(&config)?;
    let db = existing(&config).await?;
    connect::check(&db).await?;
    // Before anybody is told that they may come in.
    verifier(&config)?;
    let vault = vault(&config)?;
    check_vault(&vault, &db).await?;
    let listener = listen(config.listen).await?;
    let scheme = scheme(&config);
    say(format!(
        "listening on {scheme}://{}",
        listener.local_addr()?
    ))?;
    answer(
        &config,
        &db,
        vault,
        Arc::new(SystemClock),
        listener,
        prepared,
    )
    .await
}

/// Refuses to serve where personal data could not be written, or not be read.
pub(super) async fn check_vault(vault: &Vault, db: &Db) -> Result<(), Failure> {
    let known = vault.ids();
    let used = keys_in_use(db).await?;
    if let Some(missing) = used.iter().find(|id| !known.contains(&id.as_str())) {
        return Err(Failure::Auth(format!(
            "contacts are sealed by the vault key {missing}, which is not configured: restore its \
             file or add it to vault.keys"
        )));
    }
    if vault.is_empty() {
        return Err(Failure::Auth(
            "no vault key is configured, which contacts are sealed by: run `honglian keys vault` or \
             set vault.keys"
                .to_owned(),
        ));
    }
    Ok(())
}

pub(super) fn start_log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log.filter)
        .map_err(|error| Failure::Other(format!("log.filter is not valid: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match config.log.format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| Failure::Other(error.to_string()))?;
    log_panics();
    Ok(())
}

/// What a server reads from files of its own before it opens.
pub(super) struct Prepared {
    /// The built explorer, where one is to be shown.
    bundle: Option<Bundle>,
    tls: Option<Tls>,
    /// The demo's tokens, for the explorer to offer.
    pub(super) demo_tokens: Option<serde_json::Value>,
}

impl Prepared {
    pub(super) fn open(config: &Config) -> Result<Self, Failure> {
        let folder = config.graphql.explorer_dir.as_deref();
        let folder = folder.filter(|_| config.graphql.explorer);
        Ok(Self {
            bundle: folder.map(Bundle::read).transpose()?,
            tls: config.http.tls.as_ref().map(Tls::read).transpose()?,
            demo_tokens: None,
        })
    }
}

/// How the server's address begins.
pub(super) const fn scheme(config: &Config) -> &'static str {
    if config.http.tls.is_some() {
        "https"
    } else {
        "http"
    }
}

/// Reads the certificate again whenever the process is told to.
async fn renew_at_hangups(tls: Tls) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        tracing::warn!("SIGHUP cannot be listened for: certificates are not renewed");
        return;
    };
    while hangups.recv().await.is_some() {
        match tls.renew() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate of before stays"),
        }
    }
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Listen(address, error))
}

pub(super) async fn answer(
    config: &Config,
    db: &Db,
    vault: Vault,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    prepared: Prepared,
) -> Result<(), Failure> {
    let deps = deps_at(config, db.clone(), clock, vault)?;
    let app = App::new(config, deps, verifier(config)?);
    let app = Arc::new(app);
    let sweeping = Arc::clone(&app);
    tokio::spawn(async move { sweeping.sweep().await });
    if let Some(tls) = prepared.tls.clone() {
        tokio::spawn(renew_at_hangups(tls));
    }
    let options = HttpOptions {
        bundle: prepared.bundle,
        tls: prepared.tls,
        ..HttpOptions::new(config, prepared.demo_tokens)
    };
    serve(listener, app, options, ended()).await?;
    // What is lost here would be rendered again; it takes a moment.
    let written = tokio::time::timeout(LAST_ANSWERS, db.answers_written());
    if written.await.is_err() {
        tracing::warn!("answers of keys were not written in time");
    }
    Ok(())
}
