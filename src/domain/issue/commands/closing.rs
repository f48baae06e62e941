//! What the enterprise says to the reply: rating, reopening.

use entity::enterprise_issue::{ActiveModel, Model};
use entity::issue_callback::CallbackReason;
use entity::issue_clock::ClockKind;
use entity::issue_progress::{self, ProgressKind};
use entity::issue_rating;
use entity::issue_transition::{self, TransitionKind};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::super::lifecycle::Action;
use super::super::supervision::write::refer;
use super::super::{RateIssueInput, ReopenIssueInput, clocks, limits, policy};
use super::{Words, callback, event, open, step, touch};
use crate::domain::district::queries::policy as district_policy;
use crate::domain::input::{block, block_opt, invalid_state, number, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// The highest level of escalation.
const HIGHEST_LEVEL: i32 = 4;
/// The fewest stars that close an issue.
const SATISFIED: i32 = 3;
/// How often a rating sends an issue back, unless it is reopened; then a joint meeting has the word.
const REWORKS: usize = 2;

/// What is demanded of the joint meeting then.
const STILL_DISSATISFIED: &str = "企业经两次重办仍不满意，提请联席会议研究。";

/// Rates the reply: three stars and more of a resolved issue close it, anything else sends it
/// back for rework, one level higher, and has the enterprise called back. What is still not right
/// after two reworks stays answered, for a joint meeting to conclude.
///
/// # Errors
/// `Forbidden`; user errors `OUT_OF_RANGE` for the stars, `REQUIRED` for a comment that is due,
/// `NOT_FOUND`, `FORBIDDEN` also for who handled it or wrote it for the enterprise,
/// `INVALID_STATE` also for a reply that is rated, `STALE_VERSION`.
pub async fn rate(deps: Deps, actor: Actor, input: RateIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Rate);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let stars = number(&mut faults, "stars", input.stars, 1, 5);
    let comment = block_opt(&mut faults, "comment", input.comment.as_deref(), 1000);
    let is_satisfied = stars >= SATISFIED && input.is_resolved;
    if !is_satisfied && comment.is_none() {
        faults.add(UserError::at(Code::Required, "comment").saying(
            "不满意或未解决时请说明原因",
            "Say why you are not satisfied, or what is not resolved.",
        ));
    }
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "rateIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let round = round(&work, issue.id).await?;
    if is_rated_in(&work, issue.id, round).await? {
        return Err(invalid_state(issue.id, issue.state.to_value()));
    }
    let told = if is_satisfied {
        let change = ActiveModel {
            closed_at: Set(Some(work.now())),
            is_closed_unrated: Set(false),
            ..<ActiveModel as Default>::default()
        };
        let kind = TransitionKind::CloseRated;
        step(&mut work, &issue, kind, Words::default(), change).await?;
        event(issue.id, kind)
    } else if reworks(&work, issue.id).await? < REWORKS {
        let change = ActiveModel {
            rework_count: Set(issue.rework_count + 1),
            ..back_to_work(&issue)
        };
        let kind = TransitionKind::Rework;
        step(&mut work, &issue, kind, Words::default(), change).await?;
        event(issue.id, kind)
    } else {
        let told = Event::new(Kind::Issue, issue.id, "issue.rated");
        // Nothing waits for a rating any more; the enterprise is called back as after any low one,
        // and a joint meeting has the word.
        clocks::end(&mut work, told, &issue, ClockKind::Rating).await?;
        let dues = clocks::start(&mut work, told, &issue, ClockKind::Callback).await?;
        refer(&mut work, told, &issue, STILL_DISSATISFIED).await?;
        let change = ActiveModel {
            lapses_at: Set(None),
            reminds_at: Set(None),
            escalation_level: Set(HIGHEST_LEVEL),
            ..dues.on(<ActiveModel as Default>::default())
        };
        touch(&mut work, told, &issue, change).await?;
        told
    };
    let row = issue_rating::ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(issue.district_id),
        issue_id: Set(issue.id),
        round: Set(round),
        stars: Set(stars),
        is_resolved: Set(input.is_resolved),
        comment: Set(comment),
        rated_by_id: Set(work.user_id()),
        created_at: Set(work.now()),
    };
    work.add(told, row).await?;
    if !is_satisfied {
        callback::owe(&mut work, told, &issue, CallbackReason::Dissatisfied).await?;
    }
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Which reply it is that is rated: replies are counted, and each is rated once at most.
pub(super) async fn round(work: &Work, issue: Uuid) -> Result<i32> {
    let replies = issue_progress::Entity::find()
        .filter(issue_progress::Column::IssueId.eq(issue))
        .filter(issue_progress::Column::Kind.eq(ProgressKind::Response))
        .count(work.tx())
        .await?;
    Ok(i32::try_from(replies).unwrap_or(i32::MAX))
}

