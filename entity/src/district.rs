//! A district that runs the programme.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A district that runs the programme.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "district")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// GB/T 2260 code, six digits.
    pub code: String,
    /// The name.
    pub name: String,
    /// The prefix of issue numbers, such as LW.
    pub number_prefix: String,
    /// Whether the district works with the service.
    pub is_active: bool,
    /// Counts the changes of this row; the optimistic lock.
    pub version: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
