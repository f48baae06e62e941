//! Memberships, pairings, officers, visits and users.

use entity::membership::{MembershipRole, MembershipStatus};
use entity::officer_assignment::AssignmentStatus;
use entity::pairing::{PairingKind, PairingStatus};
use entity::service_officer::OfficerStatus;
use entity::service_visit::VisitStatus;

use super::*;

fn active(role: MembershipRole) -> Vec<&'static entity::membership::Model> {
    let rows = demo().rows.memberships.iter();
    rows.filter(|row| row.role == role && row.status == MembershipStatus::Active)
        .collect()
}

#[test]
fn eight_leads_23_members_and_six_partners() {
    assert_eq!(active(MembershipRole::Lead).len(), 8);
    assert_eq!(active(MembershipRole::Member).len(), 23);
    assert_eq!(active(MembershipRole::SoePartner).len(), 6);
    for row in active(MembershipRole::Lead) {
        let has_all = row.has_mature_management && row.has_party_foundation;
        assert!(has_all && row.has_demonstration_effect);
    }
    let assumed: BTreeSet<_> = demo()
        .rows
        .memberships
        .iter()
        .filter(|row| row.is_assumed)
        .collect_ids();
    let names = ["名创优品", "大参林"];
    let rows = demo()
        .register()
        .filter(|row| names.contains(&row.name.as_str()));
    assert_eq!(assumed, rows.map(|row| row.id).collect());
}

/// The enterprises of memberships.
trait CollectIds {
    fn collect_ids(self) -> BTreeSet<Uuid>;
}

impl<'a, I: Iterator<Item = &'a entity::membership::Model>> CollectIds for I {
    fn collect_ids(self) -> BTreeSet<Uuid> {
        self.map(|row| row.enterprise_id).collect()
    }
}

#[test]
fn the_launch_had_eight_and_22_and_one_came_later() {
    let launch = |row: &&&entity::membership::Model| row.joined_on.to_string() == "2019-10-23";
    assert_eq!(
        active(MembershipRole::Lead).iter().filter(launch).count(),
        8
    );
    assert_eq!(
        active(MembershipRole::Member).iter().filter(launch).count(),
        22
    );
}

#[test]
fn eight_pairings_seven_of_three_and_one_of_two() {
    let rows = &demo().rows;
    let mut sizes = Vec::new();
    let mut seen = BTreeSet::new();
    for pairing in rows
        .pairings
        .iter()
        .filter(|row| row.kind == PairingKind::OnePlusN)
    {
        assert_eq!(pairing.status, PairingStatus::Active);
        assert!(
            active(MembershipRole::Lead)
                .iter()
                .any(|row| row.enterprise_id == pairing.lead_id)
        );
        let members = rows.pairing_members.iter();
        let own: Vec<_> = members.filter(|row| row.pairing_id == pairing.id).collect();
        sizes.push(own.len());
        for member in own {
            assert!(seen.insert(member.enterprise_id), "no member twice");
        }
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 3, 3, 3, 3, 3, 3, 3]);
    assert_eq!(
        seen,
        active(MembershipRole::Member).into_iter().collect_ids()
    );
}

#[test]
fn the_articles_pairing_holds() {
    let find = |name: &str| demo().register().find(|row| row.name == name).unwrap().id;
    let members = &demo().rows.pairing_members;
    let own = members.iter().filter(|row| row.lead_id == find("立白集团"));
    assert!(
        own.into_iter()
            .any(|row| row.enterprise_id == find("大翔集团"))
    );
}

