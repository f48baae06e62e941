//! An S3-compatible store over real HTTP: what the service asks of one, and no more. It takes no
//! request whose signature it does not find by itself (AWS Signature Version 4, from the published
//! rules), nor a body that is not what was signed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::{digest, hmac};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use honglian::kernel::clock::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const BUCKET: &str = "honglian-test";
pub const REGION: &str = "cn-guangzhou-1";
pub const KEY_ID: &str = "AKTEST0001";
pub const SECRET: &str = "test/secret+of=nobody";
/// Objects on a page of a list: few, so that lists have pages.
const PAGE: usize = 2;
/// Every part of an upload but the last has as many bytes.
const LEAST: usize = 5 * 1024 * 1024;

/// A store; it ends with the value.
pub struct Store {
    pub address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    running: JoinHandle<()>,
}

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, (Vec<u8>, DateTime<Utc>)>,
    uploads: BTreeMap<String, BTreeMap<usize, Vec<u8>>>,
    begun: usize,
    /// What was asked for, a word each.
    asked: BTreeSet<String>,
    refused: usize,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Store {
    pub async fn start() -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let router = axum::Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&kept));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            kept,
            running,
        }
    }

    /// The configuration that names it, in TOML.
    pub fn configuration(&self, secret: &str) -> String {
        format!(
            "[uploads.s3]\nbucket = '{BUCKET}'\nregion = '{REGION}'\nendpoint = 'http://{}'\n\
             prefix = 'liwan/files'\naccess_key_id = '{KEY_ID}'\nsecret_access_key = '{secret}'\n\
             allow_http = true\n",
            self.address
        )
    }

    /// The names of the objects.
    pub fn names(&self) -> Vec<String> {
        self.kept.lock().unwrap().objects.keys().cloned().collect()
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        self.kept.lock().unwrap().objects[name].0.clone()
    }

    /// Writes an object behind the service's back.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let object = (bytes.to_vec(), SystemClock.now());
        let mut kept = self.kept.lock().unwrap();
        kept.objects.insert(name.to_owned(), object);
    }

    /// Uploads that were begun and neither completed nor dropped.
    pub fn unfinished(&self) -> usize {
        self.kept.lock().unwrap().uploads.len()
    }

    /// What it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.kept.lock().unwrap().asked.iter().cloned().collect()
    }

    /// How many requests it took for nobody's.
    pub fn refused(&self) -> usize {
        self.kept.lock().unwrap().refused
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next().unwrap(), rest.next().unwrap()];
            let pair = std::str::from_utf8(&pair).unwrap();
            bytes.push(u8::from_str_radix(pair, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
    }
    out
}

/// The arguments of a request, by name.
fn arguments(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Whether a request was signed with the key, and its body is what was signed.
fn is_signed(method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(signed) = header("authorization") else {
        return false;
    };
    let part = |name: &str| {
        let mut parts = signed
            .split([' ', ','])
            .filter_map(|part| part.split_once('='));
        parts
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    };
    let (Some(credential), Some(names), Some(signature)) =
        (part("Credential"), part("SignedHeaders"), part("Signature"))
    else {
        return false;
    };
    let (Some(date), Some(payload)) = (header("x-amz-date"), header("x-amz-content-sha256")) else {
        return false;
    };
    let scope = format!("{}/{REGION}/s3/aws4_request", &date[..8]);
    let mut canonical = String::new();
    for name in names.split(';') {
        let value = header(name).unwrap_or_default().trim();
        writeln!(canonical, "{name}:{value}").unwrap();
    }
    let arguments = arguments(query);
    let arguments = arguments.iter();
    let arguments: Vec<_> = arguments
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    let request = format!(
        "{method}\n{path}\n{}\n{canonical}\n{names}\n{payload}",
        arguments.join("&")
    );
    let text = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
        sha256(request.as_bytes())
    );
    let key = mac(format!("AWS4{SECRET}").as_bytes(), &date[..8]);
    let key = mac(&mac(&mac(&key, REGION), "s3"), "aws4_request");
    let has_host = names.split(';').any(|name| name == "host");
    signed.starts_with("AWS4-HMAC-SHA256 ")
        && has_host
        && payload == sha256(body)
        && credential == format!("{KEY_ID}/{scope}")
        && signature == hex(&mac(&key, &text))
}

fn told(status: StatusCode, body: impl Into<Body>) -> Response {
    let answer = Response::builder().status(status);
    answer.body(body.into()).unwrap()
}

fn fault(status: StatusCode, code: &str) -> Response {
    told(status, format!("<Error><Code>{code}</Code></Error>"))
}

async fn answer(State(kept): State<Arc<Mutex<Kept>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let mut kept = kept.lock().unwrap();
    if !is_signed(&head.method, path, query, &head.headers, &body) {
        kept.refused += 1;
        return fault(StatusCode::FORBIDDEN, "SignatureDoesNotMatch");
    }
    let name = decoded(path);
    let name = name.strip_prefix(&format!("/{BUCKET}")).unwrap_or_default();
    kept.serve(
        &head.method,
        name.trim_start_matches('/'),
        &arguments(query),
        &body,
    )
}

