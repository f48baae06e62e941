//! Who may do what to an issue, and how much of it they read. Pure: what a decision needs to
//! know of the row comes as `Facts`.

use uuid::Uuid;

use super::lifecycle::Action;
use crate::access::viewer::{Standing, Viewer};
use entity::enterprise_issue::IssueState;
use entity::issue_transition::TransitionKind;

/// What of an issue decides who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Its state.
    pub state: IssueState,
    /// Whether the district side wrote it for the enterprise.
    pub is_on_behalf: bool,
    /// Whether the viewer handles it: its officer, or an officer of the leading department.
    pub handles: bool,
    /// Whether the viewer helps: an officer of a helping department.
    pub helps: bool,
    /// Whether the viewer had a hand in it: accepted it, or wrote of its handling.
    pub took_part: bool,
    /// Whether the viewer wrote it for the enterprise.
    pub filed_on_behalf: bool,
    /// Whether a request for more time waits for a decision.
    pub asks_for_time: bool,
    /// Whether that request is the viewer's own.
    pub asked_for_time: bool,
    /// Whether the enterprise is to be called back.
    pub owes_callback: bool,
    /// Whether an appeal waits for a decision.
    pub is_appealed: bool,
    /// Whether it may be shown to the alliance: no complaint, no report, not confidential.
    pub can_be_shown: bool,
    /// Whether it is opened for help from peers.
    pub is_open_for_help: bool,
    /// Whether an offer of the viewer's enterprise stands.
    pub has_offered: bool,
}

/// Whether the role ever lists issues.
#[must_use]
pub const fn may_read(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer reads more of an issue that it sees than the brief that the alliance gets.
#[must_use]
pub fn may_read_in_full(viewer: &Viewer, enterprise: Uuid) -> bool {
    match &viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Officer(_) => true,
        Standing::Auditor => false,
        Standing::Lead(_) | Standing::Member(_) => viewer.owns(enterprise),
    }
}

/// Whether the viewer reads the text and the attachments: of a confidential issue an officer only
/// what they handle or help with.
#[must_use]
pub fn may_read_body(viewer: &Viewer, enterprise: Uuid, confidential: bool, handled: bool) -> bool {
    may_read_in_full(viewer, enterprise) && (!confidential || handled || viewer.post().is_none())
}

/// Whether the viewer reads the ratings: an officer those of what they handle or help with.
#[must_use]
pub fn may_read_ratings(viewer: &Viewer, enterprise: Uuid, handled: bool) -> bool {
    may_read_in_full(viewer, enterprise) && (handled || viewer.post().is_none())
}

/// Whether the viewer reads what was said with a step that it sees: what the district side and
/// the departments say to each other stays theirs. `sealed`: of a confidential issue that the
/// viewer, an officer, does not handle.
#[must_use]
pub const fn may_read_note(viewer: &Viewer, step: TransitionKind, sealed: bool) -> bool {
    let among_officials = matches!(
        step,
        TransitionKind::Assign | TransitionKind::ReturnAssignment | TransitionKind::Merge
    );
    !sealed && (!among_officials || viewer.seat().is_none())
}

/// Whether the role is told of ratings that may have been coached: who the signal is about is not.
#[must_use]
pub const fn may_see_coaching(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}

/// Whether an event is one among officials: enterprises do not hear of it, and officers only where
/// they handle the issue or help.
#[must_use]
pub fn is_among_officials(event: &str) -> bool {
    matches!(
        event,
        "issue.noted"
            | "issue.supervised"
            | "issue.extension_requested"
            | "issue.extension_rejected"
            | "issue.called_back"
    )
}

