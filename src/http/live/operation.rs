//! An operation on something that stays open. It passes what a request by HTTP passes: the guard,
//! the budget of its user, and a place to run in.

use std::sync::Arc;

use async_graphql::Response;
use tokio::time::Instant;

use crate::app::App;
use crate::graphql::documents::Asked;
use crate::graphql::execute::{self, Answer};
use crate::graphql::guard::Admitted;
use crate::graphql::guard::budget::Principal;
use crate::graphql::session::Session;
use crate::graphql::subscription::run::Caller;
use crate::http::Served;
use crate::http::idempotency::{self, Done, Failed};
use crate::http::to_its_end::to_its_end;
use crate::kernel::error::{Error, Result};

/// Takes a document on, or says what is wrong with it. The one place that looks at what is to run
/// on a socket or a stream. Whoever may no longer be connected is an error of its own.
pub(in crate::http) async fn take_on(
    served: &Served,
    caller: &Caller,
    asked: Asked,
) -> Result<std::result::Result<Admitted, Box<Response>>> {
    let app = &served.app;
    let viewer = app.subscriptions.viewer(&caller.claims).await?;
    let principal = Principal::User(viewer.user_id);
    let found = app.look_up(principal, Some(&viewer), asked).await?;
    Ok(found.map_err(|why| Box::new(why.response(caller.language, &caller.request_id))))
}

/// Runs an operation that is answered once, to its end whoever hangs up.
pub(in crate::http) async fn once(
    served: &Arc<Served>,
    caller: &Caller,
    admitted: Admitted,
    may_write: bool,
) -> Result<Answer> {
    let run = async move |app: Arc<App>, session| {
        app.run_admitted(session, None, admitted, may_write).await
    };
    in_a_place(served, caller, run).await
}

/// The same under the key of its request, if it has one.
pub(in crate::http) async fn once_by_key(
    served: &Arc<Served>,
    caller: &Caller,
    admitted: Admitted,
    may_write: bool,
    key: Option<String>,
) -> std::result::Result<Done, Failed> {
    let lease = served.options.timeout + idempotency::GRACE;
    let run = async move |app: Arc<App>, session: Box<Session>| match app
        .allow(&session, None, admitted, may_write)
    {
        // What came over a stream is not taken on twice: it asks for its key first.
        Ok(allowed) => idempotency::run(&app, session, allowed, key, lease, true).await,
        Err(answer) => Done::of(*answer),
    };
    in_a_place(served, caller, run).await?
}

async fn in_a_place<T, F>(
    served: &Arc<Served>,
    caller: &Caller,
    run: impl FnOnce(Arc<App>, Box<Session>) -> F + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let overloaded = |_refusal| Error::Unavailable("overloaded".to_owned());
    let place = served.load.enter().await.map_err(overloaded)?;
    let (app, by) = (Arc::clone(&served.app), caller.clone());
    let operation = async move {
        let viewer = Arc::new(app.subscriptions.viewer(&by.claims).await?);
        let session = Session::new(app.deps.clone(), Some(viewer), by.request_id, by.language);
        Ok(run(app, session).await)
    };
    let deadline = Instant::now() + served.options.timeout;
    to_its_end(operation, place, deadline, &caller.request_id).await?
}

/// What a caller is told of an error that ends an operation.
pub(in crate::http) fn refused(error: Error, caller: &Caller) -> Response {
    execute::refused(error, caller.language, &caller.request_id)
}
