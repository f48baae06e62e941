//! The rating of one reply by the enterprise (好差评); immutable.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The rating of one reply by the enterprise (好差评); immutable.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_rating")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// Counts the replies of an issue that were rated, from 1.
    pub round: i32,
    /// From 5, very satisfied, to 1, very dissatisfied.
    pub stars: i32,
    /// Whether the enterprise says it is resolved.
    pub is_resolved: bool,
    /// What the enterprise said.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// The user who rated.
    pub rated_by_id: Option<Uuid>,
    /// When it was rated.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
