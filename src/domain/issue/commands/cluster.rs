//! Common problems (共性问题): issues of several enterprises with one cause, and the one answer that
//! goes to all of them. Each stays an issue of its own, and is rated by its own enterprise.

use std::collections::BTreeSet;

use async_graphql::ID;
use entity::enterprise_issue::{self, ActiveModel, Column, IssueState, Model};
use entity::issue_cluster::{self, ClusterStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::super::lifecycle::{Action, OPEN};
use super::super::queries::SHAPE;
use super::super::{ClusterIssuesInput, RespondToClusterInput, policy};
use super::{facts, handling, touch};
use crate::domain::input::{
    block, expect_version, forbidden, invalid_state, line, not_found, role_may, row_id,
};
use crate::domain::issue::cluster::SHAPE as CLUSTER;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// The most issues of a common problem.
const MOST: usize = 100;

/// Says that open issues of two enterprises or more have one cause.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the texts, `OUT_OF_RANGE` for
/// fewer than two issues or enterprises or too many, and issue by issue `INVALID` where named
/// twice, `NOT_FOUND`, `INVALID_STATE` for one that has ended or belongs to another problem.
pub async fn cluster(deps: Deps, actor: Actor, input: ClusterIssuesInput) -> Result<Uuid> {
    role_may(policy::may_cluster(&actor.viewer))?;
    let mut faults = Faults::default();
    let title = line(&mut faults, "title", &input.title, 200);
    let cause = block(&mut faults, "cause", &input.cause, 2000);
    let ids = read_ids(&mut faults, &input.issue_ids);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "clusterIssues").await?;
    let issues = members_to_be(&work, &ids).await?;
    let (id, now) = (work.new_id(), work.now());
    let row = issue_cluster::ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        title: Set(title),
        cause: Set(cause),
        status: Set(ClusterStatus::Open),
        answered_at: Set(None),
        created_by_id: Set(work.user_id()),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    work.add(Event::new(Kind::Cluster, id, "cluster.created"), row)
        .await?;
    for issue in &issues {
        let change = ActiveModel {
            cluster_id: Set(Some(id)),
            ..<ActiveModel as Default>::default()
        };
        let event = Event::new(Kind::Issue, issue.id, "issue.clustered");
        touch(&mut work, event, issue, change).await?;
    }
    work.commit_with_members(Kind::Cluster, id).await?;
    Ok(id)
}

fn read_ids(faults: &mut Faults, ids: &[ID]) -> Vec<Uuid> {
    if !(2..=MOST).contains(&ids.len()) {
        let error = UserError::at(Code::OutOfRange, "issueIds");
        faults.add(error.with("min", 2).with("max", MOST));
        return Vec::new();
    }
    let mut read: Vec<Uuid> = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let id = row_id(Kind::Issue, id);
        if !id.is_nil() && read.contains(&id) {
            let error = UserError::at(Code::Invalid, "issueIds").item(index);
            faults.add(error.saying("诉求重复", "The issue is named twice."));
        }
        read.push(id);
    }
    read
}

