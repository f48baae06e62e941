//! Who can be asked about an enterprise, or about one of its issues (联系人).

use sea_orm::entity::prelude::*;
use serde::{Serialize, Serializer};

/// Who can be asked about an enterprise, or about one of its issues (联系人). What is personal is
/// sealed, and no record of a change holds it: of a sealed value it tells that it is another one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The issue that it is for; none for the enterprise itself.
    pub issue_id: Option<Uuid>,
    /// The post in the enterprise.
    pub post_title: Option<String>,
    /// Whether it is the one to turn to first; at most one of an enterprise is.
    pub is_primary: bool,
    /// The name, sealed.
    #[sea_orm(column_type = "Text")]
    #[serde(rename = "name", serialize_with = "tail")]
    pub name_sealed: String,
    /// The mobile number, sealed.
    #[sea_orm(column_type = "Text")]
    #[serde(rename = "mobile", serialize_with = "tail")]
    pub mobile_sealed: String,
    /// The address of electronic mail, sealed.
    #[sea_orm(column_type = "Text", nullable)]
    #[serde(rename = "email", serialize_with = "tail_opt")]
    pub email_sealed: Option<String>,
    /// What finds the mobile number again.
    #[serde(skip)]
    pub mobile_index: String,
    /// The key that sealed the row.
    pub key_id: String,
    /// Whether the row is made up for demonstration.
    pub is_synthetic: bool,
    /// Counts the changes of this row; the optimistic lock.
    pub version: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// The end of a sealed value: of its authentication tag, so that two values can be told apart and
/// neither be read, now or with the key.
fn tail<S: Serializer>(sealed: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let from = sealed.len().saturating_sub(8);
    let tail = sealed.get(from..).unwrap_or_default();
    serializer.serialize_str(&format!("sealed {tail}"))
}

#[allow(clippy::ref_option, reason = "serde's signature")]
fn tail_opt<S: Serializer>(sealed: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match sealed {
        Some(sealed) => tail(sealed, serializer),
        None => serializer.serialize_none(),
    }
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
