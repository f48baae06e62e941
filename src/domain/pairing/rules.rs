//! The rules of a pairing, without a database: which role sits on which side, how many members it
//! has, what its state allows, and when it counts as overdue or idle.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enterprise::{self, Ownership};
use entity::membership::MembershipRole;
use entity::pairing::{PairingKind, PairingStatus};

use super::PairingAction;
use crate::kernel::clock::business_date;

/// The tag of the pharmaceutical trade.
const PHARMA_TAG: &str = "医药制药";
/// GB/T 4754-2017: manufacture of medicines, wholesale and retail of medicines and devices.
const PHARMA_CODES: [&str; 3] = ["27", "515", "525"];

/// How many members a pairing of a kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The fewest.
    pub min: i32,
    /// The most.
    pub max: i32,
}

impl Size {
    /// The one private enterprise of a state-owned one.
    pub const ONE: Self = Self { min: 1, max: 1 };

    /// Whether a number of members is right.
    #[must_use]
    pub const fn holds(self, count: i32) -> bool {
        self.min <= count && count <= self.max
    }
}

/// Whether a pairing binds its enterprises: `UNDER_STRENGTH` counts as active.
#[must_use]
pub const fn is_in_force(status: PairingStatus) -> bool {
    matches!(status, PairingStatus::Active | PairingStatus::UnderStrength)
}

/// Whether the state of a pairing allows an action.
#[must_use]
pub const fn state_allows(action: PairingAction, status: PairingStatus) -> bool {
    match action {
        PairingAction::Activate => matches!(status, PairingStatus::Draft),
        PairingAction::AddMember | PairingAction::RemoveMember | PairingAction::End => {
            !matches!(status, PairingStatus::Ended)
        }
        PairingAction::RecordInteraction => is_in_force(status),
    }
}

/// Whether a kind of pairing ever knows an action: one and one have no members to come and go.
#[must_use]
pub const fn kind_allows(action: PairingAction, kind: PairingKind) -> bool {
    match action {
        PairingAction::AddMember | PairingAction::RemoveMember => {
            matches!(kind, PairingKind::OnePlusN)
        }
        PairingAction::Activate | PairingAction::RecordInteraction | PairingAction::End => true,
    }
}

/// Whether a role in the alliance suits a side of a pairing.
#[must_use]
pub const fn role_suits(kind: PairingKind, leads: bool, role: MembershipRole) -> bool {
    match (kind, leads) {
        (PairingKind::OnePlusN, true) => matches!(role, MembershipRole::Lead),
        (PairingKind::OnePlusN, false) => matches!(role, MembershipRole::Member),
        (PairingKind::SoePrivate, true) => matches!(role, MembershipRole::SoePartner),
        (PairingKind::SoePrivate, false) => {
            matches!(role, MembershipRole::Lead | MembershipRole::Member)
        }
    }
}

/// Whether an enterprise is of the pharmaceutical trade, by its tags or its industry.
#[must_use]
pub fn is_pharma(enterprise: &enterprise::Model) -> bool {
    let tagged = enterprise
        .tags
        .as_array()
        .is_some_and(|tags| tags.iter().any(|tag| tag == PHARMA_TAG));
    let code = enterprise.industry_code.as_deref().unwrap_or_default();
    tagged || PHARMA_CODES.iter().any(|known| code.starts_with(known))
}

/// What bars an enterprise from a side of a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Its role in the alliance does not suit, or it has none.
    Role,
    /// The private side of a pairing of state-owned and private is private.
    Ownership,
    /// Both sides of a pairing of state-owned and private are of the pharmaceutical trade.
    Industry,
}

