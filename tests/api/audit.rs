//! GraphQL over HTTP as its reference audits see it: all 61, MUST, SHOULD and MAY alike.

use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::node::Programs;
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_audits_pass() {
    let Some(programs) = Programs::of("tests/web").await else {
        return;
    };
    let app = TestApp::sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    // The schema is for those who sign in; the audits ask for it.
    let arguments = [
        "audit.mjs",
        &server.at("/graphql"),
        &app.token(&cast().operator),
    ];
    let told = programs.run(arguments.map(str::to_owned).to_vec()).await;
    assert_eq!(told.trim(), "61/61");
}
