//! Enterprise issues as each side meets them.

mod actors;
mod answers;
mod input;
mod life;
mod limits;
mod lists;
mod numbers;
mod roles;
mod sight;
mod walk;
