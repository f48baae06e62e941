//! Calls back to the enterprise (回访): what makes one due, and what it brought.

use entity::enterprise_issue::{ActiveModel, IssueState, Model};
use entity::issue_callback::{self, CallbackReason, Column};
use entity::issue_clock::ClockKind;
use entity::{enterprise_issue, issue_rating};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Query};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::{RecordCallbackInput, clocks, policy};
use super::{open, touch};
use crate::domain::input::{block, invalid_state, role_may};
use crate::kernel::error::{Code, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// The share of the withdrawals that are checked, of a hundred: at least.
const SHARE: u64 = 30;

/// Records what a call back brought.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the note, `NOT_FOUND`,
/// `FORBIDDEN` for who handled the issue, `INVALID_STATE` where no call is due, `STALE_VERSION`.
pub async fn record_callback(deps: Deps, actor: Actor, input: RecordCallbackInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::RecordCallback);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let note = block(&mut faults, "note", &input.note, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "recordCallback").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let due = due(&work, issue.id).await?;
    let due = due.ok_or_else(|| invalid_state(issue.id, issue.state.to_value()))?;
    let event = Event::new(Kind::Issue, issue.id, "issue.called_back");
    let dues = clocks::end(&mut work, event, &issue, ClockKind::Callback).await?;
    let change = dues.on(<ActiveModel as Default>::default());
    touch(&mut work, event, &issue, change).await?;
    let row = issue_callback::ActiveModel {
        id: Set(due.id),
        result: Set(Some(input.result)),
        note: Set(Some(note)),
        called_by_id: Set(work.user_id()),
        called_at: Set(Some(work.now())),
        ..<issue_callback::ActiveModel as Default>::default()
    };
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, &due, row, taken).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// The call back that is due for an issue.
pub(super) async fn due(work: &Work, issue: Uuid) -> Result<Option<issue_callback::Model>> {
    Ok(issue_callback::Entity::find()
        .filter(Column::IssueId.eq(issue))
        .filter(Column::Result.is_null())
        .one(work.tx())
        .await?)
}

/// Makes a call back due, where none is yet.
pub(super) async fn owe(
    work: &mut Work,
    event: Event,
    issue: &Model,
    reason: CallbackReason,
) -> Result<()> {
    if due(work, issue.id).await?.is_some() {
        return Ok(());
    }
    let row = issue_callback::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        reason: Set(reason),
        result: Set(None),
        note: Set(None),
        called_by_id: Set(None),
        called_at: Set(None),
        created_at: Set(work.now()),
    };
    work.add(event, row).await?;
    Ok(())
}

/// Whether a withdrawal is checked (撤单质检): always where the issue was overdue or had a low
/// rating, else by the lot, and whenever the share would fall below the least.
pub(super) async fn draws(work: &Work, issue: &Model) -> Result<bool> {
    let is_overdue = issue.due_at.is_some_and(|due| due < work.now());
    if is_overdue || was_rated_low(work, issue.id).await? {
        return Ok(true);
    }
    let withdrawn = Condition::all()
        .add(enterprise_issue::Column::DistrictId.eq(issue.district_id))
        .add(enterprise_issue::Column::State.eq(IssueState::Withdrawn.to_value()))
        .add(enterprise_issue::Column::SubmittedAt.is_not_null());
    let all = enterprise_issue::Entity::find().filter(withdrawn.clone());
    let mut drawn = Query::select();
    drawn
        .column(Column::IssueId)
        .from(issue_callback::Entity)
        .and_where(Column::Reason.eq(CallbackReason::Withdrawn));
    let checked = all
        .clone()
        .filter(enterprise_issue::Column::Id.in_subquery(drawn));
    let (all, checked) = (all.count(work.tx()).await?, checked.count(work.tx()).await?);
    Ok(is_drawn(lot(work.new_id()), all, checked))
}

/// A lot from 0 to 99: the last bits of a new id are chance.
fn lot(id: Uuid) -> u64 {
    u64::try_from(id.as_u128() & 0xFFFF_FFFF).unwrap_or(0) % 100
}

/// Whether one more withdrawal after so many, so many of them checked, is checked.
const fn is_drawn(lot: u64, all: u64, checked: u64) -> bool {
    lot < SHARE || checked * 100 < SHARE * (all + 1)
}

async fn was_rated_low(work: &Work, issue: Uuid) -> Result<bool> {
    let low = Condition::any()
        .add(issue_rating::Column::Stars.lt(3))
        .add(issue_rating::Column::IsResolved.eq(false));
    let found = issue_rating::Entity::find()
        .filter(issue_rating::Column::IssueId.eq(issue))
        .filter(low)
        .count(work.tx())
        .await?;
    Ok(found > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_never_falls_below_thirty_of_a_hundred() {
        for worst in [99, 30] {
            let mut checked = 0;
            for all in 0..1000 {
                checked += u64::from(is_drawn(worst, all, checked));
                assert!(
                    checked * 100 >= SHARE * (all + 1),
                    "{checked} of {}",
                    all + 1
                );
            }
            assert_eq!(checked, 300, "and no more than it must");
        }
    }

    #[test]
    fn the_lot_draws_thirty_of_a_hundred() {
        let drawn = (0..100).filter(|lot| is_drawn(*lot, 1000, 1000)).count();
        assert_eq!(drawn, 30);
        let lots: std::collections::BTreeSet<u64> =
            (0..1000).map(|n| lot(Uuid::from_u128(n))).collect();
        assert_eq!(lots.len(), 100);
    }
}
