//! The HTTP adapter: one GraphQL endpoint, health, and the explorer. Every answer is coded JSON
//! with a request id; no token and no body ever reaches the log.
//!
//! From the outside in: `connection` accepts sockets (`crowd` says how many, `tls` secures them),
//! `observe` gives each request its id and its line in the log, `cors` speaks to browsers,
//! `graphql` answers: `request` reads what comes, `negotiate` picks the media type, `load` says
//! when it runs, `to_its_end` runs it, `answer` is how refusals look. What stays open is
//! `websocket` and `event_stream`; `live` is what they share.

mod answer;
mod bundle;
mod client;
mod connection;
mod cors;
mod crowd;
mod event_stream;
mod explorer;
mod files;
mod graphql;
mod health;
mod idempotency;
mod live;
mod load;
mod negotiate;
mod observe;
mod patience;
mod request;
mod tls;
mod to_its_end;
mod transfers;
mod websocket;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use axum::{Extension, Router};

use crate::app::App;
use crate::config::{Config, Network, StatusProfile, Subscriptions};
use crate::kernel::catalogue::TopCode;
use answer::{Refusal, RequestId};
use load::Load;
use transfers::Transfers;

pub use bundle::{Bundle, BundleError};
pub use connection::{ended, serve};
pub use observe::log_panics;
pub use tls::{Tls, TlsError};

/// The addresses, as the log names them.
const ROUTES: [&str; 7] = [
    "/graphql",
    "/graphql/stream",
    "/healthz",
    "/readyz",
    "/graphiql",
    "/graphiql/tokens.json",
    "/graphiql/examples.json",
];

/// Addresses that end in a link, as the log names them.
const LINKS: [(&str, &str); 2] = [
    ("/uploads/", "/uploads/{link}"),
    ("/attachments/", "/attachments/{link}"),
];

/// How the endpoint is served.
pub struct HttpOptions {
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// The longest that an operation may take.
    pub timeout: Duration,
    /// The longest that headers may take, and that a connection may be idle.
    pub header_timeout: Duration,
    /// The longest that a body may take.
    pub body_timeout: Duration,
    /// The most uploads at once.
    pub max_transfers: usize,
    /// The longest that the bytes of an upload may take.
    pub transfer_timeout: Duration,
    /// The longest that a client may take nothing of an answer.
    pub write_timeout: Duration,
    /// How long a stopping server waits for what runs.
    pub shutdown_grace: Duration,
    /// The most connections at once.
    pub max_connections: u32,
    /// The most connections of one address.
    pub max_connections_per_address: u32,
    /// The most operations that run at once.
    pub max_running: u32,
    /// The most operations that wait.
    pub max_waiting: u32,
    /// How long an operation waits.
    pub max_wait: Duration,
    /// The browser frontends of other origins.
    pub allowed_origins: Vec<String>,
    /// The proxies whose forwarded addresses count.
    pub trusted_proxies: Vec<Network>,
    /// Which status codes answer what cannot be executed.
    pub status_profile: StatusProfile,
    /// Limits of what stays open.
    pub live: Subscriptions,
    /// Whether `/graphiql` is served.
    pub explorer: bool,
    /// A built page to serve there instead of our own.
    pub bundle: Option<Bundle>,
    /// What connections are secured with.
    pub tls: Option<Tls>,
    /// The demo's tokens, for the explorer to offer.
    pub demo_tokens: Option<serde_json::Value>,
}

impl HttpOptions {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config, demo_tokens: Option<serde_json::Value>) -> Self {
        let http = &config.http;
        Self {
            body_limit: usize::try_from(http.body_limit_bytes).unwrap_or(usize::MAX),
            timeout: http.request_timeout(),
            header_timeout: http.header_timeout(),
            body_timeout: http.body_timeout(),
            max_transfers: usize::try_from(config.uploads.max_at_once).unwrap_or(usize::MAX),
            transfer_timeout: config.uploads.transfer_timeout(),
            write_timeout: http.write_timeout(),
            shutdown_grace: http.shutdown_grace(),
            max_connections: http.max_connections,
            max_connections_per_address: http.max_connections_per_address,
            max_running: http.max_running,
            max_waiting: http.max_waiting,
            max_wait: http.max_wait(),
            allowed_origins: http.allowed_origins.clone(),
            trusted_proxies: http.trusted_proxies.clone(),
            status_profile: http.status_profile,
            live: config.subscriptions.clone(),
            explorer: config.graphql.explorer,
            bundle: None,
            tls: None,
            demo_tokens,
        }
    }
}

struct Served {
    app: Arc<App>,
    options: HttpOptions,
    load: Load,
    /// The places of uploads under way.
    transfers: Transfers,
    seats: Arc<live::Seats>,
    is_ending: AtomicBool,
}

impl Served {
    fn new(app: Arc<App>, options: HttpOptions) -> Self {
        Self {
            load: Load::new(&options),
            transfers: Transfers::new(options.max_transfers),
            seats: Arc::new(live::Seats::new(&options.live)),
            app,
            options,
            is_ending: AtomicBool::new(false),
        }
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// Says that the server is about to end.
    fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.app.subscriptions.close();
    }
}

/// The routes of a server, without its sockets.
pub fn router(app: Arc<App>, options: HttpOptions) -> Router {
    routes(&Arc::new(Served::new(app, options)))
}

fn routes(served: &Arc<Served>) -> Router {
    let mut router = Router::new()
        .route("/graphql", any(graphql::answer))
        .route("/graphql/stream", any(event_stream::answer))
        .route("/uploads/{link}", any(files::upload))
        .route("/attachments/{link}", get(files::download))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    if served.options.explorer {
        router = match served.options.bundle.clone() {
            Some(bundle) => router.merge(bundle.routes()),
            None => router.route("/graphiql", get(explorer::page)),
        };
        router = router
            .route("/graphiql/tokens.json", get(explorer::tokens))
            .route("/graphiql/examples.json", get(explorer::examples));
    }
    router = router
        .method_not_allowed_fallback(|Extension(id): Extension<RequestId>| async move {
            let refusal = Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                TopCode::BadRequest,
                "请使用 GET 方法",
                "Use GET.",
            );
            refusal.allowing("GET, HEAD").answer(&id)
        })
        .fallback(|Extension(id): Extension<RequestId>, _: Uri| async move {
            Refusal::of(StatusCode::NOT_FOUND, TopCode::NotFound).answer(&id)
        });
    // Without other origins nobody is told of them.
    if !served.options.allowed_origins.is_empty() {
        router = router.layer(from_fn_with_state(Arc::clone(served), cors::cross_origin));
    }
    router
        .layer(from_fn_with_state(
            Arc::clone(served),
            observe::every_request,
        ))
        .with_state(Arc::clone(served))
}
