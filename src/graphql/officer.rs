//! Chief service officers on the wire.

use async_graphql::{Context, ID, InputObject, Object};
use entity::service_officer::OfficerStatus;
use sea_orm::TryGetable;

use super::assignment::{self, OfficerAssignment, OfficerAssignmentOrder};
use super::connection::{self, Concept, Connection, Range, node};
use super::department::Department;
use super::in_place::InPlace;
use super::issue::{self, EnterpriseIssue, EnterpriseIssueOrder};
use super::payload::{act, payload};
use super::session::Session;
use super::shown::if_may;
use super::visit::{self, ServiceVisit, ServiceVisitOrder};
use crate::domain::input::row_id;
use crate::domain::issue::{IssueFilter, queries as issues};
use crate::domain::officer::{
    CreateOfficerInput, HandoverOfficerInput, OfficerAction, OfficerAssignmentFilter,
    ServiceOfficerFilter, ServiceOfficerOrderField, UpdateOfficerInput, commands, policy, queries,
};
use crate::domain::order::Direction;
use crate::domain::scalar::Timestamp;
use crate::domain::visit::{ServiceVisitFilter, queries as visits};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A chief service officer (首席服务官): a post, not a person. District users and officers read all
/// of their district's. A lead's users read the list of posts (post, department and whether it
/// serves) and the officer who serves their own enterprise in full; patch and office telephone of
/// the others are null beside `isRedacted: true`, and whom they serve is not told. Other
/// enterprises read the officer who serves them now, in full, and no other.
pub struct ServiceOfficer(Record);

