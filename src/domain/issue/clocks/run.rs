//! The clocks of one issue as they run, in memory: what is written and what the demonstration data
//! tell go by the same arithmetic.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enterprise_issue::IssueState;
use entity::issue_clock::{ClockKind, Model};
use entity::issue_transition::TransitionKind as Step;
use uuid::Uuid;

use super::rules::{Case, Rules, uncounted};
use super::table::{CLOCKS, Effect, effect, is_lit};
use crate::kernel::clock::business_date;
use crate::kernel::error::Result;

/// Fewer working days than this are warned of by the share of their time alone.
const LONG: i32 = 3;

/// A step, as the clocks see it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The step.
    pub step: Step,
    /// When it is taken.
    pub now: DateTime<Utc>,
    /// The issue that it leaves.
    pub case: Case,
    /// The day that is promised with it: of the next reply, or of the review of what is on hold.
    pub until: Option<NaiveDate>,
    /// Whether the enterprise is called back.
    pub is_sampled: bool,
}

/// The clocks of one issue.
#[derive(Clone, Debug)]
pub struct Clocks {
    district_id: Uuid,
    issue_id: Uuid,
    rows: Vec<Model>,
}

impl Clocks {
    /// The clocks that an issue has had.
    #[must_use]
    pub const fn new(district_id: Uuid, issue_id: Uuid, rows: Vec<Model>) -> Self {
        Self {
            district_id,
            issue_id,
            rows,
        }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Model] {
        &self.rows
    }

    /// The rows, to keep.
    #[must_use]
    pub fn into_rows(self) -> Vec<Model> {
        self.rows
    }

    /// The one of a kind that runs or is paused.
    #[must_use]
    pub fn open(&self, kind: ClockKind) -> Option<&Model> {
        let mut rows = self.rows.iter();
        rows.find(|row| row.kind == kind && row.ended_at.is_none())
    }

    fn open_mut(&mut self, kind: ClockKind) -> Option<&mut Model> {
        let mut rows = self.rows.iter_mut();
        rows.find(|row| row.kind == kind && row.ended_at.is_none())
    }

    /// Does to every clock what the step does to it.
    ///
    /// # Errors
    /// `Internal` for a step that promises a day without one, or beyond the calendar.
    pub fn take(
        &mut self,
        rules: &Rules,
        moment: &Moment,
        new_id: &mut dyn FnMut() -> Uuid,
    ) -> Result<()> {
        for kind in CLOCKS {
            match effect(moment.step, kind) {
                Effect::None => {}
                Effect::Sample if !moment.is_sampled => {}
                Effect::Start | Effect::Sample => self.start(rules, kind, moment, new_id())?,
                Effect::Stop => self.end(rules, kind, moment.now, true)?,
                Effect::Drop => self.end(rules, kind, moment.now, false)?,
                Effect::Pause => self.pause(rules, kind, moment.now)?,
                Effect::Resume => self.resume(rules, kind, moment.now)?,
            }
        }
        Ok(())
    }

    /// Starts a clock, unless one of the kind is open.
    ///
    /// # Errors
    /// As `take`.
    pub fn start(
        &mut self,
        rules: &Rules,
        kind: ClockKind,
        moment: &Moment,
        id: Uuid,
    ) -> Result<()> {
        if self.open(kind).is_some() {
            return Ok(());
        }
        let (time, now) = (&rules.time, moment.now);
        let is_dissatisfied = matches!(moment.step, Step::Rework | Step::CloseDissatisfied);
        let promised = moment.until.filter(|_| kind == ClockKind::NextReply);
        let (limit_days, due_at) = if let Some(day) = promised {
            let zero = time.day_zero(now).ok_or_else(uncounted)?;
            let last = last_worked(rules, day)?;
            let days = days_before(rules, last)? - days_before(rules, zero)?;
            let due = time.end_of(last).ok_or_else(uncounted)?;
            (i32::try_from(days.max(0)).unwrap_or(i32::MAX), due.max(now))
        } else {
            let days = rules.limit(kind, &moment.case, is_dissatisfied)?;
            (days, time.due(now, days.into()).ok_or_else(uncounted)?)
        };
        let spent_until = |at| time.at(at).ok_or_else(uncounted);
        let rounds = self.rows.iter().filter(|row| row.kind == kind).count();
        let mut row = Model {
            id,
            district_id: self.district_id,
            issue_id: self.issue_id,
            kind,
            round: i32::try_from(rounds).unwrap_or(i32::MAX).saturating_add(1),
            limit_days,
            limit_seconds: spent_until(due_at)? - spent_until(now)?,
            spent_seconds: 0,
            started_at: now,
            running_since: Some(now),
            paused_at: None,
            warn_at: due_at,
            due_at,
            is_provisional: false,
            ended_at: None,
            met_at: None,
            updated_at: now,
        };
        due(rules, &mut row, due_at)?;
        self.rows.push(row);
        Ok(())
    }

