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
    /// The column that a field is named after; the entity's own word on it.
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
    pub visible: fn(&Scope, at: &'static str) -> Condition,
}

impl Shape {
    /// A column of the table that the statement calls `at`, or what SQL computes under its name.
    #[must_use]
    pub fn value(&self, scope: &Scope, at: &'static str, name: &'static str) -> Expr {
        self.computed(name)
            .map_or_else(|| col(at, name), |computed| (computed.sql)(scope, at))
    }

    /// What SQL computes under a name, where the table has no such column.
    #[must_use]
    pub(super) fn computed(&self, name: &str) -> Option<&'static Computed> {
        self.computed.iter().find(|known| known.name == name)
    }
}

/// A column that SQL computes per row, from the row or from an index.
pub struct Computed {
    /// Its name, beside the columns.
    pub name: &'static str,
    /// The expression, for the table that the statement calls `at`.
    pub sql: fn(&Scope, at: &'static str) -> Expr,
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

/// The columns of an entity, by the names of fields.
#[must_use]
pub fn column_of<C>(field: &str) -> Option<&'static str>
where
    C: sea_orm::ColumnTrait + sea_orm::Iterable + sea_orm::IdenStatic,
{
    C::iter()
        .map(|column| column.as_str())
        .find(|column| is_named_after(field, column))
}

/// Whether a name in camel case is one in snake case.
fn is_named_after(field: &str, column: &str) -> bool {
    let mut field = field.chars();
    let mut is_new_word = false;
    for letter in column.chars() {
        if letter == '_' {
            is_new_word = true;
            continue;
        }
        let letter = if is_new_word {
            letter.to_ascii_uppercase()
        } else {
            letter
        };
        is_new_word = false;
        if field.next() != Some(letter) {
            return false;
        }
    }
    field.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_named_after;

    #[test]
    fn a_field_finds_its_column() {
        for (field, column) in [
            ("id", "id"),
            ("createdAt", "created_at"),
            ("isOpenForHelp", "is_open_for_help"),
            ("sha256", "sha256"),
        ] {
            assert!(is_named_after(field, column), "{field}");
        }
        for (field, column) in [
            ("created", "created_at"),
            ("createdAt", "created"),
            ("createdat", "created_at"),
            ("created_at", "created_at"),
            ("", "id"),
        ] {
            assert!(!is_named_after(field, column), "{field}");
        }
    }
}
