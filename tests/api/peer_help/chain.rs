//! Who supplies whom.

use serde_json::{Value, json};

use super::{firms, of_enterprise};
use crate::on_both;
use crate::support::rows::{enterprise, name_of};

const LINK: &str = "supplyChainLink { id version supplier { name } customer { name } createdAt }";

on_both! {
    async fn a_link_is_recorded_read_by_its_two_ends_and_removed(app) {
        let (operator, member, lead, partner) = (app.operator(), app.member(), app.lead(), app.partner());
        let [own, leads, ..] = firms();
        let input = json!({"supplierId": of_enterprise(own), "customerId": of_enterprise(leads)});
        app.trail().await;
        let payload = operator.mutate("recordSupplyChainLink", LINK, input.clone()).await;
        let link = payload["supplyChainLink"].clone();
        assert_eq!((&payload["userErrors"], &link["supplier"]["name"], &link["customer"]["name"]),
            (&json!([]), &json!(name_of(own)), &json!(name_of(leads))));
        assert_eq!(app.trail().await, ["recordSupplyChainLink supply_link", "supply_chain.recorded"]);
        let chain = "query($id: ID!) { enterprise(by: {id: $id}) { customers { nodes { customer { name } } } suppliers { totalCount } } }";
        let of_own = json!({"id": of_enterprise(own)});
        for who in [&member, &lead, &app.officer()] {
            assert_eq!(who.read_with(chain, of_own.clone()).await["enterprise"],
                json!({"customers": {"nodes": [{"customer": {"name": name_of(leads)}}]}, "suppliers": {"totalCount": 0}}));
        }
        assert_eq!(partner.read_with(chain, of_own.clone()).await["enterprise"]["customers"]["nodes"], json!([]));
        let suppliers = "query($id: ID!) { enterprise(by: {id: $id}) { suppliers { nodes { supplier { name } } } } }";
        assert_eq!(member.read_with(suppliers, json!({"id": of_enterprise(leads)})).await["enterprise"]["suppliers"]["nodes"],
            json!([{"supplier": {"name": name_of(own)}}]));

        assert_eq!(operator.faults("recordSupplyChainLink", input).await, ["TAKEN input.customerId"]);
        // The other way round is another link.
        let back = json!({"supplierId": of_enterprise(leads), "customerId": of_enterprise(own)});
        assert_eq!(operator.faults("recordSupplyChainLink", back).await, [""; 0]);
        app.trail().await;
        let removal = json!({"id": link["id"], "expectedVersion": 1});
        let payload = operator.mutate("removeSupplyChainLink", "enterprise { name }", removal.clone()).await;
        assert_eq!(payload, json!({"enterprise": {"name": name_of(own)}, "userErrors": []}));
        assert_eq!(app.trail().await, ["removeSupplyChainLink enterprise", "supply_chain.removed"]);
        assert_eq!(operator.faults("removeSupplyChainLink", removal).await, ["NOT_FOUND input.id"]);
    }

    async fn what_cannot_be_recorded_is_told(app) {
        let operator = app.operator();
        let [own, leads, ..] = firms();
        let foreign = enterprise("越秀演示企业 001 有限公司");
        let gone = crate::support::rows::enterprise_row("演示企业 060 有限公司");
        app.execute(&format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at WHERE id = {}",
            crate::support::rows::literal(&app, gone))).await;
        let before = app.count("audit_entry").await;
        let link = |supplier: &str, customer: &str| json!({"supplierId": supplier, "customerId": customer});
        let (own, leads) = (of_enterprise(own), of_enterprise(leads));
        for (input, expected) in [
            (link("enterprise_x", &own), "NOT_FOUND input.supplierId"),
            (link(&own, "issue_x"), "NOT_FOUND input.customerId"),
            (link(&own, &foreign), "NOT_FOUND input.customerId"),
            (link(&own, &own), "INVALID input.customerId"),
            (link(&of_enterprise(gone), &own), "INVALID_STATE input.supplierId"),
        ] {
            assert_eq!(operator.faults("recordSupplyChainLink", input.clone()).await, [expected], "{input}");
        }
        for who in [app.member(), app.lead(), app.officer(), app.auditor()] {
            assert_eq!(who.denied("recordSupplyChainLink", link(&own, &leads)).await, "FORBIDDEN");
        }
        let payload = operator.mutate("recordSupplyChainLink", LINK, link(&own, &leads)).await;
        let stale = json!({"id": payload["supplyChainLink"]["id"], "expectedVersion": 2});
        let payload = operator.mutate("removeSupplyChainLink", "enterprise { id }", stale).await;
        assert_eq!((&payload["userErrors"][0]["code"], &payload["enterprise"]), (&json!("STALE_VERSION"), &Value::Null));
        assert_eq!(app.count("audit_entry").await, before + 1);
    }
}
