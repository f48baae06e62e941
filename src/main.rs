//! The server and its command line.

use std::process::ExitCode;

/// In what is shipped: a query is thousands of small pieces of memory. A build for debugging keeps
/// the system's, which tests can measure.
#[cfg(not(debug_assertions))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    honglian::cli::main()
}
