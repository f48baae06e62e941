//! `honglian serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::database::{deps_at, existing};
use super::{Failure, say};
use crate::access::vault::Vault;
use crate::app::{App, vault, verifier};
use crate::config::{Config, LogFormat};
use crate::domain::contact::queries::keys_in_use;
use crate::http::{Bundle, HttpOptions, ended, log_panics, serve};
use crate::kernel::clock::{Clock, SystemClock};
use crate::store::{Db, connect};

pub(super) async fn run(config: Config, check: bool) -> Result<(), Failure> {
    if check {
        return say(config.effective());
    }
    start_log(&config)?;
    let bundle = bundle(&config)?;
    let db = existing(&config).await?;
    connect::check(&db).await?;
    // Before anybody is told that they may come in.
    verifier(&config)?;
    let vault = vault(&config)?;
    check_vault(&vault, &db).await?;
    let listener = listen(config.listen).await?;
    say(format!("listening on http://{}", listener.local_addr()?))?;
    let clock = Arc::new(SystemClock);
    answer(&config, &db, vault, clock, listener, None, bundle).await
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

/// The built explorer, where one is to be shown.
pub(super) fn bundle(config: &Config) -> Result<Option<Bundle>, Failure> {
    let folder = config.graphql.explorer_dir.as_deref();
    let folder = folder.filter(|_| config.graphql.explorer);
    Ok(folder.map(Bundle::read).transpose()?)
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
    demo_tokens: Option<serde_json::Value>,
    bundle: Option<Bundle>,
) -> Result<(), Failure> {
    let app = App::new(config, deps_at(db.clone(), clock, vault), verifier(config)?);
    let app = Arc::new(app);
    let sweeping = Arc::clone(&app);
    tokio::spawn(async move { sweeping.sweep().await });
    let options = HttpOptions {
        bundle,
        ..HttpOptions::new(config, demo_tokens)
    };
    serve(listener, app, options, ended()).await?;
    Ok(())
}
