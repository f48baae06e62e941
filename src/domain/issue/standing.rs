//! What waits on an issue for an answer, and what part the viewer had in it: the facts of
//! `policy` that stand in other tables. Commands read them by the same conditions as the lists.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::policy::Facts;
use super::queries;
use crate::kernel::error::{Error, Result};
use crate::store::Scope;
use crate::store::dialect::{col, never, truth};

/// Rows of a table that belong to the issue.
fn rows(table: &'static str, at: &'static str) -> SelectStatement {
    let mut rows = Query::select();
    rows.expr(Expr::val(1))
        .from_as(table, "sr")
        .and_where(col("sr", "issue_id").eq(col(at, "id")));
    rows
}

fn word(column: &str, value: &str) -> Expr {
    Expr::cust(format!("\"sr\".{column} = '{value}'"))
}

fn there_are(rows: SelectStatement) -> Condition {
    Condition::all().add(Expr::exists(rows))
}

/// Whether the viewer accepted the issue or wrote of its handling.
#[must_use]
pub fn took_part(scope: &Scope, at: &'static str) -> Condition {
    let mut wrote = rows("issue_progress", at);
    wrote
        .and_where(col("sr", "author_id").eq(scope.viewer.user_id))
        .and_where(Expr::cust(
            "\"sr\".kind IN ('FIRST_CONTACT', 'PROGRESS', 'RESPONSE') \
             AND (\"sr\".purpose IS NULL OR \"sr\".purpose NOT IN ('URGE', 'EXTENSION'))",
        ));
    Condition::any()
        .add(col(at, "first_handler_id").eq(scope.viewer.user_id))
        .add(Expr::exists(wrote))
}

/// Whether the viewer wrote the issue for the enterprise.
#[must_use]
pub fn filed_on_behalf(scope: &Scope, at: &'static str) -> Condition {
    Condition::all()
        .add(col(at, "is_on_behalf").eq(true))
        .add(col(at, "reporter_id").eq(scope.viewer.user_id))
}

/// Whether a request for more time waits.
#[must_use]
pub fn asks_for_time(at: &'static str) -> Condition {
    let mut asked = rows("issue_extension", at);
    asked.and_where(word("status", "REQUESTED"));
    there_are(asked)
}

/// Whether the viewer's own request for more time waits.
#[must_use]
pub fn asked_for_time(scope: &Scope, at: &'static str) -> Condition {
    let mut asked = rows("issue_extension", at);
    asked
        .and_where(word("status", "REQUESTED"))
        .and_where(col("sr", "requested_by_id").eq(scope.viewer.user_id));
    there_are(asked)
}

/// Whether a call back is due.
#[must_use]
pub fn owes_callback(at: &'static str) -> Condition {
    let mut due = rows("issue_callback", at);
    due.and_where(col("sr", "result").is_null());
    there_are(due)
}

/// Whether an appeal waits.
#[must_use]
pub fn is_appealed(at: &'static str) -> Condition {
    let mut filed = rows("issue_appeal", at);
    filed.and_where(word("status", "FILED"));
    there_are(filed)
}

/// Whether it waits for a joint meeting.
#[must_use]
pub fn awaits_meeting(at: &'static str) -> Condition {
    let mut item = rows("issue_supervision", at);
    item.and_where(word("kind", "MEETING"))
        .and_where(col("sr", "meeting_id").is_null())
        .and_where(col("sr", "lifted_at").is_null());
    there_are(item)
}

/// Whether a joint meeting concluded on it since its last reply was rated, and was rated at all:
/// what was concluded before says nothing of a rating that came later.
#[must_use]
pub fn is_concluded(at: &'static str) -> Condition {
    let mut item = rows("issue_supervision", at);
    item.and_where(Expr::cust(format!(
        "\"sr\".meeting_id IS NOT NULL AND \"sr\".concluded_at >= \
         (SELECT lr.created_at FROM issue_rating lr WHERE lr.issue_id = \"{at}\".id AND lr.round = \
         (SELECT count(*) FROM issue_progress lp WHERE lp.issue_id = \"{at}\".id AND lp.kind = 'RESPONSE'))"
    )));
    there_are(item)
}

