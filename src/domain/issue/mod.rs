//! Enterprise issues (企业诉求): from a draft to an answer that the enterprise rates.
//!
//! `lifecycle` is the one table of states and steps; `policy` says who may take a step; `inputs`
//! and `narrowing` are the words; `queries` reads issues and `timeline` what belongs to them,
//! `counts` counts them; `commands` writes; `inbox` is what lands with an officer. Clocks, escalation, merging,
//! clusters and help from peers will stand beside `lifecycle`, each in a file of its own.

pub mod commands;
pub mod counts;
pub mod follow;
pub mod inbox;
pub mod inputs;
pub mod lifecycle;
pub mod narrowing;
pub mod policy;
pub mod queries;
pub mod timeline;

pub use inputs::{
    AcceptIssueInput, AddProgressInput, AssignIssueInput, CreateIssueInput,
    RaiseIssueFromVisitInput, RateIssueInput, RejectIssueInput, ReopenIssueInput, RequestInfoInput,
    RespondToIssueInput, ReturnAssignmentInput, StartHandlingInput, SubmitIssueInput,
    SupplyInfoInput, WithdrawIssueInput,
};
pub use narrowing::{IssueFilter, IssueOrderField};
