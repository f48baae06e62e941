//! What the frontend team works with: the example client against a running server, and the rules
//! that the schema keeps to for their tools.

use std::sync::OnceLock;

use crate::support::demo::Demo;
use crate::support::node::Project;

/// What the client prints: the main flow of each role, errors among it.
const FLOWS: &str = "\
district: DISTRICT of 荔湾区, may assignIssue: true
district: 31 家 enterprises in the alliance, 8 对 pairings
district: read 209 of 209 enterprises in 3 pages
district: 立白: 立白集团 LEAD
lead: LEAD with 演示企业 003 1+3 结对 (ACTIVE): 演示企业 014 有限公司、演示企业 013 有限公司、演示企业 012 有限公司
lead: 6 interactions, may: RECORD_INTERACTION
lead: 8 pairings in view, 7 without their interactions
officer: 区城市管理和综合执法局, serves 1 enterprise, 6 issues in hand
member: MEMBER in the alliance as MEMBER, 19 issues in view
member: may createIssue: true, acceptIssue: false
member: an empty title: REQUIRED input.title
member: DRAFT LW-2021-000027, next: SUBMIT, WITHDRAW
member: SUBMITTED
member: acceptIssue: FORBIDDEN
lead: 招工难 SUBMITTED, redacted: true, text: null
district: ACCEPTED, next: ASSIGN, MERGE, RECLASSIFY, SUPERVISE, ESCALATE
district: ASSIGNED to 区城市管理和综合执法局
officer: IN_PROGRESS
officer: an internal step: PROGRESS
officer: RESPONDED, SOLVED
member: CLOSED by RESPOND, CLOSE_RATED
member: once more: INVALID_STATE
member: version 1 to 2
member: the other tab: STALE_VERSION input.expectedVersion
member: on top of it: 服装制造，兼设计
";

/// The example client, generated and compiled once.
fn client() -> Option<&'static Project> {
    static CLIENT: OnceLock<Option<Project>> = OnceLock::new();
    let client = CLIENT.get_or_init(|| {
        let client = Project::open("examples/web-client")?;
        client.run("npm", &["run", "check"]);
        Some(client)
    });
    client.as_ref()
}

fn the_flows_run(client: &Project, demo: &Demo) {
    let url = demo.at("/graphql");
    let tokens = demo.tokens();
    let printed = client.run(
        "npm",
        &[
            "start",
            "--silent",
            "--",
            "--url",
            &url,
            "--tokens",
            tokens.to_str().unwrap(),
        ],
    );
    assert_eq!(printed, FLOWS);
}

mod the_example_client_runs_the_flow_of_each_role {
    use super::*;

    #[test]
    fn sqlite() {
        if let Some(client) = client() {
            the_flows_run(client, &Demo::on_sqlite());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        if let (Some(client), Some(demo)) = (client(), Demo::on_postgres().await) {
            the_flows_run(client, &demo);
        }
    }
}

fn rules() -> Option<Project> {
    Project::open("tests/web-schema")
}

#[test]
fn the_schema_keeps_to_the_rules_of_its_users_tools() {
    if let Some(rules) = rules() {
        rules.run("npm", &["run", "--silent", "lint"]);
    }
}

#[test]
fn what_breaks_a_client_is_named_in_the_changelog() {
    let Some(rules) = rules() else { return };
    rules.run("node", &["diff.js"]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(&path, text).unwrap();
        path
    };
    let landed = file("landed", "type Query { kept: Int, gone: Int, closed: Int }");
    let present = file(
        "present",
        "type Query { kept: Int, closed(by: ID!): Int, fresh: Int }",
    );
    let compare = |changelog: &str| {
        let changelog = file("changelog", changelog);
        let (well, printed, _) = rules.end("node", &["diff.js", &landed, &present, &changelog]);
        (well, printed)
    };
    let unnamed = "Query.gone: Field 'gone' was removed from object type 'Query'\n\
        3 changes, 2 breaking, 1 not named in the changelog\n";
    let old = "# Changelog\n\n## Unreleased\n\n- `Query.closed.by` is asked for.\n\n## 1\n\n- `Query.gone`\n";
    assert_eq!(compare(old), (false, unnamed.to_owned()));
    let named = "# Changelog\n\n## Unreleased\n\n- Breaking: `Query.closed.by`, `Query.gone`.\n";
    let well = "3 changes, 2 breaking, 0 not named in the changelog\n";
    assert_eq!(compare(named), (true, well.to_owned()));
}
