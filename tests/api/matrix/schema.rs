//! The SDL as the matrix reads it: what there is to have a rule on.

use std::collections::BTreeMap;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};

/// A field of an object or of an input.
pub struct Field {
    pub name: String,
    /// The named type, whatever is around it.
    pub ty: String,
    /// The types of the arguments, by name.
    pub arguments: BTreeMap<String, String>,
}

/// The served schema.
pub struct Schema {
    pub objects: BTreeMap<String, Vec<Field>>,
    pub inputs: BTreeMap<String, Vec<Field>>,
    pub enums: BTreeMap<String, Vec<String>>,
}

fn named(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(of) => named(of),
    }
}

fn text(name: &Positioned<async_graphql::Name>) -> String {
    name.node.to_string()
}

impl Schema {
    /// The schema as it is printed.
    pub fn served() -> Self {
        let mut schema = Self {
            objects: BTreeMap::new(),
            inputs: BTreeMap::new(),
            enums: BTreeMap::new(),
        };
        let document = parse_schema(honglian::graphql::schema(false).sdl()).unwrap();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(ty) = definition else {
                continue;
            };
            schema.add(text(&ty.node.name), ty.node.kind);
        }
        schema
    }

    fn add(&mut self, name: String, kind: TypeKind) {
        match kind {
            TypeKind::Object(object) => {
                let fields = object.fields.into_iter().map(|field| Field {
                    name: text(&field.node.name),
                    ty: named(&field.node.ty.node),
                    arguments: field
                        .node
                        .arguments
                        .iter()
                        .map(|argument| (text(&argument.node.name), named(&argument.node.ty.node)))
                        .collect(),
                });
                self.objects.insert(name, fields.collect());
            }
            TypeKind::InputObject(input) => {
                let fields = input.fields.into_iter().map(|field| Field {
                    name: text(&field.node.name),
                    ty: named(&field.node.ty.node),
                    arguments: BTreeMap::new(),
                });
                self.inputs.insert(name, fields.collect());
            }
            TypeKind::Enum(values) => {
                let values = values.values.iter().map(|value| text(&value.node.value));
                self.enums.insert(name, values.collect());
            }
            TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) => {}
        }
    }

    /// The fields of an object.
    pub fn fields(&self, object: &str) -> &[Field] {
        let fields = self.objects.get(object);
        fields.unwrap_or_else(|| panic!("the schema has no {object}"))
    }

    /// A field of an object.
    pub fn field(&self, object: &str, name: &str) -> &Field {
        let mut fields = self.fields(object).iter();
        let found = fields.find(|field| field.name == name);
        found.unwrap_or_else(|| panic!("the schema has no {object}.{name}"))
    }

    /// The names of an object's fields.
    pub fn names(&self, object: &str) -> Vec<&str> {
        let fields = self.fields(object).iter();
        fields.map(|field| field.name.as_str()).collect()
    }

    /// The selection of everything that a field's type has: none for a leaf, of rows the ids.
    pub fn whole(&self, ty: &str) -> String {
        if super::rules::of(ty).is_some() {
            return "{ id }".to_owned();
        }
        if ty.ends_with("Connection") {
            return "{ totalCount nodes { id } }".to_owned();
        }
        let Some(fields) = self.objects.get(ty) else {
            return String::new();
        };
        let fields: Vec<String> = fields
            .iter()
            .map(|field| format!("{} {}", field.name, self.whole(&field.ty)))
            .collect();
        format!("{{ {} }}", fields.join(" "))
    }
}
