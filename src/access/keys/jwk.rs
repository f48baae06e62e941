//! Public keys as JSON (RFC 7517), and their names (RFC 7638).

use std::path::Path;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{KeyError, file};

/// The members of a JSON Web Key that must never be published.
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public JSON Web Key: the members this service reads. Others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Jwk {
    /// The key type: OKP, EC or RSA.
    pub kty: String,
    /// The curve of an OKP or EC key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The public key of an OKP key; the first coordinate of an EC key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The second coordinate of an EC key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// The name tokens call the key by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The one algorithm the key is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// What the key is for; `sig` for signatures.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The operations the key is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
}

impl Jwk {
    /// The key's RFC 7638 thumbprint (SHA-256, base64url); `None` when a required
    /// member is missing or the key type is unknown.
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        // The required members in lexicographic order, without blanks: `json!` would
        // not promise either.
        let members = match self.kty.as_str() {
            "OKP" => vec![("crv", &self.crv), ("kty", &None), ("x", &self.x)],
            "EC" => vec![
                ("crv", &self.crv),
                ("kty", &None),
                ("x", &self.x),
                ("y", &self.y),
            ],
            "RSA" => vec![("e", &self.e), ("kty", &None), ("n", &self.n)],
            _ => return None,
        };
        let mut fields = Vec::with_capacity(members.len());
        for (name, member) in members {
            let value = match name {
                "kty" => self.kty.as_str(),
                _ => member.as_deref()?,
            };
            fields.push(format!("{name:?}:{}", serde_json::Value::from(value)));
        }
        let canonical = format!("{{{}}}", fields.join(","));
        let hash = digest::digest(&digest::SHA256, canonical.as_bytes());
        Some(URL_SAFE_NO_PAD.encode(hash))
    }
}

/// A set of public keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys, in the file's order.
    pub keys: Vec<Jwk>,
}

impl Jwks {
    /// Reads a JSON Web Key Set from a file.
    ///
    /// # Errors
    /// [`KeyError::Missing`], [`KeyError::Io`], or [`KeyError::Corrupt`] when it is no
    /// key set, or one that gives away a private key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = file::read(file::open(path)?, path)?;
        Self::parse(&text).map_err(|reason| KeyError::corrupt(path, reason))
    }

    /// Reads a JSON Web Key Set from its text; the error says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
            format!(
                "not JSON (line {}); a JSON Web Key Set is expected",
                error.line()
            )
        })?;
        let secret = value
            .get("keys")
            .and_then(serde_json::Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_object)
            .any(|key| {
                SECRET_MEMBERS
                    .iter()
                    .any(|member| key.contains_key(*member))
            });
        if secret {
            return Err(
                "holds a private or symmetric key; keep only public keys in it and replace that key"
                    .to_owned(),
            );
        }
        // Only the kind of fault is told: key material does not belong in messages.
        serde_json::from_value(value).map_err(|error| {
            format!(
                "not a JSON Web Key Set ({:?} error); expected {{\"keys\": [...]}}",
                error.classify()
            )
        })
    }
}
