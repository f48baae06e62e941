//! Where issues come in and are handled: the enterprise, the text and the channel of each, and
//! the way from the draft to the answer.

use entity::enterprise_issue::{
    IssueChannel, IssueComplexity, IssueNature, IssueOutcome, IssueState, IssueUrgency,
    IssueVisibility,
};
use entity::issue_progress::ProgressKind;
use entity::issue_transition::TransitionKind as Kind;
use sea_orm::prelude::Uuid;

use crate::demo::BuildError;
use crate::demo::calendar::DAY;
use crate::demo::officers::Party;
use crate::demo::rows::{Build, Pick, at};
use crate::demo::story::{Source, Story};
use crate::demo::taxonomy::District;
use crate::demo::texts::{self, Template};
use crate::demo::users::Accounts;
use crate::demo::visits::Visits;

/// Working days that a visit may lie back when an issue is said to come from it.
const VISIT_WITHIN: i64 = 5;
/// Working days that an issue is moved back so that it comes from a visit.
const VISIT_NEAR: i64 = 90;

/// What happens on the way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// A question is asked back in this state.
    Question(IssueState),
    /// The first department returns it.
    Return,
    /// The deadline is extended.
    Extend,
    /// It is put on hold for a while.
    Hold,
    /// It is followed up over a long time.
    LongTerm,
    /// The answer comes late.
    Late,
    /// It is urgent.
    Urgent,
}

impl Turn {
    /// Whether only a request for help, and not a simple one, takes this turn.
    fn is_long(self) -> bool {
        !matches!(self, Self::Question(_) | Self::Return | Self::Late)
    }
}

