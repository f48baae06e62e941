//! Supervision on the wire: what was pressed for, joint meetings, and what is to be done next.

use async_graphql::{Context, ID, Object};
use entity::issue_clock::ClockKind;
use entity::issue_supervision::SupervisionKind;

use super::EnterpriseIssue;
use crate::domain::issue::supervision::{
    ConcludeJointMeetingInput, EscalateIssueInput, LowerEscalationInput, SuperviseIssueInput,
    commands, may_read, queries,
};
use crate::domain::scalar::{Date, Timestamp};
use crate::graphql::connection::{self, Concept, Connection, Range};
use crate::graphql::department::Department;
use crate::graphql::in_place::InPlace;
use crate::graphql::officer::ServiceOfficer;
use crate::graphql::payload::{act, payload};
use crate::graphql::session::Session;
use crate::graphql::user::User;
use crate::kernel::error::{Error, Result};
use crate::store::record::Record;
use crate::store::shape::Shape;

/// What was pressed for on an issue.
pub struct IssueSupervision(Record);

impl From<Record> for IssueSupervision {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for IssueSupervision {
    const NAME: &'static str = "IssueSupervision";

    fn shape() -> &'static Shape {
        &queries::SUPERVISION
    }
}

/// What was pressed for on an issue (督办): a reminder, a supervision order (督办单), a circular
/// (通报) or an item of a joint meeting (联席会议). The district side; officers of what they handle.
#[Object]
impl IssueSupervision {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// How the issue is pressed for.
    pub async fn kind(&self) -> Result<SupervisionKind> {
        self.0.get("kind")
    }

    /// The level of escalation (提级), 1 to 4.
    pub async fn level(&self) -> Result<i32> {
        self.0.get("level")
    }

    /// The clock that brought it; null where somebody did.
    pub async fn clock(&self) -> Option<Result<ClockKind>> {
        self.0.opt("clock")
    }

    /// What is demanded; null where a clock brought it.
    pub async fn demand(&self) -> Option<Result<String>> {
        self.0.opt("demand")
    }

    /// What the joint meeting concluded; null for others and until then.
    pub async fn conclusion(&self) -> Option<Result<String>> {
        self.0.opt("conclusion")
    }

    /// When it was concluded.
    pub async fn concluded_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("concluded_at")
    }

    /// When it was lifted (撤销); null while it stands.
    pub async fn lifted_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("lifted_at")
    }

    /// Why it was lifted.
    pub async fn lift_reason(&self) -> Option<Result<String>> {
        self.0.opt("lift_reason")
    }

    /// When it was issued.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// The issue.
    pub async fn enterprise_issue(&self) -> Result<InPlace<EnterpriseIssue>> {
        Ok(self.0.must_parent("enterpriseIssue")?.into())
    }

    /// The department that led the handling when it was issued; null before the assignment.
    pub async fn department(&self) -> Option<Result<InPlace<Department>>> {
        self.0.parent("department").map(|parent| Ok(parent?.into()))
    }

    /// The chief service officer (首席服务官) in charge when it was issued.
    pub async fn officer(&self) -> Option<Result<InPlace<ServiceOfficer>>> {
        self.0.parent("officer").map(|parent| Ok(parent?.into()))
    }

    /// The user who issued it; null where a clock brought it, or a rating.
    pub async fn issued_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("issuedBy").map(|parent| Ok(parent?.into()))
    }

    /// The user who lifted it.
    pub async fn lifted_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("liftedBy").map(|parent| Ok(parent?.into()))
    }

    /// The meeting that concluded it.
    pub async fn meeting(&self) -> Option<Result<InPlace<JointMeeting>>> {
        self.0.parent("meeting").map(|parent| Ok(parent?.into()))
    }
}

/// A joint meeting that was held.
pub struct JointMeeting(Record);

impl From<Record> for JointMeeting {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for JointMeeting {
    const NAME: &'static str = "JointMeeting";

