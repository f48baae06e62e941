//! Attachments of issues and visits (附件): announced, sent, confirmed. Until then they are their
//! uploader's alone; afterwards they are read with what they hang on. Links are short-lived and
//! their viewer's own (`link`); what nobody confirms or nothing knows of is swept (`sweep`).

use async_graphql::{ID, InputObject, OneofObject};

pub mod commands;
pub mod link;
pub mod policy;
pub mod queries;
pub mod sweep;
pub mod transfer;

/// What an attachment hangs on.
#[derive(Clone, Debug, OneofObject)]
pub enum AttachmentTargetInput {
    /// An issue.
    IssueId(ID),
    /// A visit.
    VisitId(ID),
}

/// The announcement of an upload.
#[derive(Clone, Debug, InputObject)]
pub struct CreateUploadInput {
    /// The name of the file, at most 200 characters, with the ending of its type.
    pub file_name: String,
    /// Its media type: PDF, OFD, Word, Excel, `PowerPoint`, JPEG, PNG, WebP or HEIC.
    pub media_type: String,
    /// Its bytes.
    pub byte_size: i32,
    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// What it is to hang on.
    pub target: AttachmentTargetInput,
}

/// The confirmation of an upload, once its bytes are sent.
#[derive(Clone, Debug, InputObject)]
pub struct ConfirmUploadInput {
    /// The attachment.
    pub id: ID,
}

/// The removal of an attachment, also of an upload that is not to be.
#[derive(Clone, Debug, InputObject)]
pub struct RemoveAttachmentInput {
    /// The attachment.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}
