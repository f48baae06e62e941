//! Retries: what a user does under a key happens once. A request claims its key before it runs;
//! the transaction of its effect writes what the effect was about; the answer follows. So the
//! claim keeps a second request away while the first runs, and whatever dies in between, the
//! effect and the word of it are there together or not at all.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_record::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, InsertStatement, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Iterable, QueryFilter,
    QueryTrait, UpdateMany,
};
use uuid::Uuid;

use super::{Db, together};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;

/// How long a key stands for its first request.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// How often two attempts may take the key from each other before a third gives up.
const ROUNDS: u8 = 8;

/// A request under a key.
pub struct Keyed {
    /// Who asks.
    pub user_id: Uuid,
    /// The key.
    pub key: String,
    /// The SHA-256 of what is asked for.
    pub fingerprint: String,
    /// What an attempt that came before may have had in its place.
    pub former: Vec<String>,
}

/// The right to run a request under its key, and to finish its record.
#[derive(Clone, Debug)]
pub struct Claim {
    user_id: Uuid,
    key: String,
    id: Uuid,
}

/// Where a key stands.
pub enum Standing {
    /// Nothing was done under it: run the request.
    New(Claim),
    /// Something was done and the answer is not known: render it again.
    Done(Claim, Uuid),
    /// This was answered.
    Answered(String),
    /// Another attempt runs.
    Running,
    /// The key stands for another request.
    Reused,
}

/// Claims the key of a request for as long as the request may run.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    db: &Db,
    keyed: &Keyed,
    attempt: Uuid,
    now: DateTime<Utc>,
    lease: Duration,
) -> Result<Standing> {
    let claim = Claim {
        user_id: keyed.user_id,
        key: keyed.key.clone(),
        id: attempt,
    };
    let fresh = Model {
        user_id: keyed.user_id,
        key: keyed.key.clone(),
        fingerprint: keyed.fingerprint.clone(),
        claim: attempt,
        claimed_until: now + lease,
        target_kind: None,
        target_id: None,
        answer: None,
        created_at: now,
        expires_at: now + REMEMBERED,
    };
    for _ in 0..ROUNDS {
        if insert(db, &fresh).await? {
            return Ok(Standing::New(claim));
        }
        let found = Entity::find_by_id((keyed.user_id, keyed.key.clone()))
            .one(db.conn())
            .await?;
        let Some(known) = found else { continue };
        let is_expired = known.expires_at <= now;
        let is_lapsed = known.claimed_until <= now;
        let is_same =
            known.fingerprint == fresh.fingerprint || keyed.former.contains(&known.fingerprint);
        if is_expired || (is_lapsed && known.target_id.is_none()) {
            if replace(db, &known, fresh.clone()).await? {
                return Ok(Standing::New(claim));
            }
            continue;
        }
        match (known.target_id, known.answer.clone()) {
            _ if !is_same => return Ok(Standing::Reused),
            (Some(_), Some(answer)) => return Ok(Standing::Answered(answer)),
            (Some(target), None) if is_lapsed => {
                let again = Model {
                    claim: attempt,
                    claimed_until: fresh.claimed_until,
                    ..known.clone()
                };
                if replace(db, &known, again).await? {
                    return Ok(Standing::Done(claim, target));
                }
            }
            _ => return Ok(Standing::Running),
        }
    }
    Ok(Standing::Running)
}

async fn insert(db: &Db, fresh: &Model) -> Result<bool> {
    let row: ActiveModel = fresh.clone().into();
    let unless_known = OnConflict::columns([Column::UserId, Column::Key])
        .do_nothing()
        .to_owned();
    if db.backend() != DbBackend::Postgres {
        let written = Entity::insert(row.reset_all())
            .on_conflict(unless_known)
            .exec_without_returning(db.conn())
            .await?;
        return Ok(written == 1);
    }
    let mut values = Query::select();
    for column in Column::iter() {
        let value = row.get(column).into_value();
        let value = value.ok_or_else(|| Error::Internal("a record is not whole".to_owned()))?;
        values.expr(Expr::val(value));
    }
    values.and_where(at_leisure());
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns(Column::iter())
        .on_conflict(unless_known);
    let insert = insert.select_from(values.clone());
    let insert = insert.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(db.write(db.backend().build(insert)).await? == 1)
}

