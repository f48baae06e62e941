//! Writing contacts, and the contact that an issue is submitted with.

use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};

use super::{NUMBER, created, draft, first_of, member_enterprise, members};
use crate::on_both;
use crate::support::app::Person;
use crate::support::database::{cast, dataset};

async fn primary_of_member(person: &Person<'_>) -> Vec<Value> {
    let query = "query($id: ID!) { enterprise(by: {id: $id}) { contacts { nodes { id isPrimary version } } } }";
    let read = person
        .read_with(query, json!({"id": member_enterprise()}))
        .await;
    let nodes = read["enterprise"]["contacts"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    nodes
        .into_iter()
        .filter(|node| node["isPrimary"] == true)
        .map(|node| node["id"].clone())
        .collect()
}

on_both! {
    async fn a_contact_is_written_changed_and_removed(app) {
        app.trail().await;
        let contact = created(&app.member(), json!({"mobile": " +86 139-1234-5678 "})).await;
        assert_eq!(
            (&contact["name"], &contact["mobile"], &contact["email"], &contact["isPrimary"]),
            (&json!("张三丰"), &json!(NUMBER), &json!("zhang@example.com"), &json!(false))
        );
        assert_eq!(
            (&contact["nameMasked"], &contact["mobileMasked"], &contact["emailMasked"]),
            (&json!("张**"), &json!("139****5678"), &json!("z***@example.com"))
        );
        assert_eq!(app.trail().await, ["createContact contact", "contact.created"]);
        let id = &contact["id"];
        let fields = "contact { version name mobile email postTitle }";
        let input = json!({"id": id, "expectedVersion": 1, "mobile": "13700000000", "email": null, "postTitle": null});
        let done = app.operator().mutate("updateContact", "contact { version mobileMasked emailMasked postTitle }", input).await;
        assert_eq!(done["contact"], json!({"version": 2, "mobileMasked": "137****0000", "emailMasked": null, "postTitle": null}));
        let input = json!({"id": id, "expectedVersion": 2, "name": "李四", "email": "li@example.com"});
        let done = app.member().mutate("updateContact", fields, input).await;
        assert_eq!(
            done["contact"],
            json!({"version": 3, "name": "李四", "mobile": "13700000000", "email": "li@example.com", "postTitle": null})
        );
        assert_eq!(app.trail().await, ["updateContact contact", "updateContact contact", "contact.updated", "contact.updated"]);
        let stale = app.member().mutate("updateContact", "contact { version }", json!({"id": id, "expectedVersion": 2, "name": "王五"})).await;
        assert_eq!((&stale["userErrors"][0]["code"], &stale["contact"]["version"]), (&json!("STALE_VERSION"), &json!(3)));
        let stale = app.member().mutate("removeContact", "enterprise { id }", json!({"id": id, "expectedVersion": 2})).await;
        assert_eq!((&stale["userErrors"][0]["code"], &stale["enterprise"]["id"]), (&json!("STALE_VERSION"), &json!(member_enterprise())));
        let before = app.count("contact").await;
        let gone = app.member().mutate("removeContact", "enterprise { id }", json!({"id": id, "expectedVersion": 3})).await;
        assert_eq!((&gone["userErrors"], &gone["enterprise"]["id"]), (&json!([]), &json!(member_enterprise())));
        assert_eq!(app.count("contact").await, before - 1);
        assert_eq!(app.trail().await, ["removeContact enterprise", "contact.removed"]);
        assert_eq!(app.member().faults("removeContact", json!({"id": id, "expectedVersion": 3})).await, ["NOT_FOUND input.id"]);
    }

    async fn one_contact_of_an_enterprise_is_the_first(app) {
        assert_eq!(primary_of_member(&app.operator()).await, [json!(members())]);
        let second = created(&app.operator(), json!({"isPrimary": true})).await;
        assert_eq!(primary_of_member(&app.operator()).await, [second["id"].clone()]);
        // The one before has changed with it.
        let back = json!({"id": members(), "expectedVersion": 2, "isPrimary": true});
        assert_eq!(app.member().faults("updateContact", back).await, [""; 0]);
        assert_eq!(primary_of_member(&app.operator()).await, [json!(members())]);
        // The first that an enterprise gets is the one, and a later one is not.
        let enterprise = encode(Kind::Enterprise, cast().partner.enterprise_id.unwrap());
        let first = created(&app.operator(), json!({"enterpriseId": enterprise})).await;
        let second = created(&app.operator(), json!({"enterpriseId": enterprise, "mobile": "13700000000"})).await;
        assert_eq!((&first["isPrimary"], &second["isPrimary"]), (&json!(true), &json!(false)));
    }

    async fn what_is_wrong_with_a_contact_is_told_at_its_path_and_nothing_is_written(app) {
        let before = app.count("contact").await;
        app.trail().await;
        let issue = draft(&app, json!({})).await;
        app.trail().await;
        let good = json!({"enterpriseId": member_enterprise(), "name": "张三丰", "mobile": NUMBER});
        for (change, expected) in [
            (json!({"name": " "}), "REQUIRED input.name"),
            (json!({"name": "张".repeat(61)}), "TOO_LONG input.name"),
            (json!({"name": "张\u{202e}三"}), "INVALID input.name"),
            (json!({"mobile": ""}), "INVALID input.mobile"),
            (json!({"mobile": "020-81234567"}), "INVALID input.mobile"),
            (json!({"mobile": "12912345678"}), "INVALID input.mobile"),
            (json!({"mobile": "139123456789"}), "INVALID input.mobile"),
            (json!({"email": "zhang"}), "INVALID input.email"),
            (json!({"email": format!("{}@example.com", "z".repeat(120))}), "TOO_LONG input.email"),
            (json!({"postTitle": "长".repeat(121)}), "TOO_LONG input.postTitle"),
            (json!({"issueId": issue["id"], "isPrimary": true}), "INVALID input.isPrimary"),
            (json!({"issueId": member_enterprise()}), "NOT_FOUND input.issueId"),
            (json!({"enterpriseId": issue["id"]}), "NOT_FOUND input.enterpriseId"),
            (json!({"enterpriseId": null}), "REQUIRED input.enterpriseId"),
        ] {
            let mut input = good.clone();
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            let person = if expected.ends_with("enterpriseId") { app.operator() } else { app.member() };
            let payload = person.mutate("createContact", "", input).await;
            let told = &payload["userErrors"][0];
            let path = told["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap());
            assert_eq!(format!("{} {}", told["code"].as_str().unwrap(), path.collect::<Vec<_>>().join(".")), expected);
            // A message does not repeat what was sent.
            assert!(!told.to_string().contains("12345678"), "{told}");
        }
        let id = members();
        for (change, expected) in [
            (json!({"name": null}), "REQUIRED input.name"),
            (json!({"mobile": null}), "REQUIRED input.mobile"),
            (json!({"mobile": "1"}), "INVALID input.mobile"),
            (json!({"isPrimary": null}), "REQUIRED input.isPrimary"),
            (json!({}), "REQUIRED input"),
        ] {
            let mut input = json!({"id": id, "expectedVersion": 1});
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            assert_eq!(app.member().faults("updateContact", input).await, [expected]);
        }
        // Another's: seen or not.
        assert_eq!(app.lead().faults("createContact", good.clone()).await, ["FORBIDDEN input.enterpriseId"]);
        assert_eq!(app.outsider().faults("createContact", good.clone()).await, ["NOT_FOUND input.enterpriseId"]);
        for role in ["officer", "auditor"] {
            assert_eq!(app.role(role).denied("createContact", good.clone()).await, "FORBIDDEN");
            assert_eq!(app.role(role).denied("removeContact", json!({"id": id, "expectedVersion": 1})).await, "FORBIDDEN");
        }
        assert_eq!(app.count("contact").await, before);
        assert_eq!(app.trail().await, [""; 0]);
    }

    async fn an_issue_is_submitted_with_somebody_to_turn_to(app) {
        // The enterprise's first contact, where the issue has none of its own.
        let issue = draft(&app, json!({})).await;
        let post = &first_of(cast().member.enterprise_id).post;
        assert_eq!((&issue["contact"]["id"], &issue["contact"]["name"]), (&json!(members()), &json!(post)));
        let submit = json!({"id": issue["id"], "expectedVersion": 1});
        assert_eq!(app.member().faults("submitIssue", submit).await, [""; 0]);

        // One of its own, from the draft on; its step tells of it.
        app.trail().await;
        let own = json!({"contact": {"name": "张三丰", "mobile": NUMBER, "postTitle": "车间主任"}});
        let issue = draft(&app, own).await;
        assert_eq!(app.trail().await, ["createIssue issue", "issue.created"]);
        assert_eq!(
            (&issue["contact"]["mobile"], &issue["contact"]["issue"]["id"]),
            (&json!(NUMBER), &issue["id"])
        );
        // The district side does not see what is not submitted, nor whom to ask about it.
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let contact = issue["contact"]["id"].clone();
        assert_eq!(app.operator().read_with(node, json!({"id": contact})).await["node"], Value::Null);
        // Another in its place at the submission.
        let submit = json!({"id": issue["id"], "expectedVersion": 1, "contact": {"name": "李四", "mobile": "13700000000"}});
        let fields = "enterpriseIssue { state contact { name mobile postTitle } }";
        let done = app.member().mutate("submitIssue", fields, submit).await;
        assert_eq!(
            done["enterpriseIssue"],
            json!({"state": "SUBMITTED", "contact": {"name": "李四", "mobile": "13700000000", "postTitle": null}})
        );
        assert_eq!(app.trail().await, ["submitIssue issue", "issue.submitted"]);
        assert_eq!(app.member().read_with(node, json!({"id": contact})).await["node"], Value::Null);
        let query = "query($id: ID!) { enterpriseIssue(id: $id) { contact { mobileMasked mobile } } }";
        for role in ["operator", "officer"] {
            let seen = app.role(role).read_with(query, json!({"id": issue["id"]})).await;
            assert_eq!(seen["enterpriseIssue"]["contact"], json!({"mobileMasked": "137****0000", "mobile": null}), "{role}");
        }
        // Its lead reads the brief, and nothing of the contact.
        let seen = app.lead().read_with(query, json!({"id": issue["id"]})).await;
        assert_eq!(seen["enterpriseIssue"], json!({"contact": null}));
        let second = json!({"enterpriseId": member_enterprise(), "issueId": issue["id"], "name": "王五", "mobile": NUMBER});
        assert_eq!(app.member().faults("createContact", second).await, ["TAKEN input.issueId"]);
    }

    async fn without_anybody_to_turn_to_nothing_is_submitted(app) {
        let enterprise = encode(Kind::Enterprise, cast().partner.enterprise_id.unwrap());
        let partner = app.role("partner");
        let input = json!({
            "title": "诉求", "body": "诉求", "nature": "HELP",
            "categoryId": encode(Kind::Category, dataset().rows.categories[0].id),
        });
        let made = partner.mutate("createIssue", "enterpriseIssue { id contact { id } }", input).await;
        let issue = &made["enterpriseIssue"];
        assert_eq!(issue["contact"], Value::Null);
        app.trail().await;
        let submit = json!({"id": issue["id"], "expectedVersion": 1});
        let refused = partner.mutate("submitIssue", "enterpriseIssue { id state }", submit.clone()).await;
        assert_eq!(
            (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["field"], &refused["enterpriseIssue"]["state"]),
            (&json!("REQUIRED"), &json!(["input", "contact"]), &json!("DRAFT"))
        );
        let bad = json!({"id": issue["id"], "expectedVersion": 1, "contact": {"name": "", "mobile": "1"}});
        assert_eq!(
            partner.faults("submitIssue", bad).await,
            ["REQUIRED input.contact.name", "INVALID input.contact.mobile"]
        );
        assert_eq!(app.trail().await, [""; 0]);
        let contact = json!({"enterpriseId": enterprise, "issueId": issue["id"], "name": "王五", "mobile": NUMBER});
        assert_eq!(partner.faults("createContact", contact).await, [""; 0]);
        assert_eq!(partner.faults("submitIssue", submit).await, [""; 0]);
    }
}
