//! What a request under a key asks for.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Positioned, Request};

use crate::domain::client::hash;
use crate::kernel::error::{Error, Result};

/// How many fields of the root the operation of an admitted document asks for: each is a mutation.
pub(super) fn mutations(request: &mut Request) -> usize {
    let Ok(document) = request.parsed_query() else {
        return 0;
    };
    let mut fragments = HashMap::new();
    let operations = document.operations.iter();
    operations
        .map(|(_, operation)| {
            let selections = &operation.node.selection_set.node;
            fields(document, selections, &mut fragments)
        })
        .sum()
}

/// The fields that do something, whatever their directives. A fragment counts wherever it is
/// spread and is walked once.
fn fields<'a>(
    document: &'a ExecutableDocument,
    selections: &'a SelectionSet,
    fragments: &mut HashMap<&'a str, usize>,
) -> usize {
    let mut count: usize = 0;
    for Positioned { node, .. } in &selections.items {
        let here = match node {
            Selection::Field(field) => usize::from(!field.node.name.node.starts_with("__")),
            Selection::InlineFragment(inline) => {
                fields(document, &inline.node.selection_set.node, fragments)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match (fragments.get(name.as_str()), document.fragments.get(name)) {
                    (Some(known), _) => *known,
                    (None, None) => 0,
                    (None, Some(fragment)) => {
                        // A ring of fragments ends here; validation refuses it later.
                        fragments.insert(name.as_str(), 0);
                        let own = fields(document, &fragment.node.selection_set.node, fragments);
                        fragments.insert(name.as_str(), own);
                        own
                    }
                }
            }
        };
        count = count.saturating_add(here);
    }
    count
}

/// The SHA-256 of operation name, document and variables. The order in which a client writes the
/// members of an object is no part of what it asks for.
pub(super) fn fingerprint(request: &Request) -> Result<String> {
    let variables = serde_json::to_value(&request.variables)
        .map_err(|error| Error::Internal(error.to_string()))?;
    let mut canonical = String::new();
    write(&mut canonical, &variables);
    let name = request.operation_name.as_deref().unwrap_or_default();
    let mut whole = String::new();
    for part in [name, &request.query, &canonical] {
        // The length keeps the parts apart.
        whole.push_str(&part.len().to_string());
        whole.push(':');
        whole.push_str(part);
    }
    Ok(hash(&whole))
}

/// Writes a value with the members of its objects in the order of their names.
fn write(text: &mut String, value: &serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            let mut names: Vec<_> = members.iter().collect();
            names.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, member) in names {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(text, member);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write(text, item);
                text.push(',');
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;

    fn count(document: &str) -> usize {
        mutations(&mut Request::new(document))
    }

    #[test]
    fn mutations_are_counted_through_fragments() {
        assert_eq!(count("mutation { __typename }"), 0);
        assert_eq!(count("mutation { a { b c } __typename }"), 1);
        assert_eq!(count("mutation { x: a y: a }"), 2);
        assert_eq!(count("mutation { a a }"), 2);
        assert_eq!(count("mutation { a @skip(if: true) b }"), 2);
        assert_eq!(
            count("mutation { ...f ... on Mutation { b } } fragment f on Mutation { a }"),
            2
        );
        assert_eq!(
            count("mutation { ...f ...f } fragment f on Mutation { a }"),
            2
        );
        assert_eq!(
            count("mutation { ...f } fragment f on Mutation { a ...f }"),
            1
        );
    }

    #[test]
    fn a_fingerprint_tells_requests_apart() {
        let of = |document: &str, variables: serde_json::Value| {
            let request = Request::new(document).variables(Variables::from_json(variables));
            fingerprint(&request).unwrap()
        };
        let first = of("mutation { a }", json!({"x": {"b": 1, "a": [1, "2"]}}));
        assert_eq!(first.len(), 64);
        let twin = serde_json::from_str(r#"{"x": {"a": [1, "2"], "b": 1}}"#).unwrap();
        assert_eq!(first, of("mutation { a }", twin));
        assert_ne!(
            first,
            of("mutation { a }", json!({"x": {"b": 1, "a": [1, 2]}}))
        );
        assert_ne!(
            first,
            of("mutation { b }", json!({"x": {"b": 1, "a": [1, "2"]}}))
        );
        let named = Request::new("mutation { a }").operation_name("a");
        assert_ne!(
            fingerprint(&named).unwrap(),
            of("mutation { a }", json!({}))
        );
    }
}
