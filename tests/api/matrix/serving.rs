//! The rows of the service: officers, whom they serve, and their visits with those who took part.

use entity::officer_assignment::{self, AssignmentStatus};
use entity::service_officer;
use entity::service_visit::{self, VisitStatus};
use entity::visit_participant;
use honglian::kernel::id::Kind;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::world::Builder;
use crate::support::database::cast;

impl Builder<'_> {
    /// The department of a case.
    pub(super) fn office(&self, case: &'static str) -> Uuid {
        self.world.row("Department", Kind::Department, case)
    }

    /// The officer of a case.
    pub(super) fn officer(&self, case: &'static str) -> Uuid {
        self.world.row("ServiceOfficer", Kind::Officer, case)
    }

    /// Officers, assignments and visits.
    pub(super) async fn serving(&mut self) {
        for case in [
            "member's",
            "lead's",
            "partner's",
            "outsider's",
            "alliance's",
        ] {
            self.serves(case).await;
        }
        self.officer_row("member's former", "own").await;
        self.officer_row("foreign", "foreign").await;
        self.assignment("member's former", "member's", AssignmentStatus::Ended)
            .await;
        self.assignment("foreign", "foreign", AssignmentStatus::Active)
            .await;
        for (case, firm, officer) in [
            ("member's", "member's", "member's"),
            ("taken over", "member's", "member's former"),
            ("own elsewhere", "alliance's", "member's"),
            ("lead's", "lead's", "lead's"),
            ("partner's", "partner's", "partner's"),
            ("outsider's", "outsider's", "outsider's"),
            ("alliance's", "alliance's", "alliance's"),
            ("foreign", "foreign", "foreign"),
        ] {
            self.visit(case, firm, officer).await;
        }
    }

    /// The officer who serves a firm, of the Liwan data where it has one.
    async fn serves(&mut self, case: &'static str) {
        let firm = self.firms[case];
        let mut rows = self.rows.assignments.iter();
        let found = rows
            .find(|row| row.enterprise_id == firm && row.status == AssignmentStatus::Active)
            .cloned();
        let office = if case == "member's" {
            "officer's"
        } else {
            "own"
        };
        let Some(found) = found else {
            self.officer_row(case, office).await;
            self.assignment(case, case, AssignmentStatus::Active).await;
            return;
        };
        if case == "member's" {
            assert_eq!(Some(found.officer_id), cast().officer.officer_id);
        }
        self.update(service_officer::ActiveModel {
            id: Set(found.officer_id),
            department_id: Set(self.office(office)),
            post_title: Set(format!("矩阵服务官 {case}")),
            patch: Set(Some(format!("片区 {case}"))),
            office_phone: Set(Some("020-81000000".to_owned())),
            ..<service_officer::ActiveModel as Default>::default()
        })
        .await;
        self.world
            .name("ServiceOfficer", Kind::Officer, case, found.officer_id);
        self.update(officer_assignment::ActiveModel {
            id: Set(found.id),
            reason: Set(Some("挂点".to_owned())),
            end_reason: Set(Some("备注".to_owned())),
            ..<officer_assignment::ActiveModel as Default>::default()
        })
        .await;
        self.world
            .name("OfficerAssignment", Kind::Assignment, case, found.id);
    }

    async fn officer_row(&mut self, case: &'static str, office: &'static str) {
        let id = self.new_id();
        self.insert(service_officer::Model {
            id,
            district_id: self.district(case),
            department_id: self.office(office),
            post_title: format!("矩阵服务官 {case}"),
            patch: Some(format!("片区 {case}")),
            office_phone: Some("020-81000000".to_owned()),
            ..self.rows.officers[0].clone()
        })
        .await;
        self.world.name("ServiceOfficer", Kind::Officer, case, id);
    }

    async fn assignment(
        &mut self,
        case: &'static str,
        firm: &'static str,
        status: AssignmentStatus,
    ) {
        let id = self.new_id();
        let template = &self.rows.assignments[0];
        let to_on = (status == AssignmentStatus::Ended).then_some(template.from_on);
        self.insert(officer_assignment::Model {
            id,
            district_id: self.district(firm),
            officer_id: self.officer(case),
            enterprise_id: self.firms[firm],
            status,
            to_on,
            reason: Some("挂点".to_owned()),
            end_reason: Some("轮岗".to_owned()),
            ..template.clone()
        })
        .await;
        self.world
            .name("OfficerAssignment", Kind::Assignment, case, id);
    }

    async fn visit(&mut self, case: &'static str, firm: &'static str, officer: &'static str) {
        let (id, participant) = (self.new_id(), self.new_id());
        let template = &self.rows.visits[0];
        let (district, officer) = (self.district(firm), self.officer(officer));
        let recorder = if case == "foreign" {
            cast().other_district_operator.user_id
        } else {
            cast().operator.user_id
        };
        // One is still to be held: then something can be done to it.
        let is_done = case != "alliance's";
        self.insert(service_visit::Model {
            id,
            district_id: district,
            enterprise_id: self.firms[firm],
            officer_id: officer,
            status: if is_done {
                VisitStatus::Done
            } else {
                VisitStatus::Planned
            },
            held_on: is_done.then_some(template.planned_on),
            purpose: format!("矩阵走访 {case}"),
            findings: Some(format!("矩阵走访所见 {case}")),
            internal_note: Some("内部".to_owned()),
            recorded_by_id: Some(recorder),
            ..template.clone()
        })
        .await;
        self.world.name("ServiceVisit", Kind::Visit, case, id);
        self.insert(visit_participant::Model {
            id: participant,
            district_id: district,
            visit_id: id,
            officer_id: Some(officer),
            position: 1,
            ..self.rows.participants[0].clone()
        })
        .await;
        self.world
            .name("VisitParticipant", Kind::Participant, case, participant);
    }
}
