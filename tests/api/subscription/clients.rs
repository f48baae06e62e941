//! The libraries that users come with: `graphql-ws` and `graphql-sse`, run by Node.js.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use crate::on_both;
use crate::support::database::cast;
use crate::support::node::Project;

on_both! {
    async fn the_npm_clients_get_on_with_the_server(app) {
        let clients = tokio::task::spawn_blocking(|| Project::open("tests/web-subscriptions"));
        let Some(clients) = clients.await.unwrap().map(Arc::new) else {
            return;
        };
        let server = app.serve(|live| live.init_timeout_ms = 1_000).await;
        let found = app.member()
            .read("{ viewer { district { issueCategories(first: 1) { nodes { id } } } } }").await;
        let category = &found["viewer"]["district"]["issueCategories"]["nodes"][0]["id"];
        let mut held = 0;
        for pattern in ["^(?!.*expires)", "^ws: .*expires", "^sse: .*expires"] {
            let short = app.token_with(&cast().operator, |token| {
                token.lifetime = TimeDelta::seconds(10);
            });
            let given = json!({"member": app.token(&cast().member), "short": short,
                "operator": app.token(&cast().operator), "category": category});
            let url = format!("http://{}/graphql", server.address);
            let arguments = ["drive.mjs".to_owned(), url, given.to_string(), pattern.to_owned()];
            let clients = Arc::clone(&clients);
            let told = tokio::task::spawn_blocking(move || clients.run("node", &arguments));
            let told = told.await.unwrap();
            assert!(told.lines().all(|line| line.starts_with("ok ")), "{told}");
            held += told.lines().count();
        }
        assert_eq!(held, 10);
    }
}
