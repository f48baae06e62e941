//! What a concept tells about its table: the fields that are columns, the ones computed in SQL,
//! the to-one parents, and who sees which rows. Everything that reads goes by it.

use sea_orm::sea_query::{Condition, Expr};

use super::Scope;
use super::dialect::col;
use crate::kernel::id::Kind;

/// The shape of a concept's table. Static: one per concept, known at compile time.
pub struct Shape {
    /// What its ids look like.
    pub kind: Kind,
    /// The table.
    pub table: &'static str,
    /// Whether a snake-case name is a column; the entity's own word on it.
    pub column: fn(&str) -> Option<&'static str>,
    /// Fields that need other columns than the one they are named after.
    pub needs: &'static [(&'static str, &'static [&'static str])],
    /// Columns that are always read, since rules about the row need them.
    pub always: &'static [&'static str],
    /// Columns that SQL computes.
    pub computed: &'static [Computed],
    /// To-one parents that can come joined.
    pub parents: &'static [Parent],
    /// Who sees which rows.
    pub visible: fn(&Scope, at: &str) -> Condition,
}

impl Shape {
    /// A column of the table that the statement calls `at`, or what SQL computes under its name.
    #[must_use]
    pub fn value(&self, scope: &Scope, at: &str, name: &str) -> Expr {
        let computed = self.computed.iter().find(|known| known.name == name);
        computed.map_or_else(|| col(at, name), |computed| (computed.sql)(scope, at))
    }
}

/// A column that SQL computes per row, from the row or from an index.
pub struct Computed {
    /// Its name, beside the columns.
    pub name: &'static str,
    /// The expression, for the table that the statement calls `at`.
    pub sql: fn(&Scope, at: &str) -> Expr,
}

/// A to-one parent.
pub struct Parent {
    /// The field.
    pub field: &'static str,
    /// The column that holds the parent's id; a computed one where the row does not store it.
    pub column: &'static str,
    /// The parent's shape.
    pub shape: &'static Shape,
}

/// The columns of an entity, by name.
#[must_use]
pub fn column_of<C>(name: &str) -> Option<&'static str>
where
    C: sea_orm::ColumnTrait + sea_orm::Iterable + sea_orm::IdenStatic,
{
    C::iter()
        .map(|column| column.as_str())
        .find(|known| *known == name)
}
