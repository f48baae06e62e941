//! An action as one statement of `PostgreSQL`, which begins and commits by itself: every way to the
//! database and back costs as much as two rows. For actions that nothing is left to decide about:
//! what they rest on the statement finds and holds, what the server needs to know of it for the
//! records it fills in itself, and what the request shows of the row it reads along. Where
//! something is amiss nothing is written, and the action takes the usual way, which tells why.

use entity::{audit_entry, outbox_event};
use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, Func, InsertStatement, Query, SelectStatement,
};
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::ledger::{Event, Ledger};
use super::shows::is_apart;
use super::together::Parts;
use super::{insert, told};
use crate::kernel::error::{Result, sql_state};
use crate::kernel::id::Kind;

/// What `must_hold` fails with, a lock that is not to be had, and two who wait for each other: then
/// the action takes the usual way.
const FAILED: [&str; 3] = ["HL001", "55P03", "40P01"];

/// Limits how long such a statement waits for a lock, in SQL: the foreign keys are checked at its end,
/// with the outbox's turn in hand.
const HAS_PATIENCE: &str = "set_config('lock_timeout', '1s', true) IS NOT NULL";

/// A row that the statement finds.
#[derive(Clone, Copy)]
pub struct Found(&'static str);

impl Found {
    /// A column of it.
    #[must_use]
    pub fn column(&self, name: &'static str) -> Expr {
        Expr::cust(format!("(SELECT {name} FROM {})", self.0))
    }
}

/// That a part came to one row.
fn is_one(part: &'static str) -> Expr {
    Expr::cust(format!("(SELECT count(*) FROM {part}) = 1"))
}

/// A new row, some of whose columns the statement finds.
struct New {
    table: &'static str,
    id: Uuid,
    row: InsertStatement,
}

/// A column of a new row that the statement fills, for the records of the action.
struct Filled {
    /// The place of the row's change in the audit entry.
    change: usize,
    of: Uuid,
    name: &'static str,
    is: Expr,
    may_be_null: bool,
}

/// An action under way to be one statement.
pub struct AtOnce {
    ledger: Ledger,
    parts: Parts,
    holds: Vec<Expr>,
    new: Vec<New>,
    filled: Vec<Filled>,
}

impl AtOnce {
    /// An action with these records.
    #[must_use]
    pub fn of(ledger: Ledger) -> Self {
        Self {
            ledger,
            parts: Parts::default(),
            holds: Vec::new(),
            new: Vec::new(),
            filled: Vec::new(),
        }
    }

    /// The records of the action.
    #[must_use]
    pub const fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Finds something first.
    pub fn find(&mut self, what: SelectStatement) -> Found {
        Found(self.parts.add(what))
    }

    /// This must be true; it is asked in the order of the calls, before anything is written.
    pub fn must(&mut self, hold: Expr) {
        self.holds.push(hold);
    }

    /// Writes the new row that an event is about and that no unique rule can refuse, with columns that
    /// the statement finds in the place of the row's own.
    ///
    /// # Errors
    /// `Internal` where the row cannot be told.
    pub fn add<E>(
        &mut self,
        event: Event,
        row: E::Model,
        found: Vec<(E::Column, Expr)>,
    ) -> Result<()>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + Serialize,
        E::Column: Iterable,
    {
        let columns: Vec<E::Column> = found.iter().map(|(column, _)| *column).collect();
        let change = self.ledger.record_without::<E>(event, &row, &columns)?;
        for (column, is) in &found {
            self.filled.push(Filled {
                change,
                of: event.id,
                name: column.as_str(),
                is: is.clone(),
                may_be_null: column.def().is_null(),
            });
        }
        self.new.push(New {
            table: E::default().table_name(),
            id: event.id,
            row: insert::rows::<E>(vec![(row.into_active_model(), found)])?,
        });
        Ok(())
    }

    /// Writes all that is recorded, if all holds that must; whether it did. The target is the entity
    /// that the payload shows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn commit(self, target: Kind, id: Uuid) -> Result<bool> {
        let db = self.ledger.db().clone();
        let claim = self.ledger.claim().cloned();
        let shows = self.ledger.actor().and_then(|actor| actor.shows.clone());
        let ending = self.ledger.close(target, id);
        let mut parts = self.parts;
        if !ending.events.is_empty() {
            // Of the parts that nothing reads PostgreSQL runs the last one first: so the outbox's turn
            // is taken when all else is written.
            parts.add(events(&self.filled, ending.events)?);
        }
        let mut holds = Vec::new();
        if let Some(claim) = &claim {
            // Or another process runs a request under the key.
            let free = Func::cust("pg_try_advisory_xact_lock").arg(claim.lock());
            holds.push(free.into());
        }
        holds.extend(self.holds);
        if let Some(claim) = &claim {
            let mut record = claim.record(db.backend(), target, id)?;
            record.returning(Query::returning().column("key"));
            holds.push(is_one(parts.add(record)));
        }
        let mut tables = vec!["audit_entry", "outbox_event", "idempotency_record"];
        tables.extend(self.new.iter().map(|new| new.table));
        tables.extend(ending.rows.iter().map(|(table, _)| *table));
        let mut along = None;
        for mut new in self.new {
            let by = shows
                .as_ref()
                .filter(|shows| new.id == id && shows.may_show(new.table, &tables));
            if by.is_some() {
                new.row.returning(Query::returning().all());
            }
            let part = parts.add(new.row);
            along = along.or_else(|| by.map(|shows| (shows, part)));
        }
        for (_, row) in ending.rows {
            parts.add(row);
        }
        parts.add(entries(&self.filled, ending.entries)?);

        let mut statement = held(holds);
        if let Some((shows, part)) = &along {
            statement = shows.beside(statement, part, id);
        }
        let statement = db.backend().build(&statement.with(parts.with));
        if !is_apart(&statement.sql, &tables) {
            // It is read as it was before: what the action writes is not there yet for who reads its
            // tables.
            along = None;
        }
        let rows = match db.write_raw(statement).await {
            Ok(rows) => rows,
            Err(error) => match (sql_state(&error), claim) {
                (Some(code), _) if FAILED.contains(&code.as_str()) => return Ok(false),
                (None, Some(claim)) => {
                    claim.may_have_effect();
                    return Err(error.into());
                }
                _ => return Err(error.into()),
            },
        };
        if let Some(claim) = &claim {
            claim.wrote(1)?;
        }
        db.tell_written();
        if let Some((shows, _)) = along {
            shows.hear(rows.into_iter().next());
        }
        Ok(true)
    }
}

