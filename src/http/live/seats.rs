//! How many sockets and streams may be open: in the process, and for one user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use crate::config::Subscriptions;

/// All places.
pub(in crate::http) struct Seats {
    most: u32,
    most_of_one: u32,
    taken: Mutex<Taken>,
    staying: watch::Sender<()>,
}

#[derive(Default)]
struct Taken {
    all: u32,
    users: HashMap<Uuid, u32>,
}

/// A place that is taken until it is dropped.
pub(in crate::http) struct Seat {
    seats: Arc<Seats>,
    user: Option<Uuid>,
}

impl Seats {
    pub(in crate::http) fn new(settings: &Subscriptions) -> Self {
        Self {
            most: settings.max_open,
            most_of_one: settings.max_open_per_user,
            taken: Mutex::default(),
            staying: watch::Sender::new(()),
        }
    }

    /// Held until the last word is said, which may be after the place is another's.
    pub(in crate::http) fn stay(&self) -> watch::Receiver<()> {
        self.staying.subscribe()
    }

    /// Waits until nobody stays.
    pub(in crate::http) async fn rest(&self) {
        self.staying.closed().await;
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place; none where all are taken.
    pub(in crate::http) fn take(self: &Arc<Self>) -> Option<Seat> {
        let mut taken = self.taken();
        if taken.all >= self.most {
            return None;
        }
        taken.all += 1;
        Some(Seat {
            seats: Arc::clone(self),
            user: None,
        })
    }
}

impl Seat {
    /// Whether it may be this user's.
    pub(in crate::http) fn give_to(&mut self, user: Uuid) -> bool {
        let mut taken = self.seats.taken();
        let count = taken.users.entry(user).or_default();
        if *count >= self.seats.most_of_one {
            return false;
        }
        *count += 1;
        self.user = Some(user);
        true
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all = taken.all.saturating_sub(1);
        let Some(user) = self.user else { return };
        if let Some(count) = taken.users.get_mut(&user) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.users.remove(&user);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_left_is_free_again() {
        let seats = Arc::new(Seats::new(&Subscriptions {
            max_open: 3,
            max_open_per_user: 2,
            ..Subscriptions::default()
        }));
        let (user, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let [mut first, mut second, mut third] = [(); 3].map(|()| seats.take().unwrap());
        assert!(seats.take().is_none());
        assert!(first.give_to(user) && second.give_to(user));
        assert!(!third.give_to(user));
        drop(first);
        assert!(third.give_to(user));
        assert!(seats.take().is_some_and(|mut fourth| fourth.give_to(other)));
        drop((second, third));
        let taken = seats.taken();
        assert_eq!((taken.all, taken.users.len()), (0, 0));
    }
}
