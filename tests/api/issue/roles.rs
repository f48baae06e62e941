//! Which role does what: each mutation by each role that may, and none by a role that never may.

use honglian::kernel::id::{Kind, encode};
use serde_json::json;
use uuid::Uuid;

use super::actors::{ACTIONS, brought_to, input, ready, usual, written};
use crate::on_both;
use crate::support::app::{Person, TestApp};

/// What auditors may never call: they change nothing.
const AUDITORS_NEVER: [&str; 35] = [
    "createIssue",
    "submitIssue",
    "acceptIssue",
    "rejectIssue",
    "requestInfo",
    "supplyInfo",
    "assignIssue",
    "returnAssignment",
    "startHandling",
    "addProgress",
    "respondToIssue",
    "rateIssue",
    "reopenIssue",
    "withdrawIssue",
    "requestExtension",
    "approveExtension",
    "rejectExtension",
    "holdIssue",
    "resumeIssue",
    "moveToLongTerm",
    "addInterimReply",
    "closeDissatisfied",
    "archiveIssue",
    "recordCallback",
    "urgeIssue",
    "mergeIssues",
    "appealRejection",
    "decideAppeal",
    "reclassifyIssue",
    "superviseIssue",
    "escalateIssue",
    "lowerEscalation",
    "openForPeerHelp",
    "closePeerHelp",
    "suggestPeerHelp",
];

/// The mutations that a role may never call, as the programme's matrix has them.
fn never(role: &str) -> &'static [&'static str] {
    match role {
        "auditor" => &AUDITORS_NEVER,
        "admin" | "operator" => &[
            "returnAssignment",
            "startHandling",
            "rateIssue",
            "reopenIssue",
            "withdrawIssue",
            "urgeIssue",
            "appealRejection",
            "openForPeerHelp",
            "closePeerHelp",
            "suggestPeerHelp",
        ],
        "officer" => &[
            "openForPeerHelp",
            "closePeerHelp",
            "rejectIssue",
            "assignIssue",
            "rateIssue",
            "reopenIssue",
            "withdrawIssue",
            "urgeIssue",
            "appealRejection",
            "approveExtension",
            "rejectExtension",
            "holdIssue",
            "resumeIssue",
            "moveToLongTerm",
            "closeDissatisfied",
            "archiveIssue",
            "recordCallback",
            "mergeIssues",
            "decideAppeal",
            "reclassifyIssue",
            "superviseIssue",
            "escalateIssue",
            "lowerEscalation",
        ],
        _ => &[
            "suggestPeerHelp",
            "acceptIssue",
            "rejectIssue",
            "requestInfo",
            "assignIssue",
            "returnAssignment",
            "startHandling",
            "addProgress",
            "respondToIssue",
            "requestExtension",
            "approveExtension",
            "rejectExtension",
            "holdIssue",
            "resumeIssue",
            "moveToLongTerm",
            "addInterimReply",
            "closeDissatisfied",
            "archiveIssue",
            "recordCallback",
            "mergeIssues",
            "decideAppeal",
            "reclassifyIssue",
            "superviseIssue",
            "escalateIssue",
            "lowerEscalation",
        ],
    }
}

/// Whether a role may never call a mutation: help is asked for in the alliance.
fn is_never(role: &str, mutation: &str) -> bool {
    never(role).contains(&mutation) || (role, mutation) == ("outsider", "openForPeerHelp")
}

fn everybody(app: &TestApp) -> [(&'static str, Person<'_>); 7] {
    [
        ("admin", app.admin()),
        ("operator", app.operator()),
        ("auditor", app.auditor()),
        ("officer", app.officer()),
        ("lead", app.lead()),
        ("member", app.member()),
        ("outsider", app.outsider()),
    ]
}

