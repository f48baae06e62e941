//! The life of one issue as it is told: each step goes through the state table, and what a step
//! writes on the issue is written here. Times are working minutes, counted from wherever the
//! story begins; [`Story::write`] puts it in its place.

mod clocks;
mod record;

use entity::enterprise_issue::{
    IssueChannel, IssueComplexity, IssueNature, IssueOutcome, IssueState, IssueUrgency,
    IssueVisibility,
};
use entity::issue_progress::ProgressKind;
use entity::issue_transition::{RejectReason, TransitionKind as Kind, WithdrawReason};
use sea_orm::prelude::Uuid;

use super::BuildError;
use super::officers::Party;
use super::texts::{MARK, Template};
use crate::domain::issue::lifecycle;

/// How an issue came in.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) channel: IssueChannel,
    pub(super) reporter: Option<Uuid>,
    pub(super) is_on_behalf: bool,
    /// The visit it was raised in.
    pub(super) visit: Option<Uuid>,
}

struct Step {
    kind: Kind,
    from: Option<IssueState>,
    to: IssueState,
    t: i64,
    actor: Option<Uuid>,
    note: Option<String>,
    /// The working minute of the day that is promised with it.
    until: Option<i64>,
}

struct Entry {
    kind: ProgressKind,
    t: i64,
    body: String,
    is_internal: bool,
    outcome: Option<IssueOutcome>,
    author: Option<Uuid>,
}

struct Rating {
    t: i64,
    stars: i32,
    comment: Option<&'static str>,
}

/// When the issue last came to where.
#[derive(Default)]
pub(super) struct Times {
    submitted: Option<i64>,
    pub(super) accepted: Option<i64>,
    assigned: Option<i64>,
    started: Option<i64>,
    responded: Option<i64>,
    closed: Option<i64>,
}

/// An issue being told.
pub(super) struct Story<'a> {
    pub(super) party: &'a Party,
    pub(super) template: &'static Template,
    pub(super) place: &'static str,
    pub(super) operator: Uuid,
    pub(super) source: Source,
    pub(super) external_ref: Option<String>,
    pub(super) urgency: IssueUrgency,
    pub(super) complexity: IssueComplexity,
    pub(super) visibility: IssueVisibility,
    pub(super) is_confidential: bool,
    pub(super) level: i32,
    /// The working minute of the day that the next step promises.
    pub(super) until: Option<i64>,
    pub(super) extensions: i32,
    pub(super) reject_reason: Option<RejectReason>,
    pub(super) withdraw_reason: Option<WithdrawReason>,
    pub(super) merged_into: Option<Uuid>,
    pub(super) follow_up_of: Option<Uuid>,
    /// The current working minute.
    pub(super) t: i64,
    pub(super) times: Times,
    state: Option<IssueState>,
    resume: Option<IssueState>,
    outcome: Option<IssueOutcome>,
    is_unrated: bool,
    steps: Vec<Step>,
    entries: Vec<Entry>,
    ratings: Vec<Rating>,
    /// When it was given fifteen working days more.
    extended: Vec<i64>,
    /// When the enterprise was called back.
    called_back: Vec<i64>,
}

