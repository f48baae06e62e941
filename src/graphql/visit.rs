//! Visits and those who took part on the wire.

use async_graphql::{Context, ID, InputObject, Object};
use entity::service_visit::{VisitMode, VisitStatus};
use uuid::Uuid;

use super::attachment::Attachment;
use super::connection::{self, Concept, Connection, Range};
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::issue::{self, EnterpriseIssue, EnterpriseIssueOrder};
use super::officer::ServiceOfficer;
use super::payload::{act, payload};
use super::session::Session;
use super::shown::if_may;
use super::user::User;
use crate::domain::attachment::queries as attachments;
use crate::domain::issue::{IssueFilter, queries as issues};
use crate::domain::order::Direction;
use crate::domain::scalar::{Date, Timestamp};
use crate::domain::visit::{
    PlanVisitInput, RecordVisitInput, ServiceVisitFilter, ServiceVisitOrderField, VisitAction,
    commands, policy, queries,
};
use crate::kernel::error::{Error, Result};
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A visit of an officer to an enterprise (走访). District operators and administrators read all
/// of their district's, officers those of the enterprises they serve and their own, an
/// enterprise's users those to their own enterprise. The internal note is for the district and
/// the visiting officer, null to everybody else beside `isRedacted: true`.
pub struct ServiceVisit(Record);

impl From<Record> for ServiceVisit {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for ServiceVisit {
    const NAME: &'static str = "ServiceVisit";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl ServiceVisit {
    fn officer_id(&self) -> Result<Uuid> {
        self.0.get("officer_id")
    }

    fn reads_note(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::may_note(viewer, self.officer_id()?))
    }
}

/// A visit of an officer to an enterprise (走访). District operators and administrators read all
/// of their district's, officers those of the enterprises they serve and their own, an
/// enterprise's users those to their own enterprise. The internal note is for the district and
/// the visiting officer, null to everybody else beside `isRedacted: true`.
#[Object]
impl ServiceVisit {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The enterprise.
    pub async fn enterprise(&self) -> Result<InPlace<Enterprise>> {
        Ok(self.0.must_parent("enterprise")?.into())
    }

    /// The officer who visits; null where the viewer does not see it, as an enterprise that is no
    /// lead does not see the officer it had before.
    pub async fn officer(&self) -> Option<Result<InPlace<ServiceOfficer>>> {
        self.0.parent("officer").map(|parent| Ok(parent?.into()))
    }

    /// How it is held.
    pub async fn mode(&self) -> Result<VisitMode> {
        self.0.get("mode")
    }

    /// Its state.
    pub async fn status(&self) -> Result<VisitStatus> {
        self.0.get("status")
    }

    /// The day it is planned for; without a plan the day it was held.
    pub async fn planned_on(&self) -> Result<Date> {
        self.0.get("planned_on")
    }

    /// The day it was held; null until then.
    pub async fn held_on(&self) -> Option<Result<Date>> {
        self.0.opt("held_on")
    }

    /// What it is for.
    pub async fn purpose(&self) -> Result<String> {
        self.0.get("purpose")
    }

    /// What was found; null until it was held.
    pub async fn findings(&self) -> Option<Result<String>> {
        self.0.opt("findings")
    }

    /// A note that the enterprise never reads. District operators and administrators, and the
    /// visiting officer.
    pub async fn internal_note(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        if_may(self.reads_note(ctx), || self.0.opt("internal_note"))
    }

