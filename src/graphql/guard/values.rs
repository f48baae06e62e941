//! The values of variables and arguments, checked before anything runs. The library finds out
//! about an integer that is out of range when it resolves the field, and by then an earlier
//! mutation of the same document is committed.

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value;

use super::model::{MOST, Model};
use super::refusal::Refused;
use crate::kernel::error::Message;

/// Whether the variables fit what the operation declares.
pub(super) fn check_variables(
    model: &Model,
    operation: &Positioned<OperationDefinition>,
    given: &Variables,
) -> Result<(), Box<Refused>> {
    for definition in &operation.node.variable_definitions {
        let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
        let wrong = |why: &str| {
            let message = Message::new(
                format!("变量 ${name} 的值不符合 {ty}：{why}"),
                format!("The value of variable ${name} is no {ty}: {why}."),
            );
            Err(Refused::bad_input(message, definition.pos))
        };
        match given.get(name) {
            None if definition.node.default_value().is_none() => return wrong("it is missing"),
            None => {}
            Some(value) => {
                if let Err(why) = fits(model, ty, &value.clone().into_value()) {
                    return wrong(&why);
                }
            }
        }
    }
    Ok(())
}

/// Whether the literal values of a field's arguments fit, and a page is of a size that there is.
pub(super) fn check_arguments(
    model: &Model,
    field: &super::model::Field,
    arguments: &[(Positioned<Name>, Positioned<Value>)],
) -> Result<(), Box<Refused>> {
    for (name, value) in arguments {
        // An unknown argument is the validator's to tell.
        let Some(ty) = field.arguments.get(name.node.as_str()) else {
            continue;
        };
        if let Err(why) = fits(model, ty, &value.node) {
            let name = &name.node;
            let message = Message::new(
                format!("参数 {name} 的值不符合 {ty}：{why}"),
                format!("The value of argument {name} is no {ty}: {why}."),
            );
            return Err(Refused::bad_input(message, value.pos));
        }
    }
    Ok(())
}

/// Whether a page's size is one that there is: one of `first` and `last`, within the bounds.
pub(super) fn check_page(
    arguments: &[(Positioned<Name>, Positioned<Value>)],
    number: impl Fn(&Value) -> Option<i64>,
) -> Result<(), Box<Refused>> {
    let mut sizes = arguments
        .iter()
        .filter(|(name, _)| matches!(name.node.as_str(), "first" | "last"))
        .filter_map(|(_, value)| Some((number(&value.node)?, value.pos)));
    let (size, second) = (sizes.next(), sizes.next());
    if let Some((_, position)) = second {
        return Err(Refused::bad_input(
            Message::new(
                "first 与 last 不能同时使用",
                "Use either first or last, not both.",
            ),
            position,
        ));
    }
    match size {
        Some((size, position)) if !(1..=MOST).contains(&u64::try_from(size).unwrap_or(0)) => {
            Err(Refused::bad_input(
                Message::new(
                    format!("first 和 last 的取值范围为 1 到 {MOST}"),
                    format!("first and last are from 1 to {MOST}."),
                ),
                position,
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a value is of a type. What the schema's own scalars take, they say themselves.
fn fits(model: &Model, ty: &Type, value: &Value) -> Result<(), String> {
    match (value, &ty.base) {
        // Declared with its own type, which the validator compares with this one.
        (Value::Variable(_), _) => Ok(()),
        (Value::Null, _) if ty.nullable => Ok(()),
        (Value::Null, _) => Err("it is null".to_owned()),
        (Value::List(items), BaseType::List(inner)) => {
            items.iter().try_for_each(|item| fits(model, inner, item))
        }
        // One value stands for a list of it.
        (_, BaseType::List(inner)) => fits(model, inner, value),
        (_, BaseType::Named(name)) => fits_named(model, name, value),
    }
}

fn fits_named(model: &Model, name: &str, value: &Value) -> Result<(), String> {
    let is = |fits: bool, what: &'static str| if fits { Ok(()) } else { Err(what.to_owned()) };
    match name {
        "Int" => {
            let number = match value {
                Value::Number(number) => number.as_i64(),
                _ => None,
            };
            let fits = number.is_some_and(|number| i32::try_from(number).is_ok());
            is(fits, "it is no integer of 32 bits")
        }
        "Float" => is(matches!(value, Value::Number(_)), "it is no number"),
        "String" => is(matches!(value, Value::String(_)), "it is no string"),
        "Boolean" => is(
            matches!(value, Value::Boolean(_)),
            "it is neither true nor false",
        ),
        "ID" => {
            let whole = matches!(value, Value::Number(number) if number.is_i64());
            is(whole || matches!(value, Value::String(_)), "it is no id")
        }
        _ => {
            if let Some(values) = model.values_of(name) {
                let fits = match value {
                    Value::Enum(value) => values.contains(value.as_str()),
                    Value::String(value) => values.contains(value.as_str()),
                    _ => false,
                };
                return is(fits, "it is none of the values");
            }
            let Some(input) = model.input(name) else {
                return Ok(());
            };
            let Value::Object(fields) = value else {
                return Err("it is no object".to_owned());
            };
            for (field, value) in fields {
                let Some(ty) = input.fields.get(field.as_str()) else {
                    return Err(format!("it has no field {field}"));
                };
                fits(model, ty, value).map_err(|why| format!("{field}: {why}"))?;
            }
            let missing = input.required.iter();
            for field in missing {
                if !fields.contains_key(field.as_str()) {
                    return Err(format!("{field} is missing"));
                }
            }
            let one = fields.len() == 1 && !fields.values().any(|value| *value == Value::Null);
            is(one || !input.is_one_of, "it must have exactly one field")
        }
    }
}
