//! Who may do what to a visit.

use entity::service_visit::VisitStatus;
use sea_orm::Iterable;
use uuid::Uuid;

use super::VisitAction;
use crate::access::viewer::Viewer;

/// Whether the role ever lists visits.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the role ever plans and records visits.
#[must_use]
pub const fn may_ever_visit(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether the viewer may plan a visit to this enterprise, or enter one held without a plan: an
/// officer to those it serves.
#[must_use]
pub fn may_visit(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.serves(enterprise)
}

/// Whether the viewer may name this officer as the one who visits: an officer only itself.
#[must_use]
pub fn may_name(viewer: &Viewer, officer: Uuid) -> bool {
    viewer.is_district_staff() || is_own(viewer, officer)
}

/// Whether the viewer may do this to the visit of this officer to this enterprise.
#[must_use]
pub fn may(viewer: &Viewer, action: VisitAction, enterprise: Uuid, officer: Uuid) -> bool {
    match action {
        VisitAction::Record => may_visit(viewer, enterprise) || is_own(viewer, officer),
    }
}

/// Whether the viewer reads and writes the internal note of a visit of this officer.
#[must_use]
pub fn may_note(viewer: &Viewer, officer: Uuid) -> bool {
    viewer.is_district_staff() || is_own(viewer, officer)
}

/// Whether a state allows an action.
#[must_use]
pub const fn state_allows(action: VisitAction, status: VisitStatus) -> bool {
    match action {
        VisitAction::Record => matches!(status, VisitStatus::Planned),
    }
}

/// What the viewer may do to a visit as it stands.
#[must_use]
pub fn actions(
    viewer: &Viewer,
    status: VisitStatus,
    enterprise: Uuid,
    officer: Uuid,
) -> Vec<VisitAction> {
    VisitAction::iter()
        .filter(|action| may(viewer, *action, enterprise, officer) && state_allows(*action, status))
        .collect()
}

fn is_own(viewer: &Viewer, officer: Uuid) -> bool {
    viewer.post().is_some_and(|post| post.officer_id == officer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::{Post, Seat, Standing};

    const ENTERPRISE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);
    const OFFICER: Uuid = Uuid::from_u128(3);
    const COLLEAGUE: Uuid = Uuid::from_u128(4);

    fn viewer(standing: Standing) -> Viewer {
        Viewer {
            user_id: Uuid::from_u128(9),
            district_id: Uuid::from_u128(8),
            standing,
            token_id: "t".to_owned(),
        }
    }

    fn officer() -> Viewer {
        viewer(Standing::Officer(Post {
            officer_id: OFFICER,
            department_id: Uuid::from_u128(5),
            assigned: vec![ENTERPRISE],
        }))
    }

    fn member() -> Viewer {
        viewer(Standing::Member(Seat {
            enterprise_id: ENTERPRISE,
            alliance: None,
            pairings: Vec::new(),
            members: Vec::new(),
        }))
    }

    #[test]
    fn an_officer_visits_whom_it_serves_and_records_what_is_its_own() {
        let officer = officer();
        assert!(may_ever_visit(&officer));
        assert!(may_visit(&officer, ENTERPRISE) && !may_visit(&officer, OTHER));
        assert!(may_name(&officer, OFFICER) && !may_name(&officer, COLLEAGUE));
        let may_record = |enterprise, by| may(&officer, VisitAction::Record, enterprise, by);
        assert!(may_record(ENTERPRISE, COLLEAGUE), "taken over");
        assert!(may_record(OTHER, OFFICER), "handed over since");
        assert!(!may_record(OTHER, COLLEAGUE));
    }

    #[test]
    fn a_note_is_for_the_district_and_the_visiting_officer() {
        assert!(may_note(&officer(), OFFICER) && !may_note(&officer(), COLLEAGUE));
        assert!(may_note(&viewer(Standing::Operator), OFFICER));
        assert!(!may_note(&member(), OFFICER));
        assert!(!may_note(&viewer(Standing::Auditor), OFFICER));
    }

    #[test]
    fn the_actions_follow_from_role_and_state() {
        let all = |viewer: &Viewer, status| actions(viewer, status, ENTERPRISE, COLLEAGUE);
        for yes in [
            officer(),
            viewer(Standing::Admin),
            viewer(Standing::Operator),
        ] {
            assert_eq!(all(&yes, VisitStatus::Planned), [VisitAction::Record]);
            assert_eq!(all(&yes, VisitStatus::Done), []);
            assert_eq!(all(&yes, VisitStatus::Cancelled), []);
        }
        for no in [member(), viewer(Standing::Auditor)] {
            assert!(!may_ever_visit(&no) && !may_visit(&no, ENTERPRISE));
            assert_eq!(all(&no, VisitStatus::Planned), []);
        }
    }
}
