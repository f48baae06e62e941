//! One subscription from its opening to its end. What it may tell is weighed anew at every event:
//! first the viewer, then the row in the viewer's scope.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::parser::types::{Directive, ExecutableDocument, OperationType, Selection};
use async_graphql::{Positioned, Request, Response, ServerError, Variables};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::turn::{Desk, Turn};
use crate::access::token::Claims;
use crate::access::viewer::Viewer;
use crate::domain::user::roll::Roll;
use crate::events::Happening;
use crate::events::feed::Feed;
use crate::events::reading::Reading;
use crate::graphql::ApiSchema;
use crate::graphql::execute::{code_errors, execute_turn, refused};
use crate::graphql::session::Session;
use crate::graphql::validated::Validated;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Language, Result};
use crate::store::Deps;

/// Turns that are run at once: a burst of them must not take the connections of all requests.
const AT_ONCE: usize = 4;

/// What all subscriptions of a process share.
pub struct Subscriptions {
    schema: ApiSchema,
    deps: Deps,
    feed: Feed,
    roll: Roll,
    turns: Semaphore,
    /// The longest that a turn may take.
    deadline: Duration,
    /// Tokens go by the real time.
    clock: Arc<dyn Clock>,
    began: Instant,
    closing: watch::Sender<bool>,
}

/// Who subscribes.
#[derive(Clone)]
pub struct Caller {
    /// What the checked token says.
    pub claims: Arc<Claims>,
    /// Whose it is.
    pub user_id: Uuid,
    /// The id of the request that it came with.
    pub request_id: String,
    /// The language of messages.
    pub language: Language,
}

/// What a subscription says.
pub enum Told {
    /// An event.
    Next(Response),
    /// It ends, for a reason that is told.
    Failed(Response),
    /// It ends, and everything of this caller with it: the token or the right is gone.
    Lost(Response),
}

impl Told {
    /// The answer in it.
    #[must_use]
    pub fn response(self) -> Response {
        match self {
            Self::Next(response) | Self::Failed(response) | Self::Lost(response) => response,
        }
    }
}

impl Subscriptions {
    /// The subscriptions of a server.
    #[must_use]
    pub fn new(schema: ApiSchema, deps: Deps, clock: Arc<dyn Clock>, deadline: Duration) -> Self {
        Self {
            schema,
            feed: Feed::new(deps.db.clone()),
            roll: Roll::new(deps.db.clone()),
            deps,
            turns: Semaphore::new(AT_ONCE),
            deadline,
            clock,
            began: Instant::now(),
            closing: watch::Sender::new(false),
        }
    }

    /// The outbox as it grows.
    #[must_use]
    pub const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The viewer as the database has it now, if the token still holds.
    ///
    /// # Errors
    /// `Unauthenticated` where the token has expired or its user may no longer sign in, or when
    /// the database fails.
    pub async fn viewer(&self, claims: &Arc<Claims>) -> Result<Viewer> {
        if self.clock.now() >= claims.exp {
            return Err(Error::Unauthenticated);
        }
        self.roll.call(claims).await
    }

    /// Returns when the caller may no longer be connected: at the end of the token, or when the
    /// database has taken the right away, which is looked up every so often.
    pub async fn until_lost(&self, claims: &Arc<Claims>, every: Duration) {
        loop {
            let left = (claims.exp - self.clock.now()).to_std();
            // In step with all others: then one statement asks for many.
            let tick = self.began.elapsed().as_nanos() % every.as_nanos().max(1);
            let tick = Duration::from_nanos(u64::try_from(tick).unwrap_or(0));
            let pause = every.saturating_sub(tick);
            tokio::time::sleep(left.unwrap_or_default().min(pause)).await;
            match self.viewer(claims).await {
                Err(Error::Unauthenticated) => return,
                Err(error) => tracing::warn!(%error, "a right is not checked"),
                Ok(_) => {}
            }
        }
    }

