//! Enterprise issues on the wire: the issue itself. What belongs to it is `timeline` and `care`,
//! what several share `cluster`; how it is asked for and acted on is `root`, and on its longer
//! ways `life`; `statistics` is what is counted.

pub mod care;
pub mod clocks;
pub mod cluster;
pub mod life;
pub mod peer_help;
pub mod root;
pub mod similar;
pub mod statistics;
pub mod supervision;
pub mod timeline;

use async_graphql::{Context, ID, InputObject, Object};
use entity::enterprise_issue::{
    IssueChannel, IssueComplexity, IssueLight, IssueNature, IssueOutcome, IssueState, IssueUrgency,
    IssueVisibility,
};
use sea_orm::TryGetable;
use uuid::Uuid;

use super::attachment::Attachment;
use super::connection::{self, Concept, Connection, Range};
use super::contact::Contact;
use super::department::Department;
use super::enterprise::{Enterprise, texts};
use super::officer::ServiceOfficer;
use super::session::Session;
use super::shown::if_may;
use super::user::User;
use super::visit::ServiceVisit;
use crate::domain::attachment::queries as attachments;
use crate::domain::issue::clocks::queries::as_started;
use crate::domain::issue::lifecycle::Action;
use crate::domain::issue::policy::{self, Facts};
use crate::domain::issue::supervision::queries::as_issued;
use crate::domain::issue::{IssueOrderField, queries, timeline as belongings};
use crate::domain::order::Direction;
use crate::domain::scalar::Timestamp;
use crate::kernel::error::Result;
use crate::store::list::Criteria;
use crate::store::record::Record;
use crate::store::shape::Shape;
use care::{IssueAppeal, IssueCallback, IssueExtension};
use clocks::IssueClock;
use cluster::IssueCluster;
use peer_help::PeerHelpOffer;
use supervision::IssueSupervision;
use timeline::{IssueCategory, IssueCoDepartment, IssueProgress, IssueRating, IssueTransition};

/// An issue of an enterprise.
pub struct EnterpriseIssue(Record);

impl From<Record> for EnterpriseIssue {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for EnterpriseIssue {
    const NAME: &'static str = "EnterpriseIssue";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl EnterpriseIssue {
    fn enterprise_id(&self) -> Result<Uuid> {
        self.0.get("enterprise_id")
    }

    fn reads_in_full(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::may_read_in_full(viewer, self.enterprise_id()?))
    }

    fn reads_body(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(policy::may_read_body(
            Session::of(ctx).viewer()?,
            self.enterprise_id()?,
            self.0.get("is_confidential")?,
            self.is_handled()?,
        ))
    }

    fn reads_ratings(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        let handled = self.is_handled()?;
        Ok(policy::may_read_ratings(
            viewer,
            self.enterprise_id()?,
            handled,
        ))
    }

    /// Whether the viewer is an officer who handles it or helps.
    fn is_handled(&self) -> Result<bool> {
        Ok(self.0.get("handles")? || self.0.get("helps")?)
    }

    /// A field that the brief does not show.
    fn full<T: TryGetable>(&self, ctx: &Context<'_>, column: &str) -> Option<Result<T>> {
        if_may(self.reads_in_full(ctx), || self.0.opt(column))
    }

    /// A parent that the brief does not show.
    fn full_parent<T: From<Record>>(&self, ctx: &Context<'_>, field: &str) -> Option<Result<T>> {
        if_may(self.reads_in_full(ctx), || {
            self.0.parent(field).map(|parent| Ok(parent?.into()))
        })
    }

    async fn belonging<T: Concept>(
        &self,
        ctx: &Context<'_>,
        may: Result<bool>,
        range: Range,
        criteria: Criteria,
    ) -> Option<Result<Connection<T>>> {
        match may {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        let listed = connection::child(ctx, &self.0, "issue_id", range, |_| Ok(criteria));
        Some(listed.await)
    }
}

/// An issue of an enterprise (企业诉求). District operators and administrators read all of their
/// district's, officers those of the enterprises they serve and what they handle, enterprises
/// their own. A lead sees those that its pairing's members show to the pairing, enterprises of
/// the alliance those shown to the alliance: in brief, the rest null beside `isRedacted: true`.
/// What was never submitted is its author's side's alone.
#[Object]
impl EnterpriseIssue {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the issue and of what belongs to it; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The number that people use, such as LW-2020-000132: the district's prefix, the year, a
    /// counter.
    pub async fn number(&self) -> Result<String> {
        self.0.get("number")
    }

