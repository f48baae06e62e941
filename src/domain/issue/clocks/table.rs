//! What every step does to every clock: the one table beside that of `lifecycle`. A step that some
//! mutation takes has its clocks by its kind alone.

use entity::issue_clock::ClockKind;
use entity::issue_transition::TransitionKind as Step;

/// What a step does to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// It starts anew, unless it runs or is paused.
    Start,
    /// It starts where the step was drawn for a sample.
    Sample,
    /// It ends: what it waits for was done.
    Stop,
    /// It ends without: what it waits for is not asked for any more.
    Drop,
    /// It stands still.
    Pause,
    /// It goes on.
    Resume,
}

use Effect::{Drop, None, Pause, Resume, Sample, Start, Stop};

/// The eight clocks, in the order of the table's columns.
pub const CLOCKS: [ClockKind; 8] = [
    ClockKind::Accept,
    ClockKind::Assign,
    ClockKind::Contact,
    ClockKind::Resolve,
    ClockKind::Rework,
    ClockKind::Rating,
    ClockKind::Callback,
    ClockKind::NextReply,
];

/// What a step does to each of the eight clocks.
#[must_use]
#[rustfmt::skip]
#[allow(clippy::match_same_arms, reason = "a row for each step, as the table is read")]
pub const fn effects(step: Step) -> [Effect; 8] {
    match step {
        //                        accept  assign  contact resolve rework  rating  callback next reply
        Step::Create           => [None,   None,   None,   None,   None,   None,   None,    None],
        Step::Submit           => [Start,  None,   None,   None,   None,   None,   None,    None],
        Step::Accept           => [Stop,   Start,  None,   Start,  None,   None,   None,    None],
        Step::Reject           => [Stop,   None,   None,   None,   None,   None,   None,    None],
        Step::RequestInfo      => [Pause,  None,   Pause,  Pause,  Pause,  None,   None,    None],
        Step::SupplyInfo       => [Resume, None,   Resume, Resume, Resume, None,   None,    None],
        Step::Assign           => [None,   Stop,   Start,  None,   None,   None,   None,    None],
        // Whoever gets it next is asked for a first contact anew; the answer is due when it was.
        Step::ReturnAssignment => [None,   Start,  Drop,   None,   None,   None,   None,    None],
        Step::StartHandling    => [None,   None,   Stop,   None,   None,   None,   None,    None],
        Step::Hold             => [None,   None,   None,   Pause,  Pause,  None,   None,    None],
        Step::Resume           => [None,   None,   None,   Resume, Resume, None,   None,    None],
        Step::MoveToLongTerm   => [None,   None,   None,   Drop,   Drop,   None,   None,    Start],
        Step::Respond          => [None,   None,   None,   Stop,   Stop,   Start,  None,    Stop],
        Step::CloseRated       => [None,   None,   None,   None,   None,   Stop,   Sample,  None],
        Step::CloseUnrated     => [None,   None,   None,   None,   None,   Drop,   Sample,  None],
        Step::Rework           => [None,   None,   None,   None,   Start,  Stop,   Start,   None],
        Step::CloseDissatisfied => [None,  None,   None,   None,   None,   Drop,   Sample,  None],
        Step::Reopen           => [None,   None,   None,   None,   Start,  None,   None,    None],
        Step::Archive          => [None,   None,   None,   None,   None,   None,   Drop,    None],
        Step::Withdraw         => [Drop,   Drop,   Drop,   Drop,   Drop,   Drop,   Sample,  Drop],
        Step::Merge            => [Drop,   Drop,   Drop,   Drop,   Drop,   Drop,   Drop,    Drop],
    }
}

/// What a step does to a clock.
#[must_use]
pub fn effect(step: Step, clock: ClockKind) -> Effect {
    let column = CLOCKS.iter().position(|known| *known == clock);
    let effect = column.and_then(|column| effects(step).get(column).copied());
    effect.unwrap_or(None)
}

/// Whether a clock lights an issue: those of the handling do; the rating is the enterprise's, and
/// a call back comes after the end.
#[must_use]
pub const fn is_lit(clock: ClockKind) -> bool {
    !matches!(clock, ClockKind::Rating | ClockKind::Callback)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::issue::lifecycle::{self, PAUSED, TERMINAL};
    use entity::enterprise_issue::IssueState;
    use sea_orm::Iterable;

    /// The clocks that run, and those that are paused, after all ways of at most so many steps.
    type Open = (Vec<ClockKind>, Vec<ClockKind>);

    fn ways() -> Vec<(IssueState, Open)> {
        let mut seen = Vec::new();
        let first = (
            IssueState::Draft,
            Option::<IssueState>::None,
            (Vec::new(), Vec::new()),
        );
        let mut queue = vec![first];
        while let Some((state, resume, open)) = queue.pop() {
            for step in Step::iter() {
                let Some(to) = lifecycle::next(Some(state), step, resume) else {
                    continue;
                };
                let resume = match step {
                    Step::RequestInfo => Some(state),
                    Step::SupplyInfo => Option::None,
                    _ => resume,
                };
                let (mut running, mut paused): Open = open.clone();
                for clock in CLOCKS {
                    let is_open = running.contains(&clock) || paused.contains(&clock);
                    match effect(step, clock) {
                        Start | Sample if !is_open => running.push(clock),
                        Stop | Drop => {
                            running.retain(|other| *other != clock);
                            paused.retain(|other| *other != clock);
                        }
                        Pause if running.contains(&clock) => {
                            running.retain(|other| *other != clock);
                            paused.push(clock);
                        }
                        Resume if paused.contains(&clock) => {
                            paused.retain(|other| *other != clock);
                            running.push(clock);
                        }
                        _ => {}
                    }
                }
                running.sort_unstable();
                paused.sort_unstable();
                let way = (to, resume, (running, paused));
                if !seen.contains(&way) {
                    seen.push(way.clone());
                    queue.push(way);
                }
            }
        }
        seen.into_iter()
            .map(|(state, _, open)| (state, open))
            .collect()
    }

    #[test]
    fn every_way_through_the_states_leaves_the_clocks_that_they_have() {
        use ClockKind::{Accept, Assign, Callback, Contact, NextReply, Rating, Resolve, Rework};
        use IssueState::*;
        let ways = ways();
        assert_eq!(ways.len(), 26);
        for (state, (running, paused)) in ways {
            let told = format!("{state:?}: {running:?} run, {paused:?} are paused");
            let runs = |clock| running.contains(&clock);
            let lit: Vec<_> = running.iter().filter(|clock| is_lit(**clock)).collect();
            if TERMINAL.contains(&state) && state != Withdrawn {
                assert!(running.is_empty() && paused.is_empty(), "{told}");
            }
            assert_eq!(runs(Accept), state == Submitted, "{told}");
            assert_eq!(runs(Assign), state == Accepted, "{told}");
            assert_eq!(runs(Contact), state == Assigned, "{told}");
            assert_eq!(runs(NextReply), state == LongTerm, "{told}");
            assert_eq!(runs(Rating), state == Responded, "{told}");
            let works = matches!(state, Accepted | Assigned | InProgress);
            assert_eq!(runs(Resolve) || runs(Rework), works, "{told}");
            assert_eq!(!paused.is_empty(), PAUSED.contains(&state), "{told}");
            if PAUSED.contains(&state) {
                assert!(lit.is_empty(), "{told}");
            }
            let can_call_back = !matches!(
                state,
                Draft | Submitted | Accepted | Assigned | Rejected | Merged | Archived
            );
            assert!(!runs(Callback) || can_call_back, "{told}");
        }
    }
}