impl Kept {
    fn serve(
        &mut self,
        method: &Method,
        name: &str,
        arguments: &BTreeMap<String, String>,
        body: &Bytes,
    ) -> Response {
        let upload = arguments.get("uploadId");
        let part = arguments.get("partNumber");
        let word = match (method, upload, part) {
            (&Method::POST, None, _) if arguments.contains_key("uploads") => "begin",
            (&Method::PUT, Some(_), Some(_)) => "part",
            (&Method::POST, Some(_), _) => "complete",
            (&Method::DELETE, Some(_), _) => "drop",
            (&Method::DELETE, None, _) => "delete",
            (&Method::GET, None, _) if arguments.contains_key("list-type") => "list",
            (&Method::GET, None, _) => "get",
            _ => return fault(StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
        };
        self.asked.insert(word.to_owned());
        let upload = upload.cloned().unwrap_or_default();
        match word {
            "begin" => {
                self.begun += 1;
                let id = format!("upload-{}", self.begun);
                self.uploads.insert(id.clone(), BTreeMap::new());
                let told_id = format!("<UploadId>{id}</UploadId>");
                told(
                    StatusCode::OK,
                    format!(
                        "<InitiateMultipartUploadResult>{told_id}</InitiateMultipartUploadResult>"
                    ),
                )
            }
            "part" => {
                let number = part.and_then(|part| part.parse().ok()).unwrap_or(0);
                let tag = format!("\"{}\"", sha256(body));
                let Some(parts) = self.uploads.get_mut(&upload) else {
                    return fault(StatusCode::NOT_FOUND, "NoSuchUpload");
                };
                parts.insert(number, body.to_vec());
                let answer = Response::builder().header("ETag", tag);
                answer.body(Body::empty()).unwrap()
            }
            "complete" => self.complete(name, &upload, std::str::from_utf8(body).unwrap()),
            "drop" => {
                self.uploads.remove(&upload);
                told(StatusCode::NO_CONTENT, "")
            }
            "delete" => {
                self.objects.remove(name);
                told(StatusCode::NO_CONTENT, "")
            }
            "list" => self.list(arguments),
            _ => match self.objects.get(name) {
                None => fault(StatusCode::NOT_FOUND, "NoSuchKey"),
                Some((bytes, written)) => {
                    let modified = written.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                    let answer = Response::builder()
                        .header("ETag", format!("\"{}\"", sha256(bytes)))
                        .header("Last-Modified", modified)
                        .header("Content-Length", bytes.len());
                    answer.body(bytes.clone().into()).unwrap()
                }
            },
        }
    }

    /// Puts the parts together that the request names, in its order, by their tags.
    fn complete(&mut self, name: &str, upload: &str, body: &str) -> Response {
        let Some(parts) = self.uploads.remove(upload) else {
            return fault(StatusCode::NOT_FOUND, "NoSuchUpload");
        };
        let tags: Vec<_> = parts.values().map(|bytes| sha256(bytes)).collect();
        let named = body.matches("<PartNumber>").count();
        let mut from = 0;
        for tag in &tags {
            match body[from..].find(tag.as_str()) {
                Some(at) => from += at,
                None => return fault(StatusCode::BAD_REQUEST, "InvalidPart"),
            }
        }
        let short = parts
            .values()
            .rev()
            .skip(1)
            .any(|bytes| bytes.len() < LEAST);
        if named != parts.len() || short {
            return fault(StatusCode::BAD_REQUEST, "EntityTooSmall");
        }
        let bytes = parts.into_values().collect::<Vec<_>>().concat();
        let tag = sha256(&bytes);
        let object = (bytes, SystemClock.now());
        self.objects.insert(name.to_owned(), object);
        told(
            StatusCode::OK,
            format!(
                "<CompleteMultipartUploadResult><ETag>\"{tag}\"</ETag></CompleteMultipartUploadResult>"
            ),
        )
    }

    fn list(&self, arguments: &BTreeMap<String, String>) -> Response {
        let prefix = arguments.get("prefix").cloned().unwrap_or_default();
        let after = arguments
            .get("continuation-token")
            .cloned()
            .unwrap_or_default();
        let found = self.objects.iter();
        let found = found.filter(|(name, _)| name.starts_with(&prefix) && **name > after);
        let page: Vec<_> = found.clone().take(PAGE).collect();
        let mut text = String::from("<ListBucketResult>");
        for (name, (bytes, written)) in &page {
            let modified = written.to_rfc3339_opts(SecondsFormat::Millis, true);
            write!(
                text,
                "<Contents><Key>{name}</Key><LastModified>{modified}</LastModified>\
                 <Size>{}</Size><ETag>\"x\"</ETag></Contents>",
                bytes.len()
            )
            .unwrap();
        }
        if let Some((last, _)) = page.last().filter(|_| found.count() > PAGE) {
            write!(
                text,
                "<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>"
            )
            .unwrap();
        }
        text.push_str("</ListBucketResult>");
        told(StatusCode::OK, text)
    }
}
