//! An enterprise of the register (一企一档).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Who owns an enterprise.
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
pub enum Ownership {
    /// Non-public enterprise (非公企业).
    Private,
    /// State-owned enterprise (国企).
    Soe,
    /// Any other ownership.
    Other,
}

/// Size class (国统字〔2017〕213号).
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
pub enum SizeClass {
    /// Large (大型).
    Large,
    /// Medium (中型).
    Medium,
    /// Small (小型).
    Small,
    /// Micro (微型).
    Micro,
}

/// Whether an enterprise takes part; enterprises are deactivated, never deleted.
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
pub enum EnterpriseStatus {
    /// In the register.
    Active,
    /// Taken out of the register; kept as history.
    Deactivated,
}

/// An enterprise of the register (一企一档).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "enterprise")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// Unified social credit code (GB 32100-2015).
    pub uscc: String,
    /// Why the check character is waived; none where it holds.
    pub uscc_waiver_reason: Option<String>,
    /// The registered name.
    pub name: String,
    /// The name in daily use.
    pub short_name: Option<String>,
    /// What a search looks through: the names and the code in lower case.
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    /// Who owns it.
    pub ownership: Ownership,
    /// Section letter of GB/T 4754-2017.
    pub industry_section: Option<String>,
    /// Division to class digits of GB/T 4754-2017.
    pub industry_code: Option<String>,
    /// The size class.
    pub size_class: Option<SizeClass>,
    /// GB/T 2260 code of its seat; a chain partner may sit outside the district.
    pub region_code: String,
    /// Street code, GB/T 2260 plus three digits.
    pub street: Option<String>,
    /// Employees.
    pub employee_count: Option<i32>,
    /// The enterprise it is a subsidiary of.
    pub parent_enterprise_id: Option<Uuid>,
    /// Tags (标签画像), a list of texts.
    pub tags: Json,
    /// A description.
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    /// Whether it takes part.
    pub status: EnterpriseStatus,
    /// When it was deactivated.
    pub deactivated_at: Option<DateTimeUtc>,
    /// Why it was deactivated.
    pub deactivation_reason: Option<String>,
    /// Whether the row is made up for demonstration.
    pub is_synthetic: bool,
    /// The names of single fields that are made up or assumed, a list of texts.
    pub synthetic_fields: Json,
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
