//! A piece of two characters of an issue's title; see `migration::gram`.

use sea_orm::entity::prelude::*;

/// A piece of two characters of an issue's title.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issue_gram")]
pub struct Model {
    /// The district of the issue.
    #[sea_orm(primary_key, auto_increment = false)]
    pub district_id: Uuid,
    /// The piece.
    #[sea_orm(primary_key, auto_increment = false)]
    pub gram: String,
    /// The issue.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issue_id: Uuid,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
