//! The service as its users meet it: a real database of each kind, real tokens, the same parts
//! that serve. One binary, since every one more is another long link.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop"
)]

mod support;

mod access;
mod cost;
mod docs;
mod enterprise;
mod pages;
mod schema;
mod web;
