//! A new issue by one statement, on `PostgreSQL`: what it rests on is read, and the statement
//! holds it, looks whether it is still so, and writes. It waits for nobody who holds some of it: the
//! usual way does. The requests of this process stand in line for their numbers, so that they do
//! not take each other's.

use entity::enterprise::EnterpriseStatus;
use entity::issue_counter;
use sea_orm::ActiveEnum;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, UpdateStatement};
use uuid::Uuid;

use super::create::{self, Draft};
use super::footing::{self, Footing, Ground};
use crate::domain::enterprise::queries::SHAPE;
use crate::domain::officer::queries::officer_in_sql;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::at_once::Must;
use crate::store::dialect::col;
use crate::store::ledger::Ledger;
use crate::store::{Actor, Deps};

/// Writes a draft; none where that takes a closer look, which also tells what is wrong with it.
///
/// # Errors
/// When the database fails.
pub(super) async fn create(
    deps: &Deps,
    actor: &Actor,
    ground: &Ground,
    draft: &Draft,
) -> Result<Option<Uuid>> {
    if !deps.db.acts_at_once() || !ground.may {
        return Ok(None);
    }
    let year = footing::year(deps.clock.now());
    let look = async || seen(&Ledger::of(deps, actor, create::ACTION), ground, year).await;
    let Some(mut seen) = look().await? else {
        return Ok(None);
    };
    let mut line = deps.db.line(actor.viewer.district_id).await;
    match line.take() {
        // What was drawn in this line since, and by other processes before.
        Some((known, last)) if known == year => seen.last = Ord::max(last, seen.last),
        _ => match look().await? {
            Some(now) => seen = now,
            None => return Ok(None),
        },
    }
    let mut ledger = Ledger::of(deps, actor, create::ACTION);
    if footing::year(ledger.now()) != year {
        return Ok(None);
    }
    let last = seen.last;
    let footing = Footing {
        number: footing::number(&seen.prefix, year, last + 1),
        enterprise_id: ground.enterprise_id,
        officer_id: seen.officer_id,
        category_id: ground.category_id,
    };
    let musts = vec![
        Must::Hold(still_stands(&ledger, &footing, draft, (year, last))),
        Must::Change(Box::new(next(&ledger, (year, last)))),
    ];
    let issue = create::write(&mut ledger, &footing, draft.clone())?;
    let is_written = ledger.commit_at_once(Kind::Issue, issue.id, musts).await?;
    *line = is_written.then_some((year, last + 1));
    Ok(is_written.then_some(issue.id))
}

/// What a new issue would rest on now.
struct Seen {
    officer_id: Option<Uuid>,
    prefix: String,
    /// The last number.
    last: i32,
}

/// What a new issue would rest on now; none where anything is amiss.
async fn seen(ledger: &Ledger, ground: &Ground, year: i32) -> Result<Option<Seen>> {
    let district = || Expr::value(ledger.district_id());
    let select = Query::select()
        .expr(col(SHAPE.table, "status"))
        .expr_as(
            Expr::cust(officer_in_sql("enterprise.id")),
            "officer_id",
        )
        .expr_as(
            Expr::cust_with_exprs(
                "(SELECT c.is_active FROM issue_category c WHERE c.id = $1 AND c.district_id = $2)",
                [Expr::value(ground.category_id), district()],
            ),
            "is_category_active",
        )
        .expr_as(
            Expr::cust_with_exprs(
                "(SELECT d.number_prefix FROM district d WHERE d.id = $1)",
                [district()],
            ),
            "number_prefix",
        )
        .expr_as(
            Expr::cust_with_exprs(
                "(SELECT n.last_number FROM issue_counter n WHERE n.district_id = $1 AND n.year = $2)",
                [district(), Expr::value(year)],
            ),
            "last_number",
        )
        .from(Alias::new(SHAPE.table))
        .and_where(col(SHAPE.table, "id").eq(ground.enterprise_id))
        .cond_where(ledger.visibility(&SHAPE))
        .to_owned();
    let db = ledger.db();
    let rows = db.all(db.backend().build(&select)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let status: String = row.try_get_by_index(0)?;
    let is_category_active: Option<bool> = row.try_get_by_index(2)?;
    let last: Option<i32> = row.try_get_by_index(4)?;
    let is_sound =
        status == EnterpriseStatus::Active.to_value() && is_category_active == Some(true);
    let (Some(last), true) = (last, is_sound) else {
        return Ok(None);
    };
    Ok(Some(Seen {
        officer_id: row.try_get_by_index(1)?,
        prefix: row.try_get_by_index(3)?,
        last,
    }))
}

/// Holds what the issue will refer to, if nobody else does, and says whether it is what was seen.
fn still_stands(
    ledger: &Ledger,
    footing: &Footing,
    draft: &Draft,
    (year, last): (i32, i32),
) -> Expr {
    Func::cust("issue_may_rest_on")
        .arg(ledger.district_id())
        .arg(footing.enterprise_id)
        .arg(footing.officer_id)
        .arg(footing.category_id)
        .arg(draft.reporter_id)
        .arg(year)
        .arg(last)
        .into()
}

fn next(ledger: &Ledger, (year, last): (i32, i32)) -> UpdateStatement {
    use issue_counter::{Column, Entity};
    Query::update()
        .table(Entity)
        .value(Column::LastNumber, last + 1)
        .and_where(Expr::col(Column::DistrictId).eq(ledger.district_id()))
        .and_where(Expr::col(Column::Year).eq(year))
        .and_where(Expr::col(Column::LastNumber).eq(last))
        .returning(Query::returning().column(Column::LastNumber))
        .to_owned()
}
