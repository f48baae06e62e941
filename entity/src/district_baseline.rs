//! The size of a district's register by an outside source, for districts whose own register is not complete.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The size of a district's register by an outside source, for districts whose own register is not complete.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "district_baseline")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The day the figures hold for.
    pub as_of: Date,
    /// Non-public enterprises with seven or more employees.
    pub enterprise_count: i32,
    /// Their employees.
    pub employee_count: i32,
    /// Where the figures come from.
    pub source: String,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
