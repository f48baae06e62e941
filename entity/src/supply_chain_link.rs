//! Who supplies whom (上下游), as the district has confirmed it.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Who supplies whom (上下游), as the district has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "supply_chain_link")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The enterprise that supplies.
    pub supplier_id: Uuid,
    /// The enterprise that is supplied.
    pub customer_id: Uuid,
    /// Counts the changes of this row; the optimistic lock.
    pub version: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
