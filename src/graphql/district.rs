//! Districts and their policies on the wire.

use async_graphql::{Context, ID, Object};

use super::connection::{self, Concept, Connection, Range, node};
use super::department::{Department, DepartmentOrder, orders};
use super::in_place::InPlace;
use super::issue::clocks::ClockRule;
use super::issue::timeline::IssueCategory;
use super::payload::{act, payload};
use super::session::Session;
use super::user::User;
use crate::domain::department::{self, DepartmentFilter};
use crate::domain::district::{UpdateDistrictPolicyInput, commands, queries};
use crate::domain::issue::clocks::queries::by_clock;
use crate::domain::issue::timeline;
use crate::domain::scalar::Timestamp;
use crate::kernel::error::Result;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A district that runs the programme. Everybody reads their own.
pub struct District(Record);

impl From<Record> for District {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for District {
    const NAME: &'static str = "District";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

/// A district that runs the programme. Everybody reads their own and no other.
#[Object]
impl District {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// GB/T 2260 code, six digits.
    pub async fn code(&self) -> Result<String> {
        self.0.get("code")
    }

    /// The name.
    pub async fn name(&self) -> Result<String> {
        self.0.get("name")
    }

    /// The prefix of issue numbers, such as LW.
    pub async fn number_prefix(&self) -> Result<String> {
        self.0.get("number_prefix")
    }

    /// Whether the district works with the service.
    pub async fn is_active(&self) -> Result<bool> {
        self.0.get("is_active")
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// The policy in force: its highest revision. Everybody but auditors, for whom it is null.
    pub async fn policy(&self) -> Option<Result<InPlace<DistrictPolicy>>> {
        self.0.parent("policy").map(|policy| Ok(policy?.into()))
    }

    /// The revisions of the policy that the viewer sees, the newest first: district side all of
    /// them, enterprises the one in force, auditors none.
    pub async fn policies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<DistrictPolicy>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "district_id", range, |_| {
            Ok(queries::policies())
        })
        .await
    }

    /// The categories that its issues fall into, in their order; none for auditors.
    pub async fn issue_categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<IssueCategory>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "district_id", range, |_| {
            Ok(timeline::by_position())
        })
        .await
    }

    /// How many working days its clocks give (时限规则), clock by clock; none for auditors.
    pub async fn clock_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ClockRule>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "district_id", range, |_| Ok(by_clock())).await
    }

    /// Its departments; none for auditors.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    pub async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<DepartmentFilter>>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<DepartmentOrder>,
        >,
    ) -> Result<Connection<Department>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "district_id", range, |scope| {
            department::queries::criteria(scope, filter.as_deref(), None, &orders(order_by))
        })
        .await
    }
}

/// One revision of what a district's charter sets.
pub struct DistrictPolicy(Record);

impl From<Record> for DistrictPolicy {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for DistrictPolicy {
    const NAME: &'static str = "DistrictPolicy";

    fn shape() -> &'static Shape {
        &queries::POLICY
    }
}

/// One revision of what a district's charter (工作章程) sets. District side: every revision;
/// enterprises: the one in force; auditors: none.
#[Object]
impl DistrictPolicy {
    /// The id of the revision.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the versions of the district's policy from 1; for `expectedVersion`.
    pub async fn revision(&self) -> Result<i32> {
        self.0.get("revision")
    }

    /// The fewest members of a 1+N pairing (1+N 结对).
    pub async fn pairing_min_members(&self) -> Result<i32> {
        self.0.get("pairing_min_members")
    }

    /// The most members of a 1+N pairing.
    pub async fn pairing_max_members(&self) -> Result<i32> {
        self.0.get("pairing_max_members")
    }

    /// Days until an under-strength pairing shows a warning.
    pub async fn under_strength_grace_days(&self) -> Result<i32> {
        self.0.get("under_strength_grace_days")
    }

    /// Days without interaction after which a pairing counts as idle.
    pub async fn idle_pairing_days(&self) -> Result<i32> {
        self.0.get("idle_pairing_days")
    }

    /// The most enterprises that one chief service officer (首席服务官) serves.
    pub async fn officer_capacity(&self) -> Result<i32> {
        self.0.get("officer_capacity")
    }

    /// Leads on duty per quarter (轮值).
    pub async fn leads_on_duty(&self) -> Result<i32> {
        self.0.get("leads_on_duty")
    }

    /// Whether the register holds every enterprise, so that the headline figures count its rows
    /// instead of reading the baseline.
    pub async fn register_complete(&self) -> Result<bool> {
        self.0.get("register_complete")
    }

    /// Start of the working day, minutes after midnight in Asia/Shanghai.
    pub async fn work_start_minute(&self) -> Result<i32> {
        self.0.get("work_start_minute")
    }

    /// End of the working day, minutes after midnight in Asia/Shanghai.
    pub async fn work_end_minute(&self) -> Result<i32> {
        self.0.get("work_end_minute")
    }

    /// How often an enterprise may reopen an issue.
    pub async fn max_reopens(&self) -> Result<i32> {
        self.0.get("max_reopens")
    }

    /// Working days after closing within which an issue may be reopened.
    pub async fn reopen_window_days(&self) -> Result<i32> {
        self.0.get("reopen_window_days")
    }

    /// How often an assignment may be returned before the district decides.
    pub async fn max_returns(&self) -> Result<i32> {
        self.0.get("max_returns")
    }

    /// How much of a clock's time is left when its light (红黄绿灯) turns yellow, in per cent; of
    /// three working days and more it is the last one at least.
    pub async fn yellow_percent(&self) -> Result<i32> {
        self.0.get("yellow_percent")
    }

    /// Working days after which an unanswered question (待补充) withdraws its issue.
    pub async fn info_wait_days(&self) -> Result<i32> {
        self.0.get("info_wait_days")
    }

    /// Working days overdue after which an issue is circulated (通报).
    pub async fn circular_after_days(&self) -> Result<i32> {
        self.0.get("circular_after_days")
    }

    /// Working days overdue after which an issue goes to a joint meeting (联席会议).
    pub async fn meeting_after_days(&self) -> Result<i32> {
        self.0.get("meeting_after_days")
    }

    /// The user who set this revision; null for the first.
    pub async fn changed_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("changedBy").map(|user| Ok(user?.into()))
    }

    /// Since when this revision is in force.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// The district.
    pub async fn district(&self) -> Result<InPlace<District>> {
        Ok(self.0.must_parent("district")?.into())
    }
}

/// Queries on districts.
#[derive(Default)]
pub struct DistrictQuery;

#[Object]
impl DistrictQuery {
    /// The viewer's own district. Everybody who is signed in.
    async fn district(&self, ctx: &Context<'_>) -> Option<Result<InPlace<District>>> {
        let found = async { node(ctx, Session::of(ctx).viewer()?.district_id).await };
        found.await.transpose()
    }
}

payload! {
    UpdateDistrictPolicyPayload(district: District),
}

/// Changes of what a district's charter sets.
#[derive(Default)]
pub struct DistrictMutation;

#[Object]
impl DistrictMutation {
    /// Sets values of the district's policy by adding a revision; the others are carried over.
    /// District administrators.
    async fn update_district_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateDistrictPolicyInput,
    ) -> Option<Result<UpdateDistrictPolicyPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::update_policy(deps, actor, input)
        });
        Some(done.await.map(UpdateDistrictPolicyPayload))
    }
}
