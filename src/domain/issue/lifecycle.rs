//! The life of an enterprise issue as one table: which transition leads from which states to
//! which. It knows all 14 states and every kind of transition. Who may take a step is `policy`;
//! what a step writes is `commands`. `viewerActions` and every mutation's check come from here.

use entity::enterprise_issue::IssueState::{
    self, Accepted, Archived, Assigned, Closed, Draft, InProgress, LongTerm, Merged, NeedsInfo,
    OnHold, Rejected, Responded, Submitted, Withdrawn,
};
use entity::issue_transition::TransitionKind as Kind;
use sea_orm::Iterable;

/// Where a transition leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    /// Always the same state.
    State(IssueState),
    /// Back to where the pause began.
    Resume,
}

/// Every state in which work is still owed; escalation is a level beside the state.
pub const OPEN: [IssueState; 8] = [
    Submitted, NeedsInfo, Accepted, Assigned, InProgress, OnHold, LongTerm, Responded,
];

/// The states in which the clocks of the handling stand still; that of `LONG_TERM` is another.
pub const PAUSED: [IssueState; 2] = [NeedsInfo, OnHold];

/// The states that nothing leads out of.
pub const TERMINAL: [IssueState; 4] = [Archived, Rejected, Withdrawn, Merged];

/// The one table of transitions (T1 to T18 of the programme's rules).
const fn rule(kind: Kind) -> (&'static [IssueState], To) {
    match kind {
        Kind::Create => (&[], To::State(Draft)),
        Kind::Submit => (&[Draft], To::State(Submitted)),
        Kind::Accept => (&[Submitted], To::State(Accepted)),
        Kind::Reject => (&[Submitted], To::State(Rejected)),
        Kind::RequestInfo => (&[Submitted, Assigned, InProgress], To::State(NeedsInfo)),
        Kind::SupplyInfo => (&[NeedsInfo], To::Resume),
        Kind::Assign => (&[Accepted], To::State(Assigned)),
        Kind::ReturnAssignment => (&[Assigned], To::State(Accepted)),
        Kind::StartHandling => (&[Assigned], To::State(InProgress)),
        Kind::Hold => (&[InProgress], To::State(OnHold)),
        Kind::Resume => (&[OnHold], To::State(InProgress)),
        Kind::MoveToLongTerm => (&[InProgress], To::State(LongTerm)),
        Kind::Respond => (&[InProgress, LongTerm], To::State(Responded)),
        Kind::CloseRated | Kind::CloseUnrated | Kind::CloseDissatisfied => {
            (&[Responded], To::State(Closed))
        }
        Kind::Rework => (&[Responded], To::State(InProgress)),
        Kind::Reopen => (&[Closed], To::State(InProgress)),
        Kind::Archive => (&[Closed], To::State(Archived)),
        // A draft may be withdrawn too: it is how an enterprise throws one away.
        Kind::Withdraw => (
            &[
                Draft, Submitted, NeedsInfo, Accepted, Assigned, InProgress, OnHold, LongTerm,
                Responded,
            ],
            To::State(Withdrawn),
        ),
        Kind::Merge => (&OPEN, To::State(Merged)),
    }
}

/// The state that `kind` leads to from `from`, or none where it does not exist. `resume` is the
/// state that a pause began in; `from` is none only for the first step.
#[must_use]
pub fn next(
    from: Option<IssueState>,
    kind: Kind,
    resume: Option<IssueState>,
) -> Option<IssueState> {
    let (allowed, to) = rule(kind);
    let exists = match from {
        None => allowed.is_empty(),
        Some(state) => allowed.contains(&state),
    };
    match to {
        _ if !exists => None,
        To::State(state) => Some(state),
        // A pause can only lead back to a state that it can begin in.
        To::Resume => resume.filter(|state| rule(Kind::RequestInfo).0.contains(state)),
    }
}

/// What a viewer can do to an issue: one value per mutation on an existing issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sea_orm::EnumIter, async_graphql::Enum)]
#[graphql(name = "EnterpriseIssueAction")]
pub enum Action {
    /// `submitIssue`
    Submit,
    /// `acceptIssue`
    Accept,
    /// `rejectIssue`
    Reject,
    /// `requestInfo`
    RequestInfo,
    /// `supplyInfo`
    SupplyInfo,
    /// `assignIssue`
    Assign,
    /// `returnAssignment`
    ReturnAssignment,
    /// `startHandling`
    StartHandling,
    /// `addProgress`
    AddProgress,
    /// `requestExtension`
    RequestExtension,
    /// `approveExtension`
    ApproveExtension,
    /// `rejectExtension`
    RejectExtension,
    /// `holdIssue`
    Hold,
    /// `resumeIssue`
    Resume,
    /// `moveToLongTerm`
    MoveToLongTerm,
    /// `addInterimReply`
    AddInterimReply,
    /// `respondToIssue`
    Respond,
    /// `rateIssue`
    Rate,
    /// `closeDissatisfied`
    CloseDissatisfied,
    /// `reopenIssue`
    Reopen,
    /// `archiveIssue`
    Archive,
    /// `recordCallback`
    RecordCallback,
    /// `urgeIssue`
    Urge,
    /// `mergeIssues`
    Merge,
    /// `withdrawIssue`
    Withdraw,
    /// `appealRejection`
    AppealRejection,
    /// `decideAppeal`
    DecideAppeal,
    /// `reclassifyIssue`
    Reclassify,
    /// `superviseIssue`
    Supervise,
    /// `escalateIssue`
    Escalate,
    /// `lowerEscalation`
    LowerEscalation,
    /// `openForPeerHelp`
    OpenForPeerHelp,
    /// `closePeerHelp`
    ClosePeerHelp,
    /// `suggestPeerHelp`
    SuggestPeerHelp,
    /// `offerHelp`
    OfferHelp,
}

