//! An action as one statement of `PostgreSQL`, which begins and commits by itself: every way to the
//! database and back costs as much as two rows. For actions that nothing is left to decide about,
//! if what was read before still holds. Whether it does, the statement asks itself: where it does
//! not, nothing is written, and the action takes the usual way, which tells why.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, Func, Query, SubQueryStatement, UpdateStatement,
    WithClause,
};
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr};
use uuid::Uuid;

use super::ledger::Ledger;
use super::told;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;

/// What `must_hold` fails with.
const DOES_NOT_HOLD: &str = "HL001";

/// What must hold.
pub enum Must {
    /// This is true.
    Hold(Expr),
    /// There is one row to change.
    Change(Box<UpdateStatement>),
}

/// The parts of a statement, by names in an order of their own.
#[derive(Default)]
struct Parts {
    with: WithClause,
    count: usize,
}

impl Parts {
    fn add(&mut self, part: impl Into<SubQueryStatement>) -> Alias {
        self.count += 1;
        let name = format!("part_{}", self.count);
        let part = CommonTableExpression::new()
            .table_name(Alias::new(&name))
            .query(part)
            .to_owned();
        self.with.cte(part);
        Alias::new(name)
    }
}

/// That a part came to one row.
fn is_one(part: Alias) -> Expr {
    let rows = Query::select()
        .expr(Expr::cust("count(*)"))
        .from(part)
        .to_owned();
    Expr::from(rows).eq(Expr::cust("1"))
}

impl Ledger {
    /// Writes all that is recorded, if all of this holds; it is asked in this order, before anything
    /// is written. The target is the entity that the payload shows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn commit_at_once(self, target: Kind, id: Uuid, musts: Vec<Must>) -> Result<bool> {
        let (db, claim) = (self.db().clone(), self.claim().cloned());
        let ending = self.close(target, id);
        let mut parts = Parts::default();
        if !ending.events.is_empty() {
            // Of the parts that nothing reads PostgreSQL runs the last one first: so the outbox's turn
            // is taken when all else is written.
            parts.add(told::rows(ending.events));
        }
        let mut holds = Vec::new();
        if let Some(claim) = &claim {
            // Or another process runs a request under the key.
            holds.push(
                Func::cust("pg_try_advisory_xact_lock")
                    .arg(claim.lock())
                    .into(),
            );
        }
        for must in musts {
            holds.push(match must {
                Must::Hold(what) => what,
                Must::Change(row) => is_one(parts.add(*row)),
            });
        }
        if let Some(claim) = &claim {
            let mut record = claim.record(db.backend(), target, id)?;
            record.returning(Query::returning().column("key"));
            holds.push(is_one(parts.add(record)));
        }
        for row in ending.rows {
            parts.add(row);
        }
        let holds = holds.into_iter().reduce(Expr::and);
        let holds = holds.unwrap_or_else(|| Expr::cust("TRUE"));
        let ask = Query::select()
            .expr(Func::cust("must_hold").arg(holds))
            .to_owned();
        match db
            .write_raw(db.backend().build(&ask.with(parts.with)))
            .await
        {
            Err(error) if code(&error).as_deref() == Some(DOES_NOT_HOLD) => return Ok(false),
            Err(error) => {
                if let Some(claim) = claim.filter(|_| code(&error).is_none()) {
                    claim.may_have_effect();
                }
                return Err(error.into());
            }
            Ok(_) => {}
        }
        if let Some(claim) = &claim {
            claim.wrote(1)?;
        }
        db.tell_written();
        Ok(true)
    }
}

/// What the database answered that something failed with; none where it did not answer.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    let code = error.as_database_error().and_then(DatabaseError::code)?;
    Some(code.into_owned())
}
