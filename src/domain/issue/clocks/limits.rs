//! How many working days a district's clocks give, as its administrators set it. Clocks that run
//! keep what they were started with, and what they have spent.

use async_graphql::InputObject;
use entity::clock_rule::{ActiveModel, Column, Entity};
use entity::enterprise_issue::{IssueComplexity, IssueNature, IssueUrgency};
use entity::issue_clock::ClockKind;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::viewer::Viewer;
use crate::domain::input::{expect_version, not_found, number, role_may};
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::kernel::id::Kind;
use crate::store::work::{Event, ForChange, Work};
use crate::store::{Actor, Deps};

/// How many working days a clock gives in a case: a new rule, or the change of the one for exactly
/// this case.
#[derive(Clone, Debug, InputObject)]
pub struct SetClockRuleInput {
    /// The clock.
    pub clock: ClockKind,
    /// Of issues of this urgency; of any where absent. It decides before the nature.
    pub urgency: Option<IssueUrgency>,
    /// Of issues of this nature; of any where absent. It decides before the complexity.
    pub nature: Option<IssueNature>,
    /// Of issues of this complexity; of any where absent.
    pub complexity: Option<IssueComplexity>,
    /// Whether it is for what a dissatisfied enterprise sent back.
    #[graphql(default)]
    pub is_dissatisfied: bool,
    /// Working days after the day it starts on, from 1 to 250.
    pub limit_days: i32,
    /// The version of the rule that is changed; absent for a new one.
    pub expected_version: Option<i32>,
}

/// Whether the role may set what clocks give.
#[must_use]
pub const fn may_set(viewer: &Viewer) -> bool {
    viewer.is_admin()
}

/// Sets what a clock gives.
///
/// # Errors
/// `Forbidden`; user errors `OUT_OF_RANGE` for the days, `NOT_FOUND` at the version where there is
/// no such rule yet, `TAKEN` at the clock where there is one and no version was given,
/// `STALE_VERSION`.
pub async fn set(deps: Deps, actor: Actor, input: SetClockRuleInput) -> Result<Uuid> {
    role_may(may_set(&actor.viewer))?;
    let mut faults = Faults::default();
    let limit_days = number(&mut faults, "limitDays", input.limit_days, 1, 250);
    faults.check()?;
    let mut work = Work::begin(&deps, &actor, "setClockRule").await?;
    let same = |column: Column, value: Option<String>| match value {
        Some(value) => Expr::col((Entity, column)).eq(value),
        None => Expr::col((Entity, column)).is_null(),
    };
    let before = Entity::find()
        .filter(Column::DistrictId.eq(work.district_id()))
        .filter(Column::Clock.eq(input.clock))
        .filter(same(
            Column::Urgency,
            input.urgency.map(|value| value.to_value()),
        ))
        .filter(same(
            Column::Nature,
            input.nature.map(|value| value.to_value()),
        ))
        .filter(same(
            Column::Complexity,
            input.complexity.map(|value| value.to_value()),
        ))
        .filter(Column::IsDissatisfied.eq(input.is_dissatisfied))
        .for_change()
        .one(work.tx())
        .await?;
    let taken = || UserError::at(Code::Taken, "clock");
    let id = match (before, input.expected_version) {
        (None, Some(_)) => return Err(not_found("expectedVersion")),
        (Some(before), None) => return Err(Error::about(before.id, taken())),
        (Some(before), Some(expected)) => {
            expect_version(before.id, before.version, expected)?;
            let row = ActiveModel {
                id: Set(before.id),
                limit_days: Set(limit_days),
                version: Set(before.version + 1),
                updated_at: Set(work.now()),
                ..<ActiveModel as Default>::default()
            };
            let event = Event::new(Kind::ClockRule, before.id, "clock_rule.changed");
            work.update(event, &before, row, taken).await?;
            before.id
        }
        (None, None) => {
            let id = work.new_id();
            let row = ActiveModel {
                id: Set(id),
                district_id: Set(work.district_id()),
                clock: Set(input.clock),
                urgency: Set(input.urgency),
                nature: Set(input.nature),
                complexity: Set(input.complexity),
                is_dissatisfied: Set(input.is_dissatisfied),
                limit_days: Set(limit_days),
                version: Set(1),
                created_at: Set(work.now()),
                updated_at: Set(work.now()),
            };
            let event = Event::new(Kind::ClockRule, id, "clock_rule.created");
            work.insert(event, row, taken).await?;
            id
        }
    };
    work.commit(Kind::ClockRule, id).await?;
    Ok(id)
}
