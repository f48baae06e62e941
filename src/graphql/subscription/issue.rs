//! Events on enterprise issues, and the officers' inbox.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription};
use sea_orm::sea_query::Condition;
use uuid::Uuid;

use super::event::{Head, seen};
use super::turn::{Said, Turn, interest, last_event, rows, say};
use crate::access::viewer::Viewer;
use crate::domain::filter;
use crate::domain::issue::inbox::{self, Reason};
use crate::domain::issue::policy::{self, Hearing};
use crate::domain::issue::{IssueFilter, queries};
use crate::domain::user::queries::{ACTOR, SHAPE as LOOKED_UP};
use crate::events::Happening;
use crate::graphql::issue::EnterpriseIssue;
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;
use crate::store::plan::ROOT;
use crate::store::record::Record;

const KINDS: &[Kind] = &[Kind::Issue];

/// What the brief shows of an issue.
pub(super) const BRIEF: [&str; 12] = [
    "version",
    "number",
    "title",
    "nature",
    "category",
    "state",
    "light",
    "visibility",
    "submittedAt",
    "isOpenForHelp",
    "helpWanted",
    "helpOpenedAt",
];

/// What its other readers are shown beside that.
pub(super) const FULL: [&str; 45] = [
    "enterprise",
    "attachments",
    "contact",
    "body",
    "isConfidential",
    "isOnBehalf",
    "channel",
    "urgency",
    "complexity",
    "outcome",
    "resumeState",
    "externalRef",
    "escalationLevel",
    "reopenCount",
    "reworkCount",
    "returnCount",
    "extensionCount",
    "isClosedUnrated",
    "acceptedAt",
    "assignedAt",
    "handlingStartedAt",
    "respondedAt",
    "closedAt",
    "dueAt",
    "updatedAt",
    "reporter",
    "firstHandler",
    "leadDepartment",
    "officer",
    "visit",
    "mergedInto",
    "mergeConsent",
    "cluster",
    "reviewAt",
    "extensions",
    "appeals",
    "followUpOf",
    "coDepartments",
    "transitions",
    "progress",
    "ratings",
    "clocks",
    "supervisions",
    "tags",
    "helpOffers",
];

/// What the district side alone is shown.
pub(super) const STAFF: [&str; 1] = ["callbacks"];

/// Something that happened to an issue, as the viewer may know it.
pub struct EnterpriseIssueEvent {
    head: Head,
    issue: Record,
}

/// Something that happened to an enterprise issue (诉求动态), as the viewer may know it.
#[Object]
impl EnterpriseIssueEvent {
    /// What every event says.
    #[graphql(flatten)]
    async fn head(&self) -> &Head {
        &self.head
    }

    /// The issue as the viewer sees it now.
    async fn enterprise_issue(&self) -> Option<EnterpriseIssue> {
        Some(self.issue.clone().into())
    }
}

/// Something that landed with an officer or handler.
pub struct OfficerInboxEvent {
    head: Head,
    reason: Reason,
    issue: Record,
}

/// Something that landed with an officer or handler (收件).
#[Object]
impl OfficerInboxEvent {
    /// What every event says.
    #[graphql(flatten)]
    async fn head(&self) -> &Head {
        &self.head
    }

    /// Why it landed here.
    async fn reason(&self) -> Reason {
        self.reason
    }

    /// The issue as the viewer sees it now.
    async fn enterprise_issue(&self) -> Option<EnterpriseIssue> {
        Some(self.issue.clone().into())
    }
}

/// The event's head, for a viewer who sees the issue. What step it was is not the brief's: it
/// would tell of returns and of ratings. None where the brief has nothing new.
fn head(viewer: &Viewer, happening: &Arc<Happening>, issue: &Record) -> Result<Option<Head>> {
    let happening = Arc::clone(happening);
    if policy::may_read_in_full(viewer, issue.get("enterprise_id")?) {
        let staff: &[&str] = if viewer.is_district_staff() {
            &STAFF
        } else {
            &[]
        };
        let fields = BRIEF.iter().chain(&FULL).chain(staff).copied();
        return Ok(Some(Head::new(happening, fields, &ACTOR)));
    }
    let head = Head::new(happening, BRIEF, &LOOKED_UP);
    Ok(head.in_brief("issue.changed"))
}

