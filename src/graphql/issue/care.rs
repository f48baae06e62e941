//! What else belongs to an issue: requests for more time, calls back, appeals.

use async_graphql::{ID, Object};
use entity::issue_appeal::AppealStatus;
use entity::issue_callback::{CallbackReason, CallbackResult};
use entity::issue_extension::ExtensionStatus;

use super::EnterpriseIssue;
use super::timeline::belongings;
use crate::domain::issue::timeline;
use crate::domain::scalar::{Date, Timestamp};
use crate::graphql::in_place::InPlace;
use crate::graphql::user::User;
use crate::kernel::error::Result;

belongings! {
    /// A request for more time.
    IssueExtension(timeline::EXTENSION),
    /// A call back to the enterprise.
    IssueCallback(timeline::CALLBACK),
    /// An appeal against a refusal.
    IssueAppeal(timeline::APPEAL),
}

/// A request for more time (延期), decided by somebody else than who asked. The district side and
/// officers who handle the issue or help; what was granted, those who read the issue in full.
#[Object]
impl IssueExtension {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Where it stands.
    pub async fn status(&self) -> Result<ExtensionStatus> {
        self.0.get("status")
    }

    /// Why more time is needed.
    pub async fn reason(&self) -> Result<String> {
        self.0.get("reason")
    }

    /// When the issue was due when it was asked for.
    pub async fn due_before(&self) -> Option<Result<Timestamp>> {
        self.0.opt("due_before")
    }

    /// The day by whose end it is to be due instead.
    pub async fn new_due_on(&self) -> Result<Date> {
        self.0.get("new_due_on")
    }

    /// The user who asked.
    pub async fn requested_by(&self) -> Option<Result<InPlace<User>>> {
        let asked = self.0.parent("requestedBy");
        asked.map(|parent| Ok(parent?.into()))
    }

    /// The user who decided; null while nobody has, and where it lapsed.
    pub async fn decided_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("decidedBy").map(|parent| Ok(parent?.into()))
    }

    /// What was said with the decision.
    pub async fn decision_note(&self) -> Option<Result<String>> {
        self.0.opt("decision_note")
    }

    /// When it was decided, or lapsed.
    pub async fn decided_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("decided_at")
    }

    /// When it was asked for.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

/// A call back to the enterprise (回访): due until there is a result. District operators and
/// administrators.
#[Object]
impl IssueCallback {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Why it is due.
    pub async fn reason(&self) -> Result<CallbackReason> {
        self.0.get("reason")
    }

    /// What it brought; null while it is due.
    pub async fn result(&self) -> Option<Result<CallbackResult>> {
        self.0.opt("result")
    }

    /// What was said.
    pub async fn note(&self) -> Option<Result<String>> {
        self.0.opt("note")
    }

    /// The user who called; never one who handled the issue.
    pub async fn called_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("calledBy").map(|parent| Ok(parent?.into()))
    }

    /// When the call was made.
    pub async fn called_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("called_at")
    }

    /// Since when it is due.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}

/// An appeal against a refusal (不予受理申诉), once; granted, the issue is taken up anew. Those who
/// read the issue in full; of a confidential one officers only if they handle it or help.
#[Object]
impl IssueAppeal {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Where it stands.
    pub async fn status(&self) -> Result<AppealStatus> {
        self.0.get("status")
    }

    /// Why the enterprise appeals.
    pub async fn reason(&self) -> Result<String> {
        self.0.get("reason")
    }

    /// The user who appealed.
    pub async fn filed_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("filedBy").map(|parent| Ok(parent?.into()))
    }

    /// The user who decided; null while nobody has.
    pub async fn decided_by(&self) -> Option<Result<InPlace<User>>> {
        self.0.parent("decidedBy").map(|parent| Ok(parent?.into()))
    }

    /// What was said with the decision.
    pub async fn decision_note(&self) -> Option<Result<String>> {
        self.0.opt("decision_note")
    }

    /// When it was decided.
    pub async fn decided_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("decided_at")
    }

    /// The issue that takes it up anew, where the appeal was granted.
    pub async fn successor(&self) -> Option<Result<InPlace<EnterpriseIssue>>> {
        self.0.parent("successor").map(|parent| Ok(parent?.into()))
    }

    /// When it was filed.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }
}