impl From<Record> for ServiceOfficer {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for ServiceOfficer {
    const NAME: &'static str = "ServiceOfficer";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl ServiceOfficer {
    /// A field that is null to those who read only the list of posts.
    fn guarded<T: TryGetable>(&self, column: &str) -> Option<Result<T>> {
        if_may(self.0.get("reads_in_full"), || self.0.opt(column))
    }
}

/// A chief service officer (首席服务官): a post, not a person. District users and officers read all
/// of their district's. A lead's users read the list of posts (post, department and whether it
/// serves) and the officer who serves their own enterprise in full; patch and office telephone of
/// the others are null beside `isRedacted: true`, and whom they serve is not told. Other
/// enterprises read the officer who serves them now, in full, and no other.
#[Object]
impl ServiceOfficer {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`. Assignments count their own.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The post.
    pub async fn post_title(&self) -> Result<String> {
        self.0.get("post_title")
    }

    /// The department of the post.
    pub async fn department(&self) -> Result<InPlace<Department>> {
        Ok(self.0.must_parent("department")?.into())
    }

    /// Whether the post serves.
    pub async fn status(&self) -> Result<OfficerStatus> {
        self.0.get("status")
    }

    /// The patch it covers (片区). District side, officers, and the enterprise that it serves; of
    /// other posts null also to a lead.
    pub async fn patch(&self) -> Option<Result<String>> {
        self.guarded("patch")
    }

    /// The office telephone. District side, officers, and the enterprise that it serves.
    pub async fn office_phone(&self) -> Option<Result<String>> {
        self.guarded("office_phone")
    }

    /// Whether the viewer reads less than the whole row: then null can mean "not for you".
    pub async fn is_redacted(&self) -> Result<bool> {
        Ok(!self.0.get::<bool>("reads_in_full")?)
    }

    /// Whether the row is made up for demonstration.
    pub async fn is_synthetic(&self) -> Result<bool> {
        self.0.get("is_synthetic")
    }

    /// What the viewer may do to it as it stands; limits on the enterprises that it serves are
    /// looked at when it is done.
    pub async fn viewer_actions(&self, ctx: &Context<'_>) -> Result<Vec<OfficerAction>> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::actions(viewer, self.0.get("status")?))
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed. District side, officers, and the enterprise that it serves.
    pub async fn updated_at(&self) -> Option<Result<Timestamp>> {
        self.guarded("updated_at")
    }

    /// The issues (企业诉求) in its charge that the viewer reads in full.
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
        connection::child(ctx, &self.0, "officer_id", range, |scope| {
            issues::criteria_in_full(scope, filter.as_deref(), &issue::orders(order_by))
        })
        .await
    }

    /// The enterprises that it serves and served (挂点联系), as far as the viewer sees it: the
    /// district side and officers all, an enterprise, a lead too, only its own.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<OfficerAssignmentFilter>>,
        #[graphql(desc = "In which order; the last begun first where absent.")] order_by: Option<
            Vec<OfficerAssignmentOrder>,
        >,
    ) -> Result<Connection<OfficerAssignment>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "officer_id", range, |scope| {
            queries::assignment_criteria(scope, filter.as_deref(), &assignment::orders(order_by))
        })
        .await
    }

    /// Its visits (走访) that the viewer sees: an enterprise only those to itself.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<ServiceVisitFilter>>,
        #[graphql(desc = "In which order; the latest planned first where absent.")]
        order_by: Option<Vec<ServiceVisitOrder>>,
    ) -> Result<Connection<ServiceVisit>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "officer_id", range, |scope| {
            visits::criteria(scope, filter.as_deref(), None, &visit::orders(order_by))
        })
        .await
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ServiceOfficerOrder {
    /// What to sort by.
    pub field: ServiceOfficerOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

fn orders(order: Option<Vec<ServiceOfficerOrder>>) -> Vec<(ServiceOfficerOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

/// Queries on chief service officers.
#[derive(Default)]
pub struct OfficerQuery;

#[Object]
impl OfficerQuery {
    /// One chief service officer; null where there is none that the viewer sees. Auditors:
    /// FORBIDDEN.
    async fn service_officer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<Result<InPlace<ServiceOfficer>>> {
        let found = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            node(ctx, row_id(Kind::Officer, &id)).await
        };
        found.await.transpose()
    }

    /// The chief service officers that the viewer sees. District side, officers and leads: all of
    /// the district; other enterprises: the officer who serves them. Auditors: FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn service_officers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<ServiceOfficerFilter>>,
        #[graphql(desc = "Part of a post, in any script.")] search: Option<String>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<ServiceOfficerOrder>,
        >,
    ) -> Option<Result<Connection<ServiceOfficer>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "serviceOfficers", range, |scope| {
                queries::criteria(
                    scope,
                    filter.as_deref(),
                    search.as_deref(),
                    &orders(order_by),
                )
            })
            .await
        };
        Some(listed.await)
    }
}

payload! {
    CreateOfficerPayload(officer: ServiceOfficer),
    UpdateOfficerPayload(officer: ServiceOfficer),
    HandoverOfficerPayload(officer: ServiceOfficer),
}

/// Changes of chief service officers.
#[derive(Default)]
pub struct OfficerMutation;

#[Object]
impl OfficerMutation {
    /// Enters a chief service officer (首席服务官). District administrators and operators.
    async fn create_officer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The officer.")] input: CreateOfficerInput,
    ) -> Option<Result<CreateOfficerPayload>> {
        let done = act(ctx, |deps, actor| commands::create(deps, actor, input)).await;
        Some(done.map(CreateOfficerPayload))
    }

    /// Changes a chief service officer, retires it or brings it back. One who serves an enterprise
    /// is not retired (`DEPENDENCY_EXISTS`). District administrators and operators.
    async fn update_officer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateOfficerInput,
    ) -> Option<Result<UpdateOfficerPayload>> {
        let done = act(ctx, |deps, actor| commands::update(deps, actor, input)).await;
        Some(done.map(UpdateOfficerPayload))
    }

    /// Hands enterprises over from one officer to another (交接), all or those named, in one
    /// action: the assignments of the one end, those of the other begin, and what is not at its
    /// end of the enterprises' issues goes with them. Answers the officer who hands over.
    /// District administrators and operators.
    async fn handover_officer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The handover.")] input: HandoverOfficerInput,
    ) -> Option<Result<HandoverOfficerPayload>> {
        let done = act(ctx, |deps, actor| commands::handover(deps, actor, input)).await;
        Some(done.map(HandoverOfficerPayload))
    }
}
