//! Running a document. Batched reads are polled in the request's own task, after every resolver
//! has come to rest: one statement a level, always, without a timer.

use async_graphql::{Pos, Request, Response, Value};
use futures_util::StreamExt;
use futures_util::future::{Either, select};

use super::ApiSchema;
use super::batch::Batches;
pub use super::guard::Reached;
use super::guard::Refused;
use super::guard::budget::Spent;
use super::session::Session;
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Language};

/// What became of a request.
pub struct Answer {
    /// The answer.
    pub response: Response,
    /// How far its document came.
    pub reached: Reached,
    /// What it was charged.
    pub spent: Option<Spent>,
    /// What it is, in words of the schema.
    pub operation: Option<String>,
}

impl Answer {
    /// What an executed document comes to.
    #[must_use]
    pub fn of(response: Response, spent: Spent, operation: String) -> Self {
        let never_ran = !response.errors.is_empty()
            && response.data == Value::Null
            && response.errors.iter().all(|error| error.path.is_empty());
        Self {
            reached: if never_ran {
                Reached::Validation
            } else {
                Reached::End
            },
            response,
            spent: Some(spent),
            operation: Some(operation),
        }
    }

    /// What a document comes to that does not run.
    #[must_use]
    pub fn refused(why: &Refused, language: Language, request_id: &str) -> Self {
        Self {
            response: why.response(language, request_id),
            reached: why.reached,
            spent: None,
            operation: None,
        }
    }
}

/// Runs a document in a session and answers with coded errors in the session's language.
pub async fn execute(schema: &ApiSchema, session: Box<Session>, request: Request) -> Response {
    let (language, request_id) = (session.language, session.request_id.clone());
    let mut response = beside_its_loads(session, request, |request| schema.execute(request)).await;
    code_errors(&mut response, language, &request_id);
    response
}

/// Runs a subscription's document for one turn of it; none where it has nothing to say.
pub(super) async fn execute_turn(
    schema: &ApiSchema,
    session: Box<Session>,
    request: Request,
) -> Option<Response> {
    let (language, request_id) = (session.language, session.request_id.clone());
    let first = |request| async move { schema.execute_stream(request).next().await };
    let mut response = beside_its_loads(session, request, first).await?;
    code_errors(&mut response, language, &request_id);
    Some(response)
}

/// The answer to a document that is not run.
#[must_use]
pub fn refused(error: Error, language: Language, request_id: &str) -> Response {
    let mut error = async_graphql::Error::from(error).into_server_error(Pos::default());
    // It is about no place in the document.
    error.locations.clear();
    let mut response = Response::from_errors(vec![error]);
    code_errors(&mut response, language, request_id);
    response
}

async fn beside_its_loads<T, F: Future<Output = T>>(
    session: Box<Session>,
    mut request: Request,
    run: impl FnOnce(Request) -> F,
) -> T {
    assume_defaults(&mut request);
    let (sender, loads) = futures_channel::mpsc::unbounded();
    if let Ok(scope) = session.scope() {
        let db = session.deps.db.clone();
        request = request.data(Batches::new(db, scope, sender));
    }
    let running = std::pin::pin!(run(request.data(session)));
    let loading = std::pin::pin!(loads.for_each_concurrent(None, |load| load));
    match select(running, loading).await {
        Either::Left((done, _)) => done,
        Either::Right(((), running)) => running.await,
    }
}

/// Gives variables that the caller left out their defaults. The library asks for them where it reads an
/// argument, but not where `@skip` or `@include` does: another document would run than the guard weighed.
fn assume_defaults(request: &mut Request) {
    let Ok(document) = request.parsed_query() else {
        return;
    };
    let operations = document.operations.iter();
    let definitions = operations.flat_map(|(_, operation)| &operation.node.variable_definitions);
    let defaults: Vec<_> = definitions
        .filter_map(|one| {
            Some((
                one.node.name.node.clone(),
                one.node.default_value()?.clone(),
            ))
        })
        .collect();
    for (name, default) in defaults {
        request.variables.entry(name).or_insert(default);
    }
}

/// Gives every error its code, its words and the id of its request.
pub(super) fn code_errors(response: &mut Response, language: Language, request_id: &str) {
    for error in &mut response.errors {
        let own = error.source::<Error>().cloned();
        let extensions = error.extensions.get_or_insert_default();
        if let Some(own) = own {
            if let Error::Internal(cause) | Error::Unavailable(cause) = &own {
                tracing::error!(request_id, cause, path = ?error.path, "an operation failed");
            }
            own.message().text(language).clone_into(&mut error.message);
            extensions.set("code", own.code());
        } else if extensions.get("code").is_none() {
            // What cannot be parsed does not come this far: the guard has parsed it.
            let code = if error.path.is_empty() {
                TopCode::ValidationFailed
            } else {
                TopCode::BadUserInput
            };
            extensions.set("code", code.name());
        }
        extensions.set("requestId", Value::from(request_id));
    }
}
