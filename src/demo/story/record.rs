//! Writes a told story: the issue, its steps, its entries and its ratings.

use entity::enterprise_issue::{self, IssueNature, IssueVisibility};
use entity::issue_progress;
use entity::issue_rating;
use entity::issue_transition::{self, TransitionKind as Kind};
use sea_orm::prelude::Uuid;

use super::Story;
use crate::demo::BuildError;
use crate::demo::rows::{Build, Table};
use crate::demo::taxonomy::District;
use crate::demo::texts::MARK;

impl Story<'_> {
    /// Writes the issue with all that belongs to it, its story begun at working minute `base`.
    /// The number is given when all issues are known.
    pub(in crate::demo) fn write(
        self,
        build: &mut Build,
        district: &District,
        base: i64,
    ) -> Result<Uuid, BuildError> {
        let mut issue = self.issue(build, district, base)?;
        let id = issue.id;
        self.time(build, district, &mut issue, base)?;
        self.called(build, (district.id, id), base)?;
        for (seq, step) in (1..).zip(self.steps) {
            let created_at = build.calendar.instant(base + step.t)?;
            let row = issue_transition::Model {
                id: build.id(Table::Transition, created_at)?,
                district_id: district.id,
                issue_id: id,
                seq,
                kind: step.kind,
                from_state: step.from,
                to_state: step.to,
                actor_id: step.actor,
                reject_reason: self.reject_reason.filter(|_| step.kind == Kind::Reject),
                withdraw_reason: self.withdraw_reason.filter(|_| step.kind == Kind::Withdraw),
                note: step.note,
                created_at,
            };
            build.rows.transitions.push(row);
        }
        for (seq, entry) in (1..).zip(self.entries) {
            let created_at = build.calendar.instant(base + entry.t)?;
            let row = issue_progress::Model {
                id: build.id(Table::Progress, created_at)?,
                district_id: district.id,
                issue_id: id,
                seq,
                kind: entry.kind,
                body: entry.body,
                is_internal: entry.is_internal,
                outcome: entry.outcome,
                purpose: entry.purpose,
                next_reply_on: None,
                author_id: entry.author,
                created_at,
            };
            build.rows.progress.push(row);
        }
        for (round, rating) in (1..).zip(self.ratings) {
            let created_at = build.calendar.instant(base + rating.t)?;
            let row = issue_rating::Model {
                id: build.id(Table::Rating, created_at)?,
                district_id: district.id,
                issue_id: id,
                round,
                stars: rating.stars,
                is_resolved: rating.stars >= 3,
                comment: rating.comment.map(Into::into),
                rated_by_id: self.party.user,
                created_at,
            };
            build.rows.ratings.push(row);
        }
        build.rows.issues.push(issue);
        Ok(id)
    }

    fn issue(
        &self,
        build: &mut Build,
        district: &District,
        base: i64,
    ) -> Result<enterprise_issue::Model, BuildError> {
        let calendar = &build.calendar;
        let when = |t: Option<i64>| t.map(|t| calendar.instant(base + t)).transpose();
        let created_at = calendar.instant(base + self.begun())?;
        let last_entry = self.entries.last().map_or(0, |entry| entry.t);
        let last = calendar.instant(base + self.t.max(last_entry))?;
        let updated_at = self.cluster.map_or(last, |(_, seen)| seen.max(last));
        let submitted_at = when(self.times.submitted)?;
        let accepted_at = when(self.times.accepted)?;
        let assigned_at = when(self.times.assigned)?;
        let handling_started_at = when(self.times.started)?;
        let responded_at = when(self.times.responded)?;
        let closed_at = when(self.times.closed)?;
        let is_official = self.is_confidential
            || matches!(
                self.template.nature,
                IssueNature::Complaint | IssueNature::Report
            );
        let is_accepted = self.times.accepted.is_some();
        let lead = district.department(self.template.lead)?.0;
        Ok(enterprise_issue::Model {
            id: build.id(Table::Issue, created_at)?,
            district_id: district.id,
            number: String::new(),
            enterprise_id: self.party.firm.id,
            reporter_id: self.source.reporter,
            is_on_behalf: self.source.is_on_behalf,
            channel: self.source.channel,
            nature: self.template.nature,
            category_id: district.category(self.template.category)?,
            urgency: is_accepted.then_some(self.urgency),
            complexity: is_accepted.then_some(self.complexity),
            visibility: if is_official {
                IssueVisibility::Official
            } else {
                self.visibility
            },
            is_confidential: self.is_confidential,
            title: self.template.title.replace("{处}", self.place),
            body: format!("{}{MARK}", self.template.body.replace("{处}", self.place)),
            state: self.state.ok_or(BuildError::Missing("first step"))?,
            resume_state: self.resume,
            outcome: self.outcome,
            first_handler_id: self.first_handler(),
            lead_department_id: self.times.assigned.map(|_| lead),
            officer_id: Some(self.party.officer.id),
            visit_id: self.source.visit,
            merged_into_id: self.merged_into,
            follow_up_of_id: self.follow_up_of,
            merge_consent: None,
            cluster_id: self.cluster.map(|(id, _)| id),
            external_ref: self.external_ref.clone(),
            escalation_level: self.level,
            reopen_count: self.count(Kind::Reopen),
            rework_count: self.count(Kind::Rework),
            return_count: self.count(Kind::ReturnAssignment),
            extension_count: self.extensions,
            is_closed_unrated: self.is_unrated,
            submitted_at,
            accepted_at,
            assigned_at,
            handling_started_at,
            responded_at,
            closed_at,
            due_at: None,
            warn_at: None,
            review_at: None,
            lapses_at: None,
            tags: serde_json::json!([]),
            is_open_for_help: false,
            help_wanted: None,
            help_opened_at: None,
            help_due_at: None,
            help_shown_before: None,
            is_synthetic: true,
            version: i32::try_from(self.steps.len()).unwrap_or(1)
                + self.extensions
                + i32::from(self.cluster.is_some()),
            created_at,
            updated_at,
        })
    }
}
