//! Who reads how much of a contact, by which ways, and what its revelation leaves behind.

use honglian::kernel::id::{Kind, encode};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{NUMBER, created, first_of, member_enterprise, members};
use crate::on_both;
use crate::support::app::Person;
use crate::support::database::{cast, dataset};

const WHOLE: &str = "query($id: ID!) { node(id: $id) { ... on Contact { nameMasked mobileMasked emailMasked name mobile email \
     postTitle isPrimary isRedacted isSynthetic version enterprise { id } issue { id } } } }";

async fn whole(person: &Person<'_>, id: &str) -> Value {
    person.read_with(WHOLE, json!({"id": id})).await["node"].clone()
}

/// The mobile numbers, masked, that a number finds.
async fn found(person: &Person<'_>, mobile: &str) -> Vec<String> {
    let query = "query($mobile: String) { contacts(mobile: $mobile) { totalCount nodes { mobileMasked } } }";
    let list = person.read_with(query, json!({"mobile": mobile})).await["contacts"].clone();
    let nodes = list["nodes"].as_array().unwrap().clone();
    assert_eq!(list["totalCount"], json!(nodes.len()));
    let masked = nodes
        .iter()
        .map(|node| node["mobileMasked"].as_str().unwrap().to_owned());
    masked.collect()
}

on_both! {
    async fn officials_read_a_mask_and_the_enterprise_all_of_it(app) {
        let contact = first_of(cast().member.enterprise_id);
        let (mobile, post, email) = (&contact.mobile, &contact.post, &contact.email);
        let masked = json!({
            "nameMasked": format!("{}{}", post.chars().next().unwrap(), "*".repeat(post.chars().count() - 1)),
            "mobileMasked": format!("138****{}", &mobile[7..]),
            "emailMasked": "d***@example.com",
            "name": null, "mobile": null, "email": null,
            "postTitle": post, "isPrimary": true, "isRedacted": true, "isSynthetic": true, "version": 1,
            "enterprise": {"id": member_enterprise()}, "issue": null,
        });
        for role in ["admin", "operator", "officer"] {
            assert_eq!(whole(&app.role(role), &members()).await, masked, "{role}");
        }
        let mut full = masked;
        full["isRedacted"] = json!(false);
        full["name"] = json!(post);
        full["mobile"] = json!(mobile);
        full["email"] = json!(email);
        assert_eq!(whole(&app.member(), &members()).await, full);
        // Its lead, others of the alliance, and whoever has no business there.
        for role in ["lead", "partner", "outsider", "auditor", "other district"] {
            assert_eq!(whole(&app.role(role), &members()).await, Value::Null, "{role}");
        }
    }

    async fn a_number_finds_its_contacts_however_it_is_written(app) {
        created(&app.operator(), json!({})).await;
        for spelling in [NUMBER, "139 1234 5678", "+86 139-1234-5678", "１３９１２３４５６７８"] {
            for role in ["operator", "admin", "officer", "member"] {
                let found = found(&app.role(role), spelling).await;
                assert_eq!(found, ["139****5678"], "{role} {spelling}");
            }
        }
        for role in ["lead", "partner", "outsider", "other district"] {
            assert_eq!(found(&app.role(role), NUMBER).await, [""; 0], "{role}");
        }
        // The whole number or nothing: no part of it, no mask, no neighbour.
        for other in ["1391234567", "139", "139****5678", "13912345679", "", "%"] {
            assert_eq!(found(&app.operator(), other).await, [""; 0], "{other:?}");
        }
        // A number that two enterprises share is found at each by those who see it.
        let enterprise = encode(Kind::Enterprise, cast().lead.enterprise_id.unwrap());
        created(&app.lead(), json!({"enterpriseId": enterprise, "mobile": NUMBER})).await;
        assert_eq!(found(&app.operator(), NUMBER).await.len(), 2);
        assert_eq!(found(&app.member(), NUMBER).await.len(), 1);
        let code = app.auditor().refused("{ contacts(mobile: \"13912345678\") { totalCount } }", json!({})).await;
        assert_eq!(code, "FORBIDDEN");
        // Without a number: all that is seen.
        let all = "{ contacts { totalCount } }";
        let district = dataset().contacts.len() + 2;
        assert_eq!(app.operator().read(all).await["contacts"]["totalCount"], json!(district));
        assert_eq!(app.member().read(all).await["contacts"]["totalCount"], json!(2));
    }

    async fn a_revelation_shows_all_of_it_once_and_is_in_the_audit(app) {
        let contact = first_of(cast().member.enterprise_id);
        app.trail().await;
        let fields = "contact { name mobile email isRedacted }";
        for role in ["admin", "operator", "officer", "member"] {
            let reason = format!("回访企业诉求 {role}");
            let input = json!({"id": members(), "reason": reason});
            let done = app.role(role).mutate("revealContact", fields, input).await;
            assert_eq!(done["userErrors"], json!([]), "{role}");
            let full = json!({"name": contact.post, "mobile": contact.mobile, "email": contact.email, "isRedacted": false});
            assert_eq!(done["contact"], full, "{role}");
            // An entry with the reason, and no event: nothing has changed.
            assert_eq!(app.trail().await, ["revealContact contact"]);
            let entries = entity::audit_entry::Entity::find().all(app.database.db.conn()).await.unwrap();
            let entry = entries.iter().max_by_key(|entry| entry.id).unwrap();
            assert_eq!(entry.target_id, contact.id);
            assert_eq!(
                entry.changes,
                json!([{"table": "contact", "read": ["name", "mobile", "email"], "reason": reason}])
            );
            assert!(entry.actor_id.is_some() && entry.token_id.is_some());
        }
        // At the next read it is masked again.
        assert_eq!(whole(&app.operator(), &members()).await["mobile"], Value::Null);
        let stored = entity::contact::Entity::find_by_id(contact.id).one(app.database.db.conn()).await.unwrap().unwrap();
        assert_eq!(stored.version, 1);
    }

    async fn a_revelation_needs_a_reason_and_the_sight_of_the_contact(app) {
        app.trail().await;
        let faults = |role: &'static str, id: String, reason: String| {
            let app = &app;
            async move { app.role(role).faults("revealContact", json!({"id": id, "reason": reason})).await }
        };
        assert_eq!(faults("operator", members(), String::new()).await, ["REQUIRED input.reason"]);
        assert_eq!(faults("operator", members(), " \u{3000}".to_owned()).await, ["REQUIRED input.reason"]);
        assert_eq!(faults("operator", members(), "因".repeat(201)).await, ["TOO_LONG input.reason"]);
        for role in ["lead", "partner", "outsider", "other district"] {
            assert_eq!(faults(role, members(), "好奇".to_owned()).await, ["NOT_FOUND input.id"], "{role}");
        }
        assert_eq!(faults("operator", member_enterprise(), "误填".to_owned()).await, ["NOT_FOUND input.id"]);
        let denied = app.auditor().denied("revealContact", json!({"id": members(), "reason": "审计"})).await;
        assert_eq!(denied, "FORBIDDEN");
        // What is refused shows no more than before.
        let fields = "contact { name mobile email isRedacted }";
        let refused = app.operator().mutate("revealContact", fields, json!({"id": members(), "reason": ""})).await;
        assert_eq!(refused["contact"], Value::Null);
        assert_eq!(app.trail().await, [""; 0]);
    }
}
