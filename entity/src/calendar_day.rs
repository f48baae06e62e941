//! A day of the calendar (工作日历): whether it is worked.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// What a day is.
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
pub enum CalendarDayKind {
    /// A working day (工作日).
    Working,
    /// A Saturday or Sunday that is not worked (周末).
    Weekend,
    /// A day of a public holiday (法定节假日).
    Holiday,
    /// A Saturday or Sunday that is worked to make up for a holiday (调休补班).
    MakeUp,
}

/// Whether a day of the calendar will stay as it is.
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
pub enum CalendarDayStatus {
    /// By the notice of the State Council.
    Published,
    /// By its weekday alone, since the year's notice is not out.
    Provisional,
}

/// A day of the calendar (工作日历): whether it is worked.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "calendar_day")]
pub struct Model {
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// What it is.
    pub kind: CalendarDayKind,
    /// The holiday that it belongs to or makes up for.
    pub name: Option<String>,
    /// Where that is said.
    pub source: String,
    /// Whether it will stay so.
    pub status: CalendarDayStatus,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
