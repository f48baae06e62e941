//! Enterprise issues (企业诉求): from a draft to an answer that the enterprise rates.
//!
//! `lifecycle` is the one table of states and steps; `policy` says who may take a step, by the
//! facts of `standing`; `limits` are the days that a step keeps to, `clocks` by when something must
//! be done and `light` how that shows; `inputs` and `narrowing` are the words; `queries` reads
//! issues, `counts` counts them by state, `timeline` is what belongs to them and `cluster` the
//! problems that several share; `commands` writes; `inbox` is what lands with an officer,
//! `statistics` what is counted, and `supervision` what presses for what is late. Help from peers
//! stands beside `lifecycle`, in `peer_help`; `similar` finds issues that may be the same.

pub mod clocks;
pub mod cluster;
pub mod commands;
pub mod counts;
pub mod follow;
pub mod inbox;
pub mod inputs;
pub mod lifecycle;
pub mod light;
mod limits;
pub mod narrowing;
pub mod peer_help;
pub mod policy;
pub mod queries;
pub mod similar;
pub mod standing;
pub mod statistics;
pub mod supervision;
pub mod timeline;

pub use inputs::{
    AcceptIssueInput, AddInterimReplyInput, AddProgressInput, AppealRejectionInput,
    ApproveExtensionInput, ArchiveIssueInput, AssignIssueInput, CloseDissatisfiedInput,
    ClusterIssuesInput, CreateIssueInput, DecideAppealInput, HoldIssueInput, MergeIssuesInput,
    MoveToLongTermInput, RaiseIssueFromVisitInput, RateIssueInput, RecordCallbackInput,
    RejectExtensionInput, RejectIssueInput, ReopenIssueInput, RequestExtensionInput,
    RequestInfoInput, RespondToClusterInput, RespondToIssueInput, ResumeIssueInput,
    ReturnAssignmentInput, StartHandlingInput, SubmitIssueInput, SupplyInfoInput, UrgeIssueInput,
    WithdrawIssueInput,
};
pub use narrowing::{IssueFilter, IssueOrderField};
