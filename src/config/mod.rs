//! The server's configuration: the only reader of the environment and of configuration
//! files.
//!
//! Four layers, each over the one before: the defaults below, a TOML file, variables
//! with the prefix `HONGLIAN_` (`__` between levels: `HONGLIAN_HTTP__BODY_LIMIT_BYTES`),
//! and the flags of the command line. An unknown key is an error in every layer, for a
//! misspelt setting is one that silently does not hold. An empty variable counts as
//! unset. Relative paths start at the working directory.
//!
//! When no issuer is configured and `<data_dir>/keys/jwks.json` exists, which
//! `honglian keys generate` writes, tokens of the issuer `honglian` for the audience
//! `honglian-api` are accepted with the keys in it, and `<data_dir>/keys/signing-key.pem`
//! signs new ones. In the same way the vault keys of `honglian keys vault` are used when no
//! `vault.keys` are configured.

mod database_url;
mod error;
mod layers;
mod network;
mod subscriptions;
#[cfg(test)]
mod tests;
mod uploads;
mod vault;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use crate::access::keys::{PRIVATE_KEY_FILE, PUBLIC_KEYS_FILE};
use crate::access::vault::made_in;
use layers::Layers;

pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use error::ConfigError;
pub use layers::Overrides;
pub use network::{Network, NetworkError};
pub use subscriptions::Subscriptions;
pub use uploads::{Hidden, S3, Uploads};
pub use vault::{Vault, VaultKeyConfig};

/// The longest life of a token of our own.
const LONGEST_TOKEN_S: u32 = 24 * 60 * 60;

/// Everything that can be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server keeps its files. `honglian-data` by default.
    pub data_dir: PathBuf,
    /// The address to listen on. `127.0.0.1:8080` by default.
    pub listen: SocketAddr,
    /// The database.
    pub database: Database,
    /// Whose tokens are accepted.
    pub auth: Auth,
    /// What personal data are sealed by.
    pub vault: Vault,
    /// Limits of the HTTP server.
    pub http: Http,
    /// What the GraphQL endpoint shows of itself.
    pub graphql: Graphql,
    /// Attachments.
    pub uploads: Uploads,
    /// Limits of sockets and event streams.
    pub subscriptions: Subscriptions,
    /// Logging.
    pub log: Log,
}

/// The database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:` or `postgres:`. By default SQLite in `<data_dir>/honglian.db`.
    pub url: DatabaseUrl,
    /// The most connections open at once.
    pub max_connections: u32,
}

/// Whose tokens are accepted, and how our own are made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// The private key of our own tokens; without one none are issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_key_file: Option<PathBuf>,
    /// The `iss` of our own tokens.
    pub token_issuer: String,
    /// The `aud` of our own tokens.
    pub token_audience: String,
    /// How long our own tokens are valid.
    pub token_lifetime_s: u32,
    /// The authorities whose tokens are accepted.
    pub issuers: Vec<IssuerConfig>,
}

/// An authority whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// The `aud` its tokens must name.
    pub audience: String,
    /// Its public keys, a JSON Web Key Set.
    pub jwks_file: PathBuf,
    /// Whether its RSA keys count.
    #[serde(default)]
    pub allow_rs256: bool,
    /// Whether the `typ` of its tokens must be `at+jwt`.
    #[serde(default = "yes")]
    pub require_typ: bool,
}

/// The HTTP server: its limits, and whom it trusts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Threads that answer. Half of the cores by default: the database, beside the server or in it,
    /// does at least as much for each request, and threads that pass work on to each other cost more
    /// than they bring.
    pub threads: u32,
    /// The largest request body.
    pub body_limit_bytes: u32,
    /// How long an operation may take.
    pub request_timeout_ms: u32,
    /// How long a client may take to send a request's headers; also how long an idle
    /// connection is kept.
    pub header_timeout_ms: u32,
    /// How long a client may take to send a body.
    pub body_timeout_ms: u32,
    /// How long a client may take nothing of an answer.
    pub write_timeout_ms: u32,
    /// How long a stopping server waits for running requests.
    pub shutdown_grace_ms: u32,
    /// The most connections at once; further ones are answered 503.
    pub max_connections: u32,
    /// The most connections of one address (of one /64 network by IPv6), but for the trusted
    /// proxies; further ones are answered 503.
    pub max_connections_per_address: u32,
    /// The most operations that run at once.
    pub max_running: u32,
    /// The most operations that wait for one that runs; further ones are answered 503.
    pub max_waiting: u32,
    /// How long an operation waits before it is answered 503.
    pub max_wait_ms: u32,
    /// The browser frontends of other origins, exactly as browsers name them
    /// (`https://desk.example.cn`). None by default.
    pub allowed_origins: Vec<String>,
    /// The proxies whose `X-Forwarded-For` counts. None by default.
    pub trusted_proxies: Vec<Network>,
    /// Which status codes answer requests that cannot be executed.
    pub status_profile: StatusProfile,
    /// The files that connections are secured with; where absent, a proxy in front does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
}

