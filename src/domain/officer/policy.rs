//! Who may do what to officers and their assignments. Who reads an officer in full is a condition
//! in `queries`: there it holds for the field and for the filter alike.

use entity::service_officer::OfficerStatus;
use sea_orm::Iterable;

use super::OfficerAction;
use crate::access::viewer::Viewer;

/// Whether the role ever lists officers.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer reads why an assignment was made and why it ended: matters of staff, which
/// are not for the enterprise.
#[must_use]
pub const fn may_read_reasons(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether the role may create and change officers and their assignments.
#[must_use]
pub const fn may_manage(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}

/// What the viewer may do to an officer as it stands; limits on its enterprises are looked at
/// when it is done.
#[must_use]
pub fn actions(viewer: &Viewer, status: OfficerStatus) -> Vec<OfficerAction> {
    OfficerAction::iter()
        .filter(|action| may_manage(viewer) && state_allows(*action, status))
        .collect()
}

/// A retired post can only be brought back.
const fn state_allows(action: OfficerAction, status: OfficerStatus) -> bool {
    matches!(action, OfficerAction::Update) || matches!(status, OfficerStatus::Active)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::{Post, Seat, Standing};
    use uuid::Uuid;

    fn viewer(standing: Standing) -> Viewer {
        Viewer {
            user_id: Uuid::from_u128(9),
            district_id: Uuid::from_u128(8),
            standing,
            token_id: "t".to_owned(),
        }
    }

    fn everyone() -> [(Viewer, bool, bool, bool); 6] {
        let seat = || Seat {
            enterprise_id: Uuid::from_u128(1),
            alliance: None,
            pairings: Vec::new(),
            members: Vec::new(),
        };
        let post = Post {
            officer_id: Uuid::from_u128(2),
            department_id: Uuid::from_u128(3),
            assigned: vec![Uuid::from_u128(1)],
        };
        [
            (viewer(Standing::Admin), true, true, true),
            (viewer(Standing::Operator), true, true, true),
            (viewer(Standing::Officer(post)), true, true, false),
            (viewer(Standing::Lead(seat())), true, false, false),
            (viewer(Standing::Member(seat())), true, false, false),
            (viewer(Standing::Auditor), false, false, false),
        ]
    }

    #[test]
    fn each_role_has_its_part() {
        for (viewer, reads, reasons, manages) in everyone() {
            assert_eq!(may_read(&viewer), reads, "{viewer:?}");
            assert_eq!(may_read_reasons(&viewer), reasons, "{viewer:?}");
            assert_eq!(may_manage(&viewer), manages, "{viewer:?}");
        }
    }

    #[test]
    fn the_actions_follow_from_role_and_state() {
        use OfficerAction::{Assign, Handover, Update};
        for (viewer, _, _, manages) in everyone() {
            let active = actions(&viewer, OfficerStatus::Active);
            let retired = actions(&viewer, OfficerStatus::Retired);
            if manages {
                assert_eq!(active, [Update, Assign, Handover]);
                assert_eq!(retired, [Update]);
            } else {
                assert_eq!((active, retired), (vec![], vec![]), "{viewer:?}");
            }
        }
    }
}
