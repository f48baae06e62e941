//! Figures of issues on the wire, each with the issues behind it.

use async_graphql::{Context, Object, SimpleObject};

use super::EnterpriseIssue;
use crate::domain::issue::statistics::{self, Dimension, Group, Which};
use crate::domain::issue::{IssueFilter, policy};
use crate::graphql::connection::{self, Connection, Range};
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Message, Result};

/// A figure of issues.
pub struct IssueFigure {
    group: Group,
    filter: Option<Box<IssueFilter>>,
}

/// A figure of issues, with the issues that it counts.
#[Object]
impl IssueFigure {
    /// The value that its issues share: a name of the schema, an id, or a number.
    async fn key(&self) -> &str {
        &self.group.key
    }

    /// How it is called, in the language of `Accept-Language`.
    async fn label(&self, ctx: &Context<'_>) -> &str {
        self.group.label.text(Session::of(ctx).language)
    }

    /// How many issues.
    async fn value(&self) -> i32 {
        i32::try_from(self.group.count).unwrap_or(i32::MAX)
    }

    /// The issues that it counts, the newest first.
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<EnterpriseIssue>> {
        let range = Range::new(first, after, last, before);
        let (filter, which) = (self.filter.as_deref(), &self.group.which);
        if let Some((id, column)) = which.parent() {
            return connection::child_of(ctx, id, column, range, |scope| {
                statistics::criteria_of_all(scope, filter, which)
            })
            .await;
        }
        // A cursor belongs to one figure's list.
        let name = format!("{which:?} {filter:?}");
        connection::root(ctx, &name, range, |scope| {
            statistics::criteria(scope, filter, which)
        })
        .await
    }
}

/// A rate: what was met of what was counted.
#[derive(SimpleObject)]
pub struct IssueRate {
    /// The rate, from 0 to 1; null where nothing was counted.
    value: Option<f64>,
    /// What exactly is counted, in the language of `Accept-Language`.
    definition: String,
    /// The issues that met it.
    met: IssueFigure,
    /// The issues that were counted.
    counted: IssueFigure,
}

/// Figures of the issues that the viewer's figures count.
pub struct IssueStatistics {
    filter: Option<Box<IssueFilter>>,
}

impl IssueStatistics {
    async fn by(&self, ctx: &Context<'_>, dimension: Dimension) -> Result<Vec<IssueFigure>> {
        let session = Session::of(ctx);
        let (db, scope) = (&session.deps.db, session.scope()?);
        let groups = statistics::groups(db, &scope, self.filter.as_deref(), dimension).await?;
        let figure = |group| IssueFigure {
            group,
            filter: self.filter.clone(),
        };
        Ok(groups.into_iter().map(figure).collect())
    }

    async fn figures<const N: usize>(
        &self,
        ctx: &Context<'_>,
        wanted: [(Which, &str, Message); N],
    ) -> Result<Vec<IssueFigure>> {
        let session = Session::of(ctx);
        let (db, scope) = (&session.deps.db, session.scope()?);
        let which: Vec<Which> = wanted.iter().map(|(which, ..)| which.clone()).collect();
        let counts = statistics::counts(db, &scope, self.filter.as_deref(), &which).await?;
        let figure = |((which, key, label), count): ((Which, &str, Message), i64)| IssueFigure {
            group: Group {
                which,
                key: key.to_owned(),
                label,
                count,
            },
            filter: self.filter.clone(),
        };
        Ok(wanted.into_iter().zip(counts).map(figure).collect())
    }

    async fn figure(
        &self,
        ctx: &Context<'_>,
        which: Which,
        key: &str,
        label: Message,
    ) -> Result<IssueFigure> {
        let mut figures = self.figures(ctx, [(which, key, label)]).await?;
        figures
            .pop()
            .ok_or_else(|| Error::Internal("no figure".to_owned()))
    }

    async fn rate(
        &self,
        ctx: &Context<'_>,
        met: (Which, &str, Message),
        counted: (Which, &str, Message),
        definition: Message,
    ) -> Result<IssueRate> {
        let mut figures = self.figures(ctx, [met, counted]).await?;
        let (Some(counted), Some(met)) = (figures.pop(), figures.pop()) else {
            return Err(Error::Internal("no figure".to_owned()));
        };
        let part = |figure: &IssueFigure| f64::from(u32::try_from(figure.group.count).unwrap_or(0));
        Ok(IssueRate {
            value: (counted.group.count > 0).then(|| part(&met) / part(&counted)),
            definition: definition.text(Session::of(ctx).language).to_owned(),
            met,
            counted,
        })
    }
}

fn rated() -> (Which, &'static str, Message) {
    (Which::Rated, "RATED", Message::new("已评价", "Rated"))
}

/// Figures of issues (诉求统计). The district side's count all that were submitted; an officer's
/// those that the officer or the department handles; a lead's its own and those that its
/// pairing's members show to it; another enterprise's its own.
#[Object]
impl IssueStatistics {
    /// All that are counted.
    async fn total(&self, ctx: &Context<'_>) -> Result<IssueFigure> {
        let label = Message::new("诉求总数", "Issues");
        self.figure(ctx, Which::All, "ALL", label).await
    }

    /// By state, those that no issue is in left out: of the issues that the viewer's figures count, each
    /// with its rows. What a list shows by state is `issueCountsByState`.
    async fn by_state(&self, ctx: &Context<'_>) -> Result<Vec<IssueFigure>> {
        self.by(ctx, Dimension::State).await
    }