/// Whether the role may sort by a field that it may not read of every row.
#[must_use]
pub const fn may_order_by_guarded(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether the role ever creates issues: the district side on behalf, enterprises their own.
#[must_use]
pub const fn may_ever_create(viewer: &Viewer) -> bool {
    !viewer.is_auditor()
}

/// Whether the viewer may create an issue of this enterprise.
#[must_use]
pub fn may_create(viewer: &Viewer, enterprise: Uuid) -> bool {
    viewer.is_district_staff() || viewer.serves(enterprise) || viewer.owns(enterprise)
}

/// Whether the role ever raises issues from visits.
#[must_use]
pub const fn may_ever_raise(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// Whether the viewer may raise an issue from a visit of this officer.
#[must_use]
pub fn may_raise(viewer: &Viewer, officer: Uuid) -> bool {
    viewer.is_district_staff() || viewer.post().is_some_and(|post| post.officer_id == officer)
}

/// Whether the role may ever do this to an issue.
#[must_use]
pub fn may_ever(viewer: &Viewer, action: Action) -> bool {
    let staff = viewer.is_district_staff();
    let officer = viewer.post().is_some();
    match action {
        Action::Submit | Action::SupplyInfo => !viewer.is_auditor(),
        Action::Accept
        | Action::RequestInfo
        | Action::AddProgress
        | Action::RequestExtension
        | Action::AddInterimReply
        | Action::Respond => staff || officer,
        Action::Reject
        | Action::Assign
        | Action::ApproveExtension
        | Action::RejectExtension
        | Action::Hold
        | Action::Resume
        | Action::MoveToLongTerm
        | Action::CloseDissatisfied
        | Action::Archive
        | Action::RecordCallback
        | Action::Merge
        | Action::DecideAppeal => staff,
        Action::ReturnAssignment | Action::StartHandling | Action::SuggestPeerHelp => officer,
        // Help is shown to the alliance and comes from it.
        Action::OpenForPeerHelp | Action::OfferHelp => viewer.is_in_alliance(),
        Action::Rate
        | Action::Reopen
        | Action::Withdraw
        | Action::Urge
        | Action::AppealRejection
        | Action::ClosePeerHelp => viewer.seat().is_some(),
    }
}

/// Whether the viewer may do this to this issue, its state aside.
#[must_use]
pub fn may(viewer: &Viewer, action: Action, issue: &Facts) -> bool {
    let staff = viewer.is_district_staff();
    let own = viewer.owns(issue.enterprise_id);
    let serves = viewer.serves(issue.enterprise_id);
    match action {
        // A draft is its author's side's.
        Action::Submit => {
            if issue.is_on_behalf {
                staff || serves
            } else {
                own
            }
        }
        Action::SupplyInfo => own || staff || serves,
        Action::Accept => staff || serves,
        Action::Reject
        | Action::Assign
        | Action::Hold
        | Action::Resume
        | Action::MoveToLongTerm
        | Action::CloseDissatisfied
        | Action::Archive
        | Action::Merge
        | Action::DecideAppeal => staff,
        // Nobody decides on their own request, nor asks how good their own work was.
        Action::ApproveExtension | Action::RejectExtension => staff && !issue.asked_for_time,
        Action::RecordCallback => staff && !issue.took_part,
        Action::RequestInfo => staff || serves || issue.handles,
        Action::ReturnAssignment | Action::StartHandling => issue.handles,
        Action::AddProgress => staff || issue.handles || issue.helps,
        Action::RequestExtension | Action::AddInterimReply | Action::Respond => {
            staff || issue.handles
        }
        // Not who handled it or wrote it for the enterprise, whatever they are now.
        Action::Rate => own && !issue.took_part && !issue.filed_on_behalf,
        Action::Reopen
        | Action::Withdraw
        | Action::Urge
        | Action::AppealRejection
        | Action::ClosePeerHelp => own,
        Action::OpenForPeerHelp => own && viewer.is_in_alliance(),
        Action::SuggestPeerHelp => serves || issue.handles,
        Action::OfferHelp => !own && viewer.is_in_alliance(),
    }
}

/// Whether the action exists for the issue as it stands: its state allows it, and what it answers
/// is there.
#[must_use]
pub fn stands(action: Action, issue: &Facts) -> bool {
    let there = match action {
        Action::RequestExtension => !issue.asks_for_time,
        Action::ApproveExtension | Action::RejectExtension => issue.asks_for_time,
        Action::RecordCallback => issue.owes_callback,
        Action::DecideAppeal => issue.is_appealed,
        Action::OpenForPeerHelp | Action::SuggestPeerHelp => {
            issue.can_be_shown && !issue.is_open_for_help
        }
        Action::ClosePeerHelp => issue.is_open_for_help,
        Action::OfferHelp => issue.is_open_for_help && !issue.has_offered,
        _ => true,
    };
    there && action.exists_in(issue.state)
}

/// Whether the role ever brings issues together to a common problem.
#[must_use]
pub const fn may_cluster(viewer: &Viewer) -> bool {
    viewer.is_district_staff()
}

/// Whether the role ever answers common problems: the district side, and officers who handle all
/// of its issues.
#[must_use]
pub const fn may_ever_answer_cluster(viewer: &Viewer) -> bool {
    viewer.is_district_staff() || viewer.post().is_some()
}

/// What the viewer may do to an issue as it stands; limits that are counted are looked at when it
/// is done.
#[must_use]
pub fn actions(viewer: &Viewer, issue: &Facts) -> Vec<Action> {
    Action::all()
        .filter(|action| may(viewer, *action, issue) && stands(*action, issue))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::viewer::{Post, Seat};
    use entity::membership::MembershipRole;

    const OWN: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn viewer(standing: Standing) -> Viewer {
        Viewer {
            user_id: Uuid::from_u128(9),
            district_id: Uuid::from_u128(8),
            standing,
            token_id: "t".to_owned(),
            client: crate::access::viewer::Client::default(),
        }
    }

    fn member() -> Viewer {
        viewer(Standing::Member(Seat {
            enterprise_id: OWN,
            alliance: Some(MembershipRole::Member),
            pairings: Vec::new(),
            members: Vec::new(),
        }))
    }

    fn officer() -> Viewer {
        viewer(Standing::Officer(Post {
            officer_id: Uuid::from_u128(3),
            department_id: Uuid::from_u128(4),
            assigned: vec![OWN],
        }))
    }

    fn facts(enterprise_id: Uuid, state: IssueState) -> Facts {
        Facts {
            enterprise_id,
            state,
            is_on_behalf: false,
            handles: false,
            helps: false,
            took_part: false,
            filed_on_behalf: false,
            asks_for_time: false,
            asked_for_time: false,
            owes_callback: false,
            is_appealed: false,
            can_be_shown: true,
            is_open_for_help: false,
            has_offered: false,
        }
    }

    #[test]
    fn no_one_may_on_a_row_what_the_role_may_never() {
        let everybody = [
            viewer(Standing::Admin),
            viewer(Standing::Operator),
            viewer(Standing::Auditor),
            officer(),
            member(),
        ];
        for viewer in everybody {
            for action in Action::all() {
                let mut ever = false;
                for bits in 0..64_u8 {
                    let issue = Facts {
                        enterprise_id: if bits & 1 == 0 { OWN } else { OTHER },
                        is_on_behalf: bits & 2 != 0,
                        // Only officers handle or help.
                        handles: bits & 4 != 0 && viewer.post().is_some(),
                        helps: bits & 8 != 0 && viewer.post().is_some(),
                        took_part: bits & 16 != 0,
                        asked_for_time: bits & 32 != 0,
                        ..facts(OWN, IssueState::Submitted)
                    };
                    ever |= may(&viewer, action, &issue);
                }
                assert_eq!(ever, may_ever(&viewer, action), "{viewer:?} {action:?}");
            }
        }
    }

    #[test]
    fn an_enterprise_withdraws_rates_and_reopens_its_own_and_no_other() {
        let responded = facts(OWN, IssueState::Responded);
        assert_eq!(
            actions(&member(), &responded),
            [Action::Rate, Action::Withdraw, Action::OpenForPeerHelp]
        );
        assert_eq!(actions(&member(), &facts(OTHER, IssueState::Responded)), []);
        assert_eq!(
            actions(&member(), &facts(OWN, IssueState::Closed)),
            [Action::Reopen]
        );
        assert_eq!(actions(&member(), &facts(OWN, IssueState::Archived)), []);
    }

    #[test]
    fn an_officer_accepts_for_those_served_and_handles_what_is_theirs() {
        let submitted = facts(OWN, IssueState::Submitted);
        assert_eq!(
            actions(&officer(), &submitted),
            [Action::Accept, Action::RequestInfo, Action::SuggestPeerHelp]
        );
        let elsewhere = Facts {
            handles: true,
            ..facts(OTHER, IssueState::InProgress)
        };
        assert_eq!(
            actions(&officer(), &elsewhere),
            [
                Action::RequestInfo,
                Action::AddProgress,
                Action::RequestExtension,
                Action::Respond,
                Action::SuggestPeerHelp
            ]
        );
        let helping = Facts {
            helps: true,
            ..facts(OTHER, IssueState::InProgress)
        };
        assert_eq!(actions(&officer(), &helping), [Action::AddProgress]);
    }

    #[test]
    fn help_is_asked_for_by_its_own_and_offered_by_others_of_the_alliance() {
        let open = |enterprise| Facts {
            is_open_for_help: true,
            ..facts(enterprise, IssueState::InProgress)
        };
        let outsider = viewer(Standing::Member(Seat {
            enterprise_id: OWN,
            alliance: None,
            pairings: Vec::new(),
            members: Vec::new(),
        }));
        assert_eq!(actions(&member(), &open(OTHER)), [Action::OfferHelp]);
        assert_eq!(actions(&outsider, &open(OTHER)), []);
        let offered = Facts {
            has_offered: true,
            ..open(OTHER)
        };
        assert_eq!(actions(&member(), &offered), []);
        let can = |viewer: &Viewer, issue: &Facts, action| actions(viewer, issue).contains(&action);
        let own = facts(OWN, IssueState::InProgress);
        for (issue, opens, closes) in [
            (own, true, false),
            (open(OWN), false, true),
            (
                Facts {
                    can_be_shown: false,
                    ..own
                },
                false,
                false,
            ),
        ] {
            assert_eq!(can(&member(), &issue, Action::OpenForPeerHelp), opens);
            assert_eq!(can(&member(), &issue, Action::ClosePeerHelp), closes);
            assert_eq!(can(&officer(), &issue, Action::SuggestPeerHelp), opens);
            assert!(!can(&member(), &issue, Action::OfferHelp), "on its own");
            assert!(!can(&outsider, &issue, Action::OpenForPeerHelp));
        }
    }

    #[test]
    fn a_draft_is_submitted_by_the_side_that_wrote_it() {
        let draft = facts(OWN, IssueState::Draft);
        let on_behalf = Facts {
            is_on_behalf: true,
            ..draft
        };
        let staff = viewer(Standing::Operator);
        assert_eq!(
            actions(&member(), &draft),
            [Action::Submit, Action::Withdraw]
        );
        assert_eq!(actions(&staff, &draft), []);
        assert_eq!(actions(&staff, &on_behalf), [Action::Submit]);
        assert_eq!(actions(&officer(), &on_behalf), [Action::Submit]);
    }

    #[test]
    fn nobody_judges_what_they_did_themselves() {
        let staff = viewer(Standing::Operator);
        let asked = Facts {
            asks_for_time: true,
            owes_callback: true,
            ..facts(OWN, IssueState::InProgress)
        };
        let can = |viewer: &Viewer, issue: &Facts, action| actions(viewer, issue).contains(&action);
        for action in [
            Action::ApproveExtension,
            Action::RejectExtension,
            Action::RecordCallback,
        ] {
            assert!(can(&staff, &asked, action), "{action:?}");
            assert!(!can(&officer(), &asked, action), "{action:?}");
            let own = Facts {
                asked_for_time: true,
                took_part: true,
                ..asked
            };
            assert!(!can(&staff, &own, action), "{action:?}");
            let nothing = facts(OWN, IssueState::InProgress);
            assert!(!can(&staff, &nothing, action), "{action:?}");
        }
        assert!(
            !can(&staff, &asked, Action::RequestExtension),
            "one at a time"
        );
        let answered = facts(OWN, IssueState::Responded);
        assert!(can(&member(), &answered, Action::Rate));
        for issue in [
            Facts {
                took_part: true,
                ..answered
            },
            Facts {
                filed_on_behalf: true,
                ..answered
            },
        ] {
            assert!(!can(&member(), &issue, Action::Rate));
        }
    }

    #[test]
    fn a_confidential_text_is_for_those_who_handle_it() {
        let staff = viewer(Standing::Admin);
        assert!(may_read_body(&staff, OWN, true, false));
        assert!(may_read_body(&member(), OWN, true, false));
        assert!(!may_read_body(&member(), OTHER, false, false));
        assert!(!may_read_body(&officer(), OWN, true, false));
        assert!(may_read_body(&officer(), OWN, true, true));
        assert!(may_read_body(&officer(), OWN, false, false));
    }

    #[test]
    fn what_officials_say_to_each_other_is_theirs() {
        use TransitionKind::{Assign, Reject, ReturnAssignment};
        for (step, to_the_enterprise) in
            [(Reject, true), (Assign, false), (ReturnAssignment, false)]
        {
            assert_eq!(may_read_note(&member(), step, false), to_the_enterprise);
            assert!(may_read_note(&officer(), step, false));
            assert!(!may_read_note(&officer(), step, true), "sealed");
        }
    }

    #[test]
    fn ratings_are_for_the_enterprise_the_district_and_those_who_handled_it() {
        assert!(may_read_ratings(&viewer(Standing::Operator), OWN, false));
        assert!(may_read_ratings(&member(), OWN, false));
        assert!(!may_read_ratings(&member(), OTHER, false));
        assert!(!may_read_ratings(&officer(), OWN, false));
        assert!(may_read_ratings(&officer(), OTHER, true));
    }
}
