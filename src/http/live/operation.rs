//! An operation on something that stays open. It is taken on here, whatever the transport, and
//! what a request by HTTP must pass it passes too.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{ErrorExtensionValues, Request, Response, ServerError, Variables};
use futures_util::FutureExt;
use serde_json::{Map, Value};

use crate::graphql::execute;
use crate::graphql::session::Session;
use crate::graphql::subscription::run::Caller;
use crate::http::{Served, scan};
use crate::kernel::error::{Error, Message, Result};

/// How an operation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Kind {
    /// Once. What is not well-formed is too: with what is wrong with it.
    Once,
    /// Whenever something happens.
    Subscription,
}

/// Reads what a client sent and takes it on, or says what is wrong with it. The one place that
/// looks at a document of a socket before the parser does.
pub(in crate::http) fn read(
    mut payload: Map<String, Value>,
    caller: &Caller,
) -> std::result::Result<Request, Box<Response>> {
    let no = |code, zh, en| Err(Box::new(refused(code, &Message::new(zh, en), caller)));
    let bad = |zh, en| no("BAD_REQUEST", zh, en);
    let Some(Value::String(query)) = payload.remove("query") else {
        return bad("缺少 query", "The query is missing.");
    };
    if !scan::is_bearable(&query) {
        return no(
            "DOCUMENT_TOO_LARGE",
            "查询过大或嵌套过深",
            "The document is too large or too deeply nested.",
        );
    }
    let mut request = Request::new(query);
    match payload.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => {
            request = request.variables(Variables::from_json(variables));
        }
        Some(_) => return bad("variables 须为对象", "The variables must be an object."),
    }
    match payload.remove("operationName") {
        None | Some(Value::Null) => Ok(request),
        Some(Value::String(name)) => Ok(request.operation_name(name)),
        Some(_) => bad(
            "operationName 须为字符串",
            "The operationName must be a string.",
        ),
    }
}

/// How the operation that is asked for is answered.
pub(in crate::http) fn kind(request: &mut Request) -> Kind {
    let wanted = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else {
        return Kind::Once;
    };
    let is_wanted = |name: Option<&str>| wanted.is_none() || name == wanted.as_deref();
    let mut operations = document.operations.iter();
    let found = operations.find(|(name, _)| is_wanted(name.map(async_graphql::Name::as_str)));
    match found {
        Some((_, operation)) if operation.node.ty == OperationType::Subscription => {
            Kind::Subscription
        }
        _ => Kind::Once,
    }
}

/// Runs an operation that is answered once, to its end whoever hangs up.
pub(in crate::http) async fn once(
    served: &Arc<Served>,
    caller: &Caller,
    request: Request,
) -> Result<Response> {
    let (app, by) = (Arc::clone(&served.app), caller.clone());
    let operation = tokio::spawn(async move {
        let answered = async {
            let viewer = Arc::new(app.subscriptions.viewer(&by.claims).await?);
            let session = Session::new(app.deps.clone(), Some(viewer), by.request_id, by.language);
            Ok::<_, Error>(app.answer(session, request).await)
        };
        AssertUnwindSafe(answered).catch_unwind().await
    });
    match tokio::time::timeout(served.options.timeout, operation).await {
        Err(_elapsed) => Err(Error::Timeout),
        Ok(Err(_) | Ok(Err(_))) => {
            tracing::error!(request_id = caller.request_id, "an operation panicked");
            Err(Error::Internal("panic".to_owned()))
        }
        Ok(Ok(Ok(answer))) => answer,
    }
}

/// Whether a document was refused before anything of it ran.
pub(in crate::http) fn never_ran(response: &Response) -> bool {
    !response.errors.is_empty()
        && response.data == async_graphql::Value::Null
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The answer to a request that is not taken on.
pub(in crate::http) fn refused(code: &str, message: &Message, caller: &Caller) -> Response {
    let mut error = ServerError::new(message.text(caller.language), None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    let mut response = Response::from_errors(vec![error]);
    execute::name_request(&mut response, &caller.request_id);
    response
}
