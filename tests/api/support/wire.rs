//! The server on a socket, and requests byte by byte.

use std::net::SocketAddr;
use std::sync::Arc;

use honglian::app::App;
use honglian::config::Config;
use honglian::demo::Actor;
use honglian::http::{HttpOptions, serve};
use honglian::kernel::clock::Clock;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::app::TestApp;

/// A server that listens; it ends with the test.
pub struct Wire {
    pub address: SocketAddr,
    client: reqwest::Client,
    task: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The body without what is each request's own.
    pub fn essence(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().unwrap().remove("extensions");
        for error in body["errors"].as_array_mut().into_iter().flatten() {
            error["extensions"]["requestId"] = Value::Null;
        }
        body
    }

    /// The data of an answer that must be without errors.
    pub fn data(&self) -> Value {
        let body = self.json();
        assert!(
            self.status == 200 && body.get("errors").is_none(),
            "{self:#?}"
        );
        body["data"].clone()
    }

    /// The status and the code of the first error.
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let error = &body["errors"][0];
        let code = error["extensions"]["code"].as_str();
        assert!(
            error["message"].is_string() && error["extensions"]["requestId"].is_string(),
            "{self:#?}"
        );
        (self.status, code.unwrap().to_owned())
    }
}

impl TestApp {
    /// Serves the app.
    pub async fn wire(&self) -> Wire {
        Wire::of(Arc::clone(&self.app)).await
    }

    /// Another server process on the same database, as far as the database can tell.
    pub fn rebuilt(&self, change: impl FnOnce(&mut Config)) -> App {
        let mut config = Config::default();
        change(&mut config);
        self.another(&config, self.clock.clone())
    }

    /// A token by another clock than the real one.
    pub fn token_at(&self, actor: &Actor, clock: &dyn Clock) -> String {
        let token = Self::new_token(actor);
        self.signer.sign(&token, clock.now()).unwrap()
    }
}

impl Wire {
    pub async fn of(app: Arc<App>) -> Self {
        let mut config = Config::default();
        // A hundred requests at once wait their turn, however slow the machine is.
        config.http.max_wait_ms = 60_000;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = HttpOptions::new(&config, None);
        let task = tokio::spawn(async move {
            serve(listener, app, options, std::future::pending())
                .await
                .unwrap();
        });
        Self {
            address,
            client: reqwest::Client::new(),
            task,
        }
    }

    /// Posts a body with a token and headers.
    pub async fn post(&self, token: &str, headers: &[(&str, &str)], body: &Value) -> Received {
        self.send(token, headers, body.to_string()).await
    }

    /// Posts a text.
    pub async fn send(&self, token: &str, headers: &[(&str, &str)], body: String) -> Received {
        let mut request = self
            .client
            .post(format!("http://{}/graphql", self.address))
            .header("content-type", "application/json")
            .body(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        received(request).await
    }

    /// Asks with a token and parameters.
    pub async fn get(&self, token: &str, pairs: Vec<(&str, String)>) -> Received {
        let url = format!("http://{}/graphql", self.address);
        let url = reqwest::Url::parse_with_params(&url, pairs).unwrap();
        received(self.client.get(url).bearer_auth(token)).await
    }

    /// Posts a document with its variables under a key.
    pub async fn keyed(
        &self,
        token: &str,
        key: &str,
        document: &str,
        variables: Value,
    ) -> Received {
        let body = json!({"query": document, "variables": variables});
        self.post(token, &[("idempotency-key", key)], &body).await
    }
}

async fn received(request: reqwest::RequestBuilder) -> Received {
    let answer = request.send().await.unwrap();
    Received {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.text().await.unwrap(),
    }
}
