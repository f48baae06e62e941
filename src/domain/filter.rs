//! The words of a filter, the same for every concept: `eq`, `in`, `notIn`, `gte`, `lt`, `isNull`,
//! `startsWith`. What stands side by side must all hold; `or` holds alternatives, one level deep.
//! An empty `in` holds no row; an id that nothing has or that is of another kind holds none.

use async_graphql::{ID, InputObject};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use uuid::Uuid;

use super::scalar::{Date, Timestamp};
use crate::kernel::error::{Error, Message, Result};
use crate::kernel::id::{self, Kind};
use crate::store::Scope;
use crate::store::dialect::{in_ids, in_texts, never, starts_with};

/// The most alternatives of an `or`.
const MOST_ALTERNATIVES: usize = 10;

/// Narrows by an id.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "IDFilter")]
pub struct IdFilter {
    /// Is this one.
    pub eq: Option<ID>,
    /// Is one of these; an empty list holds no row.
    #[graphql(name = "in")]
    pub is_in: Option<Vec<ID>>,
    /// Is none of these.
    pub not_in: Option<Vec<ID>>,
    /// Is absent.
    pub is_null: Option<bool>,
}

/// Narrows by a text, exactly and in its case.
#[derive(Clone, Debug, Default, InputObject)]
pub struct StringFilter {
    /// Is this.
    pub eq: Option<String>,
    /// Is one of these; an empty list holds no row.
    #[graphql(name = "in")]
    pub is_in: Option<Vec<String>>,
    /// Is none of these.
    pub not_in: Option<Vec<String>>,
    /// Begins with this.
    pub starts_with: Option<String>,
    /// Is absent.
    pub is_null: Option<bool>,
}

/// Narrows by a number: the half-open range from `gte` to `lt`.
#[derive(Clone, Debug, Default, InputObject)]
pub struct IntFilter {
    /// Is this.
    pub eq: Option<i32>,
    /// Is at least this.
    pub gte: Option<i32>,
    /// Is less than this.
    pub lt: Option<i32>,
    /// Is absent.
    pub is_null: Option<bool>,
}

/// Narrows by a day: the half-open range from `gte` to `lt`.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DateFilter {
    /// Is this.
    pub eq: Option<Date>,
    /// Is this or later.
    pub gte: Option<Date>,
    /// Is earlier than this.
    pub lt: Option<Date>,
    /// Is absent.
    pub is_null: Option<bool>,
}

/// Narrows by an instant: the half-open range from `gte` to `lt`.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DateTimeFilter {
    /// Is this or later.
    pub gte: Option<Timestamp>,
    /// Is earlier than this.
    pub lt: Option<Timestamp>,
    /// Is absent.
    pub is_null: Option<bool>,
}

