//! The 21 open issues, one by one, because their lights are told: 7 green, 3 yellow, 3 red (at
//! levels 2, 3 and 4), 5 grey, and 3 answered ones without a light. Days are working days before
//! the asked day; that is how a working-day clock comes to the same lights.

use entity::enterprise_issue::{IssueComplexity, IssueLight, IssueOutcome, IssueState};
use entity::issue_progress::ProgressKind;
use entity::issue_transition::TransitionKind as Kind;

use super::desk::{Desk, Turn};
use super::ended::Archived;
use crate::demo::BuildError;
use crate::demo::enterprises::LEAD_COUNT;
use crate::demo::story::Story;
use crate::demo::texts;
use crate::demo::users::{CAST_LEAD, CAST_MEMBER};

use IssueComplexity::{Complex, General, Simple};
use IssueLight::{Green, Grey, Red, Yellow};

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
    LongTerm(i64),
    Answered(i64, IssueOutcome),
}

/// An open issue: the enterprise's place, the day it came in, where it stands, its complexity,
/// light and level, and the day it is due.
type Plan = (
    usize,
    i64,
    Stand,
    IssueComplexity,
    Option<IssueLight>,
    i32,
    Option<i64>,
);

/// The places of the cast's member and lead.
const MEMBER: usize = LEAD_COUNT + CAST_MEMBER;
const LEAD: usize = CAST_LEAD;
/// The place of the enterprise outside the alliance that has an account.
const OUTSIDER: usize = 32;

#[rustfmt::skip]
const PLANS: [Plan; 21] = [
    (MEMBER,   -1,  Stand::Submitted, General, Some(Green), 0, Some(0)),
    (OUTSIDER, -1,  Stand::Submitted, General, Some(Green), 0, Some(0)),
    (MEMBER,   -6,  Stand::Asked(IssueState::InProgress, -2), General, Some(Grey), 0, None),
    (12,       -4,  Stand::Asked(IssueState::Assigned, -3), General, Some(Grey), 0, None),
    (16,       -3,  Stand::Asked(IssueState::Submitted, -3), General, Some(Grey), 0, None),
    (MEMBER,   -1,  Stand::Assigned, General, Some(Green), 0, Some(0)),
    (3,        -3,  Stand::Returned(-2, -1), Simple, Some(Yellow), 1, Some(0)),
    (18,       -2,  Stand::Assigned, General, Some(Red), 2, Some(-1)),
    (MEMBER,   -4,  Stand::Handling, Complex, Some(Green), 0, Some(11)),
    (13,       -2,  Stand::Handling, General, Some(Green), 0, Some(3)),
    (20,       -5,  Stand::Handling, General, Some(Yellow), 1, Some(0)),
    (22,       -26, Stand::Extended, Complex, Some(Yellow), 1, Some(4)),
    (25,       -34, Stand::Extended, Complex, Some(Red), 3, Some(-4)),
    (5,        -11, Stand::Handling, General, Some(Red), 4, Some(-6)),
    (12,       -8,  Stand::Held(-5), Complex, Some(Grey), 0, None),
    (27,       -14, Stand::Held(-9), Complex, Some(Grey), 0, None),
    (13,       -25, Stand::LongTerm(-10), Complex, Some(Green), 0, Some(8)),
    (29,       -22, Stand::LongTerm(-7), Complex, Some(Green), 0, Some(12)),
    (MEMBER,   -5,  Stand::Answered(-1, IssueOutcome::Solved), General, None, 0, None),
    (LEAD,     -6,  Stand::Answered(-2, IssueOutcome::Solved), General, None, 0, None),
    (14,       -4,  Stand::Answered(-1, IssueOutcome::PartlySolved), General, None, 0, None),
];

/// Builds the open issues.
pub(super) fn build(desk: &mut Desk<'_>, archived: &[Archived]) -> Result<(), BuildError> {
    for (place, day, stand, complexity, light, level, due) in PLANS {
        // Requests for help only: their deadline follows from the complexity alone.
        let mut story = desk.story(place, &[Turn::Extend])?;
        story.complexity = complexity;
        story.light = light;
        story.level = level;
        story.due = due;
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
            story.entry(
                ProgressKind::Progress,
                "经批准延期十五个工作日，已告知企业。",
            );
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
            let why = "等待上级主管部门书面意见，二十个工作日内复核。";
            story.step_for(Kind::Hold, 0, why)?;
        }
        Stand::LongTerm(day) => {
            story.t = desk.build.calendar.at(day, 100);
            story.entry(ProgressKind::Progress, texts::PARTLY);
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
