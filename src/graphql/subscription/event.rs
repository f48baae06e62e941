//! What all events have in common, and how the thing that an event is about is read.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use heck::ToLowerCamelCase;
use sea_orm::sea_query::{Condition, ExprTrait};
use uuid::Uuid;

use crate::domain::scalar::Timestamp;
use crate::events::Happening;
use crate::graphql::connection::Concept;
use crate::graphql::selection::Selected;
use crate::graphql::session::Session;
use crate::graphql::user::User;
use crate::kernel::error::Result;
use crate::kernel::id::encode_event;
use crate::store::dialect::col;
use crate::store::list;
use crate::store::plan::{Plan, ROOT};
use crate::store::record::Record;
use crate::store::shape::Shape;

/// What every event says.
pub struct Head {
    happening: Arc<Happening>,
    /// What is said instead of what happened, to who is not told.
    instead: Option<&'static str>,
    changed: Vec<&'static str>,
    /// The users whom the viewer may learn as the actor.
    actors: &'static Shape,
}

impl Head {
    /// An event as told to a viewer who reads these fields of the thing.
    pub(super) fn new(
        happening: Arc<Happening>,
        fields: impl IntoIterator<Item = &'static str>,
        actors: &'static Shape,
    ) -> Self {
        let changed: Vec<String> = happening.changed.iter().map(|name| field(name)).collect();
        let is_changed = |field: &&str| changed.iter().any(|changed| changed == field);
        Self {
            changed: fields.into_iter().filter(is_changed).collect(),
            happening,
            instead: None,
            actors,
        }
    }

    /// The same, without a word on what happened: only that something changed. None where
    /// nothing did that the viewer reads beside the version.
    pub(super) fn in_brief(mut self, name: &'static str) -> Option<Self> {
        self.instead = Some(name);
        let tells = self.changed.iter().any(|field| *field != "version");
        tells.then_some(self)
    }

    async fn user(&self, ctx: &Context<'_>, id: Uuid) -> Result<Option<User>> {
        let session = Session::of(ctx);
        let fields = Selected::fields_of(&ctx.field());
        let plan = Arc::new(Plan::new(self.actors, &fields, []));
        let found = list::one(&session.deps.db, &session.scope()?, &plan, id).await?;
        Ok(found.map(User::from))
    }
}

/// The field that shows a column, or the rows of a table.
fn field(name: &str) -> String {
    match name {
        "issue_transition" => "transitions".to_owned(),
        "issue_progress" => "progress".to_owned(),
        "issue_rating" => "ratings".to_owned(),
        "issue_clock" => "clocks".to_owned(),
        "issue_supervision" => "supervisions".to_owned(),
        "issue_co_department" => "coDepartments".to_owned(),
        "attachment" => "attachments".to_owned(),
        "issue_extension" => "extensions".to_owned(),
        "issue_callback" => "callbacks".to_owned(),
        "issue_appeal" => "appeals".to_owned(),
        "peer_help_offer" => "helpOffers".to_owned(),
        "pairing_member" => "members".to_owned(),
        "interaction_type" => "type".to_owned(),
        column => column
            .strip_suffix("_id")
            .unwrap_or(column)
            .to_lower_camel_case(),
    }
}

/// What every event says.
#[Object]
impl Head {
    /// The id, for `lastEventId`.
    async fn id(&self) -> ID {
        ID(encode_event(self.happening.id))
    }

    /// What happened, such as `issue.assigned`; to those who read the thing in brief only that it
    /// changed, such as `issue.changed`.
    #[graphql(name = "type")]
    async fn name(&self) -> &str {
        self.instead.unwrap_or(&self.happening.name)
    }

    /// When it happened.
    async fn at(&self) -> Timestamp {
        Timestamp(self.happening.at)
    }

    /// The fields of the thing that changed, of those that the viewer reads.
    async fn changed_fields(&self) -> &[&'static str] {
        &self.changed
    }

    /// Who did it, by post or function; null where the viewer is not told, and for what the
    /// system did.
    async fn actor(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        self.user(ctx, self.happening.actor_id?).await.transpose()
    }
}

/// The row that an event is about, with what is selected of it under `field`, if the viewer sees
/// it as it is now and it fits.
pub(super) async fn seen<T: Concept>(
    ctx: &Context<'_>,
    field: &str,
    id: Uuid,
    fits: Condition,
) -> Result<Option<Record>> {
    let session = Session::of(ctx);
    let fields = Selected::under(&ctx.field(), field);
    let plan = Arc::new(Plan::new(T::shape(), &fields, []));
    let which = Condition::all().add(col(ROOT, "id").eq(id)).add(fits);
    list::first(&session.deps.db, &session.scope()?, &plan, which).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_as_its_field() {
        for (column, name) in [
            ("state", "state"),
            ("lead_department_id", "leadDepartment"),
            ("is_on_behalf", "isOnBehalf"),
            ("issue_progress", "progress"),
        ] {
            assert_eq!(field(column), name);
        }
    }
}
