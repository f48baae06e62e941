//! Running a plan: one row, rows by id, a page, pages of many parents in one statement, counts.
//! A statement's text depends on the selection, the filter's form and the page size alone. What
//! runs is boxed: the fields that wait for it are many, and each is as large as the largest.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, Query, SelectStatement, SubQueryStatement, WindowStatement,
};
use sea_orm::{DbBackend, QueryResult, Statement, Values};
use uuid::Uuid;

use super::dialect::{col, in_ids, joined};
use super::keyset::{Keyset, OrderKey, sort};
use super::plan::{Plan, ROOT};
use super::record::Record;
use super::shape::Shape;
use super::{Db, Scope};
use crate::kernel::error::Result;

/// What a list is narrowed and sorted by.
pub struct Criteria {
    /// Which of the visible rows.
    pub filter: Condition,
    /// In which order; ties are broken by id.
    pub order: Vec<OrderKey>,
}

/// A list to read: which rows, in which order, which part of them.
pub struct List {
    /// The concept.
    pub shape: &'static Shape,
    /// What to read of each row.
    pub plan: Arc<Plan>,
    /// Which of the visible rows.
    pub filter: Condition,
    /// The order; ties are broken by id.
    pub order: Vec<OrderKey>,
    /// The most rows to answer.
    pub size: usize,
    /// Whether the page is the end of the range (`last`), not its beginning (`first`).
    pub backward: bool,
    /// Only rows after this place.
    pub after: Option<Keyset>,
    /// Only rows before this place.
    pub before: Option<Keyset>,
}

/// A page.
#[derive(Clone)]
pub struct Slice {
    /// The rows, in the list's order.
    pub records: Vec<Record>,
    /// Whether there are rows after them.
    pub has_next: bool,
    /// Whether there are rows before them.
    pub has_previous: bool,
}

impl List {
    /// What the rows are sorted by, under its name.
    fn key<'a>(&'a self, scope: &'a Scope) -> impl Fn(&'static str) -> Expr + 'a {
        move |name| self.shape.value(scope, ROOT, name)
    }

    fn range(&self, scope: &Scope) -> Condition {
        let key = self.key(scope);
        let mut range = Condition::all().add(self.filter.clone());
        if let Some(after) = &self.after {
            range = range.add(after.beyond(&key, &self.order, true));
        }
        if let Some(before) = &self.before {
            range = range.add(before.beyond(&key, &self.order, false));
        }
        range
    }

    /// Cuts the one row too many that tells of more, and turns a backward page round.
    fn slice(&self, mut records: Vec<Record>) -> Slice {
        let more = records.len() > self.size;
        records.truncate(self.size);
        if self.backward {
            records.reverse();
        }
        Slice {
            records,
            has_next: if self.backward {
                self.before.is_some()
            } else {
                more
            },
            has_previous: if self.backward {
                more
            } else {
                self.after.is_some()
            },
        }
    }
}

/// What a select for the viewer brings. Where the viewer was kept and nothing has told yet of what
/// revision the rights are now, its rows tell: so rows and rights are of one moment.
///
/// # Errors
/// When the database fails.
pub async fn rows(
    db: &Db,
    scope: &Scope,
    mut select: SelectStatement,
    limit: Option<usize>,
) -> Result<Vec<QueryResult>> {
    let rights = scope.rights.as_ref().filter(|rights| rights.are_untold());
    if rights.is_some() {
        let mut revision = Query::select();
        revision
            .column("revision")
            .from("rights_revision")
            .and_where(Expr::col("district_id").eq(scope.viewer.district_id));
        let revision = SubQueryStatement::SelectStatement(revision);
        select.expr_as(Expr::SubQuery(None, Box::new(revision)), "rights");
    }
    let mut statement = db.backend().build(&select);
    if let Some(limit) = limit {
        // A literal: with a bound limit PostgreSQL plans anew at every execution.
        statement.sql.extend([" LIMIT ", &limit.to_string()]);
    }
    let rows = db.all(statement).await?;
    if let (Some(rights), Some(row)) = (rights, rows.first()) {
        rights.hear(row.try_get("", "rights")?);
    }
    Ok(rows)
}

/// The row with an id, if the viewer sees it.
///
/// # Errors
/// When the database fails.
#[must_use]
pub fn one<'a>(
    db: &'a Db,
    scope: &'a Scope,
    plan: &'a Arc<Plan>,
    id: Uuid,
) -> BoxFuture<'a, Result<Option<Record>>> {
    first(
        db,
        scope,
        plan,
        Condition::all().add(col(ROOT, "id").eq(id)),
    )
}

/// The row that a condition singles out, if the viewer sees it.
///
/// # Errors
/// When the database fails.
#[must_use]
pub fn first<'a>(
    db: &'a Db,
    scope: &'a Scope,
    plan: &'a Arc<Plan>,
    which: Condition,
) -> BoxFuture<'a, Result<Option<Record>>> {
    Box::pin(async move {
        let mut select = plan.select_statement(scope);
        select.cond_where(which);
        let rows = rows(db, scope, select, None).await?;
        Ok(rows.into_iter().next().map(|row| Record::new(row, plan)))
    })
}

/// The rows with these ids that the viewer sees.
///
/// # Errors
/// When the database fails.
#[must_use]
pub fn by_ids<'a>(
    db: &'a Db,
    scope: &'a Scope,
    plan: &'a Arc<Plan>,
    ids: &'a [Uuid],
) -> BoxFuture<'a, Result<HashMap<Uuid, Record>>> {
    Box::pin(async move {
        let mut select = plan.select_statement(scope);
        select.and_where(in_ids(scope.backend, col(ROOT, "id"), ids));
        let rows = rows(db, scope, select, None).await?;
        let records = rows.into_iter().map(|row| Record::new(row, plan));
        records.map(|record| Ok((record.uuid()?, record))).collect()
    })
}

