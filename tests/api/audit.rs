//! GraphQL over HTTP as its reference audits see it: all 61, MUST, SHOULD and MAY alike.

use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::node::Project;
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_audits_pass() {
    let web = tokio::task::spawn_blocking(|| Project::open("tests/web"));
    let Some(web) = web.await.unwrap() else {
        return;
    };
    let app = TestApp::sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    // The schema is for those who sign in; the audits ask for it.
    let (address, token) = (server.at("/graphql"), app.token(&cast().operator));
    let audits =
        tokio::task::spawn_blocking(move || web.run("node", &["audit.mjs", &address, &token]));
    assert_eq!(audits.await.unwrap().trim(), "61/61");
}
