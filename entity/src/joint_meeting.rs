//! A joint meeting (联席会议) that was held.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A joint meeting (联席会议) that was held.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "joint_meeting")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The title.
    pub title: String,
    /// The day it was held on.
    pub held_on: Date,
    /// The post of the district leader who chaired it.
    pub chair_post: String,
    /// The user who recorded it.
    pub recorded_by_id: Option<Uuid>,
    /// When the row was written.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
