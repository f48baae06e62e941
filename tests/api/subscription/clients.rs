//! The libraries that users come with: `graphql-ws` and `graphql-sse`, run by Node.js.

use chrono::TimeDelta;
use serde_json::json;

use crate::on_both;
use crate::support::database::cast;
use crate::support::node::Programs;

on_both! {
    async fn the_npm_clients_get_on_with_the_server(app) {
        let Some(programs) = Programs::of("tests/web-subscriptions").await else {
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
            let told = programs.run(vec!["drive.mjs".to_owned(), url, given.to_string(),
                pattern.to_owned()]).await;
            assert!(told.lines().all(|line| line.starts_with("ok ")), "{told}");
            held += told.lines().count();
        }
        assert_eq!(held, 10);
    }
}
