//! Who could help with an issue, and why: enterprises of the alliance, ranked by what speaks for
//! each. One statement counts the evidence; what an evidence weighs stands here, once.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, Order, Query, SelectStatement};
use sea_orm::{DbBackend, Iterable};
use uuid::Uuid;

use super::super::queries::{in_full, visible};
use crate::domain::enterprise::queries::{in_alliance, visible as enterprise_visible};
use crate::domain::pairing::queries::share_one;
use crate::domain::supply_chain::queries::distance;
use crate::kernel::error::{Message, Result};
use crate::store::dialect::col;
use crate::store::{Db, Scope, list};

/// What speaks for an enterprise, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum, sea_orm::EnumIter)]
#[graphql(name = "HelperReasonKind")]
pub enum ReasonKind {
    /// It is in one pairing (结对) with the issue's enterprise: 30 points.
    SamePairing,
    /// It was thanked for its help with issues of the same category: 12 points each, 36 at most.
    Helped,
    /// Issues of its own of the same category are closed, of those that the viewer sees; of those
    /// that the viewer reads in full, solved: 8 points each, 24 at most.
    Solved,
    /// Tags that it shares with the issue: 10 points each, 30 at most.
    Tags,
    /// It supplies the issue's enterprise or is supplied by it (上下游): 20 points; 10 where one
    /// enterprise stands between them.
    SupplyChain,
}

impl ReasonKind {
    /// The points of one piece of evidence, and how many pieces count.
    const fn weight(self) -> (i64, i64) {
        match self {
            Self::SamePairing => (30, 1),
            Self::Helped => (12, 3),
            Self::Solved => (8, 3),
            Self::Tags => (10, 3),
            // A direct link counts twice.
            Self::SupplyChain => (10, 2),
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::SamePairing => "same_pairing",
            Self::Helped => "helped",
            Self::Solved => "solved",
            Self::Tags => "tags",
            Self::SupplyChain => "supply_chain",
        }
    }

    /// The points of so much evidence.
    fn points(self, evidence: i64) -> i64 {
        let (each, most) = self.weight();
        each * Ord::min(evidence, most)
    }

    /// The same in a statement.
    fn points_in_sql(self) -> String {
        let ((each, most), column) = (self.weight(), self.column());
        format!("{each} * (CASE WHEN w.{column} > {most} THEN {most} ELSE w.{column} END)")
    }

    fn says(self, evidence: i64) -> Message {
        let count = evidence;
        match self {
            Self::SamePairing => {
                Message::new("与诉求企业同一结对", "In one pairing with the enterprise")
            }
            Self::Helped => Message::new(
                format!("曾帮助解决同类诉求 {count} 件并获感谢"),
                format!("Thanked for help with {count} issues of the category"),
            ),
            Self::Solved => Message::new(
                format!("自身同类诉求已办结 {count} 件"),
                format!("{count} issues of its own of the category are closed"),
            ),
            Self::Tags => Message::new(
                format!("与诉求有 {count} 个相同标签"),
                format!("{count} tags in common with the issue"),
            ),
            Self::SupplyChain if evidence > 1 => Message::new(
                "与诉求企业为直接上下游",
                "Next to the enterprise in the supply chain",
            ),
            Self::SupplyChain => Message::new(
                "与诉求企业隔一级上下游",
                "One enterprise away in the supply chain",
            ),
        }
    }
}

/// What speaks for an enterprise.
#[derive(Clone, Debug)]
pub struct Reason {
    /// What it is.
    pub kind: ReasonKind,
    /// What it adds to the score.
    pub points: i64,
    /// How much of it there is; in the supply chain the distance.
    pub evidence: i64,
    /// The same in words.
    pub detail: Message,
}

/// An enterprise that could help.
#[derive(Clone, Debug)]
pub struct Match {
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The sum of its reasons' points.
    pub score: i64,
    /// What speaks for it.
    pub reasons: Vec<Reason>,
}

