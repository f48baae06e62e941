//! An issue that an enterprise raises (企业诉求).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// How an issue came in.
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
pub enum IssueChannel {
    /// WeChat mini-program.
    MiniProgram,
    /// Web frontend.
    Web,
    /// Raised during a visit.
    Visit,
    /// Raised at an activity.
    Activity,
    /// By telephone.
    Phone,
    /// From another government system, such as 12345.
    Client,
}

/// What an issue asks for.
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
pub enum IssueNature {
    /// Question (咨询).
    Consult,
    /// Request for help (求助).
    Help,
    /// Complaint (投诉).
    Complaint,
    /// Report of wrongdoing (举报).
    Report,
    /// Suggestion (建议).
    Suggestion,
}

/// How urgent an issue is.
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
pub enum IssueUrgency {
    /// Urgent (紧急).
    Urgent,
    /// Normal (一般).
    Normal,
}

/// How complex an issue is.
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
pub enum IssueComplexity {
    /// Simple (简单).
    Simple,
    /// General (一般).
    General,
    /// Complex (复杂).
    Complex,
}

/// Who beyond the handling side sees an issue.
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
pub enum IssueVisibility {
    /// The own enterprise, its officer and the district.
    Official,
    /// Also the lead of the pairing, redacted.
    Pairing,
    /// Also all alliance enterprises, redacted.
    Alliance,
}

/// The state of an enterprise issue; escalation is a level beside it.
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
pub enum IssueState {
    /// Being written (草稿); seen by the author's side only.
    Draft,
    /// Submitted (已提交).
    Submitted,
    /// Waiting for the enterprise to supply information (待补充).
    NeedsInfo,
    /// Accepted (已受理).
    Accepted,
    /// Assigned to a department (已交办).
    Assigned,
    /// Being handled (办理中).
    InProgress,
    /// On hold (挂起).
    OnHold,
    /// Followed up over a long time (一跟到底).
    LongTerm,
    /// Answered, waiting for a rating (已答复).
    Responded,
    /// Closed (办结).
    Closed,
    /// Archived (归档), terminal.
    Archived,
    /// Not accepted (不予受理), terminal.
    Rejected,
    /// Withdrawn by the enterprise (撤单), terminal.
    Withdrawn,
    /// Merged into another issue (并单), terminal.
    Merged,
}

/// What came of an issue.
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
pub enum IssueOutcome {
    /// Solved (已解决).
    Solved,
    /// Partly solved (部分解决).
    PartlySolved,
    /// Explained (已解释).
    Explained,
    /// Not feasible (无法办理).
    NotFeasible,
}

/// The traffic light of the running clocks; it follows from the time and is stored nowhere.
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
pub enum IssueLight {
    /// In time (绿灯).
    Green,
    /// Close to due (黄灯).
    Yellow,
    /// Overdue (红灯).
    Red,
    /// Paused (灰灯).
    Grey,
}

/// An issue that an enterprise raises (企业诉求).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "enterprise_issue")]
pub struct Model {
    /// The id, a UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The district the row belongs to.
    pub district_id: Uuid,
    /// The number people use, such as LW-2020-000132.
    pub number: String,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The user who wrote it; none where it came from outside.
    pub reporter_id: Option<Uuid>,
    /// Whether the district side wrote it for the enterprise.
    pub is_on_behalf: bool,
    /// How it came in.
    pub channel: IssueChannel,
    /// What it asks for.
    pub nature: IssueNature,
    /// Its category.
    pub category_id: Uuid,
    /// How urgent, set on acceptance.
    pub urgency: Option<IssueUrgency>,
    /// How complex, set on acceptance.
    pub complexity: Option<IssueComplexity>,
    /// Who else sees it.
    pub visibility: IssueVisibility,
    /// Whether it is confidential; then its visibility is OFFICIAL.
    pub is_confidential: bool,
    /// The title.
    pub title: String,
    /// The text.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Its state.
    pub state: IssueState,
    /// The state that a pause leads back to.
    pub resume_state: Option<IssueState>,
    /// What came of it.
    pub outcome: Option<IssueOutcome>,
    /// The user who accepted it (首接负责); never overwritten.
    pub first_handler_id: Option<Uuid>,
    /// The department that leads the handling.
    pub lead_department_id: Option<Uuid>,
    /// The officer of the enterprise.
    pub officer_id: Option<Uuid>,
    /// The visit it was raised in.
    pub visit_id: Option<Uuid>,
    /// The issue it was merged into.
    pub merged_into_id: Option<Uuid>,
    /// The archived issue it follows up.
    pub follow_up_of_id: Option<Uuid>,
    /// The written consent to a merger across enterprises.
    #[sea_orm(column_type = "Text", nullable)]
    pub merge_consent: Option<String>,
    /// The common problem it is one case of.
    pub cluster_id: Option<Uuid>,
    /// Its id in the system it came from.
    pub external_ref: Option<String>,
    /// The level of escalation.
    pub escalation_level: i32,
    /// How often it was reopened.
    pub reopen_count: i32,
    /// How often a rating sent it back.
    pub rework_count: i32,
    /// How often its assignment was returned.
    pub return_count: i32,
    /// How often its deadline was extended.
    pub extension_count: i32,
    /// Whether it was closed without a rating.
    pub is_closed_unrated: bool,
    /// When it was submitted.
    pub submitted_at: Option<DateTimeUtc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTimeUtc>,
    /// When it was last assigned.
    pub assigned_at: Option<DateTimeUtc>,
    /// When handling started.
    pub handling_started_at: Option<DateTimeUtc>,
    /// When it was last answered.
    pub responded_at: Option<DateTimeUtc>,
    /// When it was last closed.
    pub closed_at: Option<DateTimeUtc>,
    /// When the earliest running clock of the handling is due; none where none runs.
    pub due_at: Option<DateTimeUtc>,
    /// From when the first of them has little time left.
    pub warn_at: Option<DateTimeUtc>,
    /// By when what put it on hold is looked at again.
    pub review_at: Option<DateTimeUtc>,
    /// When it goes on by the passing of time alone.
    pub lapses_at: Option<DateTimeUtc>,
    /// What it is about in a few words, a list of texts.
    pub tags: Json,
    /// Whether it is opened for help from peers (难题共解).
    pub is_open_for_help: bool,
    /// What help is wanted, as it was last opened for.
    #[sea_orm(column_type = "Text", nullable)]
    pub help_wanted: Option<String>,
    /// When it was last opened.
    pub help_opened_at: Option<DateTimeUtc>,
    /// Until when an offer is in time.
    pub help_due_at: Option<DateTimeUtc>,
    /// Who saw it before it was opened; none where it is not open.
    pub help_shown_before: Option<IssueVisibility>,
    /// Whether the row is made up for demonstration.
    pub is_synthetic: bool,
    /// Counts the changes of this row; the optimistic lock.
    pub version: i32,
    /// When the row was written.
    pub created_at: DateTimeUtc,
    /// When the row last changed.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are read; see `store::shape` of the server.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
