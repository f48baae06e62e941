//! How an issue comes to be: its number, its officer, its first step.

use chrono::Datelike;
use entity::enterprise_issue::{
    Entity, IssueChannel, IssueNature, IssueState, IssueVisibility, Model,
};
use entity::issue_transition::TransitionKind;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::super::{CreateIssueInput, policy, queries};
use super::{Words, event, tell};
use crate::domain::contact::{commands as contacts, details};
use crate::domain::enterprise::active;
use crate::domain::input::{block, line, not_found, role_may, row_id, tags};
use crate::domain::officer::queries::officer_in_sql;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::Work;
use crate::store::{Actor, Deps};

/// The most tags of an issue.
pub(in crate::domain::issue) const MOST_TAGS: usize = 10;

/// An issue to be written.
pub(super) struct Draft {
    pub(super) enterprise_id: Uuid,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) nature: IssueNature,
    pub(super) category_id: Uuid,
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

    let mut work = Work::begin(&deps, &actor, "createIssue").await?;
    let enterprise_id = enterprise_id.unwrap_or(Uuid::nil());
    let category_id = row_id(Kind::Category, &input.category_id);
    let may = policy::may_create(viewer, enterprise_id);
    active::lock(&work, enterprise_id, "enterpriseId", may).await?;
    let follow_up_of_id = input
        .follow_up_of_id
        .as_ref()
        .map(|id| row_id(Kind::Issue, id));
    if let Some(earlier) = follow_up_of_id {
        check_earlier(&work, enterprise_id, earlier).await?;
    }
    let draft = Draft {
        enterprise_id,
        title,
        body,
        nature: input.nature,
        category_id,
        channel,
        visibility: input.visibility,
        is_confidential: input.is_confidential,
        is_on_behalf: own.is_none(),
        visit_id: None,
        follow_up_of_id,
        reporter_id: work.user_id(),
        tags: tags.into(),
    };
    let issue = write(&mut work, draft).await?;
    if let Some(contact) = contact {
        work.settle().await?;
        let created = event(issue.id, TransitionKind::Create);
        contacts::replace(&mut work, created, &issue, contact).await?;
    }
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}

/// The row of a draft with its number, and the step that tells of it: both are written at the end,
/// unless the action settles them before.
pub(super) async fn write(work: &mut Work, draft: Draft) -> Result<Model> {
    let footing = footing(work, draft.enterprise_id, draft.category_id).await?;
    let is_official = draft.is_confidential
        || matches!(draft.nature, IssueNature::Complaint | IssueNature::Report);
    let visibility = if is_official {
        IssueVisibility::Official
    } else {
        draft.visibility.unwrap_or(IssueVisibility::Pairing)
    };
    let (id, now) = (work.new_id(), work.now());
    let is_active = footing.is_category_active;
    if !is_active.ok_or_else(|| not_found("categoryId"))? {
        let error = UserError::at(Code::InvalidState, "categoryId")
            .saying("该类别已停用", "The category is out of use.");
        return Err(Error::user(error));
    }
    let issue = Model {
        id,
        district_id: work.district_id(),
        number: footing.number,
        enterprise_id: draft.enterprise_id,
        reporter_id: draft.reporter_id,
        is_on_behalf: draft.is_on_behalf,
        channel: draft.channel,
        nature: draft.nature,
        category_id: draft.category_id,
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
        officer_id: footing.officer,
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
    };
    let kind = TransitionKind::Create;
    work.add_last::<Entity>(event(id, kind), issue.clone())?;
    tell(work, &issue, None, kind, Words::default()).await?;
    Ok(issue)
}

/// What a new issue rests on, beside its enterprise.
struct Footing {
    /// The next number of the district and the year.
    number: String,
    /// The officer who serves the enterprise.
    officer: Option<Uuid>,
    /// Whether the category is in use; none without such a category in the district.
    is_category_active: Option<bool>,
}

/// The counter's row is locked until the commit, so no number is given twice and none is lost by a
/// failure. Whoever locked the enterprise before reads the officer who serves it from then on.
async fn footing(work: &Work, enterprise: Uuid, category: Uuid) -> Result<Footing> {
    let year = business_date(work.now()).year();
    let sql = format!(
        "INSERT INTO issue_counter (id, district_id, year, last_number) \
         VALUES ($1, $2, $3, 1) ON CONFLICT (district_id, year) \
         DO UPDATE SET last_number = issue_counter.last_number + 1 RETURNING last_number, \
         (SELECT d.number_prefix FROM district d WHERE d.id = $2), {}, \
         (SELECT c.is_active FROM issue_category c WHERE c.id = $5 AND c.district_id = $2)",
        officer_in_sql("$4")
    );
    let (counter, district) = (work.new_id(), work.district_id());
    let values = [
        counter.into(),
        district.into(),
        year.into(),
        enterprise.into(),
        category.into(),
    ];
    let backend = work.tx().get_database_backend();
    let found = work
        .tx()
        .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?
        .ok_or_else(|| Error::Internal("the counter gave no number".to_owned()))?;
    let last: i32 = found.try_get_by_index(0)?;
    let prefix: String = found.try_get_by_index(1)?;
    Ok(Footing {
        number: format!("{prefix}-{year}-{last:06}"),
        officer: found.try_get_by_index(2)?,
        is_category_active: found.try_get_by_index(3)?,
    })
}

/// Only what is archived is followed up: anything else is still to be reopened.
async fn check_earlier(work: &Work, enterprise: Uuid, id: Uuid) -> Result<()> {
    let found = work.visible::<Entity>(&queries::SHAPE, id).await?;
    let earlier = found
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