/// Declares the filter of an enum: `enum_filter! { EnterpriseStatusFilter(EnterpriseStatus) }`.
macro_rules! enum_filter {
    ($($(#[$doc:meta])* $name:ident($values:ty)),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, async_graphql::InputObject)]
        pub struct $name {
            /// Is this.
            pub eq: Option<$values>,
            /// Is one of these; an empty list holds no row.
            #[graphql(name = "in")]
            pub is_in: Option<Vec<$values>>,
            /// Is none of these.
            pub not_in: Option<Vec<$values>>,
            /// Is absent.
            pub is_null: Option<bool>,
        }

        impl $name {
            /// The condition on a column.
            pub fn on(
                &self,
                scope: &$crate::store::Scope,
                column: &sea_orm::sea_query::Expr,
            ) -> sea_orm::sea_query::Condition {
                use sea_orm::ActiveEnum;
                let text = |value: &$values| value.to_value();
                let texts = |values: &Vec<$values>| values.iter().map(text).collect::<Vec<_>>();
                $crate::domain::filter::on_texts(
                    scope,
                    column,
                    self.eq.as_ref().map(text),
                    self.is_in.as_ref().map(texts),
                    self.not_in.as_ref().map(texts),
                    self.is_null,
                )
            }
        }
    )*};
}
pub(crate) use enum_filter;

/// The condition of an `isNull`.
#[must_use]
fn nullness(column: &Expr, is_null: Option<bool>) -> Option<Expr> {
    is_null.map(|wanted| {
        if wanted {
            column.clone().is_null()
        } else {
            column.clone().is_not_null()
        }
    })
}

/// The condition of texts on a column.
pub(crate) fn on_texts(
    scope: &Scope,
    column: &Expr,
    eq: Option<String>,
    is_in: Option<Vec<String>>,
    not_in: Option<Vec<String>>,
    is_null: Option<bool>,
) -> Condition {
    let list = |values: &[String]| in_texts(scope.backend, column.clone(), values);
    Condition::all()
        .add_option(eq.map(|value| column.clone().eq(value)))
        .add_option(is_in.map(|values| list(&values)))
        .add_option(not_in.map(|values| list(&values).not()))
        .add_option(nullness(column, is_null))
}

/// The row ids among these; what is malformed or of another kind is nothing's.
fn uuids(kind: Kind, ids: &[ID]) -> Vec<Uuid> {
    ids.iter()
        .filter_map(|text| id::decode(kind, text))
        .collect()
}

impl IdFilter {
    /// The condition on a column that holds ids of a kind.
    #[must_use]
    pub fn on(&self, scope: &Scope, column: &Expr, kind: Kind) -> Condition {
        let list = |ids: &[ID]| in_ids(scope.backend, column.clone(), &uuids(kind, ids));
        let eq = self
            .eq
            .as_ref()
            .map(|text| id::decode(kind, text).unwrap_or(Uuid::nil()));
        Condition::all()
            .add_option(eq.map(|id| column.clone().eq(id)))
            .add_option(self.is_in.as_deref().map(list))
            .add_option(self.not_in.as_deref().map(|ids| list(ids).not()))
            .add_option(nullness(column, self.is_null))
    }
}

impl StringFilter {
    /// The condition on a column.
    #[must_use]
    pub fn on(&self, scope: &Scope, column: &Expr) -> Condition {
        let StringFilter {
            eq,
            is_in,
            not_in,
            is_null,
            starts_with: prefix,
        } = self.clone();
        on_texts(scope, column, eq, is_in, not_in, is_null)
            .add_option(prefix.map(|prefix| starts_with(column.clone(), &prefix)))
    }
}

impl IntFilter {
    /// The condition on a column.
    #[must_use]
    pub fn on(&self, column: &Expr) -> Condition {
        Condition::all()
            .add_option(self.eq.map(|value| column.clone().eq(value)))
            .add_option(self.gte.map(|value| column.clone().gte(value)))
            .add_option(self.lt.map(|value| column.clone().lt(value)))
            .add_option(nullness(column, self.is_null))
    }
}

impl DateFilter {
    /// The condition on a column.
    #[must_use]
    pub fn on(&self, column: &Expr) -> Condition {
        Condition::all()
            .add_option(self.eq.map(|value| column.clone().eq(value)))
            .add_option(self.gte.map(|value| column.clone().gte(value)))
            .add_option(self.lt.map(|value| column.clone().lt(value)))
            .add_option(nullness(column, self.is_null))
    }
}

impl DateTimeFilter {
    /// The condition on a column.
    #[must_use]
    pub fn on(&self, column: &Expr) -> Condition {
        Condition::all()
            .add_option(self.gte.map(|value| column.clone().gte(value)))
            .add_option(self.lt.map(|value| column.clone().lt(value)))
            .add_option(nullness(column, self.is_null))
    }
}

/// A concept's filter: its own fields, and alternatives of the same.
pub trait Filter: Sized {
    /// The condition of its own fields.
    fn own(&self, scope: &Scope, at: &'static str) -> Condition;

    /// Its alternatives.
    fn or(&self) -> Option<&[Self]>;

    /// The condition of it all.
    ///
    /// # Errors
    /// `BadInput` with more than ten alternatives or an `or` inside an `or`.
    fn on(&self, scope: &Scope, at: &'static str) -> Result<Condition> {
        let mut all = Condition::all().add(self.own(scope, at));
        if let Some(alternatives) = self.or() {
            if alternatives.len() > MOST_ALTERNATIVES
                || alternatives
                    .iter()
                    .any(|alternative| alternative.or().is_some())
            {
                return Err(Error::BadInput(Message::new(
                    "or 最多包含 10 个条件，且不能嵌套",
                    "or holds at most 10 alternatives and no or of its own.",
                )));
            }
            // No alternative at all is no row, as with an empty `in`.
            let mut any = Condition::any().add(never());
            for alternative in alternatives {
                any = any.add(alternative.own(scope, at));
            }
            all = all.add(any);
        }
        Ok(all)
    }
}

/// The condition of an optional filter.
///
/// # Errors
/// As `Filter::on`.
pub fn of<F: Filter>(filter: Option<&F>, scope: &Scope, at: &'static str) -> Result<Condition> {
    filter.map_or_else(|| Ok(Condition::all()), |filter| filter.on(scope, at))
}
