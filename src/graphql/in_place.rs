//! An object in an answer, with what is at hand written at once. The library makes a boxed future
//! of every field; of a page of rows, nearly all of them are columns that came with the row. Here
//! a field that waits for nothing is asked in place, and only lists that are still to be read
//! become futures. What is answered is the same.

use std::borrow::Cow;
use std::pin::pin;

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, ContextSelectionSet, Name, OutputType, Positioned, QueryEnv, ServerResult, Value,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, try_join_all};

use super::connection::Concept;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// An object that knows which of its fields wait for nothing.
pub trait AtHand: ContainerType {
    /// Whether a field is answered from what is there already. Neither a wrong yes nor a wrong no
    /// changes the answer; but a field that asks the database, and says yes, asks it twice.
    fn is_at_hand(look: &Look<'_>, field: &Field) -> bool;
}

/// The set of a fragment, and the type that it is for.
fn fragment<'a>(
    request: &'a QueryEnv,
    selection: &'a Selection,
) -> Option<(Option<&'a str>, &'a Positioned<SelectionSet>)> {
    let (on, set) = match selection {
        Selection::Field(_) => return None,
        Selection::InlineFragment(inline) => (
            inline.node.type_condition.as_ref(),
            &inline.node.selection_set,
        ),
        Selection::FragmentSpread(spread) => {
            let named = request.fragments.get(&spread.node.fragment_name.node)?;
            (Some(&named.node.type_condition), &named.node.selection_set)
        }
    };
    Some((on.map(|on| on.node.on.node.as_str()), set))
}

/// What is needed to follow a selection.
pub struct Look<'a>(&'a QueryEnv);

impl Look<'_> {
    /// Whether all of a selection is at hand; `is_field` knows of its fields.
    pub fn all(&self, set: &SelectionSet, is_field: &dyn Fn(&Self, &Field) -> bool) -> bool {
        set.items.iter().all(|selection| match &selection.node {
            Selection::Field(field) => is_field(self, &field.node),
            named => fragment(self.0, named).is_some_and(|(_, set)| self.all(&set.node, is_field)),
        })
    }

    /// Whether all of a selection on a row is at hand: its columns, and those of its parents.
    #[must_use]
    pub fn row(&self, shape: &'static Shape, set: &SelectionSet) -> bool {
        self.all(set, &|look, field| look.parent(shape, field))
    }

    fn parent(&self, shape: &'static Shape, field: &Field) -> bool {
        if is_leaf(field) {
            return true;
        }
        let mut parents = shape.parents.iter();
        let parent = parents.find(|parent| parent.field == field.name.node.as_str());
        parent.is_some_and(|parent| self.row(parent.shape, &field.selection_set.node))
    }
}

fn is_leaf(field: &Field) -> bool {
    field.selection_set.node.items.is_empty()
}

impl<T: Concept> AtHand for T {
    fn is_at_hand(look: &Look<'_>, field: &Field) -> bool {
        !T::WAITS.contains(&field.name.node.as_str()) && look.parent(T::shape(), field)
    }
}

/// An object whose fields are asked in place where they can be.
pub struct InPlace<T>(T);

/// A list of such objects.
pub struct AllInPlace<T>(Vec<T>);

impl<T> InPlace<T> {
    /// The object in an answer.
    pub const fn new(object: T) -> Self {
        Self(object)
    }

    /// The object itself, changed.
    #[must_use]
    pub fn map(self, change: impl FnOnce(T) -> T) -> Self {
        Self(change(self.0))
    }
}

impl<T> std::ops::Deref for InPlace<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: From<Record>> From<Record> for InPlace<T> {
    fn from(record: Record) -> Self {
        Self(T::from(record))
    }
}

impl<T> FromIterator<T> for AllInPlace<T> {
    fn from_iter<I: IntoIterator<Item = T>>(objects: I) -> Self {
        Self(objects.into_iter().collect())
    }
}

impl<T: AtHand> OutputType for InPlace<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let asked = Asked::of::<T>(ctx);
        let mut late = Vec::new();
        let mut fields = begin(ctx, &asked, &self.0, (0, &mut late))?;
        for (place, value) in late_ones(late).await? {
            put(&mut fields, place.field, value);
        }
        Ok(object(fields))
    }
}

