//! The finished issues: 118 archived and 19 closed, of which 121 are rated, and the ten that were
//! withdrawn, not accepted or merged.

use entity::enterprise_issue::{IssueOutcome, IssueState};
use entity::issue_progress::{self, ProgressKind, ProgressPurpose};
use entity::issue_transition::{RejectReason, TransitionKind as Kind, WithdrawReason};
use sea_orm::prelude::Uuid;

use super::desk::{Desk, Turn};
use crate::demo::BuildError;
use crate::demo::calendar::DAY;
use crate::demo::enterprises::LEAD_COUNT;
use crate::demo::rows::{Build, Pick, Table, at};
use crate::demo::story::Story;
use crate::demo::texts::{self, Template};
use crate::demo::users::CAST_MEMBER;

/// Archived issues.
const ARCHIVED: usize = 118;
/// Issues of the first two months; "more than fifty" by other reports.
const EARLY: usize = 52;
/// Closed issues that were solved.
const CLOSED: usize = 14;
/// Ratings from five stars down to three, of archived and closed issues.
const STARS: [(i32, usize); 3] = [(5, 78), (4, 31), (3, 8)];
/// Archived issues that were opened again after closing.
const REOPENED: [usize; 5] = [7, 31, 55, 78, 101];
/// Archived issues that a low rating sent back once.
const REWORKED: [usize; 8] = [4, 19, 34, 49, 64, 80, 94, 109];
/// Archived issues on hold for a while.
const HELD: [usize; 4] = [14, 44, 74, 104];
/// Archived issues followed up over a long time.
const LONG_TERM: [usize; 3] = [16, 56, 95];
/// Archived issues that were answered late, under a supervision order.
const LATE: [usize; 2] = [23, 68];
/// Archived issues that another one was merged into.
const MERGED_INTO: [usize; 3] = [21, 60, 86];

/// What others need to know of an archived issue.
pub(super) struct Archived {
    pub(super) id: Uuid,
    pub(super) place: usize,
    template: &'static Template,
    part: &'static str,
    begun: i64,
}

/// The stars of all satisfied ratings, in an order that looks like chance.
pub(super) fn stars(pick: &mut Pick) -> Vec<i32> {
    let all = STARS.iter();
    let mut stars: Vec<i32> = all
        .flat_map(|(stars, count)| std::iter::repeat_n(*stars, *count))
        .collect();
    pick.shuffle(&mut stars);
    stars
}

/// What happens to the `n`th archived issue on its way.
fn turns(n: usize, is_unrated: bool) -> Vec<Turn> {
    let mut turns = Vec::new();
    let asked = [
        IssueState::Submitted,
        IssueState::Assigned,
        IssueState::InProgress,
    ];
    if let Some(state) = asked.get(n / 10 % 3).filter(|_| n % 10 == 2 && !is_unrated) {
        turns.push(Turn::Question(*state));
    }
    let others = [
        (n % 20 == 5, Turn::Return),
        (n % 13 == 8, Turn::Extend),
        (HELD.contains(&n), Turn::Hold),
        (LONG_TERM.contains(&n), Turn::LongTerm),
        (LATE.contains(&n), Turn::Late),
        (n % 29 == 3, Turn::Urgent),
    ];
    turns.extend(
        others
            .into_iter()
            .filter(|(takes, _)| *takes)
            .map(|(_, turn)| turn),
    );
    turns
}

/// The archived issues, all solved: 105 rated, 13 not.
pub(super) fn archived(desk: &mut Desk<'_>) -> Result<Vec<Archived>, BuildError> {
    let calendar = &desk.build.calendar;
    let launch = calendar.opening((2019, 10, 24))? / DAY;
    let early_end = calendar.opening((2019, 12, 25))? / DAY;
    let last = calendar.at(-52, 0) / DAY;
    let mut found = Vec::with_capacity(ARCHIVED);
    for n in 0..ARCHIVED {
        let day = if n < EARLY {
            between(launch, early_end, n, EARLY)
        } else {
            between(early_end, last, n - EARLY, ARCHIVED - EARLY)
        };
        let is_unrated = n % 9 == 0 && n > 0;
        let turns = turns(n, is_unrated);
        let place = desk.place(n, !is_unrated)?;
        let mut story = desk.story(place, &turns)?;
        let (template, part) = (story.template, story.place);
        if turns.contains(&Turn::Late) {
            story.level = 2;
        }
        if is_unrated {
            desk.handle(&mut story, &turns, IssueOutcome::Solved)?;
            close_unrated(desk, &mut story)?;
        } else {
            let last = desk.stars.pop().ok_or(BuildError::Missing("rating"))?;
            let course = (REWORKED.contains(&n), REOPENED.contains(&n));
            close_rated(desk, &mut story, &turns, course, last)?;
        }
        let begun = desk.day_of(&story, day) * DAY + desk.pick.range(0, 440);
        // Ten working days after closing.
        let wait = 10 * DAY + desk.pick.range(20, 200);
        story.step(Kind::Archive, wait)?;
        found.push(Archived {
            id: desk.write(story, begun)?,
            place,
            template,
            part,
            begun,
        });
    }
    Ok(found)
}

