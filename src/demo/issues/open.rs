//! The 21 open issues, one by one, because their lights are told: 7 green, 3 yellow, 3 red (at
//! levels 2, 3 and 4), 5 grey, and 3 answered ones without a light. Days are working days before
//! the asked day; the clocks come to these lights by themselves.

use entity::enterprise_issue::{IssueComplexity, IssueOutcome, IssueState};
use entity::issue_progress::ProgressKind;
use entity::issue_transition::TransitionKind as Kind;

use super::desk::{Desk, Turn};
use super::ended::Archived;
use crate::demo::BuildError;
use crate::demo::calendar::DAY;
use crate::demo::enterprises::LEAD_COUNT;
use crate::demo::story::Story;
use crate::demo::texts;
use crate::demo::users::{CAST_LEAD, CAST_MEMBER};

use IssueComplexity::{Complex, General, Simple};

/// Where an open issue stands, and since which day where that is not the day it came in.
#[derive(Clone, Copy)]
enum Stand {
    Submitted,
    /// Asked back in this state.
    Asked(IssueState, i64),
    Assigned,
    /// Returned on the first day, assigned again on the second.
    Returned(i64, i64),
    Handling,
    /// Handling, with more time.
    Extended,
    Held(i64),
    /// Followed up since a day, the next reply promised by another.
    LongTerm(i64, i64),
    Answered(i64, IssueOutcome),
}

/// An open issue: the enterprise's place, the day it came in, where it stands, its complexity and
/// its level. Its light follows.
type Plan = (usize, i64, Stand, IssueComplexity, i32);

/// The places of the cast's member and lead.
const MEMBER: usize = LEAD_COUNT + CAST_MEMBER;
const LEAD: usize = CAST_LEAD;
/// The place of the enterprise outside the alliance that has an account.
const OUTSIDER: usize = 32;

#[rustfmt::skip]
const PLANS: [Plan; 21] = [
    (MEMBER,   -1,  Stand::Submitted, General, 0),
    (OUTSIDER, -1,  Stand::Submitted, General, 0),
    (MEMBER,   -6,  Stand::Asked(IssueState::InProgress, -2), General, 0),
    (12,       -4,  Stand::Asked(IssueState::Assigned, -3), General, 0),
    (16,       -3,  Stand::Asked(IssueState::Submitted, -3), General, 0),
    (MEMBER,   -1,  Stand::Assigned, General, 0),
    (3,        -3,  Stand::Returned(-2, -1), Simple, 1),
    (18,       -2,  Stand::Assigned, General, 2),
    (MEMBER,   -4,  Stand::Handling, Complex, 0),
    (13,       -2,  Stand::Handling, General, 0),
    (20,       -5,  Stand::Handling, General, 1),
    (22,       -26, Stand::Extended, Complex, 1),
    (25,       -34, Stand::Extended, Complex, 3),
    (5,        -11, Stand::Handling, General, 4),
    (12,       -8,  Stand::Held(-5), Complex, 0),
    (27,       -14, Stand::Held(-9), Complex, 0),
    (13,       -25, Stand::LongTerm(-10, 8), Complex, 0),
    (29,       -22, Stand::LongTerm(-7, 12), Complex, 0),
    (MEMBER,   -5,  Stand::Answered(-1, IssueOutcome::Solved), General, 0),
    (LEAD,     -6,  Stand::Answered(-2, IssueOutcome::Solved), General, 0),
    (14,       -4,  Stand::Answered(-1, IssueOutcome::PartlySolved), General, 0),
];

/// Builds the open issues.
pub(super) fn build(desk: &mut Desk<'_>, archived: &[Archived]) -> Result<(), BuildError> {
    for (place, day, stand, complexity, level) in PLANS {
        // Requests for help only: their deadline follows from the complexity alone.
        let mut story = desk.story(place, &[Turn::Extend])?;
        story.complexity = complexity;
        story.level = level;
        // What the cast is to see must not depend on chance.
        story.is_confidential = false;
        story.t = desk.build.calendar.at(day, 20);
        tell(desk, &mut story, stand)?;
        if place == MEMBER && matches!(stand, Stand::Handling) {
            let before = archived.iter().find(|issue| issue.place == place);
            story.follow_up_of = before.map(|issue| issue.id);
        }
        desk.write(story, 0)?;
    }
    Ok(())
}

fn tell(desk: &mut Desk<'_>, story: &mut Story<'_>, stand: Stand) -> Result<(), BuildError> {
    if matches!(stand, Stand::Submitted) {
        story.t += 300;
        return desk.come_in(story);
    }
    desk.come_in(story)?;
    if let Stand::Asked(IssueState::Submitted, _) = stand {
        return desk.ask(story, 90);
    }
    story.step(Kind::Accept, 60)?;
    story.step(Kind::Assign, 45)?;
    match stand {
        Stand::Assigned => return Ok(()),
        Stand::Asked(IssueState::Assigned, day) => {
            story.t = desk.build.calendar.at(day, 50);
            return desk.ask(story, 0);
        }
        Stand::Returned(day, again) => {
            story.t = desk.build.calendar.at(day, 50);
            let why = "不属于本单位职责，建议改由相应主管部门牵头。";
            story.step_for(Kind::ReturnAssignment, 0, why)?;
            story.t = desk.build.calendar.at(again, 40);
            return story.step(Kind::Assign, 0);
        }
        _ => {}
    }
    desk.start(story)?;
    match stand {
        Stand::Extended => {
            story.extensions = 1;
            story.t = desk.build.calendar.at(-20, 200);
            story.extend();
        }
        Stand::Handling if story.level > 1 => {
            story.t = desk.build.calendar.at(-5, 100);
            story.internal("已超期，请承办单位说明原因并限期答复。");
        }
        Stand::Asked(_, day) => {
            story.t = desk.build.calendar.at(day, 50);
            desk.ask(story, 0)?;
        }
        Stand::Held(day) => {
            story.t = desk.build.calendar.at(day, 100);
            story.until = Some(story.t + 20 * DAY);
            let why = "等待上级主管部门书面意见，二十个工作日内复核。";
            story.step_for(Kind::Hold, 0, why)?;
        }
        Stand::LongTerm(day, reply) => {
            story.t = desk.build.calendar.at(day, 100);
            story.entry(ProgressKind::Progress, texts::PARTLY);
            story.until = Some(desk.build.calendar.at(reply, 0));
            let why = "涉及跨区规划，转为一跟到底，定期答复进展。";
            story.step_for(Kind::MoveToLongTerm, 30, why)?;
        }
        Stand::Answered(day, outcome) => {
            story.t = desk.build.calendar.at(day, 200);
            desk.answer(story, 0, outcome)?;
        }
        _ => {}
    }
    Ok(())
}
