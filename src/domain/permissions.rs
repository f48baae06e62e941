//! Which role may ever call which mutation: the same functions that the commands ask first.

use super::issue::lifecycle::Action;
use super::pairing::PairingAction;
use super::{
    calendar, contact, department, district, enterprise, issue, membership, officer, pairing, user,
    visit,
};
use crate::access::viewer::Viewer;

/// Whether a role may ever do something.
type May = fn(&Viewer) -> bool;

/// Every mutation and whose it is: a line each, by name.
pub static MUTATIONS: &[(&str, May)] = &[
    ("acceptIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Accept)
    }),
    ("activatePairing", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::Activate)
    }),
    ("addPairingMember", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::AddMember)
    }),
    ("addProgress", |viewer| {
        issue::policy::may_ever(viewer, Action::AddProgress)
    }),
    ("admitMember", membership::policy::may_manage),
    ("assignIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Assign)
    }),
    ("assignOfficer", officer::policy::may_manage),
    ("changeMembershipRole", membership::policy::may_manage),
    ("concludeJointMeeting", issue::supervision::may_supervise),
    ("createContact", contact::policy::may_ever_change),
    ("createEnterprise", enterprise::policy::may_register),
    ("createIssue", issue::policy::may_ever_create),
    ("createOfficer", officer::policy::may_manage),
    ("deactivateEnterprise", enterprise::policy::may_register),
    ("endAssignment", officer::policy::may_manage),
    ("endPairing", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::End)
    }),
    ("escalateIssue", issue::supervision::may_supervise),
    ("handoverOfficer", officer::policy::may_manage),
    ("importCalendar", calendar::commands::may_import),
    ("planVisit", visit::policy::may_ever_visit),
    ("proposePairing", pairing::policy::may_ever_propose),
    ("raiseIssueFromVisit", issue::policy::may_ever_raise),
    ("rateIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Rate)
    }),
    ("recordInteraction", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::RecordInteraction)
    }),
    ("recordVisit", visit::policy::may_ever_visit),
    ("rejectIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Reject)
    }),
    ("removeContact", contact::policy::may_ever_change),
    ("removePairingMember", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::RemoveMember)
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
    ("revealContact", contact::policy::may_ever_reveal),
    ("setClockRule", issue::clocks::limits::may_set),
    ("startHandling", |viewer| {
        issue::policy::may_ever(viewer, Action::StartHandling)
    }),
    ("submitIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Submit)
    }),
    ("superviseIssue", issue::supervision::may_supervise),
    ("supplyInfo", |viewer| {
        issue::policy::may_ever(viewer, Action::SupplyInfo)
    }),
    ("updateContact", contact::policy::may_ever_change),
    ("updateDistrictPolicy", district::policy::may_set_policy),
    ("updateEnterprise", enterprise::policy::may_update_some),
    ("updateOfficer", officer::policy::may_manage),
    ("upsertDepartment", department::policy::may_manage),
    ("upsertUser", user::policy::may_manage),
    ("withdrawIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Withdraw)
    }),
    ("withdrawMembership", membership::policy::may_manage),
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
