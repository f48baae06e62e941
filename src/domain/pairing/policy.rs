//! Who may do what to a pairing. Who reads its interactions is a condition in `queries`: there it
//! holds for the list and for the field alike.

use entity::pairing::{PairingKind, PairingStatus};
use sea_orm::Iterable;
use uuid::Uuid;

use super::PairingAction;
use super::rules::{kind_allows, state_allows};
use crate::access::viewer::Viewer;

/// Whether the role ever lists pairings.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the role ever proposes a pairing.
#[must_use]
pub const fn may_ever_propose(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.lead_seat().is_some()
}

/// Whether the viewer may propose a pairing of this kind for this lead: a lead only its own 1+N.
#[must_use]
pub fn may_propose(viewer: &Viewer, kind: PairingKind, lead: Uuid) -> bool {
    let own = viewer
        .lead_seat()
        .is_some_and(|seat| seat.enterprise_id == lead);
    viewer.is_district_staff() || (own && kind == PairingKind::OnePlusN)
}

/// Whether the role may ever do this to a pairing.
#[must_use]
pub const fn may_ever(viewer: &Viewer, action: PairingAction) -> bool {
    match action {
        PairingAction::Activate
        | PairingAction::AddMember
        | PairingAction::RemoveMember
        | PairingAction::End => viewer.is_district_staff(),
        PairingAction::RecordInteraction => {
            viewer.is_district_staff() || viewer.lead_seat().is_some()
        }
    }
}

/// Whether the viewer may do this to the pairing of this lead.
#[must_use]
pub fn may(viewer: &Viewer, action: PairingAction, lead: Uuid) -> bool {
    may_ever(viewer, action) && (viewer.is_district_staff() || viewer.owns(lead))
}

/// What the viewer may do to a pairing as it stands; limits on its members are looked at when it
/// is done.
#[must_use]
pub fn actions(
    viewer: &Viewer,
    kind: PairingKind,
    status: PairingStatus,
    lead: Uuid,
) -> Vec<PairingAction> {
    PairingAction::iter()
        .filter(|action| {
            may(viewer, *action, lead)
                && kind_allows(*action, kind)
                && state_allows(*action, status)
        })
        .collect()
}

/// Whether the viewer is warned of a pairing under strength: the district side and the lead.
#[must_use]
pub fn may_read_strength(viewer: &Viewer, lead: Uuid) -> bool {
    viewer.is_district_staff() || viewer.post().is_some() || viewer.owns(lead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::{Post, Seat, Standing};
    use entity::membership::MembershipRole;

    const OWN: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn viewer(standing: Standing) -> Viewer {
        Viewer {
            user_id: Uuid::from_u128(9),
            district_id: Uuid::from_u128(8),
            standing,
            token_id: "t".to_owned(),
            client: crate::access::viewer::Client::default(),
        }
    }

    fn seat(role: MembershipRole) -> Seat {
        Seat {
            enterprise_id: OWN,
            alliance: Some(role),
            pairings: Vec::new(),
            members: Vec::new(),
        }
    }

    fn officer() -> Viewer {
        viewer(Standing::Officer(Post {
            officer_id: Uuid::from_u128(3),
            department_id: Uuid::from_u128(4),
            assigned: vec![OWN],
        }))
    }

    #[test]
    fn a_lead_proposes_its_own_one_plus_n_only() {
        let lead = viewer(Standing::Lead(seat(MembershipRole::Lead)));
        assert!(may_propose(&lead, PairingKind::OnePlusN, OWN));
        assert!(!may_propose(&lead, PairingKind::OnePlusN, OTHER));
        assert!(!may_propose(&lead, PairingKind::SoePrivate, OWN));
        for standing in [Standing::Admin, Standing::Operator] {
            assert!(may_propose(
                &viewer(standing),
                PairingKind::SoePrivate,
                OTHER
            ));
        }
        let partner = viewer(Standing::Member(seat(MembershipRole::SoePartner)));
        for other in [partner, officer(), viewer(Standing::Auditor)] {
            assert!(!may_ever_propose(&other));
            assert!(!may_propose(&other, PairingKind::OnePlusN, OWN));
        }
    }

    #[test]
    fn the_actions_follow_from_role_and_state() {
        use PairingAction::{Activate, AddMember, End, RecordInteraction, RemoveMember};
        use PairingKind::{OnePlusN, SoePrivate};
        let staff = viewer(Standing::Operator);
        let lead = viewer(Standing::Lead(seat(MembershipRole::Lead)));
        let member = viewer(Standing::Member(seat(MembershipRole::Member)));
        let active = PairingStatus::Active;
        assert_eq!(
            actions(&staff, OnePlusN, PairingStatus::Draft, OTHER),
            [Activate, AddMember, RemoveMember, End]
        );
        assert_eq!(
            actions(&staff, SoePrivate, active, OTHER),
            [RecordInteraction, End]
        );
        assert_eq!(actions(&lead, OnePlusN, active, OWN), [RecordInteraction]);
        assert_eq!(actions(&lead, OnePlusN, active, OTHER), []);
        assert_eq!(actions(&lead, OnePlusN, PairingStatus::Draft, OWN), []);
        for none in [member, officer(), viewer(Standing::Auditor)] {
            assert_eq!(actions(&none, OnePlusN, active, OWN), []);
        }
    }

    #[test]
    fn the_warning_is_for_the_district_side_and_the_lead() {
        assert!(may_read_strength(&officer(), OTHER));
        assert!(may_read_strength(&viewer(Standing::Admin), OTHER));
        let lead = viewer(Standing::Lead(seat(MembershipRole::Lead)));
        assert!(may_read_strength(&lead, OWN));
        assert!(!may_read_strength(&lead, OTHER));
        assert!(!may_read_strength(&viewer(Standing::Auditor), OWN));
    }
}
