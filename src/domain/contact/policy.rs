//! Who may do what to a contact, and who reads it in full.

use uuid::Uuid;

use crate::access::viewer::Viewer;

/// Whether the role ever lists contacts.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer reads the contacts of this enterprise in full, unasked: its own users.
#[must_use]
pub fn may_read_in_full(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.owns(enterprise)
}

/// Whether the role may ever have a contact revealed.
#[must_use]
pub const fn may_ever_reveal(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer may have contacts of this enterprise revealed: the district side, the
/// officer who serves it, and itself.
#[must_use]
pub fn may_reveal(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.serves(enterprise) || viewer.owns(enterprise)
}

/// Whether the role may ever write contacts.
#[must_use]
pub const fn may_ever_change(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.seat().is_some()
}

/// Whether the viewer may write the contacts of this enterprise.
#[must_use]
pub fn may_change(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.owns(enterprise)
}
