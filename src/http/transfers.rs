//! The places of uploads under way: so many on the server, and of one user a few of them. Nobody
//! keeps all the others from sending by sending slowly.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

/// The places of one user, of so many of the server.
const SHARE: usize = 4;

/// The places, and who holds how many.
pub(super) struct Transfers {
    places: Semaphore,
    most_of_one: usize,
    senders: Mutex<HashMap<Uuid, usize>>,
}

/// One of the places of a user, held until it is dropped.
pub(super) struct Sender<'a> {
    transfers: &'a Transfers,
    user: Uuid,
}

impl Transfers {
    pub(super) fn new(most: usize) -> Self {
        Self {
            places: Semaphore::new(most.min(Semaphore::MAX_PERMITS)),
            most_of_one: most.div_ceil(SHARE),
            senders: Mutex::default(),
        }
    }

    /// A place of the server, if one is free.
    pub(super) fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// A place of this user, if one is free.
    pub(super) fn of(&self, user: Uuid) -> Option<Sender<'_>> {
        let mut senders = self.senders();
        let held = senders.entry(user).or_default();
        if *held >= self.most_of_one {
            return None;
        }
        *held += 1;
        Some(Sender {
            transfers: self,
            user,
        })
    }

    fn senders(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        let mut senders = self.transfers.senders();
        let held = senders.remove(&self.user).unwrap_or_default();
        if held > 1 {
            senders.insert(self.user, held - 1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn one_user_holds_a_share_of_the_places() {
        let transfers = Transfers::new(8);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = transfers.of(one).unwrap();
        let second = transfers.of(one).unwrap();
        assert!(transfers.of(one).is_none());
        let others = transfers.of(other).unwrap();
        drop(first);
        let third = transfers.of(one).unwrap();
        assert!(transfers.of(one).is_none());
        drop((second, third, others));
        assert!(transfers.senders().is_empty(), "nobody is remembered");
        // However few there are, everybody may have one.
        assert!(Transfers::new(1).of(one).is_some());
    }

    #[test]
    fn the_server_has_so_many_places() {
        let transfers = Transfers::new(1);
        let place = transfers.enter().unwrap();
        assert!(transfers.enter().is_none());
        drop(place);
        assert!(transfers.enter().is_some());
    }
}
