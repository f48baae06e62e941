//! Who may do what to an offer of help. Calls for help and offering are actions on the issue, and
//! stand in the issue's own `policy`.

use entity::peer_help_offer::PeerHelpOfferStatus;
use sea_orm::Iterable;
use uuid::Uuid;

use super::OfferAction;
use crate::access::viewer::Viewer;

/// Whose an offer is, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferFacts {
    /// The enterprise of the issue.
    pub owner_id: Uuid,
    /// The enterprise that offers.
    pub offerer_id: Uuid,
    /// Where it stands.
    pub status: PeerHelpOfferStatus,
}

/// Whether the role ever decides on offers or takes them back.
#[must_use]
pub const fn may_ever(viewer: &Viewer) -> bool {
    viewer.seat().is_some()
}

/// Whether the viewer may do this to this offer, its state aside: the enterprise of the issue
/// decides and thanks, the one that offers takes back.
#[must_use]
pub fn may(viewer: &Viewer, action: OfferAction, offer: &OfferFacts) -> bool {
    match action {
        OfferAction::Accept | OfferAction::Decline | OfferAction::Thank => {
            viewer.owns(offer.owner_id)
        }
        OfferAction::Withdraw => viewer.owns(offer.offerer_id),
    }
}

/// What the viewer may do to an offer as it stands.
#[must_use]
pub fn actions(viewer: &Viewer, offer: &OfferFacts) -> Vec<OfferAction> {
    OfferAction::iter()
        .filter(|action| may(viewer, *action, offer) && action.exists_in(offer.status))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::{Client, Seat, Standing};

    fn of(enterprise: u128) -> Viewer {
        Viewer {
            user_id: Uuid::from_u128(9),
            district_id: Uuid::from_u128(8),
            standing: Standing::Member(Seat {
                enterprise_id: Uuid::from_u128(enterprise),
                alliance: None,
                pairings: Vec::new(),
                members: Vec::new(),
            }),
            token_id: "t".to_owned(),
            client: Client::default(),
        }
    }

    #[test]
    fn the_owner_decides_and_thanks_and_the_helper_takes_back() {
        use OfferAction::{Accept, Decline, Thank, Withdraw};
        use PeerHelpOfferStatus::{Accepted, Offered};
        for status in PeerHelpOfferStatus::iter() {
            let offer = OfferFacts {
                owner_id: Uuid::from_u128(1),
                offerer_id: Uuid::from_u128(2),
                status,
            };
            let owner: &[OfferAction] = match status {
                Offered => &[Accept, Decline],
                Accepted => &[Decline, Thank],
                _ => &[],
            };
            let helper: &[OfferAction] = match status {
                Offered | Accepted => &[Withdraw],
                _ => &[],
            };
            assert_eq!(actions(&of(1), &offer), owner, "{status:?}");
            assert_eq!(actions(&of(2), &offer), helper, "{status:?}");
            assert_eq!(actions(&of(3), &offer), [], "{status:?}");
        }
    }
}
