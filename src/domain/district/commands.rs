//! New districts, and changes of what a district's charter sets.

use async_graphql::MaybeUndefined;
use entity::district_policy::{ActiveModel, Model};
use entity::{district, issue_category};
use sea_orm::ActiveValue::{self, Set};
use sea_orm::sea_query::Condition;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Value};
use uuid::Uuid;

use super::queries::{self, SHAPE};
use super::{NewDistrict, UpdateDistrictPolicyInput, founding, policy};
use crate::domain::department;
use crate::domain::input::{self, expect_version, line, not_found, patch, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// The most members that any charter may set: what the tables allow.
const MOST_MEMBERS: i32 = 20;
/// The end of a working day at midnight.
const END_OF_DAY: i32 = 1440;

/// Adds a district with what it starts with: policy, governing offices, taxonomy of issues. Of the
/// operator at the command line: no viewer is in a district that does not exist yet.
///
/// # Errors
/// User errors `REQUIRED`, `TOO_LONG`, `INVALID`, and `TAKEN` for the code and the prefix.
pub async fn add(deps: &Deps, new: &NewDistrict) -> Result<Uuid> {
    let mut faults = Faults::default();
    let code = read_code(&mut faults, &new.code);
    let name = line(&mut faults, "name", &new.name, 120);
    let prefix = new.number_prefix.as_deref();
    let prefix = prefix.map_or_else(|| code.clone(), |text| read_prefix(&mut faults, text));
    faults.check()?;

    let id = deps.ids.next();
    let mut work = Work::by_operator(deps, id, "addDistrict").await?;
    check_unique(&work, &code, &prefix).await?;
    let at = work.now();
    let event = Event::new(Kind::District, id, "district.created");
    let offices = founding::offices(&name);
    let row = district::ActiveModel {
        id: Set(id),
        code: Set(code),
        name: Set(name),
        number_prefix: Set(prefix),
        is_active: Set(true),
        version: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
    };
    work.insert(event, row, || UserError::at(Code::Taken, "code"))
        .await?;
    let policy = founding::first_policy(work.new_id(), id, true, at);
    work.add(event, policy.into_active_model()).await?;
    for rule in founding::clock_rules(id, at, || Ok::<_, Error>(work.new_id()))? {
        work.add(event, rule.into_active_model()).await?;
    }
    for (code, name, role) in offices {
        department::commands::found(&mut work, code, name, role).await?;
    }
    for (position, (code, name_zh, name_en)) in (1..).zip(founding::CATEGORIES) {
        let category = issue_category::ActiveModel {
            id: Set(work.new_id()),
            district_id: Set(id),
            code: Set(code.to_owned()),
            name_zh: Set(name_zh.to_owned()),
            name_en: Set(name_en.to_owned()),
            position: Set(position),
            is_active: Set(true),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        };
        work.add(event, category).await?;
    }
    work.commit(Kind::District, id).await?;
    Ok(id)
}

/// Codes that end in 00 are of provinces and cities, which run no programme of their own.
fn read_code(faults: &mut Faults, text: &str) -> String {
    let code = text.trim();
    let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || code.ends_with("00") {
        faults.add(UserError::at(Code::Invalid, "code").saying(
            "行政区划代码为 6 位数字，须为县级",
            "A code of GB/T 2260 has six digits; that of a district does not end in 00.",
        ));
    }
    code.to_owned()
}

fn read_prefix(faults: &mut Faults, text: &str) -> String {
    let prefix = text.trim();
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if !(2..=8).contains(&prefix.len()) || !prefix.bytes().all(fits) {
        faults.add(UserError::at(Code::Invalid, "numberPrefix").saying(
            "编号前缀为 2 至 8 位大写字母或数字",
            "A prefix has 2 to 8 capital letters and digits, such as LW.",
        ));
    }
    prefix.to_owned()
}

async fn check_unique(work: &Work, code: &str, prefix: &str) -> Result<()> {
    let same = Condition::any()
        .add(district::Column::Code.eq(code))
        .add(district::Column::NumberPrefix.eq(prefix));
    let others = district::Entity::find().filter(same).all(work.tx()).await?;
    let mut faults = Faults::default();
    if others.iter().any(|other| other.code == code) {
        faults.add(UserError::at(Code::Taken, "code"));
    } else if !others.is_empty() {
        faults.add(UserError::at(Code::Taken, "numberPrefix"));
    }
    faults.check()
}

/// Adds a revision of the policy of the viewer's district. Values that the change does not name
/// are carried over.
///
/// # Errors
/// `Forbidden`; user errors `REQUIRED` for an empty change, `OUT_OF_RANGE`, `STALE_VERSION`.
pub async fn update_policy(
    deps: Deps,
    actor: Actor,
    input: UpdateDistrictPolicyInput,
) -> Result<Uuid> {
    role_may(policy::may_set_policy(&actor.viewer))?;
    let expected = input.expected_version;
    let change = read(&input)?;

    let mut work = Work::begin(&deps, &actor, "updateDistrictPolicy").await?;
    let district = work.district_id();
    // The lock on the district makes revisions follow each other.
    work.visible::<district::Entity>(&SHAPE, district)
        .await?
        .ok_or_else(|| not_found("id"))?;
    let before = queries::policy(work.tx(), district).await?;
    expect_version(district, before.revision, expected)?;
    let row = next(&work, change, &before);
    check(&row)?;
    let event = Event::new(Kind::District, district, "district.policyUpdated");
    work.insert(event, row, || {
        UserError::at(Code::StaleVersion, "expectedVersion")
    })
    .await?;
    work.commit(Kind::District, district).await?;
    Ok(district)
}

fn read(input: &UpdateDistrictPolicyInput) -> Result<ActiveModel> {
    let mut faults = Faults::default();
    let mut ranged = |field, value: MaybeUndefined<i32>, min, max| {
        patch(&mut faults, field, value, |faults, value| {
            input::number(faults, field, value, min, max)
        })
    };
    let mut change = ActiveModel {
        pairing_min_members: ranged(
            "pairingMinMembers",
            input.pairing_min_members,
            1,
            MOST_MEMBERS,
        ),
        pairing_max_members: ranged(
            "pairingMaxMembers",
            input.pairing_max_members,
            1,
            MOST_MEMBERS,
        ),
        under_strength_grace_days: ranged(
            "underStrengthGraceDays",
            input.under_strength_grace_days,
            1,
            365,
        ),
        idle_pairing_days: ranged("idlePairingDays", input.idle_pairing_days, 1, 365),
        officer_capacity: ranged("officerCapacity", input.officer_capacity, 1, 100),
        leads_on_duty: ranged("leadsOnDuty", input.leads_on_duty, 1, 8),
        work_start_minute: ranged(
            "workStartMinute",
            input.work_start_minute,
            0,
            END_OF_DAY - 1,
        ),
        work_end_minute: ranged("workEndMinute", input.work_end_minute, 1, END_OF_DAY),
        max_reopens: ranged("maxReopens", input.max_reopens, 0, 10),
        reopen_window_days: ranged("reopenWindowDays", input.reopen_window_days, 0, 90),
        max_returns: ranged("maxReturns", input.max_returns, 0, 10),
        yellow_percent: ranged("yellowPercent", input.yellow_percent, 1, 99),
        info_wait_days: ranged("infoWaitDays", input.info_wait_days, 1, 250),
        circular_after_days: ranged("circularAfterDays", input.circular_after_days, 1, 250),
        meeting_after_days: ranged("meetingAfterDays", input.meeting_after_days, 1, 250),
        ..<ActiveModel as Default>::default()
    };
    let complete = input.register_complete;
    change.register_complete = patch(&mut faults, "registerComplete", complete, |_, value| value);
    faults.check()?;
    input::not_empty(!change.is_changed())?;
    Ok(change)
}

/// The whole next revision: the change where there is one, else what was in force.
fn next(work: &Work, change: ActiveModel, before: &Model) -> ActiveModel {
    ActiveModel {
        id: Set(work.new_id()),
        district_id: Set(before.district_id),
        revision: Set(before.revision + 1),
        pairing_min_members: or(change.pairing_min_members, before.pairing_min_members),
        pairing_max_members: or(change.pairing_max_members, before.pairing_max_members),
        under_strength_grace_days: or(
            change.under_strength_grace_days,
            before.under_strength_grace_days,
        ),
        idle_pairing_days: or(change.idle_pairing_days, before.idle_pairing_days),
        officer_capacity: or(change.officer_capacity, before.officer_capacity),
        leads_on_duty: or(change.leads_on_duty, before.leads_on_duty),
        register_complete: or(change.register_complete, before.register_complete),
        work_start_minute: or(change.work_start_minute, before.work_start_minute),
        work_end_minute: or(change.work_end_minute, before.work_end_minute),
        max_reopens: or(change.max_reopens, before.max_reopens),
        reopen_window_days: or(change.reopen_window_days, before.reopen_window_days),
        max_returns: or(change.max_returns, before.max_returns),
        yellow_percent: or(change.yellow_percent, before.yellow_percent),
        info_wait_days: or(change.info_wait_days, before.info_wait_days),
        circular_after_days: or(change.circular_after_days, before.circular_after_days),
        meeting_after_days: or(change.meeting_after_days, before.meeting_after_days),
        changed_by_id: Set(work.user_id()),
        created_at: Set(work.now()),
    }
}

fn or<V: Into<Value>>(change: ActiveValue<V>, before: V) -> ActiveValue<V> {
    if change.is_set() { change } else { Set(before) }
}

/// What holds between values, which a change of one of them alone can break.
fn check(row: &ActiveModel) -> Result<()> {
    let mut faults = Faults::default();
    let fewest = row.pairing_min_members.try_as_ref().copied();
    let most = row.pairing_max_members.try_as_ref().copied();
    if let (Some(fewest), Some(most)) = (fewest, most) {
        input::number(&mut faults, "pairingMaxMembers", most, fewest, MOST_MEMBERS);
    }
    let start = row.work_start_minute.try_as_ref().copied();
    let end = row.work_end_minute.try_as_ref().copied();
    if let (Some(start), Some(end)) = (start, end) {
        input::number(&mut faults, "workEndMinute", end, start + 1, END_OF_DAY);
    }
    faults.check()
}
