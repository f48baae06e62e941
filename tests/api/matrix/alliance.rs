//! The rows of the alliance: memberships, pairings with their members, and what they did together.

use entity::membership::{self, MembershipStatus};
use entity::pairing::{self, PairingKind, PairingStatus};
use entity::pairing_interaction::{self, AmountBand, DealType};
use entity::pairing_member::{self, PairingMemberStatus};
use honglian::kernel::id::Kind;
use sea_orm::ActiveValue::Set;

use super::world::Builder;

impl Builder<'_> {
    pub(super) async fn memberships(&mut self) {
        let object = "Membership";
        for case in ["member's", "lead's", "partner's", "alliance's"] {
            let mut rows = self.rows.memberships.iter();
            let row = rows.find(|row| row.enterprise_id == self.firms[case]);
            let row = row.unwrap();
            self.world.name(object, Kind::Membership, case, row.id);
            self.update(membership::ActiveModel {
                id: Set(row.id),
                end_reason: Set(Some("备注".to_owned())),
                ..<membership::ActiveModel as Default>::default()
            })
            .await;
        }
        for (case, of) in [
            ("member's former", "member's"),
            ("outsider's former", "outsider's"),
            ("alliance's former", "alliance's"),
            ("foreign", "foreign"),
        ] {
            let id = self.new_id();
            let ended = case != "foreign";
            let template = &self.rows.memberships[0];
            self.insert(membership::Model {
                id,
                district_id: self.district(of),
                enterprise_id: self.firms[of],
                status: if ended {
                    MembershipStatus::Ended
                } else {
                    MembershipStatus::Active
                },
                left_on: ended.then_some(template.joined_on),
                end_reason: Some("迁出".to_owned()),
                ..template.clone()
            })
            .await;
            self.world.name(object, Kind::Membership, case, id);
        }
    }

    /// The demo's pairing of a kind that a firm leads.
    fn led(&self, firm: &str, kind: PairingKind) -> &'static pairing::Model {
        let mut rows = self.rows.pairings.iter();
        let own = |row: &&pairing::Model| row.lead_id == self.firms[firm] && row.kind == kind;
        rows.find(own).unwrap()
    }

    pub(super) async fn pairings(&mut self) {
        for (case, lead, kind) in [
            ("lead's", "lead's", PairingKind::OnePlusN),
            ("partner's", "partner's", PairingKind::SoePrivate),
            ("alliance's", "other lead's", PairingKind::OnePlusN),
        ] {
            let row = self.led(lead, kind);
            self.world.name("Pairing", Kind::Pairing, case, row.id);
            self.update(pairing::ActiveModel {
                id: Set(row.id),
                status: Set(PairingStatus::UnderStrength),
                under_strength_since: Set(Some(row.created_at)),
                end_reason: Set(Some("备注".to_owned())),
                ..<pairing::ActiveModel as Default>::default()
            })
            .await;
            self.members_of(case, row).await;
        }
        for (case, lead, status, member) in [
            ("lead's draft", "lead's", PairingStatus::Draft, "member's"),
            (
                "alliance's draft",
                "other lead's",
                PairingStatus::Draft,
                "alliance's",
            ),
            (
                "alliance's former",
                "other lead's",
                PairingStatus::Ended,
                "alliance's",
            ),
            (
                "member's former",
                "other lead's",
                PairingStatus::Ended,
                "member's",
            ),
            (
                "outsider's former",
                "other lead's",
                PairingStatus::Ended,
                "outsider's",
            ),
            (
                "foreign",
                "foreign",
                PairingStatus::UnderStrength,
                "second foreign",
            ),
        ] {
            self.pairing(case, lead, status, member).await;
        }
    }

    /// The members of the demo's pairings: one that stays, and one that leaves.
    async fn members_of(&mut self, case: &'static str, row: &pairing::Model) {
        let own: &[(&str, &str, bool)] = match case {
            "lead's" => &[
                ("member's", "member's", false),
                ("left of lead's", "left lead's", true),
            ],
            "partner's" => &[("of partner's", "beside partner", false)],
            _ => &[
                ("alliance's", "alliance's", false),
                ("left of alliance's", "left alliance's", true),
            ],
        };
        for (case, firm, has_left) in own {
            let firm = self.firms[firm];
            let mut members = self.rows.pairing_members.iter();
            let found = |own: &&pairing_member::Model| {
                own.pairing_id == row.id && own.enterprise_id == firm
            };
            let member = members.find(found).unwrap();
            self.world
                .name("PairingMember", Kind::PairingMember, case, member.id);
            if *has_left {
                self.update(pairing_member::ActiveModel {
                    id: Set(member.id),
                    status: Set(PairingMemberStatus::Left),
                    left_on: Set(member.joined_on),
                    ..<pairing_member::ActiveModel as Default>::default()
                })
                .await;
            }
        }
    }

    async fn pairing(
        &mut self,
        case: &'static str,
        lead: &'static str,
        status: PairingStatus,
        member: &'static str,
    ) {
        let template = self.led("lead's", PairingKind::OnePlusN);
        let (is_draft, is_ended) = (
            status == PairingStatus::Draft,
            status == PairingStatus::Ended,
        );
        let starts_on = template.starts_on.filter(|_| !is_draft);
        let row = pairing::Model {
            id: self.new_id(),
            district_id: self.district(lead),
            lead_id: self.firms[lead],
            status,
            starts_on,
            ends_on: template.starts_on.filter(|_| is_ended),
            under_strength_since: (!is_draft && !is_ended).then_some(template.created_at),
            end_reason: is_ended.then(|| "期满".to_owned()),
            proposed_by_id: None,
            ..template.clone()
        };
        self.insert(row.clone()).await;
        self.world.name("Pairing", Kind::Pairing, case, row.id);
        let firm = self.firms[member];
        let id = self.new_id();
        self.insert(pairing_member::Model {
            id,
            district_id: row.district_id,
            pairing_id: row.id,
            lead_id: row.lead_id,
            enterprise_id: firm,
            status: match status {
                PairingStatus::Draft => PairingMemberStatus::Proposed,
                PairingStatus::Ended => PairingMemberStatus::Left,
                _ => PairingMemberStatus::Active,
            },
            joined_on: starts_on,
            left_on: row.ends_on,
            ..self.rows.pairing_members[0].clone()
        })
        .await;
        self.world
            .name("PairingMember", Kind::PairingMember, case, id);
    }

    pub(super) async fn interactions(&mut self) {
        let template = &self.rows.interactions[0];
        for case in [
            "lead's",
            "partner's",
            "alliance's",
            "member's former",
            "foreign",
        ] {
            let pairing = self.world.id("Pairing", case);
            let pairing = honglian::kernel::id::decode(Kind::Pairing, pairing).unwrap();
            let id = self.new_id();
            self.insert(pairing_interaction::Model {
                id,
                district_id: self.district(case),
                pairing_id: pairing,
                summary: Some("纪要".to_owned()),
                modes: 63,
                aids: 63,
                participant_count: Some(9),
                deal_type: Some(DealType::Talent),
                deal_amount_band: Some(AmountBand::Over100m),
                recorded_by_id: None,
                ..template.clone()
            })
            .await;
            self.world
                .name("PairingInteraction", Kind::Interaction, case, id);
        }
    }
}