/// What connections are secured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The certificate, then those of its issuers: PEM.
    pub certificate: PathBuf,
    /// Its private key: PEM, not encrypted.
    pub key: PathBuf,
}

/// Which status codes answer requests that cannot be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusProfile {
    /// Those of the `graphql-http` audits: 400, and 200 to clients of `application/json`.
    Audit,
    /// Those of the 2026 draft of GraphQL over HTTP: 422 for what cannot be processed, 294 for
    /// data beside errors.
    Draft2026,
}

/// What the GraphQL endpoint shows of itself, and what it grants.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Graphql {
    /// Who may read the schema.
    pub introspection: Introspection,
    /// Whether the endpoint answers browsers with an explorer page.
    pub explorer: bool,
    /// A folder with a built page to answer with instead of our own: GraphiQL, by `web/graphiql`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explorer_dir: Option<PathBuf>,
    /// Whether errors suggest names of fields, which tells the schema to guessers.
    pub suggestions: bool,
    /// The most that one operation may cost.
    pub cost_limit: u32,
    /// What a user, or an address without a token, may spend at once.
    pub budget: u32,
    /// What comes back to a budget each second.
    pub budget_per_second: u32,
}

/// Who may read the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Introspection {
    /// Everyone.
    Public,
    /// Whoever brings a valid token.
    Authenticated,
    /// Nobody.
    Off,
}

/// Logging.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines are written: a level, or directives such as `info,honglian=debug`.
    pub filter: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("honglian-data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            database: Database::default(),
            auth: Auth::default(),
            vault: Vault::default(),
            http: Http::default(),
            graphql: Graphql::default(),
            uploads: Uploads::default(),
            subscriptions: Subscriptions::default(),
            log: Log::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: DatabaseUrl::sqlite_file("honglian-data/honglian.db"),
            max_connections: 10,
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            signing_key_file: None,
            token_issuer: "honglian".to_owned(),
            token_audience: "honglian-api".to_owned(),
            token_lifetime_s: 30 * 60,
            issuers: Vec::new(),
        }
    }
}

fn half_of_the_cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cores / 2).unwrap_or(1).max(1)
}

impl Default for Http {
    fn default() -> Self {
        Self {
            threads: half_of_the_cores(),
            body_limit_bytes: 256 * 1024,
            request_timeout_ms: 10_000,
            header_timeout_ms: 10_000,
            body_timeout_ms: 10_000,
            write_timeout_ms: 30_000,
            shutdown_grace_ms: 10_000,
            max_connections: 4_000,
            max_connections_per_address: 1_000,
            max_running: 8,
            max_waiting: 256,
            max_wait_ms: 1_000,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            status_profile: StatusProfile::Audit,
            tls: None,
        }
    }
}

impl Default for Graphql {
    fn default() -> Self {
        Self {
            introspection: Introspection::Authenticated,
            explorer: false,
            explorer_dir: None,
            suggestions: false,
            cost_limit: 5_000,
            budget: 20_000,
            budget_per_second: 1_000,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info,sqlx=warn".to_owned(),
        }
    }
}

impl Http {
    /// How long an operation may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        milliseconds(self.request_timeout_ms)
    }

    /// How long a client may take to send headers, and be idle.
    #[must_use]
    pub fn header_timeout(&self) -> Duration {
        milliseconds(self.header_timeout_ms)
    }

    /// How long a client may take to send a body.
    #[must_use]
    pub fn body_timeout(&self) -> Duration {
        milliseconds(self.body_timeout_ms)
    }

    /// How long a client may take nothing of an answer.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        milliseconds(self.write_timeout_ms)
    }

    /// How long a stopping server waits for running requests.
    #[must_use]
    pub fn shutdown_grace(&self) -> Duration {
        milliseconds(self.shutdown_grace_ms)
    }

    /// How long an operation waits for its turn.
    #[must_use]
    pub fn max_wait(&self) -> Duration {
        milliseconds(self.max_wait_ms)
    }
}

fn milliseconds(number: u32) -> Duration {
    Duration::from_millis(number.into())
}

impl Config {
    /// Where `honglian keys generate` puts its files.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// Takes the vault keys of the data folder into use, where none is configured.
    pub fn find_vault_keys(&mut self) {
        if self.vault.keys.is_empty() {
            let made = made_in(&self.keys_dir()).into_iter();
            self.vault.keys = made.map(|(id, file)| VaultKeyConfig { id, file }).collect();
        }
    }

    /// The configuration as a TOML file would say it, secrets hidden.
    #[must_use]
    pub fn effective(&self) -> String {
        // Every value is a plain number, string or path; a path that is not Unicode is
        // the one thing TOML cannot say.
        toml::to_string(self).unwrap_or_else(|error| format!("# {error}\n"))
    }
}

