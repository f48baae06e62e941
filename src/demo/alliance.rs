//! The alliance: who is in it, who is paired with whom and what the pairings did together.

use chrono::NaiveDate;
use entity::membership::{self, MembershipRole, MembershipStatus};
use entity::pairing::{self, PairingKind, PairingStatus};
use entity::pairing_interaction::{self, AmountBand, DealType, InteractionType};
use entity::pairing_member::{self, PairingMemberStatus};
use sea_orm::prelude::Uuid;

use super::BuildError;
use super::calendar::Calendar;
use super::enterprises::{Firm, MEMBER_COUNT, Register};
use super::rows::{Build, Pick, Table, at};
use super::taxonomy::District;
use super::users::Accounts;

/// Members of each lead's pairing, by their place: seven of three and one of two. The article
/// puts 大翔集团 (0) with 立白集团 (0) and says nothing of 名创优品 (1) and 大参林 (2), which
/// therefore stand with made-up leads.
const GROUPS: [&[usize]; 8] = [
    &[0, 18, 19],
    &[20, 21, 22],
    &[3, 4, 5],
    &[1, 6, 7],
    &[2, 8, 9],
    &[10, 11, 12],
    &[13, 14, 15],
    &[16, 17],
];
/// The private side of each pairing with a state-owned partner: all make medicines.
const PRIVATE_SIDES: [usize; 6] = [0, 2, 6, 8, 11, 14];
/// Members whose part in the alliance no source states.
const ASSUMED: [usize; 2] = [1, 2];
/// Working days since each 1+N pairing last did something; beyond 60 days it shows as idle.
const LAST_SEEN: [i64; 8] = [-9, -14, -5, -22, -31, -12, -61, -18];
/// The bit of the mode `WIN_WIN` (合作共赢), which needs a deal.
const WIN_WIN: i32 = 32;

/// What the pairings do, in turn: type, title, modes and aids as bits.
const DOINGS: [(InteractionType, &str, i32, i32); 6] = [
    (
        InteractionType::LeadMeeting,
        "牵头企业会议：商定季度共建计划",
        1 | 4,
        1,
    ),
    (
        InteractionType::PeerVisit,
        "走访互动：交流车间党小组做法",
        1 | 8,
        1 | 16,
    ),
    (
        InteractionType::ServiceDay,
        "服务企业日：现场解答用工与社保问题",
        16,
        2 | 16,
    ),
    (
        InteractionType::Forum,
        "发展论坛：上下游协同与数字化",
        8 | WIN_WIN,
        4 | 8 | 32,
    ),
    (
        InteractionType::PeerVisit,
        "阵地开放：共用党群活动室",
        2 | 4,
        8,
    ),
    (
        InteractionType::LeadMeeting,
        "难题会商：物流与仓储共享",
        16 | 2,
        2 | 8,
    ),
];

/// Builds memberships, pairings and interactions.
pub(super) fn build(
    build: &mut Build,
    district: &District,
    register: &Register,
    accounts: &Accounts,
) -> Result<(), BuildError> {
    memberships(build, district, register)?;
    let mut pick = Pick::new(0x21);
    for (index, (lead, group)) in register.leads.iter().zip(GROUPS).enumerate() {
        let mut members = Vec::with_capacity(group.len());
        for place in group {
            members.push(*at(&register.members, *place, "member")?);
        }
        let name = format!("{} 1+{} 结对", label(*lead), members.len());
        let starts_on = build.calendar.on((2019, 11, 6))?;
        let pair = (PairingKind::OnePlusN, *lead, starts_on, name);
        let id = pairing(build, district, pair, &members, accounts)?;
        let last = *at(&LAST_SEEN, index, "day")?;
        interactions(build, district, (id, *lead, last), accounts, &mut pick)?;
    }
    for (partner, place) in register.partners.iter().zip(PRIVATE_SIDES) {
        let private = *at(&register.members, place, "member")?;
        let name = format!("国企+民企结对 {:02}", partner.serial - 31);
        let starts_on = build.calendar.on((2020, 6, 30))?;
        let pair = (PairingKind::SoePrivate, *partner, starts_on, name);
        pairing(build, district, pair, &[private], accounts)?;
    }
    Ok(())
}

fn label(firm: Firm) -> String {
    match firm.serial {
        1 => "立白集团".into(),
        2 => "唯品会".into(),
        serial => format!("演示企业 {serial:03}"),
    }
}

