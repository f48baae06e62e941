//! Subscriptions: what happens, told to whoever may know it. A subscription is a document that is
//! run once when it is opened, which checks it and says what to listen for, and once for each
//! event that fits, with the viewer and the row as they are then. So every field has the same
//! rules as in a query, at every event.
//!
//! - `turn` is what a run is for; `run` drives one subscription from its opening to its end;
//! - `event` is what all events have in common; `issue` and `alliance` are the events.

pub mod alliance;
pub mod event;
pub mod issue;
pub mod run;
mod turn;

use async_graphql::MergedSubscription;

/// The root of all subscriptions: one line per concept.
#[derive(MergedSubscription, Default)]
pub struct Subscription(alliance::AllianceSubscription, issue::IssueSubscription);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

    use super::{alliance, issue};

    /// The fields of an object but those that never change, or follow from who asks.
    fn changing(object: &str) -> BTreeSet<String> {
        let sdl = crate::graphql::schema(false).sdl();
        let document = parse_schema(&sdl).unwrap();
        let fields = document.definitions.into_iter().find_map(|definition| {
            let TypeSystemDefinition::Type(ty) = definition else {
                return None;
            };
            match ty.node.kind {
                TypeKind::Object(found) if ty.node.name.node == object => Some(found.fields),
                _ => None,
            }
        });
        let names = fields.unwrap().into_iter();
        let names = names.map(|field| field.node.name.node.to_string());
        let fixed = [
            "id",
            "createdAt",
            "isSynthetic",
            "isRedacted",
            "viewerActions",
        ];
        names
            .filter(|name| !fixed.contains(&name.as_str()))
            .collect()
    }

    fn told(fields: &[&[&str]]) -> BTreeSet<String> {
        fields.concat().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_field_that_changes_is_told_of() {
        assert_eq!(
            told(&[&issue::BRIEF, &issue::FULL, &issue::STAFF]),
            changing("EnterpriseIssue")
        );
        // One field that holds three columns.
        let mut membership = changing("Membership");
        membership.remove("leadCriteria");
        assert_eq!(told(&[&alliance::MEMBERSHIP]), membership);
        // Those that follow from others, and the interactions, which have events of their own.
        let mut pairing = changing("Pairing");
        for field in [
            "isUnderStrengthOverdue",
            "lastInteractionOn",
            "isIdle",
            "interactions",
        ] {
            assert!(pairing.remove(field), "{field}");
        }
        assert_eq!(told(&[&alliance::PAIRING]), pairing);
        assert_eq!(
            told(&[&alliance::INTERACTION]),
            changing("PairingInteraction")
        );
        assert_eq!(told(&[&alliance::HELP_OFFER]), changing("PeerHelpOffer"));
    }
}
