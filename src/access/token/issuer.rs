//! The authorities whose tokens are accepted, and which of their keys can be used.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::access::keys::{Jwk, Jwks};

const MIN_RSA_BYTES: usize = 2048 / 8;

/// An authority whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// The `aud` its tokens must name.
    pub audience: String,
    /// Its public keys.
    pub keys: Jwks,
    /// Whether its RSA keys count. Only for authorities that have no better ones.
    pub allow_rs256: bool,
    /// Whether `typ` must be `at+jwt`. Otherwise `JWT` and no `typ` pass too.
    pub require_typ: bool,
}

/// Why the configured issuers cannot be used. One line each, with the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// Nobody could sign in.
    #[error("no token issuer is configured: run `honglian keys generate` or set auth.issuers")]
    None,
    /// The same issuer is configured twice.
    #[error("issuer {0:?} is configured twice in auth.issuers: keep one of the two")]
    Duplicate(String),
    /// Two keys of one issuer share their name.
    #[error("issuer {issuer:?} has two keys with the kid {kid:?}: remove one from its key set")]
    DuplicateKey {
        /// The issuer.
        issuer: String,
        /// The shared name.
        kid: String,
    },
    /// None of its keys can check a signature.
    #[error(
        "issuer {0:?} has no usable key: its key set needs an Ed25519 or P-256 key with a kid \
         (or RSA of 2048 bits with allow_rs256)"
    )]
    NoUsableKey(String),
}

#[derive(Debug)]
pub(super) struct Authority {
    pub(super) audience: String,
    pub(super) require_typ: bool,
    pub(super) keys: HashMap<String, VerifyingKey>,
}

#[derive(Debug)]
pub(super) struct VerifyingKey {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl Issuer {
    /// Sorts out the usable keys.
    pub(super) fn into_authority(self) -> Result<Authority, IssuerError> {
        let keys = usable_keys(&self)?;
        Ok(Authority {
            audience: self.audience,
            require_typ: self.require_typ,
            keys,
        })
    }
}

fn usable_keys(issuer: &Issuer) -> Result<HashMap<String, VerifyingKey>, IssuerError> {
    let mut keys = HashMap::new();
    for jwk in &issuer.keys.keys {
        let (Some(kid), Some(key)) = (&jwk.kid, verifying_key(jwk, issuer.allow_rs256)) else {
            continue;
        };
        if keys.insert(kid.clone(), key).is_some() {
            return Err(IssuerError::DuplicateKey {
                issuer: issuer.issuer.clone(),
                kid: kid.clone(),
            });
        }
    }
    if keys.is_empty() {
        return Err(IssuerError::NoUsableKey(issuer.issuer.clone()));
    }
    Ok(keys)
}

/// One key, one algorithm: the key says which.
fn verifying_key(jwk: &Jwk, allow_rs256: bool) -> Option<VerifyingKey> {
    let for_signatures = jwk.usage.as_deref().is_none_or(|usage| usage == "sig")
        && jwk
            .key_ops
            .as_ref()
            .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !for_signatures {
        return None;
    }
    let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => {
            let x = component(jwk.x.as_ref(), |length| length == 32)?;
            (Algorithm::EdDSA, DecodingKey::from_ed_components(x).ok()?)
        }
        ("EC", Some("P-256")) => {
            let x = component(jwk.x.as_ref(), |length| length == 32)?;
            let y = component(jwk.y.as_ref(), |length| length == 32)?;
            (
                Algorithm::ES256,
                DecodingKey::from_ec_components(x, y).ok()?,
            )
        }
        ("RSA", _) if allow_rs256 => {
            let n = component(jwk.n.as_ref(), |length| length >= MIN_RSA_BYTES)?;
            let e = component(jwk.e.as_ref(), |length| length > 0)?;
            (
                Algorithm::RS256,
                DecodingKey::from_rsa_components(n, e).ok()?,
            )
        }
        _ => return None,
    };
    let agrees = jwk.alg.as_deref().is_none_or(|name| names(algorithm, name));
    agrees.then_some(VerifyingKey { algorithm, key })
}

/// The base64url text of a key's component, when its length in bytes fits.
fn component(text: Option<&String>, fits: fn(usize) -> bool) -> Option<&str> {
    let text = text?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    fits(bytes.len()).then_some(text)
}

/// Whether `name` is the algorithm's. RFC 9864 also calls `EdDSA` over Ed25519 by its curve.
pub(super) fn names(algorithm: Algorithm, name: &str) -> bool {
    match algorithm {
        Algorithm::EdDSA => matches!(name, "EdDSA" | "Ed25519"),
        Algorithm::ES256 => name == "ES256",
        Algorithm::RS256 => name == "RS256",
        _ => false,
    }
}
