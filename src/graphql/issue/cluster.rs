//! Common problems of several enterprises.

use async_graphql::{Context, ID, Object};
use entity::issue_cluster::ClusterStatus;

use super::timeline::belongings;
use super::{EnterpriseIssue, EnterpriseIssueOrder, orders};
use crate::domain::issue::{
    ClusterIssuesInput, IssueFilter, RespondToClusterInput, cluster, commands, policy, queries,
};
use crate::domain::scalar::Timestamp;
use crate::graphql::connection::{self, Connection, Range};
use crate::graphql::in_place::InPlace;
use crate::graphql::payload::{act, payload};
use crate::graphql::session::Session;
use crate::graphql::user::User;
use crate::kernel::error::{Error, Result};

belongings! {
    /// A common problem.
    IssueCluster(cluster::SHAPE),
}

/// A problem that several enterprises have (共性问题), answered once for all of them; each rates the
/// answer for itself. District operators and administrators; officers and enterprises where they
/// read one of its issues in full.
#[Object]
impl IssueCluster {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts its changes; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// What the problem is.
    pub async fn title(&self) -> Result<String> {
        self.0.get("title")
    }

    /// What its issues have in common.
    pub async fn cause(&self) -> Result<String> {
        self.0.get("cause")
    }

    /// Where it stands.
    pub async fn status(&self) -> Result<ClusterStatus> {
        self.0.get("status")
    }

    /// When it was answered.
    pub async fn answered_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("answered_at")
    }

    /// The user who saw that the issues belong together.
    pub async fn created_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("createdBy").map(|parent| Ok(parent?.into()))
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When it last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// Its issues, of those that the viewer reads in full.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<IssueFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<EnterpriseIssueOrder>,
        >,
    ) -> Result<Connection<EnterpriseIssue>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "cluster_id", range, |scope| {
            queries::criteria_in_full(scope, filter.as_deref(), &orders(order_by))
        })
        .await
    }
}

/// Queries on common problems.
#[derive(Default)]
pub struct ClusterQuery;

#[Object]
impl ClusterQuery {
    /// The common problems that the viewer sees, the newest first. District operators and
    /// administrators: all of the district; officers and enterprises: those of which they read an
    /// issue in full. Auditors: FORBIDDEN.
    async fn issue_clusters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueCluster>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "issueClusters", range, |_| Ok(cluster::criteria())).await
        };
        Some(listed.await)
    }
}

payload! {
    ClusterIssuesPayload(issue_cluster: IssueCluster),
    RespondToClusterPayload(issue_cluster: IssueCluster),
}

/// Changes of common problems.
#[derive(Default)]
pub struct ClusterMutation;

#[Object]
impl ClusterMutation {
    /// Says that open issues of two enterprises or more have one cause (共性问题). District operators
    /// and administrators.
    async fn cluster_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The common problem.")] input: ClusterIssuesInput,
    ) -> Option<Result<ClusterIssuesPayload>> {
        let done = act(ctx, |deps, actor| commands::cluster(deps, actor, input)).await;
        Some(done.map(ClusterIssuesPayload))
    }

    /// Answers a common problem: all its open issues at once, each by a step of its own. District
    /// operators and administrators; officers who handle all of them.
    async fn respond_to_cluster(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: RespondToClusterInput,
    ) -> Option<Result<RespondToClusterPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::respond_to_cluster(deps, actor, input)
        });
        Some(done.await.map(RespondToClusterPayload))
    }
}
