//! Contacts on the wire: masked for all who see them, in full for their own enterprise, and for
//! whoever has one revealed.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::connection::{self, Concept, Connection, Range};
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::issue::EnterpriseIssue;
use super::payload::{Outcome, UserErrorObject, act, payload};
use super::session::Session;
use super::shown::if_may;
use crate::domain::contact::sealed::{self, Field};
use crate::domain::contact::{
    CreateContactInput, RemoveContactInput, RevealContactInput, UpdateContactInput, commands,
    policy, queries,
};
use crate::domain::scalar::Timestamp;
use crate::kernel::error::{Error, Result};
use crate::kernel::personal;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A contact of an enterprise or of one of its issues.
pub struct Contact {
    record: Record,
    /// Whether the viewer has just had it revealed.
    is_revealed: bool,
}

impl From<Record> for Contact {
    fn from(record: Record) -> Self {
        Self {
            record,
            is_revealed: false,
        }
    }
}

impl Concept for Contact {
    const NAME: &'static str = "Contact";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl Contact {
    fn reads_in_full(&self, ctx: &Context<'_>) -> Result<bool> {
        let enterprise: Uuid = self.record.get("enterprise_id")?;
        let viewer = Session::of(ctx).viewer()?;
        Ok(self.is_revealed || policy::may_read_in_full(viewer, enterprise))
    }

    /// A stored value in the clear.
    fn open(&self, ctx: &Context<'_>, field: Field) -> Option<Result<String>> {
        let stored = self.record.opt::<String>(field.column())?;
        let vault = &Session::of(ctx).deps.vault;
        let opened = stored.and_then(|stored| {
            let row = self.record.uuid()?;
            sealed::open(vault, row, field, &stored)
        });
        Some(opened)
    }

    fn must_open(&self, ctx: &Context<'_>, field: Field) -> Result<String> {
        let missing = || Error::Internal("a contact without a value".to_owned());
        self.open(ctx, field).ok_or_else(missing)?
    }

    fn full(&self, ctx: &Context<'_>, field: Field) -> Option<Result<String>> {
        if_may(self.reads_in_full(ctx), || self.open(ctx, field))
    }
}

/// A contact of an enterprise or of one of its issues (联系人). District operators and
/// administrators see those of their district, officers those of the enterprises they serve, masked;
/// an enterprise's users their own in full. `revealContact` shows one in full to whoever sees it,
/// and is recorded.
#[Object]
impl Contact {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.record.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.record.get("version")
    }

    /// The post in the enterprise.
    pub async fn post_title(&self) -> Option<Result<String>> {
        self.record.opt("post_title")
    }

    /// Whether it is the one of the enterprise to turn to first.
    pub async fn is_primary(&self) -> Result<bool> {
        self.record.get("is_primary")
    }

    /// The name with all but its first character masked (张*).
    pub async fn name_masked(&self, ctx: &Context<'_>) -> Result<String> {
        let name = self.must_open(ctx, Field::Name)?;
        Ok(personal::masked_name(&name))
    }

    /// The mobile number with its middle masked (138****8000).
    pub async fn mobile_masked(&self, ctx: &Context<'_>) -> Result<String> {
        let mobile = self.must_open(ctx, Field::Mobile)?;
        Ok(personal::masked_mobile(&mobile))
    }

    /// The address of electronic mail with all but its first character masked before the `@`.
    pub async fn email_masked(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let email = self.open(ctx, Field::Email)?;
        Some(email.map(|email| personal::masked_email(&email)))
    }

    /// Whether the viewer reads it masked only: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!self.reads_in_full(ctx)?)
    }

    /// The name. The enterprise's own users, and `revealContact`.
    pub async fn name(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.full(ctx, Field::Name)
    }

    /// The mobile number, 11 digits. The enterprise's own users, and `revealContact`.
    pub async fn mobile(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.full(ctx, Field::Mobile)
    }

    /// The address of electronic mail. The enterprise's own users, and `revealContact`.
    pub async fn email(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.full(ctx, Field::Email)
    }

    /// Whether the row is made up for demonstration.
    pub async fn is_synthetic(&self) -> Result<bool> {
        self.record.get("is_synthetic")
    }

    /// When the row was written.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.record.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.record.get("updated_at")
    }

    /// The enterprise.
    pub async fn enterprise(&self) -> Result<InPlace<Enterprise>> {
        Ok(self.record.must_parent("enterprise")?.into())
    }

    /// The issue (企业诉求) that it is for; null for the enterprise itself.
    pub async fn issue(&self) -> Option<Result<InPlace<EnterpriseIssue>>> {
        self.record.parent("issue").map(|parent| Ok(parent?.into()))
    }
}