on_both! {
    async fn what_a_role_may_never_do_is_refused_before_anything_is_read(app) {
        let department = app.operator().department("FINANCE").await;
        let before = written(&app).await;
        let unknown = encode(Kind::Issue, Uuid::from_u128(7));
        for (role, who) in everybody(&app) {
            for (mutation, _, _) in ACTIONS {
                let mut fields = usual(mutation, &department);
                fields["id"] = json!(unknown);
                fields["expectedVersion"] = json!(1);
                let statements = app.database.db.tally().statements();
                let end = who.tries(mutation, fields).await;
                if is_never(role, mutation) {
                    assert_eq!(end, "top-level FORBIDDEN", "{role} {mutation}");
                    let read = app.database.db.tally().statements() - statements;
                    assert_eq!(read, 1, "the viewer's own: {role} {mutation}");
                } else {
                    assert_eq!(end, "NOT_FOUND", "{role} {mutation}");
                }
            }
            let draft = json!({"title": "", "body": "", "nature": "HELP", "categoryId": "x"});
            let end = who.tries("createIssue", draft).await;
            let expected = if role == "auditor" { "top-level FORBIDDEN" } else { "REQUIRED" };
            assert_eq!(end, expected, "{role}");
        }
        assert_eq!(written(&app).await, before);
    }

    async fn auditors_read_no_issue_on_any_path(app) {
        let auditor = app.auditor();
        let issue = brought_to(&app, &app.member(), "CLOSED").await;
        for query in ["{ enterpriseIssues { totalCount } }", "{ enterpriseIssues { nodes { id } } }"] {
            assert_eq!(auditor.refused(query, json!({})).await, "FORBIDDEN");
        }
        let query = "query($id: ID!) { enterpriseIssue(id: $id) { id } }";
        assert_eq!(auditor.refused(query, json!({"id": issue.id})).await, "FORBIDDEN");
        let query = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } \
            district { issueCategories { totalCount nodes { id } } } }";
        assert_eq!(auditor.read_with(query, json!({"id": issue.id})).await,
            json!({"node": null, "nodes": [null],
                "district": {"issueCategories": {"totalCount": 0, "nodes": []}}}));
    }

    async fn each_mutation_is_done_by_each_role_that_may(app) {
        let member = app.member();
        let mut done = 0;
        for (mutation, _, states) in ACTIONS {
            for (role, who) in everybody(&app) {
                // Outside the alliance there is no call for help to close.
                let is_outside = (mutation, role) == ("closePeerHelp", "outsider");
                if is_never(role, mutation) || is_outside {
                    continue;
                }
                // Enterprises on their own issue, the district side on the member's; a draft is
                // its author's.
                let is_enterprise = matches!(role, "lead" | "member" | "outsider");
                let issue = match (mutation, is_enterprise) {
                    ("submitIssue", false) => {
                        let seat = crate::support::database::cast().member.enterprise_id.unwrap();
                        who.creates(json!({"enterpriseId": encode(Kind::Enterprise, seat)})).await
                    }
                    (_, true) => ready(&app, &who, mutation, states[0]).await,
                    (_, false) => ready(&app, &member, mutation, states[0]).await,
                };
                let after = who.does(mutation, &issue, json!({})).await;
                assert_eq!(after.version, issue.version + 1, "{role} {mutation}");
                done += 1;
            }
        }
        assert_eq!(done, 84);
    }

    async fn a_version_that_is_not_the_rows_is_refused_with_the_current_row(app) {
        let (member, operator) = (app.member(), app.operator());
        let department = operator.department("FINANCE").await;
        for (mutation, _, states) in ACTIONS {
            let issue = ready(&app, &member, mutation, states[0]).await;
            let before = written(&app).await;
            let may = |(role, _): &(&str, Person<'_>)| !is_never(role, mutation);
            let of_ours = |(role, _): &(&str, Person<'_>)|
                if mutation == "submitIssue" { *role == "member" } else { !matches!(*role, "lead" | "outsider") };
            for (role, who) in everybody(&app).into_iter().filter(may).filter(of_ours) {
                for version in [issue.version - 1, issue.version + 1, 0, -1] {
                    let stale = input(&issue.at(version), &usual(mutation, &department));
                    let payload = who.mutate(mutation, "enterpriseIssue { id version state }", stale).await;
                    let error = &payload["userErrors"][0];
                    assert_eq!((&error["code"], &error["field"]),
                        (&json!("STALE_VERSION"), &json!(["input", "expectedVersion"])), "{role} {mutation}");
                    assert_eq!(error["params"],
                        json!([{"name": "version", "value": issue.version.to_string()}]));
                    assert_eq!(payload["enterpriseIssue"],
                        json!({"id": issue.id, "version": issue.version, "state": issue.state}));
                }
            }
            assert_eq!(written(&app).await, before, "{mutation}");
        }
    }
}
