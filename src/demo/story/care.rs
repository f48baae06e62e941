//! The requests for more time and the calls back of a told story.

use chrono::{DateTime, NaiveDate, Utc};
use entity::issue_callback::{self, CallbackReason, CallbackResult};
use entity::issue_extension::{self, ExtensionStatus};
use entity::issue_transition::TransitionKind as Kind;
use sea_orm::prelude::Uuid;

use super::Story;
use crate::demo::BuildError;
use crate::demo::rows::{Build, Table};
use crate::demo::texts::MARK;

/// Working minutes from a request to its decision.
const DECIDED_AFTER: i64 = 30;

impl Story<'_> {
    /// Writes the request that was granted at working minute `t`.
    pub(super) fn granted(
        &self,
        build: &mut Build,
        (district_id, issue_id): (Uuid, Uuid),
        (base, t): (i64, i64),
        (due_before, new_due_on): (Option<DateTime<Utc>>, NaiveDate),
    ) -> Result<(), BuildError> {
        let asked = build.calendar.instant(base + t - DECIDED_AFTER)?;
        let decided = build.calendar.instant(base + t)?;
        let row = issue_extension::Model {
            id: build.id(Table::Extension, asked)?,
            district_id,
            issue_id,
            status: ExtensionStatus::Approved,
            reason: format!("涉及多个部门会商，需延长办理时间。{MARK}"),
            due_before,
            new_due_on,
            requested_by_id: Some(self.handler()),
            decided_by_id: Some(self.approver),
            decision_note: None,
            decided_at: Some(decided),
            created_at: asked,
        };
        build.rows.extensions.push(row);
        Ok(())
    }

    /// Writes the calls back: after every rating that sent it back, and after a withdrawal that
    /// is checked.
    pub(super) fn called(
        &self,
        build: &mut Build,
        (district_id, issue_id): (Uuid, Uuid),
        base: i64,
    ) -> Result<(), BuildError> {
        let due = self.steps.iter().filter_map(|step| match step.kind {
            Kind::Rework => Some((step.t, CallbackReason::Dissatisfied)),
            Kind::Withdraw if self.is_checked => Some((step.t, CallbackReason::Withdrawn)),
            _ => None,
        });
        for ((t, reason), called) in due.zip(&self.called_back) {
            let (created_at, called_at) = (
                build.calendar.instant(base + t)?,
                build.calendar.instant(base + called)?,
            );
            let note = match reason {
                CallbackReason::Dissatisfied => "企业确认问题尚未解决，已督促重办。",
                CallbackReason::Withdrawn => "企业确认系自愿撤单。",
            };
            let row = issue_callback::Model {
                id: build.id(Table::Callback, created_at)?,
                district_id,
                issue_id,
                reason,
                result: Some(CallbackResult::Confirmed),
                note: Some(format!("{note}{MARK}")),
                called_by_id: Some(self.approver),
                called_at: Some(called_at),
                created_at,
            };
            build.rows.callbacks.push(row);
        }
        Ok(())
    }
}
