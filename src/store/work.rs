//! The write side: one action, one transaction, with its audit entry and one event per changed
//! aggregate. A command changes rows through `Work`, so that nothing is changed unrecorded.

use std::ops::{Deref, DerefMut};

use entity::audit_entry;
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, Order,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, SqlErr,
};
use serde::Serialize;
use uuid::Uuid;

use super::dialect::{col, in_ids};
use super::ledger::{By, Ending, Fields, Ledger, fields};
use super::shape::Shape;
use super::told;
use super::tx::Tx;
use super::{Actor, Deps, together};
use crate::kernel::error::{Error, Result, UserError};
use crate::kernel::id::Kind;

pub use super::ledger::Event;

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

/// A write under way: records, and a transaction. Dropped without `commit`, it leaves nothing.
pub struct Work {
    tx: Tx,
    ledger: Ledger,
}

impl Deref for Work {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
}

impl Work {
    /// Begins an action of a viewer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(deps: &Deps, actor: &Actor, action: &'static str) -> Result<Self> {
        Self::on(Ledger::of(deps, actor, action)).await
    }

    /// Begins an action of the operator at the command line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_operator(deps: &Deps, district: Uuid, action: &'static str) -> Result<Self> {
        Self::on(Ledger::open(deps, By::CommandLine, district, action)).await
    }

    /// Begins an action that nobody takes: the passing of time does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_system(deps: &Deps, district: Uuid, action: &'static str) -> Result<Self> {
        Self::on(Ledger::open(deps, By::System, district, action)).await
    }

    async fn on(mut ledger: Ledger) -> Result<Self> {
        let tx = match ledger.claim() {
            Some(claim) => ledger.db().begin_under(claim).await?,
            None => ledger.db().begin().await?,
        };
        // On `SQLite` writers wait for each other here, and their times follow their commits.
        ledger.begins_now();
        Ok(Self { tx, ledger })
    }

    /// The transaction, for reads.
    #[must_use]
    pub const fn tx(&self) -> &Tx {
        &self.tx
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
            .filter(in_ids(self.db().backend(), id(), ids))
            .filter(self.visibility(shape))
            .order_by(id(), Order::Asc)
            .for_change()
            .all(&self.tx)
            .await?;
        Ok(rows)
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

    /// Writes what was to be written at the end: there is more to come that builds on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(&mut self) -> Result<()> {
        together::write_singly(&self.tx, self.ledger.leave_nothing()).await?;
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

    /// Writes the audit entry, the record of a key and the events, and commits all of it. The
    /// target is the entity that the payload shows.
    ///
    /// # Errors
    /// When the database fails; then nothing of the action is left.
    pub async fn commit(self, target: Kind, id: Uuid) -> Result<()> {
        self.end(target, id, Ledger::close).await
    }

    /// The same with an audit entry for each thing that was changed, where one action is many
    /// changes that each stand for themselves.
    ///
    /// # Errors
    /// As `commit`.
    pub async fn commit_with_members(self, target: Kind, id: Uuid) -> Result<()> {
        self.end(target, id, Ledger::close_with_members).await
    }

    async fn end(
        self,
        target: Kind,
        id: Uuid,
        close: impl FnOnce(Ledger, Kind, Uuid) -> Ending,
    ) -> Result<()> {
        let Self { tx, ledger } = self;
        let (db, claim) = (ledger.db().clone(), ledger.claim().cloned());
        let ending = close(ledger, target, id);
        let is_short = ending.entries.len() <= MOST_TOGETHER;
        let mut rows = ending.rows;
        let entries = ending.entries.into_iter();
        let entries = entries.map(|entry| entry.into_active_model().reset_all());
        let entries = audit_entry::Entity::insert_many(entries);
        rows.push(entries.into_query());
        if let Some(claim) = &claim {
            rows.push(claim.insert(db.backend(), target, id)?);
        }
        let written = if is_short {
            together::write(&tx, rows).await?
        } else {
            together::write_singly(&tx, rows).await?
        };
        if let Some(claim) = &claim {
            claim.wrote(written)?;
        }
        // The last statement, and one that nothing holds up, not even a foreign key: from the first
        // number on, no other action can end before this one.
        told::commit(&db, tx, ending.events).await
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
