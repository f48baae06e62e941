//! Mutations on the longer ways of an issue: holds, more time, calls back, mergers, reminders,
//! appeals, and how it ends.

use async_graphql::{Context, Object};

use super::EnterpriseIssue;
use crate::domain::issue::{
    AddInterimReplyInput, AppealRejectionInput, ApproveExtensionInput, ArchiveIssueInput,
    CloseDissatisfiedInput, DecideAppealInput, HoldIssueInput, MergeIssuesInput,
    MoveToLongTermInput, ReclassifyIssueInput, RecordCallbackInput, RejectExtensionInput,
    RequestExtensionInput, ResumeIssueInput, UrgeIssueInput, commands,
};
use crate::graphql::payload::{act, payload};
use crate::kernel::error::Result;

payload! {
    HoldIssuePayload(enterprise_issue: EnterpriseIssue),
    ResumeIssuePayload(enterprise_issue: EnterpriseIssue),
    ReclassifyIssuePayload(enterprise_issue: EnterpriseIssue),
    MoveToLongTermPayload(enterprise_issue: EnterpriseIssue),
    AddInterimReplyPayload(enterprise_issue: EnterpriseIssue),
    RequestExtensionPayload(enterprise_issue: EnterpriseIssue),
    ApproveExtensionPayload(enterprise_issue: EnterpriseIssue),
    RejectExtensionPayload(enterprise_issue: EnterpriseIssue),
    CloseDissatisfiedPayload(enterprise_issue: EnterpriseIssue),
    ArchiveIssuePayload(enterprise_issue: EnterpriseIssue),
    RecordCallbackPayload(enterprise_issue: EnterpriseIssue),
    MergeIssuesPayload(enterprise_issue: EnterpriseIssue),
    UrgeIssuePayload(enterprise_issue: EnterpriseIssue),
    AppealRejectionPayload(enterprise_issue: EnterpriseIssue),
    DecideAppealPayload(enterprise_issue: EnterpriseIssue),
}

/// Changes of issues on their longer ways.
#[derive(Default)]
pub struct IssueLifeMutation;

#[Object]
impl IssueLifeMutation {
    /// Changes how urgent and how complex an accepted issue is (重新定级): its clocks get the difference,
    /// and what they have spent stays spent. District operators and administrators.
    async fn reclassify_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: ReclassifyIssueInput,
    ) -> Option<Result<ReclassifyIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::reclassify(deps, actor, input)).await;
        Some(done.map(ReclassifyIssuePayload))
    }

    /// Puts an issue on hold (挂起) until a review. District operators and administrators.
    async fn hold_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hold.")] input: HoldIssueInput,
    ) -> Option<Result<HoldIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::hold(deps, actor, input)).await;
        Some(done.map(HoldIssuePayload))
    }

    /// Ends a hold. District operators and administrators.
    async fn resume_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The end of the hold.")] input: ResumeIssueInput,
    ) -> Option<Result<ResumeIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::resume(deps, actor, input)).await;
        Some(done.map(ResumeIssuePayload))
    }

    /// Follows an issue up over a long time (一跟到底), with a reply promised by a day. District operators
    /// and administrators.
    async fn move_to_long_term(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The follow-up.")] input: MoveToLongTermInput,
    ) -> Option<Result<MoveToLongTermPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::move_to_long_term(deps, actor, input)
        })
        .await;
        Some(done.map(MoveToLongTermPayload))
    }

    /// Replies on the way of a long-term follow-up (阶段性答复). District operators and administrators;
    /// officers who handle it.
    async fn add_interim_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reply.")] input: AddInterimReplyInput,
    ) -> Option<Result<AddInterimReplyPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::add_interim_reply(deps, actor, input)
        })
        .await;
        Some(done.map(AddInterimReplyPayload))
    }

    /// Asks for more time (延期), once and before it is due. District operators and administrators;
    /// officers who handle it.
    async fn request_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The request.")] input: RequestExtensionInput,
    ) -> Option<Result<RequestExtensionPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::request_extension(deps, actor, input)
        })
        .await;
        Some(done.map(RequestExtensionPayload))
    }

    /// Grants more time, and tells the enterprise. District operators and administrators, but not who
    /// asked.
    async fn approve_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The grant.")] input: ApproveExtensionInput,
    ) -> Option<Result<ApproveExtensionPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::approve_extension(deps, actor, input)
        })
        .await;
        Some(done.map(ApproveExtensionPayload))
    }

    /// Refuses more time. District operators and administrators, but not who asked.
    async fn reject_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refusal.")] input: RejectExtensionInput,
    ) -> Option<Result<RejectExtensionPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::reject_extension(deps, actor, input)
        })
        .await;
        Some(done.map(RejectExtensionPayload))
    }

    /// Closes an issue that stays dissatisfied after two reworks, as a joint meeting (联席会议)
    /// concluded after its last rating; the low rating stands. District operators and administrators.
    async fn close_dissatisfied(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The closing.")] input: CloseDissatisfiedInput,
    ) -> Option<Result<CloseDissatisfiedPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::close_dissatisfied(deps, actor, input)
        })
        .await;
        Some(done.map(CloseDissatisfiedPayload))
    }

    /// Archives a closed issue (归档), ten working days after closing. District operators and
    /// administrators.
    async fn archive_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The archiving.")] input: ArchiveIssueInput,
    ) -> Option<Result<ArchiveIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::archive(deps, actor, input)).await;
        Some(done.map(ArchiveIssuePayload))
    }

    /// Records what a call back brought (回访). District operators and administrators, but not who
    /// handled the issue.
    async fn record_callback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordCallbackInput,
    ) -> Option<Result<RecordCallbackPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::record_callback(deps, actor, input)
        })
        .await;
        Some(done.map(RecordCallbackPayload))
    }

    /// Merges an issue into another one that goes on for both (并单). District operators and
    /// administrators.
    async fn merge_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The merger.")] input: MergeIssuesInput,
    ) -> Option<Result<MergeIssuesPayload>> {
        let done = act(ctx, |deps, actor| commands::merge(deps, actor, input)).await;
        Some(done.map(MergeIssuesPayload))
    }

    /// Urges the handling on (催办), once in two working days. The enterprise's own users.
    async fn urge_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reminder.")] input: UrgeIssueInput,
    ) -> Option<Result<UrgeIssuePayload>> {
        let done = act(ctx, |deps, actor| commands::urge(deps, actor, input)).await;
        Some(done.map(UrgeIssuePayload))
    }

    /// Appeals against a refusal (不予受理申诉), once and within five working days. The enterprise's own
    /// users.
    async fn appeal_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The appeal.")] input: AppealRejectionInput,
    ) -> Option<Result<AppealRejectionPayload>> {
        let done = act(ctx, |deps, actor| commands::appeal(deps, actor, input)).await;
        Some(done.map(AppealRejectionPayload))
    }

    /// Decides on an appeal: granted, the issue is taken up anew. District operators and
    /// administrators.
    async fn decide_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: DecideAppealInput,
    ) -> Option<Result<DecideAppealPayload>> {
        let done = act(ctx, |deps, actor| {
            commands::decide_appeal(deps, actor, input)
        })
        .await;
        Some(done.map(DecideAppealPayload))
    }
}
