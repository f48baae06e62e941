//! What a mutation answers: the entity, what the caller can put right, and the way on.

use async_graphql::{Context, SimpleObject};
use uuid::Uuid;

use super::connection::{Concept, node};
use super::in_place::InPlace;
use super::session::{Retry, Session};
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::store::{Actor, Deps};

/// How an action ended.
pub struct Outcome {
    entity: Option<Uuid>,
    errors: Vec<UserError>,
}

impl Outcome {
    const fn done(entity: Uuid) -> Self {
        Self {
            entity: Some(entity),
            errors: Vec::new(),
        }
    }
}

/// Runs an action of the viewer. What the caller can put right becomes `userErrors`. An action
/// that has run under the request's key is not run again.
///
/// # Errors
/// What the caller cannot put right.
pub async fn act<F>(ctx: &Context<'_>, action: impl FnOnce(Deps, Actor) -> F) -> Result<Outcome>
where
    F: Future<Output = Result<Uuid>>,
{
    let session = Session::of(ctx);
    if let Retry::Done(id) = session.retry {
        return Ok(Outcome::done(id));
    }
    // Boxed: what waits for it is as large as the largest of all actions.
    match Box::pin(action(session.deps.clone(), session.actor()?)).await {
        Ok(id) => Ok(Outcome::done(id)),
        Err(Error::User { errors, current }) => Ok(Outcome {
            entity: current,
            errors,
        }),
        Err(error) => Err(error),
    }
}

impl Outcome {
    /// The entity as the viewer sees it now.
    pub async fn entity<T: Concept>(&self, ctx: &Context<'_>) -> Option<Result<InPlace<T>>> {
        node(ctx, self.entity?).await.transpose()
    }

    /// Whether the action is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.errors.is_empty()
    }

    /// The errors in the request's language.
    #[must_use]
    pub fn errors(&self, ctx: &Context<'_>) -> Vec<UserErrorObject> {
        let language = Session::of(ctx).language;
        let errors = self.errors.iter().map(|error| UserErrorObject {
            code: error.code,
            message: error.message.text(language).to_owned(),
            field: (!error.path.is_empty()).then(|| error.path.clone()),
            params: error
                .params
                .iter()
                .map(|(name, value)| UserErrorParam {
                    name: (*name).to_owned(),
                    value: value.clone(),
                })
                .collect(),
        });
        errors.collect()
    }
}

/// Something that the caller can put right; nothing was written.
#[derive(SimpleObject)]
#[graphql(name = "UserError")]
pub struct UserErrorObject {
    /// The stable code, to program against.
    code: Code,
    /// What to say, in the language of `Accept-Language` (zh-CN or en).
    message: String,
    /// Where in the input, such as `["input", "uscc"]`; null for the whole.
    field: Option<Vec<String>>,
    /// Values the message is about, for a client's own wording.
    params: Vec<UserErrorParam>,
}

/// A named value of a message.
#[derive(SimpleObject)]
pub struct UserErrorParam {
    /// The name.
    name: String,
    /// The value.
    value: String,
}

/// Declares payloads: `payload! { CreateEnterprisePayload(enterprise: Enterprise) }`.
macro_rules! payload {
    ($($name:ident($field:ident: $object:ty)),* $(,)?) => {$(
        /// What the mutation answers.
        pub struct $name(pub $crate::graphql::payload::Outcome);

        /// What the mutation answers.
        #[async_graphql::Object]
        impl $name {
            /// The entity: as written, or as it stands where nothing was written and the viewer
            /// may see it.
            async fn $field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> Option<$crate::kernel::error::Result<$crate::graphql::in_place::InPlace<$object>>> {
                self.0.entity(ctx).await
            }

            /// What the caller can put right; empty when the action is done.
            async fn user_errors(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> Vec<$crate::graphql::payload::UserErrorObject> {
                self.0.errors(ctx)
            }

            /// The root, to read on in the same request.
            async fn query(&self) -> $crate::graphql::Query {
                $crate::graphql::Query::default()
            }
        }
    )*};
}
pub(crate) use payload;
