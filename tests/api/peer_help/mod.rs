//! Help from peers (难题共解): calls, offers, who could help, and issues that may be the same.

mod at_once;
mod calls;
mod chain;
mod events;
mod matching;
mod offers;
mod similar;
mod upgrade;

use honglian::kernel::id::{Kind, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::issue::actors::{Issue, brought_to};
use crate::support::app::{Person, TestApp};
use crate::support::database::cast;

/// What a brief shows of a call for help.
pub const CALL: &str = "visibility isOpenForHelp helpWanted helpOpenedAt";

/// An offer as somebody last saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub id: String,
    pub version: i64,
    pub status: String,
}

impl Offer {
    fn of(seen: &Value) -> Self {
        Self {
            id: seen["id"].as_str().unwrap_or_default().to_owned(),
            version: seen["version"].as_i64().unwrap_or_default(),
            status: seen["status"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// An input of a mutation on it.
    pub fn input(&self, more: &Value) -> Value {
        let mut input = json!({"id": self.id, "expectedVersion": self.version});
        for (field, value) in more.as_object().into_iter().flatten() {
            input[field] = value.clone();
        }
        input
    }
}

/// An issue of the author's in handling, opened for help.
pub async fn called(app: &TestApp, author: &Person<'_>) -> Issue {
    let issue = brought_to(app, author, "IN_PROGRESS").await;
    author.does("openForPeerHelp", &issue, json!({})).await
}

/// The input of an offer.
pub fn offering(issue: &Issue) -> Value {
    json!({"issueId": issue.id, "aid": "DIFFICULTY_AID", "body": "可派人交流。"})
}

impl TestApp {
    /// A user of an enterprise of the alliance that is in no pairing with the member's.
    pub fn partner(&self) -> Person<'_> {
        self.person(&cast().partner)
    }
}

impl Person<'_> {
    /// Does something to an offer, or makes one; it must succeed.
    pub async fn helps(&self, mutation: &str, input: Value) -> Offer {
        let selection = "peerHelpOffer { id version status }";
        let payload = self.mutate(mutation, selection, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        Offer::of(&payload["peerHelpOffer"])
    }

    /// What this person sees of an offer.
    pub async fn sees_offer(&self, offer: &Offer, selection: &str) -> Value {
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on PeerHelpOffer {{ {selection} }} }} }}"
        );
        self.read_with(&query, json!({"id": offer.id})).await["node"].clone()
    }
}

/// The issue as an operator reads it now.
pub async fn now(app: &TestApp, issue: &Issue) -> Issue {
    Issue::of(&app.operator().sees(issue, "id version state").await)
}

/// The id at the border of an enterprise.
pub fn of_enterprise(id: Uuid) -> String {
    encode(Kind::Enterprise, id)
}

/// The enterprises of the cast: member, lead, partner, outsider.
pub fn firms() -> [Uuid; 4] {
    let cast = cast();
    [&cast.member, &cast.lead, &cast.partner, &cast.outsider]
        .map(|actor| actor.enterprise_id.unwrap())
}
