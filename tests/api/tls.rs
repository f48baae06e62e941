//! TLS by certificate files: the same server behind it, and the same limits on who is slow.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use honglian::config::Config;
use honglian::http::{HttpOptions, Tls, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::app::TestApp;
use crate::support::binary::{free_port, honglian, refused};
use crate::support::certificate::Certificate;
use crate::support::database::cast;
use crate::support::live::Socket;
use crate::support::server::{send, until_closed};

const PATIENCE: Duration = Duration::from_secs(20);

struct Secured {
    address: SocketAddr,
    certificate: Certificate,
    task: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn secured(app: &TestApp, change: impl FnOnce(&mut Config)) -> Secured {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new();
    let mut config = Config::default();
    change(&mut config);
    let options = HttpOptions {
        tls: Some(Tls::read(&certificate.write(folder.path())).unwrap()),
        ..HttpOptions::new(&config, None)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = serve(
        listener,
        Arc::clone(&app.app),
        options,
        std::future::pending(),
    );
    Secured {
        address,
        certificate,
        task: tokio::spawn(async move { serving.await.unwrap() }),
        _folder: folder,
    }
}

/// A connection to a server that proves itself by this certificate.
async fn shake(
    address: SocketAddr,
    certificate: &Certificate,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(certificate.der.clone()))
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let shaking = TlsConnector::from(Arc::new(config)).connect(name, stream);
    timeout(PATIENCE, shaking).await.unwrap()
}

/// A request whose answer is the last on its connection.
async fn ask(stream: &mut TlsStream<TcpStream>, head: &str, body: &str) -> String {
    let request = format!(
        "{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let read = stream.read_to_string(&mut text);
    timeout(PATIENCE, read).await.unwrap().unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_and_sockets_are_answered_behind_tls() {
    let app = TestApp::sqlite().await;
    let server = secured(&app, |_| {}).await;
    let mut stream = shake(server.address, &server.certificate).await.unwrap();
    let query = json!({"query": "{ __typename }"}).to_string();
    let told = ask(&mut stream, "POST /graphql", &query).await;
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    assert!(told.contains(r#"{"data":{"__typename":"Query"}"#), "{told}");

    let stream = shake(server.address, &server.certificate).await.unwrap();
    let mut request = "wss://localhost/graphql".into_client_request().unwrap();
    let headers = request.headers_mut();
    let protocol = "graphql-transport-ws".parse().unwrap();
    headers.insert("sec-websocket-protocol", protocol);
    // The page of the server's own address.
    headers.insert("origin", "https://localhost".parse().unwrap());
    let mut socket = Socket(client_async(request, stream).await.unwrap().0);
    socket.introduce(&app.token(&cast().operator)).await;
    assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    let query = "subscription { enterpriseIssueChanged { type } }";
    socket.subscribe("s", query).await;
    socket.subscribe("q", "{ viewer { role } }").await;
    assert_eq!(
        socket.event().await,
        json!({"viewer": {"role": "DISTRICT"}})
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_shake_hands_is_cut_as_slow_clients_are() {
    let app = TestApp::sqlite().await;
    let server = secured(&app, |config| {
        config.http.header_timeout_ms = 500;
        config.http.max_connections = 3;
    })
    .await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    // The beginning of a greeting.
    slow.write_all(&[0x16, 0x03, 0x01, 0x00, 0xc8, 0x01])
        .await
        .unwrap();
    let mut shaken = shake(server.address, &server.certificate).await.unwrap();
    // They hold places all the while, and one more hears that there is none.
    let mut late = shake(server.address, &server.certificate).await.unwrap();
    let mut told = String::new();
    timeout(PATIENCE, late.read_to_string(&mut told))
        .await
        .unwrap()
        .ok();
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    assert!(told.contains("SERVICE_UNAVAILABLE"), "{told}");
    assert_eq!(until_closed(&mut silent).await, "");
    until_closed(&mut slow).await;
    // One that shook hands and says nothing then is cut too.
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, shaken.read_to_end(&mut rest));
    read.await.expect("the connection stays open").ok();
    // Plain words are no greeting.
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    send(&mut plain, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(!until_closed(&mut plain).await.contains("200"));
    let mut next = shake(server.address, &server.certificate).await.unwrap();
    let told = ask(&mut next, "GET /healthz", "").await;
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
}

fn configure(folder: &Path, tls: &str) {
    fs::write(
        folder.join("tls.toml"),
        format!("log.filter = 'warn'\nhttp.header_timeout_ms = 60000\n[http.tls]\n{tls}"),
    )
    .unwrap();
}

#[test]
fn what_is_wrong_with_the_files_is_told_in_a_line_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    Certificate::new().write(at);
    fs::rename(at.join("key.pem"), at.join("strange.pem")).unwrap();
    Certificate::new().write(at);
    fs::write(at.join("empty.pem"), "").unwrap();
    fs::write(at.join("open.pem"), "").unwrap();
    fs::set_permissions(at.join("empty.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(at.join("open.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let files = |certificate: &str, key: &str| {
        configure(
            at,
            &format!("certificate = '{certificate}'\nkey = '{key}'\n"),
        );
        refused(at, &["serve", "--config", "tls.toml"])
    };
    for (certificate, key, line) in [
        (
            "none.pem",
            "key.pem",
            "http.tls.certificate: none.pem cannot be read: No such file or directory (os error 2); \
             correct the path or its permissions",
        ),
        (
            "certificate.pem",
            "none.pem",
            "http.tls.key: none.pem cannot be read: No such file or directory (os error 2); \
             correct the path or its permissions",
        ),
        (
            "empty.pem",
            "key.pem",
            "http.tls.certificate: empty.pem holds no certificate; it must be PEM, the server's own \
             first, then those of its issuers",
        ),
        (
            "certificate.pem",
            "empty.pem",
            "http.tls.key: empty.pem holds no private key; it must be PEM and not encrypted \
             (`openssl pkcs8 -topk8 -nocrypt`)",
        ),
        (
            "certificate.pem",
            "open.pem",
            "http.tls.key: open.pem is open to others (mode 644); run `chmod 600` on it",
        ),
        (
            "certificate.pem",
            "strange.pem",
            "http.tls.key: strange.pem is not the key of the first certificate in certificate.pem; \
             put in the pair that was issued together",
        ),
    ] {
        assert_eq!(files(certificate, key), (8, line.to_owned()));
    }
    configure(at, "certificate = 'certificate.pem'\n");
    let (code, line) = refused(at, &["serve", "--config", "tls.toml"]);
    assert_eq!(code, 3);
    assert!(line.contains("http.tls.key: is missing; add it"), "{line}");
}

/// A process that is ended with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_taken_up_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (first, second) = (Certificate::new(), Certificate::new());
    first.write(at);
    configure(at, "certificate = 'certificate.pem'\nkey = 'key.pem'\n");
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let listen = address.to_string();
    let arguments = ["demo", "--config", "tls.toml", "--listen", &listen];
    let log = fs::File::create(at.join("server.log")).unwrap();
    let mut command = honglian(at, &arguments);
    let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let server = Running(child);
    let hang_up = || {
        let told = Command::new("kill")
            .args(["-HUP", &server.0.id().to_string()])
            .status();
        assert!(told.unwrap().success());
    };
    let proves = async |certificate: &Certificate| {
        let waiting = async {
            while shake(address, certificate).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let log = at.join("server.log");
        let proven = timeout(Duration::from_mins(1), waiting).await;
        assert!(proven.is_ok(), "{}", fs::read_to_string(log).unwrap());
    };
    proves(&first).await;
    let mut held = shake(address, &first).await.unwrap();
    second.write(at);
    hang_up();
    proves(&second).await;
    assert!(shake(address, &first).await.is_err());
    // What is connected goes on.
    let tokens = fs::read_to_string(at.join("honglian-data/demo-tokens.json")).unwrap();
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    assert!(tokens["member"].is_string());
    let told = ask(&mut held, "GET /healthz", "").await;
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    // Files of no use change nothing.
    fs::write(at.join("key.pem"), "").unwrap();
    hang_up();
    let log = || fs::read_to_string(at.join("server.log")).unwrap();
    let noticed = async {
        while !log().contains("the certificate of before stays") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, noticed).await.expect("nothing is logged");
    proves(&second).await;
}
