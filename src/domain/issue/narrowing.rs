//! What issues are narrowed and sorted by.

use async_graphql::{Enum, InputObject};
use entity::enterprise_issue::{
    IssueChannel, IssueComplexity, IssueLight, IssueNature, IssueOutcome, IssueState, IssueUrgency,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};

use super::{light, queries};
use crate::domain::filter::{DateTimeFilter, Filter, IdFilter, StringFilter, enum_filter};
use crate::domain::officer::queries as officers;
use crate::domain::visit::queries as visits;
use crate::kernel::id::Kind;
use crate::store::Scope;
use crate::store::dialect::col;
use crate::store::keyset::{KeyType, OrderKey};

enum_filter! {
    /// Narrows by state.
    IssueStateFilter(IssueState),
    /// Narrows by what an issue asks for.
    IssueNatureFilter(IssueNature),
    /// Narrows by traffic light.
    IssueLightFilter(IssueLight),
    /// Narrows by channel.
    IssueChannelFilter(IssueChannel),
    /// Narrows by urgency.
    IssueUrgencyFilter(IssueUrgency),
    /// Narrows by complexity.
    IssueComplexityFilter(IssueComplexity),
    /// Narrows by what came of an issue.
    IssueOutcomeFilter(IssueOutcome),
}

/// Narrows issues. Of issues that a viewer reads in brief only, only what the brief shows: a
/// filter by anything else leaves them out.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "EnterpriseIssueFilter")]
pub struct IssueFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By number.
    pub number: Option<StringFilter>,
    /// By state.
    pub state: Option<IssueStateFilter>,
    /// By what it asks for.
    pub nature: Option<IssueNatureFilter>,
    /// By category.
    pub category_id: Option<IdFilter>,
    /// By traffic light.
    pub light: Option<IssueLightFilter>,
    /// By the time of submission.
    pub submitted_at: Option<DateTimeFilter>,
    /// By enterprise.
    pub enterprise_id: Option<IdFilter>,
    /// By whether it is open for help from peers (难题共解).
    pub is_open_for_help: Option<bool>,
    /// By officer; own issues and district side.
    pub officer_id: Option<IdFilter>,
    /// By the department that leads the handling; own issues and district side.
    pub lead_department_id: Option<IdFilter>,
    /// By the visit it was raised in; own issues and district side.
    pub visit_id: Option<IdFilter>,
    /// By channel; own issues and district side.
    pub channel: Option<IssueChannelFilter>,
    /// By urgency; own issues and district side.
    pub urgency: Option<IssueUrgencyFilter>,
    /// By complexity; own issues and district side.
    pub complexity: Option<IssueComplexityFilter>,
    /// By what came of it; own issues and district side.
    pub outcome: Option<IssueOutcomeFilter>,
    /// By the time it is due; own issues and district side.
    pub due_at: Option<DateTimeFilter>,
    /// By the time of closing; own issues and district side.
    pub closed_at: Option<DateTimeFilter>,
    /// Any of these, at most 10, without an `or` of their own.
    pub or: Option<Vec<IssueFilter>>,
}