#[test]
fn six_pairs_of_state_owned_and_private_all_in_medicines() {
    let rows = &demo().rows;
    let pairs: Vec<_> = rows
        .pairings
        .iter()
        .filter(|row| row.kind == PairingKind::SoePrivate)
        .collect();
    assert_eq!(pairs.len(), 6);
    for pair in pairs {
        assert_eq!(pair.status, PairingStatus::Active);
        let members: Vec<_> = rows
            .pairing_members
            .iter()
            .filter(|row| row.pairing_id == pair.id)
            .collect();
        assert_eq!(members.len(), 1);
        for (id, ownership) in [
            (pair.lead_id, Ownership::Soe),
            (members[0].enterprise_id, Ownership::Private),
        ] {
            let row = demo().register().find(|row| row.id == id).unwrap();
            assert_eq!(row.ownership, ownership);
            assert!(row.tags.to_string().contains("医药制药"), "{}", row.name);
        }
    }
}

#[test]
fn every_pairing_does_things_and_one_has_been_idle() {
    let rows = &demo().rows;
    let mut modes = 0;
    let mut idle = 0;
    for pairing in rows
        .pairings
        .iter()
        .filter(|row| row.kind == PairingKind::OnePlusN)
    {
        let own: Vec<_> = rows
            .interactions
            .iter()
            .filter(|row| row.pairing_id == pairing.id)
            .collect();
        assert!(own.len() >= 4);
        assert!(own.iter().all(|row| Some(row.held_on) >= pairing.starts_on));
        modes |= own.iter().fold(0, |all, row| all | row.modes);
        let last = own.iter().map(|row| row.held_on).max().unwrap();
        idle += usize::from((demo().as_of.date_naive() - last).num_days() > 60);
        if demo().named().contains(&pairing.lead_id) {
            let none = |row: &&entity::pairing_interaction::Model| {
                row.participant_count.is_none() && row.deal_type.is_none()
            };
            assert!(own.iter().all(none), "no figure is made up");
        }
    }
    assert_eq!(modes, 63, "all six modes");
    assert_eq!(idle, 1);
}

#[test]
fn seventy_seven_officers_one_to_one_with_enterprises() {
    let rows = &demo().rows;
    let officers: BTreeSet<_> = rows
        .officers
        .iter()
        .filter(|row| row.status == OfficerStatus::Active)
        .map(|row| row.id)
        .collect();
    assert_eq!(officers.len(), 77);
    let (now, before): (Vec<_>, Vec<_>) = rows
        .assignments
        .iter()
        .partition(|row| row.status == AssignmentStatus::Active);
    assert_eq!((now.len(), before.len()), (77, 9));
    let serving: BTreeSet<_> = now.iter().map(|row| row.officer_id).collect();
    let served: BTreeSet<_> = now.iter().map(|row| row.enterprise_id).collect();
    assert_eq!(serving, officers);
    assert_eq!(served.len(), 77);
    let alliance = [MembershipRole::Lead, MembershipRole::Member]
        .map(active)
        .concat();
    let inside = alliance
        .iter()
        .filter(|row| served.contains(&row.enterprise_id));
    assert_eq!(inside.count(), 31);
    let name_of = |title: &str| {
        let officer = rows
            .officers
            .iter()
            .find(|row| row.post_title == title)
            .unwrap();
        assert!(!officer.is_synthetic);
        let own = now.iter().find(|row| row.officer_id == officer.id).unwrap();
        let mut register = demo().register();
        register
            .find(|row| row.id == own.enterprise_id)
            .unwrap()
            .name
            .clone()
    };
    assert_eq!(name_of("区委书记"), "立白集团");
    assert_eq!(name_of("区委副书记、区长"), "唯品会");
    assert_eq!(
        rows.officers
            .iter()
            .filter(|row| row.post_title.starts_with("演示职务"))
            .count(),
        75
    );
}

#[test]
fn no_officer_ever_served_two_at_a_time() {
    let mut spans = BTreeMap::<Uuid, Vec<_>>::new();
    for row in &demo().rows.assignments {
        spans
            .entry(row.officer_id)
            .or_default()
            .push((row.from_on, row.to_on));
    }
    for mut own in spans.into_values() {
        own.sort_unstable();
        for pair in own.windows(2) {
            assert!(pair[0].1.is_some_and(|until| until <= pair[1].0));
        }
    }
}

