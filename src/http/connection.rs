//! The sockets: how many there are, how long a client may take, and how a server ends.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

use super::client::Peer;
use super::crowd::{Crowd, Place};
use super::patience::Patient;
use super::tls::Tls;
use super::{HttpOptions, Served, routes};
use crate::app::App;

/// After an accept that failed: out of descriptors, most likely.
const BREATH: Duration = Duration::from_millis(50);
/// How long one that there is no room for may take to shake hands.
const HANDS: Duration = Duration::from_secs(1);
/// How many of those may shake hands at once; no word is wasted on the others.
const MOST_HANDS: usize = 64;
/// What is read of headers at most.
const HEADER_BYTES: usize = 64 * 1024;

/// Serves until it is told to end; then what runs is finished, within the grace.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    options: HttpOptions,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    let served = Arc::new(Served::new(app, options));
    let router = routes(&served);
    let crowd = Arc::new(Crowd::new(&served.options));
    let hands = Arc::new(Semaphore::new(MOST_HANDS));
    let (ending, told) = watch::channel(false);
    let mut end = pin!(end);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut end => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let tls = served.options.tls.clone();
        if let Some(place) = crowd.take(peer.ip()) {
            let one = Connection {
                peer,
                router: router.clone(),
                header_timeout: served.options.header_timeout,
                write_timeout: served.options.write_timeout,
                told: told.clone(),
                _place: place,
            };
            tokio::spawn(one.host(stream, tls));
        } else {
            let id = served.app.deps.ids.next().simple().to_string();
            match tls {
                None => turn_away(stream, &id),
                Some(tls) => turn_away_by_hand(stream, tls, id, &hands),
            }
        }
    }
    drop((listener, told));
    served.end();
    let _ = ending.send(true);
    let finished = async {
        // Closed once no connection listens any more.
        ending.closed().await;
        served.seats.rest().await;
        served.load.rest().await;
    };
    let _too_late = tokio::time::timeout(served.options.shutdown_grace, finished).await;
    Ok(())
}

struct Connection {
    peer: SocketAddr,
    router: Router,
    header_timeout: Duration,
    write_timeout: Duration,
    told: watch::Receiver<bool>,
    _place: Place,
}

impl Connection {
    async fn host(mut self, stream: TcpStream, tls: Option<Tls>) {
        let _ = stream.set_nodelay(true);
        let stream = Patient::new(stream, self.write_timeout);
        let Some(tls) = tls else {
            return self.converse(stream).await;
        };
        // Whoever is slow at it, or says nothing, is cut as one who is slow with headers.
        let shaking = timeout(self.header_timeout, tls.acceptor().accept(stream));
        let shaken = tokio::select! {
            shaken = shaking => shaken,
            _ = self.told.wait_for(|told| *told) => return,
        };
        if let Ok(Ok(stream)) = shaken {
            self.converse(stream).await;
        }
    }

    async fn converse(mut self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let (peer, router) = (Peer(self.peer.ip()), self.router.clone());
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            router.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            // A client that breaks off is its own affair.
            _broken = connection.as_mut() => return,
            _ = self.told.wait_for(|told| *told) => connection.as_mut().graceful_shutdown(),
        }
        let _broken = connection.await;
    }
}

/// What one hears that there is no room for.
fn no_room(id: &str) -> String {
    let body = format!(
        "{{\"errors\":[{{\"message\":\"There are too many connections; try again later.\",\
         \"extensions\":{{\"code\":\"SERVICE_UNAVAILABLE\",\"requestId\":\"{id}\"}}}}]}}"
    );
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nX-Request-Id: {id}\r\nRetry-After: 2\r\nConnection: close\r\n\r\n\
         {body}",
        body.len()
    )
}

/// Answers a connection that there is no room for, without reading what it says.
fn turn_away(mut stream: TcpStream, id: &str) {
    let answer = no_room(id);
    tokio::spawn(async move {
        let said = async {
            let _gone = stream.write_all(answer.as_bytes()).await;
            let _gone = stream.shutdown().await;
        };
        let _too_slow = timeout(BREATH, said).await;
    });
}

/// The same where words are secured: some are told, the others just cut.
fn turn_away_by_hand(stream: TcpStream, tls: Tls, id: String, hands: &Arc<Semaphore>) {
    let Ok(hand) = Arc::clone(hands).try_acquire_owned() else {
        return;
    };
    tokio::spawn(async move {
        let _hand = hand;
        let said = async {
            let mut stream = tls.acceptor().accept(stream).await?;
            stream.write_all(no_room(&id).as_bytes()).await?;
            stream.shutdown().await
        };
        let _gone_or_too_slow = timeout(HANDS, said).await;
    });
}

/// Returns when the process is told to end.
pub async fn ended() {
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
