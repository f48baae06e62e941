//! Changes of what a district's charter sets.

use async_graphql::MaybeUndefined;
use entity::district;
use entity::district_policy::{ActiveModel, Model};
use sea_orm::ActiveValue::{self, Set};
use sea_orm::{ActiveModelTrait, Value};
use uuid::Uuid;

use super::queries::{self, SHAPE};
use super::{UpdateDistrictPolicyInput, policy};
use crate::domain::input::{self, expect_version, not_found, patch, role_may};
use crate::kernel::error::{Code, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, Work};
use crate::store::{Actor, Deps};

/// The most members that any charter may set: what the tables allow.
const MOST_MEMBERS: i32 = 20;
/// The end of a working day at midnight.
const END_OF_DAY: i32 = 1440;

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
