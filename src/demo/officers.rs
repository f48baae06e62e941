//! The 77 chief service officers, by post, and whom they serve: each one enterprise and each
//! enterprise one officer. Some changed places once, so that there is history to see.

use chrono::NaiveDate;
use entity::officer_assignment::{self, AssignmentStatus};
use entity::service_officer::{self, OfficerStatus};
use sea_orm::prelude::Uuid;

use super::BuildError;
use super::enterprises::{Firm, Register};
use super::rows::{Build, Table, at};
use super::taxonomy::District;
use super::users::Accounts;

/// Officers, and enterprises that have one.
const COUNT: usize = 77;
/// Working days that the changes of place lie back.
const CHANGED: i64 = -160;
/// Who took over whose enterprise: three pairs that changed places and one round of three.
const FORMER: [(usize, usize); 9] = [
    (13, 14),
    (14, 13),
    (20, 21),
    (21, 20),
    (40, 41),
    (41, 40),
    (50, 51),
    (51, 52),
    (52, 50),
];
/// The offices that made-up posts belong to, in turn.
const OFFICES: [&str; 12] = [
    "ORGANISATION",
    "GOVERNMENT_OFFICE",
    "DEVELOPMENT_REFORM",
    "INDUSTRY_COMMERCE",
    "HUMAN_RESOURCES",
    "FINANCE",
    "MARKET_REGULATION",
    "HOUSING_CONSTRUCTION",
    "PLANNING",
    "GOVERNMENT_SERVICES",
    "HEALTH",
    "URBAN_MANAGEMENT",
];

/// A post.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) id: Uuid,
    pub(super) title: String,
    /// The account of who holds it.
    pub(super) user: Option<Uuid>,
}

/// An enterprise with those who act for it.
pub(super) struct Party {
    pub(super) firm: Firm,
    /// The account of the enterprise.
    pub(super) user: Option<Uuid>,
    pub(super) officer: Post,
    /// The officer before the change, and the working minute of the change.
    former: Option<(Post, i64)>,
}

impl Party {
    /// The officer in charge at a working minute.
    pub(super) fn officer_at(&self, t: i64) -> &Post {
        match &self.former {
            Some((former, until)) if t < *until => former,
            _ => &self.officer,
        }
    }
}

/// Builds the posts; the first two are the article's.
pub(super) fn posts(build: &mut Build, district: &District) -> Result<Vec<Post>, BuildError> {
    let created_at = build
        .calendar
        .instant(build.calendar.opening((2019, 10, 10))?)?;
    let mut posts = Vec::with_capacity(COUNT);
    for index in 0..COUNT {
        let number = index + 1;
        let (department_id, post_title) = match number {
            1 => (
                district.department("DISTRICT_COMMITTEE")?.0,
                "区委书记".into(),
            ),
            2 => {
                let office = district.department("GOVERNMENT_OFFICE")?;
                (office.0, "区委副书记、区长".into())
            }
            _ => {
                let office = at(&OFFICES, index % OFFICES.len(), "office")?;
                let (id, name) = district.department(office)?;
                (id, format!("演示职务 {number:02}（{name}）"))
            }
        };
        let row = service_officer::Model {
            id: build.id(Table::Officer, created_at)?,
            district_id: district.id,
            post_title: post_title.clone(),
            department_id,
            // Who covers which patch is not told of the two named posts.
            patch: (number > 2).then(|| format!("演示片区 {}", number % 7 + 1)),
            office_phone: None,
            status: OfficerStatus::Active,
            is_synthetic: number > 2,
            version: 1,
            created_at,
            updated_at: created_at,
        };
        posts.push(Post {
            id: row.id,
            title: post_title,
            user: None,
        });
        build.rows.officers.push(row);
    }
    Ok(posts)
}

/// Gives each enterprise its officer.
pub(super) fn assign(
    build: &mut Build,
    district: &District,
    register: &Register,
    mut posts: Vec<Post>,
    accounts: &Accounts,
) -> Result<Vec<Party>, BuildError> {
    for post in &mut posts {
        post.user = accounts.of_officer.get(&post.id).copied();
    }
    let first_day = build.calendar.on((2019, 10, 23))?;
    let changed = build.calendar.at(CHANGED, 0);
    let changed_on = build.calendar.date(changed)?;
    let mut parties = Vec::with_capacity(COUNT);
    for (index, firm) in register.with_officer().enumerate() {
        let officer = at(&posts, index, "officer")?.clone();
        let before = FORMER.iter().find(|(now, _)| *now == index);
        let mut former = None;
        if let Some((_, other)) = before {
            let post = at(&posts, *other, "officer")?.clone();
            push(build, district, (&post, &firm), first_day, Some(changed_on))?;
            former = Some((post, changed));
        }
        let from_on = if former.is_some() {
            changed_on
        } else {
            first_day
        };
        push(build, district, (&officer, &firm), from_on, None)?;
        parties.push(Party {
            user: accounts.of_enterprise.get(&firm.id).copied(),
            firm,
            officer,
            former,
        });
    }
    Ok(parties)
}

fn push(
    build: &mut Build,
    district: &District,
    (officer, firm): (&Post, &Firm),
    from_on: NaiveDate,
    to_on: Option<NaiveDate>,
) -> Result<(), BuildError> {
    let created_at = super::calendar::Calendar::shanghai(from_on, 9 * 3600)?;
    let updated_at = match to_on {
        Some(day) => super::calendar::Calendar::shanghai(day, 9 * 3600)?,
        None => created_at,
    };
    let row = officer_assignment::Model {
        id: build.id(Table::Assignment, created_at)?,
        district_id: district.id,
        officer_id: officer.id,
        enterprise_id: firm.id,
        status: match to_on {
            Some(_) => AssignmentStatus::Ended,
            None => AssignmentStatus::Active,
        },
        from_on,
        to_on,
        reason: Some("一对一挂点联系".into()),
        end_reason: to_on.map(|_| "挂点调整".into()),
        version: if to_on.is_some() { 2 } else { 1 },
        created_at,
        updated_at,
    };
    build.rows.assignments.push(row);
    Ok(())
}
