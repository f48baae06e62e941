//! The rows of the issues, and what belongs to them.

use chrono::{DateTime, Duration, Utc};
use entity::enterprise_issue::{
    self, IssueChannel, IssueComplexity, IssueNature, IssueOutcome, IssueState, IssueUrgency,
    IssueVisibility,
};
use entity::issue_clock::{self, ClockKind};
use entity::issue_progress::{self, ProgressKind};
use entity::issue_supervision::{self, SupervisionKind};
use entity::issue_transition::{self, RejectReason, TransitionKind, WithdrawReason};
use entity::{issue_co_department, issue_rating};
use honglian::kernel::id::Kind;
use uuid::Uuid;

use super::rules;
use super::world::Builder;
use crate::support::database::cast;

/// An issue: its case, enterprise and officer, who it is shown to, and what is special of it.
type Line = (
    &'static str,
    &'static str,
    &'static str,
    IssueVisibility,
    &'static str,
);

#[rustfmt::skip]
const ISSUES: &[Line] = &[
    ("alliance's",          "alliance's",  "alliance's", IssueVisibility::Pairing,  ""),
    ("foreign",             "foreign",     "foreign",    IssueVisibility::Pairing,  ""),
    ("member's",            "member's",    "member's",   IssueVisibility::Pairing,  "merged"),
    ("member's official",   "member's",    "member's",   IssueVisibility::Official, ""),
    ("member's alliance",   "member's",    "member's",   IssueVisibility::Alliance, "merged"),
    ("lead's",              "lead's",      "lead's",     IssueVisibility::Pairing,  ""),
    ("partner's alliance",  "partner's",   "partner's",  IssueVisibility::Alliance, "merged"),
    ("outsider's alliance", "outsider's",  "outsider's", IssueVisibility::Alliance, ""),
    ("left lead's",         "left lead's", "alliance's", IssueVisibility::Pairing,  ""),
    ("by department",       "alliance's",  "alliance's", IssueVisibility::Official, "led"),
    ("helped",              "alliance's",  "alliance's", IssueVisibility::Official, ""),
    ("confidential, led",   "alliance's",  "alliance's", IssueVisibility::Official, "led confidential"),
    ("served",              "member's",    "lead's",     IssueVisibility::Official, ""),
    ("confidential",        "member's",    "lead's",     IssueVisibility::Official, "confidential"),
    ("member's draft",      "member's",    "member's",   IssueVisibility::Alliance, "draft"),
    ("lead's draft",        "lead's",      "lead's",     IssueVisibility::Alliance, "draft"),
    ("draft on behalf",     "member's",    "member's",   IssueVisibility::Alliance, "draft behalf"),
];

/// The user whose an issue of a firm is.
fn user(firm: &str) -> Uuid {
    let cast = cast();
    match firm {
        "member's" => cast.member.user_id,
        "lead's" => cast.lead.user_id,
        "partner's" => cast.partner.user_id,
        "outsider's" => cast.outsider.user_id,
        "foreign" => cast.other_district_operator.user_id,
        _ => cast.operator.user_id,
    }
}

/// The cases of what belongs to an issue, by their names.
fn of_issue(object: &str, case: &str) -> Vec<&'static str> {
    let rows = rules::of(object).unwrap().rows.iter();
    rows.map(|(name, _)| *name)
        .filter(|name| name.strip_suffix(", internal").unwrap_or(name) == case)
        .collect()
}

