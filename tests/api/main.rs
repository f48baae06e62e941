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
mod assignment;
mod attachment;
mod audit;
mod calendar_file;
mod catalogue;
mod claims;
mod cli;
mod conformance;
mod connections;
mod contact;
mod cost;
mod deadlines;
mod district;
mod docs;
mod documented;
mod documents;
mod enterprise;
mod first_run;
mod hostile;
mod http;
mod idempotency;
mod issue;
mod logs;
mod matrix;
mod membership;
mod node;
mod object_store;
mod officer;
mod pages;
mod pairing;
mod peer_help;
mod plans;
mod rights;
mod schema;
mod schema_rules;
mod statistics;
mod subscription;
mod tls;
mod transfers;
mod upgrade;
mod user;
mod viewer;
mod visit;
mod walk;
mod web;
