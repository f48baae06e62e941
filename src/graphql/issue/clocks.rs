//! The clocks of issues on the wire, what they give, and a deadline told day by day.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::enterprise_issue::{IssueComplexity, IssueNature, IssueUrgency};
use entity::issue_clock::ClockKind;

use crate::domain::input::row_id;
use crate::domain::issue::clocks::explain::{self, DayKind};
use crate::domain::issue::clocks::{SetClockRuleInput, limits, queries};
use crate::domain::issue::policy;
use crate::domain::scalar::{Date, Timestamp};
use crate::graphql::connection::Concept;
use crate::graphql::payload::{act, payload};
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A clock of an issue.
pub struct IssueClock(Record);

impl From<Record> for IssueClock {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for IssueClock {
    const NAME: &'static str = "IssueClock";
    // Working time is read once for all of them.
    const WAITS: &'static [&'static str] = &["spentMinutes"];

    fn shape() -> &'static Shape {
        &queries::CLOCK
    }
}

impl IssueClock {
    async fn spent(&self, ctx: &Context<'_>) -> Result<i64> {
        let spent: i64 = self.0.get("spent_seconds")?;
        let since: Option<DateTime<Utc>> = self.0.get("running_since")?;
        let Some(since) = since else {
            return Ok(spent);
        };
        let session = Session::of(ctx);
        let time = session.working_time().await?;
        let at = |instant| time.at(instant);
        let passed = at(session.deps.clock.now()).zip(at(since));
        Ok(spent + passed.map_or(0, |(now, since)| (now - since).max(0)))
    }
}

fn minutes(seconds: i64) -> i32 {
    i32::try_from(seconds / 60).unwrap_or(i32::MAX)
}

/// A clock of an issue (时限): from when it runs, how much working time it gives, when it is due.
/// Those who read the issue in full.
#[Object]
impl IssueClock {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// What it measures.
    pub async fn kind(&self) -> Result<ClockKind> {
        self.0.get("kind")
    }

    /// Counts the clocks of one kind of an issue from 1.
    pub async fn round(&self) -> Result<i32> {
        self.0.get("round")
    }

    /// Working days that it gives after the day it starts on.
    pub async fn limit_days(&self) -> Result<i32> {
        self.0.get("limit_days")
    }

    /// Working minutes that it gives, the rest of the first day among them.
    pub async fn limit_minutes(&self) -> Result<i32> {
        Ok(minutes(self.0.get("limit_seconds")?))
    }

    /// Working minutes that it has spent by now; none pass while it is paused.
    pub async fn spent_minutes(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(minutes(self.spent(ctx).await?))
    }

    /// When it started.
    pub async fn started_at(&self) -> Result<Timestamp> {
        self.0.get("started_at")
    }

    /// Since when it is paused; null where it is not.
    pub async fn paused_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("paused_at")
    }

    /// From when little of its time is left; while it is paused, from when it was.
    pub async fn warn_at(&self) -> Result<Timestamp> {
        self.0.get("warn_at")
    }

    /// When its time is over; while it is paused, when it was.
    pub async fn due_at(&self) -> Result<Timestamp> {
        self.0.get("due_at")
    }

    /// Whether the deadline reaches into a year whose calendar is not published: it is counted
    /// anew when it is.
    pub async fn is_provisional(&self) -> Result<bool> {
        self.0.get("is_provisional")
    }

    /// When it ended; null while it runs or is paused.
    pub async fn ended_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("ended_at")
    }

    /// When what it waits for was done; null where it ended without.
    pub async fn met_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("met_at")
    }
}

/// How many working days a clock gives.
pub struct ClockRule(Record);

impl From<Record> for ClockRule {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for ClockRule {
    const NAME: &'static str = "ClockRule";

    fn shape() -> &'static Shape {
        &queries::RULE
    }
}

/// How many working days a clock gives (时限规则): of the rules that fit an issue the most specific
/// one counts. Everybody of the district but auditors.
#[Object]
impl ClockRule {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The clock.
    pub async fn clock(&self) -> Result<ClockKind> {
        self.0.get("clock")
    }

    /// Of issues of this urgency; of any where null.
    pub async fn urgency(&self) -> Option<Result<IssueUrgency>> {
        self.0.opt("urgency")
    }

    /// Of issues of this nature; of any where null.
    pub async fn nature(&self) -> Option<Result<IssueNature>> {
        self.0.opt("nature")
    }

    /// Of issues of this complexity; of any where null.
    pub async fn complexity(&self) -> Option<Result<IssueComplexity>> {
        self.0.opt("complexity")
    }

    /// Whether it is for what a dissatisfied enterprise sent back.
    pub async fn is_dissatisfied(&self) -> Result<bool> {
        self.0.get("is_dissatisfied")
    }

    /// Working days after the day it starts on.
    pub async fn limit_days(&self) -> Result<i32> {
        self.0.get("limit_days")
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }
}

/// A day between the start of a clock and its end.
#[derive(SimpleObject)]
pub struct DeadlineDay {
    /// The day.
    day: Date,
    /// What it is: PAUSED is a working day on which the clock stood still.
    kind: DayKind,
    /// The holiday that it belongs to or makes up for; null for other days.
    name: Option<String>,
    /// Whether its year has no published calendar, so that it can still change.
    is_provisional: bool,
    /// Working minutes of it that count.
    counted_minutes: i32,
    /// Working minutes of it that do not, since the clock stood still.
    paused_minutes: i32,
}

/// Queries on clocks.
#[derive(Default)]
pub struct ClockQuery;

#[Object]
impl ClockQuery {
    /// The days of the last clock of a kind of an issue, one by one (期限说明): until it is due,
    /// until it ended, or until today where it is paused. None where there is no such clock. Those
    /// who read the issue in full; auditors: FORBIDDEN.
    async fn explain_deadline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue.")] issue_id: ID,
        #[graphql(
            desc = "Which of its clocks; that of the answer where absent.",
            default_with = "ClockKind::Resolve"
        )]
        clock: ClockKind,
    ) -> Option<Result<Vec<DeadlineDay>>> {
        let told = async {
            let session = Session::of(ctx);
            if !policy::may_read(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            let issue = row_id(Kind::Issue, &issue_id);
            let scope = session.scope()?;
            let days = Box::pin(explain::explain(&session.deps.db, &scope, issue, clock)).await?;
            let days = days.into_iter().map(|day| DeadlineDay {
                day: Date(day.day),
                kind: day.kind,
                name: day.name,
                is_provisional: day.is_provisional,
                counted_minutes: minutes(day.counted),
                paused_minutes: minutes(day.paused),
            });
            Ok(days.collect())
        };
        Some(told.await)
    }
}

payload! {
    SetClockRulePayload(clock_rule: ClockRule),
}

/// Changes of what clocks give.
#[derive(Default)]
pub struct ClockMutation;

#[Object]
impl ClockMutation {
    /// Sets how many working days a clock gives in a case (时限规则). Clocks that run keep what they
    /// were started with and what they have spent. District administrators.
    async fn set_clock_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: SetClockRuleInput,
    ) -> Option<Result<SetClockRulePayload>> {
        let done = act(ctx, |deps, actor| limits::set(deps, actor, input)).await;
        Some(done.map(SetClockRulePayload))
    }
}
