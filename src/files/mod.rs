//! Where the bytes of attachments lie: a folder of the data folder, or an S3-compatible store. What
//! comes in is looked at while it streams, and is kept only if it is what was announced. Whose it
//! is and who reads it is the domain's business.

mod arrival;
mod sniff;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{GetResult, ObjectMeta, ObjectStore, ObjectStoreExt};
use uuid::Uuid;

pub use arrival::{Announced, Refused};
pub use sniff::{FORMATS, Format};

use crate::config::Uploads;
use crate::kernel::error::{Error, Result};

/// The objects of a page when all of them are gone through.
pub const PAGE: usize = 500;

/// An object, and when it was written by the store's clock.
pub type Written = (Uuid, chrono::DateTime<chrono::Utc>);

/// Why the store cannot be used. One line, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder.
    #[error("{}: the folder of attachments cannot be used: {refusal}; check uploads.dir", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        refusal: std::io::Error,
    },
    /// The store.
    #[error("the store of attachments cannot be used: {0}; check uploads.s3")]
    Store(#[from] object_store::Error),
}

/// The store of attachments.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
    prefix: Path,
    limits: Limits,
}

/// How large and how many attachments may be, and how long their links are good.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes of one.
    pub bytes: i32,
    /// The most of an issue or a visit.
    pub per_target: u64,
    /// From the announcement to the confirmation.
    pub upload: TimeDelta,
    /// From the making of a link to its end.
    pub link: TimeDelta,
}

impl Limits {
    /// As configured.
    #[must_use]
    pub fn of(uploads: &Uploads) -> Self {
        Self {
            bytes: i32::try_from(uploads.max_bytes).unwrap_or(i32::MAX),
            per_target: uploads.max_per_target.into(),
            upload: TimeDelta::seconds(uploads.upload_lifetime_s.into()),
            link: TimeDelta::seconds(uploads.link_lifetime_s.into()),
        }
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.store)
    }
}

fn failed(error: &object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => {
            Error::Internal("an attachment's bytes are missing".to_owned())
        }
        other => Error::Unavailable(format!("the store of attachments failed: {other}")),
    }
}

impl Files {
    /// The store that is configured. A folder is made where it is missing.
    ///
    /// # Errors
    /// A folder that cannot be made, or settings that no store can be reached by.
    pub fn open(uploads: &Uploads) -> std::result::Result<Self, FilesError> {
        let limits = Limits::of(uploads);
        let Some(s3) = &uploads.s3 else {
            let dir = &uploads.dir;
            let refused = |refusal| FilesError::Folder {
                folder: dir.clone(),
                refusal,
            };
            make_folder(dir).map_err(refused)?;
            let store = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
            return Ok(Self {
                folder: Some(dir.clone()),
                ..Self::of(Arc::new(store), limits)
            });
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&s3.bucket)
            .with_region(&s3.region)
            .with_access_key_id(&s3.access_key_id)
            .with_secret_access_key(s3.secret_access_key.expose())
            .with_allow_http(s3.allow_http)
            // One object at a time is removed here, and a plain DELETE is what every such store knows.
            .with_disable_bulk_delete(true);
        if let Some(endpoint) = &s3.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        Ok(Self {
            store: Arc::new(builder.build()?),
            folder: None,
            prefix: Path::from(s3.prefix.as_str()),
            limits,
        })
    }

    /// A store in memory, gone with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Arc::new(InMemory::new()), Limits::of(&Uploads::default()))
    }

    /// A store of the library.
    #[must_use]
    pub fn of(store: Arc<dyn ObjectStore>, limits: Limits) -> Self {
        Self {
            store,
            folder: None,
            prefix: Path::default(),
            limits,
        }
    }

    /// How large and how many attachments may be.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    fn path(&self, key: Uuid) -> Path {
        self.prefix.clone().join(key.simple().to_string())
    }

    /// The bytes of an object, as they come.
    ///
    /// # Errors
    /// `Internal` where there are none, `Unavailable` when the store fails.
    pub async fn read(
        &self,
        key: Uuid,
    ) -> Result<BoxStream<'static, object_store::Result<axum::body::Bytes>>> {
        let found: GetResult = self
            .store
            .get(&self.path(key))
            .await
            .map_err(|error| failed(&error))?;
        Ok(found.into_stream().boxed())
    }

    /// Removes an object; one that is not there is removed already.
    ///
    /// # Errors
    /// `Unavailable` when the store fails.
    pub async fn remove(&self, key: Uuid) -> Result<()> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Removes the parts of uploads that a killed server left in the folder, last written before an
    /// instant; how many there were. Another store forgets them by a rule of its own.
    ///
    /// # Errors
    /// `Unavailable` when the folder cannot be read.
    pub async fn drop_parts(&self, before: chrono::DateTime<chrono::Utc>) -> Result<usize> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        let dropped = tokio::task::spawn_blocking(move || remove_parts(&folder, before)).await;
        let dropped = dropped.map_err(std::io::Error::other).flatten();
        dropped.map_err(|error| {
            Error::Unavailable(format!("the folder of attachments failed: {error}"))
        })
    }

    /// The objects, a page at a time, with the time that each was written by the store's clock.
    #[must_use]
    pub fn all(&self) -> BoxStream<'static, Result<Vec<Written>>> {
        let objects = self.store.list(Some(&self.prefix));
        let objects = objects.map_ok(
            |ObjectMeta {
                 location,
                 last_modified,
                 ..
             }| {
                let name = location.filename().unwrap_or_default();
                // What is not named so is not ours.
                Uuid::try_parse(name).ok().map(|key| (key, last_modified))
            },
        );
        let pages = objects.try_chunks(PAGE);
        pages
            .map(|page| {
                page.map(|page| page.into_iter().flatten().collect())
                    .map_err(|stopped| failed(&stopped.1))
            })
            .boxed()
    }
}

/// A part lies beside its object, under its name, a hash sign and a number.
fn remove_parts(
    folder: &std::path::Path,
    before: chrono::DateTime<chrono::Utc>,
) -> std::io::Result<usize> {
    let mut gone = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let key = name.to_str().and_then(|name| name.split_once('#'));
        if key.is_none_or(|(key, _)| Uuid::try_parse(key).is_err()) {
            continue;
        }
        // Finished or dropped while we look.
        let Ok(written) = entry.metadata().and_then(|found| found.modified()) else {
            continue;
        };
        if chrono::DateTime::<chrono::Utc>::from(written) < before {
            std::fs::remove_file(entry.path())?;
            gone += 1;
        }
    }
    Ok(gone)
}

fn make_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
