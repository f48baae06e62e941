//! What callers say about issues.

use async_graphql::{ID, InputObject};
use entity::enterprise_issue::{
    IssueChannel, IssueComplexity, IssueNature, IssueOutcome, IssueUrgency, IssueVisibility,
};
use entity::issue_callback::CallbackResult;
use entity::issue_transition::{RejectReason, WithdrawReason};

use crate::domain::contact::ContactInput;
use crate::domain::scalar::Date;

/// An issue to be: a draft until it is submitted.
#[derive(Clone, InputObject)]
pub struct CreateIssueInput {
    /// The enterprise. Its own users may leave it out; the district side names it.
    pub enterprise_id: Option<ID>,
    /// The title, at most 200 characters.
    pub title: String,
    /// What it is about, at most 5,000 characters.
    pub body: String,
    /// What it asks for.
    pub nature: IssueNature,
    /// A category of the district's taxonomy (`district { issueCategories }`).
    pub category_id: ID,
    /// How it came in: for an enterprise's users WEB where absent, for the district side PHONE.
    /// VISIT comes by `raiseIssueFromVisit`, CLIENT from other systems.
    pub channel: Option<IssueChannel>,
    /// Who else sees it, redacted; PAIRING where absent. Complaints, reports and confidential
    /// issues are always OFFICIAL.
    pub visibility: Option<IssueVisibility>,
    /// Whether only those who handle it read its text.
    #[graphql(default)]
    pub is_confidential: bool,
    /// What it is about in a few words, at most 10 tags of at most 20 characters; peers who can help
    /// are matched by them.
    #[graphql(default)]
    pub tags: Vec<String>,
    /// The archived issue of the same enterprise that it follows up.
    pub follow_up_of_id: Option<ID>,
    /// Whom to turn to about it; the first contact of the enterprise where absent.
    pub contact: Option<ContactInput>,
}

/// An issue that was raised in a visit (走访): created for the enterprise and submitted at once.
#[derive(Clone, InputObject)]
pub struct RaiseIssueFromVisitInput {
    /// The visit, held.
    pub visit_id: ID,
    /// The title, at most 200 characters.
    pub title: String,
    /// What it is about, at most 5,000 characters.
    pub body: String,
    /// What it asks for.
    pub nature: IssueNature,
    /// A category of the district's taxonomy.
    pub category_id: ID,
    /// Who else sees it, redacted; PAIRING where absent. Complaints, reports and confidential
    /// issues are always OFFICIAL.
    pub visibility: Option<IssueVisibility>,
    /// Whether only those who handle it read its text.
    #[graphql(default)]
    pub is_confidential: bool,
    /// What it is about in a few words, at most 10 tags of at most 20 characters; peers who can help
    /// are matched by them.
    #[graphql(default)]
    pub tags: Vec<String>,
    /// Whom to turn to about it; the first contact of the enterprise where absent.
    pub contact: Option<ContactInput>,
}

/// A submission (提交).
#[derive(Clone, InputObject)]
pub struct SubmitIssueInput {
    /// The issue, a draft.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Whom to turn to about it, in place of the issue's own contact before; required where neither
    /// the issue nor its enterprise has one.
    pub contact: Option<ContactInput>,
}

/// An acceptance (受理).
#[derive(Clone, Debug, InputObject)]
pub struct AcceptIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// How complex it is.
    pub complexity: IssueComplexity,
    /// How urgent it is.
    pub urgency: IssueUrgency,
}

/// A refusal (不予受理).
#[derive(Clone, Debug, InputObject)]
pub struct RejectIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why it is not accepted.
    pub reason: RejectReason,
    /// Where the enterprise can turn to instead, at most 1,000 characters.
    pub advice: String,
}

/// A question to the enterprise (待补充).
#[derive(Clone, Debug, InputObject)]
pub struct RequestInfoInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The question, at most 2,000 characters.
    pub question: String,
}

/// The answer to a question.
#[derive(Clone, Debug, InputObject)]
pub struct SupplyInfoInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The answer, at most 5,000 characters.
    pub answer: String,
}

/// An assignment to departments (交办).
#[derive(Clone, Debug, InputObject)]
pub struct AssignIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The department that leads the handling (牵头单位).
    pub lead_department_id: ID,
    /// The departments that help (协办单位), at most 10, each once.
    #[graphql(default)]
    pub co_department_ids: Vec<ID>,
    /// What the department is to know, at most 1,000 characters; not shown to the enterprise.
    pub note: Option<String>,
}

/// The return of an assignment (退单).
#[derive(Clone, Debug, InputObject)]
pub struct ReturnAssignmentInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why, and who should do it, at most 1,000 characters; not shown to the enterprise.
    pub reason: String,
}

/// The start of the handling (办理), with the first contact.
#[derive(Clone, Debug, InputObject)]
pub struct StartHandlingInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What the first contact with the enterprise brought, at most 2,000 characters.
    pub first_contact: String,
}

/// A step of the handling.
#[derive(Clone, Debug, InputObject)]
pub struct AddProgressInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What was done, at most 5,000 characters.
    pub body: String,
    /// Whether only the district side and those who handle the issue read it.
    #[graphql(default)]
    pub is_internal: bool,
}

/// The reply (答复).
#[derive(Clone, Debug, InputObject)]
pub struct RespondToIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The reply, at most 5,000 characters.
    pub reply: String,
    /// What came of it.
    pub outcome: IssueOutcome,
}

