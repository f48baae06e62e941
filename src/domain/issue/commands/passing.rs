//! What happens to issues by the passing of time alone: nobody does it, each in a transaction of
//! its own with its audit entry. Several servers may be at it at once: whoever gets the lock looks
//! again, and does what is still to be done.

use chrono::{DateTime, Utc};
use entity::enterprise_issue::{ActiveModel, Column, Entity, IssueState, Model};
use entity::issue_callback::CallbackReason;
use entity::issue_clock::{self, ClockKind};
use entity::issue_progress::ProgressKind;
use entity::issue_transition::{self, TransitionKind, WithdrawReason};
use entity::setting;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::super::clocks::reminders::{next_reminder, reminders};
use super::super::clocks::write::{moved, of_issue};
use super::super::clocks::{Case, Clocks, Dues, Moment, Rules};
use super::super::lifecycle::OPEN;
use super::super::supervision::queries::pending_levels;
use super::super::supervision::write::bring;
use super::closing::is_rated;
use super::{Entry, Words, callback, enter, event, step, touch};
use crate::domain::calendar::queries::PENDING;
use crate::kernel::clock::midnight;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::Deps;
use crate::store::work::{Event, Work};

/// Issues that are looked at in one go.
const AT_ONCE: u64 = 200;

/// Something that the passing of time does to an issue.
#[derive(Clone, Copy, Debug)]
enum Doing {
    /// Its clocks are rebuilt from its steps: they were taken before there were clocks.
    Rebuild,
    /// Its deadlines are counted anew, by a calendar that has changed.
    Recount,
    /// It goes on, since what it waited for did not come.
    Lapse,
    /// It is pressed for, since it is late.
    Escalate,
    /// It reminds whoever it waits for.
    Remind,
}

/// Does all that is due. How many issues were changed.
///
/// # Errors
/// When the database fails.
pub async fn sweep(deps: &Deps) -> Result<usize> {
    let rebuilt = rebuild(deps).await?;
    let asked = pending(deps).await?;
    let recounted = recount(deps).await?;
    if let Some(asked) = asked {
        forget(deps, &asked).await?;
    }
    let lapsed = lapse(deps).await?;
    let escalated = escalate(deps).await?;
    // What has lapsed reminds of nothing.
    let reminded = remind(deps).await?;
    Ok(rebuilt + recounted + lapsed + escalated + reminded)
}

/// Rebuilds the clocks of issues that have none although they were submitted: an older version of
/// the service took their steps.
async fn rebuild(deps: &Deps) -> Result<usize> {
    let mut clocks = Query::select();
    clocks
        .column(issue_clock::Column::IssueId)
        .from(issue_clock::Entity);
    let mut states: Vec<String> = OPEN.iter().map(ActiveEnum::to_value).collect();
    states.push(IssueState::Closed.to_value());
    let which = Condition::all()
        .add(Column::State.is_in(states))
        .add(Column::Id.not_in_subquery(clocks));
    each(deps, Doing::Rebuild, which).await
}

/// Counts the deadlines anew that reach to or beyond the first day of a calendar that was
/// imported, if they were not yet.
///
/// # Errors
/// When the database fails.
pub async fn recount(deps: &Deps) -> Result<usize> {
    let Some(asked) = pending(deps).await? else {
        return Ok(0);
    };
    let from = asked.value.parse().ok().and_then(midnight);
    let from = from.ok_or_else(|| Error::Internal(format!("{PENDING} is no day")))?;
    let due = Condition::any()
        .add(issue_clock::Column::DueAt.gte(from))
        .add(issue_clock::Column::IsProvisional.eq(true));
    let mut open = Query::select();
    open.column(issue_clock::Column::IssueId)
        .from(issue_clock::Entity)
        .cond_where(Condition::all().add(issue_clock::Column::EndedAt.is_null()))
        .cond_where(due);
    let which = Condition::any()
        .add(Column::LapsesAt.gte(from))
        .add(Column::Id.in_subquery(open));
    each(deps, Doing::Recount, which).await
}

/// From which day on deadlines are to be counted anew.
async fn pending(deps: &Deps) -> Result<Option<setting::Model>> {
    let found = setting::Entity::find_by_id(PENDING.to_owned());
    Ok(found.one(deps.db.conn()).await?)
}

/// Forgets what was done, unless it was asked for once more.
async fn forget(deps: &Deps, asked: &setting::Model) -> Result<()> {
    setting::Entity::delete_many()
        .filter(setting::Column::Key.eq(PENDING))
        .filter(setting::Column::UpdatedAt.eq(asked.updated_at))
        .exec(deps.db.conn())
        .await?;
    Ok(())
}

/// Takes the steps that nobody takes: what was asked for did not come, the reply was not rated,
/// the time to reopen is over.
async fn lapse(deps: &Deps) -> Result<usize> {
    let which = Condition::all().add(Column::LapsesAt.lt(deps.clock.now()));
    each(deps, Doing::Lapse, which).await
}

