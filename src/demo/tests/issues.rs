//! The issues, their lives and their ratings.

use entity::enterprise_issue::{
    self, IssueChannel, IssueLight, IssueNature, IssueOutcome, IssueState, IssueVisibility,
};
use entity::issue_callback::CallbackReason;
use entity::issue_extension::ExtensionStatus;
use entity::issue_progress::{ProgressKind, ProgressPurpose};
use entity::issue_transition::TransitionKind as Kind;

use super::*;
use crate::domain::issue::lifecycle;

fn issues() -> &'static [enterprise_issue::Model] {
    &demo().rows.issues
}

fn with(state: IssueState) -> Vec<&'static enterprise_issue::Model> {
    issues().iter().filter(|row| row.state == state).collect()
}

fn steps(issue: Uuid) -> Vec<&'static entity::issue_transition::Model> {
    let all = demo().rows.transitions.iter();
    let mut own: Vec<_> = all.filter(|row| row.issue_id == issue).collect();
    own.sort_by_key(|row| row.seq);
    own
}

fn is_open(row: &enterprise_issue::Model) -> bool {
    lifecycle::OPEN.contains(&row.state)
}

fn is_done(row: &enterprise_issue::Model) -> bool {
    matches!(row.state, IssueState::Closed | IssueState::Archived)
}

#[test]
fn there_are_168_issues_by_state() {
    assert_eq!(issues().len(), 168);
    let expected = [
        (IssueState::Archived, 118),
        (IssueState::Closed, 19),
        (IssueState::Withdrawn, 4),
        (IssueState::Rejected, 3),
        (IssueState::Merged, 3),
        (IssueState::Submitted, 2),
        (IssueState::NeedsInfo, 3),
        (IssueState::Assigned, 3),
        (IssueState::InProgress, 6),
        (IssueState::OnHold, 2),
        (IssueState::LongTerm, 2),
        (IssueState::Responded, 3),
    ];
    for (state, count) in expected {
        assert_eq!(with(state).len(), count, "{state:?}");
    }
}

#[test]
fn issues_132_are_solved() {
    let solved: Vec<_> = issues()
        .iter()
        .filter(|row| is_done(row))
        .filter(|row| row.outcome == Some(IssueOutcome::Solved))
        .collect();
    assert_eq!(solved.len(), 132);
    assert_eq!(
        solved
            .iter()
            .filter(|row| row.state == IssueState::Archived)
            .count(),
        118
    );
    let others = with(IssueState::Closed)
        .into_iter()
        .filter(|row| row.outcome != Some(IssueOutcome::Solved));
    let outcomes: Vec<_> = others.map(|row| row.outcome.unwrap()).collect();
    assert_eq!(outcomes.len(), 5);
    assert!(
        outcomes
            .iter()
            .all(|o| matches!(o, IssueOutcome::Explained | IssueOutcome::NotFeasible))
    );
}

#[test]
fn the_lights_of_the_open_ones() {
    let open: Vec<_> = issues().iter().filter(|row| is_open(row)).collect();
    assert_eq!(open.len(), 21);
    let lit = |wanted: Option<IssueLight>| {
        open.iter()
            .filter(|row| light(row, demo().as_of) == wanted)
            .collect::<Vec<_>>()
    };
    assert_eq!(lit(Some(IssueLight::Green)).len(), 7);
    assert_eq!(lit(Some(IssueLight::Yellow)).len(), 3);
    assert_eq!(lit(Some(IssueLight::Grey)).len(), 5);
    assert_eq!(lit(None).len(), 3);
    assert!(
        lit(None)
            .iter()
            .all(|row| row.state == IssueState::Responded)
    );
    let paused = [IssueState::NeedsInfo, IssueState::OnHold];
    assert!(
        lit(Some(IssueLight::Grey))
            .iter()
            .all(|row| paused.contains(&row.state))
    );
    let mut levels: Vec<_> = lit(Some(IssueLight::Red))
        .iter()
        .map(|row| row.escalation_level)
        .collect();
    levels.sort_unstable();
    assert_eq!(levels, [2, 3, 4]);
    assert!(
        with(IssueState::LongTerm)
            .iter()
            .all(|row| light(row, demo().as_of) == Some(IssueLight::Green))
    );
    assert!(
        issues()
            .iter()
            .filter(|row| !is_open(row))
            .all(|row| light(row, demo().as_of).is_none())
    );
}

