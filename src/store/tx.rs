//! A transaction: on `PostgreSQL` on a connection that is kept for them, which neither begins nor
//! ends with a round trip that only asks how it is.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::sync::Mutex;

use super::Tally;
use super::lanes::Opened;
use crate::kernel::error::Result;

/// A transaction under way. Dropped without `commit`, it leaves nothing.
pub struct Tx(Inner);

enum Inner {
    Pooled(DatabaseTransaction),
    Kept(Box<Mutex<Opened>>, Arc<Tally>),
}

impl Tx {
    pub(super) const fn pooled(tx: DatabaseTransaction) -> Self {
        Self(Inner::Pooled(tx))
    }

    pub(super) fn kept(opened: Opened, tally: Arc<Tally>) -> Self {
        Self(Inner::Kept(Box::new(Mutex::new(opened)), tally))
    }

    /// Ends it, and keeps what it did.
    ///
    /// # Errors
    /// When the database fails; then nothing is kept, or nobody knows.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Inner::Pooled(tx) => tx.commit().await?,
            Inner::Kept(opened, _) => opened.into_inner().commit().await?,
        }
        Ok(())
    }

    /// The same on `PostgreSQL` after a last statement, as it is written: one that holds others up
    /// is ended without a way in between.
    ///
    /// # Errors
    /// As `commit`.
    pub async fn commit_after(self, last: &str) -> Result<()> {
        match self.0 {
            Inner::Pooled(tx) => {
                tx.execute_unprepared(last).await?;
                tx.commit().await?;
            }
            Inner::Kept(opened, tally) => {
                tally.count(&Statement::from_string(DbBackend::Postgres, last));
                opened.into_inner().commit_after(last).await?;
            }
        }
        Ok(())
    }

    /// Ends it, and keeps nothing. Dropping it does so too, and some time later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rollback(self) -> Result<()> {
        match self.0 {
            Inner::Pooled(tx) => tx.rollback().await?,
            Inner::Kept(opened, _) => opened.into_inner().roll_back().await,
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Inner::Pooled(tx) => tx.get_database_backend(),
            Inner::Kept(..) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        match &self.0 {
            Inner::Pooled(tx) => tx.execute_raw(statement).await,
            Inner::Kept(opened, tally) => {
                tally.count(&statement);
                opened.lock().await.execute(&statement).await
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        match &self.0 {
            Inner::Pooled(tx) => tx.execute_unprepared(sql).await,
            Inner::Kept(opened, _) => opened.lock().await.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(
        &self,
        statement: Statement,
    ) -> std::result::Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Inner::Pooled(tx) => tx.query_one_raw(statement).await,
            Inner::Kept(..) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(
        &self,
        statement: Statement,
    ) -> std::result::Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Inner::Pooled(tx) => tx.query_all_raw(statement).await,
            Inner::Kept(opened, tally) => {
                tally.count(&statement);
                opened.lock().await.all(&statement).await
            }
        }
    }
}