    /// By category.
    async fn by_category(&self, ctx: &Context<'_>) -> Result<Vec<IssueFigure>> {
        self.by(ctx, Dimension::Category).await
    }

    /// By traffic light (红黄绿灯), of those that show one.
    async fn by_light(&self, ctx: &Context<'_>) -> Result<Vec<IssueFigure>> {
        self.by(ctx, Dimension::Light).await
    }

    /// By the department that leads the handling (牵头单位), of those read in full.
    async fn by_department(&self, ctx: &Context<'_>) -> Result<Vec<IssueFigure>> {
        self.by(ctx, Dimension::Department).await
    }

    /// By chief service officer (首席服务官), of those read in full and the officers that the viewer
    /// sees.
    async fn by_officer(&self, ctx: &Context<'_>) -> Result<Vec<IssueFigure>> {
        self.by(ctx, Dimension::Officer).await
    }

    /// By the stars of the last rating (好差评), of those read in full.
    async fn by_stars(&self, ctx: &Context<'_>) -> Result<Vec<IssueFigure>> {
        self.by(ctx, Dimension::Stars).await
    }

    /// Closed and never rated: neither satisfied nor dissatisfied.
    async fn unrated(&self, ctx: &Context<'_>) -> Result<IssueFigure> {
        let label = Message::new("未评价", "Unrated");
        self.figure(ctx, Which::Unrated, "UNRATED", label).await
    }

    /// The share of first contacts in time (响应率).
    async fn response_rate(&self, ctx: &Context<'_>) -> Result<IssueRate> {
        let met = Message::new("按时首次联系", "Contacted in time");
        let counted = Message::new("应首次联系", "To be contacted");
        self.rate(
            ctx,
            (Which::ContactMet, "CONTACT_MET", met),
            (Which::ContactDue, "CONTACT_DUE", counted),
            Message::new(
                "最近一次交办后按时完成首次联系的诉求数，除以已联系或已到期的诉求数",
                "Issues whose first contact after the last assignment was in time, of those that were contacted or are overdue",
            ),
        )
        .await
    }

    /// The share that was resolved (解决率), by what the enterprises say.
    async fn resolution_rate(&self, ctx: &Context<'_>) -> Result<IssueRate> {
        let met = Message::new("企业认定已解决", "Resolved");
        self.rate(
            ctx,
            (Which::Resolved, "RESOLVED", met),
            rated(),
            Message::new(
                "最后一次评价认定已解决的诉求数，除以已评价的诉求数；未评价的不计入",
                "Issues that are resolved by their last rating, of those that were rated; unrated ones are left out",
            ),
        )
        .await
    }

    /// The share that is satisfied (满意率).
    async fn satisfaction_rate(&self, ctx: &Context<'_>) -> Result<IssueRate> {
        let met = Message::new("三星及以上", "Three stars and more");
        self.rate(
            ctx,
            (Which::Satisfied, "SATISFIED", met),
            rated(),
            Message::new(
                "最后一次评价为三星及以上的诉求数，除以已评价的诉求数；未评价的不计入",
                "Issues with three stars or more by their last rating, of those that were rated; unrated ones are left out",
            ),
        )
        .await
    }

    /// The share of issues opened for help (难题共解) that had an offer of a peer within three working
    /// days, of those read in full.
    async fn peer_help_rate(&self, ctx: &Context<'_>) -> Result<IssueRate> {
        let met = Message::new("三个工作日内有互助意向", "Offered help in time");
        let counted = Message::new("已开放难题共解", "Opened for help");
        self.rate(
            ctx,
            (Which::HelpOffered, "HELP_OFFERED", met),
            (Which::HelpDue, "HELP_DUE", counted),
            Message::new(
                "开放难题共解后三个工作日内收到互助意向的诉求数，除以已收到或已到期的诉求数",
                "Issues with an offer within three working days after they were last opened for help, of those that had one or are past that time",
            ),
        )
        .await
    }
}

/// Queries on figures of issues.
#[derive(Default)]
pub struct IssueStatisticsQuery;

#[Object]
impl IssueStatisticsQuery {
    /// Figures of issues, as far as the viewer's figures count; only those selected are counted.
    /// Auditors: FORBIDDEN.
    async fn issue_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which issues.")] filter: Option<Box<IssueFilter>>,
    ) -> Option<Result<IssueStatistics>> {
        let viewer = match Session::of(ctx).viewer() {
            Ok(viewer) => viewer,
            Err(error) => return Some(Err(error)),
        };
        if !policy::may_read(viewer) {
            return Some(Err(Error::Forbidden));
        }
        Some(Ok(IssueStatistics { filter }))
    }

    /// Officers after whose visits five-star ratings come within thirty minutes, three or more of
    /// the last thirty days: ratings that may have been coached. District operators and
    /// administrators; else FORBIDDEN.
    async fn coached_ratings(&self, ctx: &Context<'_>) -> Option<Result<Vec<IssueFigure>>> {
        let found = async {
            let session = Session::of(ctx);
            if !policy::may_see_coaching(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            let groups = statistics::coached_ratings(&session.deps.db, &session.scope()?).await?;
            let figure = |group| IssueFigure {
                group,
                filter: None,
            };
            Ok(groups.into_iter().map(figure).collect())
        };
        Some(found.await)
    }
}
