//! Limits of what stays open: sockets and event streams.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits of sockets and event streams.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscriptions {
    /// The most sockets and streams at once; further ones are answered 503.
    pub max_open: u32,
    /// The most sockets and streams of one user; further ones are refused.
    pub max_open_per_user: u32,
    /// The most operations at once on one socket.
    pub max_operations_per_socket: u32,
    /// The largest message from a client.
    pub message_limit_bytes: u32,
    /// The messages that wait for a client before it counts as slow.
    pub queue_length: u32,
    /// How long a client may be slow before it is dropped.
    pub slow_reader_ms: u32,
    /// How long a client may take to introduce itself (`connection_init`).
    pub init_timeout_ms: u32,
    /// How often a client is asked whether it is still there.
    pub keep_alive_ms: u32,
    /// How often the right of an open connection is checked while nothing happens.
    pub recheck_ms: u32,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            max_open: 2_000,
            max_open_per_user: 20,
            max_operations_per_socket: 50,
            message_limit_bytes: 256 * 1024,
            queue_length: 64,
            slow_reader_ms: 10_000,
            init_timeout_ms: 10_000,
            keep_alive_ms: 20_000,
            recheck_ms: 15_000,
        }
    }
}

impl Subscriptions {
    /// How long a client may be slow.
    #[must_use]
    pub fn slow_reader(&self) -> Duration {
        Duration::from_millis(self.slow_reader_ms.into())
    }

    /// How long a client may take to introduce itself.
    #[must_use]
    pub fn init_timeout(&self) -> Duration {
        Duration::from_millis(self.init_timeout_ms.into())
    }

    /// How often a client is asked whether it is there.
    #[must_use]
    pub fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.keep_alive_ms.into())
    }

    /// How often a right is checked.
    #[must_use]
    pub fn recheck(&self) -> Duration {
        Duration::from_millis(self.recheck_ms.into())
    }

    /// The limits that must be at least 1, by their keys.
    pub(super) const fn numbers(&self) -> [(&'static str, u32); 9] {
        [
            ("subscriptions.max_open", self.max_open),
            ("subscriptions.max_open_per_user", self.max_open_per_user),
            (
                "subscriptions.max_operations_per_socket",
                self.max_operations_per_socket,
            ),
            (
                "subscriptions.message_limit_bytes",
                self.message_limit_bytes,
            ),
            ("subscriptions.queue_length", self.queue_length),
            ("subscriptions.slow_reader_ms", self.slow_reader_ms),
            ("subscriptions.init_timeout_ms", self.init_timeout_ms),
            ("subscriptions.keep_alive_ms", self.keep_alive_ms),
            ("subscriptions.recheck_ms", self.recheck_ms),
        ]
    }
}
