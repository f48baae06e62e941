//! A row as it came from the database, read lazily by column name; a joined parent is the same
//! row seen from another node of its plan.

use std::sync::Arc;

use sea_orm::{QueryResult, TryGetable};
use uuid::Uuid;

use super::plan::Plan;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::{self, Kind};

/// A row, or a parent that came with one. Cheap to clone.
#[derive(Clone)]
pub struct Record {
    row: Arc<QueryResult>,
    plan: Arc<Plan>,
    node: usize,
}

impl Record {
    pub(super) fn new(row: QueryResult, plan: &Arc<Plan>) -> Self {
        Self {
            row: Arc::new(row),
            plan: Arc::clone(plan),
            node: 0,
        }
    }

    /// A planned column.
    ///
    /// # Errors
    /// `Internal` where the plan does not have it or the value is of another type.
    pub fn get<T: TryGetable>(&self, column: &str) -> Result<T> {
        let place = self.plan.place(self.node, column).ok_or_else(|| {
            let table = self.plan.shape(self.node).map_or("", |shape| shape.table);
            Error::Internal(format!("{table}.{column} is not planned"))
        })?;
        Ok(self.row.try_get_by_index(place)?)
    }

    /// A planned nullable column, as a nullable field answers it.
    #[must_use]
    pub fn opt<T: TryGetable>(&self, column: &str) -> Option<Result<T>> {
        self.get::<Option<T>>(column).transpose()
    }

    /// The row's id.
    ///
    /// # Errors
    /// As `get`.
    pub fn uuid(&self) -> Result<Uuid> {
        self.get("id")
    }

    /// The row's id at the border.
    ///
    /// # Errors
    /// As `get`.
    pub fn type_id(&self) -> Result<async_graphql::ID> {
        let kind = self.kind()?;
        Ok(async_graphql::ID(id::encode(kind, self.uuid()?)))
    }

    /// What the row is.
    ///
    /// # Errors
    /// `Internal` where the plan has no such node.
    pub fn kind(&self) -> Result<Kind> {
        let shape = self.plan.shape(self.node);
        Ok(shape
            .ok_or_else(|| Error::Internal("no such node".to_owned()))?
            .kind)
    }

    /// A joined parent; none where there is none that the viewer sees.
    #[must_use]
    pub fn parent(&self, field: &str) -> Option<Result<Self>> {
        let node = self.plan.parent(self.node, field).ok_or_else(|| {
            let table = self.plan.shape(self.node).map_or("", |shape| shape.table);
            Error::Internal(format!("{table} -> {field} is not planned"))
        });
        let parent = node.map(|node| Self {
            row: Arc::clone(&self.row),
            plan: Arc::clone(&self.plan),
            node,
        });
        match parent {
            Err(error) => Some(Err(error)),
            Ok(parent) => match parent.get::<Option<Uuid>>("id") {
                Ok(Some(_)) => Some(Ok(parent)),
                Ok(None) => None,
                Err(error) => Some(Err(error)),
            },
        }
    }

    /// A joined parent that is there by the row's own nature.
    ///
    /// # Errors
    /// `Internal` where it is not.
    pub fn must_parent(&self, field: &str) -> Result<Self> {
        self.parent(field).unwrap_or_else(|| {
            Err(Error::Internal(format!(
                "the parent {field} is out of sight"
            )))
        })
    }
}
