//! Checking a token: form, issuer, key, signature, then what it says.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::crypto;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::issuer::{Authority, names};
use super::{ClaimedRole, Claims, Issuer, IssuerError, Perm, TokenError};

/// No token of ours comes near this; parsing stops to be cheap beyond it.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// How far the clocks of issuer and server may be apart.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// The longest identifier stored or logged from a token.
const MAX_IDENTIFIER_CHARS: usize = 255;

/// Checks tokens against the configured issuers.
#[derive(Debug)]
pub struct Verifier {
    issuers: HashMap<String, Authority>,
}

/// The members of a header that are read; all others are ignored.
#[derive(Deserialize)]
struct RawHeader {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
}

#[derive(Deserialize)]
struct RawClaims {
    iss: Option<String>,
    aud: Option<Audience>,
    sub: Option<String>,
    exp: Option<serde_json::Number>,
    iat: Option<serde_json::Number>,
    nbf: Option<serde_json::Number>,
    jti: Option<String>,
    client_id: Option<String>,
    role: Option<String>,
    district: Option<String>,
    ent: Option<String>,
    off: Option<String>,
    perms: Option<Vec<String>>,
    scope: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Verifier {
    /// A verifier for these issuers.
    ///
    /// Keys that cannot check a signature (encryption keys, other curves, RSA where it
    /// is not allowed) are left out: an authority's key set serves others, too.
    ///
    /// # Errors
    /// [`IssuerError`] when an issuer could never succeed or is ambiguous.
    pub fn new(issuers: Vec<Issuer>) -> Result<Self, IssuerError> {
        if issuers.is_empty() {
            return Err(IssuerError::None);
        }
        let mut known = HashMap::with_capacity(issuers.len());
        for issuer in issuers {
            let name = issuer.issuer.clone();
            let authority = issuer.into_authority()?;
            if known.insert(name.clone(), authority).is_some() {
                return Err(IssuerError::Duplicate(name));
            }
        }
        Ok(Self { issuers: known })
    }

    /// Checks a token as of `now`, the real time.
    ///
    /// # Errors
    /// [`TokenError`] says which rule is broken. A caller should tell its client less.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLarge);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let header: RawHeader = json_part(header)?;
        if header.crit || header.b64 || header.zip {
            return Err(TokenError::Critical);
        }
        // Read before the signature is checked, only to find the issuer's keys.
        let claims: RawClaims = json_part(payload)?;
        let issuer = claims
            .iss
            .as_deref()
            .ok_or(TokenError::MissingClaim("iss"))?;
        let authority = self.issuers.get(issuer).ok_or(TokenError::WrongIssuer)?;
        if !is_access_token(header.typ.as_deref(), authority.require_typ) {
            return Err(TokenError::WrongType);
        }
        let kid = header.kid.ok_or(TokenError::MissingClaim("kid"))?;
        let key = authority.keys.get(&kid).ok_or(TokenError::UnknownKey)?;
        if !names(key.algorithm, &header.alg) {
            return Err(TokenError::WrongAlgorithm);
        }
        match crypto::verify(signature, message.as_bytes(), &key.key, key.algorithm) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(TokenError::BadSignature),
        }
        claims.checked(&authority.audience, now)
    }
}

impl RawClaims {
    fn checked(self, audience: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let aud = match self.aud.ok_or(TokenError::MissingClaim("aud"))? {
            Audience::One(one) => vec![one],
            Audience::Many(many) => many,
        };
        if !aud.iter().any(|name| name == audience) {
            return Err(TokenError::WrongAudience);
        }
        let exp = required_instant(self.exp, "exp")?;
        let iat = required_instant(self.iat, "iat")?;
        let nbf = self.nbf.map(|nbf| instant(&nbf, "nbf")).transpose()?;
        check_time(exp, iat, nbf, now)?;
        let role = self
            .role
            // A role this service does not know must not become "no role".
            .map(|name| ClaimedRole::parse(&name).ok_or(TokenError::InvalidClaim("role")))
            .transpose()?;
        Ok(Claims {
            iss: required_text(self.iss, "iss")?,
            aud,
            sub: required_text(self.sub, "sub")?,
            exp,
            iat,
            nbf,
            jti: required_text(self.jti, "jti")?,
            client_id: required_text(self.client_id, "client_id")?,
            role,
            district: optional_text(self.district, "district")?,
            ent: optional_text(self.ent, "ent")?,
            off: optional_text(self.off, "off")?,
            perms: self
                .perms
                .unwrap_or_default()
                .iter()
                .filter_map(|name| Perm::parse(name))
                .collect(),
            scope: self.scope,
        })
    }
}

/// Whether an instant lies within a token's life.
fn check_time(
    exp: DateTime<Utc>,
    iat: DateTime<Utc>,
    nbf: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), TokenError> {
    // Compared as differences: an instant near the end of time has no later one.
    if now - exp >= LEEWAY {
        return Err(TokenError::Expired);
    }
    if iat - now > LEEWAY || nbf.is_some_and(|nbf| nbf - now > LEEWAY) {
        return Err(TokenError::NotYetValid);
    }
    Ok(())
}

impl Claims {
    /// Whether an instant lies within the token's life; what passes without a look at the token.
    ///
    /// # Errors
    /// `Expired` or `NotYetValid`.
    pub(super) fn check_time(&self, now: DateTime<Utc>) -> Result<(), TokenError> {
        check_time(self.exp, self.iat, self.nbf, now)
    }
}

/// RFC 7515 lets a `typ` leave out `application/`; media types ignore case.
fn is_access_token(typ: Option<&str>, required: bool) -> bool {
    let Some(typ) = typ else { return !required };
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "at+jwt" => true,
        "jwt" => !required,
        _ => false,
    }
}

fn json_part<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    // Serde would take an array for a struct, member by member.
    if bytes.first() != Some(&b'{') {
        return Err(TokenError::Malformed);
    }
    serde_json::from_slice(&bytes).or(Err(TokenError::Malformed))
}

/// Whether a member is there at all, `null` included.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn required_instant(
    number: Option<serde_json::Number>,
    claim: &'static str,
) -> Result<DateTime<Utc>, TokenError> {
    instant(&number.ok_or(TokenError::MissingClaim(claim))?, claim)
}

/// A `NumericDate`: seconds, possibly with a fraction, which is dropped.
fn instant(number: &serde_json::Number, claim: &'static str) -> Result<DateTime<Utc>, TokenError> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates; the bounds are checked next"
    )]
    let seconds = number
        .as_i64()
        .or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64));
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or(TokenError::InvalidClaim(claim))
}

fn required_text(text: Option<String>, claim: &'static str) -> Result<String, TokenError> {
    optional_text(text, claim)?.ok_or(TokenError::MissingClaim(claim))
}

/// What is stored and logged must be short and printable, whoever signed it.
fn optional_text(text: Option<String>, claim: &'static str) -> Result<Option<String>, TokenError> {
    let sound = text.as_deref().is_none_or(|text| {
        !text.is_empty()
            && text.chars().count() <= MAX_IDENTIFIER_CHARS
            && !text.chars().any(char::is_control)
    });
    if sound {
        Ok(text)
    } else {
        Err(TokenError::InvalidClaim(claim))
    }
}
