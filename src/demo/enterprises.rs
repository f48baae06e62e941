//! The register of enterprises: those the article names, and made-up ones around them whose
//! names say so. The number in a made-up name is also the number in its code.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enterprise::{self, EnterpriseStatus, Ownership};
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::register::{self, LEADS, MEMBERS, Named, PARTNERS, PHARMA, SERVED, Trade};
use super::rows::{Build, Pick, Table};
use super::taxonomy::{District, EMPLOYEES, ENTERPRISES};
use super::{BuildError, Profile, uscc};

/// Leads of the alliance.
pub(super) const LEAD_COUNT: usize = 8;
/// Its members.
pub(super) const MEMBER_COUNT: usize = 23;
/// Enterprises outside it that officers serve.
const SERVED_COUNT: usize = 46;
/// Enterprises up and down the chain.
const CHAIN_COUNT: usize = 126;
/// The members of a made-up name that make medicines, beside the two named ones.
const PHARMA_MEMBERS: [usize; 4] = [6, 8, 11, 14];
/// The least number of employees the headline figures count from.
const COUNTED_FROM: i32 = 7;

/// An enterprise of the programme.
#[derive(Clone, Copy)]
pub(super) struct Firm {
    pub(super) id: Uuid,
    /// Whether the article names it; then nothing is made up about what it did.
    pub(super) is_named: bool,
    /// The number in its name.
    pub(super) serial: usize,
}

/// The enterprises by their part in the programme.
pub(super) struct Register {
    pub(super) leads: Vec<Firm>,
    pub(super) members: Vec<Firm>,
    pub(super) partners: Vec<Firm>,
    /// Served by officers, outside the alliance.
    pub(super) served: Vec<Firm>,
}

impl Register {
    /// The leads and members, then the others that officers serve.
    pub(super) fn with_officer(&self) -> impl Iterator<Item = Firm> {
        let alliance = self.leads.iter().chain(&self.members);
        alliance.chain(&self.served).copied()
    }
}

/// What is being written.
struct Writer<'a> {
    build: &'a mut Build,
    district: &'a District,
    pick: Pick,
    serial: usize,
    at: DateTime<Utc>,
    by_name: BTreeMap<&'static str, Uuid>,
}

/// Builds the register of both districts.
pub(super) fn build(
    build: &mut Build,
    liwan: &District,
    yuexiu: &District,
) -> Result<Register, BuildError> {
    let mut writer = Writer::new(build, liwan, 0x11)?;
    let leads = writer.group(&LEADS, LEAD_COUNT, (150, 700), Ownership::Private)?;
    let members = writer.group(&MEMBERS, MEMBER_COUNT, (40, 260), Ownership::Private)?;
    let partners = writer.group(&PARTNERS, PARTNERS.len(), (0, 0), Ownership::Soe)?;
    let served = writer.group(&SERVED, SERVED_COUNT, (25, 220), Ownership::Private)?;
    for index in 0..CHAIN_COUNT {
        writer.chain(index)?;
    }
    if writer.build.profile == Profile::Full {
        writer.rest()?;
    }
    let mut other = Writer::new(build, yuexiu, 0x12)?;
    let trade = register::trade(&mut other.pick)?;
    other.synthetic(yuexiu.code, trade, 24, "越秀演示企业")?;
    Ok(Register {
        leads,
        members,
        partners,
        served,
    })
}

impl<'a> Writer<'a> {
    fn new(build: &'a mut Build, district: &'a District, seed: u64) -> Result<Self, BuildError> {
        let opening = build.calendar.opening((2019, 10, 9))?;
        Ok(Self {
            at: build.calendar.instant(opening)?,
            build,
            district,
            pick: Pick::new(seed),
            serial: 0,
            by_name: BTreeMap::new(),
        })
    }

    /// A group of enterprises, the named ones first.
    fn group(
        &mut self,
        names: &'static [Named],
        count: usize,
        (low, high): (i64, i64),
        ownership: Ownership,
    ) -> Result<Vec<Firm>, BuildError> {
        let mut firms = Vec::with_capacity(count);
        let is_members = count == MEMBER_COUNT;
        for index in 0..count {
            // Drawn for all, so that the profiles agree on the made-up ones.
            let employees = i32::try_from(self.pick.range(low, high)).unwrap_or(0);
            let firm = if let Some(named) = names.get(index) {
                self.named(named, ownership, employees)?
            } else {
                let drawn = register::trade(&mut self.pick)?;
                let is_pharma = is_members && PHARMA_MEMBERS.contains(&index);
                let trade = if is_pharma { PHARMA } else { drawn };
                self.synthetic(self.district.code, trade, employees, "演示企业")?
            };
            firms.push(firm);
        }
        Ok(firms)
    }

    /// A chain partner: a third sits outside the district, and some are too small to count.
    fn chain(&mut self, index: usize) -> Result<Firm, BuildError> {
        let trade = register::trade(&mut self.pick)?;
        let drawn = register::employees(&mut self.pick)?;
        let small = i32::try_from(self.pick.range(2, 6)).unwrap_or(2);
        let outside = register::other_region(&mut self.pick)?;
        let employees = if index.is_multiple_of(7) {
            small
        } else {
            drawn
        };
        let is_outside = index % 3 == 2;
        let region = if is_outside {
            outside
        } else {
            self.district.code
        };
        self.synthetic(region, trade, employees, "演示企业")
    }

