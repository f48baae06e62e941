//! Users: accounts by post or function, and what the database grants them.

use async_graphql::{ID, InputObject};
use entity::user_account::{UserRole, UserStatus};

pub mod claims;
pub mod commands;
pub mod policy;
pub mod queries;
pub mod viewer;

/// A user as it shall be: a new one without `id`, else all values of an existing one.
#[derive(Clone, Debug, InputObject)]
pub struct UpsertUserInput {
    /// The user to change; absent for a new one.
    pub id: Option<ID>,
    /// The version that the change was made on; with `id` only, and then required.
    pub expected_version: Option<i32>,
    /// The issuer (`iss`) of the user's tokens, at most 200 characters. Where absent: for a new
    /// user that of the caller, else as it is.
    pub issuer: Option<String>,
    /// The subject (`sub`) of the user's tokens, unique with the issuer, at most 200 characters.
    pub subject: String,
    /// How the user is shown: a post or a function, not a private name; at most 60 characters.
    pub display_name: String,
    /// The role.
    pub role: UserRole,
    /// The enterprise of a LEAD or MEMBER; a DISTRICT user has none.
    pub enterprise_id: Option<ID>,
    /// The post of a chief service officer (首席服务官); DISTRICT only, one user a post.
    pub officer_id: Option<ID>,
    /// Whether the user administers; DISTRICT only.
    pub is_admin: bool,
    /// Whether the user audits; DISTRICT only, and then nothing else.
    pub is_auditor: bool,
    /// Whether the user may sign in.
    pub status: UserStatus,
}

/// A user to add at the command line, named as an operator knows them.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// GB/T 2260 code of the district.
    pub district: String,
    /// The issuer (`iss`) of the user's tokens.
    pub issuer: String,
    /// The subject (`sub`) of the user's tokens; the user's id where absent.
    pub subject: Option<String>,
    /// How the user is shown; by function where absent.
    pub display_name: Option<String>,
    /// The role.
    pub role: UserRole,
    /// Credit code of the enterprise of a LEAD or MEMBER.
    pub uscc: Option<String>,
    /// The post of a chief service officer.
    pub officer_id: Option<ID>,
    /// Whether the user administers.
    pub is_admin: bool,
    /// Whether the user audits.
    pub is_auditor: bool,
}
