//! The schema as the guard reads it, from its SDL: which fields there are, what they take, and by
//! what a list is sized. A concept needs to say nothing: whatever takes `first` or `last` is a
//! page, whatever takes a list of ids is as long as that, any other list is short by rule.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeKind,
    TypeSystemDefinition,
};

/// The rows of a page where nothing else is asked for.
pub(super) const USUAL: u64 = 20;
/// The most rows of a page.
pub(super) const MOST: u64 = 100;
/// What a list without a size is taken for.
pub(super) const ASSUMED: u64 = 10;
/// What a count over a whole list costs.
pub(super) const COUNT: u64 = 10;
/// What a write costs.
pub(super) const WRITE: u64 = 10;

/// By what a field is sized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sizing {
    /// It is one.
    One,
    /// It is a page: `first` or `last` rows of it.
    Page,
    /// It has an element for each of an argument's.
    Each(String),
    /// It is short.
    Short,
}

/// A field of an object or an interface.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) ty: String,
    pub(super) arguments: HashMap<String, Type>,
    pub(super) sizing: Sizing,
    pub(super) weight: u64,
}

/// What an input object takes.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) fields: HashMap<String, Type>,
    pub(super) required: Vec<String>,
    pub(super) is_one_of: bool,
}

/// The schema.
#[derive(Debug, Default)]
pub(super) struct Model {
    composites: HashMap<String, HashMap<String, Field>>,
    inputs: HashMap<String, Input>,
    enums: HashMap<String, HashSet<String>>,
    roots: [Option<String>; 3],
}

impl Model {
    /// Reads the SDL that the schema prints of itself; what it could not print is not there.
    pub(super) fn read(sdl: &str) -> Self {
        let mut model = Self::default();
        let document = match parse_schema(sdl) {
            Ok(document) => document,
            Err(error) => {
                tracing::error!(%error, "the schema's own SDL cannot be read");
                return model;
            }
        };
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let root = |name: &Option<async_graphql::Positioned<async_graphql::Name>>| {
                        name.as_ref().map(|name| name.node.to_string())
                    };
                    let schema = &schema.node;
                    model.roots = [
                        root(&schema.query),
                        root(&schema.mutation),
                        root(&schema.subscription),
                    ];
                }
                TypeSystemDefinition::Type(ty) => {
                    let name = ty.node.name.node.to_string();
                    let is_one_of = ty
                        .node
                        .directives
                        .iter()
                        .any(|directive| directive.node.name.node == "oneOf");
                    model.add(name, &ty.node.kind, is_one_of);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        model.weigh();
        model
    }

    fn add(&mut self, name: String, kind: &TypeKind, is_one_of: bool) {
        let fields = |fields: &[async_graphql::Positioned<FieldDefinition>]| {
            let named = fields.iter().map(|field| {
                let field = &field.node;
                (field.name.node.to_string(), read_field(field))
            });
            named.collect::<HashMap<_, _>>()
        };
        match kind {
            TypeKind::Object(object) => {
                self.composites.insert(name, fields(&object.fields));
            }
            TypeKind::Interface(interface) => {
                self.composites.insert(name, fields(&interface.fields));
            }
            TypeKind::Union(_) => {
                self.composites.insert(name, HashMap::new());
            }
            TypeKind::Enum(values) => {
                let values = values.values.iter();
                let values = values.map(|value| value.node.value.node.to_string());
                self.enums.insert(name, values.collect());
            }
            TypeKind::InputObject(input) => {
                let needed = |field: &InputValueDefinition| {
                    !field.ty.node.nullable && field.default_value.is_none()
                };
                let fields = input.fields.iter().map(|field| &field.node);
                let input = Input {
                    required: fields
                        .clone()
                        .filter(|field| needed(field))
                        .map(|field| field.name.node.to_string())
                        .collect(),
                    fields: fields
                        .map(|field| (field.name.node.to_string(), field.ty.node.clone()))
                        .collect(),
                    is_one_of,
                };
                self.inputs.insert(name, input);
            }
            TypeKind::Scalar => {}
        }
    }

    /// A value costs nothing beside its row, a row or a page one, a count and a write more.
    fn weigh(&mut self) {
        let composites: HashSet<String> = self.composites.keys().cloned().collect();
        let mutation = self.roots[1].clone();
        for (name, fields) in &mut self.composites {
            for (field_name, field) in fields {
                field.weight = if Some(name) == mutation.as_ref() {
                    WRITE
                } else if field_name == "totalCount" {
                    COUNT
                } else {
                    u64::from(composites.contains(&field.ty))
                };
            }
        }
    }

    pub(super) fn root(&self, operation: OperationType) -> Option<&str> {
        let [query, mutation, subscription] = &self.roots;
        let root = match operation {
            OperationType::Query => query,
            OperationType::Mutation => mutation,
            OperationType::Subscription => subscription,
        };
        root.as_deref()
    }

    pub(super) fn field(&self, ty: &str, name: &str) -> Option<&Field> {
        self.composites.get(ty)?.get(name)
    }

    pub(super) fn input(&self, ty: &str) -> Option<&Input> {
        self.inputs.get(ty)
    }

    pub(super) fn values_of(&self, ty: &str) -> Option<&HashSet<String>> {
        self.enums.get(ty)
    }
}

fn read_field(field: &FieldDefinition) -> Field {
    let arguments: HashMap<String, Type> = field
        .arguments
        .iter()
        .map(|argument| {
            let argument = &argument.node;
            (argument.name.node.to_string(), argument.ty.node.clone())
        })
        .collect();
    let is_list = matches!(field.ty.node.base, BaseType::List(_));
    let lists = arguments
        .iter()
        .find(|(_, ty)| matches!(ty.base, BaseType::List(_)));
    let sizing = match (is_list, lists) {
        _ if arguments.contains_key("first") || arguments.contains_key("last") => Sizing::Page,
        (true, Some((name, _))) => Sizing::Each(name.clone()),
        (true, None) => Sizing::Short,
        (false, _) => Sizing::One,
    };
    Field {
        ty: named(&field.ty.node).to_owned(),
        arguments,
        sizing,
        weight: 0,
    }
}

/// The name at the heart of a type.
pub(super) fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}
