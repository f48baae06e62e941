//! How an issue comes to be: its row and its first step.

use entity::enterprise_issue::{
    Column, Entity, IssueChannel, IssueNature, IssueState, IssueVisibility, Model,
};
use entity::issue_transition::TransitionKind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::{CreateIssueInput, policy, queries};
use super::footing::{self, Footing, Ground};
use super::{event, first_step, grouped};
use crate::domain::contact::{commands as contacts, details, details::Details};
use crate::domain::input::{block, line, not_found, role_may, row_id, tags};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::ledger::Ledger;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// The most tags of an issue.
pub(in crate::domain::issue) const MOST_TAGS: usize = 10;

/// How the audit names it.
pub(super) const ACTION: &str = "createIssue";

/// An issue to be written.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) body: String,
    pub(super) nature: IssueNature,
    pub(super) channel: IssueChannel,
    pub(super) visibility: Option<IssueVisibility>,
    pub(super) is_confidential: bool,
    pub(super) is_on_behalf: bool,
    pub(super) visit_id: Option<Uuid>,
    pub(super) follow_up_of_id: Option<Uuid>,
    pub(super) reporter_id: Option<Uuid>,
    pub(super) tags: serde_json::Value,
}

/// Writes a draft.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID`, `NOT_FOUND`, `FORBIDDEN` for an
/// enterprise that is not the viewer's to write for, `INVALID_STATE` for a deactivated
/// enterprise, a category out of use, or an earlier issue that is not archived.
pub async fn create(deps: Deps, actor: Actor, input: CreateIssueInput) -> Result<Uuid> {
    let viewer = &actor.viewer;
    role_may(policy::may_ever_create(viewer))?;
    let mut faults = Faults::default();
    let title = line(&mut faults, "title", &input.title, 200);
    let body = block(&mut faults, "body", &input.body, 5000);
    let contact = details::read_under(&mut faults, "contact", input.contact.as_ref());
    let tags = tags(&mut faults, "tags", &input.tags, MOST_TAGS);
    let own = viewer.seat().map(|seat| seat.enterprise_id);
    let named = input.enterprise_id.as_ref();
    let enterprise_id = named.map(|id| row_id(Kind::Enterprise, id)).or(own);
    if enterprise_id.is_none() {
        faults.add(UserError::at(Code::Required, "enterpriseId"));
    }
    let usual = if own.is_some() {
        IssueChannel::Web
    } else {
        IssueChannel::Phone
    };
    let channel = input.channel.unwrap_or(usual);
    if matches!(channel, IssueChannel::Visit | IssueChannel::Client) {
        faults.add(UserError::at(Code::Invalid, "channel").saying(
            "走访诉求请使用 raiseIssueFromVisit；CLIENT 仅限其他系统",
            "VISIT comes by raiseIssueFromVisit, CLIENT from other systems.",
        ));
    }
    faults.check()?;

    let enterprise_id = enterprise_id.unwrap_or(Uuid::nil());
    let ground = Ground {
        enterprise_id,
        field: "enterpriseId",
        may: policy::may_create(viewer, enterprise_id),
        category_id: row_id(Kind::Category, &input.category_id),
    };
    let earlier = input.follow_up_of_id.as_ref();
    let draft = Draft {
        title,
        body,
        nature: input.nature,
        channel,
        visibility: input.visibility,
        is_confidential: input.is_confidential,
        is_on_behalf: own.is_none(),
        visit_id: None,
        follow_up_of_id: earlier.map(|id| row_id(Kind::Issue, id)),
        reporter_id: Some(viewer.user_id),
        tags: tags.into(),
    };
    if contact.is_none()
        && draft.follow_up_of_id.is_none()
        && let Some(id) = grouped::create(&deps, &actor, &ground, &draft).await?
    {
        return Ok(id);
    }

    // Boxed: what is written with others has no room for it.
    Box::pin(by_steps(&deps, &actor, &ground, draft, contact)).await
}

