//! Queries and mutations on issues.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::enterprise_issue::IssueState;

use super::{EnterpriseIssue, EnterpriseIssueOrder, orders};
use crate::domain::input::row_id;
use crate::domain::issue::{
    AcceptIssueInput, AddProgressInput, AssignIssueInput, CreateIssueInput, IssueFilter,
    RaiseIssueFromVisitInput, RateIssueInput, RejectIssueInput, ReopenIssueInput, RequestInfoInput,
    RespondToIssueInput, ReturnAssignmentInput, StartHandlingInput, SubmitIssueInput,
    SupplyInfoInput, WithdrawIssueInput, commands, counts, policy, queries,
};
use crate::graphql::connection::{self, Connection, Range, node};
use crate::graphql::in_place::InPlace;
use crate::graphql::payload::{act, payload};
use crate::graphql::session::Session;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Kind;

/// How many issues are in a state. Whoever sees issues.
#[derive(SimpleObject)]
pub struct IssueStateCount {
    /// The state.
    state: IssueState,
    /// How many of the issues that the viewer sees are in it.
    count: i32,
}

/// Queries on issues.
#[derive(Default)]
pub struct IssueQuery;

#[Object]
impl IssueQuery {
    /// One issue; null where there is none that the viewer sees. Auditors: FORBIDDEN.
    async fn enterprise_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<Result<InPlace<EnterpriseIssue>>> {
        let found = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            node(ctx, row_id(Kind::Issue, &id)).await
        };
        found.await.transpose()
    }

    /// The issues that the viewer sees. District operators and administrators: all of the
    /// district; officers: of the enterprises they serve, and what they handle; enterprises:
    /// their own, and in brief what is shown to their pairing or to the alliance. Auditors:
    /// FORBIDDEN.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn enterprise_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, 1 to 100; 20 where neither is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<IssueFilter>>,
        #[graphql(desc = "Part of a title or of a number, in any script.")] search: Option<String>,
        #[graphql(desc = "In which order; the newest first where absent.")] order_by: Option<
            Vec<EnterpriseIssueOrder>,
        >,
    ) -> Option<Result<Connection<EnterpriseIssue>>> {
        let range = Range::new(first, after, last, before);
        let listed = async {
            if !policy::may_read(Session::of(ctx).viewer()?) {
                return Err(Error::Forbidden);
            }
            connection::root(ctx, "enterpriseIssues", range, |scope| {
                queries::criteria(
                    scope,
                    filter.as_deref(),
                    search.as_deref(),
                    &orders(order_by),
                )
            })
            .await
        };
        Some(listed.await)
    }

    /// How many issues the viewer sees in each state, every state once: those that
    /// `enterpriseIssues` lists under the same filter and search, drafts and briefs among them; the
    /// tabs above a list. What the viewer answers for is `issueStatistics`. Auditors: FORBIDDEN.
    async fn issue_counts_by_state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<Box<IssueFilter>>,
        #[graphql(desc = "Part of a title or of a number, in any script.")] search: Option<String>,
    ) -> Option<Result<Vec<IssueStateCount>>> {
        let counted = async {
            let session = Session::of(ctx);
            if !policy::may_read(session.viewer()?) {
                return Err(Error::Forbidden);
            }
            let (db, scope) = (&session.deps.db, session.scope()?);
            let counts = counts::by_state(db, &scope, filter.as_deref(), search.as_deref()).await?;
            let counts = counts.into_iter().map(|(state, count)| IssueStateCount {
                state,
                count: i32::try_from(count).unwrap_or(i32::MAX),
            });
            Ok(counts.collect())
        };
        Some(counted.await)
    }
}

payload! {
    CreateIssuePayload(enterprise_issue: EnterpriseIssue),
    RaiseIssueFromVisitPayload(enterprise_issue: EnterpriseIssue),
    SubmitIssuePayload(enterprise_issue: EnterpriseIssue),
    AcceptIssuePayload(enterprise_issue: EnterpriseIssue),
    RejectIssuePayload(enterprise_issue: EnterpriseIssue),
    RequestInfoPayload(enterprise_issue: EnterpriseIssue),
    SupplyInfoPayload(enterprise_issue: EnterpriseIssue),
    AssignIssuePayload(enterprise_issue: EnterpriseIssue),
    ReturnAssignmentPayload(enterprise_issue: EnterpriseIssue),
    StartHandlingPayload(enterprise_issue: EnterpriseIssue),
    AddProgressPayload(enterprise_issue: EnterpriseIssue),
    RespondToIssuePayload(enterprise_issue: EnterpriseIssue),
    RateIssuePayload(enterprise_issue: EnterpriseIssue),
    ReopenIssuePayload(enterprise_issue: EnterpriseIssue),
    WithdrawIssuePayload(enterprise_issue: EnterpriseIssue),
}

/// Changes of issues.
#[derive(Default)]
pub struct IssueMutation;

