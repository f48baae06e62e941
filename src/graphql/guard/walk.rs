//! The walk over a document whose size is known: depth, aliases, directives, the sizes of lists
//! and what all of it costs.
//!
//! Cost: a row, a page or another object 1, a `totalCount` 10, a write 10; whatever stands under
//! the rows of a list as often as the list has rows. A value is free beside its row, but an alias
//! costs 1 wherever it stands: else the same text could be asked for fifty times a row.

use std::cell::Cell;
use std::sync::Arc;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field as Written, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};

use super::model::{ASSUMED, Field, MOST, Model, Sizing, USUAL};
use super::refusal::Refused;
use super::{
    DEEPEST, DEEPEST_INTROSPECTION, DEEPEST_INTROSPECTION_LISTS, MOST_ALIASES, MOST_DIRECTIVES,
    values,
};
use crate::kernel::error::Message;

/// What an introspection costs, and each alias in it: they print the schema once more.
const INTROSPECTION: u64 = 200;

/// What the walk found.
#[derive(Clone)]
pub(super) struct Walked {
    /// Whether it found so without a look at a variable, and finds the same each time.
    pub(super) is_fixed: bool,
    pub(super) cost: u64,
    /// The path to the dearest field.
    pub(super) dearest: Arc<str>,
    /// The root fields, by their names in the schema.
    pub(super) fields: Arc<[String]>,
}

struct Walk<'a> {
    model: &'a Model,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    has_looked: Cell<bool>,
    aliases: usize,
    directives: usize,
}

/// Where the walk stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The type that is selected from; none where the schema does not know it.
    ty: Option<&'a str>,
    depth: usize,
    /// The rows of the page that is selected from; none elsewhere.
    page: Option<u64>,
    /// How many lists of an introspection are open; none outside of one.
    introspection: Option<usize>,
}

/// The cost of a part, and the path to its dearest field.
#[derive(Default)]
struct Part {
    cost: u64,
    dearest: Vec<String>,
    most: u64,
}

impl Part {
    fn add(&mut self, other: Self) {
        if other.cost > self.most {
            self.most = other.cost;
            self.dearest = other.dearest;
        }
        self.cost = self.cost.saturating_add(other.cost);
    }
}

pub(super) fn walk(
    model: &Model,
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
    variables: &Variables,
) -> Result<Walked, Box<Refused>> {
    let mut walk = Walk {
        model,
        document,
        operation: &operation.node,
        variables,
        has_looked: Cell::new(false),
        aliases: 0,
        directives: 0,
    };
    walk.count_directives(&operation.node.directives)?;
    for definition in &operation.node.variable_definitions {
        walk.count_directives(&definition.node.directives)?;
    }
    let place = Place {
        ty: model.root(operation.node.ty),
        depth: 0,
        page: None,
        introspection: None,
    };
    let part = walk.set(&operation.node.selection_set.node, place)?;
    let mut fields = Vec::new();
    let root = model.root(operation.node.ty).unwrap_or_default();
    walk.name_roots(&operation.node.selection_set.node, root, &mut fields);
    Ok(Walked {
        is_fixed: !walk.has_looked.get(),
        cost: part.cost,
        dearest: part.dearest.join(".").into(),
        fields: fields.into(),
    })
}

