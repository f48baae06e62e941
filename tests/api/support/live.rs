//! The server with its sockets, and clients that stay connected: a WebSocket and an event stream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use honglian::app::App;
use honglian::config::{Config, Subscriptions};
use honglian::http::{HttpOptions, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use super::app::TestApp;

/// Longer than anything takes; what a test waits for comes earlier, or never.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that listens; it ends with the test.
pub struct Server {
    pub address: SocketAddr,
    app: Arc<App>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestApp {
    /// Serves with limits that the test changes.
    pub async fn serve(&self, change: impl FnOnce(&mut Subscriptions)) -> Server {
        let mut config = Config::default();
        config.http.allowed_origins = vec!["https://desk.example.cn".to_owned()];
        change(&mut config.subscriptions);
        let options = HttpOptions::new(&config, None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Arc::clone(&self.app);
        let serving = serve(listener, Arc::clone(&app), options, std::future::pending());
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Server { address, app, task }
    }
}

/// A socket to a server that is named as a page names it.
pub async fn connect(address: &str) -> Socket {
    let url = format!("{}/graphql", address.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    Socket(connect_async(request).await.unwrap().0)
}

/// A WebSocket client that speaks as it is told.
pub struct Socket<S = MaybeTlsStream<TcpStream>>(pub WebSocketStream<S>);

/// A way to connect that a test may change.
pub struct Dial<'a> {
    pub path: &'a str,
    pub protocol: Option<&'a str>,
    pub origin: Option<&'a str>,
}

impl Default for Dial<'_> {
    fn default() -> Self {
        Self {
            path: "/graphql",
            protocol: Some("graphql-transport-ws"),
            origin: None,
        }
    }
}

impl Server {
    /// Connects; the status where the server does not take it.
    pub async fn dial(&self, dial: Dial<'_>) -> Result<Socket, u16> {
        let url = format!("ws://{}{}", self.address, dial.path);
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("accept-language", "en".parse().unwrap());
        if let Some(protocol) = dial.protocol {
            headers.insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        if let Some(origin) = dial.origin {
            headers.insert("origin", origin.parse().unwrap());
        }
        match timeout(PATIENCE, connect_async(request)).await.unwrap() {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects without introducing itself.
    pub async fn socket(&self) -> Socket {
        self.dial(Dial::default()).await.unwrap()
    }

    /// Connects with a receive buffer that holds next to nothing.
    pub async fn socket_of_little_room(&self) -> Socket {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        let url = format!("ws://{}/graphql", self.address);
        let mut request = url.into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let stream = MaybeTlsStream::Plain(stream);
        Socket(client_async(request, stream).await.unwrap().0)
    }

    /// Connects as the bearer of a token.
    pub async fn signed_in(&self, token: &str) -> Socket {
        let mut socket = self.socket().await;
        socket.introduce(token).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Connects and subscribes with the id `s`. What is subscribed is heard from here on.
    pub async fn subscribed(&self, token: &str, query: &str) -> Socket {
        let mut socket = self.signed_in(token).await;
        let before = self.listeners();
        socket.subscribe("s", query).await;
        self.listening(before + 1).await;
        socket
    }

    /// How many subscriptions are open in the process.
    pub fn listeners(&self) -> usize {
        self.app.subscriptions.feed().listeners()
    }

    /// Waits until so many subscriptions are open: no message says so.
    pub async fn listening(&self, many: usize) {
        let counted = async {
            while self.listeners() != many {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = timeout(PATIENCE, counted).await;
        assert!(waited.is_ok(), "{} listen, not {many}", self.listeners());
    }

    /// An event stream.
    pub async fn stream(&self, token: Option<&str>, query: &str) -> reqwest::Response {
        let mut request = self.streaming(&json!({"query": query}));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    /// A request for an event stream, not yet sent.
    pub fn streaming(&self, body: &Value) -> reqwest::RequestBuilder {
        let url = format!("http://{}/graphql/stream", self.address);
        let request = reqwest::Client::new().post(url);
        request
            .header("accept", "text/event-stream")
            .header("accept-language", "en")
            .json(body)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    pub async fn introduce(&mut self, token: &str) {
        let payload = json!({"authorization": format!("Bearer {token}")});
        let message = json!({"type": "connection_init", "payload": payload});
        self.say(message).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        let message = json!({"type": "subscribe", "id": id, "payload": {"query": query}});
        self.say(message).await;
    }

    async fn frame(&mut self) -> Option<Result<Message, Error>> {
        timeout(PATIENCE, self.0.next())
            .await
            .expect("the server says nothing")
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    /// Whether the introduction was taken; else the code that the server closes with.
    pub async fn ack_or_close(&mut self) -> Result<(), u16> {
        match self.frame().await {
            Some(Ok(Message::Text(_))) => Ok(()),
            Some(Ok(Message::Close(Some(frame)))) => Err(frame.code.into()),
            other => panic!("neither: {other:?}"),
        }
    }

    /// The data of the next event.
    pub async fn event(&mut self) -> Value {
        let heard = self.hear().await;
        assert_eq!(heard["type"], "next", "{heard:#}");
        assert!(heard["payload"].get("errors").is_none(), "{heard:#}");
        heard["payload"]["data"].clone()
    }

    /// The code that the server closes with, whatever it says before.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("closed without a code: {other:?}"),
            }
        }
    }
}

/// The events of a stream: name and data.
pub struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    pub fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        let kind = response.headers()["content-type"].to_str().unwrap();
        assert_eq!(kind, "text/event-stream; charset=utf-8");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event; none at the end.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let lines: Vec<&str> = event.lines().collect();
                let field = |name: &str| {
                    let prefix = format!("{name}:");
                    let line = lines.iter().find_map(|line| line.strip_prefix(&prefix));
                    line.map(|value| value.trim().to_owned())
                };
                let (name, data) = (field("event"), field("data").unwrap_or_default());
                self.text = rest.to_string();
                let Some(name) = name else { continue };
                return Some((name, serde_json::from_str(&data).unwrap_or(Value::Null)));
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("the server says nothing").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