/// What bars an enterprise with this role from a side of a pairing, if anything does.
#[must_use]
pub fn bar(
    kind: PairingKind,
    leads: bool,
    role: Option<MembershipRole>,
    enterprise: &enterprise::Model,
) -> Option<Bar> {
    if !role.is_some_and(|role| role_suits(kind, leads, role)) {
        return Some(Bar::Role);
    }
    if kind == PairingKind::SoePrivate {
        if !leads && enterprise.ownership != Ownership::Private {
            return Some(Bar::Ownership);
        }
        if !is_pharma(enterprise) {
            return Some(Bar::Industry);
        }
    }
    None
}

/// Whether the grace period of a pairing under strength has run out: a warning, never an end.
#[must_use]
pub fn is_overdue(since: DateTime<Utc>, grace_days: i32, now: DateTime<Utc>) -> bool {
    days_after(business_date(since), grace_days) < business_date(now)
}

/// Whether nothing has happened in a pairing for so long that it counts as idle.
#[must_use]
pub fn is_idle(last: NaiveDate, idle_days: i32, now: DateTime<Utc>) -> bool {
    days_after(last, idle_days) < business_date(now)
}

fn days_after(day: NaiveDate, days: i32) -> NaiveDate {
    day.checked_add_signed(TimeDelta::days(i64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    #[test]
    fn the_states_and_their_actions() {
        use PairingAction::{Activate, AddMember, End, RecordInteraction, RemoveMember};
        let allowed = |status| -> Vec<PairingAction> {
            PairingAction::iter()
                .filter(|action| state_allows(*action, status))
                .collect()
        };
        assert_eq!(
            allowed(PairingStatus::Draft),
            [Activate, AddMember, RemoveMember, End]
        );
        for status in [PairingStatus::Active, PairingStatus::UnderStrength] {
            assert_eq!(
                allowed(status),
                [AddMember, RemoveMember, RecordInteraction, End]
            );
        }
        assert_eq!(allowed(PairingStatus::Ended), []);
    }

    #[test]
    fn one_and_one_have_no_members_to_come_and_go() {
        for action in PairingAction::iter() {
            assert!(kind_allows(action, PairingKind::OnePlusN));
            let changes = matches!(
                action,
                PairingAction::AddMember | PairingAction::RemoveMember
            );
            assert_eq!(kind_allows(action, PairingKind::SoePrivate), !changes);
        }
    }

    #[test]
    fn every_side_has_its_roles() {
        use MembershipRole::{Lead, Member, SoePartner};
        let suits = |kind, leads| -> Vec<MembershipRole> {
            MembershipRole::iter()
                .filter(|role| role_suits(kind, leads, *role))
                .collect()
        };
        assert_eq!(suits(PairingKind::OnePlusN, true), [Lead]);
        assert_eq!(suits(PairingKind::OnePlusN, false), [Member]);
        assert_eq!(suits(PairingKind::SoePrivate, true), [SoePartner]);
        assert_eq!(suits(PairingKind::SoePrivate, false), [Lead, Member]);
    }

    #[test]
    fn two_to_three_is_neither_one_nor_four() {
        let size = Size { min: 2, max: 3 };
        let held: Vec<i32> = (0..6).filter(|count| size.holds(*count)).collect();
        assert_eq!(held, [2, 3]);
        assert!(Size::ONE.holds(1) && !Size::ONE.holds(0) && !Size::ONE.holds(2));
    }

    #[test]
    fn a_grace_period_runs_out_at_midnight_in_shanghai_after_its_last_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let since = at("2021-01-20T02:00:00Z");
        assert!(!is_overdue(since, 30, since));
        assert!(!is_overdue(since, 30, at("2021-02-19T15:59:59Z")));
        assert!(is_overdue(since, 30, at("2021-02-19T16:00:00Z")));
    }

    #[test]
    fn idle_is_more_than_the_days_since_the_last_interaction() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last = "2020-11-21".parse().unwrap();
        assert!(!is_idle(last, 60, at("2021-01-20T02:00:00Z")));
        assert!(is_idle(last, 60, at("2021-01-21T02:00:00Z")));
        assert!(!is_idle(NaiveDate::MAX, 60, at("2021-01-21T02:00:00Z")));
    }
}
