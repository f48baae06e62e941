//! A new issue by one statement, on `PostgreSQL`, which finds what the issue rests on, holds of it what
//! may change, and waits for nobody who does: the usual way does. The requests of this process stand in
//! line for their numbers, so that they are not in each other's way.

use entity::enterprise_issue::{Column, Entity};
use entity::issue_transition::TransitionKind;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use uuid::Uuid;

use super::create::{self, Draft};
use super::footing::{self, Footing, Ground};
use super::{event, first_step};
use crate::domain::enterprise::queries::SHAPE;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::at_once::AtOnce;
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
    let _line = deps.db.line(actor.viewer.district_id).await;
    let ledger = Ledger::of(deps, actor, create::ACTION);
    let is_visible = Query::select()
        .expr(Expr::cust("1"))
        .from(SHAPE.table)
        .and_where(col(SHAPE.table, "id").eq(ground.enterprise_id))
        .cond_where(ledger.visibility(&SHAPE))
        .take();
    let rests_on = Func::cust("issue_footing")
        .arg(ledger.district_id())
        .arg(ground.enterprise_id)
        .arg(ground.category_id)
        .arg(draft.reporter_id)
        .arg(footing::year(ledger.now()));
    let rests_on = Query::select()
        .expr(Expr::cust("*"))
        .from_function(rests_on, "footing")
        .take();
    // The statement finds the number and the officer.
    let footing = Footing {
        number: String::new(),
        enterprise_id: ground.enterprise_id,
        officer_id: None,
        category_id: ground.category_id,
    };
    let issue = create::row(&ledger, &footing, draft.clone());
    let mut at_once = AtOnce::of(ledger);
    at_once.must(Expr::exists(is_visible));
    let rests_on = at_once.find(rests_on);
    let (number, officer) = (rests_on.column("number"), rests_on.column("officer_id"));
    at_once.must(number.clone().is_not_null());
    let found = vec![(Column::Number, number), (Column::OfficerId, officer)];
    at_once.add::<Entity>(
        event(issue.id, TransitionKind::Create),
        issue.clone(),
        found,
    )?;
    first_step(at_once.ledger(), &issue)?;
    let is_written = at_once.commit(Kind::Issue, issue.id).await?;
    Ok(is_written.then_some(issue.id))
}