/// Whether an issue may be shown to the alliance; the table holds it too.
#[must_use]
pub fn can_be_shown(at: &'static str) -> Condition {
    Condition::all()
        .add(col(at, "is_confidential").eq(false))
        .add(Expr::cust(format!(
            "\"{at}\".nature NOT IN ('COMPLAINT', 'REPORT')"
        )))
}

/// Whether an offer of help of the viewer's enterprise stands on the issue.
#[must_use]
pub fn has_offered(scope: &Scope, at: &'static str) -> Condition {
    let Some(seat) = scope.viewer.seat() else {
        return never();
    };
    let mut offers = rows("peer_help_offer", at);
    offers
        .and_where(col("sr", "offerer_id").eq(seat.enterprise_id))
        // In the words of the index `peer_help_offer_standing`.
        .and_where(Expr::cust(
            "\"sr\".status IN ('OFFERED', 'ACCEPTED', 'THANKED')",
        ));
    there_are(offers)
}

/// Whether an offer of the viewer's enterprise was accepted: it helps with the issue. The issues are
/// found first, so that lists of issues go by an index still.
#[must_use]
pub fn is_helper(scope: &Scope, at: &'static str) -> Condition {
    let Some(seat) = scope.viewer.seat() else {
        return never();
    };
    let (postgres, sqlite) = ("$1 = ANY(ARRAY", "? IN ");
    let helped = "(SELECT ho.issue_id FROM peer_help_offer ho WHERE ho.offerer_id = ";
    let accepted = "AND ho.status IN ('ACCEPTED', 'THANKED'))";
    let sql = match scope.backend {
        DbBackend::Postgres => format!("{postgres}{helped}$2 {accepted})"),
        _ => format!("{sqlite}{helped}? {accepted}"),
    };
    let values = [col(at, "id"), Expr::val(seat.enterprise_id)];
    Condition::all().add(Expr::cust_with_exprs(sql, values))
}

/// What decides who may do what to an issue, read in one statement.
///
/// # Errors
/// When the database fails, or the issue is not there.
pub async fn facts(conn: &impl ConnectionTrait, scope: &Scope, issue: Uuid) -> Result<Facts> {
    const AT: &str = "i";
    let mut select = Query::select();
    select.from_as("enterprise_issue", AT);
    for column in [
        "enterprise_id",
        "state",
        "is_on_behalf",
        "accepted_at",
        "escalation_level",
        "is_open_for_help",
    ] {
        select.expr(col(AT, column));
    }
    for (name, condition) in [
        ("handles", queries::handles(scope, AT)),
        ("helps", queries::helps(scope, AT)),
        ("took_part", took_part(scope, AT)),
        ("filed_on_behalf", filed_on_behalf(scope, AT)),
        ("asks_for_time", asks_for_time(AT)),
        ("asked_for_time", asked_for_time(scope, AT)),
        ("owes_callback", owes_callback(AT)),
        ("is_appealed", is_appealed(AT)),
        ("awaits_meeting", awaits_meeting(AT)),
        ("is_concluded", is_concluded(AT)),
        ("can_be_shown", can_be_shown(AT)),
        ("has_offered", has_offered(scope, AT)),
    ] {
        select.expr_as(truth(condition), name);
    }
    select.and_where(col(AT, "id").eq(issue));
    let statement: Statement = scope.backend.build(&select);
    let row = conn.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::Internal("the issue went away".to_owned()))?;
    let is = |name: &str| row.try_get("", name);
    let accepted_at: Option<DateTime<Utc>> = row.try_get("", "accepted_at")?;
    Ok(Facts {
        enterprise_id: row.try_get("", "enterprise_id")?,
        state: row.try_get("", "state")?,
        is_on_behalf: is("is_on_behalf")?,
        handles: is("handles")?,
        helps: is("helps")?,
        took_part: is("took_part")?,
        filed_on_behalf: is("filed_on_behalf")?,
        asks_for_time: is("asks_for_time")?,
        asked_for_time: is("asked_for_time")?,
        owes_callback: is("owes_callback")?,
        is_appealed: is("is_appealed")?,
        is_accepted: accepted_at.is_some(),
        level: row.try_get("", "escalation_level")?,
        awaits_meeting: is("awaits_meeting")?,
        is_concluded: is("is_concluded")?,
        can_be_shown: is("can_be_shown")?,
        is_open_for_help: is("is_open_for_help")?,
        has_offered: is("has_offered")?,
    })
}
