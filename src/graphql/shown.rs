//! What a viewer may not read is null, without an error; whether they may is the concept's policy.

use crate::kernel::error::Result;

/// What is shown to those who may read it, and null to everybody else.
pub fn if_may<T>(may: Result<bool>, show: impl FnOnce() -> Option<Result<T>>) -> Option<Result<T>> {
    match may {
        Ok(true) => show(),
        Ok(false) => None,
        Err(error) => Some(Err(error)),
    }
}
