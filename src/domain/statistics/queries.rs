//! Counting the headline figures: one statement for those that are asked for, whatever they are.
//! A row that has an end holds from its first day to the day before its end.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::enterprise::{EnterpriseStatus, Ownership};
use entity::enterprise_issue::{IssueOutcome, IssueState};
use entity::membership::MembershipRole;
use entity::pairing::{PairingKind, PairingStatus};
use entity::service_visit::VisitStatus;
use sea_orm::ActiveEnum;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait, Query};
use sea_orm::sea_query::{JoinType, SelectStatement};
use uuid::Uuid;

use super::Headline;
use crate::kernel::clock::SHANGHAI;
use crate::kernel::error::Result;
use crate::store::Db;
use crate::store::dialect::col;
use crate::store::names::COLUMNS;

/// The fewest employees of an enterprise that the programme counts.
const FEWEST_EMPLOYEES: i32 = 7;

/// The figures as they held on a day; none where no row tells.
///
/// # Errors
/// When the database fails.
pub async fn headlines(
    db: &Db,
    district: Uuid,
    day: NaiveDate,
    wanted: &[Headline],
) -> Result<HashMap<Headline, Option<i64>>> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let counting = Counting {
        district,
        day,
        until: midnight_after(day),
    };
    let mut select = Query::select();
    for (place, figure) in wanted.iter().enumerate() {
        select.expr_as(counting.figure(*figure), COLUMNS.get(place));
    }
    let rows = db.all(db.backend().build(&select)).await?;
    let mut figures = HashMap::with_capacity(wanted.len());
    if let Some(row) = rows.first() {
        for (place, figure) in wanted.iter().enumerate() {
            figures.insert(*figure, row.try_get_by_index(place)?);
        }
    }
    Ok(figures)
}

/// The instant at which a day has passed in the district.
fn midnight_after(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN).and_utc();
    let offset = TimeDelta::seconds(i64::from(SHANGHAI.local_minus_utc()));
    midnight
        .checked_add_signed(TimeDelta::days(1) - offset)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

struct Counting {
    district: Uuid,
    day: NaiveDate,
    until: DateTime<Utc>,
}

impl Counting {
    fn figure(&self, figure: Headline) -> Expr {
        match figure {
            Headline::NonPublicEnterprises => {
                self.register(Expr::cust("count(*)"), "enterprise_count")
            }
            Headline::Employees => self.register(
                Expr::cust("coalesce(sum(employee_count), 0)"),
                "employee_count",
            ),
            Headline::AllianceTotal => {
                self.members(&[MembershipRole::Lead, MembershipRole::Member])
            }
            Headline::Leads => self.members(&[MembershipRole::Lead]),
            Headline::Members => self.members(&[MembershipRole::Member]),
            Headline::ActivePairings => self.pairings(PairingKind::OnePlusN),
            Headline::SoePrivatePairs => self.pairings(PairingKind::SoePrivate),
            Headline::Officers => {
                let mut select = self.of("officer_assignment");
                select
                    .expr(Expr::cust("count(DISTINCT officer_id)"))
                    .cond_where(self.in_force("from_on", "to_on"));
                select.into()
            }
            Headline::ServicePersonTimes => self.person_times(),
            Headline::IssuesSolved => {
                let mut select = self.of("enterprise_issue");
                let done = [IssueState::Closed, IssueState::Archived].map(|state| state.to_value());
                select
                    .expr(Expr::cust("count(*)"))
                    .and_where(col(AT, "state").is_in(done))
                    .and_where(col(AT, "outcome").eq(IssueOutcome::Solved.to_value()))
                    .and_where(col(AT, "closed_at").lt(self.until));
                select.into()
            }
        }
    }

    /// The rows of the district.
    fn of(&self, table: &'static str) -> SelectStatement {
        let mut select = Query::select();
        select
            .from_as(table, AT)
            .and_where(col(AT, "district_id").eq(self.district));
        select
    }

    /// The one row of the district with the greatest `by` under a condition.
    fn newest(&self, table: &'static str, by: &'static str, which: Condition) -> SelectStatement {
        let mut greatest = self.of(table);
        greatest.expr(col(AT, by).max()).cond_where(which);
        let mut select = self.of(table);
        select.and_where(col(AT, by).eq(Expr::from(greatest)));
        select
    }

    fn in_force(&self, from: &'static str, to: &'static str) -> Condition {
        let lasting = Condition::any()
            .add(col(AT, to).is_null())
            .add(col(AT, to).gt(self.day));
        Condition::all()
            .add(col(AT, from).lte(self.day))
            .add(lasting)
    }

    /// From the register where it holds every enterprise, else from the newest baseline. The
    /// register keeps what an enterprise is, not what it was: only its end is known by day.
    fn register(&self, counted: Expr, baseline: &'static str) -> Expr {
        let mut complete = self.newest("district_policy", "revision", Condition::all());
        complete.expr(col(AT, "register_complete"));
        let mut seat = Query::select();
        seat.column("code")
            .from("district")
            .and_where(Expr::col("id").eq(self.district));
        let active = Condition::any()
            .add(col(AT, "status").eq(EnterpriseStatus::Active.to_value()))
            .add(col(AT, "deactivated_at").gte(self.until));
        let mut rows = self.of("enterprise");
        rows.expr(counted)
            .and_where(col(AT, "ownership").eq(Ownership::Private.to_value()))
            .and_where(col(AT, "employee_count").gte(FEWEST_EMPLOYEES))
            .and_where(col(AT, "region_code").eq(Expr::from(seat)))
            .cond_where(active);
        let until = Condition::all().add(col(AT, "as_of").lte(self.day));
        let mut newest = self.newest("district_baseline", "as_of", until);
        newest.expr(col(AT, baseline));
        CaseStatement::new()
            .case(Expr::from(complete).eq(true), Expr::from(rows))
            .finally(Expr::from(newest))
            .into()
    }

    fn members(&self, roles: &[MembershipRole]) -> Expr {
        let mut select = self.of("membership");
        select
            .expr(Expr::cust("count(*)"))
            .and_where(col(AT, "role").is_in(roles.iter().map(ActiveEnum::to_value)))
            .cond_where(self.in_force("joined_on", "left_on"));
        select.into()
    }

    fn pairings(&self, kind: PairingKind) -> Expr {
        let mut select = self.of("pairing");
        select
            .expr(Expr::cust("count(*)"))
            .and_where(col(AT, "kind").eq(kind.to_value()))
            .and_where(col(AT, "status").ne(PairingStatus::Draft.to_value()))
            .cond_where(self.in_force("starts_on", "ends_on"));
        select.into()
    }

    fn person_times(&self) -> Expr {
        let mut select = self.of("service_visit");
        let same = col("p", "visit_id").eq(col(AT, "id"));
        select
            .expr(Expr::cust("count(*)"))
            .join_as(JoinType::InnerJoin, "visit_participant", "p", same)
            .and_where(col(AT, "status").eq(VisitStatus::Done.to_value()))
            .and_where(col(AT, "held_on").lte(self.day));
        select.into()
    }
}

/// The counted table's name in its subquery.
const AT: &str = "s";

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_passed_at_midnight_in_shanghai() {
        let day = "2021-01-20".parse().unwrap();
        let instant: DateTime<Utc> = "2021-01-20T16:00:00Z".parse().unwrap();
        assert_eq!(midnight_after(day), instant);
    }
}