/// How often a rating has sent the issue back since it was last reopened.
async fn reworks(work: &Work, issue: Uuid) -> Result<usize> {
    use issue_transition::Column;
    let turns = [TransitionKind::Rework, TransitionKind::Reopen];
    let kinds: Vec<TransitionKind> = issue_transition::Entity::find()
        .select_only()
        .column(Column::Kind)
        .filter(Column::IssueId.eq(issue))
        .filter(Column::Kind.is_in(turns))
        .order_by_desc(Column::Seq)
        .into_tuple()
        .all(work.tx())
        .await?;
    let since = kinds
        .iter()
        .take_while(|kind| **kind == TransitionKind::Rework);
    Ok(since.count())
}

/// Whether the reply that stands is rated already.
pub(super) async fn is_rated(work: &Work, issue: Uuid) -> Result<bool> {
    is_rated_in(work, issue, round(work, issue).await?).await
}

async fn is_rated_in(work: &Work, issue: Uuid, round: i32) -> Result<bool> {
    let rated = issue_rating::Entity::find()
        .filter(issue_rating::Column::IssueId.eq(issue))
        .filter(issue_rating::Column::Round.eq(round));
    Ok(rated.count(work.tx()).await? > 0)
}

/// What an issue that is worked on again no longer has, and the level that it rises to.
fn back_to_work(issue: &Model) -> ActiveModel {
    ActiveModel {
        outcome: Set(None),
        escalation_level: Set((issue.escalation_level + 1).min(HIGHEST_LEVEL)),
        ..<ActiveModel as Default>::default()
    }
}

/// Reopens a closed issue, as often and as long as the policy allows.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `NOT_FOUND`,
/// `FORBIDDEN`, `INVALID_STATE` also when the time is over, `STALE_VERSION`, `LIMIT_EXCEEDED`.
pub async fn reopen(deps: Deps, actor: Actor, input: ReopenIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Reopen);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "reopenIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let rules = district_policy(work.tx(), issue.district_id).await?;
    let most = rules.max_reopens;
    if issue.reopen_count >= most {
        let error = UserError::at(Code::LimitExceeded, "id")
            .saying(
                format!("最多可重办 {most} 次"),
                format!("An issue is reopened {most} times at most."),
            )
            .with("max", most);
        return Err(Error::about(issue.id, error));
    }
    let (closed, days) = (
        issue.closed_at.unwrap_or_else(|| work.now()),
        rules.reopen_window_days,
    );
    if !limits::is_within(&work, closed, days).await? {
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                format!("办结后 {days} 个工作日内方可重办，请另提诉求"),
                format!("An issue is reopened within {days} working days after closing."),
            )
            .with("workingDays", days);
        return Err(Error::about(issue.id, error));
    }
    let change = ActiveModel {
        reopen_count: Set(issue.reopen_count + 1),
        is_closed_unrated: Set(false),
        ..back_to_work(&issue)
    };
    let kind = TransitionKind::Reopen;
    step(&mut work, &issue, kind, Words::note(reason), change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
