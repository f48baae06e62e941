//! Deadlines that move without anybody's doing: counted anew by a calendar that has changed, and
//! clocks that an older version of the service did not run.

use chrono::{DateTime, Utc};
use entity::enterprise_issue::{ActiveModel, Model};
use entity::issue_clock::ClockKind;
use entity::issue_transition::{self, TransitionKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::super::touch;
use crate::domain::issue::clocks::reminders::next_reminder;
use crate::domain::issue::clocks::write::{moved, of_issue};
use crate::domain::issue::clocks::{Case, Dues, Moment, Rules};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};

/// The event of deadlines that moved without anybody's doing.
pub(super) const fn moved_event(issue: &Model) -> Event {
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
pub(super) async fn arrived(work: &Work, issue: &Model) -> Result<DateTime<Utc>> {
    let last = issue_transition::Entity::find()
        .filter(issue_transition::Column::IssueId.eq(issue.id))
        .order_by_desc(issue_transition::Column::Seq)
        .one(work.tx())
        .await?;
    Ok(last.map_or(issue.updated_at, |step| step.created_at))
}

pub(super) async fn recount_one(work: &mut Work, issue: &Model) -> Result<bool> {
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
pub(super) async fn rebuild_one(work: &mut Work, issue: &Model) -> Result<bool> {
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