/// Presses for what is late (提级), level by level: each of a clock comes once. What its clocks have
/// brought already is left alone.
async fn escalate(deps: &Deps) -> Result<usize> {
    each(deps, Doing::Escalate, pending_levels(deps.clock.now())).await
}

/// Reminds whoever is waited for.
async fn remind(deps: &Deps) -> Result<usize> {
    let which = Condition::all().add(Column::RemindsAt.lt(deps.clock.now()));
    each(deps, Doing::Remind, which).await
}

/// Does something to each issue, of any district, that a condition holds for. What fails is
/// logged and left for the next time, so that one issue does not keep the others waiting.
async fn each(deps: &Deps, doing: Doing, which: Condition) -> Result<usize> {
    let (mut after, mut changed) = (None, 0);
    loop {
        let found: Vec<(Uuid, Uuid)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::DistrictId])
            .filter(which.clone())
            .filter(Condition::all().add_option(after.map(|id: Uuid| Column::Id.gt(id))))
            .order_by_asc(Column::Id)
            .limit(AT_ONCE)
            .into_tuple()
            .all(deps.db.conn())
            .await?;
        for (issue, district) in &found {
            match doing.once(deps, *issue, *district).await {
                Ok(is_changed) => changed += usize::from(is_changed),
                Err(cause) => {
                    tracing::warn!(?doing, %issue, %cause, "an issue is left for the next time");
                }
            }
        }
        let Some((last, _)) = found.last() else {
            return Ok(changed);
        };
        after = Some(*last);
    }
}

impl Doing {
    async fn once(self, deps: &Deps, issue: Uuid, district: Uuid) -> Result<bool> {
        let action = match self {
            Self::Rebuild => "rebuildClocks",
            Self::Recount => "recountDeadlines",
            Self::Lapse => "lapseIssue",
            Self::Escalate => "escalateIssue",
            Self::Remind => "remindOfIssue",
        };
        let mut work = Work::by_system(deps, district, action).await?;
        let found = Entity::find_by_id(issue).lock_exclusive();
        let Some(issue) = found.one(work.tx()).await? else {
            return Ok(false);
        };
        let is_done = match self {
            Self::Rebuild => rebuild_one(&mut work, &issue).await?,
            Self::Recount => recount_one(&mut work, &issue).await?,
            Self::Lapse => lapse_one(&mut work, &issue).await?,
            Self::Escalate => escalate_one(&mut work, &issue).await?,
            Self::Remind => remind_one(&mut work, &issue).await?,
        };
        if is_done {
            work.commit(Kind::Issue, issue.id).await?;
        }
        Ok(is_done)
    }
}

/// The event of deadlines that moved without anybody's doing.
const fn moved_event(issue: &Model) -> Event {
    Event::new(Kind::Issue, issue.id, "issue.deadlines_changed")
}

/// Keeps what the clocks say, if that is anything new.
async fn keep(work: &mut Work, issue: &Model, dues: Dues) -> Result<bool> {
    let known = Dues {
        warn_at: issue.warn_at,
        due_at: issue.due_at,
        review_at: issue.review_at,
        lapses_at: issue.lapses_at,
        reminds_at: issue.reminds_at,
    };
    if work.is_clean() && dues == known {
        return Ok(false);
    }
    let change = dues.on(<ActiveModel as Default>::default());
    touch(work, moved_event(issue), issue, change).await?;
    Ok(true)
}

/// When the issue came to its state.
async fn arrived(work: &Work, issue: &Model) -> Result<DateTime<Utc>> {
    let last = issue_transition::Entity::find()
        .filter(issue_transition::Column::IssueId.eq(issue.id))
        .order_by_desc(issue_transition::Column::Seq)
        .one(work.tx())
        .await?;
    Ok(last.map_or(issue.updated_at, |step| step.created_at))
}

async fn recount_one(work: &mut Work, issue: &Model) -> Result<bool> {
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let (now, arrived) = (work.now(), arrived(work, issue).await?);
    let mut lapses_at = None;
    let (warn_at, due_at) = moved(work, moved_event(issue), issue, |clocks, _| {
        clocks.recount(&rules, now)?;
        lapses_at = clocks.lapses(&rules, issue.state, arrived)?;
        Ok(())
    })
    .await?;
    let reminds_at = next_reminder(&rules, issue.state, (arrived, lapses_at), now)?;
    let dues = Dues {
        warn_at,
        due_at,
        review_at: issue.review_at,
        lapses_at,
        // What was reminded of is not once more.
        reminds_at: reminds_at.filter(|_| issue.reminds_at.is_some()),
    };
    keep(work, issue, dues).await
}

