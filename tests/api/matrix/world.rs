//! The rows that the matrix asks for: one for each case of the rules, of the Liwan data where they
//! have it, else written here. Every column that may be null holds something in some case, so that
//! a null that comes back hides something.

use std::collections::BTreeMap;

use entity::enterprise::{self, EnterpriseStatus, SizeClass};
use entity::enterprise_issue::{IssueComplexity, IssueNature, IssueUrgency};
use entity::issue_clock::ClockKind;
use entity::{
    clock_rule, contact, district_policy, joint_meeting, supply_chain_link, user_account,
};
use honglian::demo::{NewContact, Rows};
use honglian::kernel::id::{Kind, decode, encode};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::database::{cast, dataset, vault};
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
    pub fn of(&self, object: &str) -> Vec<(&'static str, String)> {
        let own = self.ids.iter().filter(|((of, _), _)| *of == object);
        own.map(|((_, case), id)| (*case, id.clone())).collect()
    }

    /// Every case.
    pub fn all(&self) -> impl Iterator<Item = Case> + '_ {
        self.ids.keys().copied()
    }

    /// The row of a case.
    pub(super) fn row(&self, object: &'static str, kind: Kind, case: &'static str) -> Uuid {
        decode(kind, self.id(object, case)).unwrap()
    }

    pub(super) fn name(&mut self, object: &'static str, kind: Kind, case: &'static str, id: Uuid) {
        let id = encode(kind, id);
        self.ids.insert((object, case), id.clone());
        self.cases.insert(id, (object, case));
    }
}

/// Writes rows and names them.
pub(super) struct Builder<'a> {
    app: &'a TestApp,
    pub(super) rows: &'static Rows,
    pub(super) world: World,
    next: u128,
    pub(super) firms: BTreeMap<&'static str, Uuid>,
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
        next: 0xACCE,
        firms: BTreeMap::from(firms),
    };
    builder.second_foreign().await;
    builder.districts().await;
    builder.enterprises().await;
    builder.memberships().await;
    builder.users().await;
    builder.pairings().await;
    builder.interactions().await;
    builder.serving().await;
    builder.issues().await;
    builder.contacts().await;
    builder.supply_chain().await;
    builder.world
}

impl Builder<'_> {
    pub(super) fn new_id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    pub(super) async fn insert<M, A>(&self, row: M)
    where
        M: IntoActiveModel<A>,
        A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let row = row.into_active_model();
        row.insert(self.app.database.db.conn()).await.unwrap();
    }

    pub(super) async fn update<A>(&self, row: A)
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
            if case == "own" {
                let next = offices.find(|row| row.district_id == district).unwrap();
                self.world
                    .name("Department", Kind::Department, "officer's", next.id);
            }
            let mut categories = self.rows.categories.iter();
            let category = categories.find(|row| row.district_id == district).unwrap();
            self.world
                .name("IssueCategory", Kind::Category, case, category.id);
            let id = self.new_id();
            let rule = self.rows.clock_rules[0].clone();
            self.insert(clock_rule::Model {
                id,
                district_id: district,
                clock: ClockKind::Rework,
                urgency: Some(IssueUrgency::Urgent),
                nature: Some(IssueNature::Help),
                complexity: Some(IssueComplexity::Complex),
                ..rule
            })
            .await;
            self.world.name("ClockRule", Kind::ClockRule, case, id);
            let id = self.new_id();
            let recorder = if case == "own" {
                cast().operator.user_id
            } else {
                cast().other_district_operator.user_id
            };
            self.insert(joint_meeting::Model {
                id,
                district_id: district,
                title: format!("联席会议 {case}"),
                held_on: self.rows.meetings[0].held_on,
                chair_post: "区长".to_owned(),
                recorded_by_id: Some(recorder),
                created_at: self.rows.districts[0].created_at,
            })
            .await;
            self.world.name("JointMeeting", Kind::Meeting, case, id);
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

    pub(super) fn district(&self, firm: &str) -> Uuid {
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
        self.world
            .name("User", Kind::User, "member's colleague", id);
    }

    /// The first contact of each enterprise that has issues, and contacts of issues themselves.
    async fn contacts(&mut self) {
        let known = &dataset().contacts;
        let vault = vault();
        let firms = [
            "member's",
            "lead's",
            "partner's",
            "outsider's",
            "alliance's",
            "left lead's",
            "foreign",
        ];
        let issues = [
            ("member's official", "member's"),
            ("member's draft", "member's"),
            ("draft on behalf", "member's"),
        ];
        let firms = firms.map(|firm| (firm, firm, false));
        let issues = issues.map(|(case, firm)| (case, firm, true));
        for (case, firm, of_issue) in firms.into_iter().chain(issues) {
            let enterprise_id = self.firms[firm];
            let mut there = known.iter();
            let there = there.find(|contact| contact.enterprise_id == enterprise_id && !of_issue);
            if let Some(there) = there {
                self.world.name("Contact", Kind::Contact, case, there.id);
                continue;
            }
            let id = self.new_id();
            let new = NewContact {
                id,
                district_id: self.district(firm),
                enterprise_id,
                post: format!("矩阵联系人 {case}"),
                ..known[0].clone()
            };
            let issue = of_issue.then(|| self.world.row("EnterpriseIssue", Kind::Issue, case));
            self.insert(contact::Model {
                issue_id: issue,
                is_primary: !of_issue,
                ..new.row(&vault).unwrap()
            })
            .await;
            self.world.name("Contact", Kind::Contact, case, id);
        }
    }

    async fn supply_chain(&mut self) {
        for (case, customer) in [
            ("member's", "lead's"),
            ("partner's", "alliance's"),
            ("outsider's", "outside"),
            ("alliance's", "other lead's"),
            ("foreign", "second foreign"),
        ] {
            let id = self.new_id();
            self.insert(supply_chain_link::Model {
                id,
                district_id: self.district(case),
                supplier_id: self.firms[case],
                customer_id: self.firms[customer],
                version: 1,
                created_at: self.rows.districts[0].created_at,
            })
            .await;
            self.world
                .name("SupplyChainLink", Kind::SupplyLink, case, id);
        }
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
}