impl<T: AtHand> OutputType for AllInPlace<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let asked = Asked::of::<T>(ctx);
        let places: Vec<_> = (0..self.0.len())
            .map(|place| ctx.with_index(place))
            .collect();
        let mut late = Vec::new();
        let mut rows = Vec::with_capacity(self.0.len());
        for (number, (row, place)) in self.0.iter().zip(&places).enumerate() {
            rows.push(begin(place, &asked, row, (number, &mut late))?);
        }
        for (place, value) in late_ones(late).await? {
            if let Some(fields) = rows.get_mut(place.row) {
                put(fields, place.field, value);
            }
        }
        Ok(Value::List(rows.into_iter().map(object).collect()))
    }
}

/// A field that is asked for.
struct Asked<'a> {
    field: &'a Positioned<Field>,
    is_at_hand: bool,
}

impl<'a> Asked<'a> {
    /// The fields of a selection on a type, those of its fragments among them.
    fn of<T: AtHand>(ctx: &ContextSelectionSet<'a>) -> Vec<Self> {
        let mut asked = Vec::with_capacity(ctx.item.node.items.len());
        Self::add::<T>(ctx, &T::type_name(), ctx.item, &mut asked);
        asked
    }

    fn add<T: AtHand>(
        ctx: &ContextSelectionSet<'a>,
        name: &str,
        set: &'a Positioned<SelectionSet>,
        asked: &mut Vec<Self>,
    ) {
        for selection in &set.node.items {
            if let Selection::Field(field) = &selection.node {
                asked.push(Self {
                    field,
                    is_at_hand: T::is_at_hand(&Look(ctx.query_env), &field.node),
                });
            } else if let Some((on, set)) = fragment(ctx.query_env, &selection.node) {
                let implements = &ctx.schema_env.registry.implements;
                let is_interface =
                    |on: &str| implements.get(name).is_some_and(|all| all.contains(on));
                if on.is_none_or(|on| on == name || is_interface(on)) {
                    Self::add::<T>(ctx, name, set, asked);
                }
            }
        }
    }
}

/// A field that waits, and its place in the answer.
struct Late {
    row: usize,
    field: usize,
}
type Waiting<'a> = BoxFuture<'a, ServerResult<(Late, Value)>>;

async fn late_ones(late: Vec<Waiting<'_>>) -> ServerResult<Vec<(Late, Value)>> {
    if late.is_empty() {
        return Ok(Vec::new());
    }
    try_join_all(late).await
}

fn put(fields: &mut [(Name, Value)], place: usize, value: Value) {
    if let Some((_, known)) = fields.get_mut(place) {
        *known = value;
    }
}

/// Asks every field of an object once. What is not answered at that is asked again as a future.
fn begin<'a, T: AtHand>(
    ctx: &'a ContextSelectionSet<'a>,
    asked: &[Asked<'a>],
    root: &'a T,
    (row, late): (usize, &mut Vec<Waiting<'a>>),
) -> ServerResult<Vec<(Name, Value)>> {
    let mut fields = Vec::with_capacity(asked.len());
    for Asked { field, is_at_hand } in asked {
        let name = field.node.response_key().node.clone();
        if field.node.name.node == "__typename" {
            fields.push((name, Value::from(root.introspection_type_name())));
            continue;
        }
        let now = is_at_hand.then(|| {
            let ctx = ctx.with_field(field);
            pin!(root.resolve_field(&ctx)).now_or_never()
        });
        let value = if let Some(Some(value)) = now {
            value?.unwrap_or_default()
        } else {
            let place = Late {
                row,
                field: fields.len(),
            };
            let field = *field;
            late.push(Box::pin(async move {
                let ctx = ctx.with_field(field);
                let value = root.resolve_field(&ctx).await?;
                Ok((place, value.unwrap_or_default()))
            }));
            Value::Null
        };
        fields.push((name, value));
    }
    Ok(fields)
}

/// An object of fields in their order; what was asked for twice is laid together.
fn object(fields: Vec<(Name, Value)>) -> Value {
    let mut object = IndexMap::with_capacity(fields.len());
    for (name, value) in fields {
        lay(&mut object, name, value);
    }
    Value::Object(object)
}

fn lay(object: &mut IndexMap<Name, Value>, name: Name, value: Value) {
    match object.entry(name) {
        Entry::Vacant(place) => {
            place.insert(value);
        }
        Entry::Occupied(mut known) => lay_together(known.get_mut(), value),
    }
}

fn lay_together(known: &mut Value, value: Value) {
    match (known, value) {
        (Value::Object(known), Value::Object(more)) => {
            for (name, value) in more {
                lay(known, name, value);
            }
        }
        (Value::List(known), Value::List(more)) => {
            for (known, more) in known.iter_mut().zip(more) {
                lay_together(known, more);
            }
        }
        // The rules of the language let only the same value be here.
        _ => {}
    }
}