/// The light of an issue, by the instants that it keeps.
fn light(row: &entity::enterprise_issue::Model, now: DateTime<Utc>) -> Option<IssueLight> {
    if lifecycle::PAUSED.contains(&row.state) {
        return Some(IssueLight::Grey);
    }
    let (warn, due) = row.warn_at.zip(row.due_at)?;
    Some(match (now > due, now >= warn) {
        (true, _) => IssueLight::Red,
        (false, true) => IssueLight::Yellow,
        (false, false) => IssueLight::Green,
    })
}

#[test]
fn replaying_the_steps_gives_the_stored_state() {
    let mut count = 0;
    for issue in issues() {
        let mut state = None;
        let mut resume = None;
        let mut last = None;
        for (seq, step) in (1..).zip(steps(issue.id)) {
            count += 1;
            assert_eq!(
                (step.seq, step.from_state),
                (seq, state),
                "{}",
                issue.number
            );
            let to = lifecycle::next(state, step.kind, resume).unwrap();
            assert_eq!(to, step.to_state);
            resume = match step.kind {
                Kind::RequestInfo => state,
                Kind::SupplyInfo => None,
                _ => resume,
            };
            state = Some(to);
            assert!(
                last.is_none_or(|at| at < step.created_at),
                "{}",
                issue.number
            );
            last = Some(step.created_at);
        }
        assert_eq!(state, Some(issue.state), "{}", issue.number);
        assert_eq!(resume, issue.resume_state, "{}", issue.number);
        let times = |kind| {
            i32::try_from(
                steps(issue.id)
                    .iter()
                    .filter(|row| row.kind == kind)
                    .count(),
            )
            .unwrap()
        };
        assert_eq!(times(Kind::Reopen), issue.reopen_count);
        assert_eq!(times(Kind::Rework), issue.rework_count);
        assert_eq!(times(Kind::ReturnAssignment), issue.return_count);
    }
    assert_eq!(count, demo().rows.transitions.len());
    assert!((1100..1400).contains(&count), "{count} steps");
}

#[test]
fn moments_are_in_order_and_before_the_asked_day() {
    for loaded in [demo(), later()] {
        for row in &loaded.rows.issues {
            let times = [
                row.submitted_at,
                row.accepted_at,
                row.assigned_at,
                row.handling_started_at,
                row.responded_at,
                row.closed_at,
            ];
            let times: Vec<_> = times.into_iter().flatten().collect();
            assert!(
                times.windows(2).all(|pair| pair[0] < pair[1]),
                "{}",
                row.number
            );
            assert!(row.created_at < row.submitted_at.unwrap());
            assert!(row.updated_at < loaded.as_of, "{}", row.number);
        }
        let before = |at: &DateTime<Utc>| *at < loaded.as_of;
        let rows = &loaded.rows;
        assert!(rows.transitions.iter().all(|row| before(&row.created_at)));
        assert!(rows.progress.iter().all(|row| before(&row.created_at)));
        assert!(rows.ratings.iter().all(|row| before(&row.created_at)));
        assert!(rows.visits.iter().all(|row| before(&row.updated_at)));
        assert!(rows.interactions.iter().all(|row| before(&row.updated_at)));
    }
    let first = issues().iter().map(|row| row.created_at).min().unwrap();
    assert!(first > "2019-10-22T16:00:00Z".parse::<DateTime<Utc>>().unwrap());
    let early = "2019-12-25T16:00:00Z".parse::<DateTime<Utc>>().unwrap();
    assert!(issues().iter().filter(|row| row.created_at < early).count() > 50);
}

#[test]
fn the_four_lights_hold_for_another_day_too() {
    let lights = |loaded: &Loaded| -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for row in loaded.rows.issues.iter().filter(|row| is_open(row)) {
            *found
                .entry(format!("{:?} {:?}", row.state, light(row, loaded.as_of)))
                .or_default() += 1;
        }
        found
    };
    assert_eq!(lights(demo()), lights(later()));
}

#[test]
fn numbers_follow_the_year_of_submission() {
    for loaded in [demo(), later()] {
        let mut sorted: Vec<_> = loaded.rows.issues.iter().collect();
        sorted.sort_by_key(|row| row.number.clone());
        let mut last = BTreeMap::new();
        for row in sorted {
            let year = Calendar::year(row.submitted_at.unwrap());
            let next = last.entry(year).or_insert(0);
            *next += 1;
            assert_eq!(row.number, format!("LW-{year}-{next:06}"));
        }
        let counters = loaded
            .rows
            .counters
            .iter()
            .map(|row| (row.year, row.last_number));
        assert_eq!(last, counters.collect());
    }
}

