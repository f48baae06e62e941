//! The visits of officers (走访): 218 held with 241 person-times (人次), and a few planned ones.
//! None is made up for an enterprise that the article names.

use std::collections::BTreeMap;

use entity::service_visit::{self, VisitMode, VisitStatus};
use entity::visit_participant;
use sea_orm::prelude::Uuid;

use super::BuildError;
use super::calendar::DAY;
use super::officers::{Party, Post};
use super::rows::{Build, Pick, Table, at};
use super::taxonomy::District;
use super::users::Accounts;

/// Visits held.
const HELD: i64 = 218;
/// Visits of two officials; all others are of one, which makes 241 person-times.
const OF_TWO: i64 = 23;
/// Visits of the first two months; "more than twenty" by other reports.
const EARLY: i64 = 26;
/// Days ahead of the planned visits, and the place of the enterprise among all with an officer.
const PLANNED: [(i64, usize); 8] = [
    (1, 11),
    (1, 34),
    (2, 2),
    (2, 15),
    (3, 40),
    (4, 12),
    (5, 33),
    (6, 60),
];

const PURPOSES: [&str; 5] = [
    "定期走访，了解生产经营情况",
    "送政策上门，讲解惠企措施",
    "了解用工与复工情况",
    "回访诉求办理情况",
    "了解党组织建设与活动开展情况",
];
const FINDINGS: [&str; 5] = [
    "经营平稳，暂无新增困难。",
    "反映配套设施不足，已记录待转办。",
    "希望了解人才与社保政策，现场作了解答。",
    "订单恢复，用工略有缺口。",
    "党员活动场地不足，建议与结对企业共用阵地。",
];

/// Which visits an enterprise had: the working day and the visit, in order.
pub(super) type Visits = BTreeMap<Uuid, Vec<(i64, Uuid)>>;

/// Builds the visits.
pub(super) fn build(
    build: &mut Build,
    district: &District,
    parties: &[Party],
    accounts: &Accounts,
) -> Result<Visits, BuildError> {
    let mut pick = Pick::new(0x31);
    let made_up: Vec<&Party> = parties.iter().filter(|p| !p.firm.is_named).collect();
    let mut order: Vec<usize> = (0..made_up.len()).collect();
    pick.shuffle(&mut order);
    let launch = build.calendar.opening((2019, 10, 24))? / DAY;
    let early_end = build.calendar.opening((2019, 12, 25))? / DAY;
    let last = build.calendar.at(-1, 0) / DAY;
    let mut visits = Visits::new();
    for n in 0..HELD {
        let day = if n < EARLY {
            launch + (early_end - launch) * n / EARLY
        } else {
            early_end + (last - early_end) * (n - EARLY + 1) / (HELD - EARLY)
        };
        let turn = usize::try_from(n).unwrap_or(0) % order.len().max(1);
        let party = *at(&made_up, *at(&order, turn, "party")?, "party")?;
        let held = day * DAY + pick.range(0, 360);
        // Spread over the whole time: every ninth until there are enough.
        let is_of_two = n % 9 == 4 && n / 9 < OF_TWO;
        let visit = Visit {
            party,
            t: held,
            is_held: true,
            is_of_two,
        };
        let id = push(build, district, &visit, accounts, &mut pick)?;
        visits.entry(party.firm.id).or_default().push((day, id));
    }
    for (days, place) in PLANNED {
        let visit = Visit {
            party: at(parties, place, "party")?,
            t: build.calendar.at(days, 60),
            is_held: false,
            is_of_two: false,
        };
        push(build, district, &visit, accounts, &mut pick)?;
    }
    Ok(visits)
}

struct Visit<'a> {
    party: &'a Party,
    /// The working minute it was held or is planned for.
    t: i64,
    is_held: bool,
    is_of_two: bool,
}

fn push(
    build: &mut Build,
    district: &District,
    visit: &Visit<'_>,
    accounts: &Accounts,
    pick: &mut Pick,
) -> Result<Uuid, BuildError> {
    let is_held = visit.is_held;
    let officer = visit.party.officer_at(visit.t);
    let planned_on = build.calendar.date(visit.t)?;
    let planned = if is_held {
        visit.t - pick.range(1, 5) * DAY
    } else {
        build.calendar.at(-2, pick.range(0, 400))
    };
    let created_at = build.calendar.instant(planned)?;
    let updated_at = if is_held {
        build.calendar.instant(visit.t + 90)?
    } else {
        created_at
    };
    let mode = match pick.range(0, 9) {
        0..=6 => VisitMode::OnSite,
        7 => VisitMode::Online,
        _ => VisitMode::Call,
    };
    let findings = pick.of(&FINDINGS)?;
    let operator = pick.of(&accounts.operators)?;
    let row = service_visit::Model {
        id: build.id(Table::Visit, created_at)?,
        district_id: district.id,
        enterprise_id: visit.party.firm.id,
        officer_id: officer.id,
        mode,
        status: if is_held {
            VisitStatus::Done
        } else {
            VisitStatus::Planned
        },
        planned_on,
        held_on: is_held.then_some(planned_on),
        purpose: (*pick.of(&PURPOSES)?).into(),
        findings: is_held.then(|| (*findings).into()),
        internal_note: None,
        recorded_by_id: is_held.then(|| officer.user.unwrap_or(*operator)),
        version: if is_held { 2 } else { 1 },
        created_at,
        updated_at,
    };
    let id = row.id;
    build.rows.visits.push(row);
    if is_held {
        let at = updated_at;
        participant(
            build,
            district,
            (id, 1),
            at,
            (Some(officer), &officer.title),
        )?;
    }
    if visit.is_of_two {
        let title = "演示随行职务（区政务服务数据管理局）";
        participant(build, district, (id, 2), updated_at, (None, title))?;
    }
    Ok(id)
}

fn participant(
    build: &mut Build,
    district: &District,
    (visit_id, position): (Uuid, i32),
    created_at: chrono::DateTime<chrono::Utc>,
    (officer, title): (Option<&Post>, &str),
) -> Result<(), BuildError> {
    let row = visit_participant::Model {
        id: build.id(Table::Participant, created_at)?,
        district_id: district.id,
        visit_id,
        position,
        officer_id: officer.map(|post| post.id),
        post_title: title.into(),
        created_at,
    };
    build.rows.participants.push(row);
    Ok(())
}
