//! Every way of seeing the service, by name.

use serde_json::{Value, json};

use super::app::{Person, TestApp};
use super::database::cast;

/// Who can ask: nobody signed in, and one of the cast for each standing.
pub const ROLES: [&str; 10] = [
    "anonymous",
    "admin",
    "operator",
    "auditor",
    "officer",
    "lead",
    "member",
    "partner",
    "outsider",
    "other district",
];

impl TestApp {
    /// The one of a role.
    pub fn role(&self, name: &str) -> Person<'_> {
        match name {
            "anonymous" => self.anonymous(),
            "admin" => self.admin(),
            "operator" => self.operator(),
            "auditor" => self.auditor(),
            "officer" => self.officer(),
            "lead" => self.lead(),
            "member" => self.member(),
            "partner" => self.person(&cast().partner),
            "outsider" => self.outsider(),
            "other district" => self.other_district(),
            _ => panic!("no role {name}"),
        }
    }

    /// Holds that exactly these roles may ever call a mutation: the others are refused at the top,
    /// whatever the input says.
    pub async fn only(&self, may: &[&str], mutation: &str, input: &Value) {
        for role in ROLES {
            if may.contains(&role) {
                continue;
            }
            let expected = if role == "anonymous" {
                "UNAUTHENTICATED"
            } else {
                "FORBIDDEN"
            };
            let code = self.role(role).denied(mutation, input.clone()).await;
            assert_eq!(code, expected, "{role} {mutation}");
        }
    }
}

impl Person<'_> {
    /// The code of the top-level error that a mutation must end in.
    pub async fn denied(&self, name: &str, input: Value) -> String {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        );
        self.refused(&query, json!({"input": input})).await
    }
}
