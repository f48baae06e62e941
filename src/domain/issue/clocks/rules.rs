//! What a district gives its clocks: the hours of its working days, and how many of them.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::clock_rule;
use entity::district_policy;
use entity::enterprise_issue::{IssueComplexity, IssueNature, IssueUrgency};
use entity::issue_clock::ClockKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::domain::calendar::{Calendar, WorkingTime, queries};
use crate::domain::district::queries::policy;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Faults, Result, UserError};
use crate::store::Db;

/// Working time as a district counts it.
///
/// # Errors
/// When the database fails.
pub async fn working_time(
    db: &Db,
    conn: &impl ConnectionTrait,
    district: Uuid,
) -> Result<WorkingTime> {
    let policy = policy(conn, district).await?;
    let calendar = queries::calendar(db, conn).await?;
    Ok(hours(calendar, &policy))
}

fn hours(calendar: Arc<Calendar>, policy: &district_policy::Model) -> WorkingTime {
    WorkingTime::new(calendar, policy.work_start_minute, policy.work_end_minute)
}

/// What of an issue decides how long its clocks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// What it asks for.
    pub nature: IssueNature,
    /// How urgent it is; none before it is accepted.
    pub urgency: Option<IssueUrgency>,
    /// How complex it is; none before it is accepted.
    pub complexity: Option<IssueComplexity>,
}

/// What a district gives its clocks.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Working time as the district counts it.
    pub time: WorkingTime,
    /// The policy in force.
    pub policy: district_policy::Model,
    limits: Vec<clock_rule::Model>,
}

impl Rules {
    /// What these rows and this working time say.
    #[must_use]
    pub const fn new(
        time: WorkingTime,
        policy: district_policy::Model,
        limits: Vec<clock_rule::Model>,
    ) -> Self {
        Self {
            time,
            policy,
            limits,
        }
    }

    /// What is in force in a district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(db: &Db, conn: &impl ConnectionTrait, district: Uuid) -> Result<Self> {
        let policy = policy(conn, district).await?;
        let calendar = queries::calendar(db, conn).await?;
        let limits = clock_rule::Entity::find()
            .filter(clock_rule::Column::DistrictId.eq(district))
            .all(conn)
            .await?;
        let time = hours(calendar, &policy);
        Ok(Self::new(time, policy, limits))
    }

    /// How many working days a clock gives: the most specific rule that fits counts, the urgency
    /// before the nature before the complexity.
    ///
    /// # Errors
    /// `Internal` for a clock without a rule.
    pub fn limit(&self, clock: ClockKind, case: &Case, is_dissatisfied: bool) -> Result<i32> {
        let fits = self.limits.iter().filter(|rule| {
            rule.clock == clock
                && (rule.urgency.is_none() || rule.urgency == case.urgency)
                && (rule.nature.is_none() || rule.nature == Some(case.nature))
                && (rule.complexity.is_none() || rule.complexity == case.complexity)
                && (!rule.is_dissatisfied || is_dissatisfied)
        });
        let specific = |rule: &&clock_rule::Model| {
            (
                rule.is_dissatisfied,
                rule.urgency.is_some(),
                rule.nature.is_some(),
                rule.complexity.is_some(),
            )
        };
        let rule = fits.max_by_key(specific);
        rule.map(|rule| rule.limit_days)
            .ok_or_else(|| Error::Internal(format!("no rule says how long {clock:?} is")))
    }

    /// Reads a day that something is promised by: a later one, at most so many working days away.
    pub fn promised(
        &self,
        faults: &mut Faults,
        field: &str,
        day: NaiveDate,
        now: DateTime<Utc>,
        most: i64,
    ) {
        let calendar = &self.time.calendar;
        let today = business_date(now);
        let last = calendar.working_days_after(today, most);
        // Some working day must be left until then.
        let is_later = calendar.before(day).zip(calendar.before(today));
        let is_later = day > today
            && is_later.is_some_and(|(then, now)| {
                then + i64::from(calendar.is_working(day))
                    > now + i64::from(calendar.is_working(today))
            });
        if is_later && last.is_some_and(|last| day <= last) {
            return;
        }
        let last = last.unwrap_or(today);
        faults.add(
            UserError::at(Code::OutOfRange, field)
                .saying(
                    format!("须为今后的日期，不晚于 {most} 个工作日后的 {last}"),
                    format!("A later day, at most {most} working days from now: {last}."),
                )
                .with("max", last),
        );
    }
}

/// What a day or an instant beyond the calendar is: nothing that anybody asked for.
pub(super) fn uncounted() -> Error {
    Error::Internal("an instant lies outside of the calendar".to_owned())
}