    /// Ends an open clock; `is_met` says whether what it waits for was done.
    ///
    /// # Errors
    /// As `take`.
    pub fn end(
        &mut self,
        rules: &Rules,
        kind: ClockKind,
        now: DateTime<Utc>,
        is_met: bool,
    ) -> Result<()> {
        if let Some(row) = self.open_mut(kind) {
            row.spent_seconds = spent(rules, row, now)?;
            row.running_since = None;
            row.paused_at = None;
            row.ended_at = Some(now);
            row.met_at = is_met.then_some(now);
            row.updated_at = now;
        }
        Ok(())
    }

    fn pause(&mut self, rules: &Rules, kind: ClockKind, now: DateTime<Utc>) -> Result<()> {
        if let Some(row) = self.open_mut(kind)
            && row.paused_at.is_none()
        {
            row.spent_seconds = spent(rules, row, now)?;
            row.running_since = None;
            row.paused_at = Some(now);
            row.updated_at = now;
        }
        Ok(())
    }

    fn resume(&mut self, rules: &Rules, kind: ClockKind, now: DateTime<Utc>) -> Result<()> {
        if let Some(row) = self.open_mut(kind)
            && row.paused_at.is_some()
        {
            row.running_since = Some(now);
            row.paused_at = None;
            row.updated_at = now;
            settle(rules, row)?;
        }
        Ok(())
    }

    /// Gives a clock until the end of another day (延期).
    ///
    /// # Errors
    /// As `take`.
    pub fn extend(
        &mut self,
        rules: &Rules,
        kind: ClockKind,
        until: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let last = last_worked(rules, until)?;
        if let Some(row) = self.open_mut(kind) {
            let to = rules.time.end_of(last).ok_or_else(uncounted)?;
            let at = |instant| rules.time.at(instant).ok_or_else(uncounted);
            let more = days_before(rules, last)? - days_before(rules, business_date(row.due_at))?;
            row.limit_seconds = (row.limit_seconds + at(to)? - at(row.due_at)?).max(0);
            row.limit_days = add_days(row.limit_days, more);
            row.updated_at = now;
            due(rules, row, to)?;
        }
        Ok(())
    }

    /// Gives a clock more or fewer working days; what was spent stays spent.
    ///
    /// # Errors
    /// As `take`.
    pub fn relimit(
        &mut self,
        rules: &Rules,
        kind: ClockKind,
        more: i32,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if let Some(row) = self.open_mut(kind) {
            row.limit_days = add_days(row.limit_days, more.into());
            row.limit_seconds = (row.limit_seconds + i64::from(more) * rules.time.day()).max(0);
            row.updated_at = now;
            if row.running_since.is_some() {
                settle(rules, row)?;
            }
        }
        Ok(())
    }

