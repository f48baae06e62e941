//! Attachments on the wire. Their bytes are sent and read by links, over plain HTTP.

use async_graphql::{Context, ID, Object};
use entity::attachment::AttachmentStatus;
use uuid::Uuid;

use super::connection::Concept;
use super::in_place::InPlace;
use super::issue::EnterpriseIssue;
use super::payload::{act, payload};
use super::session::Session;
use super::user::User;
use super::visit::ServiceVisit;
use crate::domain::attachment::link::{Link, Purpose};
use crate::domain::attachment::{
    ConfirmUploadInput, CreateUploadInput, RemoveAttachmentInput, commands, queries,
};
use crate::domain::scalar::Timestamp;
use crate::kernel::error::Result;
use crate::store::record::Record;
use crate::store::shape::Shape;

/// A photo or a document on an issue or a visit.
pub struct Attachment(Record);

impl From<Record> for Attachment {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl Concept for Attachment {
    const NAME: &'static str = "Attachment";

    fn shape() -> &'static Shape {
        &queries::SHAPE
    }
}

impl Attachment {
    /// A link of the viewer's own.
    fn link(
        &self,
        ctx: &Context<'_>,
        purpose: Purpose,
        until: chrono::DateTime<chrono::Utc>,
    ) -> Result<String> {
        let session = Session::of(ctx);
        let link = Link {
            attachment: self.0.uuid()?,
            user: session.viewer()?.user_id,
            until,
        };
        link.sign(&session.deps.vault, purpose)
    }

    fn download(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let status: AttachmentStatus = self.0.get("status")?;
        if status != AttachmentStatus::Attached {
            return Ok(None);
        }
        let deps = &Session::of(ctx).deps;
        let until = deps.clock.now() + deps.files.limits().link;
        let link = self.link(ctx, Purpose::Download, until)?;
        Ok(Some(format!("/attachments/{link}")))
    }

    fn upload(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let status: AttachmentStatus = self.0.get("status")?;
        let uploader: Uuid = self.0.get("uploaded_by_id")?;
        let until: Option<Timestamp> = self.0.get("expires_at")?;
        let is_own = uploader == Session::of(ctx).viewer()?.user_id;
        let Some(until) = until.filter(|_| is_own && status == AttachmentStatus::Pending) else {
            return Ok(None);
        };
        let link = self.link(ctx, Purpose::Upload, until.0)?;
        Ok(Some(format!("/uploads/{link}")))
    }
}

/// A photo or a document on an issue or a visit (附件). Until it is confirmed its uploader sees it;
/// then those who read the text of its issue, never in brief, or see its visit.
#[Object]
impl Attachment {
    /// The id.
    pub async fn id(&self) -> Result<ID> {
        self.0.type_id()
    }

    /// Counts the changes of the row; for `expectedVersion`.
    pub async fn version(&self) -> Result<i32> {
        self.0.get("version")
    }

    /// The name that its uploader gave it.
    pub async fn file_name(&self) -> Result<String> {
        self.0.get("file_name")
    }

    /// Its media type, as its bytes say too.
    pub async fn media_type(&self) -> Result<String> {
        self.0.get("media_type")
    }

    /// Its bytes.
    pub async fn byte_size(&self) -> Result<i32> {
        self.0.get("byte_size")
    }

    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    pub async fn sha256(&self) -> Result<String> {
        self.0.get("sha256")
    }

    /// How far it has come.
    pub async fn status(&self) -> Result<AttachmentStatus> {
        self.0.get("status")
    }

    /// Where to send its bytes with PUT, under the server's address; null but for its uploader and
    /// once they are there.
    pub async fn upload_url(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.upload(ctx).transpose()
    }

    /// Until when it must be confirmed; null once it is.
    pub async fn expires_at(&self) -> Option<Result<Timestamp>> {
        self.0.opt("expires_at")
    }

    /// Where to read its bytes, under the server's address: a link for this viewer, good for a few
    /// minutes. Null before it is confirmed.
    pub async fn download_url(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        self.download(ctx).transpose()
    }

    /// When it was announced.
    pub async fn created_at(&self) -> Result<Timestamp> {
        self.0.get("created_at")
    }

    /// When the row last changed.
    pub async fn updated_at(&self) -> Result<Timestamp> {
        self.0.get("updated_at")
    }

    /// The user who uploaded it.
    pub async fn uploaded_by(&self) -> Result<InPlace<User>> {
        Ok(self.0.must_parent("uploadedBy")?.into())
    }

    /// The issue (企业诉求) that it hangs on.
    pub async fn issue(&self) -> Option<Result<InPlace<EnterpriseIssue>>> {
        self.0.parent("issue").map(|parent| Ok(parent?.into()))
    }

    /// The visit (走访) that it hangs on.
    pub async fn visit(&self) -> Option<Result<InPlace<ServiceVisit>>> {
        self.0.parent("visit").map(|parent| Ok(parent?.into()))
    }
}

payload! {
    CreateUploadPayload(attachment: Attachment),
    ConfirmUploadPayload(attachment: Attachment),
    RemoveAttachmentPayload(attachment: Attachment),
}

/// Changes of attachments.
#[derive(Default)]
pub struct AttachmentMutation;

#[Object]
impl AttachmentMutation {
    /// Announces an upload (上传附件); its bytes go to `uploadUrl` with PUT, then `confirmUpload`.
    /// District operators and administrators, officers and enterprises, to issues that they read
    /// in full; to visits the district side and officers.
    async fn create_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The upload.")] input: CreateUploadInput,
    ) -> Option<Result<CreateUploadPayload>> {
        let done = act(ctx, |deps, actor| commands::create(deps, actor, input)).await;
        Some(done.map(CreateUploadPayload))
    }

    /// Confirms an upload (上传附件) whose bytes are there: from then on it is read with what it
    /// hangs on. Its uploader.
    async fn confirm_upload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The upload.")] input: ConfirmUploadInput,
    ) -> Option<Result<ConfirmUploadPayload>> {
        let done = act(ctx, |deps, actor| commands::confirm(deps, actor, input)).await;
        Some(done.map(ConfirmUploadPayload))
    }

    /// Removes an attachment (附件) with its bytes. Its uploader; district operators and
    /// administrators.
    async fn remove_attachment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attachment.")] input: RemoveAttachmentInput,
    ) -> Option<Result<RemoveAttachmentPayload>> {
        let done = act(ctx, |deps, actor| commands::remove(deps, actor, input)).await;
        Some(done.map(RemoveAttachmentPayload))
    }
}