/// Subscriptions on issues.
#[derive(Default)]
pub struct IssueSubscription;

#[Subscription]
impl IssueSubscription {
    /// What happens to the issues that the viewer sees: each event as soon as it is written, to
    /// those who see the issue at that moment. `filter` holds for the issue as it then is.
    /// Subscribe first and read afterwards: then nothing is missed in between. Auditors:
    /// FORBIDDEN.
    async fn enterprise_issue_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these issues, at most 100.")] ids: Option<Vec<ID>>,
        #[graphql(desc = "Only issues like these.")] filter: Option<Box<IssueFilter>>,
        #[graphql(desc = "The last event that was received: goes on right after it.")]
        last_event_id: Option<ID>,
    ) -> Result<Said<EnterpriseIssueEvent>> {
        let session = Session::of(ctx);
        let scope = session.scope()?;
        let viewer = &scope.viewer;
        if !policy::may_read(viewer) {
            return Err(Error::Forbidden);
        }
        let fits = filter::of(filter.as_deref(), &scope, ROOT)?;
        let happening = match Turn::of(ctx)? {
            Turn::Opening(desk) => {
                let mut interest = interest(viewer, KINDS, |_| true);
                interest.ids = rows(Kind::Issue, ids.as_deref())?;
                desk.leave(interest, last_event(last_event_id.as_ref()));
                return Ok(say(None));
            }
            Turn::Telling(happening) => happening,
        };
        let handled = match policy::hears(viewer, &happening.name) {
            Hearing::Never => return Ok(say(None)),
            Hearing::WhereHandled => Some(queries::handled(&scope, ROOT)),
            Hearing::Always => None,
        };
        let fits = Condition::all().add(fits).add_option(handled);
        let issue = issue(ctx, happening.aggregate_id, fits).await?;
        let Some(issue) = issue else {
            return Ok(say(None));
        };
        let head = head(viewer, &happening, &issue)?;
        Ok(say(head.map(|head| EnterpriseIssueEvent { head, issue })))
    }

    /// What lands with the viewing officer or handler: issues that were assigned, returned,
    /// answered, rated, reopened, urged or pressed for by somebody else or by the passing of time, or
    /// given more time or not. Officers: what they or their department
    /// handle or help with; they, district operators and administrators: what they were the
    /// first to handle. Enterprises and auditors: FORBIDDEN.
    async fn officer_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last event that was received: goes on right after it.")]
        last_event_id: Option<ID>,
    ) -> Result<Said<OfficerInboxEvent>> {
        let session = Session::of(ctx);
        let scope = session.scope()?;
        let viewer = &scope.viewer;
        if !inbox::may_have(viewer) {
            return Err(Error::Forbidden);
        }
        let happening = match Turn::of(ctx)? {
            Turn::Opening(desk) => {
                let interest = interest(viewer, KINDS, |name| Reason::of(name).is_some());
                desk.leave(interest, last_event(last_event_id.as_ref()));
                return Ok(say(None));
            }
            Turn::Telling(happening) => happening,
        };
        let own = happening.actor_id == Some(viewer.user_id);
        let Some(reason) = Reason::of(&happening.name).filter(|_| !own) else {
            return Ok(say(None));
        };
        let fits = inbox::lands_with(&scope, ROOT, &happening.name);
        let issue = issue(ctx, happening.aggregate_id, fits).await?;
        let Some(issue) = issue else {
            return Ok(say(None));
        };
        let head = head(viewer, &happening, &issue)?;
        Ok(say(head.map(|head| OfficerInboxEvent {
            head,
            reason,
            issue,
        })))
    }
}

async fn issue(ctx: &Context<'_>, id: Uuid, fits: Condition) -> Result<Option<Record>> {
    seen::<EnterpriseIssue>(ctx, "enterpriseIssue", id, fits).await
}
