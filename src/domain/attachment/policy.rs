//! Who may attach something, and who may take it away.

use uuid::Uuid;

use crate::access::viewer::Viewer;
use crate::domain::issue::policy::Facts;

/// Whether the role ever attaches something.
#[must_use]
pub const fn may_ever_attach(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer may attach something to an issue: its enterprise, the district side, and
/// officers who serve the enterprise, handle it or help with it.
#[must_use]
pub fn may_attach_to_issue(viewer: &Viewer, issue: &Facts) -> bool {
    viewer.is_district_staff()
        || viewer.owns(issue.enterprise_id)
        || viewer.serves(issue.enterprise_id)
        || issue.handles
        || issue.helps
}

/// Whether the viewer may attach something to a visit: the district side, and the officer who
/// visits or serves the enterprise.
#[must_use]
pub fn may_attach_to_visit(viewer: &Viewer, enterprise: Uuid, officer: Uuid) -> bool {
    viewer.is_district_staff()
        || viewer.serves(enterprise)
        || viewer.post().is_some_and(|post| post.officer_id == officer)
}

/// Whether the viewer may take away what this user attached: its uploader, and the district side.
#[must_use]
pub fn may_remove(viewer: &Viewer, uploader: Uuid) -> bool {
    viewer.is_district_staff() || viewer.user_id == uploader
}
