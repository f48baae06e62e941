//! The clocks of an issue in the transaction that changes it: read, moved, written with what the
//! issue itself keeps of them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enterprise_issue::{self, IssueState};
use entity::issue_clock::{ClockKind, Column, Entity, Model};
use entity::issue_transition::TransitionKind as Step;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Value,
};
use uuid::Uuid;

use super::reminders::next_reminder;
use super::rules::{Case, Rules, uncounted};
use super::run::{Clocks, Moment};
use crate::kernel::error::{Code, Result, UserError};
use crate::store::work::{Event, Work};

/// What an issue keeps of its clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dues {
    /// From when the first of those that light it has little time left.
    pub warn_at: Option<DateTime<Utc>>,
    /// When the first of them is due.
    pub due_at: Option<DateTime<Utc>>,
    /// By when what put it on hold is looked at again.
    pub review_at: Option<DateTime<Utc>>,
    /// When it goes on by the passing of time alone.
    pub lapses_at: Option<DateTime<Utc>>,
    /// When whoever it waits for is reminded next.
    pub reminds_at: Option<DateTime<Utc>>,
}

impl Dues {
    /// The same on a change of the issue.
    #[must_use]
    pub fn on(self, change: enterprise_issue::ActiveModel) -> enterprise_issue::ActiveModel {
        enterprise_issue::ActiveModel {
            warn_at: Set(self.warn_at),
            due_at: Set(self.due_at),
            review_at: Set(self.review_at),
            lapses_at: Set(self.lapses_at),
            reminds_at: Set(self.reminds_at),
            ..change
        }
    }
}

/// A step to take on an issue, with what it promises.
#[derive(Clone, Copy, Debug)]
pub struct Taking {
    /// The step.
    pub step: Step,
    /// The state that it leads to.
    pub to: IssueState,
    /// The day that is promised with it: of the next reply, or of the review of what is on hold.
    pub until: Option<NaiveDate>,
    /// Whether the enterprise is called back.
    pub is_sampled: bool,
}

fn or<V: Into<Value> + Copy>(change: &ActiveValue<V>, before: V) -> V {
    match change {
        ActiveValue::Set(value) => *value,
        ActiveValue::Unchanged(_) | ActiveValue::NotSet => before,
    }
}

/// All clocks of an issue, by kind and round.
///
/// # Errors
/// When the database fails.
pub async fn of_issue(conn: &impl ConnectionTrait, issue: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::IssueId.eq(issue))
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Round)
        .all(conn)
        .await?)
}

/// Does to the clocks of an issue what a step does to them, in the step's own transaction, and
/// tells what the issue keeps of it. `change` is what else changes on the issue.
///
/// # Errors
/// When the database fails.
pub async fn take(
    work: &mut Work,
    event: Event,
    before: &enterprise_issue::Model,
    change: &enterprise_issue::ActiveModel,
    taking: Taking,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), before.district_id).await?;
    let moment = Moment {
        step: taking.step,
        now: work.now(),
        case: Case {
            nature: before.nature,
            urgency: or(&change.urgency, before.urgency),
            complexity: or(&change.complexity, before.complexity),
        },
        until: taking.until,
        is_sampled: taking.is_sampled,
    };
    let mut lapses = None;
    let (warn_at, due_at) = moved(work, event, before, |clocks, new_id| {
        clocks.take(&rules, &moment, new_id)?;
        lapses = clocks.lapses(&rules, taking.to, moment.now)?;
        Ok(())
    })
    .await?;
    let is_held = taking.to == IssueState::OnHold;
    let review = taking.until.filter(|_| is_held).map(|day| {
        let last = rules.time.calendar.working_days_after(day, 0);
        last.and_then(|last| rules.time.end_of(last))
            .ok_or_else(uncounted)
    });
    Ok(Dues {
        warn_at,
        due_at,
        review_at: review.transpose()?,
        lapses_at: lapses,
        reminds_at: next_reminder(&rules, taking.to, (moment.now, lapses), moment.now)?,
    })
}

/// Gives the clock of the answer, or of the rework that runs instead, until the end of another
/// day (延期), and tells what the issue keeps of it.
///
/// # Errors
/// When the database fails.
pub async fn extend(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    until: NaiveDate,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let now = work.now();
    changed(work, event, issue, |clocks| {
        let kind = match clocks.open(ClockKind::Rework) {
            Some(_) => ClockKind::Rework,
            None => ClockKind::Resolve,
        };
        clocks.extend(&rules, kind, until, now)
    })
    .await
}

