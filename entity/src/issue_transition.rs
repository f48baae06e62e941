//! One step in the life of an issue; replaying the steps gives the stored state.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::enterprise_issue::IssueState;

/// What moved an issue from one state to the next.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    async_graphql::Enum,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransitionKind {
    /// Written as a draft.
    Create,
    /// Submitted (提交).
    Submit,
    /// Accepted (受理).
    Accept,
    /// Not accepted (不予受理).
    Reject,
    /// Information asked for (待补充).
    RequestInfo,
    /// Information supplied.
    SupplyInfo,
    /// Assigned (交办).
    Assign,
    /// Assignment returned (退单).
    ReturnAssignment,
    /// Handling started (办理).
    StartHandling,
    /// Put on hold (挂起).
    Hold,
    /// Resumed.
    Resume,
    /// Moved to long-term follow-up (一跟到底).
    MoveToLongTerm,
    /// Answered (答复).
    Respond,
    /// Closed by a rating (评价办结).
    CloseRated,
    /// Closed without a rating after the rating period.
    CloseUnrated,
    /// Sent back by a rating (退回重办).
    Rework,
    /// Closed by a joint meeting although dissatisfied.
    CloseDissatisfied,
    /// Reopened (重办).
    Reopen,
    /// Archived (归档).
    Archive,
    /// Withdrawn (撤单).
    Withdraw,
    /// Merged (并单).
    Merge,
}

/// Why an issue is not accepted.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    async_graphql::Enum,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RejectReason {
    /// Outside the district's jurisdiction.
    OutOfJurisdiction,
    /// Before a court, an arbitration, a disciplinary body or in reconsideration.
    InLegalProceedings,
    /// Belongs to the petition channel (信访).
    PetitionChannel,
    /// Concerns state or business secrets or privacy.
    SecretsOrPrivacy,
    /// Unlawful or without substance.
    UnlawfulOrNoSubstance,
    /// Already handled.
    DuplicateOfHandled,
    /// Another reason by law.
    OtherByLaw,
}

/// Why an enterprise withdraws an issue.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    async_graphql::Enum,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WithdrawReason {
    /// Solved in another way.
    SolvedOtherwise,
    /// No longer needed.
    NoLongerNeeded,
    /// Filed in error.
    FiledInError,
    /// Another reason.
    Other,
}

/// One step in the life of an issue; replaying the steps gives the stored state.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "issue_transition")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The issue.
    pub issue_id: Uuid,
    /// Counts the steps of an issue from 1.
    pub seq: i32,
    /// What moved it.
    pub kind: TransitionKind,
    /// The state before; none for the first step.
    pub from_state: Option<IssueState>,
    /// The state after.
    pub to_state: IssueState,
    /// The user who did it; none for the system.
    pub actor_id: Option<Uuid>,
    /// Why it was not accepted.
    pub reject_reason: Option<RejectReason>,
    /// Why it was withdrawn.
    pub withdraw_reason: Option<WithdrawReason>,
    /// What was said with it.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// When it happened.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