impl<'a> Walk<'a> {
    fn set(
        &mut self,
        selections: &'a SelectionSet,
        place: Place<'a>,
    ) -> Result<Part, Box<Refused>> {
        let mut whole = Part::default();
        for selection in &selections.items {
            self.count_directives(selection.node.directives())?;
            let part = match &selection.node {
                Selection::Field(field) => self.field(&field.node, field.pos, place)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let ty = condition.map(|condition| condition.node.on.node.as_str());
                    let ty = ty.or(place.ty);
                    self.set(&fragment.node.selection_set.node, Place { ty, ..place })?
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else {
                        continue;
                    };
                    self.count_directives(&fragment.node.directives)?;
                    let ty = Some(fragment.node.type_condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, Place { ty, ..place })?
                }
            };
            if !self.is_skipped(selection.node.directives()) {
                whole.add(part);
            }
        }
        Ok(whole)
    }

    fn field(
        &mut self,
        field: &'a Written,
        position: Pos,
        place: Place<'a>,
    ) -> Result<Part, Box<Refused>> {
        let name = field.name.node.as_str();
        let depth = place.depth + 1;
        let introspection = introspection(name, place);
        let deepest = if introspection.is_some() {
            DEEPEST_INTROSPECTION
        } else {
            DEEPEST
        };
        let lists = introspection.unwrap_or(0);
        if depth > deepest || lists > DEEPEST_INTROSPECTION_LISTS {
            let message = Message::new(
                format!("查询嵌套过深，最多 {deepest} 层"),
                format!("The document is nested too deeply; at most {deepest} levels."),
            );
            return Err(Refused::too_deep(message, deepest, position));
        }
        let mut weight = 0;
        if field.alias.is_some() {
            weight = if introspection.is_some() {
                INTROSPECTION
            } else {
                1
            };
            self.count_alias()?;
        }
        if name == "__typename" {
            check_typename(field, position)?;
            return Ok(Part {
                cost: weight,
                ..Part::default()
            });
        }
        let known = place.ty.and_then(|ty| self.model.field(ty, name));
        let rows = known.map_or(Ok(1), |known| self.rows(known, field))?;
        let is_page = known.is_some_and(|known| known.sizing == Sizing::Page);
        if introspection.is_some() && place.introspection.is_none() {
            weight += INTROSPECTION;
        }
        let inside = Place {
            ty: known.map(|known| known.ty.as_str()),
            depth,
            page: is_page.then_some(rows),
            introspection,
        };
        let below = self.set(&field.selection_set.node, inside)?;
        let Some(known) = known else {
            let cost = below.cost.saturating_add(weight);
            return Ok(Part { cost, ..below });
        };
        // A page is one; its rows are counted under its `nodes` and `edges`.
        let times = match place.page {
            Some(rows) if matches!(name, "nodes" | "edges") => rows,
            _ if is_page => 1,
            _ => rows,
        };
        let own = below
            .cost
            .saturating_add(known.weight)
            .saturating_add(weight);
        let cost = own.saturating_mul(times);
        let mut dearest = vec![name.to_owned()];
        dearest.extend(below.dearest);
        Ok(Part {
            cost,
            dearest,
            most: cost,
        })
    }

    /// How many rows a field has.
    fn rows(&self, known: &Field, field: &'a Written) -> Result<u64, Box<Refused>> {
        values::check_arguments(self.model, known, &field.arguments)?;
        match &known.sizing {
            Sizing::One => Ok(1),
            Sizing::Short => Ok(ASSUMED),
            Sizing::Each(argument) => {
                let ids = field.get_argument(argument);
                Ok(ids.map_or(1, |ids| self.length(&ids.node)).clamp(1, MOST))
            }
            Sizing::Page => {
                let number = |value: &Value| self.number(value);
                values::check_page(&field.arguments, number)?;
                let size = ["first", "last"].into_iter().find_map(|name| {
                    let size = self.number(&field.get_argument(name)?.node)?;
                    u64::try_from(size).ok()
                });
                Ok(size.unwrap_or(USUAL).clamp(1, MOST))
            }
        }
    }

    /// The value of a variable, or its default.
    fn value(&self, name: &Name) -> Option<ConstValue> {
        self.has_looked.set(true);
        let given = self.variables.get(name).cloned();
        given.or_else(|| {
            let definitions = self.operation.variable_definitions.iter();
            let mut own = definitions.filter(|one| one.node.name.node == *name);
            own.next()?.node.default_value().cloned()
        })
    }

    fn number(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) => number.as_i64(),
            Value::Variable(name) => match self.value(name)? {
                ConstValue::Number(number) => number.as_i64(),
                _ => None,
            },
            _ => None,
        }
    }

    fn length(&self, value: &Value) -> u64 {
        let length = match value {
            Value::List(items) => items.len(),
            Value::Variable(name) => match self.value(name) {
                Some(ConstValue::List(items)) => items.len(),
                _ => 1,
            },
            _ => 1,
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    /// Whether `@skip` or `@include` leaves a selection out.
    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let skips = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return false,
            };
            let condition = match directive.node.get_argument("if").map(|value| &value.node) {
                Some(Value::Boolean(condition)) => Some(*condition),
                Some(Value::Variable(name)) => match self.value(name) {
                    Some(ConstValue::Boolean(condition)) => Some(condition),
                    _ => None,
                },
                _ => None,
            };
            condition == Some(skips)
        })
    }

    fn count_alias(&mut self) -> Result<(), Box<Refused>> {
        self.aliases += 1;
        if self.aliases > MOST_ALIASES {
            let message = Message::new(
                format!("别名过多，最多 {MOST_ALIASES} 个"),
                format!("There are too many aliases; at most {MOST_ALIASES}."),
            );
            return Err(Refused::too_large(message, "aliases", MOST_ALIASES));
        }
        Ok(())
    }

    fn count_directives(
        &mut self,
        directives: &[Positioned<Directive>],
    ) -> Result<(), Box<Refused>> {
        self.directives += directives.len();
        if self.directives > MOST_DIRECTIVES {
            let message = Message::new(
                format!("指令过多，最多 {MOST_DIRECTIVES} 个"),
                format!("There are too many directives; at most {MOST_DIRECTIVES}."),
            );
            return Err(Refused::too_large(message, "directives", MOST_DIRECTIVES));
        }
        Ok(())
    }

    /// The root fields that the schema has; other words are the caller's own.
    fn name_roots(&self, selections: &SelectionSet, root: &str, names: &mut Vec<String>) {
        for selection in &selections.items {
            let inside = match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let is_ours = name.starts_with("__") || self.model.field(root, name).is_some();
                    let is_new = !names.iter().any(|known| known == name);
                    if is_ours && is_new && names.len() < 10 {
                        names.push(name.to_owned());
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = self.document.fragments.get(name);
                    fragment.map(|fragment| &fragment.node.selection_set)
                }
            };
            if let Some(inside) = inside {
                self.name_roots(&inside.node, root, names);
            }
        }
    }
}

/// How many lists of an introspection are open at a field; none outside of one.
fn introspection(name: &str, place: Place<'_>) -> Option<usize> {
    match place.introspection {
        None => matches!(name, "__schema" | "__type").then_some(0),
        Some(open) => {
            let opens = matches!(
                name,
                "fields" | "inputFields" | "interfaces" | "possibleTypes"
            );
            Some(open + usize::from(opens))
        }
    }
}

/// The library looks at neither arguments nor directives of `__typename`.
fn check_typename(field: &Written, position: Pos) -> Result<(), Box<Refused>> {
    let known = |directive: &Positioned<Directive>| {
        matches!(directive.node.name.node.as_str(), "skip" | "include")
    };
    if field.arguments.is_empty() && field.directives.iter().all(known) {
        return Ok(());
    }
    Err(Refused::invalid(
        Message::new(
            "__typename 不接受参数，指令只能为 skip 或 include",
            "__typename takes no arguments, and no directives but skip and include.",
        ),
        position,
    ))
}