/// Queries on contacts.
#[derive(Default)]
pub struct ContactQuery;

#[Object]
impl ContactQuery {
    /// The contacts (联系人) that the viewer sees, the newest first; those of one mobile number where
    /// it is given. Auditors: FORBIDDEN.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "The whole mobile number; blanks, hyphens, full-width digits and +86 are read."
        )]
        mobile: Option<String>,
    ) -> Option<Result<Connection<Contact>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            let session = Session::of(ctx);
            if !policy::may_read(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "contacts", range, |scope| {
                Ok(queries::criteria(
                    scope,
                    &session.deps.vault,
                    mobile.as_deref(),
                ))
            })
            .await
        };
        Some(listed.await)
    }
}

payload! {
    CreateContactPayload(contact: Contact),
    UpdateContactPayload(contact: Contact),
    RemoveContactPayload(enterprise: Enterprise),
}

/// What the mutation answers.
pub struct RevealContactPayload(Outcome);

/// What the mutation answers.
#[Object]
impl RevealContactPayload {
    /// The contact in full; where nothing was revealed, as the viewer sees it.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Contact>>> {
        let contact = self.0.entity::<Contact>(ctx).await?;
        let is_revealed = self.0.is_done();
        let shown = |contact| Contact {
            is_revealed,
            ..contact
        };
        Some(contact.map(|contact| contact.map(shown)))
    }

    /// What the caller can put right; empty when the action is done.
    async fn user_errors(&self, ctx: &Context<'_>) -> Vec<UserErrorObject> {
        self.0.errors(ctx)
    }

    /// The root, to read on in the same request.
    async fn query(&self) -> super::Query {
        super::Query::default()
    }
}

/// Changes of contacts.
#[derive(Default)]
pub struct ContactMutation;

#[Object]
impl ContactMutation {
    /// Writes a contact (联系人) of an enterprise or of one of its issues. District administrators
    /// and operators; an enterprise's users their own.
    async fn create_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact.")] input: CreateContactInput,
    ) -> Option<Result<CreateContactPayload>> {
        let done = act(ctx, |deps, actor| commands::create(deps, actor, input)).await;
        Some(done.map(CreateContactPayload))
    }

    /// Changes a contact (联系人). District administrators and operators; an enterprise's users
    /// their own.
    async fn update_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateContactInput,
    ) -> Option<Result<UpdateContactPayload>> {
        let done = act(ctx, |deps, actor| commands::update(deps, actor, input)).await;
        Some(done.map(UpdateContactPayload))
    }

    /// Removes a contact (联系人) for good. District administrators and operators; an enterprise's
    /// users their own.
    async fn remove_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact.")] input: RemoveContactInput,
    ) -> Option<Result<RemoveContactPayload>> {
        let done = act(ctx, |deps, actor| commands::remove(deps, actor, input)).await;
        Some(done.map(RemoveContactPayload))
    }

    /// Shows a contact (联系人) in full, once, and records who read it and what for. Whoever sees
    /// the contact; auditors: FORBIDDEN.
    async fn reveal_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact and the reason.")] input: RevealContactInput,
    ) -> Option<Result<RevealContactPayload>> {
        let done = act(ctx, |deps, actor| commands::reveal(deps, actor, input)).await;
        Some(done.map(RevealContactPayload))
    }
}