/// Promises the next reply of a long-term follow-up (一跟到底): the one before counts as given.
///
/// # Errors
/// When the database fails.
pub async fn promise(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    until: NaiveDate,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let moment = at_rest(work, issue, Some(until));
    let id = work.new_id();
    changed(work, event, issue, |clocks| {
        clocks.end(&rules, ClockKind::NextReply, moment.now, true)?;
        clocks.start(&rules, ClockKind::NextReply, &moment, id)
    })
    .await
}

/// Starts a clock apart from any step: a call back that somebody asks for.
///
/// # Errors
/// When the database fails.
pub async fn start(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    kind: ClockKind,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let moment = at_rest(work, issue, None);
    let id = work.new_id();
    changed(work, event, issue, |clocks| {
        clocks.start(&rules, kind, &moment, id)
    })
    .await
}

/// Ends a clock apart from any step: a call back that was made.
///
/// # Errors
/// When the database fails.
pub async fn end(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    kind: ClockKind,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let now = work.now();
    changed(work, event, issue, |clocks| {
        clocks.end(&rules, kind, now, true)
    })
    .await
}

/// Brings the clock of the answer forward to that of another issue that was merged into this one:
/// the earlier one counts.
///
/// # Errors
/// When the database fails.
pub async fn tighten(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    other: &enterprise_issue::Model,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let (now, rows) = (work.now(), of_issue(work.tx(), other.id).await?);
    let theirs = rows.into_iter().find(|row| {
        row.kind == ClockKind::Resolve && row.ended_at.is_none() && row.running_since.is_some()
    });
    changed(work, event, issue, |clocks| {
        match (theirs, clocks.open(ClockKind::Resolve)) {
            (Some(theirs), Some(ours))
                if ours.running_since.is_some() && theirs.due_at < ours.due_at =>
            {
                let until = crate::kernel::clock::business_date(theirs.due_at);
                clocks.extend(&rules, ClockKind::Resolve, until, now)
            }
            _ => Ok(()),
        }
    })
    .await
}

/// An issue whose urgency or complexity changes: its clocks get what the rules give the new case
/// more or less, and what was spent stays spent.
///
/// # Errors
/// When the database fails.
pub async fn reclassify(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    case: Case,
) -> Result<Dues> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let (now, before) = (work.now(), case_of(issue));
    changed(work, event, issue, |clocks| {
        for kind in super::table::CLOCKS {
            if clocks.open(kind).is_some() && kind != ClockKind::NextReply {
                let more = rules.limit(kind, &case, false)? - rules.limit(kind, &before, false)?;
                clocks.relimit(&rules, kind, more, now)?;
            }
        }
        Ok(())
    })
    .await
}

/// What of an issue decides how long its clocks are.
#[must_use]
pub const fn case_of(issue: &enterprise_issue::Model) -> Case {
    Case {
        nature: issue.nature,
        urgency: issue.urgency,
        complexity: issue.complexity,
    }
}

/// The moment of something that is no step. No clock looks at the step of one that it is started
/// by itself, but for dissatisfaction.
fn at_rest(work: &Work, issue: &enterprise_issue::Model, until: Option<NaiveDate>) -> Moment {
    Moment {
        step: Step::MoveToLongTerm,
        now: work.now(),
        case: case_of(issue),
        until,
        is_sampled: false,
    }
}

/// Moves the clocks of an issue that stays in its state.
async fn changed(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    move_them: impl FnOnce(&mut Clocks) -> Result<()>,
) -> Result<Dues> {
    let (warn_at, due_at) = moved(work, event, issue, |clocks, _| move_them(clocks)).await?;
    Ok(Dues {
        warn_at,
        due_at,
        review_at: issue.review_at,
        lapses_at: issue.lapses_at,
        reminds_at: issue.reminds_at,
    })
}

/// Loads the clocks, moves them and writes what is new and what changed.
pub(in crate::domain::issue) async fn moved(
    work: &mut Work,
    event: Event,
    issue: &enterprise_issue::Model,
    move_them: impl FnOnce(&mut Clocks, &mut dyn FnMut() -> Uuid) -> Result<()>,
) -> Result<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)> {
    let before = of_issue(work.tx(), issue.id).await?;
    let mut clocks = Clocks::new(issue.district_id, issue.id, before.clone());
    move_them(&mut clocks, &mut || work.new_id())?;
    let lit = clocks.lit();
    for (at, after) in clocks.into_rows().into_iter().enumerate() {
        match before.get(at) {
            None => {
                work.add(event, after.into_active_model()).await?;
            }
            Some(before) if *before != after => {
                let row = after.into_active_model().reset_all();
                let taken = || UserError::at(Code::Taken, "id");
                work.update(event, before, row, taken).await?;
            }
            Some(_) => {}
        }
    }
    Ok(lit)
}