impl<'a> Story<'a> {
    /// A story that has not begun.
    pub(super) fn new(
        party: &'a Party,
        template: &'static Template,
        (place, operator, source): (&'static str, Uuid, Source),
    ) -> Self {
        Self {
            party,
            template,
            place,
            operator,
            source,
            external_ref: None,
            urgency: IssueUrgency::Normal,
            complexity: IssueComplexity::General,
            visibility: IssueVisibility::Pairing,
            is_confidential: false,
            level: 0,
            until: None,
            extensions: 0,
            reject_reason: None,
            withdraw_reason: None,
            merged_into: None,
            follow_up_of: None,
            t: 0,
            times: Times::default(),
            state: None,
            resume: None,
            outcome: None,
            is_unrated: false,
            steps: Vec::new(),
            entries: Vec::new(),
            ratings: Vec::new(),
            extended: Vec::new(),
            called_back: Vec::new(),
        }
    }

    /// Working days to resolve it in.
    pub(super) fn limit(&self) -> i64 {
        let days = match (self.urgency, self.template.nature, self.complexity) {
            (IssueUrgency::Urgent, ..) => 1,
            (_, IssueNature::Consult, _) => 2,
            (.., IssueComplexity::Simple) => 3,
            (.., IssueComplexity::General) => 5,
            (.., IssueComplexity::Complex) => 15,
        };
        days + 15 * i64::from(self.extensions)
    }

    /// Takes a step `gap` working minutes on.
    pub(super) fn step(&mut self, kind: Kind, gap: i64) -> Result<(), BuildError> {
        let refused = BuildError::Step {
            from: self.state,
            kind,
        };
        let to = lifecycle::next(self.state, kind, self.resume).ok_or(refused)?;
        self.t += gap;
        let now = Some(self.t);
        match kind {
            Kind::Submit => self.times.submitted = now,
            // A returned issue is not accepted again: its clock goes on.
            Kind::Accept => self.times.accepted = now,
            Kind::Assign => self.times.assigned = now,
            Kind::StartHandling => self.times.started = now,
            Kind::Respond => self.times.responded = now,
            Kind::CloseRated | Kind::CloseUnrated | Kind::CloseDissatisfied => {
                self.times.closed = now;
                self.is_unrated = kind == Kind::CloseUnrated;
            }
            Kind::RequestInfo => self.resume = self.state,
            Kind::SupplyInfo => self.resume = None,
            _ => {}
        }
        self.steps.push(Step {
            kind,
            from: self.state.replace(to),
            to,
            t: self.t,
            actor: self.actor(kind),
            note: None,
            until: self.until.take(),
        });
        Ok(())
    }

    /// Takes a step and says why.
    pub(super) fn step_for(&mut self, kind: Kind, gap: i64, why: &str) -> Result<(), BuildError> {
        self.step(kind, gap)?;
        if let Some(step) = self.steps.last_mut() {
            step.note = Some(why.into());
        }
        Ok(())
    }

    /// Who handles it on the district side.
    fn handler(&self) -> Uuid {
        self.party.officer.user.unwrap_or(self.operator)
    }

    fn actor(&self, kind: Kind) -> Option<Uuid> {
        match kind {
            Kind::Create | Kind::Submit => self.source.reporter,
            Kind::SupplyInfo | Kind::Withdraw | Kind::Rework | Kind::CloseRated | Kind::Reopen => {
                self.party.user
            }
            // The passing of time.
            Kind::CloseUnrated | Kind::Archive => None,
            // What an officer brings from a visit, the officer accepts.
            Kind::Accept if self.source.channel == IssueChannel::Visit => Some(self.handler()),
            Kind::ReturnAssignment | Kind::StartHandling | Kind::Respond => Some(self.handler()),
            _ => Some(self.operator),
        }
    }

    /// Adds an entry at the current minute.
    pub(super) fn entry(&mut self, kind: ProgressKind, body: &str) {
        let author = match kind {
            ProgressKind::InfoSupplied => self.party.user,
            ProgressKind::InfoRequest => Some(self.operator),
            _ => Some(self.handler()),
        };
        self.entries.push(Entry {
            kind,
            t: self.t,
            body: format!("{body}{MARK}"),
            is_internal: false,
            outcome: None,
            author,
        });
    }

    /// Adds an entry that the enterprise does not see.
    pub(super) fn internal(&mut self, body: &str) {
        self.entry(ProgressKind::Progress, body);
        if let Some(entry) = self.entries.last_mut() {
            entry.is_internal = true;
        }
    }

    /// Gives it fifteen working days more.
    pub(super) fn extend(&mut self) {
        self.extended.push(self.t);
        self.entry(
            ProgressKind::Progress,
            "经批准延期十五个工作日，已告知企业。",
        );
    }

    /// Calls the enterprise back so many working minutes from now.
    pub(super) fn call_back(&mut self, gap: i64) {
        self.called_back.push(self.t + gap);
    }

    /// Answers it.
    pub(super) fn respond(
        &mut self,
        gap: i64,
        outcome: IssueOutcome,
        body: &str,
    ) -> Result<(), BuildError> {
        self.step(Kind::Respond, gap)?;
        self.entry(ProgressKind::Response, body);
        self.outcome = Some(outcome);
        if let Some(entry) = self.entries.last_mut() {
            entry.outcome = self.outcome;
        }
        Ok(())
    }

    /// Rates the last answer at the current minute; three stars and more say it is resolved.
    pub(super) fn rate(&mut self, stars: i32, comment: Option<&'static str>) {
        self.ratings.push(Rating {
            t: self.t,
            stars,
            comment,
        });
    }

    fn count(&self, kind: Kind) -> i32 {
        let steps = self.steps.iter().filter(|step| step.kind == kind);
        i32::try_from(steps.count()).unwrap_or(i32::MAX)
    }

    /// The working minute it begins at, as the story counts.
    pub(super) fn begun(&self) -> i64 {
        self.steps.first().map_or(self.t, |step| step.t)
    }

    /// Who accepted it first.
    fn first_handler(&self) -> Option<Uuid> {
        let accepted = self.steps.iter().find(|step| step.kind == Kind::Accept);
        accepted.and_then(|step| step.actor)
    }
}