#[test]
fn visits_make_241_person_times() {
    let rows = &demo().rows;
    let done: BTreeSet<_> = rows
        .visits
        .iter()
        .filter(|row| row.status == VisitStatus::Done)
        .map(|row| row.id)
        .collect();
    assert_eq!(done.len(), 218);
    let mut people = BTreeMap::new();
    for row in &rows.participants {
        assert!(done.contains(&row.visit_id));
        *people.entry(row.visit_id).or_insert(0) += 1;
    }
    assert_eq!(people.len(), 218);
    assert_eq!(rows.participants.len(), 241);
    assert_eq!(people.values().filter(|count| **count == 2).count(), 23);
    let today = demo().as_of.date_naive();
    assert!(
        rows.visits
            .iter()
            .all(|row| row.held_on.is_none_or(|day| day < today))
    );
    let planned: Vec<_> = rows
        .visits
        .iter()
        .filter(|row| row.status == VisitStatus::Planned)
        .collect();
    assert_eq!(planned.len(), 8);
    assert!(planned.iter().all(|row| row.planned_on > today));
    let named = demo().named();
    assert!(
        rows.visits
            .iter()
            .all(|row| !named.contains(&row.enterprise_id))
    );
}

#[test]
fn the_users_are_one_per_way_of_seeing_the_service() {
    let rows = &demo().rows;
    assert_eq!(rows.users.len(), 3 + 1 + 1 + 5 + 8 + 23 + 1 + 1 + 1);
    assert!(
        rows.users
            .iter()
            .all(|row| row.issuer == "https://honglian.test")
    );
    let cast = &demo().cast;
    let subjects = [
        (&cast.operator, "demo-operator-1"),
        (&cast.admin, "demo-admin"),
        (&cast.auditor, "demo-auditor"),
        (&cast.officer, "demo-officer-1"),
        (&cast.lead, "demo-lead-3"),
        (&cast.member, "demo-member-4"),
        (&cast.partner, "demo-partner-1"),
        (&cast.outsider, "demo-outsider-1"),
        (&cast.other_district_operator, "yuexiu-operator-1"),
    ];
    for (actor, subject) in subjects {
        let row = rows
            .users
            .iter()
            .find(|row| row.id == actor.user_id)
            .unwrap();
        assert_eq!(
            (row.subject.as_str(), actor.subject.as_str()),
            (subject, subject)
        );
        assert_eq!(
            (row.role, row.enterprise_id, row.officer_id),
            (actor.role, actor.enterprise_id, actor.officer_id)
        );
        assert_eq!(
            (row.is_admin, row.is_auditor),
            (actor.is_admin, actor.is_auditor)
        );
        assert_eq!(demo().district(&actor.district_code).id, row.district_id);
    }
}

#[test]
fn the_cast_belongs_together() {
    let (rows, cast) = (&demo().rows, &demo().cast);
    let serves = |row: &entity::officer_assignment::Model| {
        Some(row.officer_id) == cast.officer.officer_id
            && Some(row.enterprise_id) == cast.member.enterprise_id
            && row.status == AssignmentStatus::Active
    };
    assert!(rows.assignments.iter().any(serves));
    let paired = |row: &entity::pairing_member::Model| {
        Some(row.lead_id) == cast.lead.enterprise_id
            && Some(row.enterprise_id) == cast.member.enterprise_id
    };
    assert!(rows.pairing_members.iter().any(paired));
    let outsider = cast.outsider.enterprise_id.unwrap();
    assert!(
        rows.memberships
            .iter()
            .all(|row| row.enterprise_id != outsider)
    );
    assert!(
        rows.assignments
            .iter()
            .any(|row| row.enterprise_id == outsider)
    );
    let named = demo().named();
    for actor in [&cast.lead, &cast.member, &cast.outsider] {
        assert!(!named.contains(&actor.enterprise_id.unwrap()));
    }
}