/// The usual way: step by step.
async fn by_steps(
    deps: &Deps,
    actor: &Actor,
    ground: &Ground,
    draft: Draft,
    contact: Option<Details>,
) -> Result<Uuid> {
    let mut work = Work::begin(deps, actor, ACTION).await?;
    let (footing, line) = footing::take(&work, ground).await?;
    if let Some(earlier) = draft.follow_up_of_id {
        check_earlier(&work, ground.enterprise_id, earlier).await?;
    }
    let issue = write(&mut work, &footing, draft)?;
    if let Some(contact) = contact {
        work.settle().await?;
        let created = event(issue.id, TransitionKind::Create);
        contacts::replace(&mut work, created, &issue, contact).await?;
    }
    work.commit(Kind::Issue, issue.id).await?;
    drop(line);
    Ok(issue.id)
}

/// The row of a draft, and the step that tells of it: both are written at the end, unless the
/// action settles them before.
pub(super) fn write(ledger: &mut Ledger, footing: &Footing, draft: Draft) -> Result<Model> {
    let issue = row(ledger, footing, draft);
    ledger.add_last::<Entity>(event(issue.id, TransitionKind::Create), issue.clone())?;
    first_step(ledger, &issue)?;
    Ok(issue)
}

/// The row of a draft.
pub(super) fn row(ledger: &Ledger, footing: &Footing, draft: Draft) -> Model {
    let is_official = draft.is_confidential
        || matches!(draft.nature, IssueNature::Complaint | IssueNature::Report);
    let visibility = if is_official {
        IssueVisibility::Official
    } else {
        draft.visibility.unwrap_or(IssueVisibility::Pairing)
    };
    let now = ledger.now();
    Model {
        id: ledger.new_id(),
        district_id: ledger.district_id(),
        number: footing.number.clone(),
        enterprise_id: footing.enterprise_id,
        reporter_id: draft.reporter_id,
        is_on_behalf: draft.is_on_behalf,
        channel: draft.channel,
        nature: draft.nature,
        category_id: footing.category_id,
        urgency: None,
        complexity: None,
        visibility,
        is_confidential: draft.is_confidential,
        title: draft.title,
        body: draft.body,
        state: IssueState::Draft,
        resume_state: None,
        outcome: None,
        first_handler_id: None,
        lead_department_id: None,
        officer_id: footing.officer_id,
        visit_id: draft.visit_id,
        merged_into_id: None,
        follow_up_of_id: draft.follow_up_of_id,
        merge_consent: None,
        cluster_id: None,
        external_ref: None,
        escalation_level: 0,
        reopen_count: 0,
        rework_count: 0,
        return_count: 0,
        extension_count: 0,
        is_closed_unrated: false,
        submitted_at: None,
        accepted_at: None,
        assigned_at: None,
        handling_started_at: None,
        responded_at: None,
        closed_at: None,
        due_at: None,
        warn_at: None,
        review_at: None,
        lapses_at: None,
        reminds_at: None,
        tags: draft.tags,
        is_open_for_help: false,
        help_wanted: None,
        help_opened_at: None,
        help_due_at: None,
        help_shown_before: None,
        is_synthetic: false,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Only what is archived is followed up: anything else is still to be reopened. It stays archived,
/// so it is not held.
async fn check_earlier(work: &Work, enterprise: Uuid, id: Uuid) -> Result<()> {
    let found = Entity::find()
        .filter(Column::Id.eq(id))
        .filter(work.visibility(&queries::SHAPE))
        .all(work.tx())
        .await?;
    let earlier = found
        .into_iter()
        .next()
        .filter(|issue| issue.enterprise_id == enterprise)
        .ok_or_else(|| not_found("followUpOfId"))?;
    if earlier.state == IssueState::Archived {
        return Ok(());
    }
    let error = UserError::at(Code::InvalidState, "followUpOfId").saying(
        "仅能跟进已归档的诉求",
        "Only an archived issue can be followed up.",
    );
    Err(Error::user(error))
}