    /// Whether the viewer reads less than the whole row: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!self.reads_note(ctx)?)
    }

    /// The person-times (人次): how many officials took part; 0 until it was held.
    pub async fn person_times(&self) -> Result<i32> {
        let count: i64 = self.0.get("person_times")?;
        i32::try_from(count).map_err(|error| Error::Internal(error.to_string()))
    }

    /// The user who recorded it; null until it was held.
    pub async fn recorded_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("recordedBy").map(|parent| Ok(parent?.into()))
    }

    /// What the viewer may do to it as it stands.
    pub async fn viewer_actions(&self, ctx: &Context<'_>) -> Result<Vec<VisitAction>> {
        Ok(policy::actions(
            Session::of(ctx).viewer()?,
            self.0.get("status")?,
            self.0.get("enterprise_id")?,
            self.officer_id()?,
        ))
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// The issues (企业诉求) that were raised in it and that the viewer reads in full.
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
        connection::child(ctx, &self.0, "visit_id", range, |scope| {
            issues::criteria_in_full(scope, filter.as_deref(), &issue::orders(order_by))
        })
        .await
    }

    /// Its attachments (附件), the first first.
    pub async fn attachments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Attachment>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "visit_id", range, |_| {
            Ok(attachments::attached())
        })
        .await
    }

    /// The officials who took part, in the order they were named; empty until it was held.
    pub async fn participants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<VisitParticipant>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "visit_id", range, |_| {
            Ok(queries::participants())
        })
        .await
    }
}

/// An official who took part in a visit, by post: one person-time (人次). Seen where the visit is.
pub struct VisitParticipant(Record);

impl From<Record> for VisitParticipant {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for VisitParticipant {
    const NAME: &'static str = "VisitParticipant";

    fn shape() -> &'static Shape {
        &queries::PARTICIPANT
    }
}

/// An official who took part in a visit, by post: one person-time (人次). Seen where the visit is.
#[Object]
impl VisitParticipant {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// The place among those who took part, from 1.
    pub async fn position(&self) -> Result<i32> {
        self.0.get("position")
    }

    /// The post at the time of the record.
    pub async fn post_title(&self) -> Result<String> {
        self.0.get("post_title")
    }

    /// The chief service officer; null for anybody else, and where the viewer does not see it.
    pub async fn officer(&self) -> Option<Result<InPlace<ServiceOfficer>>> {
        self.0.parent("officer").map(|parent| Ok(parent?.into()))
    }

    /// The visit.
    pub async fn visit(&self) -> Result<InPlace<ServiceVisit>> {
        Ok(self.0.must_parent("visit")?.into())
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ServiceVisitOrder {
    /// What to sort by.
    pub field: ServiceVisitOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// The order as the domain reads it.
pub(super) fn orders(
    order: Option<Vec<ServiceVisitOrder>>,
) -> Vec<(ServiceVisitOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}

/// Queries on visits.
#[derive(Default)]
pub struct VisitQuery;

#[Object]
impl VisitQuery {
    /// The visits (走访) that the viewer sees. District operators and administrators: all of the
    /// district; officers: of the enterprises they serve, and their own; enterprises: those to
    /// them. Auditors: FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn service_visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<ServiceVisitFilter>>,
        #[graphql(desc = "Part of a purpose or of findings, in any script.")] search: Option<
            String,
        >,
        #[graphql(desc = "In which order; the latest planned first where absent.")]
        order_by: Option<Vec<ServiceVisitOrder>>,
    ) -> Option<Result<Connection<ServiceVisit>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "serviceVisits", range, |scope| {
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
    PlanVisitPayload(visit: ServiceVisit),
    RecordVisitPayload(visit: ServiceVisit),
}

/// Changes of visits.
#[derive(Default)]
pub struct VisitMutation;

#[Object]
impl VisitMutation {
    /// Plans a visit (走访). District administrators and operators; officers to the enterprises
    /// they serve.
    async fn plan_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visit.")] input: PlanVisitInput,
    ) -> Option<Result<PlanVisitPayload>> {
        let done = act(ctx, |deps, actor| commands::plan(deps, actor, input)).await;
        Some(done.map(PlanVisitPayload))
    }

    /// Records a visit that was held, planned or not, with those who took part. District
    /// administrators and operators; officers their own, and those to the enterprises they serve.
    async fn record_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visit and what came of it.")] input: RecordVisitInput,
    ) -> Option<Result<RecordVisitPayload>> {
        let done = act(ctx, |deps, actor| commands::record(deps, actor, input)).await;
        Some(done.map(RecordVisitPayload))
    }
}
