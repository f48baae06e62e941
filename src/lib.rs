//! Honglian (红联): the system of record of a district's co-building programme.
//!
//! Bottom-up: `kernel` knows nobody; `access` knows who asks; `store` reads and writes rows for
//! any concept; `events` reads what happened; `domain` is the programme, a folder per concept;
//! `graphql` and `http` adapt it to the wire; `app` puts it together, `cli` starts it; `demo` is
//! the Liwan data set.

#![recursion_limit = "256"]

pub mod access;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod events;
pub mod files;
pub mod graphql;
pub mod http;
pub mod kernel;
pub mod store;