/// Reads the configuration.
///
/// Without `file`, the variable `HONGLIAN_CONFIG` may name one.
///
/// # Errors
/// [`ConfigError`]: one line that names the file or variable and the remedy, and never
/// shows a configured value.
pub fn load(file: Option<&Path>, flags: Overrides) -> Result<Config, ConfigError> {
    #[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
    let environment = std::env::vars_os();
    load_from(file, environment, flags)
}

fn load_from(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    flags: Overrides,
) -> Result<Config, ConfigError> {
    let layers = Layers::read(file, environment, flags)?;
    let figment = layers
        .iter()
        .fold(Figment::new(), |figment, layer| figment.merge(layer));
    let mut config: Config = figment.extract().map_err(|error| layers.explain(&error))?;
    if !figment.contains("database.url") {
        // No layer lets a path in that is not Unicode.
        let file = config.data_dir.join("honglian.db");
        config.database.url = DatabaseUrl::sqlite_file(&file.display().to_string());
    }
    if !figment.contains("uploads.dir") {
        config.uploads.dir = config.data_dir.join("attachments");
    }
    use_generated_keys(&mut config);
    check(&config).map_err(|(key, reason)| layers.fault(&key, reason))?;
    Ok(config)
}

fn use_generated_keys(config: &mut Config) {
    let folder = config.keys_dir();
    let private = folder.join(PRIVATE_KEY_FILE);
    let public = folder.join(PUBLIC_KEYS_FILE);
    config.find_vault_keys();
    let auth = &mut config.auth;
    if auth.signing_key_file.is_none() && private.exists() {
        auth.signing_key_file = Some(private);
    }
    if auth.issuers.is_empty() && public.exists() {
        auth.issuers.push(IssuerConfig {
            issuer: auth.token_issuer.clone(),
            audience: auth.token_audience.clone(),
            jwks_file: public,
            allow_rs256: false,
            require_typ: true,
        });
    }
}

/// What the types cannot say. The key of the first fault, and what is wrong.
fn check(config: &Config) -> Result<(), (String, &'static str)> {
    for (key, number) in [
        ("database.max_connections", config.database.max_connections),
        ("auth.token_lifetime_s", config.auth.token_lifetime_s),
        ("http.threads", config.http.threads),
        ("http.body_limit_bytes", config.http.body_limit_bytes),
        ("http.request_timeout_ms", config.http.request_timeout_ms),
        ("http.header_timeout_ms", config.http.header_timeout_ms),
        ("http.body_timeout_ms", config.http.body_timeout_ms),
        ("http.write_timeout_ms", config.http.write_timeout_ms),
        ("http.max_connections", config.http.max_connections),
        (
            "http.max_connections_per_address",
            config.http.max_connections_per_address,
        ),
        ("http.max_running", config.http.max_running),
        ("graphql.cost_limit", config.graphql.cost_limit),
        ("graphql.budget", config.graphql.budget),
        (
            "graphql.budget_per_second",
            config.graphql.budget_per_second,
        ),
    ] {
        if number == 0 {
            return Err((key.to_owned(), "must be at least 1"));
        }
    }
    let uploads = config.uploads.numbers().into_iter();
    for (key, number) in uploads.chain(config.subscriptions.numbers()) {
        if number == 0 {
            return Err((key.to_owned(), "must be at least 1"));
        }
    }
    config.vault.check()?;
    if config.auth.token_lifetime_s > LONGEST_TOKEN_S {
        let key = "auth.token_lifetime_s".to_owned();
        return Err((key, "must be at most 86400, a day"));
    }
    if EnvFilter::try_new(&config.log.filter).is_err() {
        let reason = "not a log filter; write a level, or directives such as info,honglian=debug";
        return Err(("log.filter".to_owned(), reason));
    }
    if config.graphql.cost_limit > config.graphql.budget {
        return Err((
            "graphql.cost_limit".to_owned(),
            "must not exceed graphql.budget, or the dearest operations could never run",
        ));
    }
    for (index, origin) in config.http.allowed_origins.iter().enumerate() {
        if !is_origin(origin) {
            return Err((
                format!("http.allowed_origins.{index}"),
                "must be an origin as browsers send it, such as https://desk.example.cn",
            ));
        }
    }
    let own = [
        ("auth.token_issuer".to_owned(), &config.auth.token_issuer),
        (
            "auth.token_audience".to_owned(),
            &config.auth.token_audience,
        ),
    ];
    let others = config.auth.issuers.iter().enumerate().flat_map(|(i, one)| {
        [
            (format!("auth.issuers.{i}.issuer"), &one.issuer),
            (format!("auth.issuers.{i}.audience"), &one.audience),
        ]
    });
    for (key, name) in own.into_iter().chain(others) {
        if name.trim().is_empty() {
            return Err((key, "must not be empty"));
        }
    }
    Ok(())
}

/// Scheme, host and port in lower case, with nothing after it and no wildcard.
fn is_origin(text: &str) -> bool {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte)
            })
    })
}

fn yes() -> bool {
    true
}
