//! Access tokens (RFC 9068): checking those of others, signing our own. The only folder
//! that names the JWT library.
//!
//! The header of a token is the attacker's. So the algorithm comes from the key, the
//! key from the issuer's own set, and every member that would let a token choose
//! (`jku`, `jwk`, `x5u`, `x5c`) is never read. What a subject may do is decided by the
//! database, not here.

mod issuer;
mod known;
mod signer;
#[cfg(test)]
mod tests;
mod verifier;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use issuer::{Issuer, IssuerError};
pub use known::{Bearer, KnownTokens};
pub use signer::{NewToken, SignError, Signer};
pub use verifier::Verifier;

/// Why a token is refused. It never holds the token or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Larger than 8 KiB.
    #[error("the token is too large")]
    TooLarge,
    /// Not three base64url parts, or not JSON objects of the right shape.
    #[error("the token is malformed")]
    Malformed,
    /// It demands an extension (`crit`, `b64`) or is compressed.
    #[error("the token demands an extension that is not supported")]
    Critical,
    /// Not an access token.
    #[error("the token is not an access token (typ at+jwt)")]
    WrongType,
    /// No such issuer is configured.
    #[error("the token's issuer is not known")]
    WrongIssuer,
    /// The issuer has no such key.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The algorithm is not the key's.
    #[error("the token's algorithm is not the key's")]
    WrongAlgorithm,
    /// The signature does not fit.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// Meant for another service.
    #[error("the token is for another audience")]
    WrongAudience,
    /// Past its end.
    #[error("the token has expired")]
    Expired,
    /// Before its beginning, or issued in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A required claim or header is missing.
    #[error("the token has no {0}")]
    MissingClaim(&'static str),
    /// A claim holds what it cannot hold.
    #[error("the token's {0} is invalid")]
    InvalidClaim(&'static str),
}

/// The role a token claims. The database decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClaimedRole {
    /// The district's side.
    District,
    /// A lead enterprise of a pairing.
    Lead,
    /// Any other enterprise.
    Member,
}

impl ClaimedRole {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "DISTRICT" => Some(Self::District),
            "LEAD" => Some(Self::Lead),
            "MEMBER" => Some(Self::Member),
            _ => None,
        }
    }
}

/// A permission beyond the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Perm {
    /// Administers the district.
    Admin,
    /// Reads the audit log, and nothing else.
    Auditor,
}

impl Perm {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "ADMIN" => Some(Self::Admin),
            "AUDITOR" => Some(Self::Auditor),
            _ => None,
        }
    }
}

/// What a checked token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it. With `sub` it identifies the user.
    pub iss: String,
    /// Whom it is for.
    pub aud: Vec<String>,
    /// The user or service account.
    pub sub: String,
    /// When it ends.
    pub exp: DateTime<Utc>,
    /// When it was issued.
    pub iat: DateTime<Utc>,
    /// When it begins, if not at once.
    pub nbf: Option<DateTime<Utc>>,
    /// Its own identifier, for the audit log.
    pub jti: String,
    /// The application it was issued to.
    pub client_id: String,
    /// The claimed role; `None` for a service account.
    pub role: Option<ClaimedRole>,
    /// The district, by its GB/T 2260 code.
    pub district: Option<String>,
    /// The enterprise's identifier.
    pub ent: Option<String>,
    /// The service officer's identifier.
    pub off: Option<String>,
    /// Permissions beyond the role, without those this service does not know.
    pub perms: Vec<Perm>,
    /// What a service account may do, separated by blanks.
    pub scope: Option<String>,
}
