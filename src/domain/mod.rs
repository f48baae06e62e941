//! The programme, one folder per concept: its words, its rules (`policy`), its reads (`queries`)
//! and its writes (`commands`). Concepts speak to each other through these, never through
//! another's tables. `filter`, `input` and `order` are the words that all concepts share.

pub mod attachment;
pub mod calendar;
pub mod client;
pub mod contact;
pub mod department;
pub mod district;
pub mod enterprise;
pub mod filter;
pub mod input;
pub mod issue;
pub mod membership;
pub mod officer;
pub mod order;
pub mod pairing;
pub mod permissions;
pub mod scalar;
pub mod statistics;
pub mod supply_chain;
pub mod user;
pub mod visit;
