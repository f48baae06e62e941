//! Users on the wire.

use async_graphql::{Context, ID, Object};
use entity::user_account::{UserRole, UserStatus};
use sea_orm::TryGetable;

use super::connection::Concept;
use super::enterprise::Enterprise;
use super::in_place::InPlace;
use super::payload::{act, payload};
use super::session::Session;
use super::shown::if_may;
use crate::domain::scalar::Timestamp;
use crate::domain::user::{UpsertUserInput, commands, policy, queries};
use crate::kernel::error::Result;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A user, shown by post or function. Looked up: administrators all of the district, enterprises
/// their own enterprise's, everybody themselves. As the actor of a step, whoever sees the step
/// reads id, version and display name; the rest is null beside `isRedacted: true`.
pub struct User(Record);

impl From<Record> for User {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for User {
    const NAME: &'static str = "User";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl User {
    fn reads(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        let enterprise = self.0.get("enterprise_id")?;
        Ok(policy::may_read(viewer, self.0.uuid()?, enterprise))
    }

    fn reads_login(&self, ctx: &Context<'_>) -> Result<bool> {
        let viewer = Session::of(ctx).viewer()?;
        Ok(policy::may_read_login(viewer, self.0.uuid()?))
    }

    /// A field that is null to those who may not read it.
    fn guarded<T: TryGetable>(&self, may: Result<bool>, column: &str) -> Option<Result<T>> {
        if_may(may, || self.0.opt(column))
    }
}

/// A user, shown by post or function. Looked up: administrators all of the district, enterprises
/// their own enterprise's, everybody themselves. As the actor of a step, whoever sees the step
/// reads id, version and display name; the rest is null beside `isRedacted: true`.
#[Object]
impl User {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The post or function that the user is shown by.
    pub async fn display_name(&self) -> Result<String> {
        self.0.get("display_name")
    }

    /// Whether the viewer reads less than the whole row: then null can mean "not for you".
    pub async fn is_redacted(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!self.reads_login(ctx)?)
    }

    /// The issuer (`iss`) of the user's tokens. Administrators and the user.
    pub async fn issuer(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.guarded(self.reads_login(ctx), "issuer")
    }

    /// The subject (`sub`) of the user's tokens. Administrators and the user.
    pub async fn subject(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.guarded(self.reads_login(ctx), "subject")
    }

    /// The role.
    pub async fn role(&self, ctx: &Context<'_>) -> Option<Result<UserRole>> {
        self.guarded(self.reads(ctx), "role")
    }

    /// Whether the user may sign in.
    pub async fn status(&self, ctx: &Context<'_>) -> Option<Result<UserStatus>> {
        self.guarded(self.reads(ctx), "status")
    }

    /// Whether the user administers.
    pub async fn is_admin(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.guarded(self.reads(ctx), "is_admin")
    }

    /// Whether the user audits.
    pub async fn is_auditor(&self, ctx: &Context<'_>) -> Option<Result<bool>> {
        self.guarded(self.reads(ctx), "is_auditor")
    }

    /// The enterprise of a LEAD or MEMBER; null for district users.
    pub async fn enterprise(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Enterprise>>> {
        if_may(self.reads(ctx), || {
            self.0.parent("enterprise").map(|parent| Ok(parent?.into()))
        })
    }

    /// When the row was written.
    pub async fn created_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.guarded(self.reads(ctx), "created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self, ctx: &Context<'_>) -> Option<Result<Timestamp>> {
        self.guarded(self.reads(ctx), "updated_at")
    }
}

payload! {
    UpsertUserPayload(user: User),
}

/// Changes of users.
#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Enters a user, or changes the one with `id`. Nobody takes the administration from
    /// themselves. District administrators.
    async fn upsert_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user as it shall be.")] input: UpsertUserInput,
    ) -> Option<Result<UpsertUserPayload>> {
        let done = act(ctx, |deps, actor| commands::upsert(deps, actor, input)).await;
        Some(done.map(UpsertUserPayload))
    }
}
