//! The demo users, shown by function, and the cast: one user for each way of seeing the service.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::user_account::{self, UserRole, UserStatus};
use sea_orm::prelude::Uuid;

use super::enterprises::{LEAD_COUNT, Register};
use super::officers::Post;
use super::rows::{Build, Table, at};
use super::taxonomy::District;
use super::{Actor, BuildError, Cast};

/// The place of the cast's lead among the leads: the first made-up one.
pub(super) const CAST_LEAD: usize = 2;
/// The place of the cast's member among the members: the first made-up one.
pub(super) const CAST_MEMBER: usize = 3;
/// The place of the cast's outsider among the served enterprises outside the alliance.
const CAST_OUTSIDER: usize = 1;
/// The officers with an account, by the place of their enterprise among all with an officer:
/// those of the cast's member and lead, of two other members and of the outsider.
const OFFICERS: [usize; 5] = [
    LEAD_COUNT + CAST_MEMBER,
    CAST_LEAD,
    LEAD_COUNT + 4,
    LEAD_COUNT + 7,
    31 + CAST_OUTSIDER,
];

/// The accounts and whose they are.
pub(super) struct Accounts {
    pub(super) cast: Cast,
    pub(super) operators: Vec<Uuid>,
    pub(super) of_enterprise: BTreeMap<Uuid, Uuid>,
    pub(super) of_officer: BTreeMap<Uuid, Uuid>,
}

/// Whom an account stands for.
#[derive(Clone, Copy)]
enum Kind {
    Operator,
    Admin,
    Auditor,
    Officer(Uuid),
    Enterprise(UserRole, Uuid),
}

/// Builds the users of both districts.
pub(super) fn build(
    build: &mut Build,
    liwan: &District,
    yuexiu: &District,
    register: &Register,
    posts: &[Post],
) -> Result<Accounts, BuildError> {
    let created = build
        .calendar
        .instant(build.calendar.opening((2019, 10, 11))?)?;
    let mut writer = Writer {
        build,
        created,
        of_enterprise: BTreeMap::new(),
        of_officer: BTreeMap::new(),
    };
    let mut operators = Vec::new();
    for n in 1..=3 {
        let name = format!("区级经办 {n}");
        operators.push(writer.user(liwan, format!("demo-operator-{n}"), name, Kind::Operator)?);
    }
    let admin = writer.user(liwan, "demo-admin".into(), "区级管理员".into(), Kind::Admin)?;
    let auditor = writer.user(liwan, "demo-auditor".into(), "审计员".into(), Kind::Auditor)?;
    let mut officers = Vec::new();
    for (n, index) in (1..).zip(OFFICERS) {
        let kind = Kind::Officer(at(posts, index, "officer")?.id);
        let name = format!("首席服务官 {n}");
        officers.push(writer.user(liwan, format!("demo-officer-{n}"), name, kind)?);
    }
    let mut leads = Vec::new();
    for (n, firm) in (1..).zip(&register.leads) {
        let kind = Kind::Enterprise(UserRole::Lead, firm.id);
        let name = format!("牵头企业经办 {n}");
        leads.push(writer.user(liwan, format!("demo-lead-{n}"), name, kind)?);
    }
    let mut members = Vec::new();
    for (n, firm) in (1..).zip(&register.members) {
        let kind = Kind::Enterprise(UserRole::Member, firm.id);
        let name = format!("成员企业经办 {n}");
        members.push(writer.user(liwan, format!("demo-member-{n}"), name, kind)?);
    }
    let partner = Kind::Enterprise(UserRole::Member, at(&register.partners, 0, "partner")?.id);
    let partner = writer.user(
        liwan,
        "demo-partner-1".into(),
        "国企伙伴经办 1".into(),
        partner,
    )?;
    let outsider = at(&register.served, CAST_OUTSIDER, "served enterprise")?.id;
    let outsider = Kind::Enterprise(UserRole::Member, outsider);
    let name = "联盟外企业经办 1".into();
    let outsider = writer.user(liwan, "demo-outsider-1".into(), name, outsider)?;
    let name = "越秀区级经办 1".into();
    let other = writer.user(yuexiu, "yuexiu-operator-1".into(), name, Kind::Operator)?;
    Ok(Accounts {
        of_enterprise: writer.of_enterprise,
        of_officer: writer.of_officer,
        cast: Cast {
            operator: at(&operators, 0, "operator")?.clone(),
            admin,
            auditor,
            officer: at(&officers, 0, "officer")?.clone(),
            lead: at(&leads, CAST_LEAD, "lead")?.clone(),
            member: at(&members, CAST_MEMBER, "member")?.clone(),
            partner,
            outsider,
            other_district_operator: other,
        },
        operators: operators.iter().map(|actor| actor.user_id).collect(),
    })
}

struct Writer<'a> {
    build: &'a mut Build,
    created: DateTime<Utc>,
    of_enterprise: BTreeMap<Uuid, Uuid>,
    of_officer: BTreeMap<Uuid, Uuid>,
}

impl Writer<'_> {
    fn user(
        &mut self,
        district: &District,
        subject: String,
        display_name: String,
        kind: Kind,
    ) -> Result<Actor, BuildError> {
        let user_id = self.build.id(Table::User, self.created)?;
        let mut actor = Actor {
            user_id,
            subject,
            role: UserRole::District,
            district_code: district.code.into(),
            enterprise_id: None,
            officer_id: None,
            is_admin: matches!(kind, Kind::Admin),
            is_auditor: matches!(kind, Kind::Auditor),
        };
        match kind {
            Kind::Officer(officer) => {
                actor.officer_id = Some(officer);
                self.of_officer.insert(officer, user_id);
            }
            Kind::Enterprise(role, enterprise) => {
                actor.role = role;
                actor.enterprise_id = Some(enterprise);
                self.of_enterprise.insert(enterprise, user_id);
            }
            Kind::Operator | Kind::Admin | Kind::Auditor => {}
        }
        self.build.rows.users.push(user_account::Model {
            id: user_id,
            district_id: district.id,
            issuer: self.build.issuer.clone(),
            subject: actor.subject.clone(),
            display_name,
            role: actor.role,
            enterprise_id: actor.enterprise_id,
            officer_id: actor.officer_id,
            is_admin: actor.is_admin,
            is_auditor: actor.is_auditor,
            status: UserStatus::Active,
            version: 1,
            created_at: self.created,
            updated_at: self.created,
        });
        Ok(actor)
    }
}
