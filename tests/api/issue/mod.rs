//! Enterprise issues as each side meets them.

pub mod actors;
mod answers;
mod concluded;
mod grouped;
mod input;
mod life;
mod limits;
mod lists;
mod longer;
mod numbers;
mod raised;
mod replay;
mod roles;
mod sight;
mod statistics;
mod together;
mod walk;
