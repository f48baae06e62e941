//! Enterprise issues as each side meets them.

pub mod actors;
mod answers;
mod input;
mod life;
mod limits;
mod lists;
mod numbers;
mod raised;
mod roles;
mod sight;
mod walk;
