//! Personal data at rest: values that are stored sealed, and what finds them again without opening
//! them. A value is bound to its place (table, column, row), so that it opens nowhere else. Several
//! keys can be in use at once: the last one seals, all of them open; so keys change while the
//! service runs. What the data mean is the domain's business.

mod cipher;
mod file;

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use cipher::{AesGcm, Cipher};
pub use file::{file_of, generate, load, made_in};

use crate::kernel::error::{Error, Result};

/// The length of each of the two keys in a key file.
const HALF: usize = 32;

/// A key under its name: what seals, and a key of its own for what finds sealed values again.
pub struct VaultKey {
    id: String,
    cipher: Box<dyn Cipher>,
    index: hmac::Key,
}

impl VaultKey {
    /// A key of its two parts.
    #[must_use]
    pub fn new(id: String, cipher: Box<dyn Cipher>, index: &[u8]) -> Self {
        Self {
            id,
            cipher,
            index: hmac::Key::new(hmac::HMAC_SHA256, index),
        }
    }

    /// AES-256-GCM by the first half of the secret, the index by the second one; none where the
    /// secret is of another length.
    #[must_use]
    pub fn of_secret(id: String, secret: &[u8]) -> Option<Self> {
        if secret.len() != 2 * HALF {
            return None;
        }
        let (cipher, index) = secret.split_at_checked(HALF)?;
        Some(Self::new(id, Box::new(AesGcm::new(cipher)?), index))
    }
}

/// Where a sealed value stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// What identifies the row.
    pub row: &'a str,
}

impl Place<'_> {
    fn context(&self, key: &str) -> Vec<u8> {
        let mut context = Vec::new();
        for part in [self.table, self.column, self.row, key] {
            // The length keeps the parts apart.
            context.extend_from_slice(&part.len().to_be_bytes());
            context.extend_from_slice(part.as_bytes());
        }
        context
    }
}

/// The keys, the oldest first.
#[derive(Default)]
pub struct Vault {
    keys: Vec<VaultKey>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.ids()).finish()
    }
}

impl Vault {
    /// A vault of these keys, the oldest first: the last one seals.
    #[must_use]
    pub fn new(keys: Vec<VaultKey>) -> Self {
        Self { keys }
    }