impl IssueFilter {
    /// The condition of what only a reader in full is told.
    fn hidden(&self, scope: &Scope, at: &'static str) -> Condition {
        let column = |name| col(at, name);
        let id = |by: &Option<IdFilter>, name, kind| {
            by.as_ref().map(|by| by.on(scope, &column(name), kind))
        };
        let channel = self.channel.as_ref();
        let (urgency, complexity) = (self.urgency.as_ref(), self.complexity.as_ref());
        let (due, closed) = (self.due_at.as_ref(), self.closed_at.as_ref());
        // Nor of officers and visits that the field would not show.
        let officer = self.officer_id.as_ref().map(|by| {
            let at = column("officer_id");
            let seen = officers::among_visible(scope, &at);
            let seen = seen.map(|seen| Condition::any().add(at.clone().is_null()).add(seen));
            Condition::all()
                .add(by.on(scope, &at, Kind::Officer))
                .add_option(seen)
        });
        let visit = self.visit_id.as_ref().map(|by| {
            let at = column("visit_id");
            let mut seen = Query::select();
            seen.expr(col("vv", "id"))
                .from_as("service_visit", "vv")
                .cond_where(visits::visible(scope, "vv"));
            let seen = at.clone().in_subquery(seen);
            Condition::all()
                .add(by.on(scope, &at, Kind::Visit))
                .add(Condition::any().add(at.is_null()).add(seen))
        });
        Condition::all()
            .add_option(officer)
            .add_option(id(
                &self.lead_department_id,
                "lead_department_id",
                Kind::Department,
            ))
            .add_option(visit)
            .add_option(channel.map(|by| by.on(scope, &column("channel"))))
            .add_option(urgency.map(|by| by.on(scope, &column("urgency"))))
            .add_option(complexity.map(|by| by.on(scope, &column("complexity"))))
            .add_option(
                self.outcome
                    .as_ref()
                    .map(|by| by.on(scope, &column("outcome"))),
            )
            .add_option(due.map(|by| by.on(&column("due_at"))))
            .add_option(closed.map(|by| by.on(&column("closed_at"))))
    }
}

impl Filter for IssueFilter {
    fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let column = |name| col(at, name);
        let (state, nature) = (self.state.as_ref(), self.nature.as_ref());
        let (lit, submitted) = (self.light.as_ref(), self.submitted_at.as_ref());
        let hidden = self.hidden(scope, at);
        let guarded = !hidden.is_empty();
        Condition::all()
            .add_option(
                self.id
                    .as_ref()
                    .map(|by| by.on(scope, &column("id"), Kind::Issue)),
            )
            .add_option(
                self.number
                    .as_ref()
                    .map(|by| by.on(scope, &column("number"))),
            )
            .add_option(state.map(|by| by.on(scope, &column("state"))))
            .add_option(nature.map(|by| by.on(scope, &column("nature"))))
            .add_option(
                self.category_id
                    .as_ref()
                    .map(|by| by.on(scope, &column("category_id"), Kind::Category)),
            )
            .add_option(
                self.enterprise_id
                    .as_ref()
                    .map(|by| by.on(scope, &column("enterprise_id"), Kind::Enterprise)),
            )
            .add_option(self.is_open_for_help.map(|wanted| {
                // In the words of the index `enterprise_issue_for_help`.
                let not = if wanted { "" } else { "NOT " };
                Expr::cust(format!("{not}\"{at}\".is_open_for_help"))
            }))
            .add_option(lit.map(|by| light::narrowed(by, scope, at)))
            .add_option(submitted.map(|by| by.on(&column("submitted_at"))))
            .add(hidden)
            // A filter must not tell what the field would not.
            .add_option(guarded.then(|| queries::in_full(scope, at)))
    }

    fn or(&self) -> Option<&[Self]> {
        self.or.as_deref()
    }
}

/// What issues can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "EnterpriseIssueOrderField")]
pub enum IssueOrderField {
    /// By the time the row was written.
    CreatedAt,
    /// By the time of submission; drafts last.
    SubmittedAt,
    /// By number.
    Number,
    /// By traffic light (红黄绿灯): RED is the greatest, then YELLOW, GREEN, GREY, and none.
    Light,
    /// By the time it is due; district side only.
    DueAt,
    /// By the time the row last changed; district side only.
    UpdatedAt,
}

impl IssueOrderField {
    /// The order key.
    #[must_use]
    pub const fn key(self) -> OrderKey {
        match self {
            Self::CreatedAt => OrderKey::new("created_at", KeyType::Time),
            Self::SubmittedAt => OrderKey::new("submitted_at", KeyType::Time).nullable(),
            Self::Number => OrderKey::new("number", KeyType::Text),
            Self::Light => OrderKey::new("light_rank", KeyType::Int),
            Self::DueAt => OrderKey::new("due_at", KeyType::Time).nullable(),
            Self::UpdatedAt => OrderKey::new("updated_at", KeyType::Time),
        }
    }

    /// Whether it sorts by something that not every viewer may read of every row.
    #[must_use]
    pub const fn is_guarded(self) -> bool {
        matches!(self, Self::DueAt | Self::UpdatedAt)
    }
}
