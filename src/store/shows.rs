//! What a request shows of the row that it writes, read along by the statement that writes it: the
//! statement reads all else as it was before, so that is for what shows nothing else of it.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use uuid::Uuid;

use super::Scope;
use super::dialect::col;
use super::plan::{Plan, ROOT};
use super::record::Record;

/// What stands before the request's part in the text of a statement.
const BEFORE: &str = "AS \"held\" LEFT JOIN ";

/// What a request shows of the row that it writes.
pub struct Shows {
    plan: Arc<Plan>,
    scope: Scope,
    read: Mutex<Option<Shown>>,
}

/// The row as the viewer sees it, if they do.
pub type Shown = Option<Record>;

impl Shows {
    /// What a plan reads.
    #[must_use]
    pub fn new(plan: Plan, scope: Scope) -> Self {
        Self {
            plan: Arc::new(plan),
            scope,
            read: Mutex::new(None),
        }
    }

    /// Whether it may show a new row of this table while rows of these tables are written, as far as
    /// its joins tell; `is_apart` tells the rest.
    pub(super) fn may_show(&self, new: &str, written: &[&str]) -> bool {
        self.plan.is_of(new) && !self.plan.joins(written)
    }

    /// What was read along with the action, if it was.
    #[must_use]
    pub fn take(&self) -> Option<Shown> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.take()
    }

    /// The row that a part has written, beside what must hold: that is asked whether the row is seen
    /// or not.
    pub(super) fn beside(
        &self,
        held: SelectStatement,
        part: &'static str,
        id: Uuid,
    ) -> SelectStatement {
        let mut row = self.plan.select_from(&self.scope, part);
        row.and_where(col(ROOT, "id").eq(id));
        Query::select()
            .expr(Expr::cust("\"shown\".*"))
            .expr(Expr::cust("\"held\".*"))
            .from_subquery(held, "held")
            .join_subquery(JoinType::LeftJoin, row, "shown", Expr::cust("TRUE"))
            .take()
    }

    /// Hears what was read; where that tells nothing, the row is read as usual.
    pub(super) fn hear(&self, row: Option<QueryResult>) {
        let Some(record) = row.map(|row| Record::new(row, &self.plan)) else {
            return;
        };
        let Ok(id) = record.get::<Option<Uuid>>("id") else {
            return;
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        *read = Some(id.is_some().then_some(record));
    }
}

impl std::fmt::Debug for Shows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shows")
    }
}

/// Whether what a statement shows stands in none of these tables.
pub(super) fn is_apart(sql: &str, tables: &[&str]) -> bool {
    let shown = sql.rsplit_once(BEFORE).map(|(_, shown)| shown);
    shown.is_some_and(|shown| !tables.iter().any(|table| shown.contains(table)))
}
