//! Private keys, made here or read from a PKCS#8 file.

use std::path::Path;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{Jwk, KeyAlgorithm, KeyError, file};

/// A private signing key and its public half.
#[derive(Debug)]
pub struct PrivateKey {
    algorithm: KeyAlgorithm,
    pkcs8: SecretSlice<u8>,
    public: Jwk,
    kid: String,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`KeyError::Generation`] when there is no randomness.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let pkcs8 = match algorithm {
            // Version 1 is the form every OpenSSL reads.
            KeyAlgorithm::EdDsa => Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()),
            KeyAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1()),
        };
        pkcs8
            .ok()
            .and_then(|document| Self::from_pkcs8(document.as_ref()))
            .ok_or(KeyError::Generation)
    }

    /// Reads a private key from a PKCS#8 PEM file.
    ///
    /// The owner's group may read it, which is how secrets are mounted into containers;
    /// nobody else may do anything with it.
    ///
    /// # Errors
    /// [`KeyError::Missing`], [`KeyError::TooOpen`], [`KeyError::Corrupt`] or
    /// [`KeyError::Io`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let opened = file::open(path)?;
        file::refuse_open_permissions(&opened, path)?;
        let text = SecretString::from(file::read(opened, path)?);
        // The parser's own message may quote the file.
        let Ok(block) = pem::parse(text.expose_secret()) else {
            return Err(KeyError::corrupt(
                path,
                "not a PEM file; restore it or generate a new key",
            ));
        };
        if block.tag() != "PRIVATE KEY" {
            return Err(KeyError::corrupt(
                path,
                "not a PKCS#8 key (`PRIVATE KEY`); convert it with `openssl pkcs8 -topk8 -nocrypt`",
            ));
        }
        Self::from_pkcs8(block.contents()).ok_or_else(|| {
            KeyError::corrupt(
                path,
                "neither an Ed25519 nor a P-256 key; restore it or generate a new key",
            )
        })
    }

    /// The algorithm the key signs with.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The name tokens call the key by: its thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// The PKCS#8 document, for the signer.
    pub(in crate::access) fn pkcs8(&self) -> &[u8] {
        self.pkcs8.expose_secret()
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let (algorithm, mut public) = public_half(pkcs8)?;
        let kid = public.thumbprint()?;
        public.kid = Some(kid.clone());
        public.alg = Some(algorithm.name().to_owned());
        public.usage = Some("sig".to_owned());
        Some(Self {
            algorithm,
            pkcs8: pkcs8.to_vec().into(),
            public,
            kid,
        })
    }
}

fn public_half(pkcs8: &[u8]) -> Option<(KeyAlgorithm, Jwk)> {
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8(pkcs8) {
        let public = Jwk {
            kty: "OKP".to_owned(),
            crv: Some("Ed25519".to_owned()),
            x: Some(URL_SAFE_NO_PAD.encode(pair.public_key())),
            ..Jwk::default()
        };
        return Some((KeyAlgorithm::EdDsa, public));
    }
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?;
    // An uncompressed point: 0x04, then two coordinates of 32 bytes.
    let (x, y) = pair
        .public_key()
        .as_ref()
        .strip_prefix(&[4])?
        .split_at_checked(32)?;
    let public = Jwk {
        kty: "EC".to_owned(),
        crv: Some("P-256".to_owned()),
        x: Some(URL_SAFE_NO_PAD.encode(x)),
        y: Some(URL_SAFE_NO_PAD.encode(y)),
        ..Jwk::default()
    };
    Some((KeyAlgorithm::Es256, public))
}
