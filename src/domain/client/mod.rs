//! Applications (应用) that call the API, as the `client_id` of their tokens names them, and the
//! documents that they may ask for by hash. The operator keeps them at the command line.

pub mod commands;
pub mod queries;

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The SHA-256 of a document, in lower-case hex: its name among trusted documents.
#[must_use]
pub fn hash(document: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(document) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
