//! Who asks, and what that lets them see. Knows tokens, roles and standing; no concept's rules.

pub mod keys;
pub mod token;
pub mod vault;
pub mod viewer;
