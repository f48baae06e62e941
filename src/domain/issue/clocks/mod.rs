//! By when something must be done on an issue: eight clocks (时限) that its steps start, stop and
//! pause.
//!
//! `table` says what every step does to every clock; `rules` is what the district gives them, and
//! `limits` sets it; `run` moves them, in memory; `write` does so with a step that is written.
//! `reminders` are when whoever is waited for is reminded; `queries` reads clocks, `explain` tells a
//! deadline day by day. Escalation lives elsewhere.

pub mod explain;
pub mod limits;
pub mod queries;
pub mod reminders;
pub mod rules;
pub mod run;
pub mod table;
pub mod write;

pub use limits::SetClockRuleInput;
pub use rules::{Case, Rules};
pub use run::{Clocks, Moment};
pub use write::{Dues, Taking, case_of, end, extend, promise, reclassify, start, take, tighten};
