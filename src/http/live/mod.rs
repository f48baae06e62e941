//! What sockets and event streams have in common: how many may be open, and how an operation
//! is taken on and run.

mod operation;
mod seats;

pub(super) use operation::{Kind, kind, never_ran, once, read, refused};
pub(super) use seats::{Seat, Seats};
