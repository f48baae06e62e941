//! A document that an application may ask for by its SHA-256.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A document that an application may ask for by its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "trusted_document")]
pub struct Model {
    /// The application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// The SHA-256 of the document, in lower-case hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The document.
    #[sea_orm(column_type = "Text")]
    pub document: String,
    /// When it was registered.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
