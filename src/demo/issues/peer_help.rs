//! Help from peers (难题共解): an issue of the cast's member and one that is shown to the alliance are
//! open for help, and one was solved with the help of another enterprise, which was thanked. All of
//! it is made up, and so is every enterprise that has a part in it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enterprise_issue::{IssueOutcome, IssueState, IssueVisibility, Model};
use entity::membership::MembershipStatus;
use entity::peer_help_offer::{self, PeerHelpOfferStatus as Status};
use sea_orm::prelude::Uuid;
use serde_json::json;

use crate::demo::BuildError;
use crate::demo::rows::{Build, Table};
use crate::demo::taxonomy::District;
use crate::demo::texts::MARK;
use crate::demo::users::Accounts;
use crate::domain::issue::lifecycle::OPEN;
use crate::domain::pairing::{MutualAidType, to_bits};

/// Working days within which an offer is in time.
const IN_TIME: i64 = 3;

/// Opens issues for help and has others offer it.
pub(super) fn build(
    build: &mut Build,
    district: &District,
    accounts: &Accounts,
) -> Result<(), BuildError> {
    let helpers = helpers(build);
    let is_shown = |issue: &Model| {
        issue.visibility == IssueVisibility::Alliance && helpers.contains(&issue.enterprise_id)
    };
    let places = |wanted: &dyn Fn(&Model) -> bool| -> Vec<usize> {
        let issues = build.rows.issues.iter().enumerate();
        let found = issues.filter(|(_, issue)| wanted(issue));
        found.map(|(place, _)| place).collect()
    };
    let open = places(&|issue| is_shown(issue) && OPEN.contains(&issue.state));
    let of_member = places(&|issue| {
        Some(issue.enterprise_id) == accounts.cast.member.enterprise_id
            && issue.state == IssueState::InProgress
            && issue.visibility == IssueVisibility::Pairing
    });
    let solved = places(&|issue| {
        is_shown(issue)
            && issue.state == IssueState::Closed
            && issue.outcome == Some(IssueOutcome::Solved)
    });
    let called = [of_member.last(), open.last()].into_iter().flatten();
    for (nth, place) in called.copied().enumerate() {
        let at = build.calendar.instant(build.calendar.at(-1, 480))?;
        call(build, district, place, at)?;
        let issue = build.rows.issues.get(place).cloned();
        let issue = issue.ok_or(BuildError::Missing("issue"))?;
        let mut others = helpers.iter().filter(|id| **id != issue.enterprise_id);
        let offers = [
            (MutualAidType::ResourceFlow, Status::Offered),
            (MutualAidType::DifficultyAid, Status::Accepted),
        ];
        for (aid, status) in offers.into_iter().take(2 - nth) {
            let helper = *others.next().ok_or(BuildError::Missing("helper"))?;
            offer(
                build,
                place,
                (helper, aid, status),
                at + TimeDelta::minutes(10),
            )?;
        }
        let issue = build.rows.issues.get_mut(place);
        let issue = issue.ok_or(BuildError::Missing("issue"))?;
        issue.is_open_for_help = true;
        issue.help_shown_before = Some(issue.visibility);
        issue.visibility = IssueVisibility::Alliance;
    }
    if let Some(place) = solved.last().copied() {
        let issue = build.rows.issues.get(place).cloned();
        let issue = issue.ok_or(BuildError::Missing("issue"))?;
        let began = issue.submitted_at.unwrap_or(issue.created_at);
        call(build, district, place, began + TimeDelta::minutes(5))?;
        let mut others = helpers.iter().filter(|id| **id != issue.enterprise_id);
        let helper = *others.next().ok_or(BuildError::Missing("helper"))?;
        let offered = (helper, MutualAidType::InfoLink, Status::Thanked);
        offer(build, place, offered, began + TimeDelta::minutes(10))?;
    }
    Ok(())
}

/// The made-up enterprises of the alliance, in the order of their ids.
fn helpers(build: &Build) -> BTreeSet<Uuid> {
    let made_up = build.rows.enterprises.iter().filter(|row| row.is_synthetic);
    let made_up: BTreeSet<Uuid> = made_up.map(|row| row.id).collect();
    let members = build.rows.memberships.iter();
    let members = members.filter(|row| row.status == MembershipStatus::Active);
    members
        .map(|row| row.enterprise_id)
        .filter(|id| made_up.contains(id))
        .collect()
}

/// Opens an issue for help.
fn call(
    build: &mut Build,
    district: &District,
    place: usize,
    at: DateTime<Utc>,
) -> Result<(), BuildError> {
    let due = district.rules.time.due(at, IN_TIME);
    let issue = build.rows.issues.get_mut(place);
    let issue = issue.ok_or(BuildError::Missing("issue"))?;
    issue.tags = json!(["仓储", "用工"]);
    issue.help_wanted = Some(format!("希望有经验的企业介绍做法，或共享资源。{MARK}"));
    issue.help_opened_at = Some(at);
    issue.help_due_at = Some(due.ok_or(BuildError::Calendar)?);
    changed(issue, at);
    Ok(())
}

/// An offer with what became of it.
fn offer(
    build: &mut Build,
    place: usize,
    (offerer_id, aid, status): (Uuid, MutualAidType, Status),
    created_at: DateTime<Utc>,
) -> Result<(), BuildError> {
    let id = build.id(Table::HelpOffer, created_at)?;
    let issue = build.rows.issues.get_mut(place);
    let issue = issue.ok_or(BuildError::Missing("issue"))?;
    let minutes = |count| created_at + TimeDelta::minutes(count);
    let decided_at = (status != Status::Offered).then(|| minutes(5));
    let thanked_at = (status == Status::Thanked).then(|| {
        let solved = issue.closed_at.unwrap_or(created_at);
        solved.max(minutes(10))
    });
    let version = 1 + i32::from(decided_at.is_some()) + i32::from(thanked_at.is_some());
    let updated_at = thanked_at.or(decided_at).unwrap_or(created_at);
    for at in [Some(created_at), decided_at, thanked_at]
        .into_iter()
        .flatten()
    {
        changed(issue, at);
    }
    build.rows.help_offers.push(peer_help_offer::Model {
        id,
        district_id: issue.district_id,
        issue_id: issue.id,
        offerer_id,
        aid: to_bits(&[aid]),
        body: format!("本企业处理过类似问题，可派人交流并共享资源。{MARK}"),
        status,
        decision_note: None,
        decided_at,
        thanks: thanked_at.map(|_| format!("感谢支持，问题已经解决。{MARK}")),
        thanked_at,
        version,
        created_at,
        updated_at,
    });
    Ok(())
}

/// Counts a change of an issue.
fn changed(issue: &mut Model, at: DateTime<Utc>) {
    issue.version += 1;
    issue.updated_at = issue.updated_at.max(at);
}
