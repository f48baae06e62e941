//! What happens to issues by the passing of time alone: nobody does it, each in a transaction of
//! its own with its audit entry. Several servers may be at it at once: whoever gets the lock looks
//! again, and does what is still to be done.

mod dues;
mod steps;

use entity::enterprise_issue::{Column, Entity, IssueState};
use entity::{issue_clock, setting};
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::super::lifecycle::OPEN;
use super::super::supervision::queries::pending_levels;
use crate::domain::calendar::queries::PENDING;
use crate::kernel::clock::midnight;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::Deps;
use crate::store::work::{ForChange, Work};
use dues::{rebuild_one, recount_one};
use steps::{escalate_one, lapse_one, remind_one};

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

/// What came of going through some issues.
#[derive(Clone, Copy, Debug, Default)]
struct Gone {
    /// How many were changed.
    changed: usize,
    /// How many failed, and are left for the next time.
    left: usize,
}

/// Does all that is due. How many issues were changed.
///
/// # Errors
/// When the database fails.
pub async fn sweep(deps: &Deps) -> Result<usize> {
    let rebuilt = rebuild(deps).await?;
    let recounted = match pending(deps).await? {
        Some(asked) => {
            let gone = recount_from(deps, &asked).await?;
            // While one is left it is to be done still.
            if gone.left == 0 {
                forget(deps, &asked).await?;
            }
            gone
        }
        None => Gone::default(),
    };
    let lapsed = lapse(deps).await?;
    let escalated = escalate(deps).await?;
    // What has lapsed reminds of nothing.
    let reminded = remind(deps).await?;
    let all = [rebuilt, recounted, lapsed, escalated, reminded];
    Ok(all.iter().map(|gone| gone.changed).sum())
}

/// Rebuilds the clocks of issues that have none although they were submitted: an older version of
/// the service took their steps.
async fn rebuild(deps: &Deps) -> Result<Gone> {
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
    match pending(deps).await? {
        Some(asked) => Ok(recount_from(deps, &asked).await?.changed),
        None => Ok(0),
    }
}

async fn recount_from(deps: &Deps, asked: &setting::Model) -> Result<Gone> {
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
async fn lapse(deps: &Deps) -> Result<Gone> {
    let which = Condition::all().add(Column::LapsesAt.lt(deps.clock.now()));
    each(deps, Doing::Lapse, which).await
}

/// Presses for what is late (提级), level by level: each of a clock comes once. What its clocks have
/// brought already is left alone.
async fn escalate(deps: &Deps) -> Result<Gone> {
    each(deps, Doing::Escalate, pending_levels(deps.clock.now())).await
}

/// Reminds whoever is waited for.
async fn remind(deps: &Deps) -> Result<Gone> {
    let which = Condition::all().add(Column::RemindsAt.lt(deps.clock.now()));
    each(deps, Doing::Remind, which).await
}

/// Does something to each issue, of any district, that a condition holds for. What fails is
/// logged and left for the next time, so that one issue does not keep the others waiting.
async fn each(deps: &Deps, doing: Doing, which: Condition) -> Result<Gone> {
    let (mut after, mut gone) = (None, Gone::default());
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
                Ok(is_changed) => gone.changed += usize::from(is_changed),
                Err(cause) => {
                    gone.left += 1;
                    tracing::warn!(?doing, %issue, %cause, "an issue is left for the next time");
                }
            }
        }
        let Some((last, _)) = found.last() else {
            return Ok(gone);
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
        let found = Entity::find_by_id(issue).for_change();
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
