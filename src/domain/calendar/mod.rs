//! The working calendar (工作日历): which days are worked, and what working time is. The calendar
//! is the country's and the same for every district; the hours are each district's policy.

pub mod commands;
pub mod import;
pub mod queries;
pub mod time;

pub use time::{Calendar, WorkingTime};
