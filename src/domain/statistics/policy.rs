//! Who may read figures.

use crate::access::viewer::Viewer;

/// Whether the role reads the headline figures: the district side, officers, and the enterprises
/// of the alliance.
#[must_use]
pub fn may_read_headlines(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some() || viewer.is_in_alliance()
}
