//! What sockets and event streams have in common: how many may be open, and how an operation
//! is taken on and run.

mod operation;
mod seats;

pub(super) use operation::{once, once_by_key, refused, take_on};
pub(super) use seats::{Seat, Seats};
