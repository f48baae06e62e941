//! `honglian keys`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::database::{deps, existing};
use super::{Failure, say};
use crate::access::keys::{KeyAlgorithm, generate};
use crate::access::vault::{self, Vault};
use crate::config::Config;
use crate::domain::contact::rotation::reseal;
use crate::kernel::clock::{Clock, SystemClock};

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Make a signing key and the public key set beside it, and the first vault key; never
    /// overwrites.
    Generate {
        /// The folder; `<data dir>/keys` where absent.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// The kind of key.
        #[arg(long, value_enum, default_value = "ed25519")]
        algorithm: Algorithm,
    },
    /// Make a vault key, which seals personal data of contacts from the next start on.
    Vault {
        /// The folder; `<data dir>/keys` where absent.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Seal with the newest vault key what older ones sealed; the service may run meanwhile.
    Rotate,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Algorithm {
    /// EdDSA over Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256.
    Es256,
}

pub(super) async fn run(config: Config, what: Keys) -> Result<(), Failure> {
    match what {
        Keys::Generate { out, algorithm } => {
            let folder = out.clone().unwrap_or_else(|| config.keys_dir());
            let algorithm = match algorithm {
                Algorithm::Ed25519 => KeyAlgorithm::EdDsa,
                Algorithm::Es256 => KeyAlgorithm::Es256,
            };
            let made = generate(&folder, algorithm)?;
            say(format!(
                "signing key (keep it secret): {}",
                made.private.display()
            ))?;
            if out.is_none() && config.vault.keys.is_empty() {
                make_vault_key(&folder)?;
            }
            say(format!("public key set: {}", made.public.display()))?;
            say(format!("key id: {}", made.kid))
        }
        Keys::Vault { out } => {
            let id = make_vault_key(&out.unwrap_or_else(|| config.keys_dir()))?;
            say(format!("key id: {id}"))
        }
        Keys::Rotate => {
            let deps = deps(&config, existing(&config).await?).await?;
            let Ok(newest) = deps.vault.newest() else {
                return Err(Failure::Auth(
                    "no vault key is configured: run `honglian keys vault` or set vault.keys"
                        .to_owned(),
                ));
            };
            let done = reseal(&deps).await?;
            say(format!(
                "{done} contacts are sealed anew by the key {newest}"
            ))
        }
    }
}

/// Makes a vault key named after the time, so that names sort as keys follow each other.
fn make_vault_key(folder: &std::path::Path) -> Result<String, Failure> {
    let id = SystemClock.now().format("%Y%m%dT%H%M%SZ").to_string();
    let file = vault::file_of(folder, &id);
    vault::generate(&file)?;
    say(format!(
        "vault key (keep it secret, and a copy of it): {}",
        file.display()
    ))?;
    Ok(id)
}

/// The vault of a demo or a seed: with a key made in the data folder where none is configured.
pub(super) fn vault_made(config: &mut Config) -> Result<Vault, Failure> {
    if config.vault.keys.is_empty() {
        make_vault_key(&config.keys_dir())?;
        config.find_vault_keys();
    }
    Ok(crate::app::vault(config)?)
}
