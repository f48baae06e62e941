//! What knows nobody else here: errors, time, ids, codes and texts. No table, no role, no wire.

pub mod catalogue;
pub mod clock;
pub mod error;
pub mod id;
pub mod personal;
pub mod text;
pub mod uscc;
