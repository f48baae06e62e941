//! One official who took part in a visit, by post; the rows are the person-times (人次).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One official who took part in a visit, by post; the rows are the person-times (人次).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "visit_participant")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The visit.
    pub visit_id: Uuid,
    /// Counts the participants of a visit from 1.
    pub position: i32,
    /// The officer, where the participant is one.
    pub officer_id: Option<Uuid>,
    /// The post.
    pub post_title: String,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