impl Builder<'_> {
    /// Issues with what belongs to them.
    pub(super) async fn issues(&mut self) {
        for (place, line) in (1..).zip(ISSUES) {
            // Later than all of the Liwan data.
            let at = self.rows.districts[0].created_at + Duration::days(10_000 + place);
            self.issue(line, at).await;
            self.belongings(line, at).await;
        }
    }

    async fn issue(&mut self, line: &Line, at: DateTime<Utc>) {
        let (case, firm, officer, visibility, special) = *line;
        let is = |what: &str| special.split(' ').any(|word| word == what);
        let side = if firm == "foreign" { "foreign" } else { "own" };
        let office = if is("led") { "officer's" } else { side };
        let earlier = |is_there: bool, case| {
            is_there.then(|| self.world.row("EnterpriseIssue", Kind::Issue, case))
        };
        let is_first = ["alliance's", "foreign"].contains(&case);
        let visit = match firm {
            "left lead's" => "alliance's",
            known => known,
        };
        let handler = if side == "foreign" {
            cast().other_district_operator.user_id
        } else {
            cast().operator.user_id
        };
        let row = enterprise_issue::Model {
            district_id: self.district(firm),
            number: format!("MX-2020-{:06}", at.timestamp() / 86_400),
            enterprise_id: self.firms[firm],
            reporter_id: Some(user(firm)),
            is_on_behalf: is("behalf"),
            channel: IssueChannel::Web,
            nature: IssueNature::Help,
            category_id: self.world.row("IssueCategory", Kind::Category, side),
            urgency: Some(IssueUrgency::Urgent),
            complexity: Some(IssueComplexity::Complex),
            visibility: if is("confidential") {
                IssueVisibility::Official
            } else {
                visibility
            },
            is_confidential: is("confidential"),
            title: format!("矩阵诉求 {case}"),
            body: format!("矩阵诉求的内容 {case}"),
            state: if is("draft") {
                IssueState::Draft
            } else if is("merged") {
                IssueState::Merged
            } else {
                IssueState::NeedsInfo
            },
            resume_state: Some(IssueState::Submitted),
            outcome: Some(IssueOutcome::Explained),
            first_handler_id: Some(handler),
            lead_department_id: Some(self.office(office)),
            officer_id: Some(self.officer(officer)),
            // What an enterprise drafts comes from no visit.
            visit_id: (!is("draft") || is("behalf"))
                .then(|| self.world.row("ServiceVisit", Kind::Visit, visit)),
            merged_into_id: earlier(is("merged"), "alliance's"),
            follow_up_of_id: earlier(!is_first && side == "own", "alliance's"),
            external_ref: Some(format!("外部 {case}")),
            submitted_at: (!is("draft")).then_some(at),
            accepted_at: Some(at),
            assigned_at: Some(at),
            handling_started_at: Some(at),
            responded_at: Some(at),
            closed_at: Some(at),
            due_at: Some(at),
            created_at: at,
            updated_at: at,
            id: Uuid::nil(),
            ..self.rows.issues[0].clone()
        };
        let id = self.new_id();
        self.insert(enterprise_issue::Model { id, ..row }).await;
        self.world.name("EnterpriseIssue", Kind::Issue, case, id);
    }

    async fn belongings(&mut self, line: &Line, at: DateTime<Utc>) {
        let (case, firm, ..) = *line;
        let issue_id = self.world.row("EnterpriseIssue", Kind::Issue, case);
        let (district_id, by) = (self.district(firm), Some(user(firm)));
        for name in of_issue("IssueCoDepartment", case) {
            let id = self.new_id();
            let office = match case {
                "helped" => "officer's",
                "foreign" => "foreign",
                _ => "own",
            };
            self.insert(issue_co_department::Model {
                id,
                district_id,
                issue_id,
                department_id: self.office(office),
                created_at: at,
            })
            .await;
            self.world
                .name("IssueCoDepartment", Kind::CoDepartment, name, id);
        }
        for name in of_issue("IssueTransition", case) {
            let id = self.new_id();
            let kind = match case {
                "member's" => TransitionKind::Assign,
                "member's official" => TransitionKind::Withdraw,
                "served" => TransitionKind::Reject,
                _ => TransitionKind::Submit,
            };
            self.insert(issue_transition::Model {
                id,
                district_id,
                issue_id,
                seq: 1,
                kind,
                from_state: Some(IssueState::Draft),
                to_state: IssueState::Submitted,
                actor_id: by,
                reject_reason: (kind == TransitionKind::Reject)
                    .then_some(RejectReason::PetitionChannel),
                withdraw_reason: (kind == TransitionKind::Withdraw)
                    .then_some(WithdrawReason::Other),
                note: Some(format!("说明 {case}")),
                created_at: at,
            })
            .await;
            self.world
                .name("IssueTransition", Kind::Transition, name, id);
        }
        for (seq, name) in (1..).zip(of_issue("IssueProgress", case)) {
            let id = self.new_id();
            self.insert(issue_progress::Model {
                id,
                district_id,
                issue_id,
                seq,
                kind: ProgressKind::Response,
                body: format!("答复 {name}"),
                is_internal: name.ends_with(", internal"),
                outcome: Some(IssueOutcome::Explained),
                author_id: by,
                created_at: at,
            })
            .await;
            self.world.name("IssueProgress", Kind::Progress, name, id);
        }
        for name in of_issue("IssueClock", case) {
            let id = self.new_id();
            // One stands still, the others have ended.
            let paused_at = (case == "member's").then_some(at);
            let ended_at = (case != "member's").then_some(at);
            self.insert(issue_clock::Model {
                id,
                district_id,
                issue_id,
                kind: ClockKind::Resolve,
                round: 1,
                limit_days: 5,
                limit_seconds: 153_000,
                spent_seconds: 600,
                started_at: at,
                running_since: None,
                paused_at,
                warn_at: at,
                due_at: at,
                is_provisional: false,
                ended_at,
                met_at: ended_at,
                updated_at: at,
            })
            .await;
            self.world.name("IssueClock", Kind::Clock, name, id);
        }
        for name in of_issue("IssueSupervision", case) {
            let id = self.new_id();
            let side = if firm == "foreign" { "foreign" } else { "own" };
            let officer = match case {
                "foreign" => "foreign",
                _ => "alliance's",
            };
            let of_clock = of_issue("IssueClock", case).first().copied();
            let clock = of_clock.map(|case| self.world.row("IssueClock", Kind::Clock, case));
            self.insert(issue_supervision::Model {
                id,
                district_id,
                issue_id,
                clock_id: clock,
                clock: clock.map(|_| ClockKind::Resolve),
                kind: SupervisionKind::Meeting,
                level: 4,
                demand: Some(format!("督办 {case}")),
                department_id: Some(self.office(side)),
                officer_id: Some(self.officer(officer)),
                issued_by_id: Some(match side {
                    "foreign" => cast().other_district_operator.user_id,
                    _ => cast().operator.user_id,
                }),
                meeting_id: Some(self.world.row("JointMeeting", Kind::Meeting, side)),
                conclusion: Some(format!("结论 {case}")),
                concluded_at: Some(at),
                created_at: at,
            })
            .await;
            self.world
                .name("IssueSupervision", Kind::Supervision, name, id);
        }
        for name in of_issue("IssueRating", case) {
            let id = self.new_id();
            self.insert(issue_rating::Model {
                id,
                district_id,
                issue_id,
                round: 1,
                stars: 2,
                is_resolved: false,
                comment: Some(format!("评价 {case}")),
                rated_by_id: by,
                created_at: at,
            })
            .await;
            self.world.name("IssueRating", Kind::Rating, name, id);
        }
    }
}
