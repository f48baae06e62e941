//! What every test stands on: a database of its own, the server without its sockets, actors.

pub mod app;
pub mod binary;
pub mod certificate;
pub mod database;
pub mod demo;
pub mod live;
pub mod node;
pub mod postgres;
pub mod roles;
pub mod rows;
pub mod s3;
pub mod server;
pub mod service;
pub mod silence;
pub mod wire;

/// Runs a test with the stack that the server gives its threads: a debug build needs it for the
/// widest documents.
pub fn on_a_server_thread<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(STACK)
            .enable_all()
            .build();
        runtime.unwrap().block_on(test());
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    if let Err(panic) = thread.unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}

const STACK: usize = 16 * 1024 * 1024;

/// Makes a test of each database: `on_both! { async fn name(app) { .. } }`.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($app:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test uses all of its file's")]
            use super::*;

            async fn run($app: $crate::support::app::TestApp) $body

            #[test]
            fn sqlite() {
                $crate::support::on_a_server_thread(|| async {
                    run($crate::support::app::TestApp::sqlite().await).await;
                });
            }

            #[test]
            fn postgres() {
                $crate::support::on_a_server_thread(|| async {
                    if let Some(app) = $crate::support::app::TestApp::postgres().await {
                        run(app).await;
                    }
                });
            }
        }
    )*};
}
