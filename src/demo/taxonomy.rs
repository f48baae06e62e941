//! The two districts and what each sets for itself: policy, offices, categories of issues. The
//! second one is nearly empty; it is there so that the wall between districts can be tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::department::GovernanceRole;
use entity::{department, district, district_baseline, district_policy, issue_category};
use sea_orm::prelude::Uuid;

use super::calendar::Calendar;
use super::rows::{Build, Table};
use super::{BuildError, Profile};
use crate::domain::calendar::WorkingTime;
use crate::domain::district::founding::{self, CATEGORIES};
use crate::domain::issue::clocks::Rules;

/// The article, by which the headline figures are known.
const ARTICLE: &str = "中国城市报 2021-01-20《荔湾区：“红联共建”推动非公企业党建落实落地》";
/// The article's count of non-public enterprises with seven or more employees.
pub(super) const ENTERPRISES: i32 = 2898;
/// Their employees.
pub(super) const EMPLOYEES: i32 = 87_344;

/// What a district is made of.
pub(super) struct Plan {
    pub(super) code: &'static str,
    name: &'static str,
    prefix: &'static str,
    /// Code and name; the first is OVERALL, the second LEAD.
    departments: &'static [(&'static str, &'static str)],
    /// Whether the article gives its size.
    has_baseline: bool,
}

/// The pilot district.
pub(super) const LIWAN: Plan = Plan {
    code: "440103",
    name: "荔湾区",
    prefix: "LW",
    departments: &[
        ("DISTRICT_COMMITTEE", "区委"),
        ("ORGANISATION", "区委组织部"),
        ("GOVERNMENT_OFFICE", "区政府办公室"),
        ("DEVELOPMENT_REFORM", "区发展和改革局"),
        ("INDUSTRY_COMMERCE", "区科技工业商务和信息化局"),
        ("HUMAN_RESOURCES", "区人力资源和社会保障局"),
        ("FINANCE", "区财政局"),
        ("TAX", "区税务局"),
        ("MARKET_REGULATION", "区市场监督管理局"),
        ("HOUSING_CONSTRUCTION", "区住房和建设局"),
        ("PLANNING", "区规划和自然资源分局"),
        ("GOVERNMENT_SERVICES", "区政务服务数据管理局"),
        ("HEALTH", "区卫生健康局"),
        ("URBAN_MANAGEMENT", "区城市管理和综合执法局"),
    ],
    has_baseline: true,
};

/// The district beside it.
pub(super) const YUEXIU: Plan = Plan {
    code: "440104",
    name: "越秀区",
    prefix: "YX",
    departments: &[
        ("DISTRICT_COMMITTEE", "区委"),
        ("ORGANISATION", "区委组织部"),
        ("GOVERNMENT_SERVICES", "区政务服务数据管理局"),
    ],
    has_baseline: false,
};

/// A district that was built.
pub(super) struct District {
    pub(super) id: Uuid,
    pub(super) code: &'static str,
    /// The prefix of its issue numbers.
    pub(super) prefix: &'static str,
    departments: BTreeMap<&'static str, (Uuid, &'static str)>,
    categories: BTreeMap<&'static str, Uuid>,
    /// What it gives the clocks of its issues.
    pub(super) rules: Rules,
}

impl District {
    /// The id and the name of an office.
    pub(super) fn department(&self, code: &str) -> Result<(Uuid, &'static str), BuildError> {
        let found = self.departments.get(code).copied();
        found.ok_or(BuildError::Missing("such department"))
    }

    /// The id of a category.
    pub(super) fn category(&self, code: &str) -> Result<Uuid, BuildError> {
        let found = self.categories.get(code).copied();
        found.ok_or(BuildError::Missing("such category"))
    }
}

/// Builds a district with everything it sets for itself.
pub(super) fn district(build: &mut Build, plan: &Plan) -> Result<District, BuildError> {
    let at = build
        .calendar
        .instant(build.calendar.opening((2019, 10, 8))?)?;
    let id = build.id(Table::District, at)?;
    build.rows.districts.push(district::Model {
        id,
        code: plan.code.into(),
        name: plan.name.into(),
        number_prefix: plan.prefix.into(),
        is_active: true,
        version: 1,
        created_at: at,
        updated_at: at,
    });
    let policy = policy(build, id, plan.has_baseline, at)?;
    build.rows.policies.push(policy.clone());
    let limits = founding::clock_rules(id, at, || build.id(Table::ClockRule, at))?;
    build.rows.clock_rules.extend(limits.iter().cloned());
    let days = Arc::clone(&build.calendar.days);
    let time = WorkingTime::new(days, policy.work_start_minute, policy.work_end_minute);
    if plan.has_baseline {
        let as_of = build.calendar.on((2021, 1, 20))?;
        let created_at = Calendar::midnight(as_of)?;
        let baseline = district_baseline::Model {
            id: build.id(Table::Baseline, created_at)?,
            district_id: id,
            as_of,
            enterprise_count: ENTERPRISES,
            employee_count: EMPLOYEES,
            source: ARTICLE.into(),
            created_at,
        };
        build.rows.baselines.push(baseline);
    }
    let departments = departments(build, id, plan, at)?;
    let mut categories = BTreeMap::new();
    for (position, (code, name_zh, name_en)) in (1..).zip(CATEGORIES) {
        let row = issue_category::Model {
            id: build.id(Table::Category, at)?,
            district_id: id,
            code: code.into(),
            name_zh: name_zh.into(),
            name_en: name_en.into(),
            position,
            is_active: true,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        categories.insert(code, row.id);
        build.rows.categories.push(row);
    }
    Ok(District {
        id,
        code: plan.code,
        prefix: plan.prefix,
        departments,
        categories,
        rules: Rules::new(time, policy, limits),
    })
}

fn departments(
    build: &mut Build,
    district_id: Uuid,
    plan: &Plan,
    at: DateTime<Utc>,
) -> Result<BTreeMap<&'static str, (Uuid, &'static str)>, BuildError> {
    let roles = [GovernanceRole::Overall, GovernanceRole::Lead]
        .into_iter()
        .chain(std::iter::repeat(GovernanceRole::Participating));
    let mut known = BTreeMap::new();
    for (&(code, name), governance_role) in plan.departments.iter().zip(roles) {
        let row = department::Model {
            id: build.id(Table::Department, at)?,
            district_id,
            code: code.into(),
            name: name.into(),
            governance_role,
            is_active: true,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        known.insert(code, (row.id, name));
        build.rows.departments.push(row);
    }
    Ok(known)
}

fn policy(
    build: &mut Build,
    district_id: Uuid,
    has_baseline: bool,
    at: DateTime<Utc>,
) -> Result<district_policy::Model, BuildError> {
    let id = build.id(Table::Policy, at)?;
    // A district without a baseline can only count its rows.
    let register_complete = !has_baseline || build.profile == Profile::Full;
    Ok(founding::first_policy(
        id,
        district_id,
        register_complete,
        at,
    ))
}
