//! Which role may ever call which mutation: the same functions that the commands ask first.

use super::issue::lifecycle::Action;
use super::{department, district, enterprise, issue, officer, user, visit};
use crate::access::viewer::Viewer;

/// Every mutation and whose it is: a line each, by name.
pub static MUTATIONS: &[(&str, fn(&Viewer) -> bool)] = &[
    ("acceptIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Accept)
    }),
    ("addProgress", |viewer| {
        issue::policy::may_ever(viewer, Action::AddProgress)
    }),
    ("assignIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Assign)
    }),
    ("assignOfficer", officer::policy::may_manage),
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
    ("createOfficer", officer::policy::may_manage),
    ("deactivateEnterprise", enterprise::policy::may_register),
    ("endAssignment", officer::policy::may_manage),
    ("handoverOfficer", officer::policy::may_manage),
    ("planVisit", visit::policy::may_ever_visit),
    ("recordVisit", visit::policy::may_ever_visit),
    ("updateDistrictPolicy", district::policy::may_set_policy),
    ("updateEnterprise", enterprise::policy::may_update_some),
    ("updateOfficer", officer::policy::may_manage),
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