    /// The title.
    pub async fn title(&self) -> Result<String> {
        self.0.get("title")
    }

    /// What it asks for.
    pub async fn nature(&self) -> Result<IssueNature> {
        self.0.get("nature")
    }

    /// Its category.
    pub async fn category(&self) -> Result<IssueCategory> {
        Ok(self.0.must_parent("category")?.into())
    }

    /// Its state.
    pub async fn state(&self) -> Result<IssueState> {
        self.0.get("state")
    }

    /// The traffic light of its clocks (红黄绿灯); null where no clock runs.
    pub async fn light(&self) -> Option<Result<IssueLight>> {
        self.0.opt("light")
    }

    /// Who beyond its readers sees it, in brief.
    pub async fn visibility(&self) -> Result<IssueVisibility> {
        self.0.get("visibility")
    }

    /// When it was submitted; null for a draft.
    pub async fn submitted_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("submitted_at")
    }

    /// When it was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// Whether the row is made up for demonstration.
    pub async fn is_synthetic(&self) -> Result<bool> {
        self.0.get("is_synthetic")
    }

    /// Whether the viewer reads less than the whole issue: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        let reads_all =
            self.reads_in_full(ctx)? && self.reads_body(ctx)? && self.reads_ratings(ctx)?;
        Ok(!reads_all)
    }

    /// The enterprise; null where the viewer does not see it.
    pub async fn enterprise(&self) -> Option<Result<Enterprise>> {
        self.0.parent("enterprise").map(|parent| Ok(parent?.into()))
    }

    /// What it is about. Of a confidential issue officers read it only if they handle it or help; of
    /// another's issue an enterprise whose help was accepted.
    pub async fn body(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let may = self
            .reads_body(ctx)
            .and_then(|reads| Ok(reads || self.0.get("is_helper")?));
        if_may(may, || self.0.opt("body"))
    }

    /// What it is about in a few words (标签).
    pub async fn tags(&self, ctx: &Context<'_>) -> Option<Result<Vec<String>>> {
        self.full::<serde_json::Value>(ctx, "tags").map(texts)
    }

    /// Whether it is open for help from peers (难题共解).
    pub async fn is_open_for_help(&self) -> Result<bool> {
        self.0.get("is_open_for_help")
    }

    /// What help was wanted when it was last opened; null where it never was.
    pub async fn help_wanted(&self) -> Option<Result<String>> {
        self.0.opt("help_wanted")
    }

    /// When it was last opened for help; null where it never was.
    pub async fn help_opened_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("help_opened_at")
    }

    /// Whether only those who handle it read its text.
    pub async fn is_confidential(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.full(ctx, "is_confidential")
    }

    /// Whether the district side wrote it for the enterprise.
    pub async fn is_on_behalf(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.full(ctx, "is_on_behalf")
    }

    /// How it came in.
    pub async fn channel(&self, ctx: &Context<'_>) -> Option<Result<IssueChannel>> {
        self.full(ctx, "channel")
    }

    /// How urgent it is; null before it is accepted.
    pub async fn urgency(&self, ctx: &Context<'_>) -> Option<Result<IssueUrgency>> {
        self.full(ctx, "urgency")
    }

    /// How complex it is; null before it is accepted.
    pub async fn complexity(&self, ctx: &Context<'_>) -> Option<Result<IssueComplexity>> {
        self.full(ctx, "complexity")
    }

    /// What came of it; null before the reply.
    pub async fn outcome(&self, ctx: &Context<'_>) -> Option<Result<IssueOutcome>> {
        self.full(ctx, "outcome")
    }

    /// The state that it goes back to when a question is answered.
    pub async fn resume_state(&self, ctx: &Context<'_>) -> Option<Result<IssueState>> {
        self.full(ctx, "resume_state")
    }

    /// The id that it has in the system it came from.
    pub async fn external_ref(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.full(ctx, "external_ref")
    }

    /// The level of escalation (提级办理), 0 to 4.
    pub async fn escalation_level(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        self.full(ctx, "escalation_level")
    }

    /// How often it was reopened (重办).
    pub async fn reopen_count(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        self.full(ctx, "reopen_count")
    }

    /// How often a rating sent it back.
    pub async fn rework_count(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        self.full(ctx, "rework_count")
    }

    /// How often its assignment was returned (退单).
    pub async fn return_count(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        self.full(ctx, "return_count")
    }

    /// How often its deadline was extended (延期).
    pub async fn extension_count(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        self.full(ctx, "extension_count")
    }

    /// Whether it was closed without a rating.
    pub async fn is_closed_unrated(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.full(ctx, "is_closed_unrated")
    }

    /// When it was accepted (受理).
    pub async fn accepted_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "accepted_at")
    }

    /// When it was last assigned (交办).
    pub async fn assigned_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "assigned_at")
    }

    /// When its handling started (办理).
    pub async fn handling_started_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "handling_started_at")
    }

    /// When it was last answered (答复).
    pub async fn responded_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "responded_at")
    }

    /// When it was last closed (办结).
    pub async fn closed_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "closed_at")
    }

    /// When the earliest of its clocks is due.
    pub async fn due_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "due_at")
    }

    /// By when its hold (挂起) is looked at again; null where it is not on hold.
    pub async fn review_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "review_at")
    }

    /// When it or what belongs to it last changed.
    pub async fn updated_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.full(ctx, "updated_at")
    }

    /// The user who wrote it; null where it came from another system.
    pub async fn reporter(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.full_parent(ctx, "reporter")
    }

    /// The officer or operator who accepted it (首接负责).
    pub async fn first_handler(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.full_parent(ctx, "firstHandler")
    }

    /// Whom to turn to (联系人): the issue's own contact, else the first of its enterprise. Those who
    /// see the contacts of the enterprise.
    pub async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        self.full_parent(ctx, "contact")
    }

    /// The department that leads the handling (牵头单位); null before it is assigned.
    pub async fn lead_department(&self, ctx: &Context<'_>) -> Option<Result<Department>> {
        self.full_parent(ctx, "leadDepartment")
    }

    /// The chief service officer (首席服务官) in charge of it; null where nobody serves the
    /// enterprise.
    pub async fn officer(&self, ctx: &Context<'_>) -> Option<Result<ServiceOfficer>> {
        self.full_parent(ctx, "officer")
    }

    /// The visit (走访) that it was raised in.
    pub async fn visit(&self, ctx: &Context<'_>) -> Option<Result<ServiceVisit>> {
        self.full_parent(ctx, "visit")
    }

    /// The issue that it was merged into (并单).
    pub async fn merged_into(&self, ctx: &Context<'_>) -> Option<Result<EnterpriseIssue>> {
        self.full_parent(ctx, "mergedInto")
    }

    /// The written consent of both enterprises, where it was merged across two.
    pub async fn merge_consent(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.full(ctx, "merge_consent")
    }

    /// The common problem (共性问题) that it is one case of.
    pub async fn cluster(&self, ctx: &Context<'_>) -> Option<Result<IssueCluster>> {
        self.full_parent(ctx, "cluster")
    }

    /// The archived issue that it follows up, or the refused one that it takes up after an appeal.
    pub async fn follow_up_of(&self, ctx: &Context<'_>) -> Option<Result<EnterpriseIssue>> {
        self.full_parent(ctx, "followUpOf")
    }

    /// What the viewer may do to it as it stands; limits that are counted are looked at when it
    /// is done.
    pub async fn viewer_actions(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let issue = Facts {
            enterprise_id: self.enterprise_id()?,
            state: self.0.get("state")?,
            is_on_behalf: self.0.get("is_on_behalf")?,
            handles: self.0.get("handles")?,
            helps: self.0.get("helps")?,
            took_part: self.0.get("took_part")?,
            filed_on_behalf: self.0.get("filed_on_behalf")?,
            asks_for_time: self.0.get("asks_for_time")?,
            asked_for_time: self.0.get("asked_for_time")?,
            owes_callback: self.0.get("owes_callback")?,
            is_appealed: self.0.get("is_appealed")?,
            can_be_shown: self.0.get("can_be_shown")?,
            is_open_for_help: self.0.get("is_open_for_help")?,
            has_offered: self.0.get("has_offered")?,
        };
        Ok(policy::actions(Session::of(ctx).viewer()?, &issue))
    }

    /// The departments that help with it (协办单位). Those who read it in full.
    pub async fn co_departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueCoDepartment>>> {
        let range = Range::new(first, after, last, before);
        let may = self.reads_in_full(ctx);
        self.belonging(ctx, may, range, belongings::as_they_came())
            .await
    }

    /// The steps of its life, from the first. Those who read it in full.
    pub async fn transitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueTransition>>> {
        let range = Range::new(first, after, last, before);
        self.belonging(
            ctx,
            self.reads_in_full(ctx),
            range,
            belongings::in_sequence("seq"),
        )
        .await
    }

    /// What was asked, answered and done, from the first entry. Those who read it in full; the
    /// internal entries for the district side and those who handle it.
    pub async fn progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueProgress>>> {
        let range = Range::new(first, after, last, before);
        self.belonging(
            ctx,
            self.reads_in_full(ctx),
            range,
            belongings::in_sequence("seq"),
        )
        .await
    }

    /// Its clocks (时限), from the first that was started. Those who read it in full.
    pub async fn clocks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueClock>>> {
        let range = Range::new(first, after, last, before);
        let may = self.reads_in_full(ctx);
        self.belonging(ctx, may, range, as_started()).await
    }

    /// What was pressed for on it (督办), from the first. The district side; officers of what they
    /// handle.
    pub async fn supervisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueSupervision>>> {
        let range = Range::new(first, after, last, before);
        let may = self.reads_in_full(ctx);
        self.belonging(ctx, may, range, as_issued()).await
    }

    /// Its attachments (附件), the first first. Those who read its text.
    pub async fn attachments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Attachment>>> {
        let range = Range::new(first, after, last, before);
        self.belonging(ctx, self.reads_body(ctx), range, attachments::attached())
            .await
    }

    /// The offers of help on it (难题共解), from the first. Those who read it in full; an enterprise
    /// that offered, its own.
    pub async fn help_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<PeerHelpOffer>> {
        let range = Range::new(first, after, last, before);
        connection::child(ctx, &self.0, "issue_id", range, |_| {
            Ok(belongings::as_they_came())
        })
        .await
    }

    /// The ratings of its replies (好差评), from the first. The district side, its enterprise, and
    /// officers who handle it.
    pub async fn ratings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueRating>>> {
        let range = Range::new(first, after, last, before);
        self.belonging(
            ctx,
            self.reads_ratings(ctx),
            range,
            belongings::in_sequence("round"),
        )
        .await
    }

    /// The requests for more time (延期), from the first. Those who read it in full: the district side
    /// and officers who handle it or help all of them, others those that were granted.
    pub async fn extensions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueExtension>>> {
        let range = Range::new(first, after, last, before);
        let may = self.reads_in_full(ctx);
        self.belonging(ctx, may, range, belongings::as_they_came())
            .await
    }

    /// The calls back (回访), from the first; the district side's alone, and empty to others.
    pub async fn callbacks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueCallback>>> {
        let range = Range::new(first, after, last, before);
        let may = self.reads_in_full(ctx);
        self.belonging(ctx, may, range, belongings::as_they_came())
            .await
    }

    /// The appeal against its refusal (不予受理申诉), where there is one. Those who read it in full.
    pub async fn appeals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<IssueAppeal>>> {
        let range = Range::new(first, after, last, before);
        let may = self.reads_in_full(ctx);
        self.belonging(ctx, may, range, belongings::as_they_came())
            .await
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct EnterpriseIssueOrder {
    /// What to sort by.
    pub field: IssueOrderField,
    /// The direction; great values first where absent.
    #[graphql(default_with = "Direction::Desc")]
    pub direction: Direction,
}

/// The order as the domain reads it.
pub(super) fn orders(
    order: Option<Vec<EnterpriseIssueOrder>>,
) -> Vec<(IssueOrderField, Direction)> {
    let keys = order.unwrap_or_default().into_iter();
    keys.map(|key| (key.field, key.direction)).collect()
}