#[test]
fn ratings_make_117_satisfied_of_121() {
    let mut rounds = BTreeMap::<Uuid, Vec<_>>::new();
    for row in &demo().rows.ratings {
        rounds
            .entry(row.issue_id)
            .or_default()
            .push((row.round, row.stars));
        assert_eq!(row.is_resolved, row.stars >= 3);
        assert!(row.rated_by_id.is_some(), "only an enterprise rates");
    }
    let mut by_stars = BTreeMap::new();
    for own in rounds.values_mut() {
        own.sort_unstable();
        assert!(
            (1..)
                .zip(own.iter())
                .all(|(round, rating)| rating.0 == round)
        );
        *by_stars.entry(own.last().unwrap().1).or_insert(0) += 1;
    }
    assert_eq!(
        by_stars,
        BTreeMap::from([(5, 78), (4, 31), (3, 8), (2, 3), (1, 1)])
    );
    assert_eq!(rounds.len(), 121);
    let done: BTreeSet<_> = issues()
        .iter()
        .filter(|row| is_done(row))
        .map(|row| row.id)
        .collect();
    assert_eq!(done.len(), 137);
    assert!(rounds.keys().all(|id| done.contains(id)));
    let unrated = issues()
        .iter()
        .filter(|row| is_done(row))
        .filter(|row| !rounds.contains_key(&row.id));
    assert_eq!(unrated.clone().count(), 16);
    assert!(unrated.clone().all(|row| row.is_closed_unrated));
    assert_eq!(
        issues().iter().filter(|row| row.is_closed_unrated).count(),
        16
    );
    for row in unrated {
        assert!(
            steps(row.id)
                .iter()
                .any(|step| step.kind == Kind::CloseUnrated)
        );
    }
}

#[test]
fn a_low_last_rating_means_two_reworks_and_a_joint_meeting() {
    let of_kind = demo()
        .rows
        .transitions
        .iter()
        .filter(|row| row.kind == Kind::CloseDissatisfied);
    let ids: Vec<_> = of_kind.map(|row| row.issue_id).collect();
    assert_eq!(ids.len(), 4);
    let mut meetings = BTreeMap::new();
    for id in ids {
        let issue = issues().iter().find(|row| row.id == id).unwrap();
        assert_eq!((issue.rework_count, issue.escalation_level), (2, 4));
        *meetings.entry(issue.closed_at).or_insert(0) += 1;
        let own: Vec<_> = demo()
            .rows
            .ratings
            .iter()
            .filter(|row| row.issue_id == id)
            .collect();
        assert_eq!(own.len(), 3);
        assert!(own.iter().all(|row| row.stars < 3));
    }
    assert_eq!(meetings.values().collect::<Vec<_>>(), [&2, &2]);
}

#[test]
fn six_reopened_eleven_extended_nine_under_supervision() {
    assert_eq!(
        issues().iter().filter(|row| row.reopen_count == 1).count(),
        6
    );
    assert!(issues().iter().all(|row| row.reopen_count <= 1));
    assert_eq!(
        issues().iter().map(|row| row.extension_count).sum::<i32>(),
        11
    );
    assert_eq!(
        issues()
            .iter()
            .filter(|row| row.escalation_level >= 2)
            .count(),
        9
    );
}

