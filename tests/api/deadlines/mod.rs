//! By when something must be done on an issue: clocks and what they give, deadlines day by day, the
//! calendar, and what the passing of time does.

pub mod calendar;
mod clocks;
mod passing;
mod supervision;
