//! The keys tokens are signed and checked with: making them, and reading their files.
//!
//! A private key is a PKCS#8 PEM file its owner alone may write; the public halves are
//! a JSON Web Key Set (RFC 7517) beside it. What a token must look like is the business
//! of [`super::token`].

pub(super) mod file;
mod jwk;
mod private;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

pub use jwk::{Jwk, Jwks};
pub use private::PrivateKey;

/// The name of the private key's file inside a key folder.
pub const PRIVATE_KEY_FILE: &str = "signing-key.pem";
/// The name of the public key set's file inside a key folder.
pub const PUBLIC_KEYS_FILE: &str = "jwks.json";

/// What keeps a key from being made or read. One line each, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key is there already; replacing it would make every token worthless.
    #[error("{}: exists already and is never overwritten; move it away first", .0.display())]
    Exists(PathBuf),
    /// There is no such file.
    #[error("{}: no such file; run `honglian keys generate` or correct the path", .0.display())]
    Missing(PathBuf),
    /// Others than the owner may use the private key.
    #[error("{}: this private key is open to others (mode {mode:03o}); run `chmod 600` on it", path.display())]
    TooOpen {
        /// The key's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not what it should be.
    #[error("{}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The operating system refused.
    #[error("{}: {refusal}; check that the folder exists and its permissions", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        refusal: io::Error,
    },
    /// The cryptographic library could not make a key.
    #[error("no key could be generated: the system gives no randomness")]
    Generation,
}

impl KeyError {
    pub(super) fn corrupt(path: &Path, reason: impl Into<String>) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn io(path: &Path, refusal: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            refusal,
        }
    }
}

/// The signature algorithms of our own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyAlgorithm {
    /// `EdDSA` with Ed25519.
    #[default]
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl KeyAlgorithm {
    /// The name a token's header and a JSON Web Key use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }
}

/// What [`generate`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    /// The private key.
    pub private: PathBuf,
    /// The public key set.
    pub public: PathBuf,
    /// The name of the key.
    pub kid: String,
}

/// Makes a key and writes both halves into `folder`, which is made when missing.
///
/// # Errors
/// [`KeyError::Exists`] when either file is there: nothing is ever overwritten.
pub fn generate(folder: &Path, algorithm: KeyAlgorithm) -> Result<KeyFiles, KeyError> {
    let key = PrivateKey::generate(algorithm)?;
    let files = KeyFiles {
        private: folder.join(PRIVATE_KEY_FILE),
        public: folder.join(PUBLIC_KEYS_FILE),
        kid: key.kid().to_owned(),
    };
    // Asked before anything is written, so that a refusal leaves the folder as it was.
    for path in [&files.private, &files.public] {
        if path.symlink_metadata().is_ok() {
            return Err(KeyError::Exists(path.clone()));
        }
    }
    file::make_folder(folder)?;

    let block = pem::Pem::new("PRIVATE KEY", key.pkcs8());
    let text = SecretString::from(pem::encode_config(
        &block,
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    ));
    file::write_new(&files.private, text.expose_secret(), 0o600)?;
    write_public(&files.public, &key)?;
    Ok(files)
}

/// The keys of a folder, made where there are none. A start that was killed between the two
/// files left the private half alone; the public one follows from it.
///
/// # Errors
/// As [`generate`] and [`PrivateKey::load`].
pub fn ensure(folder: &Path, algorithm: KeyAlgorithm) -> Result<KeyFiles, KeyError> {
    let private = folder.join(PRIVATE_KEY_FILE);
    if !private.exists() {
        return generate(folder, algorithm);
    }
    let key = PrivateKey::load(&private)?;
    let public = folder.join(PUBLIC_KEYS_FILE);
    if !public.exists() {
        write_public(&public, &key)?;
    }
    Ok(KeyFiles {
        private,
        public,
        kid: key.kid().to_owned(),
    })
}

fn write_public(path: &Path, key: &PrivateKey) -> Result<(), KeyError> {
    let set = Jwks {
        keys: vec![key.public().clone()],
    };
    let json =
        serde_json::to_string_pretty(&set).map_err(|error| KeyError::io(path, error.into()))?;
    file::write_new(path, &format!("{json}\n"), 0o644)
}