    /// Whether it has no key: then nothing is sealed and nothing opens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The names of its keys, the oldest first.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        self.keys.iter().map(|key| key.id.as_str()).collect()
    }

    /// The name of the key that seals.
    ///
    /// # Errors
    /// `Internal` without a key: the server does not start so.
    pub fn newest(&self) -> Result<&str> {
        Ok(&self.sealing()?.id)
    }

    fn sealing(&self) -> Result<&VaultKey> {
        let newest = self.keys.last();
        newest.ok_or_else(|| Error::Internal("no vault key is configured".to_owned()))
    }

    /// A value as it is stored at its place: the key's name and the sealed bytes, which are others
    /// each time.
    ///
    /// # Errors
    /// `Internal` without a key, or when the cryptographic library refuses.
    pub fn seal(&self, place: Place<'_>, value: &str) -> Result<String> {
        let key = self.sealing()?;
        let sealed = key.cipher.seal(value.as_bytes(), &place.context(&key.id));
        let sealed =
            sealed.ok_or_else(|| Error::Internal("a value cannot be sealed".to_owned()))?;
        Ok(format!("{}:{}", key.id, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// The value that is stored at its place.
    ///
    /// # Errors
    /// `Internal` where its key is not configured, or where it was not sealed for this place.
    pub fn open(&self, place: Place<'_>, stored: &str) -> Result<String> {
        let damaged = || {
            let Place { table, column, .. } = place;
            Error::Internal(format!("a value of {table}.{column} cannot be opened"))
        };
        let (id, sealed) = stored.rsplit_once(':').ok_or_else(damaged)?;
        let key = self.keys.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| Error::Internal(format!("no vault key {id} is configured")))?;
        let Ok(sealed) = URL_SAFE_NO_PAD.decode(sealed) else {
            return Err(damaged());
        };
        let opened = key.cipher.open(&sealed, &place.context(id));
        let opened = opened.and_then(|value| String::from_utf8(value).ok());
        opened.ok_or_else(damaged)
    }

    /// What a value is found by again: the same for the same value and purpose under one key, and
    /// of no use without the key.
    ///
    /// # Errors
    /// `Internal` without a key.
    pub fn index(&self, purpose: &str, value: &str) -> Result<String> {
        Ok(tag(self.sealing()?, purpose, value))
    }

    /// The same under each key, the newest first: what was written under any of them is found.
    #[must_use]
    pub fn indexes(&self, purpose: &str, value: &str) -> Vec<String> {
        let newest_first = self.keys.iter().rev();
        newest_first.map(|key| tag(key, purpose, value)).collect()
    }
}

fn tag(key: &VaultKey, purpose: &str, value: &str) -> String {
    use std::fmt::Write;

    let text = format!("{}:{purpose}:{value}", purpose.len());
    let mut hex = String::with_capacity(64);
    for byte in hmac::sign(&key.index, text.as_bytes()).as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn key(id: &str, byte: u8) -> VaultKey {
        VaultKey::of_secret(id.to_owned(), &[byte; 64]).unwrap()
    }

    const HERE: Place<'static> = Place {
        table: "contact",
        column: "mobile",
        row: "1",
    };

    #[test]
    fn a_value_opens_at_its_place_and_nowhere_else() {
        let vault = Vault::new(vec![key("k1", 1)]);
        let stored = vault.seal(HERE, "13800000001").unwrap();
        assert!(stored.starts_with("k1:") && !stored.contains("138"));
        assert_eq!(vault.open(HERE, &stored).unwrap(), "13800000001");
        for elsewhere in [
            Place { row: "2", ..HERE },
            Place {
                column: "name",
                ..HERE
            },
            Place {
                table: "other",
                ..HERE
            },
        ] {
            assert!(vault.open(elsewhere, &stored).is_err(), "{elsewhere:?}");
        }
        // The same value twice is stored as two.
        assert_ne!(vault.seal(HERE, "13800000001").unwrap(), stored);
    }

    #[test]
    fn what_was_changed_by_one_bit_does_not_open() {
        let vault = Vault::new(vec![key("k1", 1)]);
        let stored = vault.seal(HERE, "张三").unwrap();
        let sealed = URL_SAFE_NO_PAD.decode(&stored[3..]).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            *changed.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
            let changed = format!("k1:{}", URL_SAFE_NO_PAD.encode(changed));
            assert!(vault.open(HERE, &changed).is_err(), "bit {bit}");
        }
        for bad in ["", "k1", "k1:", "k1:!", "k2:AAAA", &stored[..20]] {
            assert!(vault.open(HERE, bad).is_err(), "{bad}");
        }
        // Under the name of another key with the same secret.
        let renamed = Vault::new(vec![key("k2", 1)]);
        let under = stored.replace("k1:", "k2:");
        assert!(renamed.open(HERE, &under).is_err());
    }

    #[test]
    fn the_last_key_seals_and_every_key_opens_and_finds() {
        let old = Vault::new(vec![key("k1", 1)]);
        let both = Vault::new(vec![key("k1", 1), key("k2", 2)]);
        let former = old.seal(HERE, "13800000001").unwrap();
        assert_eq!(both.open(HERE, &former).unwrap(), "13800000001");
        let stored = both.seal(HERE, "13800000001").unwrap();
        assert!(stored.starts_with("k2:"));
        assert!(old.open(HERE, &stored).is_err());
        let index = |vault: &Vault| vault.index("mobile", "13800000001").unwrap();
        assert_eq!(
            both.indexes("mobile", "13800000001"),
            [index(&both), index(&old)]
        );
        assert_eq!(index(&old).len(), 64);
        assert_ne!(
            old.index("mobile", "13800000002").unwrap(),
            index(&old),
            "another value"
        );
        assert_ne!(
            old.index("email", "13800000001").unwrap(),
            index(&old),
            "another purpose"
        );
    }

    #[test]
    fn without_a_key_nothing_is_sealed() {
        let none = Vault::default();
        assert!(none.is_empty() && none.seal(HERE, "x").is_err());
        assert!(none.index("mobile", "x").is_err() && none.indexes("mobile", "x").is_empty());
        assert!(VaultKey::of_secret("k".to_owned(), &[1; 63]).is_none());
        let shown = format!("{:?}", Vault::new(vec![key("k1", 7)]));
        assert_eq!(shown, r#"Vault(["k1"])"#, "a key shows its name alone");
    }

    /// What is stored can be opened by other software.
    #[test]
    fn the_sealed_bytes_are_nonce_text_and_tag() {
        let cipher = AesGcm::new(&[0; 32]).unwrap();
        let sealed = cipher.seal(&[0; 16], b"").unwrap();
        assert_eq!(sealed.len(), 12 + 16 + 16);
        // Test case 14 of the GCM specification: zero key, zero nonce, zero text.
        let known = "000000000000000000000000cea7403d4d606b6e074ec5d3baf39d18\
                     d0d1c8a799996bf0265b98b5d48ab919";
        let bytes: Vec<u8> = (0..known.len() / 2)
            .map(|at| u8::from_str_radix(&known[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        assert_eq!(cipher.open(&bytes, b"").unwrap(), [0; 16]);
    }
}
