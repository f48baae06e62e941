//! What a document must pass before it is run, whatever brings it: HTTP, a socket, a stream or a
//! register of trusted documents. In this order: brackets and tokens before the parser; one
//! operation; expanded selections, so that a fragment bomb costs nothing; depth, aliases and
//! directives; the values of variables and arguments; then the cost, which `budget` charges.
//!
//! `scan` looks at the text, `expansion` and `walk` at the parsed document, `values` at what is
//! put into it, all against the `model`, which is read from the schema's own SDL. What holds of a
//! text whatever its variables is remembered by `known`.

pub mod budget;
mod expansion;
mod known;
mod model;
pub mod printed;
mod refusal;
pub mod scan;
mod values;
mod walk;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Positioned, Request, ServerError, Variables};

use self::known::Shelves;
pub use self::known::{Known, Source};
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
/// How much text of free documents is remembered, parsed.
const FREE_BYTES: usize = 256 * 1024;
/// How much text of trusted documents is.
const TRUSTED_BYTES: usize = 1024 * 1024;

/// The limits of a schema.
pub struct Guard {
    model: Model,
    cost_limit: u64,
    shelves: Shelves,
    parsed: AtomicU64,
}

/// A document that may run.
pub struct Admitted {
    /// The request, parsed.
    pub request: Request,
    /// What is known of its document.
    pub known: Arc<Known>,
    /// What it does.
    pub kind: OperationType,
    /// What it may cost.
    pub cost: u64,
    /// The root fields that it asks for, by their names in the schema.
    pub fields: Arc<[String]>,
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
            shelves: Shelves::new(FREE_BYTES, TRUSTED_BYTES),
            parsed: AtomicU64::new(0),
        }
    }

    /// How many documents were parsed so far; what tests count.
    #[must_use]
    pub fn parsed(&self) -> u64 {
        self.parsed.load(Ordering::Relaxed)
    }

    /// Keeps a document that has been validated.
    pub fn keep(&self, known: &Arc<Known>) {
        self.shelves.keep(known);
    }

    /// Parses a document and weighs it.
    ///
    /// # Errors
    /// Why it may not run.
    pub fn admit(&self, mut request: Request, source: Source) -> Result<Admitted, Box<Refused>> {
        let known = self.known(&request.query, source)?;
        let operation = named(&known, request.operation_name.as_deref())?;
        values::check_variables(&self.model, operation, &request.variables)?;
        let (document, variables) = (&known.document, &request.variables);
        let walk = || walk::walk(&self.model, document, operation, variables);
        let walked = known.walked(walk)?;
        if walked.cost > self.cost_limit {
            return Err(Refused::too_costly(
                walked.cost,
                self.cost_limit,
                &walked.dearest,
            ));
        }
        let kind = operation.node.ty;
        request.set_parsed_query(known.document.clone());
        Ok(Admitted {
            request,
            known,
            kind,
            cost: walked.cost.max(1),
            fields: walked.fields,
        })
    }

    /// Whether a text can be a document at all, whatever its variables will be.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, text: &str) -> Result<(), Box<Refused>> {
        let known = self.known(text, Source::Free)?;
        let operation = named(&known, None)?;
        let none = Variables::default();
        walk::walk(&self.model, &known.document, operation, &none).map(|_| ())
    }

    /// What is known of a text.
    fn known(&self, text: &str, source: Source) -> Result<Arc<Known>, Box<Refused>> {
        if let Some(known) = self.shelves.find(text, source) {
            return Ok(known);
        }
        if !scan::is_bearable(text) {
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
        self.parsed.fetch_add(1, Ordering::Relaxed);
        let document = match parse_query(text) {
            Ok(document) => document,
            Err(error) => return Err(Refused::unparsed(ServerError::from(error))),
        };
        if document.operations.iter().count() != 1 {
            return Err(Refused::unresolved(Message::new(
                "每个请求只能包含一个操作",
                "A document holds exactly one operation.",
            )));
        }
        for (_, operation) in document.operations.iter() {
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
        }
        Ok(Arc::new(Known::new(text, document, source)))
    }
}

/// The operation, if it has the name that is asked for.
fn named<'a>(
    known: &'a Known,
    wanted: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Box<Refused>> {
    match known.operation() {
        Some((name, operation)) if wanted.is_none() || name == wanted => Ok(operation),
        _ => Err(Refused::unresolved(Message::new(
            "operationName 与文档中的操作不符",
            "The document has no operation of this operationName.",
        ))),
    }
}
