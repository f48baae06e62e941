//! Enterprise issues (企业诉求): from a draft to an answer that the enterprise rates.
//!
//! `lifecycle` is the one table of states and steps; `policy` says who may take a step; `inputs`
//! and `narrowing` are the words; `queries` reads issues and `timeline` what belongs to them,
//! `counts` counts them by state; `commands` writes; `inbox` is what lands with an officer; `clocks` is by when something must be
//! done, and `supervision` what presses for what is late. Merging, clusters and help from peers
//! stand beside `lifecycle`, each in a file of its own.

pub mod clocks;
pub mod commands;
pub mod counts;
pub mod follow;
pub mod inbox;
pub mod inputs;
pub mod lifecycle;
pub mod light;
pub mod narrowing;
pub mod policy;
pub mod queries;
pub mod supervision;
pub mod timeline;

pub use inputs::{
    AcceptIssueInput, AddProgressInput, AssignIssueInput, CreateIssueInput,
    RaiseIssueFromVisitInput, RateIssueInput, RejectIssueInput, ReopenIssueInput, RequestInfoInput,
    RespondToIssueInput, ReturnAssignmentInput, StartHandlingInput, SubmitIssueInput,
    SupplyInfoInput, WithdrawIssueInput,
};
pub use narrowing::{IssueFilter, IssueOrderField};