/// A page of a list.
///
/// # Errors
/// When the database fails.
#[must_use]
pub fn page<'a>(db: &'a Db, scope: &'a Scope, list: &'a List) -> BoxFuture<'a, Result<Slice>> {
    Box::pin(async move {
        let mut select = list.plan.select_statement(scope);
        select.cond_where(list.range(scope));
        sort(&mut select, list.key(scope), &list.order, list.backward);
        let rows = rows(db, scope, select, Some(list.size + 1)).await?;
        let records = rows.into_iter().map(|row| Record::new(row, &list.plan));
        Ok(list.slice(records.collect()))
    })
}

/// The same page of every parent's list, in one statement, cut within each parent by the
/// database; in the parents' order.
///
/// # Errors
/// When the database fails.
pub async fn pages(
    db: &Db,
    scope: &Scope,
    list: &List,
    column: &'static str,
    parents: &[Uuid],
) -> Result<Vec<Slice>> {
    let statement = match scope.backend {
        DbBackend::Postgres => page_by_page(scope, list, column, parents),
        _ => pages_at_once(scope, list, column, parents),
    };
    let mut groups: HashMap<Uuid, Vec<Record>> = HashMap::new();
    for row in db.all(statement).await? {
        let parent: Uuid = row.try_get("", "parent")?;
        groups
            .entry(parent)
            .or_default()
            .push(Record::new(row, &list.plan));
    }
    let slices = parents.iter().map(|parent| {
        let records = groups.remove(parent).unwrap_or_default();
        list.slice(records)
    });
    Ok(slices.collect())
}

/// For each parent its own page: no more rows are read than are shown, and one, however many a
/// parent has. What a limit depends on a parent for can only be run once for each of them, one
/// after the other: so the rows of a parent come in their order, without a sort over all.
fn page_by_page(scope: &Scope, list: &List, column: &'static str, parents: &[Uuid]) -> Statement {
    let mut page = list.plan.select_statement(scope);
    page.cond_where(list.range(scope))
        .and_where(col(ROOT, column).eq(Expr::cust("p.p")));
    sort(&mut page, list.key(scope), &list.order, list.backward);
    let mut statement = scope.backend.build(&page);
    let values = &mut statement.values.get_or_insert_with(|| Values(Vec::new())).0;
    values.push(joined(parents).into());
    // The limit is a literal: with a bound one PostgreSQL plans anew at every execution.
    statement.sql = format!(
        "SELECT w.*, p.p AS parent FROM unnest(string_to_array(${}, ',')::uuid[]) AS p \
         CROSS JOIN LATERAL ({} LIMIT {}) AS w",
        values.len(),
        statement.sql,
        list.size + 1
    );
    statement
}

/// The rows of all parents, numbered within each of them: `SQLite` has no lateral joins.
fn pages_at_once(scope: &Scope, list: &List, column: &'static str, parents: &[Uuid]) -> Statement {
    let number = Expr::cust("row_number()");
    let mut within = WindowStatement::partition_by((ROOT, column));
    sort(&mut within, list.key(scope), &list.order, list.backward);
    let mut inner = list.plan.select_statement(scope);
    inner
        .expr_as(col(ROOT, column), "parent")
        .expr_window_as(number, within, "place")
        .cond_where(list.range(scope))
        .and_where(in_ids(scope.backend, col(ROOT, column), parents));
    let mut select = Query::select();
    select
        .expr(Expr::cust("\"w\".*"))
        .from_subquery(inner, "w")
        .and_where(Expr::cust(format!("\"w\".\"place\" <= {}", list.size + 1)))
        .order_by_expr(Expr::cust("\"w\".\"place\""), sea_orm::Order::Asc);
    scope.backend.build(&select)
}

/// How many rows a list has in all, wherever its page is.
///
/// # Errors
/// When the database fails.
#[must_use]
pub fn count<'a>(db: &'a Db, scope: &'a Scope, list: &'a List) -> BoxFuture<'a, Result<i64>> {
    Box::pin(async move {
        let mut select = Query::select();
        select
            .expr(Expr::cust("count(*)"))
            .from_as(list.shape.table, ROOT)
            .cond_where((list.shape.visible)(scope, ROOT))
            .cond_where(list.filter.clone());
        let rows = rows(db, scope, select, None).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?)
    })
}

/// How many rows every parent's list has, in one statement; in the parents' order.
///
/// # Errors
/// When the database fails.
pub async fn counts(
    db: &Db,
    scope: &Scope,
    list: &List,
    column: &'static str,
    parents: &[Uuid],
) -> Result<Vec<i64>> {
    let mut select = Query::select();
    select
        .expr(col(ROOT, column))
        .expr(Expr::cust("count(*)"))
        .from_as(list.shape.table, ROOT)
        .cond_where((list.shape.visible)(scope, ROOT))
        .cond_where(list.filter.clone())
        .and_where(in_ids(scope.backend, col(ROOT, column), parents))
        .add_group_by([col(ROOT, column)]);
    let mut counts: HashMap<Uuid, i64> = HashMap::with_capacity(parents.len());
    for row in rows(db, scope, select, None).await? {
        counts.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    let of = |parent| counts.get(parent).copied().unwrap_or(0);
    Ok(parents.iter().map(of).collect())
}
