//! What every test stands on: a database of its own, the server without its sockets, actors.

pub mod app;
pub mod database;
pub mod demo;
pub mod node;
pub mod postgres;

/// Makes a test of each database: `on_both! { async fn name(app) { .. } }`.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($app:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test uses all of its file's")]
            use super::*;

            async fn run($app: $crate::support::app::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::support::app::TestApp::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(app) = $crate::support::app::TestApp::postgres().await {
                    run(app).await;
                }
            }
        }
    )*};
}
