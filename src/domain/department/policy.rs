//! Who may do what to departments, and which of them must stay.

use entity::department::GovernanceRole;

use crate::access::viewer::Viewer;

/// Whether the role ever reads departments.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the role may create and change departments.
#[must_use]
pub const fn may_manage(viewer: &Viewer) -> bool {
    viewer.is_admin()
}

/// Whether a change would leave the programme without its OVERALL or LEAD: the one department
/// that has such a part keeps it and stays active.
#[must_use]
pub fn leaves_vacant(before: GovernanceRole, after: GovernanceRole, is_active: bool) -> bool {
    before != GovernanceRole::Participating && (after != before || !is_active)
}

#[cfg(test)]
mod tests {
    use super::*;
    use GovernanceRole::{Lead, Overall, Participating};

    #[test]
    fn the_one_that_coordinates_and_the_one_that_leads_keep_their_part() {
        for role in [Overall, Lead] {
            assert!(!leaves_vacant(role, role, true));
            assert!(leaves_vacant(role, role, false));
            assert!(leaves_vacant(role, Participating, true));
        }
        assert!(leaves_vacant(Overall, Lead, true));
        assert!(!leaves_vacant(Participating, Participating, false));
        assert!(!leaves_vacant(Participating, Lead, true));
    }
}
