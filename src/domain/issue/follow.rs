//! Issues follow the officer of their enterprise: whoever serves it now is in charge of what is
//! not at its end. What is at its end keeps the officer it ended with.

use entity::enterprise_issue::{ActiveModel, Column, Entity, IssueState};
use sea_orm::ActiveValue::Set;
use sea_orm::QueryOrder;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::lifecycle::TERMINAL;
use crate::kernel::error::{Code, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::dialect::{col, in_ids};
use crate::store::work::{Event, ForChange, Work};

/// Gives the issues of these enterprises to the officer who serves them now, or to none. Called
/// in the transaction that changes the assignment, with the enterprises locked. A closed issue
/// can come back, so it follows too; but it keeps its officer until there is another.
///
/// # Errors
/// When the database fails.
pub async fn officer_changed(
    work: &mut Work,
    enterprises: &[Uuid],
    officer: Option<Uuid>,
) -> Result<()> {
    let mut staying = TERMINAL.to_vec();
    if officer.is_none() {
        staying.push(IssueState::Closed);
    }
    let backend = work.tx().get_database_backend();
    let issues = Entity::find()
        .filter(in_ids(
            backend,
            col("enterprise_issue", "enterprise_id"),
            enterprises,
        ))
        .filter(Column::State.is_not_in(staying.iter().map(ActiveEnum::to_value)))
        .order_by_asc(Column::Id)
        .for_change()
        .all(work.tx())
        .await?;
    for issue in issues.iter().filter(|issue| issue.officer_id != officer) {
        let row = ActiveModel {
            id: Set(issue.id),
            officer_id: Set(officer),
            version: Set(issue.version + 1),
            updated_at: Set(work.now()),
            ..<ActiveModel as Default>::default()
        };
        let event = Event::new(Kind::Issue, issue.id, "issue.officer_changed");
        work.update(event, issue, row, || UserError::at(Code::Taken, "id"))
            .await?;
    }
    Ok(())
}
