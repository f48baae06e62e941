//! Mergers (并单): one issue goes on for two. Both keep their timelines, and whoever wrote the one
//! that ends reads the replies there.

use std::sync::Arc;

use entity::enterprise_issue::{self, ActiveModel, Column, Model};
use entity::issue_progress::ProgressPurpose;
use entity::issue_transition::TransitionKind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::lifecycle::{Action, OPEN};
use super::super::queries::SHAPE;
use super::super::{MergeIssuesInput, clocks, policy};
use super::{Entry, Words, enter, facts, step, touch};
use crate::access::viewer::Viewer;
use crate::domain::input::{
    block_opt, expect_version, forbidden, invalid_state, not_found, role_may, row_id,
};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// Merges an issue into another one that is open: of the same enterprise, or with the written
/// consent of both.
///
/// # Errors
/// `Forbidden`; user errors `TOO_LONG`, `INVALID` for the texts, `INVALID` for an issue into
/// itself, `REQUIRED` for the consent, `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE`,
/// `STALE_VERSION`, `DEPENDENCY_EXISTS` for an issue that others were merged into.
pub async fn merge(deps: Deps, actor: Actor, input: MergeIssuesInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever(viewer, Action::Merge))?;
    let mut faults = Faults::default();
    let consent = block_opt(&mut faults, "consent", input.consent.as_deref(), 1000);
    let note = block_opt(&mut faults, "note", input.note.as_deref(), 1000);
    let (id, into) = (
        row_id(Kind::Issue, &input.id),
        row_id(Kind::Issue, &input.into_id),
    );
    if id == into && !id.is_nil() {
        faults.add(
            UserError::at(Code::Invalid, "intoId")
                .saying("不能并入自身", "An issue is not merged into itself."),
        );
    }
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "mergeIssues").await?;
    let (issue, target) = both(&work, viewer, (id, into), input.expected_version).await?;
    if issue.enterprise_id != target.enterprise_id && consent.is_none() {
        let error = UserError::at(Code::Required, "consent").saying(
            "跨企业并单须有双方书面同意",
            "Issues of two enterprises are merged with the written consent of both.",
        );
        return Err(Error::about(issue.id, error));
    }
    let others = enterprise_issue::Entity::find().filter(Column::MergedIntoId.eq(issue.id));
    if others.count(work.tx()).await? > 0 {
        let error = UserError::at(Code::DependencyExists, "id").saying(
            "已有其他诉求并入该诉求，请以其为主单",
            "Others were merged into it: let it be the one that goes on.",
        );
        return Err(Error::about(issue.id, error));
    }
    let words = Words {
        note,
        ..Words::default()
    };
    let change = ActiveModel {
        merged_into_id: Set(Some(target.id)),
        merge_consent: Set(consent),
        resume_state: Set(None),
        ..<ActiveModel as Default>::default()
    };
    // Before the clocks of the one that ends are dropped: the earlier due date holds.
    let event = Event::new(Kind::Issue, target.id, "issue.merged_with");
    let dues = clocks::tighten(&mut work, event, &target, &issue).await?;
    step(&mut work, &issue, TransitionKind::Merge, words, change).await?;
    let change = dues.on(<ActiveModel as Default>::default());
    touch(&mut work, event, &target, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// Both issues, locked in the order of their ids, as they may be merged.
async fn both(
    work: &Work,
    viewer: &Arc<Viewer>,
    (id, into): (Uuid, Uuid),
    expected_version: i32,
) -> Result<(Model, Model)> {
    let found = work
        .visible_among::<enterprise_issue::Entity>(&SHAPE, &[id, into])
        .await?;
    let of = |wanted: Uuid| found.iter().find(|issue| issue.id == wanted).cloned();
    let issue = of(id).ok_or_else(|| not_found("id"))?;
    let facts = facts(work, viewer, &issue).await?;
    if !policy::may(viewer, Action::Merge, &facts) {
        return Err(forbidden(id));
    }
    if !policy::stands(Action::Merge, &facts) {
        return Err(invalid_state(id, issue.state.to_value()));
    }
    expect_version(id, issue.version, expected_version)?;
    let target = of(into).ok_or_else(|| not_found("intoId"))?;
    if !OPEN.contains(&target.state) {
        let error = UserError::at(Code::InvalidState, "intoId")
            .saying("主单已结束", "The issue that is to go on has ended.")
            .with("state", target.state.to_value());
        return Err(Error::about(id, error));
    }
    Ok((issue, target))
}

/// Tells a reply to those that were merged into the issue, each in its own timeline.
pub(super) async fn share(work: &mut Work, issue: &Model, entry: &Entry) -> Result<()> {
    let merged = enterprise_issue::Entity::find()
        .filter(Column::MergedIntoId.eq(issue.id))
        .order_by_asc(Column::Id)
        .for_change()
        .all(work.tx())
        .await?;
    for other in merged {
        let event = Event::new(Kind::Issue, other.id, "issue.reply_shared");
        touch(work, event, &other, <ActiveModel as Default>::default()).await?;
        let entry = Entry {
            purpose: Some(ProgressPurpose::MergedReply),
            ..entry.clone()
        };
        enter(work, event, &other, entry).await?;
    }
    Ok(())
}
