//! Which role may ever call which mutation: the same functions that the commands ask first.

use super::{department, district, enterprise, user};
use crate::access::viewer::Viewer;

/// Every mutation and whose it is: a line each, by name.
pub static MUTATIONS: &[(&str, fn(&Viewer) -> bool)] = &[
    ("createEnterprise", enterprise::policy::may_register),
    ("deactivateEnterprise", enterprise::policy::may_register),
    ("updateDistrictPolicy", district::policy::may_set_policy),
    ("updateEnterprise", enterprise::policy::may_update_some),
    ("upsertDepartment", department::policy::may_manage),
    ("upsertUser", user::policy::may_manage),
];

/// The mutations that the viewer's role may ever call; which rows it may call them on is decided
/// row by row.
#[must_use]
pub fn of(viewer: &Viewer) -> Vec<&'static str> {
    MUTATIONS
        .iter()
        .filter(|(_, may)| may(viewer))
        .map(|(name, _)| *name)
        .collect()
}
