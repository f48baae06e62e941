//! What a visit brings home: an issue written for the enterprise and submitted at once.

use entity::enterprise_issue::{ActiveModel, IssueChannel};
use entity::issue_transition::TransitionKind;
use entity::service_visit::{self, VisitStatus};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::super::{RaiseIssueFromVisitInput, policy};
use super::create::{Draft, MOST_TAGS, write};
use super::footing::{self, Ground};
use super::{Words, event, step};
use crate::domain::contact::{commands as contacts, details};
use crate::domain::input::{block, line, not_found, role_may, row_id, tags};
use crate::domain::visit::queries::SHAPE as VISIT;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// Raises an issue from a visit that was held.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `NOT_FOUND`, `FORBIDDEN` for an
/// officer and another's visit, `INVALID_STATE` for a visit that was not held, a deactivated
/// enterprise or a category out of use.
pub async fn raise(deps: Deps, actor: Actor, input: RaiseIssueFromVisitInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_raise(viewer))?;
    let mut faults = Faults::default();
    let title = line(&mut faults, "title", &input.title, 200);
    let body = block(&mut faults, "body", &input.body, 5000);
    let contact = details::read_under(&mut faults, "contact", input.contact.as_ref());
    let tags = tags(&mut faults, "tags", &input.tags, MOST_TAGS);
    faults.check()?;

    let mut work = Work::begin(&deps, &actor, "raiseIssueFromVisit").await?;
    let id = row_id(Kind::Visit, &input.visit_id);
    let found = work.visible::<service_visit::Entity>(&VISIT, id).await?;
    let visit = found.ok_or_else(|| not_found("visitId"))?;
    if !policy::may_raise(viewer, visit.officer_id) {
        return Err(Error::user(UserError::at(Code::Forbidden, "visitId")));
    }
    if visit.status != VisitStatus::Done {
        let error = UserError::at(Code::InvalidState, "visitId")
            .saying("走访尚未完成", "The visit has not been held.")
            .with("state", visit.status.to_value());
        return Err(Error::user(error));
    }
    let ground = Ground {
        enterprise_id: visit.enterprise_id,
        field: "visitId",
        may: true,
        category_id: row_id(Kind::Category, &input.category_id),
    };
    let (footing, line) = footing::take(&work, &ground).await?;
    let draft = Draft {
        title,
        body,
        nature: input.nature,
        channel: IssueChannel::Visit,
        visibility: input.visibility,
        is_confidential: input.is_confidential,
        is_on_behalf: true,
        visit_id: Some(visit.id),
        follow_up_of_id: None,
        reporter_id: work.user_id(),
        tags: tags.into(),
    };
    let issue = write(&mut work, &footing, draft)?;
    work.settle().await?;
    let change = ActiveModel {
        submitted_at: Set(Some(work.now())),
        ..<ActiveModel as Default>::default()
    };
    let (kind, words) = (TransitionKind::Submit, Words::default());
    contacts::settle(&mut work, event(issue.id, kind), &issue, contact)
        .await
        .map_err(Error::without_entity)?;
    step(&mut work, &issue, kind, words, change).await?;
    work.commit(Kind::Issue, issue.id).await?;
    drop(line);
    Ok(issue.id)
}