/// The desk that issues come in at.
pub(super) struct Desk<'a> {
    pub(super) build: &'a mut Build,
    pub(super) district: &'a District,
    parties: &'a [Party],
    accounts: &'a Accounts,
    visits: &'a Visits,
    pub(super) pick: Pick,
    /// Places of the enterprises that have an account, and of those that have none.
    with_account: Vec<usize>,
    without_account: Vec<usize>,
    /// Places of the texts in the order they come up.
    texts: Vec<usize>,
    turn: usize,
    /// The satisfied ratings that are still to be given.
    pub(super) stars: Vec<i32>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        build: &'a mut Build,
        district: &'a District,
        parties: &'a [Party],
        accounts: &'a Accounts,
        visits: &'a Visits,
    ) -> Self {
        let mut pick = Pick::new(0x41);
        // Nothing is made up about what troubles an enterprise that the article names.
        let made_up = parties.iter().enumerate().filter(|(_, p)| !p.firm.is_named);
        let (mut with, mut without): (Vec<_>, Vec<_>) =
            made_up.partition(|(_, p)| p.user.is_some());
        pick.shuffle(&mut with);
        pick.shuffle(&mut without);
        let mut texts: Vec<usize> = (0..texts::TEMPLATES.len()).collect();
        pick.shuffle(&mut texts);
        Self {
            build,
            district,
            parties,
            accounts,
            visits,
            with_account: with.into_iter().map(|(place, _)| place).collect(),
            without_account: without.into_iter().map(|(place, _)| place).collect(),
            texts,
            turn: 0,
            stars: super::ended::stars(&mut pick),
            pick,
        }
    }

    /// The place of an enterprise that has an account, or of one that has none, in turn.
    pub(super) fn place(&self, turn: usize, has_account: bool) -> Result<usize, BuildError> {
        let list = if has_account {
            &self.with_account
        } else {
            &self.without_account
        };
        at(list, turn % list.len().max(1), "enterprise").copied()
    }

    /// An enterprise with an officer, by its place.
    pub(super) fn party(&self, place: usize) -> Result<&'a Party, BuildError> {
        at(self.parties, place, "enterprise")
    }

    /// The next text; only requests for help take long.
    fn template(&mut self, is_long: bool) -> Result<&'static Template, BuildError> {
        for _ in 0..self.texts.len() {
            self.turn += 1;
            let place = *at(&self.texts, self.turn % self.texts.len(), "text")?;
            let template = at(&texts::TEMPLATES, place, "text")?;
            if !is_long || template.nature == IssueNature::Help {
                return Ok(template);
            }
        }
        Err(BuildError::Missing("text"))
    }

    /// A story of the enterprise at a place, not yet begun.
    pub(super) fn story(&mut self, place: usize, turns: &[Turn]) -> Result<Story<'a>, BuildError> {
        let template = self.template(turns.iter().any(|turn| turn.is_long()))?;
        let part = *self.pick.of(&texts::PLACES)?;
        self.story_of(place, template, part)
    }

    /// A story that says what another one says.
    pub(super) fn story_of(
        &mut self,
        place: usize,
        template: &'static Template,
        part: &'static str,
    ) -> Result<Story<'a>, BuildError> {
        let party = self.party(place)?;
        let operator = *self.pick.of(&self.accounts.operators)?;
        let turn = self.turn;
        let behalf = Some(party.officer.user.unwrap_or(operator));
        let (channel, reporter) = match (party.user, turn % 10) {
            (user @ Some(_), 0..=5) => (IssueChannel::MiniProgram, user),
            (user @ Some(_), 6 | 7) => (IssueChannel::Web, user),
            (user @ Some(_), 8) => (IssueChannel::Activity, user),
            (None, 0..=2) => (IssueChannel::Client, None),
            (None, 3..=5) => (IssueChannel::Phone, Some(operator)),
            (_, _) => (IssueChannel::Visit, behalf),
        };
        let source = Source {
            channel,
            reporter,
            is_on_behalf: reporter.is_some() && reporter != party.user,
            visit: None,
        };
        let mut story = Story::new(party, template, (part, operator, source));
        if channel == IssueChannel::Client {
            story.external_ref = Some(format!("12345-DEMO-{turn:06}"));
        }
        story.is_confidential = turn % 17 == 3;
        if turn % 13 == 5 {
            story.visibility = IssueVisibility::Alliance;
        }
        story.complexity = match turn % 10 {
            0..=2 => IssueComplexity::Simple,
            8.. if template.nature != IssueNature::Consult => IssueComplexity::Complex,
            _ => IssueComplexity::General,
        };
        Ok(story)
    }

    /// The day after the visit that an issue is to come from instead of `day`, where there is one.
    pub(super) fn day_of(&self, story: &Story<'_>, day: i64) -> i64 {
        if story.source.channel != IssueChannel::Visit {
            return day;
        }
        let all = self.visits.get(&story.party.firm.id).into_iter().flatten();
        let last = all.rev().find(|(held, _)| *held < day);
        let near = last.filter(|(held, _)| day - held <= VISIT_NEAR);
        near.map_or(day, |(held, _)| held + 1)
    }

    /// Tells the way from the draft to the first answer.
    pub(super) fn handle(
        &mut self,
        story: &mut Story<'_>,
        turns: &[Turn],
        outcome: IssueOutcome,
    ) -> Result<(), BuildError> {
        let has = |turn: Turn| turns.contains(&turn);
        if has(Turn::Urgent) {
            story.urgency = IssueUrgency::Urgent;
        }
        if has(Turn::Extend) || has(Turn::LongTerm) {
            story.complexity = IssueComplexity::Complex;
        }
        story.extensions = i32::from(has(Turn::Extend));
        let mut paused = 0;
        self.come_in(story)?;
        if has(Turn::Question(IssueState::Submitted)) {
            self.ask_back(story)?;
        }
        story.step(Kind::Accept, self.pick.range(30, 300))?;
        let accepted = story.t;
        story.step(Kind::Assign, self.pick.range(15, 120))?;
        if has(Turn::Return) {
            let why = "不属于本单位职责，建议改由相应主管部门牵头。";
            story.step_for(Kind::ReturnAssignment, self.pick.range(60, 200), why)?;
            story.step(Kind::Assign, self.pick.range(20, 90))?;
        }
        if has(Turn::Question(IssueState::Assigned)) {
            paused += self.ask_back(story)?;
        }
        self.start(story)?;
        if has(Turn::Question(IssueState::InProgress)) {
            paused += self.ask_back(story)?;
        }
        if has(Turn::Hold) {
            let why = "等待上级主管部门书面意见，二十个工作日内复核。";
            story.until = Some(story.t + 20 * DAY);
            story.step_for(Kind::Hold, self.pick.range(60, 200), why)?;
            let pause = self.pick.range(3, 8) * DAY;
            story.step_for(Kind::Resume, pause, "已收到书面意见，恢复办理。")?;
            paused += pause;
        }
        // In time, but for those that are to be late; the pauses do not count.
        let limit = story.limit() * DAY;
        let taken = if has(Turn::Late) {
            limit + 2 * DAY
        } else {
            limit * self.pick.range(40, 85) / 100
        };
        let mut left = (accepted + paused + taken - story.t).max(80);
        if has(Turn::Extend) || left > 3 * DAY {
            story.t += left / 2;
            left -= left / 2;
            let body = *self.pick.of(&texts::STEPS)?;
            story.entry(ProgressKind::Progress, body);
        }
        if has(Turn::Extend) {
            story.extend();
        }
        if has(Turn::Late) {
            story.internal("已超期，请承办单位说明原因并限期答复。");
        }
        if has(Turn::LongTerm) {
            let why = "涉及跨区规划，转为一跟到底，定期答复进展。";
            story.until = Some(story.t + 20 * DAY);
            story.step_for(Kind::MoveToLongTerm, 60, why)?;
            left += 20 * DAY;
        }
        self.answer(story, left, outcome)
    }

    /// Draft and submission.
    pub(super) fn come_in(&mut self, story: &mut Story<'_>) -> Result<(), BuildError> {
        story.step(Kind::Create, 0)?;
        story.step(Kind::Submit, self.pick.range(4, 25))
    }

    /// Start of the handling, with the first contact.
    pub(super) fn start(&mut self, story: &mut Story<'_>) -> Result<(), BuildError> {
        story.step(Kind::StartHandling, self.pick.range(20, 180))?;
        let body = *self.pick.of(&texts::CONTACTS)?;
        story.entry(ProgressKind::FirstContact, body);
        Ok(())
    }

    /// A question to the enterprise.
    pub(super) fn ask(&mut self, story: &mut Story<'_>, gap: i64) -> Result<(), BuildError> {
        story.step(Kind::RequestInfo, gap)?;
        let body = *self.pick.of(&texts::QUESTIONS)?;
        story.entry(ProgressKind::InfoRequest, body);
        Ok(())
    }

    /// A question and its answer; returns how long it took.
    fn ask_back(&mut self, story: &mut Story<'_>) -> Result<i64, BuildError> {
        self.ask(story, 40)?;
        let pause = self.pick.range(100, 3 * DAY);
        story.step(Kind::SupplyInfo, pause)?;
        let body = *self.pick.of(&texts::ANSWERS)?;
        story.entry(ProgressKind::InfoSupplied, body);
        Ok(pause)
    }

    /// The answer.
    pub(super) fn answer(
        &mut self,
        story: &mut Story<'_>,
        gap: i64,
        outcome: IssueOutcome,
    ) -> Result<(), BuildError> {
        let body = match outcome {
            IssueOutcome::Solved => *self.pick.of(&texts::SOLVED)?,
            IssueOutcome::PartlySolved => texts::PARTLY,
            IssueOutcome::Explained => texts::EXPLAINED,
            IssueOutcome::NotFeasible => texts::NOT_FEASIBLE,
        };
        story.respond(gap, outcome, body)
    }

    /// Writes a story that begins at working minute `base`. What is said to come from a visit
    /// needs a visit; without one it came by telephone.
    pub(super) fn write(&mut self, mut story: Story<'_>, base: i64) -> Result<Uuid, BuildError> {
        if story.source.channel == IssueChannel::Visit {
            let day = (base + story.begun()).div_euclid(DAY);
            let all = self.visits.get(&story.party.firm.id);
            let recent = all
                .into_iter()
                .flatten()
                .rev()
                .find(|(held, _)| *held < day);
            let near = recent.filter(|(held, _)| day - held <= VISIT_WITHIN);
            story.source.visit = near.map(|(_, visit)| *visit);
            if story.source.visit.is_none() {
                story.source.channel = IssueChannel::Phone;
            }
        }
        story.write(self.build, self.district, base)
    }
}

/// Whether a title was made from a template's.
pub(super) fn is_of(title: &str, template: &str) -> bool {
    match template.split_once("{处}") {
        Some((before, after)) => title.starts_with(before) && title.ends_with(after),
        None => title == template,
    }
}
