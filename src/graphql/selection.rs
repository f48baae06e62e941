//! The selection of a field, as plans read it.

use async_graphql::SelectionField;

use crate::store::plan::Selection;

/// A selected field.
pub struct Selected<'a>(SelectionField<'a>);

impl<'a> Selected<'a> {
    /// The fields selected under a field.
    pub fn fields_of(field: &SelectionField<'a>) -> Vec<Self> {
        field.selection_set().map(Self).collect()
    }

    /// The fields selected under one field of a field.
    #[must_use]
    pub fn under(field: &SelectionField<'a>, name: &str) -> Vec<Self> {
        let named = field.selection_set().filter(|field| field.name() == name);
        named.flat_map(|field| Self::fields_of(&field)).collect()
    }

    /// The fields selected of a connection's rows, by `nodes` and by `edges { node }`.
    pub fn rows(connection: &SelectionField<'a>) -> Vec<Self> {
        let mut rows = Vec::new();
        for field in connection.selection_set() {
            match field.name() {
                "nodes" => rows.extend(field.selection_set().map(Self)),
                "edges" => {
                    for edge in field.selection_set().filter(|edge| edge.name() == "node") {
                        rows.extend(edge.selection_set().map(Self));
                    }
                }
                _ => {}
            }
        }
        rows
    }
}

impl Selection for Selected<'_> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn fields(&self) -> Vec<Self> {
        Self::fields_of(&self.0)
    }
}
