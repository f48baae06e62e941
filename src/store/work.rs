//! The write side: one action, one transaction, with its audit entry and one event per changed
//! aggregate. A command changes rows through `Work`, so that nothing is changed unrecorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::audit_entry;
use sea_orm::sea_query::{Condition, ExprTrait, InsertStatement, LockType};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, EntityName, EntityTrait,
    IntoActiveModel, Iterable, ModelTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    SqlErr,
};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::dialect::{col, in_ids};
use super::shape::Shape;
use super::told::{self, Told};
use super::tx::Tx;
use super::{Actor, Db, Deps, Scope, together};
use crate::access::vault::Vault;
use crate::kernel::error::{Error, Result, UserError};
use crate::kernel::id::Kind;

/// A read of rows that the action is going to change.
pub trait ForChange {
    /// Holds the rows for this action. Rows that only name them are written beside it all the
    /// same: to be named, a row is held by its keys alone, and few actions change one.
    #[must_use]
    fn for_change(self) -> Self;
}

impl<S: QuerySelect> ForChange for S {
    fn for_change(self) -> Self {
        self.lock(LockType::NoKeyUpdate)
    }
}

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
enum By {
    Viewer(Actor),
    CommandLine,
    /// The passing of time.
    System,
}

/// A write under way. Dropped without `commit`, it leaves nothing.
pub struct Work {
    tx: Tx,
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

impl Work {
    /// Begins an action of a viewer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(deps: &Deps, actor: &Actor, action: &'static str) -> Result<Self> {
        let district = actor.viewer.district_id;
        Self::start(deps, By::Viewer(actor.clone()), district, action).await
    }

