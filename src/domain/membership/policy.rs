//! Who may do what to a membership, and what a role in the alliance asks of an enterprise.

use entity::enterprise::Ownership;
use entity::membership::MembershipRole;
use uuid::Uuid;

use crate::access::viewer::Viewer;

/// Whether the role ever lists memberships.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer reads how an enterprise was judged: lead criteria and reasons of an end.
#[must_use]
pub fn may_read_judgement(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.post().is_some() || viewer.owns(enterprise)
}

/// Whether the role may admit, change and withdraw.
#[must_use]
pub const fn may_manage(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}

/// Whether an enterprise of this ownership can have the role: the alliance is of private
/// enterprises, and its partners are state-owned.
#[must_use]
pub const fn suits(role: MembershipRole, ownership: Ownership) -> bool {
    match role {
        MembershipRole::Lead | MembershipRole::Member => matches!(ownership, Ownership::Private),
        MembershipRole::SoePartner => matches!(ownership, Ownership::Soe),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::{Post, Seat, Standing};

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

    fn seat() -> Seat {
        Seat {
            enterprise_id: OWN,
            alliance: Some(MembershipRole::Lead),
            pairings: Vec::new(),
            members: vec![OTHER],
        }
    }

    fn post() -> Post {
        Post {
            officer_id: Uuid::from_u128(3),
            department_id: Uuid::from_u128(4),
            assigned: Vec::new(),
        }
    }

    #[test]
    fn only_district_staff_manages() {
        for (standing, may) in [
            (Standing::Admin, true),
            (Standing::Operator, true),
            (Standing::Auditor, false),
            (Standing::Officer(post()), false),
            (Standing::Lead(seat()), false),
            (Standing::Member(seat()), false),
        ] {
            assert_eq!(may_manage(&viewer(standing.clone())), may, "{standing:?}");
        }
    }

    #[test]
    fn a_judgement_is_for_the_district_and_the_enterprise_itself() {
        for (standing, own, other) in [
            (Standing::Admin, true, true),
            (Standing::Operator, true, true),
            (Standing::Auditor, false, false),
            (Standing::Officer(post()), true, true),
            // Not even the lead of the other's pairing.
            (Standing::Lead(seat()), true, false),
            (Standing::Member(seat()), true, false),
        ] {
            let viewer = viewer(standing);
            assert_eq!(may_read_judgement(&viewer, OWN), own, "{viewer:?}");
            assert_eq!(may_read_judgement(&viewer, OTHER), other, "{viewer:?}");
        }
    }

    #[test]
    fn ownership_decides_the_roles() {
        use MembershipRole::{Lead, Member, SoePartner};
        for (role, private, soe) in [
            (Lead, true, false),
            (Member, true, false),
            (SoePartner, false, true),
        ] {
            assert_eq!(suits(role, Ownership::Private), private);
            assert_eq!(suits(role, Ownership::Soe), soe);
            assert!(!suits(role, Ownership::Other));
        }
    }
}