    /// Every other enterprise of the district, so that count and sum are the article's.
    fn rest(&mut self) -> Result<(), BuildError> {
        let district = self.district;
        let is_counted = |row: &enterprise::Model| counts(row, district);
        let rows = &self.build.rows.enterprises;
        let present = rows.iter().filter(|row| is_counted(row)).count();
        let wanted = usize::try_from(ENTERPRISES).unwrap_or(0);
        let first = rows.len();
        for _ in present..wanted {
            let trade = register::trade(&mut self.pick)?;
            let employees = register::employees(&mut self.pick)?;
            self.synthetic(district.code, trade, employees, "演示企业")?;
        }
        let rows = &mut self.build.rows.enterprises;
        let counted = rows.iter().filter(|row| is_counted(row));
        let sum: i32 = counted.filter_map(|row| row.employee_count).sum();
        let mut missing = EMPLOYEES - sum;
        // The larger ones take up the difference, which leaves the smallest at seven.
        while missing != 0 {
            let step = missing.signum();
            let mut moved = false;
            for row in rows.iter_mut().skip(first) {
                let Some(count) = row.employee_count.filter(|count| *count > 30) else {
                    continue;
                };
                if missing == 0 {
                    break;
                }
                row.employee_count = Some(count + step);
                row.size_class = Some(register::size_class(count + step));
                missing -= step;
                moved = true;
            }
            if !moved {
                return Err(BuildError::Missing(
                    "enterprise that could be of another size",
                ));
            }
        }
        Ok(())
    }

    fn named(
        &mut self,
        named: &'static Named,
        ownership: Ownership,
        employees: i32,
    ) -> Result<Firm, BuildError> {
        let mut flagged = vec!["uscc", "industry_section", "industry_code"];
        flagged.extend(named.assumed);
        // The article gives no such figure. The full register has to add up, and says so.
        let is_full = self.build.profile == Profile::Full && ownership == Ownership::Private;
        if is_full {
            flagged.push("employee_count");
        }
        let parent = named
            .parent
            .and_then(|name| self.by_name.get(name))
            .copied();
        let mut row = self.row(self.district.code, named.name, None)?;
        row.ownership = ownership;
        row.industry_section = Some(named.section.into());
        row.industry_code = Some(named.code.into());
        row.employee_count = is_full.then_some(employees);
        row.parent_enterprise_id = parent;
        row.tags = json!(named.tags);
        row.synthetic_fields = json!(flagged);
        self.by_name.insert(named.name, row.id);
        Ok(self.push(row))
    }

    fn synthetic(
        &mut self,
        region: &str,
        (section, code, tag): Trade,
        employees: i32,
        word: &str,
    ) -> Result<Firm, BuildError> {
        let short = format!("{word} {:03}", self.serial + 1);
        let mut row = self.row(region, &format!("{short} 有限公司"), Some(short))?;
        // Streets are known of the own district only.
        row.street = (region == "440103").then(|| register::street(&mut self.pick, region));
        row.industry_section = Some(section.into());
        row.industry_code = Some(code.into());
        row.employee_count = Some(employees);
        row.size_class = Some(register::size_class(employees));
        row.tags = json!(tag.into_iter().collect::<Vec<_>>());
        row.description = Some("演示数据，并非真实企业。".into());
        row.is_synthetic = true;
        Ok(self.push(row))
    }

    /// What all rows have in common.
    fn row(
        &mut self,
        region: &str,
        name: &str,
        short_name: Option<String>,
    ) -> Result<enterprise::Model, BuildError> {
        self.serial += 1;
        self.at += TimeDelta::seconds(1);
        let uscc = uscc::synthetic(region, self.serial);
        let words = [Some(name), short_name.as_deref(), Some(&uscc)];
        let search_text = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Ok(enterprise::Model {
            id: self.build.id(Table::Enterprise, self.at)?,
            district_id: self.district.id,
            search_text: search_text.to_lowercase(),
            uscc,
            uscc_waiver_reason: None,
            name: name.into(),
            short_name,
            ownership: Ownership::Private,
            industry_section: None,
            industry_code: None,
            size_class: None,
            region_code: region.into(),
            street: None,
            employee_count: None,
            parent_enterprise_id: None,
            tags: json!([]),
            description: None,
            status: EnterpriseStatus::Active,
            deactivated_at: None,
            deactivation_reason: None,
            is_synthetic: false,
            synthetic_fields: json!([]),
            version: 1,
            created_at: self.at,
            updated_at: self.at,
        })
    }

    fn push(&mut self, row: enterprise::Model) -> Firm {
        let firm = Firm {
            id: row.id,
            is_named: !row.is_synthetic,
            serial: self.serial,
        };
        self.build.rows.enterprises.push(row);
        firm
    }
}

/// Whether the headline figures count an enterprise.
fn counts(row: &enterprise::Model, district: &District) -> bool {
    row.district_id == district.id
        && row.ownership == Ownership::Private
        && row.status == EnterpriseStatus::Active
        && row.region_code == district.code
        && row
            .employee_count
            .is_some_and(|count| count >= COUNTED_FROM)
}