fn memberships(
    build: &mut Build,
    district: &District,
    register: &Register,
) -> Result<(), BuildError> {
    // 8 leads and 22 members at the launch, one member more later (增员扩面).
    let launch = build.calendar.on((2019, 10, 23))?;
    let later = build.calendar.on((2020, 9, 15))?;
    let with_state_owned = build.calendar.on((2020, 6, 30))?;
    for firm in &register.leads {
        member(
            build,
            district,
            (*firm, MembershipRole::Lead),
            launch,
            false,
        )?;
    }
    for (place, firm) in register.members.iter().enumerate() {
        let joined_on = if place + 1 == MEMBER_COUNT {
            later
        } else {
            launch
        };
        let is_assumed = ASSUMED.contains(&place);
        member(
            build,
            district,
            (*firm, MembershipRole::Member),
            joined_on,
            is_assumed,
        )?;
    }
    for firm in &register.partners {
        let role = MembershipRole::SoePartner;
        member(build, district, (*firm, role), with_state_owned, false)?;
    }
    Ok(())
}

fn member(
    build: &mut Build,
    district: &District,
    (firm, role): (Firm, MembershipRole),
    joined_on: NaiveDate,
    is_assumed: bool,
) -> Result<(), BuildError> {
    let created_at = Calendar::shanghai(joined_on, 10 * 3600)?;
    let is_lead = role == MembershipRole::Lead;
    let row = membership::Model {
        id: build.id(Table::Membership, created_at)?,
        district_id: district.id,
        enterprise_id: firm.id,
        role,
        status: MembershipStatus::Active,
        joined_on,
        left_on: None,
        has_mature_management: is_lead,
        has_party_foundation: is_lead,
        has_demonstration_effect: is_lead,
        is_assumed,
        end_reason: None,
        version: 1,
        created_at,
        updated_at: created_at,
    };
    build.rows.memberships.push(row);
    Ok(())
}

fn pairing(
    build: &mut Build,
    district: &District,
    (kind, lead, starts_on, name): (PairingKind, Firm, NaiveDate, String),
    members: &[Firm],
    accounts: &Accounts,
) -> Result<Uuid, BuildError> {
    let created_at = Calendar::shanghai(starts_on, 11 * 3600)?;
    let row = pairing::Model {
        id: build.id(Table::Pairing, created_at)?,
        district_id: district.id,
        kind,
        lead_id: lead.id,
        name,
        goals: Some("组织共建、阵地共享、活动共办、党员共训、难题共解、合作共赢。".into()),
        status: PairingStatus::Active,
        starts_on: Some(starts_on),
        ends_on: None,
        under_strength_since: None,
        end_reason: None,
        proposed_by_id: accounts.operators.first().copied(),
        // Proposed, then activated.
        version: 2,
        created_at,
        updated_at: created_at,
    };
    for firm in members {
        // Who joined the alliance later joined the pairing then.
        let memberships = &build.rows.memberships;
        let joined = memberships.iter().find(|row| row.enterprise_id == firm.id);
        let joined_on = joined.map_or(starts_on, |row| row.joined_on.max(starts_on));
        let joined_at = Calendar::shanghai(joined_on, 11 * 3600)?;
        let member = pairing_member::Model {
            id: build.id(Table::PairingMember, joined_at)?,
            district_id: district.id,
            pairing_id: row.id,
            kind,
            lead_id: lead.id,
            enterprise_id: firm.id,
            status: PairingMemberStatus::Active,
            joined_on: Some(joined_on),
            left_on: None,
            version: 1,
            created_at: joined_at,
            updated_at: joined_at,
        };
        build.rows.pairing_members.push(member);
    }
    let id = row.id;
    build.rows.pairings.push(row);
    Ok(id)
}

fn interactions(
    build: &mut Build,
    district: &District,
    (pairing_id, lead, last): (Uuid, Firm, i64),
    accounts: &Accounts,
    pick: &mut Pick,
) -> Result<(), BuildError> {
    let recorded_by_id = accounts.of_enterprise.get(&lead.id).copied();
    let mut day = last;
    // Backwards from the last one, about one in two months.
    for round in 0..6 {
        let turn = (lead.serial + round) % DOINGS.len();
        let (interaction_type, title, modes, aids) = *at(&DOINGS, turn, "doing")?;
        let t = build.calendar.at(day, pick.range(0, 400));
        let people = i32::try_from(pick.range(8, 45)).ok();
        let has_deal = modes >= WIN_WIN && !lead.is_named;
        let created_at = build.calendar.instant(t)?;
        let row = pairing_interaction::Model {
            id: build.id(Table::Interaction, created_at)?,
            district_id: district.id,
            pairing_id,
            interaction_type,
            held_on: build.calendar.date(t)?,
            title: format!("{title}（演示）"),
            summary: None,
            // No figure and no deal is made up for a named enterprise.
            modes: if has_deal { modes } else { modes % WIN_WIN },
            aids,
            participant_count: people.filter(|_| !lead.is_named),
            deal_type: has_deal.then_some(DealType::Procurement),
            deal_amount_band: has_deal.then_some(AmountBand::From1mTo10m),
            recorded_by_id,
            version: 1,
            created_at,
            updated_at: created_at,
        };
        build.rows.interactions.push(row);
        day -= pick.range(30, 46);
    }
    Ok(())
}
