//! Pairings: from proposal to end, how many take part, what binds whom, and what they do together.

mod at_once;
mod force;
mod interactions;
mod members;
mod reading;

use serde_json::{Value, json};

use crate::support::app::{Person, TestApp};
use crate::support::database::dataset;
use crate::support::rows::{enterprise, enterprise_row, literal, with};
use entity::pairing::PairingKind;
use honglian::kernel::id::{Kind, encode};

pub fn demo(number: usize) -> String {
    enterprise(&format!("演示企业 {number:03} 有限公司"))
}

/// The pairing of a kind that an enterprise of the Liwan data leads.
pub fn led(name: &str, kind: PairingKind) -> String {
    let id = enterprise_row(name);
    let mut rows = dataset().rows.pairings.iter();
    encode(
        Kind::Pairing,
        rows.find(|row| row.lead_id == id && row.kind == kind)
            .unwrap()
            .id,
    )
}

/// The 1+N of a made-up lead.
pub fn pairing(lead: usize) -> String {
    led(
        &format!("演示企业 {lead:03} 有限公司"),
        PairingKind::OnePlusN,
    )
}

/// Ends a pairing of the Liwan data, so that its enterprises are free.
pub async fn ended(app: &TestApp, id: &str) {
    let input = json!({"id": id, "expectedVersion": 2, "reason": "调整"});
    assert_eq!(app.operator().faults("endPairing", input).await, [""; 0]);
}

pub async fn proposed(app: &TestApp, kind: &str, lead: &str, members: &[String]) -> String {
    let input = json!({"kind": kind, "leadId": lead, "memberIds": members, "name": "试验结对"});
    let done = app
        .operator()
        .mutate("proposePairing", "pairing { id }", input)
        .await;
    assert_eq!(done["userErrors"], json!([]));
    done["pairing"]["id"].as_str().unwrap().to_owned()
}

pub async fn activated(app: &TestApp, id: &str) {
    let input = json!({"id": id, "expectedVersion": 1});
    assert_eq!(
        app.operator().faults("activatePairing", input).await,
        [""; 0]
    );
}

pub const STATE: &str = "version status startsOn endsOn underStrengthSince isUnderStrengthOverdue \
    members(orderBy: [{field: CREATED_AT, direction: ASC}]) { nodes { status joinedOn leftOn enterprise { id } } }";

pub async fn state(who: &Person<'_>, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ pairing(id: $id) {{ {STATE} }} }}");
    who.read_with(&query, json!({"id": id})).await["pairing"].clone()
}

pub async fn change(app: &TestApp, name: &str, id: &str, version: i32, firm: &str) -> Value {
    let input = json!({"id": id, "expectedVersion": version, "enterpriseId": firm});
    let selection = format!("pairing {{ {STATE} }}");
    app.operator().mutate(name, &selection, input).await
}

pub fn interaction(pairing: &str) -> Value {
    json!({"pairingId": pairing, "type": "FORUM", "heldOn": "2021-01-18", "title": "发展论坛",
        "modes": ["JOINT_PROBLEM_SOLVING"]})
}
