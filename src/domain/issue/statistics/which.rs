//! Which issues a figure counts: a condition on issues.

use entity::enterprise_issue::{IssueLight, IssueState};
use sea_orm::ActiveEnum;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use uuid::Uuid;

use super::coached::coached;
use crate::access::viewer::Standing;
use crate::domain::issue::light;
use crate::domain::issue::queries::{handles, visible};
use crate::store::Scope;
use crate::store::dialect::{col, in_ids};

/// Stars from which an enterprise counts as satisfied.
const SATISFIED: i32 = 3;

/// Which issues a figure counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// All.
    All,
    /// Those in a state.
    State(IssueState),
    /// Those that show a light.
    Light(IssueLight),
    /// Those of a category.
    Category(Uuid),
    /// Those that a department leads.
    Department(Uuid),
    /// Those of an officer.
    Officer(Uuid),
    /// Those with so many stars at last.
    Stars(i32),
    /// Those that a first contact was due for.
    ContactDue,
    /// Those of them that were contacted in time.
    ContactMet,
    /// Those that were rated.
    Rated,
    /// Those that were resolved by the last rating.
    Resolved,
    /// Those that were satisfied by the last rating.
    Satisfied,
    /// Those that were closed and never rated.
    Unrated,
    /// Those with five stars right after a visit of their officer.
    Coached(Uuid),
    /// Those that were opened for help and have an offer in time, or are past it.
    HelpDue,
    /// Those of them with an offer in time.
    HelpOffered,
}

/// The rows that the viewer's figures count: the district side all that were submitted, officers
/// what they or their department handle, leads their own and what their pairing's members show
/// them, other enterprises their own.
pub(super) fn counted(scope: &Scope, at: &'static str) -> Condition {
    let submitted = col(at, "submitted_at").is_not_null();
    let seen = visible(scope, at).add(submitted);
    let own = |enterprise: Uuid| col(at, "enterprise_id").eq(enterprise);
    match &scope.viewer.standing {
        Standing::Admin | Standing::Operator | Standing::Auditor => seen,
        Standing::Officer(_) => seen.add(handles(scope, at)),
        Standing::Lead(seat) => {
            let members = in_ids(scope.backend, col(at, "enterprise_id"), &seat.members);
            seen.add(Condition::any().add(own(seat.enterprise_id)).add(members))
        }
        Standing::Member(seat) => seen.add(own(seat.enterprise_id)),
    }
}

/// The last rating's value of a column.
pub(super) fn last_rating(at: &'static str, column: &str) -> Expr {
    Expr::cust(format!(
        "(SELECT lr.{column} FROM issue_rating lr WHERE lr.issue_id = \"{at}\".id \
         ORDER BY lr.round DESC LIMIT 1)"
    ))
}

/// The last first-contact clock of an issue, where `holds`.
fn contact(at: &'static str, holds: Condition) -> Condition {
    let mut clock = Query::select();
    clock
        .expr(Expr::val(1))
        .from_as("issue_clock", "cc")
        .and_where(col("cc", "issue_id").eq(col(at, "id")))
        .and_where(Expr::cust(
            "\"cc\".kind = 'CONTACT' AND \"cc\".round = (SELECT max(lc.round) FROM issue_clock lc \
             WHERE lc.issue_id = \"cc\".issue_id AND lc.kind = 'CONTACT')",
        ))
        .cond_where(holds);
    Condition::all().add(Expr::exists(clock))
}

/// Whether a peer offered help in time, after the issue was last opened for it.
fn offered_in_time(at: &'static str) -> Expr {
    let mut offers = Query::select();
    offers
        .expr(Expr::val(1))
        .from_as("peer_help_offer", "po")
        .and_where(col("po", "issue_id").eq(col(at, "id")))
        .and_where(col("po", "created_at").gte(col(at, "help_opened_at")))
        .and_where(col("po", "created_at").lte(col(at, "help_due_at")));
    Expr::exists(offers)
}

fn is_closed(at: &'static str) -> Expr {
    let closed = [IssueState::Closed, IssueState::Archived];
    col(at, "state").is_in(closed.iter().map(ActiveEnum::to_value))
}

impl Which {
    /// Whether it tells what a brief does not show.
    pub(super) const fn is_guarded(&self) -> bool {
        !matches!(
            self,
            Self::All | Self::State(_) | Self::Light(_) | Self::Category(_)
        )
    }

    /// The row that its issues share, and the column that they name it in.
    #[must_use]
    pub const fn parent(&self) -> Option<(Uuid, &'static str)> {
        match self {
            Self::Category(id) => Some((*id, "category_id")),
            Self::Department(id) => Some((*id, "lead_department_id")),
            Self::Officer(id) => Some((*id, "officer_id")),
            _ => None,
        }
    }

    pub(super) fn own(&self, scope: &Scope, at: &'static str) -> Condition {
        let all = Condition::all();
        let clock = |name| col("cc", name);
        let due = || {
            let overdue = Condition::all()
                .add(clock("ended_at").is_null())
                .add(clock("due_at").lt(Expr::val(scope.now)));
            let missed = Condition::all()
                .add(clock("met_at").is_null())
                .add(clock("ended_at").gt(clock("due_at")));
            Condition::any()
                .add(clock("met_at").is_not_null())
                .add(overdue)
                .add(missed)
        };
        match self {
            Self::All => all,
            Self::State(state) => all.add(col(at, "state").eq(state.to_value())),
            Self::Light(light) => all.add(light::name(scope, at).eq(light.to_value())),
            Self::Category(id) => all.add(col(at, "category_id").eq(*id)),
            Self::Department(id) => all.add(col(at, "lead_department_id").eq(*id)),
            Self::Officer(id) => all.add(col(at, "officer_id").eq(*id)),
            Self::Stars(stars) => all.add(last_rating(at, "stars").eq(*stars)),
            Self::ContactDue => contact(at, due()),
            Self::ContactMet => contact(at, all.add(clock("met_at").lte(clock("due_at")))),
            Self::Rated => all.add(last_rating(at, "stars").is_not_null()),
            Self::Resolved => all.add(last_rating(at, "is_resolved").eq(true)),
            Self::Satisfied => all.add(last_rating(at, "stars").gte(SATISFIED)),
            Self::Unrated => all
                .add(is_closed(at))
                .add(last_rating(at, "stars").is_null()),
            Self::HelpDue => {
                let is_late = col(at, "help_due_at").lt(Expr::val(scope.now));
                let either = Condition::any().add(is_late).add(offered_in_time(at));
                all.add(col(at, "help_opened_at").is_not_null()).add(either)
            }
            Self::HelpOffered => all.add(offered_in_time(at)),
            Self::Coached(officer) => {
                let mut rated = Query::select();
                rated.expr(Expr::val(1));
                coached(&mut rated, scope);
                rated
                    .and_where(col("cr", "issue_id").eq(col(at, "id")))
                    .and_where(col("cv", "officer_id").eq(*officer));
                all.add(Expr::exists(rated))
            }
        }
    }
}
