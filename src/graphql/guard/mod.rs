//! What a document must pass before it is run, whatever brings it: HTTP, a socket, a stream or a
//! register of trusted documents. In this order: brackets and tokens before the parser; one
//! operation; expanded selections, so that a fragment bomb costs nothing; depth, aliases and
//! directives; the values of variables and arguments; then the cost, which `budget` charges.
//!
//! `scan` looks at the text, `expansion` and `walk` at the parsed document, `values` at what is
//! put into it, all against the `model`, which is read from the schema's own SDL.

pub mod budget;
mod expansion;
mod model;
pub mod printed;
mod refusal;
pub mod scan;
mod values;
mod walk;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Positioned, Request, ServerError};

use self::model::Model;
pub use self::refusal::{Reached, Refused};
use super::ApiSchema;
use crate::kernel::error::Message;

/// The most selections, with every fragment counted where it is spread.
const MOST_SELECTIONS: u64 = 20_000;
/// The deepest field.
const DEEPEST: usize = 12;
/// The deepest field of an introspection.
const DEEPEST_INTROSPECTION: usize = 20;
/// The most lists inside lists of an introspection.
const DEEPEST_INTROSPECTION_LISTS: usize = 2;
/// The most aliases, with every fragment counted where it is spread.
const MOST_ALIASES: usize = 50;
/// The most directives, likewise.
const MOST_DIRECTIVES: usize = 50;

/// The limits of a schema.
pub struct Guard {
    model: Model,
    cost_limit: u64,
}

/// A document that may run.
pub struct Admitted {
    /// The request, parsed.
    pub request: Request,
    /// What it does.
    pub kind: OperationType,
    /// What it may cost.
    pub cost: u64,
    /// The root fields that it asks for, by their names in the schema.
    pub fields: Vec<String>,
}

impl Admitted {
    /// What the log says of it: nothing but words of the schema.
    #[must_use]
    pub fn summary(&self) -> String {
        format!("{} {}", self.kind, self.fields.join(","))
    }
}

impl Guard {
    /// The limits of a schema.
    #[must_use]
    pub fn new(schema: &ApiSchema, cost_limit: u32) -> Self {
        Self::of_sdl(&schema.sdl(), cost_limit)
    }

    fn of_sdl(sdl: &str, cost_limit: u32) -> Self {
        Self {
            model: Model::read(sdl),
            cost_limit: cost_limit.into(),
        }
    }

    /// Parses a document and weighs it.
    ///
    /// # Errors
    /// Why it may not run.
    pub fn admit(&self, mut request: Request) -> Result<Admitted, Box<Refused>> {
        if !scan::is_bearable(&request.query) {
            return Err(Refused::too_large(
                Message::new(
                    format!(
                        "查询过大：最多 {} 个词元，括号嵌套最多 {} 层",
                        scan::MOST_TOKENS,
                        scan::DEEPEST
                    ),
                    format!(
                        "The document is too large: at most {} tokens, and brackets nested at most {} deep.",
                        scan::MOST_TOKENS,
                        scan::DEEPEST
                    ),
                ),
                "tokens",
                scan::MOST_TOKENS,
            ));
        }
        let document = match parse_query(&request.query) {
            Ok(document) => document,
            Err(error) => return Err(Refused::unparsed(ServerError::from(error))),
        };
        let operation = one_operation(&document, request.operation_name.as_deref())?;
        let expanded = expansion::count(&document, &operation.node.selection_set.node)?;
        if expanded > MOST_SELECTIONS {
            return Err(Refused::too_large(
                Message::new(
                    format!("展开后的字段过多，最多 {MOST_SELECTIONS} 个"),
                    format!(
                        "With its fragments the document selects too much; at most {MOST_SELECTIONS} fields."
                    ),
                ),
                "selections",
                MOST_SELECTIONS,
            ));
        }
        values::check_variables(&self.model, operation, &request.variables)?;
        let walked = walk::walk(&self.model, &document, operation, &request.variables)?;
        if walked.cost > self.cost_limit {
            return Err(Refused::too_costly(
                walked.cost,
                self.cost_limit,
                &walked.dearest,
            ));
        }
        let kind = operation.node.ty;
        request.set_parsed_query(document);
        Ok(Admitted {
            request,
            kind,
            cost: walked.cost.max(1),
            fields: walked.fields,
        })
    }
}

/// The one operation of a document.
fn one_operation<'a>(
    document: &'a ExecutableDocument,
    wanted: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Box<Refused>> {
    let mut operations = document.operations.iter();
    let (Some((name, operation)), None) = (operations.next(), operations.next()) else {
        return Err(Refused::unresolved(Message::new(
            "每个请求只能包含一个操作",
            "A document holds exactly one operation.",
        )));
    };
    if wanted.is_some_and(|wanted| name.is_none_or(|name| name.as_str() != wanted)) {
        return Err(Refused::unresolved(Message::new(
            "operationName 与文档中的操作不符",
            "The document has no operation of this operationName.",
        )));
    }
    Ok(operation)
}