    /// Begins an action of the operator at the command line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_operator(deps: &Deps, district: Uuid, action: &'static str) -> Result<Self> {
        Self::start(deps, By::CommandLine, district, action).await
    }

    /// Begins an action that nobody takes: the passing of time does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_system(deps: &Deps, district: Uuid, action: &'static str) -> Result<Self> {
        Self::start(deps, By::System, district, action).await
    }

    async fn start(deps: &Deps, by: By, district_id: Uuid, action: &'static str) -> Result<Self> {
        let claim = match &by {
            By::Viewer(actor) => actor.claim.as_ref(),
            By::CommandLine | By::System => None,
        };
        let tx = match claim {
            Some(claim) => deps.db.begin_under(claim).await?,
            None => deps.db.begin().await?,
        };
        Ok(Self {
            tx,
            deps: deps.clone(),
            by,
            district_id,
            action,
            now: deps.clock.now(),
            changes: Vec::new(),
            events: Vec::new(),
            last: Vec::new(),
        })
    }

    /// The transaction, for reads.
    #[must_use]
    pub const fn tx(&self) -> &Tx {
        &self.tx
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

    /// A row that the viewer sees, locked for a change. At the command line, and for the passing
    /// of time: of the district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visible<E>(&self, shape: &Shape, id: Uuid) -> Result<Option<E::Model>>
    where
        E: EntityTrait,
    {
        let rows = E::find()
            .filter(col(shape.table, "id").eq(id))
            .filter(self.visibility(shape))
            .for_change()
            .all(&self.tx)
            .await?;
        // Not `one`: with its bound LIMIT PostgreSQL plans anew at every execution.
        Ok(rows.into_iter().next())
    }

    /// Those of these rows that the viewer sees, locked for a change in the order of their ids, so
    /// that two actions on the same rows cannot wait for each other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visible_among<E>(&self, shape: &Shape, ids: &[Uuid]) -> Result<Vec<E::Model>>
    where
        E: EntityTrait,
    {
        let id = || col(shape.table, "id");
        let rows = E::find()
            .filter(in_ids(self.deps.db.backend(), id(), ids))
            .filter(self.visibility(shape))
            .order_by(id(), Order::Asc)
            .for_change()
            .all(&self.tx)
            .await?;
        Ok(rows)
    }

    fn visibility(&self, shape: &Shape) -> Condition {
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

    /// Writes a new row.
    ///
    /// # Errors
    /// `taken` where a unique rule of the database refuses it, or when the database fails.
    pub async fn insert<A>(
        &mut self,
        event: Event,
        row: A,
        taken: impl FnOnce() -> UserError + Send,
    ) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize,
    {
        let model = row
            .insert(&self.tx)
            .await
            .map_err(|error| refused(error, taken))?;
        self.record(event, None, &model)?;
        Ok(model)
    }

    /// Writes a new row that no unique rule can refuse.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add<A>(
        &mut self,
        event: Event,
        row: A,
    ) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize,
    {
        let model = row.insert(&self.tx).await?;
        self.record(event, None, &model)?;
        Ok(model)
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
        let mut row = row.into_active_model();
        // What is null comes by itself.
        for column in E::Column::iter() {
            let value = row.get(column).into_value();
            if value.is_some_and(|value| value == value.as_null()) {
                row.not_set(column);
            }
        }
        self.last.push(E::insert(row).into_query());
        Ok(())
    }

    /// Writes what was to be written at the end: there is more to come that builds on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(&mut self) -> Result<()> {
        together::write_singly(&self.tx, std::mem::take(&mut self.last)).await?;
        Ok(())
    }

    /// Writes new rows that no unique rule can refuse.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_all<E>(&mut self, event: Event, rows: Vec<E::Model>) -> Result<()>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Serialize,
        E::ActiveModel: Send,
    {
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            self.record(event, None, row)?;
        }
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
        E::insert_many(rows)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Whether nothing was changed so far.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.changes.is_empty()
    }

    /// Changes a row. `before` is the row as it was loaded in this transaction.
    ///
    /// # Errors
    /// `taken` where a unique rule of the database refuses it, or when the database fails.
    pub async fn update<A>(
        &mut self,
        event: Event,
        before: &<A::Entity as EntityTrait>::Model,
        row: A,
        taken: impl FnOnce() -> UserError + Send,
    ) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize,
    {
        let model = row
            .update(&self.tx)
            .await
            .map_err(|error| refused(error, taken))?;
        self.record(event, Some(before), &model)?;
        Ok(model)
    }

    /// Removes a row that only says what belongs together, as it was loaded in this transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove<M, A>(&mut self, event: Event, row: M) -> Result<()>
    where
        M: ModelTrait + IntoActiveModel<A> + Serialize,
        A: ActiveModelTrait<Entity = M::Entity> + ActiveModelBehavior + Send,
    {
        let before = fields(&row)?;
        row.delete(&self.tx).await?;
        self.note::<M>(event, Some(before), Fields::new());
        Ok(())
    }

    fn record<M>(&mut self, event: Event, before: Option<&M>, after: &M) -> Result<()>
    where
        M: ModelTrait + Serialize,
    {
        let (before, after) = difference(before, after)?;
        self.note::<M>(event, before, after);
        Ok(())
    }

    fn note<M: ModelTrait>(&mut self, event: Event, before: Option<Fields>, after: Fields) {
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

    fn happened(&mut self, event: Event, names: Vec<String>) {
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

    /// Writes the audit entry, the record of a key and the events, and commits all of it. The
    /// target is the entity that the payload shows.
    ///
    /// # Errors
    /// When the database fails; then nothing of the action is left.
    pub async fn commit(mut self, target: Kind, id: Uuid) -> Result<()> {
        let changes = std::mem::take(&mut self.changes);
        let changes = changes.into_iter().map(|(_, change)| change).collect();
        let entry = self.entry(target, id, changes);
        self.end(target, id, vec![entry]).await
    }

    /// The same with an audit entry for each thing that was changed, where one action is many
    /// changes that each stand for themselves.
    ///
    /// # Errors
    /// As `commit`.
    pub async fn commit_with_members(mut self, target: Kind, id: Uuid) -> Result<()> {
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
        self.end(target, id, entries).await
    }

    fn entry(&self, target: Kind, id: Uuid, changes: Vec<Value>) -> audit_entry::ActiveModel {
        let (user, actor, token, request) = self.acting();
        audit_entry::ActiveModel {
            id: Set(self.deps.ids.next()),
            district_id: Set(Some(self.district_id)),
            actor_id: Set(user),
            actor: Set(actor.to_owned()),
            token_id: Set(token),
            action: Set(self.action.to_owned()),
            target_kind: Set(target.prefix().to_owned()),
            target_id: Set(id),
            changes: Set(Value::Array(changes)),
            request_id: Set(request),
            created_at: Set(self.now),
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

    async fn end(
        self,
        target: Kind,
        id: Uuid,
        entries: Vec<audit_entry::ActiveModel>,
    ) -> Result<()> {
        let (user, _, _, request) = self.acting();
        let events: Vec<_> = self
            .events
            .into_iter()
            .map(|(event, fields)| Told {
                id: self.deps.ids.next(),
                district_id: self.district_id,
                event_type: event.name,
                aggregate_kind: event.kind.prefix(),
                aggregate_id: event.id,
                changed_fields: fields,
                actor_id: user,
                request_id: request.clone(),
                created_at: self.now,
            })
            .collect();
        let is_few = entries.len() <= MOST_TOGETHER;
        let mut rows = self.last;
        rows.push(audit_entry::Entity::insert_many(entries).into_query());
        let claim = match &self.by {
            By::Viewer(actor) => actor.claim.as_ref(),
            By::CommandLine | By::System => None,
        };
        if let Some(claim) = claim {
            rows.push(claim.record(target, id)?);
        }
        let written = if is_few {
            together::write(&self.tx, rows).await?
        } else {
            together::write_singly(&self.tx, rows).await?
        };
        if let Some(claim) = claim {
            claim.wrote(written)?;
        }
        // The last statement, and one that nothing holds up, not even a foreign key: from the first
        // number on, no other action can end before this one.
        told::commit(self.tx, events).await?;
        self.deps.db.tell_written();
        Ok(())
    }
}

/// The most audit entries that are written as one statement with the rest: what it is bound to is
/// limited, and what many rows cost is not the way.
const MOST_TOGETHER: usize = 100;

fn refused(error: sea_orm::DbErr, taken: impl FnOnce() -> UserError) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::user(taken()),
        _ => error.into(),
    }
}

/// Columns by name.
type Fields = Map<String, Value>;

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

fn fields<M: Serialize>(model: &M) -> Result<Fields> {
    match serde_json::to_value(model) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Error::Internal("a row is not an object".to_owned())),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}
