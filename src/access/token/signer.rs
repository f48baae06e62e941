//! Signing tokens of our own: for the demo, the command line and the token endpoint.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::{ClaimedRole, Perm};
use crate::access::keys::{KeyAlgorithm, PrivateKey};

/// What a new token says, beside what its signer knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The user or service account.
    pub sub: String,
    /// The application it is issued to.
    pub client_id: String,
    /// Its own identifier; a fresh one for each token.
    pub jti: String,
    /// How long it is valid.
    pub lifetime: TimeDelta,
    /// The role; `None` for a service account.
    pub role: Option<ClaimedRole>,
    /// The district, by its GB/T 2260 code.
    pub district: Option<String>,
    /// The enterprise's identifier.
    pub ent: Option<String>,
    /// The service officer's identifier.
    pub off: Option<String>,
    /// Permissions beyond the role.
    pub perms: Vec<Perm>,
    /// What a service account may do, separated by blanks.
    pub scope: Option<String>,
}

/// Signs tokens in the name of one issuer.
#[derive(Debug)]
pub struct Signer {
    header: Header,
    key: EncodingKey,
    issuer: String,
    audience: String,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SignError(#[source] jsonwebtoken::errors::Error);

#[derive(Serialize)]
struct SignedClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<ClaimedRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    district: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Perm]>::is_empty")]
    perms: &'a [Perm],
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

impl Signer {
    /// A signer with this key; its tokens name `issuer` and `audience`.
    #[must_use]
    pub fn new(key: &PrivateKey, issuer: String, audience: String) -> Self {
        let (algorithm, encoding) = match key.algorithm() {
            KeyAlgorithm::EdDsa => (Algorithm::EdDSA, EncodingKey::from_ed_der(key.pkcs8())),
            KeyAlgorithm::Es256 => (Algorithm::ES256, EncodingKey::from_ec_der(key.pkcs8())),
        };
        let mut header = Header::new(algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid().to_owned());
        Self {
            header,
            key: encoding,
            issuer,
            audience,
        }
    }

    /// Signs a token that is valid from `now` on.
    ///
    /// # Errors
    /// [`SignError`] when the cryptographic library refuses.
    pub fn sign(&self, token: &NewToken, now: DateTime<Utc>) -> Result<String, SignError> {
        let iat = now.timestamp();
        let claims = SignedClaims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: &token.sub,
            exp: iat.saturating_add(token.lifetime.num_seconds()),
            iat,
            jti: &token.jti,
            client_id: &token.client_id,
            role: token.role,
            district: token.district.as_deref(),
            ent: token.ent.as_deref(),
            off: token.off.as_deref(),
            perms: &token.perms,
            scope: token.scope.as_deref(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(SignError)
    }
}