/// A rating of the reply (好差评).
#[derive(Clone, Debug, InputObject)]
pub struct RateIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// From 5, very satisfied (非常满意), to 1, very dissatisfied (非常不满意).
    pub stars: i32,
    /// Whether it is resolved.
    pub is_resolved: bool,
    /// What to say, at most 1,000 characters; required with fewer than 3 stars or where it is not
    /// resolved.
    pub comment: Option<String>,
}

/// A reopening (重办).
#[derive(Clone, Debug, InputObject)]
pub struct ReopenIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why, at most 1,000 characters.
    pub reason: String,
}

/// A withdrawal (撤单).
#[derive(Clone, Debug, InputObject)]
pub struct WithdrawIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why.
    pub reason: WithdrawReason,
    /// What to say, at most 1,000 characters; required with reason OTHER.
    pub note: Option<String>,
}

/// A hold (挂起).
#[derive(Clone, Debug, InputObject)]
pub struct HoldIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why it has to wait, at most 1,000 characters; the enterprise reads it.
    pub reason: String,
    /// The day by which it is looked at again, within 20 working days.
    pub review_on: Date,
}

/// The end of a hold.
#[derive(Clone, Debug, InputObject)]
pub struct ResumeIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What has come, at most 1,000 characters; the enterprise reads it.
    pub note: Option<String>,
}

/// A long-term follow-up (一跟到底).
#[derive(Clone, Debug, InputObject)]
pub struct MoveToLongTermInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why it cannot be resolved in time, at most 1,000 characters; the enterprise reads it.
    pub cause: String,
    /// The day by which the next reply is promised, within 20 working days.
    pub next_reply_on: Date,
}

/// A reply on the way (阶段性答复) of a long-term follow-up.
#[derive(Clone, Debug, InputObject)]
pub struct AddInterimReplyInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The reply, at most 5,000 characters.
    pub reply: String,
    /// The day by which the next reply is promised, within 20 working days.
    pub next_reply_on: Date,
}

/// A request for more time (延期).
#[derive(Clone, Debug, InputObject)]
pub struct RequestExtensionInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why more time is needed, at most 1,000 characters.
    pub reason: String,
    /// The day by whose end it is to be due: after the present one, within 15 working days of it.
    pub new_due_on: Date,
}

/// A grant of more time.
#[derive(Clone, Debug, InputObject)]
pub struct ApproveExtensionInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What to say with it, at most 1,000 characters.
    pub note: Option<String>,
}

/// A refusal of more time.
#[derive(Clone, Debug, InputObject)]
pub struct RejectExtensionInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why not, at most 1,000 characters.
    pub reason: String,
}

/// The closing of an issue that stays dissatisfied, by a joint meeting (联席会议).
#[derive(Clone, Debug, InputObject)]
pub struct CloseDissatisfiedInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What the meeting concluded, at most 5,000 characters; the enterprise reads it.
    pub conclusion: String,
}

/// The archiving of a closed issue (归档).
#[derive(Clone, Debug, InputObject)]
pub struct ArchiveIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
}

/// What a call back brought (回访).
#[derive(Clone, Debug, InputObject)]
pub struct RecordCallbackInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What it brought.
    pub result: CallbackResult,
    /// What was said, at most 1,000 characters.
    pub note: String,
}

/// A merger (并单).
#[derive(Clone, Debug, InputObject)]
pub struct MergeIssuesInput {
    /// The issue that ends.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The issue that goes on.
    pub into_id: ID,
    /// The written consent of both enterprises, at most 1,000 characters: which document, of which day; required where the issues are of two.
    pub consent: Option<String>,
    /// What to say with it, at most 1,000 characters; not shown to enterprises.
    pub note: Option<String>,
}

/// A reminder by the enterprise (催办).
#[derive(Clone, Debug, InputObject)]
pub struct UrgeIssueInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// What to say, at most 1,000 characters.
    pub note: String,
}

/// An appeal against a refusal (不予受理申诉).
#[derive(Clone, Debug, InputObject)]
pub struct AppealRejectionInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Why it should be accepted, at most 2,000 characters.
    pub reason: String,
}

/// The decision on an appeal.
#[derive(Clone, Debug, InputObject)]
pub struct DecideAppealInput {
    /// The issue.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// Whether the issue is taken up anew.
    pub is_granted: bool,
    /// Why, at most 1,000 characters; the enterprise reads it.
    pub note: String,
}

/// A common problem (共性问题) to be: issues of two enterprises or more with one cause.
#[derive(Clone, Debug, InputObject)]
pub struct ClusterIssuesInput {
    /// The issues, open ones, 2 to 100, each once.
    pub issue_ids: Vec<ID>,
    /// What the problem is, at most 200 characters; the enterprises read it.
    pub title: String,
    /// What its issues have in common, at most 2,000 characters; the enterprises read it.
    pub cause: String,
}

/// One answer for all issues of a common problem.
#[derive(Clone, Debug, InputObject)]
pub struct RespondToClusterInput {
    /// The common problem.
    pub id: ID,
    /// The version that the change was made on.
    pub expected_version: i32,
    /// The reply, at most 5,000 characters.
    pub reply: String,
    /// What came of it.
    pub outcome: IssueOutcome,
}