/// The issues, locked, as they can belong to a new common problem.
async fn members_to_be(work: &Work, ids: &[Uuid]) -> Result<Vec<Model>> {
    let found = work
        .visible_among::<enterprise_issue::Entity>(&SHAPE, ids)
        .await?;
    let earlier: Vec<Uuid> = found.iter().filter_map(|issue| issue.cluster_id).collect();
    let unanswered: Vec<Uuid> = issue_cluster::Entity::find()
        .select_only()
        .column(issue_cluster::Column::Id)
        .filter(issue_cluster::Column::Id.is_in(earlier))
        .filter(issue_cluster::Column::Status.eq(ClusterStatus::Open))
        .into_tuple()
        .all(work.tx())
        .await?;
    let mut faults = Faults::default();
    for (index, id) in ids.iter().enumerate() {
        let at = |code| UserError::at(code, "issueIds").item(index);
        match found.iter().find(|issue| issue.id == *id) {
            None => faults.add(at(Code::NotFound)),
            Some(issue) if !OPEN.contains(&issue.state) => faults.add(
                at(Code::InvalidState)
                    .saying("诉求未在办理中", "The issue is not open.")
                    .with("state", issue.state.to_value()),
            ),
            Some(issue) if issue.cluster_id.is_some_and(|id| unanswered.contains(&id)) => {
                faults.add(at(Code::InvalidState).saying(
                    "诉求已属于另一共性问题",
                    "The issue belongs to another common problem.",
                ));
            }
            Some(_) => {}
        }
    }
    faults.check()?;
    let enterprises: BTreeSet<Uuid> = found.iter().map(|issue| issue.enterprise_id).collect();
    if enterprises.len() < 2 {
        let error = UserError::at(Code::OutOfRange, "issueIds")
            .saying(
                "共性问题须涉及两家以上企业",
                "A common problem is one of two enterprises or more.",
            )
            .with("enterprises", enterprises.len());
        return Err(Error::user(error));
    }
    Ok(found)
}

/// Answers a common problem: every open issue of it is answered, each by a step of its own.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reply, `NOT_FOUND`,
/// `FORBIDDEN` for an officer who does not handle all of them, `INVALID_STATE` where it is
/// answered or one of its issues is not handled yet, `STALE_VERSION`.
pub async fn respond_to_cluster(
    deps: Deps,
    actor: Actor,
    input: RespondToClusterInput,
) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_answer_cluster(viewer))?;
    let mut faults = Faults::default();
    let reply = block(&mut faults, "reply", &input.reply, 5000);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "respondToCluster").await?;
    let id = row_id(Kind::Cluster, &input.id);
    let found = work.visible::<issue_cluster::Entity>(&CLUSTER, id).await?;
    let cluster = found.ok_or_else(|| not_found("id"))?;
    let issues = enterprise_issue::Entity::find()
        .filter(Column::ClusterId.eq(id))
        .filter(Column::State.is_in(OPEN.iter().map(ActiveEnum::to_value)))
        .order_by_asc(Column::Id)
        .for_change()
        .all(work.tx())
        .await?;
    let mut waiting = Vec::new();
    for issue in &issues {
        let facts = facts(&work, viewer, issue).await?;
        if !policy::may(viewer, Action::Respond, &facts) {
            return Err(forbidden(id));
        }
        if !Action::Respond.exists_in(issue.state) && issue.state != IssueState::Responded {
            waiting.push(issue.number.clone());
        }
    }
    // Nobody but the district side answers what has no open issue left.
    if issues.is_empty() && !viewer.is_district_staff() {
        return Err(forbidden(id));
    }
    if cluster.status == ClusterStatus::Answered {
        return Err(invalid_state(id, cluster.status.to_value()));
    }
    expect_version(id, cluster.version, input.expected_version)?;
    let answered = issues
        .iter()
        .filter(|issue| Action::Respond.exists_in(issue.state));
    if !waiting.is_empty() || answered.clone().count() == 0 {
        let numbers = waiting.join(", ");
        let error = UserError::at(Code::InvalidState, "id")
            .saying(
                format!("尚有诉求未在办理中：{numbers}"),
                format!("Not all of its issues are being handled: {numbers}."),
            )
            .with("numbers", numbers);
        return Err(Error::about(id, error));
    }
    for issue in answered {
        handling::answer(&mut work, issue, reply.clone(), input.outcome).await?;
    }
    let row = issue_cluster::ActiveModel {
        id: Set(id),
        status: Set(ClusterStatus::Answered),
        answered_at: Set(Some(work.now())),
        version: Set(cluster.version + 1),
        updated_at: Set(work.now()),
        ..<issue_cluster::ActiveModel as Default>::default()
    };
    let event = Event::new(Kind::Cluster, id, "cluster.answered");
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, &cluster, row, taken).await?;
    work.commit_with_members(Kind::Cluster, id).await?;
    Ok(id)
}
