//! How many connections there may be: in all, and from one address, so that one who holds what it
//! may hold leaves room for the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::HttpOptions;
use crate::config::Network;
use crate::graphql::guard::budget::Principal;

/// All connections.
pub(super) struct Crowd {
    most: u32,
    most_of_one: u32,
    proxies: Vec<Network>,
    here: Mutex<Here>,
}

#[derive(Default)]
struct Here {
    all: u32,
    addresses: HashMap<Principal, u32>,
}

/// A connection's place, taken until it is dropped.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    /// None for a proxy, which brings many.
    address: Option<Principal>,
}

impl Crowd {
    pub(super) fn new(options: &HttpOptions) -> Self {
        Self {
            most: options.max_connections,
            most_of_one: options.max_connections_per_address,
            proxies: options.trusted_proxies.clone(),
            here: Mutex::default(),
        }
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from an address; none where there is no room for it.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let is_proxy = self.proxies.iter().any(|network| network.contains(peer));
        let address = (!is_proxy).then(|| Principal::address(Some(peer)));
        let mut here = self.here();
        if here.all >= self.most {
            return None;
        }
        if let Some(address) = address {
            let count = here.addresses.entry(address).or_default();
            if *count >= self.most_of_one {
                return None;
            }
            *count += 1;
        }
        here.all += 1;
        Some(Place {
            crowd: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut here = self.crowd.here();
        here.all = here.all.saturating_sub(1);
        let Some(address) = self.address else { return };
        if let Some(count) = here.addresses.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                here.addresses.remove(&address);
            }
        }
    }
}