    /// Ends everything that is open: the server stops.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Returns when the server stops.
    pub async fn closing(&self) {
        // The sender lives as long as this.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Opens a subscription: its arguments are checked, and it listens from here on.
    ///
    /// # Errors
    /// What it is refused with.
    pub async fn open(
        self: &Arc<Self>,
        caller: Caller,
        request: Request,
    ) -> std::result::Result<Running, Told> {
        let mut request = request;
        let document = match request.parsed_query() {
            Ok(document) => document.clone(),
            Err(error) => return Err(Told::Failed(fault(error, &caller))),
        };
        if let Err(error) = has_one_field(&document, request.operation_name.as_deref()) {
            return Err(Told::Failed(fault(error, &caller)));
        }
        let script = Script {
            document,
            operation: request.operation_name.take(),
            variables: std::mem::take(&mut request.variables),
        };
        let viewer = match self.viewer(&caller.claims).await {
            Ok(viewer) => viewer,
            Err(error) => return Err(ended(error, &caller)),
        };
        let desk = Arc::new(Desk::default());
        let turn = Turn::Opening(Arc::clone(&desk));
        if let Some(response) = self.run(&script, &caller, viewer, turn).await {
            return Err(Told::Failed(response));
        }
        let unopened = || Error::Internal("a subscription that listens for nothing".to_owned());
        let opened = async {
            let (interest, after) = desk.collect().ok_or_else(unopened)?;
            Reading::open(self.feed.clone(), interest, after).await
        };
        match opened.await {
            Ok(reading) => Ok(Running {
                subscriptions: Arc::clone(self),
                caller,
                script,
                reading,
            }),
            Err(error) => Err(ended(error, &caller)),
        }
    }

    async fn run(
        &self,
        script: &Script,
        caller: &Caller,
        viewer: Viewer,
        turn: Turn,
    ) -> Option<Response> {
        let session = Session::new(
            self.deps.clone(),
            Some(Arc::new(viewer)),
            caller.request_id.clone(),
            caller.language,
        );
        // Closed never: it lives as long as this.
        let _turn = self.turns.acquire().await;
        let mut request = script.request();
        if matches!(turn, Turn::Telling(_)) {
            // It was opened with the same document and variables.
            request = request.data(Validated);
        }
        let running = execute_turn(&self.schema, session, request.data(turn));
        let run = tokio::time::timeout(self.deadline, running).await;
        run.unwrap_or_else(|_elapsed| {
            let (language, id) = (caller.language, &caller.request_id);
            Some(refused(Error::Timeout, language, id))
        })
    }
}

/// What is run at every turn.
struct Script {
    document: ExecutableDocument,
    operation: Option<String>,
    variables: Variables,
}

impl Script {
    fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation);
        request.set_parsed_query(self.document.clone());
        request
    }
}

/// A subscription that is open.
pub struct Running {
    subscriptions: Arc<Subscriptions>,
    caller: Caller,
    script: Script,
    reading: Reading,
}

impl Running {
    /// Waits until there may be something to `tell`. It may be dropped at any time.
    pub async fn ready(&mut self) {
        self.reading.ready().await;
    }

    /// What there is to tell, if anything.
    pub async fn tell(&mut self) -> Option<Told> {
        match self.reading.take().await {
            Ok(happening) => self.weigh(happening?).await,
            Err(error) => Some(ended(error, &self.caller)),
        }
    }

    async fn weigh(&self, happening: Arc<Happening>) -> Option<Told> {
        let interest = self.reading.interest();
        let viewer = match self.subscriptions.viewer(&self.caller.claims).await {
            Ok(viewer) if viewer.district_id == interest.district => viewer,
            Ok(_elsewhere) => return Some(ended(Error::Forbidden, &self.caller)),
            Err(error) => return Some(ended(error, &self.caller)),
        };
        if !interest.asks_for(&happening) {
            return None;
        }
        let turn = Turn::Telling(happening);
        let run = self
            .subscriptions
            .run(&self.script, &self.caller, viewer, turn);
        let response = run.await?;
        let root = response.errors.iter().find(|error| error.path.len() <= 1);
        Some(match root.and_then(|error| error.source::<Error>()) {
            Some(Error::Forbidden | Error::Unauthenticated) => Told::Lost(response),
            Some(_) => Told::Failed(response),
            None => Told::Next(response),
        })
    }
}

/// How a subscription ends for an error. Who is no longer signed in may no longer subscribe.
fn ended(error: Error, caller: &Caller) -> Told {
    match error {
        Error::Unauthenticated | Error::Forbidden => lost(caller),
        error => Told::Failed(refused(error, caller.language, &caller.request_id)),
    }
}

/// What a caller is told whose token has expired or whose right is gone.
#[must_use]
pub fn lost(caller: &Caller) -> Told {
    Told::Lost(refused(
        Error::Forbidden,
        caller.language,
        &caller.request_id,
    ))
}

fn fault(error: ServerError, caller: &Caller) -> Response {
    let mut response = Response::from_errors(vec![error]);
    code_errors(&mut response, caller.language, &caller.request_id);
    response
}

fn is_condition(directive: &Positioned<Directive>) -> bool {
    matches!(directive.node.name.node.as_str(), "skip" | "include")
}

/// A subscription asks for exactly one thing, and not through a fragment.
fn has_one_field(
    document: &ExecutableDocument,
    operation: Option<&str>,
) -> std::result::Result<(), ServerError> {
    let wrong = |text: &str| Err(ServerError::new(text, None));
    let named = |name: Option<&str>| operation.is_none() || name == operation;
    let mut operations = document
        .operations
        .iter()
        .filter(|(name, _)| named(name.map(async_graphql::Name::as_str)));
    let (Some((_, found)), None) = (operations.next(), operations.next()) else {
        return wrong("The document holds no such operation, or several.");
    };
    let found = &found.node;
    if found.ty != OperationType::Subscription {
        return wrong("The operation is not a subscription.");
    }
    match found.selection_set.node.items.as_slice() {
        [item] => match &item.node {
            // The specification wants it so: whether there is a field must not hang on a value.
            Selection::Field(field) if field.node.directives.iter().any(is_condition) => {
                wrong("The field of a subscription has neither @skip nor @include.")
            }
            Selection::Field(field) if !field.node.name.node.starts_with("__") => Ok(()),
            _ => wrong("A subscription selects its field at the root, not in a fragment."),
        },
        _ => wrong("A subscription selects exactly one field."),
    }
}
