//! An application that calls the API.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Which documents an application may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientMode {
    /// Any.
    Open,
    /// Registered ones.
    TrustedOnly,
}

/// An application that calls the API.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "api_client")]
pub struct Model {
    /// Its name, the `client_id` of its tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Which documents it may send.
    pub mode: ClientMode,
    /// When it was registered.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