    fn shape() -> &'static Shape {
        &queries::MEETING
    }
}

/// A joint meeting (联席会议) that was held. The district side and officers.
#[Object]
impl JointMeeting {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// The title.
    pub async fn title(&self) -> Result<String> {
        self.0.get("title")
    }

    /// The day it was held on.
    pub async fn held_on(&self) -> Result<Date> {
        self.0.get("held_on")
    }

    /// The post of the district leader who chaired it.
    pub async fn chair_post(&self) -> Result<String> {
        self.0.get("chair_post")
    }

    /// The user who recorded it.
    pub async fn recorded_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("recordedBy").map(|parent| Ok(parent?.into()))
    }

    /// When it was recorded.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// What it concluded, on the issues that the viewer reads such things of.
    pub async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<IssueSupervision>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "meeting_id", range, |_| {
            Ok(queries::as_issued())
        })
        .await
    }
}

/// Queries on supervision.
#[derive(Default)]
pub struct SupervisionQuery;

#[Object]
impl SupervisionQuery {
    /// The joint meetings (联席会议) of the district, the last first. The district side and officers;
    /// others: FORBIDDEN.
    async fn joint_meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<JointMeeting>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "jointMeetings", range, |_| Ok(queries::meetings())).await
        };
        Some(listed.await)
    }

    /// What waits for the viewer (我的待办), in the order in which it must be done: what is due first
    /// comes first. District operators and administrators: what they accept, assign, review and
    /// decide, what a joint meeting is to conclude or has concluded, whom they are to call back, and
    /// all that is overdue; officers: what they handle, and what the enterprises that they serve
    /// have submitted. Others: FORBIDDEN.
    async fn my_work(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<EnterpriseIssue>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "myWork", range, |scope| Ok(queries::work(scope))).await
        };
        Some(listed.await)
    }
}

payload! {
    SuperviseIssuePayload(enterprise_issue: EnterpriseIssue),
    EscalateIssuePayload(enterprise_issue: EnterpriseIssue),
    LowerEscalationPayload(enterprise_issue: EnterpriseIssue),
    ConcludeJointMeetingPayload(joint_meeting: JointMeeting),
}

/// What the district does by hand.
#[derive(Default)]
pub struct SupervisionMutation;

#[Object]
impl SupervisionMutation {
    /// Presses for an issue (督办): by a reminder, a supervision order or a circular. Its level rises
    /// to that of what is issued. District operators and administrators.
    async fn supervise_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is issued.")] input: SuperviseIssueInput,
    ) -> Option<Result<SuperviseIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::supervise(deps, actor, input)).await;
        Some(done.map(SuperviseIssuePayload))
    }

    /// Raises an issue by one level (提级); above the third it waits for a joint meeting. District
    /// operators and administrators.
    async fn escalate_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The escalation.")] input: EscalateIssueInput,
    ) -> Option<Result<EscalateIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::escalate(deps, actor, input)).await;
        Some(done.map(EscalateIssuePayload))
    }

    /// Lowers the level of an issue (撤销提级), with a reason: what was pressed for above it is lifted,
    /// and a clock that brought it does not bring it again. What a joint meeting concluded stays.
    /// District operators and administrators.
    async fn lower_escalation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lowering.")] input: LowerEscalationInput,
    ) -> Option<Result<LowerEscalationPayload>> {
        let done = act(ctx, |deps, actor| commands::lower(deps, actor, input)).await;
        Some(done.map(LowerEscalationPayload))
    }

    /// Records a joint meeting (联席会议) with what it concluded on issues that wait for one. District
    /// operators and administrators.
    async fn conclude_joint_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting.")] input: ConcludeJointMeetingInput,
    ) -> Option<Result<ConcludeJointMeetingPayload>> {
        let done = act(ctx, |deps, actor| commands::conclude(deps, actor, input)).await;
        Some(done.map(ConcludeJointMeetingPayload))
    }
}
