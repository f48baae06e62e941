//! The headline figures that the programme reports, each counted from rows as they held on a day.

use chrono::NaiveDate;

use crate::domain::input::EPOCH;
use crate::kernel::error::{Error, Language, Message, Result};

pub mod policy;
pub mod queries;

/// A headline figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::EnumIter)]
pub enum Headline {
    /// Non-public enterprises.
    NonPublicEnterprises,
    /// Their employees.
    Employees,
    /// Enterprises of the alliance.
    AllianceTotal,
    /// Those that lead.
    Leads,
    /// Those that do not.
    Members,
    /// 1+N pairings.
    ActivePairings,
    /// Pairings of a state-owned and a private enterprise.
    SoePrivatePairs,
    /// Officers who serve an enterprise.
    Officers,
    /// Person-times of service.
    ServicePersonTimes,
    /// Issues solved.
    IssuesSolved,
}

impl Headline {
    /// The field that answers it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NonPublicEnterprises => "nonPublicEnterprises",
            Self::Employees => "employees",
            Self::AllianceTotal => "allianceTotal",
            Self::Leads => "leads",
            Self::Members => "members",
            Self::ActivePairings => "activePairings",
            Self::SoePrivatePairs => "soePrivatePairs",
            Self::Officers => "officers",
            Self::ServicePersonTimes => "servicePersonTimes",
            Self::IssuesSolved => "issuesSolved",
        }
    }

    /// What exactly is counted.
    #[must_use]
    pub fn definition(self) -> Message {
        match self {
            Self::NonPublicEnterprises => Message::new(
                "登记在本区、从业人员 7 人及以上、在册的非公企业数；名录不完整时取截至当日最近一次基线数据",
                "Active private enterprises seated in the district with seven or more employees; while the register is not complete, the newest baseline up to the day",
            ),
            Self::Employees => Message::new(
                "上述非公企业的从业人员总数；名录不完整时取截至当日最近一次基线数据",
                "Employees of those enterprises in all; while the register is not complete, the newest baseline up to the day",
            ),
            Self::AllianceTotal => Message::new(
                "当日有效的红联共建企业数，即牵头企业与成员企业之和，不含结对国企",
                "Enterprises of the alliance on the day, leads and members; without state-owned partners",
            ),
            Self::Leads => Message::new(
                "当日有效的红联牵头企业数",
                "Lead enterprises of the alliance on the day",
            ),
            Self::Members => Message::new(
                "当日有效的红联成员企业数，不含结对国企",
                "Member enterprises of the alliance on the day; without state-owned partners",
            ),
            Self::ActivePairings => Message::new(
                "当日有效的“1+N”结对数，含成员数暂不足的结对",
                "1+N pairings in force on the day, those under strength included",
            ),
            Self::SoePrivatePairs => Message::new(
                "当日有效的国企与民企结对数",
                "Pairings of a state-owned and a private enterprise in force on the day",
            ),
            Self::Officers => Message::new(
                "当日有挂点企业的首席服务官数，按岗位计",
                "Chief service officers, by post, who serve an enterprise on the day",
            ),
            Self::ServicePersonTimes => Message::new(
                "截至当日已完成走访的参加人次之和，同一走访按参加人数计",
                "Participants of the visits done up to the day, each counted once a visit",
            ),
            Self::IssuesSolved => Message::new(
                "截至当日已办结或归档、结果为已解决的企业诉求件数",
                "Issues closed up to the day, archived ones included, with the outcome solved",
            ),
        }
    }

    /// The figure as it is shown.
    #[must_use]
    pub fn display(self, value: i32, language: Language) -> String {
        let unit = match self {
            Self::NonPublicEnterprises | Self::AllianceTotal | Self::Leads | Self::Members => "家",
            Self::Employees => "人",
            Self::ActivePairings | Self::SoePrivatePairs => "对",
            Self::Officers => "名",
            Self::ServicePersonTimes => "人次",
            Self::IssuesSolved => "件",
        };
        match language {
            Language::Chinese => format!("{value} {unit}"),
            Language::English => value.to_string(),
        }
    }
}

/// The day that figures are asked for: today where none is given.
///
/// # Errors
/// `BadInput` for a day to come or one before the programme's records can begin.
pub fn day(asked: Option<NaiveDate>, today: NaiveDate) -> Result<NaiveDate> {
    match asked {
        None => Ok(today),
        Some(day) if (EPOCH..=today).contains(&day) => Ok(day),
        Some(_) => Err(Error::BadInput(Message::new(
            format!("asOf 须在 {EPOCH} 至 {today} 之间"),
            format!("asOf is from {EPOCH} to {today}."),
        ))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_neither_to_come_nor_before_all_records() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = date("2021-01-20");
        assert_eq!(day(None, today).unwrap(), today);
        for good in ["2000-01-01", "2019-10-23", "2021-01-20"] {
            assert_eq!(day(Some(date(good)), today).unwrap(), date(good));
        }
        for bad in ["1999-12-31", "2021-01-21"] {
            assert!(matches!(
                day(Some(date(bad)), today),
                Err(Error::BadInput(_))
            ));
        }
    }

    #[test]
    fn a_figure_is_shown_with_its_chinese_unit() {
        let show = Headline::ServicePersonTimes;
        assert_eq!(show.display(241, Language::Chinese), "241 人次");
        assert_eq!(show.display(241, Language::English), "241");
    }
}
