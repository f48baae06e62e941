//! The server and its command line.

use std::process::ExitCode;

/// In what is shipped: a query is thousands of small pieces of memory. A build for debugging keeps
/// the system's, which tests can measure.
#[cfg(not(debug_assertions))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // A second line behind the scan of documents: the parser recurses.
        .thread_stack_size(16 * 1024 * 1024)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(honglian::cli::main()),
        Err(error) => {
            honglian::cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