impl Action {
    /// Whether the state allows the action. Limits that are counted (returns, reopens) are the
    /// policy's and checked by the command; what waits for an answer is looked at by `policy`.
    #[must_use]
    pub fn exists_in(self, state: IssueState) -> bool {
        let can = |kind| rule(kind).0.contains(&state);
        match self {
            Self::Submit => can(Kind::Submit),
            Self::Accept => can(Kind::Accept),
            Self::Reject => can(Kind::Reject),
            Self::RequestInfo => can(Kind::RequestInfo),
            Self::SupplyInfo => can(Kind::SupplyInfo),
            Self::Assign => can(Kind::Assign),
            Self::ReturnAssignment => can(Kind::ReturnAssignment),
            Self::StartHandling => can(Kind::StartHandling),
            // No transition: an entry in the states in which somebody works on it.
            Self::AddProgress => matches!(state, InProgress | LongTerm),
            // Nor these: more time, a word on the way, a call back, a reminder, an appeal.
            Self::RequestExtension | Self::ApproveExtension | Self::RejectExtension => {
                state == InProgress
            }
            Self::AddInterimReply => state == LongTerm,
            Self::RecordCallback => state != Draft,
            // Not while the enterprise itself is asked for something.
            Self::Urge => OPEN.contains(&state) && !matches!(state, NeedsInfo | Responded),
            Self::AppealRejection | Self::DecideAppeal => state == Rejected,
            // Peers help as long as work is owed.
            Self::OpenForPeerHelp
            | Self::ClosePeerHelp
            | Self::SuggestPeerHelp
            | Self::OfferHelp
            | Self::Supervise
            | Self::Escalate
            | Self::LowerEscalation => OPEN.contains(&state),
            Self::Hold => can(Kind::Hold),
            Self::Resume => can(Kind::Resume),
            Self::MoveToLongTerm => can(Kind::MoveToLongTerm),
            Self::Respond => can(Kind::Respond),
            Self::Rate => can(Kind::CloseRated),
            Self::CloseDissatisfied => can(Kind::CloseDissatisfied),
            Self::Reopen => can(Kind::Reopen),
            Self::Archive => can(Kind::Archive),
            Self::Merge => can(Kind::Merge),
            Self::Withdraw => can(Kind::Withdraw),
            // Where the clock of the answer runs or stands still.
            Self::Reclassify => {
                matches!(state, NeedsInfo | Accepted | Assigned | InProgress | OnHold)
            }
        }
    }

    /// All actions, in the order of the life cycle.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn steps() -> Vec<(IssueState, Kind, IssueState)> {
        let mut found = Vec::new();
        for from in IssueState::iter() {
            for kind in Kind::iter() {
                for resume in [None, Some(Submitted), Some(Assigned), Some(InProgress)] {
                    if let Some(to) = next(Some(from), kind, resume) {
                        found.push((from, kind, to));
                    }
                }
            }
        }
        found
    }

    #[test]
    fn nothing_leads_out_of_a_terminal_state() {
        for (from, kind, to) in steps() {
            assert!(!TERMINAL.contains(&from), "{from:?} -{kind:?}-> {to:?}");
        }
    }

    #[test]
    fn every_state_is_reached_from_the_first_and_every_open_one_leads_on() {
        let mut reached = BTreeSet::new();
        let mut queue = vec![next(None, Kind::Create, None).unwrap_or(Merged)];
        while let Some(state) = queue.pop() {
            if reached.insert(format!("{state:?}")) {
                queue.extend(steps().into_iter().filter(|s| s.0 == state).map(|s| s.2));
            }
        }
        assert_eq!(reached.len(), 14, "reached: {reached:?}");
        for open in OPEN {
            assert!(
                steps().iter().any(|s| s.0 == open),
                "{open:?} is a dead end"
            );
        }
    }

    #[test]
    fn a_pause_leads_back_to_where_it_began_and_nowhere_else() {
        for resume in IssueState::iter() {
            let to = next(Some(NeedsInfo), Kind::SupplyInfo, Some(resume));
            let pausable = matches!(resume, Submitted | Assigned | InProgress);
            assert_eq!(to, pausable.then_some(resume));
        }
        assert_eq!(next(Some(NeedsInfo), Kind::SupplyInfo, None), None);
    }

    #[test]
    fn only_the_first_step_starts_from_nothing() {
        for kind in Kind::iter() {
            let first = next(None, kind, Some(Submitted));
            assert_eq!(first.is_some(), kind == Kind::Create, "{kind:?}");
        }
    }

    #[test]
    fn a_steps_right_to_exist_is_exactly_the_table() {
        let expected = |from, kind| {
            use Kind::*;
            match kind {
                Create => false,
                Submit => from == Draft,
                Accept | Reject => from == Submitted,
                RequestInfo => matches!(from, Submitted | Assigned | InProgress),
                SupplyInfo => from == NeedsInfo,
                Assign => from == Accepted,
                ReturnAssignment | StartHandling => from == Assigned,
                Hold | MoveToLongTerm => from == InProgress,
                Resume => from == OnHold,
                Respond => matches!(from, InProgress | LongTerm),
                CloseRated | CloseUnrated | CloseDissatisfied | Rework => from == Responded,
                Reopen | Archive => from == Closed,
                Withdraw => from == Draft || OPEN.contains(&from),
                Merge => OPEN.contains(&from),
            }
        };
        for from in IssueState::iter() {
            for kind in Kind::iter() {
                let is = next(Some(from), kind, Some(Submitted)).is_some();
                assert_eq!(is, expected(from, kind), "{from:?} {kind:?}");
            }
        }
    }
}
