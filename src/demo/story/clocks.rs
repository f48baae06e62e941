//! The clocks of a told story: the same that the server would have run, step by step.

use entity::enterprise_issue::Model;
use entity::issue_clock::ClockKind;
use entity::issue_transition::TransitionKind as Kind;
use sea_orm::prelude::Uuid;

use super::{Step, Story};
use crate::demo::BuildError;
use crate::demo::rows::{Build, Table};
use crate::demo::taxonomy::District;
use crate::domain::issue::clocks::reminders::next_reminder;
use crate::domain::issue::clocks::{Case, Clocks, Moment};
use crate::kernel::clock::business_date;

/// Working days that an extension gives.
const EXTENSION: i32 = 15;

/// What moves a clock.
enum Mover<'a> {
    Step(&'a Step),
    Extension,
    CallBack,
}

impl Story<'_> {
    /// Runs the clocks of the issue that it becomes, and writes them.
    pub(super) fn time(
        &self,
        build: &mut Build,
        district: &District,
        issue: &mut Model,
        base: i64,
    ) -> Result<(), BuildError> {
        let rules = &district.rules;
        let counted = |_| BuildError::Calendar;
        let mut clocks = Clocks::new(district.id, issue.id, Vec::new());
        let mut accepted = false;
        for (t, mover) in self.movers() {
            let now = build.calendar.instant(base + t)?;
            match mover {
                Mover::Extension => {
                    let due = |clocks: &Clocks| clocks.open(ClockKind::Resolve).map(|c| c.due_at);
                    let before = due(&clocks);
                    clocks
                        .relimit(rules, ClockKind::Resolve, EXTENSION, now)
                        .map_err(counted)?;
                    let until = due(&clocks).ok_or(BuildError::Missing("due date"))?;
                    let of = (district.id, issue.id);
                    let dues = (before, business_date(until));
                    self.granted(build, of, (base, t), dues)?;
                }
                Mover::CallBack => clocks
                    .end(rules, ClockKind::Callback, now, true)
                    .map_err(counted)?,
                Mover::Step(step) => {
                    accepted |= step.kind == Kind::Accept;
                    let until = step.until.map(|t| build.calendar.date(base + t));
                    let moment = Moment {
                        step: step.kind,
                        now,
                        case: Case {
                            nature: issue.nature,
                            urgency: accepted.then_some(self.urgency),
                            complexity: accepted.then_some(self.complexity),
                        },
                        until: until.transpose()?,
                        is_sampled: self.is_checked && step.kind == Kind::Withdraw,
                    };
                    let mut refused = None;
                    let mut new_id = || match build.id(Table::Clock, now) {
                        Ok(id) => id,
                        Err(error) => {
                            refused = Some(error);
                            Uuid::nil()
                        }
                    };
                    clocks.take(rules, &moment, &mut new_id).map_err(counted)?;
                    if let Some(error) = refused {
                        return Err(error);
                    }
                    issue.lapses_at = clocks.lapses(rules, step.to, now).map_err(counted)?;
                    let waits = (now, issue.lapses_at);
                    issue.reminds_at =
                        next_reminder(rules, step.to, waits, build.as_of).map_err(counted)?;
                    issue.review_at = moment
                        .until
                        .filter(|_| step.kind == Kind::Hold)
                        .and_then(|day| rules.time.end_of(day));
                }
            }
        }
        (issue.warn_at, issue.due_at) = clocks.lit();
        build.rows.clocks.extend(clocks.into_rows());
        Ok(())
    }

    /// Everything that moves a clock, in order.
    fn movers(&self) -> Vec<(i64, Mover<'_>)> {
        let steps = self.steps.iter().map(|step| (step.t, Mover::Step(step)));
        let extended = self.extended.iter().map(|t| (*t, Mover::Extension));
        let called = self.called_back.iter().map(|t| (*t, Mover::CallBack));
        let mut movers: Vec<_> = steps.chain(extended).chain(called).collect();
        movers.sort_by_key(|(t, _)| *t);
        movers
    }
}
