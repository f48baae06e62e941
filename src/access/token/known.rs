//! Tokens that were verified before. A client sends the same one with every request, and its
//! signature does not change; what passes is time, which is looked at each time. What the user
//! may do is kept beside it with the revision that it is of: whether that is the last one, the
//! database says at every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Claims, TokenError, Verifier};
use crate::access::viewer::Viewer;

/// How many are remembered; then it starts over.
const MOST: usize = 4096;

/// A verifier that remembers, by hash: it holds no token.
#[derive(Debug)]
pub struct KnownTokens {
    verifier: Verifier,
    known: Mutex<HashMap<[u8; 32], Arc<Bearer>>>,
}

/// Whoever bears a verified token.
#[derive(Debug)]
pub struct Bearer {
    /// What the token says.
    pub claims: Arc<Claims>,
    kept: Mutex<Option<(Arc<Viewer>, i64)>>,
}

impl Bearer {
    /// Who it was when the rights were of the revision beside it.
    #[must_use]
    pub fn kept(&self) -> Option<(Arc<Viewer>, i64)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    /// Keeps who it is at a revision of the rights.
    pub fn keep(&self, viewer: Arc<Viewer>, revision: i64) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((viewer, revision));
    }
}

impl KnownTokens {
    /// Remembers what this verifier accepts.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            known: Mutex::default(),
        }
    }

    /// Checks a token as of `now`, the real time.
    ///
    /// # Errors
    /// As `Verifier::verify`. What is refused is not remembered.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Bearer>, TokenError> {
        let hash = <[u8; 32]>::from(Sha256::digest(token));
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&hash).cloned();
        if let Some(bearer) = found {
            return match bearer.claims.check_time(now) {
                Ok(()) => Ok(bearer),
                Err(error) => {
                    known().remove(&hash);
                    Err(error)
                }
            };
        }
        let bearer = Arc::new(Bearer {
            claims: Arc::new(self.verifier.verify(token, now)?),
            kept: Mutex::default(),
        });
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, Arc::clone(&bearer));
        Ok(bearer)
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let known = self.known.lock();
        known.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
