//! The files that vault keys live in: 64 random bytes as PEM, the owner's alone.

use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{HALF, VaultKey};
use crate::access::keys::{KeyError, file};

const TAG: &str = "HONGLIAN VAULT KEY";

/// Makes a key and writes it to a file, which must not be there.
///
/// # Errors
/// [`KeyError::Exists`], [`KeyError::Generation`] or [`KeyError::Io`].
pub fn generate(path: &Path) -> Result<(), KeyError> {
    let mut secret = vec![0; 2 * HALF];
    if rand::fill(&mut secret).is_err() {
        return Err(KeyError::Generation);
    }
    let secret = SecretSlice::from(secret);
    let block = pem::Pem::new(TAG, secret.expose_secret());
    let text = SecretString::from(pem::encode_config(
        &block,
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    ));
    if let Some(folder) = path.parent() {
        file::make_folder(folder)?;
    }
    file::write_new(path, text.expose_secret(), 0o600)
}

/// Reads a key.
///
/// # Errors
/// [`KeyError::Missing`], [`KeyError::TooOpen`], [`KeyError::Corrupt`] or [`KeyError::Io`].
pub fn load(id: &str, path: &Path) -> Result<VaultKey, KeyError> {
    let opened = file::open(path)?;
    file::refuse_open_permissions(&opened, path)?;
    let text = SecretString::from(file::read(opened, path)?);
    let block = pem::parse(text.expose_secret()).ok();
    let block = block.filter(|block| block.tag() == TAG);
    let key = block.and_then(|block| VaultKey::of_secret(id.to_owned(), block.contents()));
    key.ok_or_else(|| {
        let reason = "not a vault key; restore it, for what it sealed cannot be read without it";
        KeyError::corrupt(path, reason)
    })
}

/// The name that a key has by its file's, and the file: those that `honglian keys vault` made in a
/// folder, the oldest first.
#[must_use]
pub fn made_in(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let id = name.strip_prefix("vault-")?.strip_suffix(".pem")?;
            Some((id.to_owned(), entry.path()))
        })
        .collect();
    found.sort();
    found
}

/// The file of a key in a folder.
#[must_use]
pub fn file_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("vault-{id}.pem"))
}