/// Takes the issue's steps once more, for its clocks alone.
async fn rebuild_one(work: &mut Work, issue: &Model) -> Result<bool> {
    if !of_issue(work.tx(), issue.id).await?.is_empty() {
        return Ok(false);
    }
    let steps = issue_transition::Entity::find()
        .filter(issue_transition::Column::IssueId.eq(issue.id))
        .order_by_asc(issue_transition::Column::Seq)
        .all(work.tx())
        .await?;
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let mut lapses_at = None;
    let (warn_at, due_at) = moved(work, moved_event(issue), issue, |clocks, new_id| {
        let mut is_accepted = false;
        for step in &steps {
            is_accepted |= step.kind == TransitionKind::Accept;
            let moment = Moment {
                step: step.kind,
                now: step.created_at,
                case: Case {
                    nature: issue.nature,
                    urgency: issue.urgency.filter(|_| is_accepted),
                    complexity: issue.complexity.filter(|_| is_accepted),
                },
                until: None,
                is_sampled: false,
            };
            clocks.take(&rules, &moment, new_id)?;
            lapses_at = clocks.lapses(&rules, step.to_state, step.created_at)?;
        }
        // Nobody called back before there were calls, and nothing waits for one.
        let last = steps
            .last()
            .map_or(issue.updated_at, |step| step.created_at);
        clocks.end(&rules, ClockKind::Callback, last, false)
    })
    .await?;
    if work.is_clean() {
        return Ok(false);
    }
    let since = steps.last().map(|step| step.created_at);
    let reminds_at = match since {
        Some(since) => next_reminder(&rules, issue.state, (since, lapses_at), work.now())?,
        None => None,
    };
    let dues = Dues {
        warn_at,
        due_at,
        review_at: issue.review_at,
        lapses_at,
        reminds_at,
    };
    keep(work, issue, dues).await
}

/// Takes the step that the passing of time takes, if it is still due.
async fn lapse_one(work: &mut Work, issue: &Model) -> Result<bool> {
    if issue.lapses_at.is_none_or(|at| at >= work.now()) {
        return Ok(false);
    }
    let none = || <ActiveModel as Default>::default();
    let (kind, words, change) = match issue.state {
        // 100 of a hundred such withdrawals are checked by a call back.
        IssueState::NeedsInfo => {
            let words = Words {
                withdraw_reason: Some(WithdrawReason::Other),
                is_sampled: true,
                ..Words::note("企业逾期未补充材料，自动撤单。".to_owned())
            };
            let change = ActiveModel {
                resume_state: Set(None),
                ..none()
            };
            (TransitionKind::Withdraw, words, change)
        }
        IssueState::Responded if !is_rated(work, issue.id).await? => {
            let change = ActiveModel {
                closed_at: Set(Some(work.now())),
                is_closed_unrated: Set(true),
                ..none()
            };
            (TransitionKind::CloseUnrated, Words::default(), change)
        }
        IssueState::Closed if !owes_call(work, issue).await? => {
            (TransitionKind::Archive, Words::default(), none())
        }
        _ => return Ok(false),
    };
    step(work, issue, kind, words, change).await?;
    if kind == TransitionKind::Withdraw {
        callback::owe(
            work,
            event(issue.id, kind),
            issue,
            CallbackReason::Withdrawn,
        )
        .await?;
    }
    Ok(true)
}

/// Writes what its clocks have brought, if anything is new.
async fn escalate_one(work: &mut Work, issue: &Model) -> Result<bool> {
    let event = Event::new(Kind::Issue, issue.id, "issue.escalated");
    let Some(level) = bring(work, event, issue).await? else {
        return Ok(false);
    };
    let change = ActiveModel {
        escalation_level: Set(issue.escalation_level.max(level)),
        ..<ActiveModel as Default>::default()
    };
    touch(work, event, issue, change).await?;
    Ok(true)
}

/// Reminds whoever the issue waits for, in its timeline, and keeps when it does so next. What was
/// waited for before there were reminders is only given its instants.
async fn remind_one(work: &mut Work, issue: &Model) -> Result<bool> {
    let Some(from) = issue.reminds_at.filter(|at| *at < work.now()) else {
        return Ok(false);
    };
    let rules = Rules::load(work.db(), work.tx(), issue.district_id).await?;
    let waits = (arrived(work, issue).await?, issue.lapses_at);
    let all = reminders(&rules, issue.state, waits)?;
    let is_due = all.iter().any(|at| *at >= from && *at < work.now());
    let change = ActiveModel {
        reminds_at: Set(all.into_iter().find(|at| *at >= work.now())),
        ..<ActiveModel as Default>::default()
    };
    if !is_due {
        touch(work, moved_event(issue), issue, change).await?;
        return Ok(true);
    }
    let event = Event::new(Kind::Issue, issue.id, "issue.reminded");
    touch(work, event, issue, change).await?;
    let asked = match issue.state {
        IssueState::NeedsInfo => "请补充材料；逾期未补充的，将自动撤单。",
        _ => "请对答复作出评价；逾期未评价的，将自动办结。",
    };
    let entry = Entry::new(ProgressKind::Progress, asked.to_owned());
    enter(work, event, issue, entry).await?;
    Ok(true)
}

/// Whether the enterprise is to be called back before the issue is put away.
async fn owes_call(work: &Work, issue: &Model) -> Result<bool> {
    let clocks = Clocks::new(
        issue.district_id,
        issue.id,
        of_issue(work.tx(), issue.id).await?,
    );
    Ok(clocks.open(ClockKind::Callback).is_some())
}
