//! The rows that the matrix asks for: one for each case of the rules, of the Liwan data where they
//! have it, else written here. Every column that may be null holds something in some case, so that
//! a null that comes back hides something.

use std::collections::BTreeMap;

use entity::enterprise::{self, EnterpriseStatus, SizeClass};
use entity::membership::{self, MembershipStatus};
use entity::pairing::{self, PairingKind, PairingStatus};
use entity::pairing_interaction::{self, AmountBand, DealType};
use entity::pairing_member::{self, PairingMemberStatus};
use entity::{district_policy, user_account};
use honglian::demo::Rows;
use honglian::kernel::id::{Kind, encode};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};
use crate::support::rows::enterprise_row;

/// An object and a case of it.
pub type Case = (&'static str, &'static str);

/// The rows of the cases, both ways.
#[derive(Default)]
pub struct World {
    ids: BTreeMap<Case, String>,
    cases: BTreeMap<String, Case>,
}

impl World {
    /// The id of a case.
    pub fn id(&self, object: &'static str, case: &'static str) -> &str {
        let found = self.ids.get(&(object, case));
        found.unwrap_or_else(|| panic!("no row of {object} {case}"))
    }

    /// The case of an id, where it is one.
    pub fn case(&self, id: &str) -> Option<Case> {
        self.cases.get(id).copied()
    }

    /// The cases of an object with their ids.
    pub fn of(&self, object: &'static str) -> Vec<(&'static str, &str)> {
        let own = self.ids.iter().filter(|((of, _), _)| *of == object);
        own.map(|((_, case), id)| (*case, id.as_str())).collect()
    }

    /// Every case.
    pub fn all(&self) -> impl Iterator<Item = Case> + '_ {
        self.ids.keys().copied()
    }

    fn name(&mut self, object: &'static str, kind: Kind, case: &'static str, id: Uuid) {
        let id = encode(kind, id);
        self.ids.insert((object, case), id.clone());
        self.cases.insert(id, (object, case));
    }
}

/// Writes rows and names them.
struct Builder<'a> {
    app: &'a TestApp,
    rows: &'static Rows,
    world: World,
    next: u128,
    firms: BTreeMap<&'static str, Uuid>,
}

/// Sets up every case.
pub async fn build(app: &TestApp) -> World {
    let demo = |number: usize| enterprise_row(&format!("演示企业 {number:03} 有限公司"));
    let firms = [
        ("member's", cast().member.enterprise_id.unwrap()),
        ("lead's", cast().lead.enterprise_id.unwrap()),
        ("partner's", cast().partner.enterprise_id.unwrap()),
        ("outsider's", cast().outsider.enterprise_id.unwrap()),
        ("alliance's", demo(16)),
        ("other lead's", demo(4)),
        ("left lead's", demo(14)),
        ("left alliance's", demo(15)),
        ("beside partner", enterprise_row("大翔集团")),
        ("outside", demo(41)),
        ("deactivated", demo(31)),
        ("foreign", enterprise_row("越秀演示企业 001 有限公司")),
    ];
    let mut builder = Builder {
        app,
        rows: &dataset().rows,
        world: World::default(),
        next: 0xACCE_55,
        firms: BTreeMap::from(firms),
    };
    builder.second_foreign().await;
    builder.districts().await;
    builder.enterprises().await;
    builder.memberships().await;
    builder.users().await;
    builder.pairings().await;
    builder.interactions().await;
    builder.world
}

