//! Which role may ever call which mutation: the same functions that the commands ask first.

use super::issue::lifecycle::Action;
use super::{department, district, enterprise, issue, user};
use crate::access::viewer::Viewer;

/// Whose a mutation is.
type Whose = fn(&Viewer) -> bool;

/// Every mutation and whose it is: a line each, by name.
pub static MUTATIONS: &[(&str, Whose)] = &[
    ("acceptIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Accept)
    }),
    ("addProgress", |viewer| {
        issue::policy::may_ever(viewer, Action::AddProgress)
    }),
    ("assignIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Assign)
    }),
    ("createIssue", issue::policy::may_ever_create),
    ("rateIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Rate)
    }),
    ("rejectIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Reject)
    }),
    ("reopenIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Reopen)
    }),
    ("requestInfo", |viewer| {
        issue::policy::may_ever(viewer, Action::RequestInfo)
    }),
    ("respondToIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Respond)
    }),
    ("returnAssignment", |viewer| {
        issue::policy::may_ever(viewer, Action::ReturnAssignment)
    }),
    ("startHandling", |viewer| {
        issue::policy::may_ever(viewer, Action::StartHandling)
    }),
    ("submitIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Submit)
    }),
    ("supplyInfo", |viewer| {
        issue::policy::may_ever(viewer, Action::SupplyInfo)
    }),
    ("withdrawIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Withdraw)
    }),
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
