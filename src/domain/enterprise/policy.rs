//! Who may do what to an enterprise, and which of its fields they may read.

use uuid::Uuid;

use crate::access::viewer::{Standing, Viewer};

/// Whether the role ever lists enterprises.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer reads the base profile, not only what the alliance shows.
#[must_use]
pub fn may_read_profile(viewer: &Viewer, enterprise: Uuid) -> bool {
    match &viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => true,
        Standing::Auditor => false,
        Standing::Lead(_) | Standing::Member(_) => {
            viewer.owns(enterprise) || viewer.leads(enterprise)
        }
    }
}

/// Whether the viewer reads how many people it employs.
#[must_use]
pub fn may_read_employees(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.post().is_some() || viewer.owns(enterprise)
}

/// Whether the role may sort by a field that it may not read of every row.
#[must_use]
pub const fn may_order_by_guarded(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether the role may ask for duplicates.
#[must_use]
pub const fn may_check_duplicate(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether the role may create and deactivate enterprises.
#[must_use]
pub const fn may_register(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}

/// Whether the role may ever change an enterprise.
#[must_use]
pub const fn may_update_some(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.seat().is_some()
}

/// Whether the viewer may change this enterprise; its own users only what describes it.
#[must_use]
pub fn may_update(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.owns(enterprise)
}

/// Whether the viewer may change what identifies and classifies it.
#[must_use]
pub const fn may_update_register(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}
