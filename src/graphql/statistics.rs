//! Figures on the wire.

use std::collections::HashMap;

use async_graphql::{Context, Object, SimpleObject};
use sea_orm::Iterable;

use super::session::Session;
use crate::domain::scalar::Date;
use crate::domain::statistics::{self, Headline, policy, queries};
use crate::kernel::clock::business_date;
use crate::kernel::error::{Error, Language, Result};

/// A figure that can be traced to its definition.
#[derive(SimpleObject)]
pub struct Figure {
    /// The figure.
    value: i32,
    /// As it is shown, in the language of `Accept-Language`.
    display: String,
    /// What exactly is counted, in the language of `Accept-Language`.
    definition: String,
    /// The day that it holds for.
    as_of: Date,
}

/// The figures that were asked for.
pub struct HeadlineStatistics {
    values: HashMap<Headline, Option<i64>>,
    as_of: Date,
    language: Language,
}

impl HeadlineStatistics {
    fn known(&self, headline: Headline) -> Option<Figure> {
        let value = self.values.get(&headline).copied().flatten()?;
        let value = i32::try_from(value).unwrap_or(i32::MAX);
        Some(Figure {
            value,
            display: headline.display(value, self.language),
            definition: headline.definition().text(self.language).to_owned(),
            as_of: self.as_of,
        })
    }

    fn counted(&self, headline: Headline) -> Result<Figure> {
        let figure = self.known(headline);
        figure.ok_or_else(|| Error::Internal(format!("{headline:?} was not counted")))
    }
}

/// The figures that the programme reports, each counted from rows as they held on a day.
#[Object]
impl HeadlineStatistics {
    /// The day that the figures hold for.
    async fn as_of(&self) -> Date {
        self.as_of
    }

    /// Non-public enterprises with seven or more employees (非公企业). Null where the register is
    /// not complete and no baseline reaches back to the day.
    async fn non_public_enterprises(&self) -> Option<Figure> {
        self.known(Headline::NonPublicEnterprises)
    }

    /// Their employees (从业人员). Null where the register is not complete and no baseline reaches
    /// back to the day.
    async fn employees(&self) -> Option<Figure> {
        self.known(Headline::Employees)
    }

    /// Enterprises of the alliance (红联共建企业): leads and members.
    async fn alliance_total(&self) -> Result<Figure> {
        self.counted(Headline::AllianceTotal)
    }

    /// Lead enterprises (红联牵头企业).
    async fn leads(&self) -> Result<Figure> {
        self.counted(Headline::Leads)
    }

    /// Member enterprises (成员企业).
    async fn members(&self) -> Result<Figure> {
        self.counted(Headline::Members)
    }

    /// 1+N pairings in force (1+N 结对).
    async fn active_pairings(&self) -> Result<Figure> {
        self.counted(Headline::ActivePairings)
    }

    /// Pairings of a state-owned and a private enterprise in force (国企+民企结对).
    async fn soe_private_pairs(&self) -> Result<Figure> {
        self.counted(Headline::SoePrivatePairs)
    }

    /// Chief service officers who serve an enterprise (首席服务官).
    async fn officers(&self) -> Result<Figure> {
        self.counted(Headline::Officers)
    }

    /// Person-times of service (服务人次).
    async fn service_person_times(&self) -> Result<Figure> {
        self.counted(Headline::ServicePersonTimes)
    }

    /// Issues solved (解决生产经营困难).
    async fn issues_solved(&self) -> Result<Figure> {
        self.counted(Headline::IssuesSolved)
    }
}

/// Queries on figures.
#[derive(Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// The figures that the programme reports, as they held on a day; only those selected are
    /// counted. District operators, administrators, officers, and users of enterprises in the
    /// alliance; else FORBIDDEN.
    async fn headline_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The day, from 2000-01-01 to today; today in Asia/Shanghai where absent."
        )]
        as_of: Option<Date>,
    ) -> Option<Result<HeadlineStatistics>> {
        let counted = async {
            let session = Session::of(ctx);
            let viewer = session.viewer()?;
            if !policy::may_read_headlines(viewer) {
                return Err(Error::Forbidden);
            }
            let as_of = statistics::day(
                as_of.map(Into::into),
                business_date(session.deps.clock.now()),
            )?;
            let selected: Vec<_> = ctx.field().selection_set().collect();
            let asked = |headline: &Headline| {
                let field = headline.field();
                selected.iter().any(|selected| selected.name() == field)
            };
            let wanted: Vec<_> = Headline::iter().filter(asked).collect();
            let db = &session.deps.db;
            let values = queries::headlines(db, viewer.district_id, as_of, &wanted).await?;
            Ok(HeadlineStatistics {
                values,
                as_of: Date(as_of),
                language: session.language,
            })
        };
        Some(counted.await)
    }
}