/// The enterprises that something speaks for, those of the same pairing first, then by score; none
/// where the viewer does not read the issue in full. Those whose offer stands are known already.
///
/// # Errors
/// When the database fails.
pub async fn helpers(db: &Db, scope: &Scope, issue: Uuid, most: usize) -> Result<Vec<Match>> {
    let points: Vec<String> = ReasonKind::iter().map(ReasonKind::points_in_sql).collect();
    let sum = points.join(" + ");
    let mut select = Query::select();
    select
        .expr(col("w", "id"))
        .from_subquery(evidence(scope, issue), "w");
    for kind in ReasonKind::iter() {
        select.expr(col("w", kind.column()));
    }
    select
        .and_where(Expr::cust(format!("{sum} > 0")))
        .order_by_expr(Expr::cust("w.same_pairing"), Order::Desc)
        .order_by_expr(Expr::cust(sum), Order::Desc)
        .order_by_expr(col("w", "id"), Order::Asc);
    let rows = list::rows(db, scope, select, Some(most)).await?;
    let matches = rows.iter().map(|row| {
        let mut reasons = Vec::new();
        for (place, kind) in ReasonKind::iter().enumerate() {
            let evidence: i64 = row.try_get_by_index(place + 1)?;
            if evidence > 0 {
                reasons.push(Reason {
                    kind,
                    points: kind.points(evidence),
                    evidence,
                    detail: kind.says(evidence),
                });
            }
        }
        Ok(Match {
            enterprise_id: row.try_get_by_index(0)?,
            score: reasons.iter().map(|reason| reason.points).sum(),
            reasons,
        })
    });
    matches.collect()
}

/// The enterprises that the viewer sees in the alliance beside the issue's own, each with its
/// evidence.
fn evidence(scope: &Scope, issue: Uuid) -> SelectStatement {
    let beside = Condition::all()
        .add(col("e", "district_id").eq(col("i", "district_id")))
        .add(Expr::cust("\"e\".id <> \"i\".enterprise_id"))
        .add(Expr::cust("\"e\".status = 'ACTIVE'"))
        .add(enterprise_visible(scope, "e"))
        .add(in_alliance(scope, col("e", "id")));
    let standing = Expr::cust(
        "NOT EXISTS (SELECT 1 FROM peer_help_offer so WHERE so.issue_id = \"i\".id \
         AND so.offerer_id = \"e\".id AND so.status IN ('OFFERED', 'ACCEPTED', 'THANKED'))",
    );
    let owner = "\"i\".enterprise_id";
    let mut select = Query::select();
    select
        .expr_as(col("e", "id"), "id")
        .expr_as(
            number(&format!(
                "CASE WHEN {} THEN 1 ELSE 0 END",
                share_one(owner, "\"e\".id")
            )),
            ReasonKind::SamePairing.column(),
        )
        .expr_as(number(HELPED), ReasonKind::Helped.column())
        .expr_as(solved(scope), ReasonKind::Solved.column())
        .expr_as(
            number(tags_in_common(scope.backend)),
            ReasonKind::Tags.column(),
        )
        .expr_as(
            // Two pieces for a direct link, one for one between.
            number(&format!(
                "CASE {} WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 0 END",
                distance(owner, "\"e\".id")
            )),
            ReasonKind::SupplyChain.column(),
        )
        .from_as("enterprise_issue", "i")
        .join_as(JoinType::InnerJoin, "enterprise", "e", beside)
        .and_where(col("i", "id").eq(issue))
        .cond_where(visible(scope, "i"))
        .cond_where(in_full(scope, "i"))
        .and_where(standing);
    select
}

/// A number, of one type on both databases.
fn number(sql: &str) -> Expr {
    Expr::cust(format!("CAST({sql} AS bigint)"))
}

/// Thanks are said before the alliance: they are counted for everybody.
const HELPED: &str = "(SELECT count(*) FROM peer_help_offer ho \
    JOIN enterprise_issue hi ON hi.id = ho.issue_id \
    WHERE ho.offerer_id = \"e\".id AND ho.status = 'THANKED' \
    AND hi.category_id = \"i\".category_id AND hi.id <> \"i\".id)";

/// Its own issues of the category that went to their end, of those that the viewer sees. What came
/// of an issue is not the brief's to tell.
fn solved(scope: &Scope) -> Expr {
    let mut count = Query::select();
    count
        .expr(Expr::cust("count(*)"))
        .from_as("enterprise_issue", "s")
        .and_where(col("s", "enterprise_id").eq(col("e", "id")))
        .and_where(col("s", "category_id").eq(col("i", "category_id")))
        .and_where(Expr::cust("\"s\".state IN ('CLOSED', 'ARCHIVED')"))
        .cond_where(visible(scope, "s"));
    if scope.viewer.seat().is_none() {
        count.and_where(Expr::cust("\"s\".outcome = 'SOLVED'"));
    }
    Expr::SubQuery(None, Box::new(count.into()))
}

const fn tags_in_common(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT count(*) FROM jsonb_array_elements_text(\"e\".tags) AS et(tag) \
             WHERE et.tag IN (SELECT it.tag FROM jsonb_array_elements_text(\"i\".tags) AS it(tag)))"
        }
        _ => {
            "(SELECT count(*) FROM json_each(\"e\".tags) AS et \
             WHERE et.value IN (SELECT it.value FROM json_each(\"i\".tags) AS it))"
        }
    }
}
