//! What an action records: the rows it has changed, for the audit; what happened, for those who
//! read it later; and the rows that it leaves to the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::audit_entry;
use sea_orm::sea_query::{Condition, ExprTrait, InsertStatement};
use sea_orm::{EntityName, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::dialect::col;
use super::idempotency::Claim;
use super::insert;
use super::shape::Shape;
use super::told::Told;
use super::{Actor, Db, Deps, Scope};
use crate::access::vault::Vault;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;

/// What a change belongs to and what happened to it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What kind of thing.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// What happened, such as `issue.assigned`.
    pub name: &'static str,
}

impl Event {
    /// An event on an aggregate.
    #[must_use]
    pub const fn new(kind: Kind, id: Uuid, name: &'static str) -> Self {
        Self { kind, id, name }
    }
}

/// Who an action is recorded for.
pub(super) enum By {
    Viewer(Actor),
    CommandLine,
    /// The passing of time.
    System,
}

/// The records of an action.
pub struct Ledger {
    deps: Deps,
    by: By,
    district_id: Uuid,
    action: &'static str,
    now: DateTime<Utc>,
    changes: Vec<(Option<(Kind, Uuid)>, Value)>,
    events: Vec<(Event, BTreeSet<String>)>,
    /// Rows that are written with the audit entry.
    last: Vec<InsertStatement>,
}

/// What is written at the end of an action.
pub(super) struct Ending {
    /// Rows, in an order that their foreign keys allow.
    pub(super) rows: Vec<InsertStatement>,
    /// The audit entries.
    pub(super) entries: Vec<audit_entry::Model>,
    /// What happened.
    pub(super) events: Vec<Told>,
}

impl Ledger {
    /// The records of an action of a viewer.
    #[must_use]
    pub fn of(deps: &Deps, actor: &Actor, action: &'static str) -> Self {
        let district = actor.viewer.district_id;
        Self::open(deps, By::Viewer(actor.clone()), district, action)
    }

    pub(super) fn open(deps: &Deps, by: By, district_id: Uuid, action: &'static str) -> Self {
        Self {
            deps: deps.clone(),
            by,
            district_id,
            action,
            now: deps.clock.now(),
            changes: Vec::new(),
            events: Vec::new(),
            last: Vec::new(),
        }
    }

