//! What a principal may spend: a bucket of points for each user, and for each address without a
//! token, that refills with time. An operation is charged what it may cost, before it runs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use governor::clock::Clock as Ticks;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use serde_json::json;
use uuid::Uuid;

use crate::kernel::clock::Clock;

/// Full buckets are forgotten after so many charges.
const SWEEP: u64 = 10_000;

/// Whose budget it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A user.
    User(Uuid),
    /// Whoever comes from an address without a token.
    Address(Option<IpAddr>),
}

impl Principal {
    /// The budget of an address. One who has an IPv6 address has its whole network of /64.
    #[must_use]
    pub fn address(address: Option<IpAddr>) -> Self {
        Self::Address(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                IpAddr::V6(network.into())
            }
            address @ IpAddr::V4(_) => address,
        }))
    }
}

/// A charge: what an operation costs, and how its principal stands after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// What the operation may cost.
    pub cost: u64,
    /// What is left.
    pub left: u32,
    /// What a full budget holds.
    pub most: u32,
    /// What comes back each second.
    pub per_second: u32,
    /// How long to wait until it can be paid; none where it is paid.
    pub wait: Option<Duration>,
}

impl Spent {
    /// As `extensions.cost` tells it.
    #[must_use]
    pub fn extension(&self) -> serde_json::Value {
        json!({
            "requestedQueryCost": self.cost,
            "throttleStatus": {
                "maximumAvailable": self.most,
                "currentlyAvailable": self.left,
                "restoreRate": self.per_second,
            },
        })
    }

    /// How long an empty budget takes to be full.
    #[must_use]
    pub const fn refill_seconds(&self) -> u32 {
        self.most.div_ceil(self.per_second)
    }
}

/// The time by which budgets refill.
#[derive(Clone)]
struct Time(Arc<dyn Clock>);

impl Ticks for Time {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let now = self.0.now().timestamp_nanos_opt().unwrap_or_default();
        Nanos::from(u64::try_from(now).unwrap_or_default())
    }
}

type Limiter =
    RateLimiter<Principal, HashMapStateStore<Principal>, Time, StateInformationMiddleware>;

/// All budgets of a server.
pub struct Budgets {
    limiter: Limiter,
    time: Time,
    most: NonZeroU32,
    per_second: NonZeroU32,
    charges: AtomicU64,
    /// Who could not pay for what was refused, and until when.
    shut: Mutex<HashMap<Principal, DateTime<Utc>>>,
}

impl Budgets {
    /// Full budgets of the same size that refill by another clock.
    #[must_use]
    pub fn by(&self, clock: Arc<dyn Clock>) -> Self {
        Self::new(self.most, self.per_second, clock)
    }

    /// Budgets of a size that refill at a rate, by a clock that does not run backwards.
    #[must_use]
    pub fn new(most: NonZeroU32, per_second: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(most);
        let time = Time(clock);
        Self {
            limiter: RateLimiter::hashmap_with_clock(quota, time.clone()).with_middleware(),
            time,
            most,
            per_second,
            charges: AtomicU64::new(0),
            shut: Mutex::default(),
        }
    }

    /// Charges a principal for the work of refusing a document. Whoever cannot pay that is heard
    /// no more until they could.
    pub fn fine(&self, principal: Principal, points: u64) {
        let points = points.min(self.most.get().into());
        if let Some(wait) = self.charge(principal, points).wait {
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
            let now = self.time.0.now();
            let mut shut = self.shut();
            shut.retain(|_, until| *until > now);
            shut.insert(principal, now + wait);
        }
    }

    /// How one stands that is not heard; none for all others.
    pub fn unheard(&self, principal: Principal) -> Option<Spent> {
        let until = *self.shut().get(&principal)?;
        let wait = (until - self.time.0.now()).to_std().ok()?;
        (!wait.is_zero()).then(|| Spent {
            cost: 0,
            left: 0,
            most: self.most.get(),
            per_second: self.per_second.get(),
            wait: Some(wait),
        })
    }