#[Object]
impl IssueMutation {
    /// Writes a draft (草稿). Enterprises their own; district operators and administrators, and
    /// officers for the enterprises they serve, on behalf.
    async fn create_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue.")] input: CreateIssueInput,
    ) -> Option<Result<CreateIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::create(deps, actor, input)).await;
        Some(done.map(CreateIssuePayload))
    }

    /// Writes what a visit (走访) brought home for the enterprise, and submits it. District
    /// operators and administrators; the visiting officer.
    async fn raise_issue_from_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issue.")] input: RaiseIssueFromVisitInput,
    ) -> Option<Result<RaiseIssueFromVisitPayload>> {
        let done = act(ctx, |deps, actor| commands::raise(deps, actor, input)).await;
        Some(done.map(RaiseIssueFromVisitPayload))
    }

    /// Submits a draft (提交). The side that wrote it.
    async fn submit_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The submission.")] input: SubmitIssueInput,
    ) -> Option<Result<SubmitIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::submit(deps, actor, input)).await;
        Some(done.map(SubmitIssuePayload))
    }

    /// Accepts an issue (受理). District operators and administrators; officers for the
    /// enterprises they serve.
    async fn accept_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The acceptance.")] input: AcceptIssueInput,
    ) -> Option<Result<AcceptIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::accept(deps, actor, input)).await;
        Some(done.map(AcceptIssuePayload))
    }

    /// Refuses an issue (不予受理) and says where to go instead. District operators and
    /// administrators.
    async fn reject_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refusal.")] input: RejectIssueInput,
    ) -> Option<Result<RejectIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::reject(deps, actor, input)).await;
        Some(done.map(RejectIssuePayload))
    }

    /// Asks the enterprise for information (待补充). District operators and administrators;
    /// officers who serve the enterprise or handle the issue.
    async fn request_info(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question.")] input: RequestInfoInput,
    ) -> Option<Result<RequestInfoPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::request_info(deps, actor, input)
        })
        .await;
        Some(done.map(RequestInfoPayload))
    }

    /// Answers a question (补充材料). The enterprise; district operators and administrators, and
    /// officers who serve it, on its behalf.
    async fn supply_info(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: SupplyInfoInput,
    ) -> Option<Result<SupplyInfoPayload>> {
        let done = act(ctx, |deps, actor| commands::supply_info(deps, actor, input)).await;
        Some(done.map(SupplyInfoPayload))
    }

    /// Assigns an issue to departments (交办). District operators and administrators.
    async fn assign_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The assignment.")] input: AssignIssueInput,
    ) -> Option<Result<AssignIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::assign(deps, actor, input)).await;
        Some(done.map(AssignIssuePayload))
    }

    /// Gives an assignment back (退单), as often as the policy allows. Officers who handle it.
    async fn return_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The return.")] input: ReturnAssignmentInput,
    ) -> Option<Result<ReturnAssignmentPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::return_assignment(deps, actor, input)
        });
        Some(done.await.map(ReturnAssignmentPayload))
    }

    /// Starts the handling (办理) with the first contact. Officers who handle it.
    async fn start_handling(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The start.")] input: StartHandlingInput,
    ) -> Option<Result<StartHandlingPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::start_handling(deps, actor, input)
        });
        Some(done.await.map(StartHandlingPayload))
    }

    /// Tells of a step of the handling. District operators and administrators; officers who
    /// handle it or help.
    async fn add_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The step.")] input: AddProgressInput,
    ) -> Option<Result<AddProgressPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::add_progress(deps, actor, input)
        })
        .await;
        Some(done.map(AddProgressPayload))
    }

    /// Answers an issue (答复). District operators and administrators; officers who handle it.
    async fn respond_to_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reply.")] input: RespondToIssueInput,
    ) -> Option<Result<RespondToIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::respond(deps, actor, input)).await;
        Some(done.map(RespondToIssuePayload))
    }

    /// Rates the reply (好差评): three stars and more of a resolved issue close it (办结), anything
    /// else sends it back for rework. The enterprise's own users.
    async fn rate_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rating.")] input: RateIssueInput,
    ) -> Option<Result<RateIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::rate(deps, actor, input)).await;
        Some(done.map(RateIssuePayload))
    }

    /// Reopens a closed issue (重办), as often as the policy allows. The enterprise's own users.
    async fn reopen_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reopening.")] input: ReopenIssueInput,
    ) -> Option<Result<ReopenIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::reopen(deps, actor, input)).await;
        Some(done.map(ReopenIssuePayload))
    }

    /// Withdraws an issue (撤单), a draft too. The enterprise's own users.
    async fn withdraw_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The withdrawal.")] input: WithdrawIssueInput,
    ) -> Option<Result<WithdrawIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::withdraw(deps, actor, input)).await;
        Some(done.map(WithdrawIssuePayload))
    }
}