    /// The database, for what is kept of it.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.deps.db
    }

    /// The one instant of the action.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The district the action happens in.
    #[must_use]
    pub const fn district_id(&self) -> Uuid {
        self.district_id
    }

    /// What the viewer sees of a table; at the command line, and for the passing of time: what is of
    /// the district.
    #[must_use]
    pub fn visibility(&self, shape: &Shape) -> Condition {
        match &self.by {
            By::Viewer(actor) => {
                let scope = Scope {
                    viewer: Arc::clone(&actor.viewer),
                    rights: None,
                    backend: self.deps.db.backend(),
                    now: self.now,
                };
                (shape.visible)(&scope, shape.table)
            }
            By::CommandLine | By::System => {
                Condition::all().add(col(shape.table, "district_id").eq(self.district_id))
            }
        }
    }

    /// What seals personal data.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.deps.vault
    }

    /// Keeps in the audit entry what the action did beside changes of rows.
    pub fn remark(&mut self, what: Value) {
        self.changes.push((None, what));
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.deps.ids.next()
    }

    /// The acting user; none at the command line and for the passing of time.
    #[must_use]
    pub fn user_id(&self) -> Option<Uuid> {
        match &self.by {
            By::Viewer(actor) => Some(actor.viewer.user_id),
            By::CommandLine | By::System => None,
        }
    }

    /// Writes a new row at the end, beside the audit entry: one that no unique rule can refuse, and
    /// that nothing in this action reads or refers to before it is settled.
    ///
    /// # Errors
    /// `Internal` where the row cannot be told.
    pub fn add_last<E>(&mut self, event: Event, row: E::Model) -> Result<()>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Serialize,
        E::ActiveModel: Send,
        E::Column: Iterable,
    {
        self.record(event, None, &row)?;
        self.last.push(insert::row::<E>(row)?);
        Ok(())
    }

    /// Records a new row that the database writes and finds these columns of, as the event's own.
    ///
    /// # Errors
    /// `Internal` where the row cannot be told.
    pub fn record_new<E>(&mut self, event: Event, row: &E::Model, found: &[E::Column]) -> Result<()>
    where
        E: EntityTrait,
        E::Model: Serialize,
    {
        let (_, mut after) = difference(None, row)?;
        for column in found {
            after.remove(column.as_str());
        }
        self.note::<E::Model>(event, None, after);
        self.happened(event, found.iter().map(|column| column.as_str().to_owned()));
        Ok(())
    }

    pub(super) const fn actor(&self) -> Option<&Actor> {
        match &self.by {
            By::Viewer(actor) => Some(actor),
            By::CommandLine | By::System => None,
        }
    }

    /// Whether nothing was changed so far.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn begins_now(&mut self) {
        self.now = self.deps.clock.now();
    }

    pub(super) fn leave_nothing(&mut self) -> Vec<InsertStatement> {
        std::mem::take(&mut self.last)
    }

    pub(super) fn record<M>(&mut self, event: Event, before: Option<&M>, after: &M) -> Result<()>
    where
        M: ModelTrait + Serialize,
    {
        let (before, after) = difference(before, after)?;
        self.note::<M>(event, before, after);
        Ok(())
    }

    pub(super) fn note<M: ModelTrait>(
        &mut self,
        event: Event,
        before: Option<Fields>,
        after: Fields,
    ) {
        let table = <M::Entity as Default>::default();
        let row = before.as_ref().and_then(|before| before.get("id"));
        let row = row.or_else(|| after.get("id")).and_then(Value::as_str);
        // Of a row that only belongs to what the event is about, readers are told the table.
        let names: Vec<String> = if row == Some(&event.id.to_string()) {
            after.keys().cloned().collect()
        } else {
            vec![table.table_name().to_owned()]
        };
        self.happened(event, names);
        let change = Fields::from_iter([
            ("table".to_owned(), table.table_name().into()),
            (
                "before".to_owned(),
                before.map_or(Value::Null, Value::Object),
            ),
            ("after".to_owned(), Value::Object(after)),
        ]);
        let of = Some((event.kind, event.id));
        self.changes.push((of, Value::Object(change)));
    }

    fn happened(&mut self, event: Event, names: impl IntoIterator<Item = String>) {
        let known = |(known, _): &&mut (Event, BTreeSet<String>)| {
            known.kind == event.kind && known.id == event.id
        };
        if let Some((told, fields)) = self.events.iter_mut().find(known) {
            // What happened to it last is what it is told by.
            told.name = event.name;
            fields.extend(names);
        } else {
            self.events.push((event, names.into_iter().collect()));
        }
    }

    /// Tells those who read something that a row changed which hangs on it and has an event of its
    /// own.
    pub fn tell(&mut self, event: Event, table: &str) {
        self.happened(event, vec![table.to_owned()]);
    }

    fn entry(&self, target: Kind, id: Uuid, changes: Vec<Value>) -> audit_entry::Model {
        let (user, actor, token, request) = self.acting();
        audit_entry::Model {
            id: self.deps.ids.next(),
            district_id: Some(self.district_id),
            actor_id: user,
            actor: actor.to_owned(),
            token_id: token,
            action: self.action.to_owned(),
            target_kind: target.prefix().to_owned(),
            target_id: id,
            changes: Value::Array(changes),
            request_id: request,
            created_at: self.now,
        }
    }

    /// Who acts: user, standing, token and request.
    fn acting(&self) -> (Option<Uuid>, &'static str, Option<String>, String) {
        match &self.by {
            By::Viewer(actor) => (
                Some(actor.viewer.user_id),
                actor.viewer.standing.name(),
                Some(actor.viewer.token_id.clone()),
                actor.request_id.clone(),
            ),
            By::CommandLine => (None, "command line", None, "command line".to_owned()),
            By::System => (None, "system", None, "system".to_owned()),
        }
    }

    /// The claim that the action runs under.
    pub(super) fn claim(&self) -> Option<&Claim> {
        self.actor()?.claim.as_ref()
    }

    /// What is to be written, with one audit entry.
    pub(super) fn close(mut self, target: Kind, id: Uuid) -> Ending {
        let changes = std::mem::take(&mut self.changes).into_iter();
        let changes = changes.map(|(_, change)| change).collect();
        let entry = self.entry(target, id, changes);
        self.ending(vec![entry])
    }

    /// The same with an audit entry for each thing that was changed.
    pub(super) fn close_with_members(mut self, target: Kind, id: Uuid) -> Ending {
        let mut of_each: Vec<((Kind, Uuid), Vec<Value>)> = vec![((target, id), Vec::new())];
        for (of, change) in std::mem::take(&mut self.changes) {
            let of = of.unwrap_or((target, id));
            match of_each.iter_mut().find(|(known, _)| *known == of) {
                Some((_, changes)) => changes.push(change),
                None => of_each.push((of, vec![change])),
            }
        }
        let of_each = of_each.into_iter();
        let entries = of_each.map(|((kind, id), changes)| self.entry(kind, id, changes));
        let entries = entries.collect();
        self.ending(entries)
    }

    fn ending(self, entries: Vec<audit_entry::Model>) -> Ending {
        let (user, _, _, request) = self.acting();
        let events = self.events.iter();
        let events = events.map(|(event, fields)| Told {
            id: self.deps.ids.next(),
            district_id: self.district_id,
            event_type: event.name,
            aggregate_kind: event.kind.prefix(),
            aggregate_id: event.id,
            changed_fields: fields.clone(),
            actor_id: user,
            request_id: request.clone(),
            created_at: self.now,
        });
        let events = events.collect();
        Ending {
            rows: self.last,
            entries,
            events,
        }
    }
}

/// Columns by name.
pub(super) type Fields = Map<String, Value>;

/// The fields that differ, before and after; of a new row, those that have a value.
fn difference<M: Serialize>(before: Option<&M>, after: &M) -> Result<(Option<Fields>, Fields)> {
    let Some(before) = before else {
        let mut new = fields(after)?;
        new.retain(|_, value| *value != Value::Null);
        return Ok((None, new));
    };
    let mut was = Map::new();
    let mut is = Map::new();
    let old = fields(before)?;
    for (name, value) in fields(after)? {
        let former = old.get(&name);
        if former != Some(&value) {
            was.insert(name.clone(), former.cloned().unwrap_or(Value::Null));
            is.insert(name, value);
        }
    }
    if let Some(id) = old.get("id") {
        was.insert("id".to_owned(), id.clone());
    }
    Ok((Some(was), is))
}

pub(super) fn fields<M: Serialize>(model: &M) -> Result<Fields> {
    match serde_json::to_value(model) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Error::Internal("a row is not an object".to_owned())),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}
