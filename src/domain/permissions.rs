//! Which role may ever call which mutation: the same functions that the commands ask first.

use super::issue::lifecycle::Action;
use super::pairing::PairingAction;
use super::{
    attachment, calendar, contact, department, district, enterprise, issue, membership, officer,
    pairing, supply_chain, user, visit,
};
use crate::access::viewer::Viewer;

/// Whether a role may ever do something.
type May = fn(&Viewer) -> bool;

/// Every mutation and whose it is: a line each, by name.
pub static MUTATIONS: &[(&str, May)] = &[
    ("acceptHelp", issue::peer_help::policy::may_ever),
    ("acceptIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Accept)
    }),
    ("activatePairing", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::Activate)
    }),
    ("addInterimReply", |viewer| {
        issue::policy::may_ever(viewer, Action::AddInterimReply)
    }),
    ("addPairingMember", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::AddMember)
    }),
    ("addProgress", |viewer| {
        issue::policy::may_ever(viewer, Action::AddProgress)
    }),
    ("admitMember", membership::policy::may_manage),
    ("appealRejection", |viewer| {
        issue::policy::may_ever(viewer, Action::AppealRejection)
    }),
    ("approveExtension", |viewer| {
        issue::policy::may_ever(viewer, Action::ApproveExtension)
    }),
    ("archiveIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Archive)
    }),
    ("assignIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Assign)
    }),
    ("assignOfficer", officer::policy::may_manage),
    ("changeMembershipRole", membership::policy::may_manage),
    ("closeDissatisfied", |viewer| {
        issue::policy::may_ever(viewer, Action::CloseDissatisfied)
    }),
    ("closePeerHelp", |viewer| {
        issue::policy::may_ever(viewer, Action::ClosePeerHelp)
    }),
    ("clusterIssues", issue::policy::may_cluster),
    ("concludeJointMeeting", issue::supervision::may_supervise),
    ("confirmUpload", attachment::policy::may_ever_attach),
    ("createContact", contact::policy::may_ever_change),
    ("createEnterprise", enterprise::policy::may_register),
    ("createIssue", issue::policy::may_ever_create),
    ("createOfficer", officer::policy::may_manage),
    ("createUpload", attachment::policy::may_ever_attach),
    ("deactivateEnterprise", enterprise::policy::may_register),
    ("decideAppeal", |viewer| {
        issue::policy::may_ever(viewer, Action::DecideAppeal)
    }),
    ("declineHelp", issue::peer_help::policy::may_ever),
    ("endAssignment", officer::policy::may_manage),
    ("endPairing", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::End)
    }),
    ("escalateIssue", issue::supervision::may_supervise),
    ("handoverOfficer", officer::policy::may_manage),
    ("holdIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Hold)
    }),
    ("importCalendar", calendar::commands::may_import),
    ("mergeIssues", |viewer| {
        issue::policy::may_ever(viewer, Action::Merge)
    }),
    ("moveToLongTerm", |viewer| {
        issue::policy::may_ever(viewer, Action::MoveToLongTerm)
    }),
    ("offerHelp", |viewer| {
        issue::policy::may_ever(viewer, Action::OfferHelp)
    }),
    ("openForPeerHelp", |viewer| {
        issue::policy::may_ever(viewer, Action::OpenForPeerHelp)
    }),
    ("planVisit", visit::policy::may_ever_visit),
    ("proposePairing", pairing::policy::may_ever_propose),
    ("raiseIssueFromVisit", issue::policy::may_ever_raise),
    ("rateIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Rate)
    }),
    ("recordCallback", |viewer| {
        issue::policy::may_ever(viewer, Action::RecordCallback)
    }),
    ("recordInteraction", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::RecordInteraction)
    }),
    ("recordSupplyChainLink", supply_chain::may_record),
    ("recordVisit", visit::policy::may_ever_visit),
    ("rejectExtension", |viewer| {
        issue::policy::may_ever(viewer, Action::RejectExtension)
    }),
    ("rejectIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Reject)
    }),
    ("removeAttachment", attachment::policy::may_ever_attach),
    ("removeContact", contact::policy::may_ever_change),
    ("removePairingMember", |viewer| {
        pairing::policy::may_ever(viewer, PairingAction::RemoveMember)
    }),
    ("removeSupplyChainLink", supply_chain::may_record),
    ("reopenIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Reopen)
    }),
    ("requestExtension", |viewer| {
        issue::policy::may_ever(viewer, Action::RequestExtension)
    }),
    ("requestInfo", |viewer| {
        issue::policy::may_ever(viewer, Action::RequestInfo)
    }),
    ("respondToCluster", issue::policy::may_ever_answer_cluster),
    ("respondToIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Respond)
    }),
    ("resumeIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Resume)
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
    ("suggestPeerHelp", |viewer| {
        issue::policy::may_ever(viewer, Action::SuggestPeerHelp)
    }),
    ("superviseIssue", issue::supervision::may_supervise),
    ("supplyInfo", |viewer| {
        issue::policy::may_ever(viewer, Action::SupplyInfo)
    }),
    ("thankHelper", issue::peer_help::policy::may_ever),
    ("updateContact", contact::policy::may_ever_change),
    ("updateDistrictPolicy", district::policy::may_set_policy),
    ("updateEnterprise", enterprise::policy::may_update_some),
    ("updateOfficer", officer::policy::may_manage),
    ("upsertDepartment", department::policy::may_manage),
    ("upsertUser", user::policy::may_manage),
    ("urgeIssue", |viewer| {
        issue::policy::may_ever(viewer, Action::Urge)
    }),
    ("withdrawHelp", issue::peer_help::policy::may_ever),
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
