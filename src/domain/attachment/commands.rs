//! Changes of attachments: announced, confirmed, removed. The bytes come and go by `transfer`.

use entity::attachment::{ActiveModel, AttachmentStatus, Entity, Model};
use entity::{enterprise_issue, service_visit};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::queries::{SHAPE, count};
use super::{
    AttachmentTargetInput, ConfirmUploadInput, CreateUploadInput, RemoveAttachmentInput, policy,
};
use crate::domain::input::{
    expect_version, forbidden, invalid_state, line, not_found, number, role_may, row_id,
};
use crate::domain::issue::commands::facts;
use crate::domain::issue::lifecycle::TERMINAL;
use crate::domain::issue::queries::SHAPE as ISSUE;
use crate::domain::visit::queries::SHAPE as VISIT;
use crate::files::Format;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Announces an upload: what it will be, and what it is to hang on.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE` for what it is,
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE` and `LIMIT_EXCEEDED` for what it is to hang on.
pub async fn create(deps: Deps, actor: Actor, input: CreateUploadInput) -> Result<Uuid> {
    role_may(policy::may_ever_attach(&actor.viewer))?;
    let limits = *deps.files.limits();
    let mut faults = Faults::default();
    let file_name = line(&mut faults, "fileName", &input.file_name, 200);
    let format = Format::of(input.media_type.trim());
    match format {
        None => faults.add(UserError::at(Code::Invalid, "mediaType").saying(
            "不支持的文件类型；支持 PDF、OFD、Word、Excel、PowerPoint、JPEG、PNG、WebP、HEIC",
            "Not a type that is taken: PDF, OFD, Word, Excel, PowerPoint, JPEG, PNG, WebP, HEIC.",
        )),
        Some(format) if !format.names(&file_name) || file_name.contains(['/', '\\']) => {
            faults.add(UserError::at(Code::Invalid, "fileName").saying(
                "文件名须以该类型的扩展名结尾，且不含 / 与 \\",
                "The name ends as its type does, and holds no / and no \\.",
            ));
        }
        Some(_) => {}
    }
    let byte_size = number(&mut faults, "byteSize", input.byte_size, 1, limits.bytes);
    let sha256 = input.sha256.trim().to_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        faults.add(UserError::at(Code::Invalid, "sha256").saying(
            "须为 64 位十六进制 SHA-256",
            "A SHA-256, 64 hexadecimal digits.",
        ));
    }

    let mut work = Work::begin(&deps, &actor, "createUpload").await?;
    let (issue_id, visit_id) = match &input.target {
        AttachmentTargetInput::IssueId(id) => (Some(row_id(Kind::Issue, id)), None),
        AttachmentTargetInput::VisitId(id) => (None, Some(row_id(Kind::Visit, id))),
    };
    check_target(&work, &actor, issue_id, visit_id)
        .await
        .map_err(|error| error.under(&["target"]))?;
    // What cannot be attached to is told first: the rest is about the file alone.
    faults.check()?;
    if count(work.tx(), issue_id, visit_id).await? >= limits.per_target {
        let most = limits.per_target;
        let error = UserError::at(Code::LimitExceeded, "target")
            .saying(
                format!("附件最多 {most} 个"),
                format!("At most {most} attachments."),
            )
            .with("max", most);
        return Err(Error::user(error));
    }
    let (id, now) = (work.new_id(), work.now());
    let row = ActiveModel {
        id: Set(id),
        district_id: Set(work.district_id()),
        issue_id: Set(issue_id),
        visit_id: Set(visit_id),
        file_name: Set(file_name),
        media_type: Set(format.map_or("", |format| format.media_type).to_owned()),
        byte_size: Set(byte_size),
        sha256: Set(sha256),
        status: Set(AttachmentStatus::Pending),
        uploaded_by_id: Set(actor.viewer.user_id),
        expires_at: Set(Some(now + limits.upload)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let event = Event::new(Kind::Attachment, id, "attachment.announced");
    work.add(event, row).await?;
    work.commit(Kind::Attachment, id).await?;
    Ok(id)
}

/// Refuses what the viewer may not attach to, and what is over.
async fn check_target(
    work: &Work,
    actor: &Actor,
    issue_id: Option<Uuid>,
    visit_id: Option<Uuid>,
) -> Result<()> {
    let viewer = &actor.viewer;
    if let Some(id) = issue_id {
        let found = work.visible::<enterprise_issue::Entity>(&ISSUE, id).await?;
        let issue = found.ok_or_else(|| not_found("issueId"))?;
        let facts = facts(work, viewer, &issue).await?;
        // Who may not read a confidential text adds nothing to it.
        let reads = crate::domain::issue::policy::may_read_body(
            viewer,
            issue.enterprise_id,
            issue.is_confidential,
            facts.handles || facts.helps,
        );
        if !reads || !policy::may_attach_to_issue(viewer, &facts) {
            return Err(Error::user(UserError::at(Code::Forbidden, "issueId")));
        }
        if TERMINAL.contains(&issue.state) {
            let error = UserError::at(Code::InvalidState, "issueId");
            return Err(Error::user(error.with("state", issue.state.to_value())));
        }
    }
    if let Some(id) = visit_id {
        let found = work.visible::<service_visit::Entity>(&VISIT, id).await?;
        let visit = found.ok_or_else(|| not_found("visitId"))?;
        if !policy::may_attach_to_visit(viewer, visit.enterprise_id, visit.officer_id) {
            return Err(Error::user(UserError::at(Code::Forbidden, "visitId")));
        }
    }
    Ok(())
}

/// What is wrong with the target of an upload is wrong with the upload.
fn of_the_upload(error: Error, id: Uuid) -> Error {
    let Error::User { mut errors, .. } = error else {
        return error;
    };
    for error in &mut errors {
        error.path.clear();
    }
    Error::User {
        errors,
        current: Some(id),
    }
}

/// The event of a change of what hangs on an issue or a visit.
fn event(row: &Model, on_issue: &'static str, on_visit: &'static str) -> Event {
    match (row.issue_id, row.visit_id) {
        (Some(issue), _) => Event::new(Kind::Issue, issue, on_issue),
        (None, Some(visit)) => Event::new(Kind::Visit, visit, on_visit),
        (None, None) => Event::new(Kind::Attachment, row.id, "attachment.changed"),
    }
}

/// Confirms an upload: from now on it is read with what it hangs on.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `INVALID_STATE` before its bytes are there and once it is
/// confirmed, and for what it hangs on as `create`.
pub async fn confirm(deps: Deps, actor: Actor, input: ConfirmUploadInput) -> Result<Uuid> {
    role_may(policy::may_ever_attach(&actor.viewer))?;
    let id = row_id(Kind::Attachment, &input.id);
    let mut work = Work::begin(&deps, &actor, "confirmUpload").await?;
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let before = found.ok_or_else(|| not_found("id"))?;
    let is_late = before.expires_at.is_some_and(|end| end <= work.now());
    if before.status != AttachmentStatus::Received || is_late {
        return Err(invalid_state(id, before.status.to_value()));
    }
    check_target(&work, &actor, before.issue_id, before.visit_id)
        .await
        .map_err(|error| of_the_upload(error, id))?;
    let row = ActiveModel {
        id: Set(id),
        status: Set(AttachmentStatus::Attached),
        expires_at: Set(None),
        version: Set(before.version + 1),
        updated_at: Set(work.now()),
        ..<ActiveModel as Default>::default()
    };
    let event = event(&before, "issue.attached", "visit.attached");
    let taken = || UserError::at(Code::Taken, "id");
    work.update(event, &before, row, taken).await?;
    work.commit(Kind::Attachment, id).await?;
    Ok(id)
}

/// Removes an attachment, its bytes too.
///
/// # Errors
/// `Forbidden`; user errors `NOT_FOUND`, `FORBIDDEN` for another's, `STALE_VERSION`.
pub async fn remove(deps: Deps, actor: Actor, input: RemoveAttachmentInput) -> Result<Uuid> {
    role_may(policy::may_ever_attach(&actor.viewer))?;
    let id = row_id(Kind::Attachment, &input.id);
    let mut work = Work::begin(&deps, &actor, "removeAttachment").await?;
    let found = work.visible::<Entity>(&SHAPE, id).await?;
    let before = found.ok_or_else(|| not_found("id"))?;
    if !policy::may_remove(&actor.viewer, before.uploaded_by_id) {
        return Err(forbidden(id));
    }
    expect_version(id, before.version, input.expected_version)?;
    let event = event(
        &before,
        "issue.attachment_removed",
        "visit.attachment_removed",
    );
    work.remove::<Model, ActiveModel>(event, before).await?;
    work.commit(Kind::Attachment, id).await?;
    // The row is gone for good; bytes that stay behind are swept.
    if let Err(error) = deps.files.remove(id).await {
        tracing::warn!(%error, "the bytes of an attachment stay until the next sweep");
    }
    Ok(id)
}