/// Fails where not all of this is true.
fn held(holds: Vec<Expr>) -> SelectStatement {
    let holds = holds.into_iter().fold(Expr::cust(HAS_PATIENCE), Expr::and);
    let fails = Expr::cust("must_hold(FALSE)");
    Query::select()
        .expr(
            CaseStatement::new()
                .case(holds, Expr::cust("NULL"))
                .finally(fails),
        )
        .take()
}

/// The events, with the names of those fields that the statement finds to have a value.
fn events(filled: &[Filled], events: Vec<told::Told>) -> Result<InsertStatement> {
    let row = |mut event: told::Told| {
        let of_it = || {
            filled
                .iter()
                .filter(|column| column.of == event.aggregate_id)
        };
        let names: Vec<String> = of_it().map(|column| column.name.to_owned()).collect();
        let nullable: Vec<&Filled> = of_it().filter(|column| column.may_be_null).collect();
        event.changed_fields.extend(names);
        let names = event.changed_fields.iter().cloned();
        let mut fields = Expr::value(names.collect::<Value>());
        for column in &nullable {
            let sql = format!(
                "$1 - CASE WHEN $2 IS NULL THEN '{}' ELSE '' END",
                column.name
            );
            fields = Expr::cust_with_exprs(sql, [fields, column.is.clone()]);
        }
        let is_plain = nullable.is_empty();
        let fields = (!is_plain).then_some((outbox_event::Column::ChangedFields, fields));
        (event.row(), fields.into_iter().collect())
    };
    insert::rows::<outbox_event::Entity>(events.into_iter().map(row).collect())
}

/// The audit entries, with what the statement finds.
fn entries(filled: &[Filled], entries: Vec<audit_entry::ActiveModel>) -> Result<InsertStatement> {
    let row = |mut entry: audit_entry::ActiveModel| {
        let mut changes = Expr::value(entry.changes.take());
        for column in filled {
            let sql = format!(
                "jsonb_set_lax($1, '{{{},after,{}}}', to_jsonb($2), true, 'delete_key')",
                column.change, column.name
            );
            changes = Expr::cust_with_exprs(sql, [changes, column.is.clone()]);
        }
        (entry, vec![(audit_entry::Column::Changes, changes)])
    };
    insert::rows::<audit_entry::Entity>(entries.into_iter().map(row).collect())
}
