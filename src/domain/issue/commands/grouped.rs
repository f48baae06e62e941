//! New issues in groups, on `PostgreSQL`: those of a district that come at the same time are written
//! by one transaction, which finds what each rests on, holds of it what may change, draws their
//! numbers in one go, and waits for nobody who holds an enterprise: the usual way does.

use entity::enterprise_issue::{Column, Entity};
use entity::issue_transition::{self, TransitionKind};
use serde::Serialize;
use uuid::Uuid;

use super::create::{self, Draft};
use super::footing::{self, Footing, Ground};
use super::{creation, event};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::ledger::Ledger;
use crate::store::{Actor, Deps, group};

/// What a new issue rests on. The function reads the issue and its first step from the changes of the
/// audit entry, where they stand in this order.
#[derive(Serialize)]
struct RestsOn {
    enterprise_id: Uuid,
    category_id: Uuid,
    reporter_id: Option<Uuid>,
    year: i32,
}

/// Writes a draft; none where that takes a closer look, which also tells what is wrong with it. Who
/// may write for an enterprise of their district sees it.
///
/// # Errors
/// When the database fails.
pub(super) async fn create(
    deps: &Deps,
    actor: &Actor,
    ground: &Ground,
    draft: &Draft,
) -> Result<Option<Uuid>> {
    if !deps.db.writes_in_groups() || !ground.may {
        return Ok(None);
    }
    let mut ledger = Ledger::of(deps, actor, create::ACTION);
    // Number and officer are found when the enterprise is held.
    let footing = Footing {
        number: String::new(),
        enterprise_id: ground.enterprise_id,
        officer_id: None,
        category_id: ground.category_id,
    };
    let issue = create::row(&ledger, &footing, draft.clone());
    let created = event(issue.id, TransitionKind::Create);
    ledger.record_new::<Entity>(created, &issue, &[Column::Number, Column::OfficerId])?;
    let step = creation(&ledger, &issue);
    ledger.record_new::<issue_transition::Entity>(created, &step, &[])?;
    let rests_on = RestsOn {
        enterprise_id: ground.enterprise_id,
        category_id: ground.category_id,
        reporter_id: draft.reporter_id,
        year: footing::year(ledger.now()),
    };
    let is_written =
        group::write("create_issues", ledger, &rests_on, Kind::Issue, issue.id).await?;
    Ok(is_written.then_some(issue.id))
}
