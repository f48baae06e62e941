//! A server with its sockets, in the test's own process: on a free port, by the same loop that
//! serves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use honglian::config::Config;
use honglian::http::{HttpOptions, serve};
use honglian::kernel::clock::{Clock, FixedClock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::app::TestApp;

pub struct Server {
    pub address: SocketAddr,
    /// By which budgets refill.
    pub budget_clock: Arc<FixedClock>,
    end: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start(app: &TestApp, change: impl FnOnce(&mut Config)) -> Self {
        Self::with_clock(app, app.clock.clone(), change).await
    }

    /// With another business clock: one that stands in the way of a resolver, for example.
    pub async fn with_clock(
        app: &TestApp,
        clock: Arc<dyn Clock>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::default();
        config.graphql.explorer = true;
        change(&mut config);
        let budget_clock = Arc::new(FixedClock::new(app.now()));
        let app = app.another(&config, clock);
        let app = Arc::new(app.with_budget_clock(budget_clock.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let options = HttpOptions::new(&config, None);
        let running = tokio::spawn(serve(listener, app, options, async move {
            let _ = ended.await;
        }));
        Self {
            address,
            budget_clock,
            end,
            running,
        }
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A POST of a document, not yet sent.
    pub fn post(&self, query: &str) -> reqwest::RequestBuilder {
        self.post_json(&json!({"query": query}))
    }

    pub fn post_json(&self, body: &Value) -> reqwest::RequestBuilder {
        let client = reqwest::Client::new();
        client
            .post(self.at("/graphql"))
            .header("Accept-Language", "en")
            .json(body)
    }

    /// Tells the server to end, and gives what to wait for.
    pub fn ending(self) -> JoinHandle<std::io::Result<()>> {
        self.end.send(()).unwrap();
        self.running
    }

    /// A bare connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Everything that comes until the other end closes; it must within a while.
pub async fn until_closed(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    read.expect("the connection stays open").ok();
    String::from_utf8_lossy(&text).into_owned()
}

/// Sends bytes as they are.
pub async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}
