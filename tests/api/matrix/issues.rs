//! The rows of the issues, and what belongs to them.

use chrono::{DateTime, Duration, Utc};
use entity::attachment::{self, AttachmentStatus};
use entity::enterprise_issue::{
    self, IssueChannel, IssueComplexity, IssueNature, IssueOutcome, IssueState, IssueUrgency,
    IssueVisibility,
};
use entity::issue_appeal::{self, AppealStatus};
use entity::issue_callback::{self, CallbackReason, CallbackResult};
use entity::issue_clock::{self, ClockKind};
use entity::issue_cluster::{self, ClusterStatus};
use entity::issue_extension::{self, ExtensionStatus};
use entity::issue_progress::{self, ProgressKind, ProgressPurpose};
use entity::issue_supervision::{self, SupervisionKind};
use entity::issue_transition::{self, RejectReason, TransitionKind, WithdrawReason};
use entity::peer_help_offer::{self, PeerHelpOfferStatus};
use entity::{issue_co_department, issue_rating};
use honglian::kernel::id::Kind;
use serde_json::json;
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
    ("helped with",         "alliance's",  "alliance's", IssueVisibility::Pairing,  ""),
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
    let aside = |name: &'static str| {
        let name = name.strip_suffix(", internal").unwrap_or(name);
        name.strip_suffix(", among officials").unwrap_or(name)
    };
    rows.map(|(name, _)| *name)
        .filter(|name| aside(name) == case)
        .collect()
}

