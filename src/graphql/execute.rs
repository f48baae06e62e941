//! Running a document. Batched reads are polled in the request's own task, after every resolver
//! has come to rest: one statement a level, always, without a timer.

use std::time::Duration;

use async_graphql::dataloader::DataLoader;
use async_graphql::runtime::Timer;
use async_graphql::{Request, Response, Value};
use futures_util::future::{BoxFuture, Either, select};
use futures_util::task::{FutureObj, Spawn, SpawnError};
use futures_util::{FutureExt, StreamExt};

use super::ApiSchema;
pub use super::guard::Reached;
use super::guard::budget::Spent;
use super::session::{Reads, Session};
use crate::kernel::error::Error;

struct SameTask(futures_channel::mpsc::UnboundedSender<FutureObj<'static, ()>>);

impl Spawn for SameTask {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        let sent = self.0.unbounded_send(future);
        sent.map_err(|_closed| SpawnError::shutdown())
    }
}

struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }
}

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
}

/// Runs a document in a session and answers with coded errors in the session's language.
pub async fn execute(schema: &ApiSchema, session: Session, request: Request) -> Response {
    let language = session.language;
    let request_id = session.request_id.clone();
    let (sender, loads) = futures_channel::mpsc::unbounded();
    let mut request = request;
    if let Ok(scope) = session.scope() {
        let db = session.deps.db.clone();
        request = request.data(DataLoader::new(
            Reads { db, scope },
            SameTask(sender),
            AtOnce,
        ));
    }
    let running = std::pin::pin!(schema.execute(request.data(session)));
    let loading = std::pin::pin!(loads.for_each_concurrent(None, |load| load));
    let mut response = match select(running, loading).await {
        Either::Left((response, _)) => response,
        Either::Right(((), running)) => running.await,
    };
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
            let code = if error.path.is_empty() {
                if error.message.starts_with(" -->") {
                    "GRAPHQL_PARSE_FAILED"
                } else {
                    "GRAPHQL_VALIDATION_FAILED"
                }
            } else {
                "BAD_USER_INPUT"
            };
            extensions.set("code", code);
        }
        extensions.set("requestId", Value::from(request_id.clone()));
    }
    response
}
