//! An object on its way in: counted, hashed and looked at as it streams, never whole in memory, and
//! dropped unless it is what was announced.

use std::fmt::Write as _;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt};
use object_store::{ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::sniff::{Ends, Format};
use super::{Files, failed};
use crate::kernel::error::Error;

/// What an object is said to be.
pub struct Announced<'a> {
    /// Its media type.
    pub format: Format,
    /// Its bytes.
    pub size: u64,
    /// Their SHA-256 in lower-case hex.
    pub sha256: &'a str,
}

/// Why an object was not kept.
#[derive(Debug)]
pub enum Refused {
    /// It has more or fewer bytes.
    Size,
    /// It has another hash.
    Hash,
    /// It is of another type.
    Type,
    /// It did not come to its end.
    Broken,
    /// The store failed.
    Failed(Error),
}

/// Parts of an object that are on their way to the store at once.
const PARTS: usize = 2;

impl Files {
    /// Takes an object in.
    ///
    /// # Errors
    /// Why it was not kept; then nothing of it is left.
    pub async fn take<E>(
        &self,
        key: Uuid,
        announced: Announced<'_>,
        mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), Refused> {
        let upload = self.store.put_multipart(&self.path(key)).await;
        let upload = upload.map_err(|error| Refused::Failed(failed(&error)))?;
        let mut upload = Guard(Some(WriteMultipart::new(upload)));
        match read(&mut upload, &announced, &mut bytes).await {
            Ok(()) => upload.keep().await,
            Err(why) => {
                upload.drop_now().await;
                Err(why)
            }
        }
    }
}

async fn read<E>(
    upload: &mut Guard,
    announced: &Announced<'_>,
    bytes: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<(), Refused> {
    let mut size: u64 = 0;
    let mut hash = Sha256::new();
    let mut ends = Ends::default();
    while let Some(chunk) = bytes.next().await {
        let Ok(chunk) = chunk else {
            return Err(Refused::Broken);
        };
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        // Told at once: nobody fills the store with what will not be kept.
        if size > announced.size {
            return Err(Refused::Size);
        }
        hash.update(&chunk);
        ends.see(&chunk);
        upload.write(chunk).await?;
    }
    if size != announced.size {
        return Err(Refused::Size);
    }
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    if hex != announced.sha256 {
        return Err(Refused::Hash);
    }
    if !announced.format.fits(&ends) {
        return Err(Refused::Type);
    }
    Ok(())
}

/// An upload that is dropped with whoever waits for it: a client that hangs up leaves nothing.
struct Guard(Option<WriteMultipart>);

impl Guard {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Refused> {
        let Some(upload) = &mut self.0 else {
            return Err(Refused::Broken);
        };
        let ready = upload.wait_for_capacity(PARTS).await;
        ready.map_err(|error| Refused::Failed(failed(&error)))?;
        upload.put(chunk);
        Ok(())
    }

    async fn keep(mut self) -> Result<(), Refused> {
        let Some(upload) = self.0.take() else {
            return Err(Refused::Broken);
        };
        let kept = upload.finish().await;
        kept.map_err(|error| Refused::Failed(failed(&error)))?;
        Ok(())
    }

    async fn drop_now(mut self) {
        if let Some(upload) = self.0.take()
            && let Err(error) = upload.abort().await
        {
            tracing::warn!(%error, "an upload could not be dropped");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(upload) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                let _ = upload.abort().await;
            });
        }
    }
}
