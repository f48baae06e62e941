//! The keys that personal data are sealed by.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The keys that personal data are sealed by.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vault {
    /// The keys in use, the oldest first: the last one seals, all of them open. By default those
    /// that `honglian keys vault` made in the data folder.
    pub keys: Vec<VaultKeyConfig>,
}

/// A key under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultKeyConfig {
    /// The name that sealed values know it by; it stays as long as the key.
    pub id: String,
    /// Its file, as `honglian keys vault` makes it.
    pub file: PathBuf,
}

impl Vault {
    /// What the types cannot say. The place of the first fault, and what is wrong.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        for (index, key) in self.keys.iter().enumerate() {
            let is_name = (1..=64).contains(&key.id.len())
                && key
                    .id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
            let place = format!("vault.keys.{index}.id");
            if !is_name {
                let reason = "must be 1 to 64 letters, digits, dots, underscores and hyphens";
                return Err((place, reason));
            }
            let before = self.keys.iter().take(index);
            if before.into_iter().any(|known| known.id == key.id) {
                return Err((place, "must not name two keys"));
            }
        }
        Ok(())
    }
}