/// The `n`th of `count` days spread evenly.
fn between(from: i64, to: i64, n: usize, count: usize) -> i64 {
    let part = |n: usize| i64::try_from(n).unwrap_or(0);
    from + (to - from) * part(n) / part(count).max(1)
}

/// Handles an issue to a good rating, by way of a low one or of a reopening.
fn close_rated(
    desk: &mut Desk<'_>,
    story: &mut Story<'_>,
    turns: &[Turn],
    (is_reworked, is_reopened): (bool, bool),
    stars: i32,
) -> Result<(), BuildError> {
    let partly = is_reworked || is_reopened;
    let first = if partly {
        IssueOutcome::PartlySolved
    } else {
        IssueOutcome::Solved
    };
    desk.handle(story, turns, first)?;
    if is_reworked {
        send_back(desk, story, 2)?;
        desk.answer(story, 3 * DAY, IssueOutcome::Solved)?;
    }
    let praise = if desk.pick.range(0, 2) == 0 {
        Some(*desk.pick.of(&texts::PRAISE)?)
    } else {
        None
    };
    if is_reopened {
        story.step(Kind::CloseRated, desk.pick.range(60, 1200))?;
        story.rate(4, None);
        let why = "问题再次出现，请继续办理。";
        story.step_for(Kind::Reopen, desk.pick.range(DAY, 6 * DAY), why)?;
        desk.answer(story, 3 * DAY, IssueOutcome::Solved)?;
    }
    if partly {
        story.level = story.level.max(1);
    }
    story.step(Kind::CloseRated, desk.pick.range(60, 1800))?;
    story.rate(stars, praise);
    Ok(())
}

/// A low rating that sends the issue back.
fn send_back(desk: &mut Desk<'_>, story: &mut Story<'_>, stars: i32) -> Result<(), BuildError> {
    let blame = *desk.pick.of(&texts::BLAME)?;
    story.step(Kind::Rework, desk.pick.range(60, 900))?;
    story.rate(stars, Some(blame));
    story.call_back(120);
    Ok(())
}

/// Nobody rates it for five working days.
fn close_unrated(desk: &mut Desk<'_>, story: &mut Story<'_>) -> Result<(), BuildError> {
    let wait = 5 * DAY + desk.pick.range(20, 200);
    story.step(Kind::CloseUnrated, wait)
}

/// Three issues that say what another one of the same enterprise already says.
pub(super) fn merged(desk: &mut Desk<'_>, archived: &[Archived]) -> Result<(), BuildError> {
    for (n, target) in MERGED_INTO.into_iter().enumerate() {
        let target = at(archived, target, "archived issue")?;
        let mut story = desk.story_of(target.place, target.template, target.part)?;
        desk.come_in(&mut story)?;
        if n > 0 {
            story.step(Kind::Accept, 90)?;
        }
        story.step_for(Kind::Merge, 60, "与该企业在办的同一事项并案办理。")?;
        story.merged_into = Some(target.id);
        let merged = desk.write(story, target.begun + DAY)?;
        told_too(desk.build, merged, target.id)?;
    }
    Ok(())
}

/// Tells the replies to an issue in the timeline of the one that was merged into it, too.
fn told_too(build: &mut Build, merged: Uuid, into: Uuid) -> Result<(), BuildError> {
    let of = |id: Uuid| move |entry: &&issue_progress::Model| entry.issue_id == id;
    let own = build.rows.progress.iter().filter(of(merged)).count();
    let replies = build.rows.progress.iter().filter(of(into));
    let replies = replies.filter(|entry| entry.kind == ProgressKind::Response);
    for (seq, reply) in (own + 1..).zip(replies.cloned().collect::<Vec<_>>()) {
        let told_at = reply.created_at;
        let entry = issue_progress::Model {
            id: build.id(Table::Progress, told_at)?,
            issue_id: merged,
            seq: i32::try_from(seq).unwrap_or(i32::MAX),
            purpose: Some(ProgressPurpose::MergedReply),
            ..reply
        };
        build.rows.progress.push(entry);
        let mut issues = build.rows.issues.iter_mut();
        let issue = issues.find(|issue| issue.id == merged);
        let issue = issue.ok_or(BuildError::Missing("merged issue"))?;
        issue.version += 1;
        issue.updated_at = told_at;
    }
    Ok(())
}