    /// Counts every running clock anew, by a calendar that has changed. A promised day stays.
    ///
    /// # Errors
    /// As `take`.
    pub fn recount(&mut self, rules: &Rules, now: DateTime<Utc>) -> Result<()> {
        let running = self.rows.iter_mut();
        for row in running.filter(|row| row.running_since.is_some()) {
            let before = row.clone();
            let at = |instant| rules.time.at(instant).ok_or_else(uncounted);
            if row.kind == ClockKind::NextReply {
                let last = last_worked(rules, business_date(row.due_at))?;
                let to = rules.time.end_of(last).ok_or_else(uncounted)?;
                let to = to.max(row.started_at);
                row.limit_seconds = at(to)? - at(row.started_at)?;
                due(rules, row, to)?;
            } else if row.running_since == Some(row.started_at) {
                let to = rules.time.due(row.started_at, row.limit_days.into());
                let to = to.ok_or_else(uncounted)?;
                row.limit_seconds = at(to)? - at(row.started_at)?;
                due(rules, row, to)?;
            } else {
                settle(rules, row)?;
            }
            if *row != before {
                row.updated_at = now;
            }
        }
        Ok(())
    }

    /// From when little time is left and when it is over, of the clocks that light the issue:
    /// the earliest of each.
    #[must_use]
    pub fn lit(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let running = || {
            let rows = self.rows.iter();
            rows.filter(|row| row.running_since.is_some() && is_lit(row.kind))
        };
        (
            running().map(|row| row.warn_at).min(),
            running().map(|row| row.due_at).min(),
        )
    }

    /// When an issue that came to a state now goes on by the passing of time alone.
    ///
    /// # Errors
    /// As `take`.
    pub fn lapses(
        &self,
        rules: &Rules,
        state: IssueState,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let days = match state {
            IssueState::Responded => {
                return Ok(self.open(ClockKind::Rating).map(|row| row.due_at));
            }
            IssueState::NeedsInfo => rules.policy.info_wait_days,
            IssueState::Closed => rules.policy.reopen_window_days,
            _ => return Ok(None),
        };
        let due = rules.time.due(now, days.into());
        due.ok_or_else(uncounted).map(Some)
    }
}

fn add_days(days: i32, more: i64) -> i32 {
    i32::try_from((i64::from(days) + more).max(0)).unwrap_or(i32::MAX)
}

/// Working seconds that a clock has spent by now.
///
/// # Errors
/// `Internal` beyond the calendar.
pub fn spent(rules: &Rules, row: &Model, now: DateTime<Utc>) -> Result<i64> {
    let Some(since) = row.running_since else {
        return Ok(row.spent_seconds);
    };
    let at = |instant| rules.time.at(instant).ok_or_else(uncounted);
    Ok(row.spent_seconds + (at(now)? - at(since)?).max(0))
}

/// The last day up to this one that is worked.
fn last_worked(rules: &Rules, day: NaiveDate) -> Result<NaiveDate> {
    let last = rules.time.calendar.working_days_after(day, 0);
    last.ok_or_else(uncounted)
}

fn days_before(rules: &Rules, day: NaiveDate) -> Result<i64> {
    rules.time.calendar.before(day).ok_or_else(uncounted)
}

/// When a running clock is due, from what it has left.
fn settle(rules: &Rules, row: &mut Model) -> Result<()> {
    let since = row.running_since.unwrap_or(row.started_at);
    let now = rules.time.at(since).ok_or_else(uncounted)?;
    let to = rules
        .time
        .instant(now + row.limit_seconds - row.spent_seconds);
    due(rules, row, to.ok_or_else(uncounted)?.max(row.started_at))
}

/// Sets when a clock is due, and with it from when it warns: when the policy's share of its time
/// is left, and of a long one at least its last working day.
fn due(rules: &Rules, row: &mut Model, due_at: DateTime<Utc>) -> Result<()> {
    let day = rules.time.day();
    let share = i64::from(row.limit_days) * day * i64::from(rules.policy.yellow_percent) / 100;
    let least = if row.limit_days >= LONG { day } else { 0 };
    let until = rules.time.at(due_at).ok_or_else(uncounted)?;
    let warn_at = rules.time.instant(until - share.max(least));
    row.warn_at = warn_at.ok_or_else(uncounted)?.min(due_at);
    row.due_at = due_at;
    row.is_provisional = rules.time.is_provisional(row.started_at, due_at);
    Ok(())
}
