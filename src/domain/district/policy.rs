//! Who may do what to a district.

use crate::access::viewer::Viewer;

/// Whether the role may change what the charter sets.
#[must_use]
pub const fn may_set_policy(viewer: &Viewer) -> bool {
    viewer.is_admin()
}