/// The closed issues that can still be reopened, but for the dissatisfied: 12 rated and 2 not that
/// were solved, and one that could only be explained.
pub(super) fn closed(desk: &mut Desk<'_>) -> Result<(), BuildError> {
    for n in 0..=CLOSED {
        let is_explained = n == CLOSED;
        let is_unrated = is_explained || n % 6 == 5;
        let place = if n == 0 {
            LEAD_COUNT + CAST_MEMBER
        } else {
            desk.place(n + 3, !is_unrated)?
        };
        let mut story = desk.story(place, &[])?;
        if is_unrated {
            let explained = is_explained.then_some(IssueOutcome::Explained);
            desk.handle(&mut story, &[], explained.unwrap_or(IssueOutcome::Solved))?;
            close_unrated(desk, &mut story)?;
        } else {
            let last = desk.stars.pop().ok_or(BuildError::Missing("rating"))?;
            close_rated(desk, &mut story, &[], (false, n == 4), last)?;
        }
        let day = 1 + i64::try_from(n % 9).unwrap_or(0);
        let closed = desk.build.calendar.at(-day, desk.pick.range(60, 480));
        let base = closed - story.t;
        desk.write(story, base)?;
    }
    Ok(())
}

/// Four that stayed dissatisfied after two reworks; two joint meetings conclude two each. The low
/// ratings stand.
pub(super) fn dissatisfied(desk: &mut Desk<'_>) -> Result<(), BuildError> {
    let courses = [
        (IssueOutcome::Explained, [1, 2, 2], -8),
        (IssueOutcome::NotFeasible, [2, 2, 1], -8),
        (IssueOutcome::Explained, [2, 1, 2], -3),
        (IssueOutcome::NotFeasible, [2, 2, 2], -3),
    ];
    for (n, (outcome, [first, second, third], day)) in courses.into_iter().enumerate() {
        let place = desk.place(n + 20, true)?;
        // What can turn out not to be feasible is a request for help.
        let mut story = desk.story(place, &[Turn::Extend])?;
        story.level = 4;
        desk.handle(&mut story, &[], outcome)?;
        for stars in [first, second] {
            send_back(desk, &mut story, stars)?;
            let gap = desk.pick.range(DAY, 4 * DAY);
            desk.answer(&mut story, gap, outcome)?;
        }
        story.t += desk.pick.range(60, 900);
        story.rate(third, Some(*desk.pick.of(&texts::BLAME)?));
        let why = "联席会议结论：办理已到位，依据充分，予以办结并保留原评价。";
        story.step_for(Kind::CloseDissatisfied, 3 * DAY, why)?;
        let meeting = desk.build.calendar.at(day, 360);
        let base = meeting - story.t;
        desk.write(story, base)?;
    }
    Ok(())
}

/// Four withdrawn and three not accepted.
pub(super) fn stopped(desk: &mut Desk<'_>) -> Result<(), BuildError> {
    let withdrawn = [
        (WithdrawReason::FiledInError, 0, -210),
        (WithdrawReason::SolvedOtherwise, 2, -150),
        (WithdrawReason::NoLongerNeeded, 3, -80),
        (WithdrawReason::Other, 3, -21),
    ];
    for (n, (reason, steps, day)) in withdrawn.into_iter().enumerate() {
        let place = desk.place(n + 9, true)?;
        let mut story = desk.story(place, &[])?;
        desk.come_in(&mut story)?;
        for kind in [Kind::Accept, Kind::Assign].into_iter().take(steps) {
            story.step(kind, 70)?;
        }
        if steps > 2 {
            desk.start(&mut story)?;
        }
        story.withdraw_reason = Some(reason);
        // Two of the four were drawn for a check.
        story.is_checked = n % 2 == 1;
        story.step(Kind::Withdraw, desk.pick.range(90, 700))?;
        if story.is_checked {
            story.call_back(DAY);
        }
        let base = desk.build.calendar.at(day, 40);
        desk.write(story, base)?;
    }
    let rejected = [
        (
            RejectReason::OutOfJurisdiction,
            "不属本区管辖，请向企业注册地主管部门提出。",
            -190,
        ),
        (
            RejectReason::InLegalProceedings,
            "已进入仲裁程序，请依仲裁结果办理。",
            -120,
        ),
        (
            RejectReason::DuplicateOfHandled,
            "同一事项已答复，请在原诉求中申请重办。",
            -35,
        ),
    ];
    for (n, (reason, elsewhere, day)) in rejected.into_iter().enumerate() {
        let place = desk.place(n + 14, true)?;
        let mut story = desk.story(place, &[])?;
        desk.come_in(&mut story)?;
        story.reject_reason = Some(reason);
        story.step_for(Kind::Reject, 200, elsewhere)?;
        let base = desk.build.calendar.at(day, 90);
        desk.write(story, base)?;
    }
    Ok(())
}