    fn shut(&self) -> MutexGuard<'_, HashMap<Principal, DateTime<Utc>>> {
        self.shut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Charges a principal. What cannot be paid is not charged, and says how long to wait.
    pub fn charge(&self, principal: Principal, cost: u64) -> Spent {
        if self.charges.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
        }
        let points = u32::try_from(cost).unwrap_or(u32::MAX);
        let points = NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN);
        let spent = |left, wait| Spent {
            cost,
            left,
            most: self.most.get(),
            per_second: self.per_second.get(),
            wait,
        };
        match self.limiter.check_key_n(&principal, points) {
            Ok(Ok(standing)) => spent(standing.remaining_burst_capacity(), None),
            Ok(Err(not_yet)) => {
                let wait = not_yet.wait_time_from(self.time.now());
                let missing = wait.as_nanos() * u128::from(self.per_second.get());
                let missing = u32::try_from(missing.div_ceil(1_000_000_000)).unwrap_or(u32::MAX);
                spent(points.get().saturating_sub(missing), Some(wait))
            }
            // More than a full budget holds: no operation is, by the configuration.
            Err(_never) => spent(0, Some(Duration::from_secs(u64::from(self.most.get())))),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::kernel::clock::FixedClock;
    use chrono::TimeZone;

    fn budgets() -> (Budgets, Arc<FixedClock>) {
        let start = Utc.with_ymd_and_hms(2021, 1, 20, 2, 0, 0).unwrap();
        let clock = Arc::new(FixedClock::new(start));
        let number = |number| NonZeroU32::new(number).unwrap();
        let budgets = Budgets::new(number(100), number(10), clock.clone());
        (budgets, clock)
    }

    #[test]
    fn a_budget_empties_and_refills_with_time() {
        let (budgets, clock) = budgets();
        let who = Principal::User(Uuid::nil());
        assert_eq!(budgets.charge(who, 60).left, 40);
        let refused = budgets.charge(who, 60);
        assert_eq!(
            (refused.left, refused.wait),
            (40, Some(Duration::from_secs(2)))
        );
        clock.advance(TimeDelta::milliseconds(1999));
        assert!(budgets.charge(who, 60).wait.is_some());
        clock.advance(TimeDelta::milliseconds(1));
        let paid = budgets.charge(who, 60);
        assert_eq!((paid.left, paid.wait), (0, None));
    }

    #[test]
    fn who_cannot_pay_for_refusals_is_not_heard_for_a_while() {
        let (budgets, clock) = budgets();
        let who = Principal::User(Uuid::nil());
        budgets.fine(who, 60);
        assert!(budgets.unheard(who).is_none());
        budgets.fine(who, 60);
        let unheard = budgets.unheard(who).unwrap();
        assert_eq!(unheard.wait, Some(Duration::from_secs(2)));
        assert!(budgets.unheard(Principal::User(Uuid::max())).is_none());
        clock.advance(TimeDelta::seconds(2));
        assert!(budgets.unheard(who).is_none());
        // No fine is more than a full budget.
        budgets.fine(who, 1_000);
        assert_eq!(
            budgets.unheard(who).unwrap().wait,
            Some(Duration::from_secs(4))
        );
    }

    #[test]
    fn nobody_spends_anothers_budget() {
        let (budgets, _) = budgets();
        let of = |text: &str| Principal::address(Some(text.parse().unwrap()));
        assert_eq!(budgets.charge(Principal::User(Uuid::nil()), 100).left, 0);
        assert_eq!(budgets.charge(Principal::User(Uuid::max()), 1).left, 99);
        assert_eq!(budgets.charge(of("10.0.0.1"), 1).left, 99);
        assert_eq!(budgets.charge(of("::ffff:10.0.0.1"), 1).left, 98);
        assert_eq!(budgets.charge(of("2001:db8::1"), 1).left, 99);
        assert_eq!(budgets.charge(of("2001:db8::2"), 1).left, 98);
        assert_eq!(budgets.charge(of("2001:db8:0:1::1"), 1).left, 99);
    }
}
