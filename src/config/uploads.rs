//! Where attachments lie, and how large and how many they may be.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

/// Where attachments lie, and how large and how many they may be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uploads {
    /// The folder that they lie in, unless a store is configured; `<data_dir>/attachments` by
    /// default.
    pub dir: PathBuf,
    /// The S3-compatible store that they lie in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3>,
    /// The largest attachment.
    pub max_bytes: u32,
    /// The most attachments of an issue or a visit.
    pub max_per_target: u32,
    /// The most uploads at once on one server; each takes up to 15 MiB of memory.
    pub max_at_once: u32,
    /// How long an upload may take from its announcement to its confirmation.
    pub upload_lifetime_s: u32,
    /// How long the bytes of an upload may take.
    pub transfer_timeout_ms: u32,
    /// How long a link to an attachment is good.
    pub link_lifetime_s: u32,
}

/// An S3-compatible store.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// The region.
    pub region: String,
    /// The address of the service, where it is not Amazon's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// What comes before the names of objects.
    #[serde(default)]
    pub prefix: String,
    /// The name of the access key.
    pub access_key_id: String,
    /// The access key.
    pub secret_access_key: Hidden,
    /// Whether the address may be one of plain HTTP.
    #[serde(default)]
    pub allow_http: bool,
}

/// A setting that is never shown.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Hidden(SecretString);

impl Hidden {
    /// The setting itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("honglian-data/attachments"),
            s3: None,
            max_bytes: 20 * 1024 * 1024,
            max_per_target: 20,
            max_at_once: 16,
            upload_lifetime_s: 15 * 60,
            transfer_timeout_ms: 120_000,
            link_lifetime_s: 5 * 60,
        }
    }
}

impl Uploads {
    /// How long the bytes of an upload may take.
    #[must_use]
    pub fn transfer_timeout(&self) -> Duration {
        Duration::from_millis(self.transfer_timeout_ms.into())
    }

    /// The limits that must be at least 1, by their keys.
    pub(super) const fn numbers(&self) -> [(&'static str, u32); 6] {
        [
            ("uploads.max_bytes", self.max_bytes),
            ("uploads.max_per_target", self.max_per_target),
            ("uploads.max_at_once", self.max_at_once),
            ("uploads.upload_lifetime_s", self.upload_lifetime_s),
            ("uploads.transfer_timeout_ms", self.transfer_timeout_ms),
            ("uploads.link_lifetime_s", self.link_lifetime_s),
        ]
    }
}
