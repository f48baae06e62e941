//! A photo or a document on an issue or a visit (附件); its bytes lie in the store.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// How far an attachment has come.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    async_graphql::Enum,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttachmentStatus {
    /// Announced; its bytes are awaited.
    Pending,
    /// Its bytes are there, and are what was announced.
    Received,
    /// Confirmed: it hangs on its issue or visit.
    Attached,
}

/// A photo or a document on an issue or a visit (附件); its bytes lie in the store.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    /// The id, a UUIDv7; also the name of its object in the store.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue that it hangs on.
    pub issue_id: Option<Uuid>,
    /// The visit that it hangs on.
    pub visit_id: Option<Uuid>,
    /// The name that its uploader gave it.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub byte_size: i32,
    /// Their SHA-256 in lower-case hex.
    pub sha256: String,
    /// How far it has come.
    pub status: AttachmentStatus,
    /// The user who uploads it.
    pub uploaded_by_id: Uuid,
    /// Until when it must be confirmed; none once it is.
    pub expires_at: Option<DateTimeUtc>,
    /// Counts the changes of this row; the optimistic lock.
    pub version: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
