//! What belongs to an issue: its steps, entries, ratings and helping departments; and the
//! categories that issues fall into.

use async_graphql::{Context, ID, Object};
use entity::enterprise_issue::{IssueOutcome, IssueState};
use entity::issue_progress::{ProgressKind, ProgressPurpose};
use entity::issue_transition::{RejectReason, TransitionKind, WithdrawReason};

use crate::domain::issue::{policy, timeline};
use crate::domain::scalar::{Date, Timestamp};
use crate::graphql::department::Department;
use crate::graphql::in_place::InPlace;
use crate::graphql::session::Session;
use crate::graphql::shown::if_may;
use crate::graphql::user::User;
use crate::kernel::error::Result;

/// Declares the objects of what belongs to an issue.
macro_rules! belongings {
    ($($(#[$doc:meta])* $name:ident($shape:path)),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name($crate::store::record::Record);

        impl From<$crate::store::record::Record> for $name {
            fn from(record: $crate::store::record::Record) -> Self {
                Self(record)
            }
        }

        impl $crate::graphql::connection::Concept for $name {
            const NAME: &'static str = stringify!($name);

            fn shape() -> &'static $crate::store::shape::Shape {
                &$shape
            }
        }
    )*};
}
pub(super) use belongings;

belongings! {
    /// A category of the district's taxonomy of issues.
    IssueCategory(timeline::CATEGORY),
    /// A department that helps with an issue.
    IssueCoDepartment(timeline::CO_DEPARTMENT),
    /// A step in the life of an issue.
    IssueTransition(timeline::TRANSITION),
    /// An entry on an issue.
    IssueProgress(timeline::PROGRESS),
    /// The rating of a reply.
    IssueRating(timeline::RATING),
}

/// A category of the district's taxonomy of issues. Everybody of the district but auditors.
#[Object]
impl IssueCategory {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// The code, unique in the district, such as LABOUR.
    pub async fn code(&self) -> Result<String> {
        self.0.get("code")
    }

    /// The Chinese name.
    pub async fn name_zh(&self) -> Result<String> {
        self.0.get("name_zh")
    }

    /// The English name.
    pub async fn name_en(&self) -> Result<String> {
        self.0.get("name_en")
    }

    /// Whether new issues may use it.
    pub async fn is_active(&self) -> Result<bool> {
        self.0.get("is_active")
    }
}

/// A department that helps with an issue (协办单位). Those who read the issue in full.
#[Object]
impl IssueCoDepartment {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// The department.
    pub async fn department(&self) -> Result<InPlace<Department>> {
        Ok(self.0.must_parent("department")?.into())
    }

    /// Since when it helps.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

impl IssueTransition {
    /// Some steps are told with words that the district side keeps to itself.
    fn reads_note(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::may_read_note(
            viewer,
            self.0.get("kind")?,
            self.0.get("is_sealed")?,
        ))
    }
}

/// A step in the life of an issue: replaying the steps gives its state. Those who read the issue
/// in full.
#[Object]
impl IssueTransition {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the steps of an issue from 1.
    pub async fn seq(&self) -> Result<i32> {
        self.0.get("seq")
    }

    /// What moved it.
    pub async fn kind(&self) -> Result<TransitionKind> {
        self.0.get("kind")
    }

    /// The state before; null for the first step.
    pub async fn from_state(&self) -> Option<Result<IssueState>> {
        self.0.opt("from_state")
    }

    /// The state after.
    pub async fn to_state(&self) -> Result<IssueState> {
        self.0.get("to_state")
    }

    /// The user who took it; null for the system.
    pub async fn actor(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("actor").map(|parent| Ok(parent?.into()))
    }

    /// Why the issue was not accepted.
    pub async fn reject_reason(&self) -> Option<Result<RejectReason>> {
        self.0.opt("reject_reason")
    }

    /// Why the enterprise withdrew it.
    pub async fn withdraw_reason(&self) -> Option<Result<WithdrawReason>> {
        self.0.opt("withdraw_reason")
    }

    /// What was said with it; of assignments and their returns the district side only, of a
    /// confidential issue officers only if they handle it or help.
    pub async fn note(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        if_may(self.reads_note(ctx), || self.0.opt("note"))
    }

    /// Whether the viewer reads less than the whole step: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!self.reads_note(ctx)?)
    }

    /// When it was taken.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

/// An entry on an issue: a step of the handling, a question, an answer, the reply. Those who read
/// the issue in full; internal ones the district side and officers who handle it or help, and so
/// every entry of a confidential issue.
#[Object]
impl IssueProgress {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the entries of an issue from 1; the internal ones count too.
    pub async fn seq(&self) -> Result<i32> {
        self.0.get("seq")
    }

    /// What it is.
    pub async fn kind(&self) -> Result<ProgressKind> {
        self.0.get("kind")
    }

    /// The text.
    pub async fn body(&self) -> Result<String> {
        self.0.get("body")
    }

    /// Whether only the district side and those who handle the issue read it.
    pub async fn is_internal(&self) -> Result<bool> {
        self.0.get("is_internal")
    }

    /// What it is for, beyond its kind; null for most.
    pub async fn purpose(&self) -> Option<Result<ProgressPurpose>> {
        self.0.opt("purpose")
    }

    /// The day by which an interim reply promises the next one.
    pub async fn next_reply_on(&self) -> Option<Result<Date>> {
        self.0.opt("next_reply_on")
    }

    /// What came of the issue, by a reply.
    pub async fn outcome(&self) -> Option<Result<IssueOutcome>> {
        self.0.opt("outcome")
    }

    /// The user who wrote it.
    pub async fn author(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("author").map(|parent| Ok(parent?.into()))
    }

    /// When it was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

/// The rating of a reply by the enterprise (好差评); it is never changed. The district side, the
/// enterprise, and officers who handle the issue.
#[Object]
impl IssueRating {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Which reply of the issue was rated, counted from 1.
    pub async fn round(&self) -> Result<i32> {
        self.0.get("round")
    }

    /// From 5, very satisfied (非常满意), to 1, very dissatisfied (非常不满意).
    pub async fn stars(&self) -> Result<i32> {
        self.0.get("stars")
    }

    /// Whether the enterprise says that it is resolved.
    pub async fn is_resolved(&self) -> Result<bool> {
        self.0.get("is_resolved")
    }

    /// What the enterprise said.
    pub async fn comment(&self) -> Option<Result<String>> {
        self.0.opt("comment")
    }

    /// The user who rated.
    pub async fn rated_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("ratedBy").map(|parent| Ok(parent?.into()))
    }

    /// When it was rated.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}
