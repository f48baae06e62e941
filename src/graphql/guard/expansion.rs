//! How large a document is once its fragments are spread. Each fragment is counted once and
//! remembered: thirty levels of doubling are thirty additions.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::refusal::Refused;
use crate::kernel::error::Message;

/// What is known of a fragment.
#[derive(Clone, Copy)]
enum Known {
    /// It is being counted: whoever meets it now is inside it.
    Open,
    Counted(u64),
}

pub(super) fn count(
    document: &ExecutableDocument,
    selections: &SelectionSet,
) -> Result<u64, Box<Refused>> {
    let mut known = HashMap::new();
    set(document, selections, &mut known)
}

fn set<'a>(
    document: &'a ExecutableDocument,
    selections: &'a SelectionSet,
    known: &mut HashMap<&'a str, Known>,
) -> Result<u64, Box<Refused>> {
    let mut total: u64 = 0;
    for selection in &selections.items {
        let inside = match &selection.node {
            Selection::Field(field) => 1 + set(document, &field.node.selection_set.node, known)?,
            Selection::InlineFragment(fragment) => {
                set(document, &fragment.node.selection_set.node, known)?
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                // An unknown one is the validator's to tell.
                let Some(fragment) = document.fragments.get(name) else {
                    continue;
                };
                match known.get(name.as_str()) {
                    Some(Known::Counted(count)) => *count,
                    Some(Known::Open) => {
                        return Err(Refused::invalid(
                            Message::new("片段不能引用自身", "A fragment must not spread itself."),
                            selection.pos,
                        ));
                    }
                    None => {
                        known.insert(name.as_str(), Known::Open);
                        let count = set(document, &fragment.node.selection_set.node, known)?;
                        known.insert(name.as_str(), Known::Counted(count));
                        count
                    }
                }
            }
        };
        total = total.saturating_add(inside);
    }
    Ok(total)
}
