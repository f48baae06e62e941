//! Another urgency or complexity for an issue that was accepted: its clocks get the difference, and
//! what they have spent stays spent.

use entity::enterprise_issue::ActiveModel;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use super::super::clocks::Case;
use super::super::lifecycle::Action;
use super::super::{ReclassifyIssueInput, clocks, policy};
use super::{open, touch};
use crate::domain::input::{block, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// Changes how urgent and how complex an issue is. Why stands in the audit.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED`, `TOO_LONG`, `INVALID` for the reason, `INVALID` at the
/// complexity where nothing changes, `NOT_FOUND`, `INVALID_STATE` also before the acceptance,
/// `STALE_VERSION`.
pub async fn reclassify(deps: Deps, actor: Actor, input: ReclassifyIssueInput) -> Result<Uuid> {
    let (viewer, action) = (&actor.viewer, Action::Reclassify);
    role_may(policy::may_ever(viewer, action))?;
    let mut faults = Faults::default();
    let reason = block(&mut faults, "reason", &input.reason, 1000);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "reclassifyIssue").await?;
    let issue = open(&work, viewer, action, &input.id, input.expected_version).await?;
    let case = Case {
        nature: issue.nature,
        urgency: Some(input.urgency),
        complexity: Some(input.complexity),
    };
    if case == clocks::case_of(&issue) {
        let error = UserError::at(Code::Invalid, "complexity").saying(
            "紧急程度和复杂程度均未改变",
            "Neither the urgency nor the complexity is another one.",
        );
        return Err(Error::about(issue.id, error));
    }
    let event = Event::new(Kind::Issue, issue.id, "issue.reclassified");
    let dues = clocks::reclassify(&mut work, event, &issue, case).await?;
    let change = dues.on(ActiveModel {
        urgency: Set(case.urgency),
        complexity: Set(case.complexity),
        ..<ActiveModel as Default>::default()
    });
    touch(&mut work, event, &issue, change).await?;
    work.remark(json!({"reason": reason}));
    work.commit(Kind::Issue, issue.id).await?;
    Ok(issue.id)
}
