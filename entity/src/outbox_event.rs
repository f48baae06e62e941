//! Something that happened, for those who read it later: one row per changed aggregate, written with the change.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Something that happened, for those who read it later: one row per changed aggregate, written with the change.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "outbox_event")]
pub struct Model {
    /// Its place in the order in which readers see the rows; the database numbers them.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The id, a UUIDv7.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// What happened, such as issue.assigned.
    pub event_type: String,
    /// What kind of thing changed.
    pub aggregate_kind: String,
    /// Its id.
    pub aggregate_id: Uuid,
    /// The names of the changed fields, a list of texts.
    pub changed_fields: Json,
    /// The user who did it.
    pub actor_id: Option<Uuid>,
    /// The request it was part of.
    pub request_id: String,
    /// When it happened.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
