//! GraphQL over HTTP as its reference audits see it: all 61, MUST, SHOULD and MAY alike.

use std::path::Path;
use std::process::Command;

use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::server::Server;

/// Runs a program in the folder of the web tests; what it printed, and whether it was content.
fn run(program: &str, arguments: &[&str]) -> Option<(String, bool)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web");
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.ok()?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Some((text, output.status.success()))
}

/// Whether there is a Node.js that can run them, its packages installed.
fn has_node() -> bool {
    let major = run("node", &["--version"]).and_then(|(version, _)| {
        version
            .trim()
            .strip_prefix('v')?
            .split('.')
            .next()?
            .parse::<u32>()
            .ok()
    });
    if major.is_some_and(|major| major >= 20) {
        let (told, done) = run("npm", &["ci", "--no-audit", "--no-fund", "--silent"]).unwrap();
        assert!(done, "npm ci: {told}");
        return true;
    }
    let missing = "no Node.js of version 20 or later: the audits of GraphQL over HTTP do not run";
    #[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
    let is_ci = std::env::var_os("CI").is_some();
    assert!(!is_ci, "{missing}");
    eprintln!("SKIPPED: {missing}");
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_audits_pass() {
    if !tokio::task::spawn_blocking(has_node).await.unwrap() {
        return;
    }
    let app = TestApp::sqlite().await;
    let server = Server::start(&app, |_| {}).await;
    // The schema is for those who sign in; the audits ask for it.
    let (address, token) = (server.at("/graphql"), app.token(&cast().operator));
    let audits = tokio::task::spawn_blocking(move || run("node", &["audit.mjs", &address, &token]));
    let (told, done) = audits.await.unwrap().unwrap();
    assert!(done, "{told}");
    assert_eq!(told.trim(), "61/61");
}