/// On `PostgreSQL`, a statement that is no effect need not wait for the disk. The commit of an
/// effect writes everything before it, its claim too; a claim without an effect may be lost, and
/// so may an answer: it is rendered again.
fn at_leisure() -> Expr {
    Expr::cust("(SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL")
}

/// Puts a record in the place of one that is as it was read. Whether it has a target is part of
/// that: an effect that commits meanwhile is not forgotten.
///
/// # Errors
/// When the database fails.
pub async fn replace(db: &Db, known: &Model, next: Model) -> Result<bool> {
    let has_target = if known.target_id.is_some() {
        Column::TargetId.is_not_null()
    } else {
        Column::TargetId.is_null()
    };
    let row: ActiveModel = next.into();
    let written = Entity::update_many()
        .set(row.reset_all())
        .filter(Column::UserId.eq(known.user_id))
        .filter(Column::Key.eq(known.key.clone()))
        .filter(Column::Claim.eq(known.claim))
        .filter(has_target)
        .exec(db.conn())
        .await?;
    Ok(written.rows_affected == 1)
}

impl Claim {
    fn own(&self) -> UpdateMany<Entity> {
        Entity::update_many()
            .filter(Column::UserId.eq(self.user_id))
            .filter(Column::Key.eq(self.key.clone()))
            .filter(Column::Claim.eq(self.id))
    }

    /// Writes the last rows of an effect and what it was about, in its transaction.
    ///
    /// # Errors
    /// `Timeout` where the claim has lapsed and is another attempt's; or when the database fails.
    /// Then the effect must not be committed.
    pub(super) async fn finish(
        &self,
        tx: &impl ConnectionTrait,
        rows: Vec<InsertStatement>,
        target: Kind,
        id: Uuid,
    ) -> Result<()> {
        let finish = self
            .own()
            .filter(Column::TargetId.is_null())
            .col_expr(Column::TargetKind, Expr::value(target.prefix()))
            .col_expr(Column::TargetId, Expr::value(id));
        let written = together::write(tx, rows, finish.into_query()).await?;
        if written == 1 {
            Ok(())
        } else {
            Err(Error::Timeout)
        }
    }

    /// Keeps the answer. Where nothing was written there is nothing to keep it beside, and the
    /// key is free again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, db: &Db, now: DateTime<Utc>, answer: &str) -> Result<()> {
        let is_postgres = db.backend() == DbBackend::Postgres;
        let leisure = Condition::all().add_option(is_postgres.then(at_leisure));
        let kept = self
            .own()
            .filter(Column::TargetId.is_not_null())
            .filter(leisure)
            .col_expr(Column::Answer, Expr::value(answer));
        let kept = db.write(db.backend().build(&kept.into_query())).await?;
        if kept == 1 {
            return Ok(());
        }
        self.release(db, now).await
    }

    /// Gives the key back: free where nothing was written, else for the next attempt to render
    /// what was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let freed = Entity::delete_many()
            .filter(Column::UserId.eq(self.user_id))
            .filter(Column::Key.eq(self.key.clone()))
            .filter(Column::Claim.eq(self.id))
            .filter(Column::TargetId.is_null())
            .exec(db.conn())
            .await?;
        if freed.rows_affected == 0 {
            self.own()
                .col_expr(Column::ClaimedUntil, Expr::value(now))
                .exec(db.conn())
                .await?;
        }
        Ok(())
    }
}

/// Forgets what has expired; how many keys.
///
/// # Errors
/// When the database fails.
pub async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let gone = Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db.conn())
        .await?;
    Ok(gone.rows_affected)
}
