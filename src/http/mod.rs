//! The HTTP adapter: one GraphQL endpoint, health, and the explorer. Every answer is coded JSON
//! with a request id; no token and no body ever reaches the log.

mod answer;
mod bundle;
mod request;
mod scan;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Json, Router};
use futures_util::FutureExt;

use crate::app::App;
use crate::kernel::error::{Error, Message};
use crate::store::connect;
use answer::{Refusal, RequestId};

pub use bundle::{Bundle, BundleError};

/// How the endpoint is served.
pub struct HttpOptions {
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// The longest that an operation may take.
    pub timeout: Duration,
    /// Whether `/graphiql` is served.
    pub explorer: bool,
    /// A built page to serve there instead of our own.
    pub bundle: Option<Bundle>,
    /// The demo's tokens, for the explorer to offer.
    pub demo_tokens: Option<serde_json::Value>,
}

struct Served {
    app: Arc<App>,
    options: HttpOptions,
}

/// The routes of a server.
pub fn router(app: Arc<App>, options: HttpOptions) -> Router {
    let limit = options.body_limit;
    let (explorer, bundle) = (options.explorer, options.bundle.clone());
    let served = Arc::new(Served { app, options });
    let mut router = Router::new()
        .route("/graphql", any(graphql))
        .route(
            "/healthz",
            get(|| async { Json(serde_json::json!({"status": "ok"})) }),
        )
        .route("/readyz", get(ready));
    if explorer {
        router = router
            .route("/graphiql/tokens.json", get(tokens))
            .route("/graphiql/examples.json", get(examples));
        router = match bundle {
            Some(bundle) => router.merge(bundle.routes()),
            None => router.route("/graphiql", get(page)),
        };
    }
    router
        .fallback(|Extension(id): Extension<RequestId>| async move {
            Refusal::new(
                StatusCode::NOT_FOUND,
                "NOT_FOUND",
                "未找到此地址",
                "There is nothing at this address.",
            )
            .answer(&id)
        })
        .layer(DefaultBodyLimit::max(limit))
        .layer(from_fn_with_state(Arc::clone(&served), every_request))
        .with_state(served)
}

/// Gives every request an id and every answer its headers, and logs what happened.
async fn every_request(
    State(served): State<Arc<Served>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = RequestId::of(request.headers(), served.app.deps.ids.as_ref());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert("x-request-id", value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    tracing::info!(request_id = %id.0, %method, path, status, took_ms = took, "answered");
    response
}

async fn graphql(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    method: axum::http::Method,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    match run(&served, &id, &method, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.in_language(request::language(&headers)).answer(&id),
    }
}

async fn run(
    served: &Arc<Served>,
    id: &RequestId,
    method: &axum::http::Method,
    headers: &HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Refusal> {
    let document = request::read(method, headers, body)?;
    let token = request::bearer(headers)?.map(str::to_owned);
    let language = request::language(headers);
    let app = Arc::clone(&served.app);
    let request_id = id.0.clone();
    // A task of its own: a client that hangs up must not drop a connection in mid-statement.
    let operation = tokio::spawn(async move {
        let answered = async {
            let session = app.session(token.as_deref(), request_id, language).await?;
            Ok::<_, Error>(app.answer(session, document).await)
        };
        AssertUnwindSafe(answered).catch_unwind().await
    });
    match tokio::time::timeout(served.options.timeout, operation).await {
        Err(_elapsed) => Err(Error::Timeout.into()),
        Ok(Err(_) | Ok(Err(_))) => {
            tracing::error!(request_id = id.0, "an operation panicked");
            Err(Error::Internal("panic".to_owned()).into())
        }
        Ok(Ok(Ok(Err(error)))) => {
            if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
                tracing::error!(request_id = id.0, cause, "a request failed");
            }
            Err(error.into())
        }
        Ok(Ok(Ok(Ok(response)))) => Ok(answer::executed(&response)),
    }
}

async fn ready(State(served): State<Arc<Served>>, Extension(id): Extension<RequestId>) -> Response {
    match connect::check(&served.app.deps.db).await {
        Ok(()) => Json(serde_json::json!({"status": "ready"})).into_response(),
        Err(cause) => {
            tracing::warn!(%cause, "not ready");
            Refusal::from(Error::Unavailable(String::new())).answer(&id)
        }
    }
}

async fn page() -> Response {
    let policy = "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; \
                  style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let policy = (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    ([policy], Html(include_str!("explorer.html"))).into_response()
}

async fn tokens(State(served): State<Arc<Served>>) -> Json<serde_json::Value> {
    Json(
        served
            .options
            .demo_tokens
            .clone()
            .unwrap_or_else(|| serde_json::json!({})),
    )
}

/// What each of the demo's users could ask first.
async fn examples() -> Response {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    let examples = include_str!("examples.json");
    ([(header::CONTENT_TYPE, kind)], examples).into_response()
}

/// Serves until the process is told to end; then what runs is finished, within the grace.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    router: Router,
    grace: Duration,
) -> std::io::Result<()> {
    let (told, mut hears) = tokio::sync::watch::channel(false);
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        ended().await;
        let _ = told.send(true);
    });
    let too_late = async {
        let _ = hears.wait_for(|told| *told).await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = server => served,
        () = too_late => Ok(()),
    }
}

async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::BadCursor | Error::BadInput(_) | Error::User { .. } => StatusCode::BAD_REQUEST,
            Error::Unavailable(_) | Error::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let Message { zh, en } = error.message();
        Self::new(status, error.code(), zh, en)
    }
}
