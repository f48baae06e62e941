//! What a district starts with: the policy of the programme's rules, the two offices that govern
//! it and the taxonomy of its issues. All of it is the district's own to change afterwards.

use chrono::{DateTime, Utc};
use entity::clock_rule;
use entity::department::GovernanceRole;
use entity::district_policy;
use entity::enterprise_issue::{IssueComplexity, IssueNature, IssueUrgency};
use entity::issue_clock::ClockKind;
use uuid::Uuid;

/// The working day from 09:00 to 17:30, in minutes after midnight.
pub const WORKING_DAY: (i32, i32) = (540, 1050);

/// The taxonomy of issues: code, Chinese and English name.
pub const CATEGORIES: [(&str, &str, &str); 13] = [
    ("LABOUR", "用工用人", "Labour"),
    ("FINANCE", "融资金融", "Finance"),
    ("LAND_SPACE", "用地用房", "Land and space"),
    ("TAX", "税务", "Tax"),
    ("SOCIAL_SECURITY", "社会保障", "Social security"),
    ("TECH_IP", "科技与知识产权", "Technology and IP"),
    ("TRADE_CUSTOMS", "外贸通关", "Trade and customs"),
    ("PERMIT", "证照许可", "Permits and licences"),
    (
        "TRAFFIC_FACILITY",
        "交通与配套设施",
        "Traffic and facilities",
    ),
    ("SUPPLY_CHAIN", "供应链", "Supply chain"),
    ("TALENT", "人才服务", "Talent"),
    ("PARTY_BUILDING", "党建", "Party building"),
    ("OTHER", "其他", "Other"),
];

/// The first revision of a district's policy. Without a baseline the register counts as complete:
/// there is nothing else that the headline figures could count.
#[must_use]
pub const fn first_policy(
    id: Uuid,
    district_id: Uuid,
    register_complete: bool,
    created_at: DateTime<Utc>,
) -> district_policy::Model {
    district_policy::Model {
        id,
        district_id,
        revision: 1,
        pairing_min_members: 2,
        pairing_max_members: 3,
        under_strength_grace_days: 30,
        idle_pairing_days: 60,
        officer_capacity: 1,
        leads_on_duty: 1,
        register_complete,
        work_start_minute: WORKING_DAY.0,
        work_end_minute: WORKING_DAY.1,
        max_reopens: 2,
        reopen_window_days: 10,
        max_returns: 2,
        yellow_percent: 30,
        info_wait_days: 10,
        circular_after_days: 3,
        meeting_after_days: 5,
        changed_by_id: None,
        created_at,
    }
}

/// What the programme's rules give the clocks of issues: the clock, the urgency, nature and
/// complexity of the issues that it is for, whether it is for dissatisfied ones, working days.
const CLOCKS: [ClockTerms; 13] = [
    (ClockKind::Accept, None, None, None, false, 1),
    (ClockKind::Assign, None, None, None, false, 1),
    (ClockKind::Contact, None, None, None, false, 1),
    (
        ClockKind::Resolve,
        Some(IssueUrgency::Urgent),
        None,
        None,
        false,
        1,
    ),
    (
        ClockKind::Resolve,
        None,
        Some(IssueNature::Consult),
        None,
        false,
        2,
    ),
    (
        ClockKind::Resolve,
        None,
        None,
        Some(IssueComplexity::Simple),
        false,
        3,
    ),
    (
        ClockKind::Resolve,
        None,
        None,
        Some(IssueComplexity::General),
        false,
        5,
    ),
    (
        ClockKind::Resolve,
        None,
        None,
        Some(IssueComplexity::Complex),
        false,
        15,
    ),
    (ClockKind::Rework, None, None, None, false, 5),
    (ClockKind::Rating, None, None, None, false, 5),
    (ClockKind::Callback, None, None, None, false, 3),
    (ClockKind::Callback, None, None, None, true, 1),
    (ClockKind::NextReply, None, None, None, false, 20),
];

/// See `CLOCKS`.
type ClockTerms = (
    ClockKind,
    Option<IssueUrgency>,
    Option<IssueNature>,
    Option<IssueComplexity>,
    bool,
    i32,
);

/// What a district gives its clocks at first. `id` gives each row its id.
///
/// # Errors
/// Whatever `id` fails with.
pub fn clock_rules<E>(
    district_id: Uuid,
    at: DateTime<Utc>,
    mut id: impl FnMut() -> Result<Uuid, E>,
) -> Result<Vec<clock_rule::Model>, E> {
    let rules = CLOCKS.into_iter();
    rules
        .map(
            |(clock, urgency, nature, complexity, is_dissatisfied, limit_days)| {
                Ok(clock_rule::Model {
                    id: id()?,
                    district_id,
                    clock,
                    urgency,
                    nature,
                    complexity,
                    is_dissatisfied,
                    limit_days,
                    version: 1,
                    created_at: at,
                    updated_at: at,
                })
            },
        )
        .collect()
}

/// The offices that every programme has: the committee that coordinates it (统筹) and its
/// organisation department, which takes the lead (牵头抓总). Code, name and part.
#[must_use]
pub fn offices(district: &str) -> [(&'static str, String, GovernanceRole); 2] {
    // 荔湾区 has a 区委, a county (县) a 县委.
    let level = district.chars().next_back();
    let level = level.filter(|last| "区县市旗".contains(*last));
    let level = level.unwrap_or('区');
    [
        (
            "DISTRICT_COMMITTEE",
            format!("{level}委"),
            GovernanceRole::Overall,
        ),
        (
            "ORGANISATION",
            format!("{level}委组织部"),
            GovernanceRole::Lead,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offices_are_named_by_the_level_of_the_district() {
        let names = |district| offices(district).map(|(_, name, _)| name);
        assert_eq!(names("荔湾区"), ["区委", "区委组织部"]);
        assert_eq!(names("博罗县"), ["县委", "县委组织部"]);
        assert_eq!(names("Liwan"), ["区委", "区委组织部"]);
    }
}