#[test]
fn eleven_extensions_were_granted_by_somebody_else_and_told() {
    let rows = &demo().rows;
    assert_eq!(rows.extensions.len(), 11);
    for row in &rows.extensions {
        let issue = issues()
            .iter()
            .find(|issue| issue.id == row.issue_id)
            .unwrap();
        assert_eq!(
            (row.status, issue.extension_count),
            (ExtensionStatus::Approved, 1)
        );
        assert_ne!(row.requested_by_id, row.decided_by_id);
        assert!(
            row.due_before.unwrap() > row.created_at,
            "before it was due"
        );
        assert!(row.new_due_on > row.due_before.unwrap().date_naive());
        let told = rows.progress.iter().filter(|entry| {
            entry.issue_id == issue.id && entry.purpose == Some(ProgressPurpose::Extension)
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 1);
        assert_eq!(Some(told[0].created_at), row.decided_at);
        assert!(!told[0].is_internal);
    }
}

#[test]
fn five_enterprises_have_one_problem_in_common() {
    let rows = &demo().rows;
    assert_eq!(rows.clusters.len(), 1);
    let of_it: Vec<_> = issues()
        .iter()
        .filter(|issue| issue.cluster_id == Some(rows.clusters[0].id))
        .collect();
    assert_eq!(of_it.len(), 5);
    let enterprises: BTreeSet<_> = of_it.iter().map(|issue| issue.enterprise_id).collect();
    assert_eq!(enterprises.len(), 5);
    let titles: BTreeSet<_> = of_it.iter().map(|issue| &issue.title).collect();
    assert_eq!(titles.len(), 1);
    assert!(
        of_it
            .iter()
            .all(|issue| issue.state == IssueState::InProgress)
    );
}

#[test]
fn the_dissatisfied_and_half_of_the_withdrawn_were_called_back() {
    let rows = &demo().rows;
    let count = |reason| {
        rows.callbacks
            .iter()
            .filter(|row| row.reason == reason)
            .count()
    };
    assert_eq!(count(CallbackReason::Withdrawn), 2);
    let reworks = rows
        .transitions
        .iter()
        .filter(|row| row.kind == Kind::Rework);
    assert_eq!(count(CallbackReason::Dissatisfied), reworks.count());
    for row in &rows.callbacks {
        let issue = issues()
            .iter()
            .find(|issue| issue.id == row.issue_id)
            .unwrap();
        assert!(row.result.is_some() && row.called_at.unwrap() > row.created_at);
        assert_ne!(row.called_by_id, issue.first_handler_id);
    }
}

#[test]
fn merged_issues_point_at_one_of_the_same_enterprise_that_was_open_then() {
    for row in with(IssueState::Merged) {
        let target = issues()
            .iter()
            .find(|other| Some(other.id) == row.merged_into_id)
            .unwrap();
        assert_eq!(
            (target.enterprise_id, &target.title),
            (row.enterprise_id, &row.title)
        );
        assert!(target.created_at < row.created_at);
        assert!(row.updated_at < target.responded_at.unwrap());
        assert!(steps(row.id).len() >= 3);
    }
}

#[test]
fn entries_go_with_the_steps() {
    for issue in issues() {
        let steps = steps(issue.id);
        let own: Vec<_> = demo()
            .rows
            .progress
            .iter()
            .filter(|row| row.issue_id == issue.id)
            .collect();
        for (entry, step) in [
            (ProgressKind::FirstContact, Kind::StartHandling),
            (ProgressKind::InfoRequest, Kind::RequestInfo),
            (ProgressKind::InfoSupplied, Kind::SupplyInfo),
            (ProgressKind::Response, Kind::Respond),
        ] {
            let entries: BTreeSet<_> = own
                .iter()
                .filter(|row| row.kind == entry)
                .map(|row| row.created_at)
                .collect();
            let of_steps: BTreeSet<_> = steps
                .iter()
                .filter(|row| row.kind == step)
                .map(|row| row.created_at)
                .collect();
            assert_eq!(entries, of_steps, "{} {entry:?}", issue.number);
        }
        let last = own
            .iter()
            .filter(|row| row.kind == ProgressKind::Response)
            .max_by_key(|row| row.seq);
        assert_eq!(
            last.and_then(|row| row.outcome),
            issue.outcome,
            "{}",
            issue.number
        );
    }
}

#[test]
fn no_named_enterprise_has_an_issue_and_every_issue_has_its_officer() {
    let named = demo().named();
    let users: BTreeMap<_, _> = demo().rows.users.iter().map(|row| (row.id, row)).collect();
    for issue in issues() {
        assert!(!named.contains(&issue.enterprise_id));
        let own = demo()
            .rows
            .assignments
            .iter()
            .find(|row| row.enterprise_id == issue.enterprise_id && row.to_on.is_none());
        assert_eq!(issue.officer_id, own.map(|row| row.officer_id));
        assert_eq!(
            issue.first_handler_id.is_some(),
            issue.accepted_at.is_some()
        );
        if let Some(handler) = issue.first_handler_id {
            let user = users[&handler];
            let is_officer = user.officer_id.is_some() && user.officer_id == issue.officer_id;
            assert!(is_officer || user.subject.starts_with("demo-operator-"));
        }
        let is_hidden = issue.is_confidential
            || matches!(issue.nature, IssueNature::Complaint | IssueNature::Report);
        assert!(!is_hidden || issue.visibility == IssueVisibility::Official);
        if issue.channel == IssueChannel::Visit {
            let visit = demo()
                .rows
                .visits
                .iter()
                .find(|row| Some(row.id) == issue.visit_id)
                .unwrap();
            assert_eq!(visit.enterprise_id, issue.enterprise_id);
        }
    }
}

#[test]
fn there_is_something_of_everything() {
    let count = |test: &dyn Fn(&enterprise_issue::Model) -> bool| {
        issues().iter().filter(|row| test(row)).count()
    };
    for visibility in [IssueVisibility::Official, IssueVisibility::Alliance] {
        assert!(
            count(&|row| row.visibility == visibility) >= 5,
            "{visibility:?}"
        );
    }
    assert!(count(&|row| row.visibility == IssueVisibility::Pairing) > 100);
    let categories: BTreeSet<_> = issues().iter().map(|row| row.category_id).collect();
    assert_eq!(categories.len(), 13);
    let natures: BTreeSet<_> = issues()
        .iter()
        .map(|row| format!("{:?}", row.nature))
        .collect();
    assert_eq!(natures.len(), 5);
    let channels: BTreeSet<_> = issues()
        .iter()
        .map(|row| format!("{:?}", row.channel))
        .collect();
    assert_eq!(channels.len(), 6);
    assert!(demo().rows.co_departments.len() >= 20);
    assert!(count(&|row| row.follow_up_of_id.is_some()) == 1);
    let kinds: BTreeSet<_> = demo()
        .rows
        .transitions
        .iter()
        .map(|row| format!("{:?}", row.kind))
        .collect();
    assert_eq!(kinds.len(), 21, "every kind of step happens");
}

#[test]
fn the_cast_has_issues_to_work_on() {
    let (rows, cast) = (&demo().rows, &demo().cast);
    let of_member: Vec<_> = issues()
        .iter()
        .filter(|row| Some(row.enterprise_id) == cast.member.enterprise_id)
        .collect();
    for state in [
        IssueState::Submitted,
        IssueState::NeedsInfo,
        IssueState::Assigned,
        IssueState::InProgress,
        IssueState::Responded,
        IssueState::Closed,
        IssueState::Archived,
    ] {
        let own = of_member.iter().filter(|row| row.state == state);
        assert!(own.clone().count() > 0, "{state:?}");
        assert!(
            own.clone()
                .all(|row| row.officer_id == cast.officer.officer_id)
        );
    }
    let closed = of_member
        .iter()
        .find(|row| row.state == IssueState::Closed)
        .unwrap();
    assert!((demo().as_of - closed.closed_at.unwrap()).num_days() <= 2);
    let visible = of_member
        .iter()
        .filter(|row| row.visibility == IssueVisibility::Pairing && is_open(row));
    assert!(visible.count() >= 3);
    let members = rows
        .pairing_members
        .iter()
        .filter(|row| Some(row.lead_id) == cast.lead.enterprise_id);
    for member in members {
        let mut own = issues()
            .iter()
            .filter(|row| row.enterprise_id == member.enterprise_id);
        assert!(own.any(|row| row.visibility == IssueVisibility::Pairing));
    }
    assert!(
        issues()
            .iter()
            .any(|row| Some(row.enterprise_id) == cast.outsider.enterprise_id)
    );
    assert!(
        issues()
            .iter()
            .any(|row| Some(row.enterprise_id) == cast.lead.enterprise_id)
    );
}

#[test]
fn two_issues_are_open_for_help_and_one_was_solved_with_it() {
    use entity::membership::MembershipStatus;
    use entity::peer_help_offer::PeerHelpOfferStatus as Status;
    let rows = &demo().rows;
    let open: Vec<_> = issues().iter().filter(|row| row.is_open_for_help).collect();
    assert_eq!(open.len(), 2);
    assert!(
        open.iter()
            .all(|row| is_open(row) && row.help_wanted.is_some())
    );
    let mut statuses: Vec<_> = rows.help_offers.iter().map(|row| row.status).collect();
    statuses.sort_by_key(|status| format!("{status:?}"));
    let expected = [
        Status::Accepted,
        Status::Offered,
        Status::Offered,
        Status::Thanked,
    ];
    assert_eq!(statuses, expected);
    for offer in &rows.help_offers {
        let issue = issues()
            .iter()
            .find(|row| row.id == offer.issue_id)
            .unwrap();
        assert_eq!(issue.visibility, IssueVisibility::Alliance);
        assert_ne!(issue.enterprise_id, offer.offerer_id);
        assert!(issue.help_opened_at.unwrap() < offer.created_at);
        assert!(offer.created_at < issue.help_due_at.unwrap());
        assert!(offer.updated_at <= demo().as_of && offer.updated_at <= issue.updated_at);
        let is_solved = offer.status == Status::Thanked;
        assert_eq!(is_done(issue), is_solved);
        let members = rows.memberships.iter();
        let mut members = members.filter(|row| row.status == MembershipStatus::Active);
        assert!(members.any(|row| row.enterprise_id == offer.offerer_id));
    }
}