impl Builder<'_> {
    fn new_id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    async fn insert<M, A>(&self, row: M)
    where
        M: IntoActiveModel<A>,
        A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let row = row.into_active_model();
        row.insert(self.app.database.db.conn()).await.unwrap();
    }

    async fn update<A>(&self, row: A)
    where
        A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        row.update(self.app.database.db.conn()).await.unwrap();
    }

    async fn districts(&mut self) {
        let (own, foreign) = (self.rows.districts[0].id, self.rows.districts[1].id);
        for (case, district) in [("own", own), ("foreign", foreign)] {
            self.world.name("District", Kind::District, case, district);
            let mut offices = self.rows.departments.iter();
            let office = offices.find(|row| row.district_id == district).unwrap();
            self.world
                .name("Department", Kind::Department, case, office.id);
            let mut policies = self.rows.policies.iter();
            let policy = policies.find(|row| row.district_id == district).unwrap();
            // A revision is never changed: the first one has nobody who set it.
            let (case, by) = if case == "own" {
                let former = policy.id;
                self.world
                    .name("DistrictPolicy", Kind::Policy, "former", former);
                ("in force", cast().admin.user_id)
            } else {
                ("foreign", cast().other_district_operator.user_id)
            };
            let id = self.new_id();
            self.insert(district_policy::Model {
                id,
                revision: 2,
                changed_by_id: Some(by),
                ..policy.clone()
            })
            .await;
            self.world.name("DistrictPolicy", Kind::Policy, case, id);
        }
    }

    async fn enterprises(&mut self) {
        let parents = BTreeMap::from([
            ("member's", "outside"),
            ("lead's", "alliance's"),
            ("partner's", "member's"),
            ("outsider's", "alliance's"),
            ("alliance's", "other lead's"),
            ("other lead's", "outsider's"),
            ("outside", "lead's"),
            ("deactivated", "alliance's"),
        ]);
        for (place, (case, id)) in (1..).zip(self.firms.clone()) {
            self.world.name("Enterprise", Kind::Enterprise, case, id);
            let parent = parents.get(case).map(|parent| self.firms[parent]);
            let gone = case == "deactivated";
            let status = if gone {
                EnterpriseStatus::Deactivated
            } else {
                EnterpriseStatus::Active
            };
            let at = self.rows.districts[0].created_at;
            let mut rows = self.rows.enterprises.iter();
            let row = rows.find(|row| row.id == id);
            let name = row.map_or("越秀演示企业 002 有限公司", |row| &row.name);
            let uscc = row.map_or("91350100M000100Y43", |row| &row.uscc);
            let short_name = format!("矩阵企业 {place}");
            self.update(enterprise::ActiveModel {
                id: Set(id),
                uscc_waiver_reason: Set(Some(format!("早期代码 {place}"))),
                search_text: Set(format!("{name} {short_name} {uscc}").to_lowercase()),
                short_name: Set(Some(short_name)),
                industry_section: Set(Some("C".to_owned())),
                industry_code: Set(Some(format!("27{place}"))),
                size_class: Set(Some(SizeClass::Small)),
                street: Set(Some("440103001".to_owned())),
                employee_count: Set(Some(1000 + place)),
                parent_enterprise_id: Set(parent),
                tags: Set(json!(["医药制药"])),
                description: Set(Some("简介".to_owned())),
                status: Set(status),
                deactivated_at: Set(gone.then_some(at)),
                deactivation_reason: Set(gone.then(|| "注销".to_owned())),
                synthetic_fields: Set(json!(["uscc"])),
                ..<enterprise::ActiveModel as Default>::default()
            })
            .await;
        }
    }

    async fn memberships(&mut self) {
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

    fn district(&self, firm: &str) -> Uuid {
        let place = usize::from(firm == "foreign");
        self.rows.districts[place].id
    }

    async fn users(&mut self) {
        let cast = cast();
        for (case, actor) in [
            ("admin", &cast.admin),
            ("operator", &cast.operator),
            ("auditor", &cast.auditor),
            ("officer", &cast.officer),
            ("lead", &cast.lead),
            ("member", &cast.member),
            ("partner", &cast.partner),
            ("outsider", &cast.outsider),
            ("other district", &cast.other_district_operator),
        ] {
            self.world.name("User", Kind::User, case, actor.user_id);
        }
        let id = self.new_id();
        let mut users = self.rows.users.iter();
        let member = users.find(|row| row.id == cast.member.user_id).unwrap();
        self.insert(user_account::Model {
            id,
            subject: "matrix-colleague".to_owned(),
            ..member.clone()
        })
        .await;
        let case = "member's colleague";
        self.world.name("User", Kind::User, case, id);
    }

    /// The demo's pairing of a kind that a firm leads.
    fn led(&self, firm: &str, kind: PairingKind) -> &'static pairing::Model {
        let mut rows = self.rows.pairings.iter();
        let own = |row: &&pairing::Model| row.lead_id == self.firms[firm] && row.kind == kind;
        rows.find(own).unwrap()
    }

    async fn pairings(&mut self) {
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

    /// The other district has one enterprise, and a pairing needs two.
    async fn second_foreign(&mut self) {
        let id = self.new_id();
        let mut rows = self.rows.enterprises.iter();
        let first = rows.find(|row| row.id == self.firms["foreign"]).unwrap();
        self.insert(enterprise::Model {
            id,
            uscc: "91350100M000100Y43".to_owned(),
            name: "越秀演示企业 002 有限公司".to_owned(),
            parent_enterprise_id: Some(first.id),
            ..first.clone()
        })
        .await;
        self.firms.insert("second foreign", id);
    }

    async fn interactions(&mut self) {
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