impl Builder<'_> {
    /// Issues with what belongs to them.
    pub(super) async fn issues(&mut self) {
        self.clusters().await;
        for (place, line) in (1..).zip(ISSUES) {
            // Later than all of the Liwan data.
            let at = self.rows.districts[0].created_at + Duration::days(10_000 + place);
            self.issue(line, at).await;
            self.belongings(line, at).await;
            self.attached(line, at).await;
            self.pressing(line, at).await;
            self.care(line, at).await;
            self.offers(line, at).await;
        }
    }

    /// The common problems that issues are cases of.
    async fn clusters(&mut self) {
        for case in ["shared", "partner's", "alliance's", "foreign"] {
            let id = self.new_id();
            let (side, by) = if case == "foreign" {
                ("foreign", cast().other_district_operator.user_id)
            } else {
                ("own", cast().operator.user_id)
            };
            let at = self.rows.districts[0].created_at + Duration::days(9_999);
            self.insert(issue_cluster::Model {
                id,
                district_id: self.district(side),
                title: format!("共性问题 {case}"),
                cause: format!("成因 {case}"),
                status: ClusterStatus::Answered,
                answered_at: Some(at),
                created_by_id: Some(by),
                version: 1,
                created_at: at,
                updated_at: at,
            })
            .await;
            self.world.name("IssueCluster", Kind::Cluster, case, id);
        }
    }

    /// Requests for more time, calls back and appeals.
    async fn care(&mut self, line: &Line, at: DateTime<Utc>) {
        let (case, firm, ..) = *line;
        let issue_id = self.world.row("EnterpriseIssue", Kind::Issue, case);
        let (district_id, by) = (self.district(firm), Some(user(firm)));
        let office = if firm == "foreign" {
            // Nobody else is there to decide.
            (None, by)
        } else {
            (Some(cast().officer.user_id), Some(cast().operator.user_id))
        };
        for name in of_issue("IssueExtension", case) {
            let id = self.new_id();
            let status = if name.ends_with(", among officials") {
                ExtensionStatus::Rejected
            } else {
                ExtensionStatus::Approved
            };
            self.insert(issue_extension::Model {
                id,
                district_id,
                issue_id,
                status,
                reason: format!("延期 {name}"),
                due_before: Some(at),
                new_due_on: at.date_naive(),
                requested_by_id: office.0,
                decided_by_id: office.1,
                decision_note: Some(format!("决定 {name}")),
                decided_at: Some(at),
                created_at: at,
            })
            .await;
            self.world.name("IssueExtension", Kind::Extension, name, id);
        }
        for name in of_issue("IssueCallback", case) {
            let id = self.new_id();
            self.insert(issue_callback::Model {
                id,
                district_id,
                issue_id,
                reason: CallbackReason::Dissatisfied,
                result: Some(CallbackResult::Disputed),
                note: Some(format!("回访 {case}")),
                called_by_id: office.1,
                called_at: Some(at),
                created_at: at,
            })
            .await;
            self.world.name("IssueCallback", Kind::Callback, name, id);
        }
        for name in of_issue("IssueAppeal", case) {
            let id = self.new_id();
            self.insert(issue_appeal::Model {
                id,
                district_id,
                issue_id,
                status: AppealStatus::Granted,
                reason: format!("申诉 {case}"),
                filed_by_id: by,
                decided_by_id: office.1,
                decision_note: Some(format!("裁定 {case}")),
                decided_at: Some(at),
                successor_id: Some(issue_id),
                created_at: at,
            })
            .await;
            self.world.name("IssueAppeal", Kind::Appeal, name, id);
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
            merge_consent: Some(format!("书面同意 {case}")),
            cluster_id: match case {
                "member's" | "lead's" | "member's alliance" => Some("shared"),
                "partner's alliance" => Some("partner's"),
                "alliance's" => Some("alliance's"),
                "foreign" => Some("foreign"),
                _ => None,
            }
            .map(|case| self.world.row("IssueCluster", Kind::Cluster, case)),
            review_at: Some(at),
            tags: json!(["标签"]),
            help_wanted: Some(format!("所需帮助 {case}")),
            help_opened_at: Some(at),
            help_due_at: Some(at),
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
        let office = if firm == "foreign" {
            by
        } else {
            Some(cast().operator.user_id)
        };
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
                purpose: Some(ProgressPurpose::MergedReply),
                next_reply_on: Some(at.date_naive()),
                // Who wrote the reply does not rate it.
                author_id: office,
                created_at: at,
            })
            .await;
            self.world.name("IssueProgress", Kind::Progress, name, id);
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

    /// Offers of help: on the member's by the lead, on the lead's by another, else by the member.
    async fn offers(&mut self, line: &Line, at: DateTime<Utc>) {
        let (case, firm, ..) = *line;
        let issue_id = self.world.row("EnterpriseIssue", Kind::Issue, case);
        for name in of_issue("PeerHelpOffer", case) {
            let id = self.new_id();
            let offerer = match firm {
                "member's" => "lead's",
                "lead's" => "alliance's",
                "foreign" => "second foreign",
                _ => "member's",
            };
            // Who is thanked reads the text; one offer waits for a decision.
            let status = match case {
                "helped with" => PeerHelpOfferStatus::Thanked,
                "partner's alliance" => PeerHelpOfferStatus::Offered,
                _ => PeerHelpOfferStatus::Declined,
            };
            let is_thanked = status == PeerHelpOfferStatus::Thanked;
            let is_decided = status != PeerHelpOfferStatus::Offered;
            self.insert(peer_help_offer::Model {
                id,
                district_id: self.district(firm),
                issue_id,
                offerer_id: self.firms[offerer],
                aid: 2,
                body: format!("互助意向 {case}"),
                status,
                decision_note: is_decided.then(|| format!("答复意向 {case}")),
                decided_at: is_decided.then_some(at),
                thanks: is_thanked.then(|| format!("感谢 {case}")),
                thanked_at: is_thanked.then_some(at),
                version: 1,
                created_at: at,
                updated_at: at,
            })
            .await;
            self.world.name("PeerHelpOffer", Kind::HelpOffer, name, id);
        }
    }

    async fn attached(&mut self, line: &Line, at: DateTime<Utc>) {
        let (case, firm, ..) = *line;
        let issue_id = self.world.row("EnterpriseIssue", Kind::Issue, case);
        let district_id = self.district(firm);
        for name in of_issue("Attachment", case) {
            let id = self.new_id();
            let attached = attachment::Model {
                id,
                district_id,
                issue_id: Some(issue_id),
                visit_id: None,
                file_name: format!("附件 {name}.pdf"),
                media_type: "application/pdf".to_owned(),
                byte_size: 9,
                sha256: "0".repeat(64),
                status: AttachmentStatus::Attached,
                uploaded_by_id: user(firm),
                expires_at: None,
                version: 1,
                created_at: at,
                updated_at: at,
            };
            if name == "member's" {
                let visit_id = Some(self.world.row("ServiceVisit", Kind::Visit, "member's"));
                let id = self.new_id();
                self.insert(attachment::Model {
                    id,
                    issue_id: None,
                    visit_id,
                    uploaded_by_id: cast().operator.user_id,
                    ..attached.clone()
                })
                .await;
                self.world
                    .name("Attachment", Kind::Attachment, "of a visit", id);
                let id = self.new_id();
                self.insert(attachment::Model {
                    id,
                    status: AttachmentStatus::Pending,
                    expires_at: Some(at),
                    ..attached.clone()
                })
                .await;
                self.world
                    .name("Attachment", Kind::Attachment, "member's, pending", id);
            }
            self.insert(attached).await;
            self.world.name("Attachment", Kind::Attachment, name, id);
        }
    }

    async fn pressing(&mut self, line: &Line, at: DateTime<Utc>) {
        let (case, firm, ..) = *line;
        let issue_id = self.world.row("EnterpriseIssue", Kind::Issue, case);
        let district_id = self.district(firm);
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
    }
}
