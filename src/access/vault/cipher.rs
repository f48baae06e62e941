//! The ciphers. One is an implementation of `Cipher`: where the rules ask for SM4-GCM, it is a
//! second one, and old values stay readable since each names its key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};

/// Authenticated encryption with associated data.
pub trait Cipher: Send + Sync {
    /// The sealed bytes, with all that opening needs but the key and the context.
    fn seal(&self, value: &[u8], context: &[u8]) -> Option<Vec<u8>>;

    /// The value, if it was sealed by this key in this context.
    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>>;
}

/// AES-256-GCM (NIST SP 800-38D) with a random nonce per value: nonce, text, tag. A key is good
/// for four billion values; change it long before.
pub struct AesGcm(RandomizedNonceKey);

impl AesGcm {
    /// A cipher by a key of 32 bytes.
    #[must_use]
    pub fn new(key: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).ok().map(Self)
    }
}

impl Cipher for AesGcm {
    fn seal(&self, value: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let mut text = value.to_vec();
        let sealed = self
            .0
            .seal_in_place_append_tag(Aad::from(context), &mut text);
        let nonce = sealed.ok()?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut text);
        Some(bytes)
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let value = self.0.open_in_place(nonce, Aad::from(context), &mut text);
        Some(value.ok()?.to_vec())
    }
}
