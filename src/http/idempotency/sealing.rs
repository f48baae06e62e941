//! What a key keeps in the database may show personal data: the answer of `revealContact` does. So
//! answers are sealed, and a request is known by what nobody can guess it from. Without a vault key
//! there are no personal data, and nothing to seal.

use crate::access::vault::{Place, Vault};
use crate::kernel::error::Result;
use crate::store::idempotency::Keyed;

fn at<T>(keyed: &Keyed, work: impl FnOnce(Place<'_>) -> T) -> T {
    let row = format!("{} {}", keyed.user_id, keyed.key);
    work(Place {
        table: "idempotency_record",
        column: "answer",
        row: &row,
    })
}

/// An answer as it is kept.
pub(super) fn seal(vault: &Vault, keyed: &Keyed, body: &str) -> Result<String> {
    if vault.is_empty() {
        return Ok(body.to_owned());
    }
    at(keyed, |place| vault.seal(place, body))
}

/// The answer that was kept, byte for byte.
pub(super) fn open(vault: &Vault, keyed: &Keyed, kept: String) -> Result<String> {
    // An answer is a JSON object, which no sealed value begins as.
    if kept.starts_with('{') {
        return Ok(kept);
    }
    at(keyed, |place| vault.open(place, &kept))
}

/// What a request is known by: first as it is written from now on, then as it may have been before
/// a key was changed or made.
pub(super) fn fingerprints(vault: &Vault, hash: String) -> Vec<String> {
    let mut prints = vault.indexes("idempotency_record.fingerprint", &hash);
    prints.push(hash);
    prints
}
