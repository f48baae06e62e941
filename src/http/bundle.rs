//! GraphiQL as a build step leaves it in a folder (`web/graphiql`): read once at the start and
//! served from memory, so that no request names a file.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use axum::body::Bytes;
use axum::extract::Path as Place;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};

use super::answer::{Refusal, RequestId};
use crate::kernel::catalogue::TopCode;

/// The page and its scripts; styles also inline, as the editor sets its own, and fonts that stand in
/// its styles. The editor checks what is typed in workers.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; connect-src 'self'; script-src 'self'; worker-src 'self'; \
     style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
     base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
);

/// What a folder may hold in all.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It cannot be read.
    #[error("graphql.explorer_dir {} cannot be read: {source}", .folder.display())]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds something else, or the build step was not run.
    #[error("graphql.explorer_dir {} holds no index.html; build it with `npm ci && npm run build` in web/graphiql", .0.display())]
    NoPage(PathBuf),
    /// It holds far more than a page needs.
    #[error("graphql.explorer_dir {} holds more than 64 MiB", .0.display())]
    TooLarge(PathBuf),
}

struct File {
    kind: HeaderValue,
    bytes: Bytes,
}

/// A built page with all that it loads.
#[derive(Clone)]
pub struct Bundle {
    page: Bytes,
    assets: Arc<BTreeMap<String, File>>,
}

impl Bundle {
    /// Reads `index.html` and the files of `assets`.
    ///
    /// # Errors
    /// [`BundleError`], one line with the remedy.
    pub fn read(folder: &Path) -> Result<Self, BundleError> {
        let unreadable = |source| BundleError::Unreadable {
            folder: folder.to_owned(),
            source,
        };
        let page = match fs::read(folder.join("index.html")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BundleError::NoPage(folder.to_owned()));
            }
            read => read.map_err(unreadable)?,
        };
        let mut assets = BTreeMap::new();
        let mut size = page.len();
        for entry in fs::read_dir(folder.join("assets")).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let (Some(name), Some(kind)) = (path.file_name().and_then(OsStr::to_str), kind(&path))
            else {
                continue;
            };
            let bytes = Bytes::from(fs::read(&path).map_err(unreadable)?);
            size += bytes.len();
            if size > MOST_BYTES {
                return Err(BundleError::TooLarge(folder.to_owned()));
            }
            assets.insert(name.to_owned(), File { kind, bytes });
        }
        Ok(Self {
            page: page.into(),
            assets: Arc::new(assets),
        })
    }

    /// The page at `/graphiql`, the rest below it.
    pub(super) fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let page = ok(
            &HeaderValue::from_static("text/html; charset=utf-8"),
            self.page,
        );
        let assets = self.assets;
        Router::new()
            .route(
                "/graphiql",
                get(move || async move { page.into_response() }),
            )
            .route(
                "/graphiql/assets/{name}",
                get(
                    move |Place(name): Place<String>, Extension(id): Extension<RequestId>| async move {
                        match assets.get(&name) {
                            Some(file) => ok(&file.kind, file.bytes.clone()).into_response(),
                            None => nothing().answer(&id),
                        }
                    },
                ),
            )
    }
}

type Served = ([(HeaderName, HeaderValue); 2], Bytes);

fn ok(kind: &HeaderValue, bytes: Bytes) -> Served {
    let headers = [
        (header::CONTENT_TYPE, kind.clone()),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, bytes)
}

fn nothing() -> Refusal {
    let (zh, en) = ("未找到此文件", "There is no such file.");
    Refusal::new(StatusCode::NOT_FOUND, TopCode::NotFound, zh, en)
}

/// The media type of what a build step makes; of anything else none.
fn kind(path: &Path) -> Option<HeaderValue> {
    let kind = match path.extension()?.to_str()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "woff2" => "font/woff2",
        _ => return None,
    };
    Some(HeaderValue::from_static(kind))
}
