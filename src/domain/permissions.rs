//! Which role may ever call which mutation: the same functions that the commands ask first.

use super::pairing::PairingAction;
use super::{department, district, enterprise, membership, pairing, user};
use crate::access::viewer::Viewer;

/// Whether a role may ever do something.
type May = fn(&Viewer) -> bool;

/// Every mutation and whose it is: a line each, by name.
pub static MUTATIONS: &[(&str, May)] = &[
    ("activatePairing", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::Activate)
    }),
    ("addPairingMember", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::AddMember)
    }),
    ("admitMember", membership::policy::may_manage),
    ("changeMembershipRole", membership::policy::may_manage),
    ("createEnterprise", enterprise::policy::may_register),
    ("deactivateEnterprise", enterprise::policy::may_register),
    ("endPairing", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::End)
    }),
    ("proposePairing", pairing::policy::may_ever_propose),
    ("recordInteraction", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::RecordInteraction)
    }),
    ("removePairingMember", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::RemoveMember)
    }),
    ("updateDistrictPolicy", district::policy::may_set_policy),
    ("updateEnterprise", enterprise::policy::may_update_some),
    ("upsertDepartment", department::policy::may_manage),
    ("upsertUser", user::policy::may_manage),
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
