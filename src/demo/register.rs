//! The words of the register: who the article names, streets, trades and sizes.

use entity::enterprise::SizeClass;

use super::BuildError;
use super::rows::{Pick, at};

/// An enterprise the article names, and which of its fields are not the article's.
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) section: &'static str,
    pub(super) code: &'static str,
    pub(super) tags: &'static [&'static str],
    /// Fields that are placeholders beside the code and the classification, which always are.
    pub(super) assumed: &'static [&'static str],
    /// Name of the enterprise it belongs to.
    pub(super) parent: Option<&'static str>,
}

const fn named(
    name: &'static str,
    (section, code): (&'static str, &'static str),
    tags: &'static [&'static str],
) -> Named {
    Named {
        name,
        section,
        code,
        tags,
        assumed: &[],
        parent: None,
    }
}

const fn subsidiary(name: &'static str, assumed: &'static [&'static str]) -> Named {
    Named {
        name,
        section: "C",
        code: "27",
        tags: &["医药制药"],
        assumed,
        parent: Some(PHARMA_GROUP),
    }
}

const PHARMA_GROUP: &str = "广药集团本部";

/// The named leads.
pub(super) const LEADS: [Named; 2] = [
    named("立白集团", ("C", "26"), &["日化用品"]),
    named("唯品会", ("I", "64"), &["电子商务"]),
];

/// The named members.
pub(super) const MEMBERS: [Named; 3] = [
    named("大翔集团", ("F", "51"), &["医药制药"]),
    named("名创优品", ("F", "52"), &[]),
    named("大参林", ("F", "52"), &["医药制药"]),
];

/// The state-owned partners. The article counts the five subsidiaries and does not name them.
pub(super) const PARTNERS: [Named; 6] = [
    named(PHARMA_GROUP, ("C", "27"), &["医药制药"]),
    subsidiary("广药子公司甲", &["name", "region_code"]),
    subsidiary("广药子公司乙", &["name", "region_code"]),
    subsidiary("广药子公司丙", &["name", "region_code"]),
    subsidiary("广药子公司丁", &["name", "region_code"]),
    subsidiary("广药子公司戊", &["name", "region_code"]),
];

/// The named one of the served enterprises outside the alliance. The article names it beside
/// 大翔集团 and does not say how the two belong together.
pub(super) const SERVED: [Named; 1] = [Named {
    name: "大翔药业",
    section: "C",
    code: "27",
    tags: &["医药制药"],
    assumed: &["region_code", "parent_enterprise_id"],
    parent: Some("大翔集团"),
}];

/// A trade: section and division of GB/T 4754-2017 and the tag that goes with it.
pub(super) type Trade = (&'static str, &'static str, Option<&'static str>);

/// What pharmaceutical enterprises do.
pub(super) const PHARMA: Trade = ("C", "27", Some("医药制药"));

/// Trades by how often they come up.
const TRADES: [(Trade, i64); 22] = [
    (("C", "26", Some("日化用品")), 7),
    (PHARMA, 4),
    (("C", "18", None), 5),
    (("C", "14", None), 3),
    (("C", "39", Some("新兴产业")), 3),
    (("E", "50", None), 5),
    (("F", "51", None), 16),
    (("F", "51", Some("医药制药")), 4),
    (("F", "52", Some("电子商务")), 9),
    (("G", "59", None), 4),
    (("H", "62", None), 6),
    (("I", "64", Some("电子商务")), 6),
    (("I", "65", Some("新兴产业")), 6),
    (("J", "69", None), 1),
    (("K", "70", None), 3),
    (("L", "72", None), 9),
    (("M", "73", Some("新兴产业")), 3),
    (("M", "74", None), 3),
    (("O", "80", None), 2),
    (("P", "83", None), 2),
    (("Q", "84", Some("医药制药")), 2),
    (("R", "88", None), 1),
];

/// A trade by chance.
pub(super) fn trade(pick: &mut Pick) -> Result<Trade, BuildError> {
    let total: i64 = TRADES.iter().map(|(_, weight)| weight).sum();
    let mut left = pick.range(1, total);
    for (trade, weight) in TRADES {
        left -= weight;
        if left <= 0 {
            return Ok(trade);
        }
    }
    Err(BuildError::Missing("trade"))
}

/// Districts of the city that chain partners sit in.
const OTHER_REGIONS: [&str; 8] = [
    "440104", "440105", "440106", "440111", "440112", "440113", "440114", "440115",
];

/// A region outside the district by chance.
pub(super) fn other_region(pick: &mut Pick) -> Result<&'static str, BuildError> {
    pick.of(&OTHER_REGIONS).copied()
}

/// One of the district's 22 streets by chance.
pub(super) fn street(pick: &mut Pick, region: &str) -> String {
    format!("{region}{:03}", pick.range(1, 22))
}

/// How many employees beyond seven (in tenths) the enterprises up to a share (in millionths) of
/// the register have: many small ones and few large ones, in whole numbers, so that it comes out
/// the same everywhere.
const EXCESS: [(i64, i64); 15] = [
    (0, 0),
    (50_000, 16),
    (100_000, 24),
    (200_000, 39),
    (300_000, 56),
    (400_000, 76),
    (500_000, 100),
    (600_000, 131),
    (700_000, 176),
    (800_000, 251),
    (900_000, 406),
    (950_000, 606),
    (990_000, 1282),
    (999_000, 2967),
    (1_000_000, 7178),
];

/// A number of employees of seven or more by chance, with a long tail.
pub(super) fn employees(pick: &mut Pick) -> Result<i32, BuildError> {
    let share = pick.range(0, 1_000_000);
    let upper = EXCESS.partition_point(|(knot, _)| *knot < share).max(1);
    let (x0, y0) = *at(&EXCESS, upper - 1, "size")?;
    let (x1, y1) = *at(&EXCESS, upper, "size")?;
    let excess = y0 + (y1 - y0) * (share - x0) / (x1 - x0);
    let count = i32::try_from(7 + excess / 10).ok();
    count.ok_or(BuildError::Missing("size"))
}

/// The size class by employees alone; turnover is not known of a made-up enterprise.
pub(super) fn size_class(employees: i32) -> SizeClass {
    match employees {
        1000.. => SizeClass::Large,
        300.. => SizeClass::Medium,
        20.. => SizeClass::Small,
        _ => SizeClass::Micro,
    }
}
