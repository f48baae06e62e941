//! A department that helps to handle an issue (协办单位).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A department that helps to handle an issue (协办单位).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_co_department")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// The department.
    pub department_id: Uuid,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
