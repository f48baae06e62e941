//! `honglian keys`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{Failure, say};
use crate::access::keys::{KeyAlgorithm, generate};
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Make a signing key and the public key set beside it; never overwrites.
    Generate {
        /// The folder; `<data dir>/keys` where absent.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// The kind of key.
        #[arg(long, value_enum, default_value = "ed25519")]
        algorithm: Algorithm,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Algorithm {
    /// EdDSA over Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256.
    Es256,
}

pub(super) fn run(config: &Config, what: Keys) -> Result<(), Failure> {
    let Keys::Generate { out, algorithm } = what;
    let folder = out.unwrap_or_else(|| config.keys_dir());
    let algorithm = match algorithm {
        Algorithm::Ed25519 => KeyAlgorithm::EdDsa,
        Algorithm::Es256 => KeyAlgorithm::Es256,
    };
    let made = generate(&folder, algorithm)?;
    say(format!(
        "signing key (keep it secret): {}",
        made.private.display()
    ))?;
    say(format!("public key set: {}", made.public.display()))?;
    say(format!("key id: {}", made.kid))
}
