//! `honglian user`.

use async_graphql::ID;
use clap::{Args, Subcommand, ValueEnum};
use entity::user_account::UserRole;

use super::database::{deps, existing};
use super::{Failure, say};
use crate::config::Config;
use crate::domain::user::{NewUser, commands};
use crate::kernel::id::{Kind, encode};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add a user and print the id.
    Add(Box<AddUser>),
}

#[derive(Args)]
pub(super) struct AddUser {
    /// The role.
    #[arg(long, value_enum, ignore_case = true)]
    role: Role,
    /// GB/T 2260 code of the user's district.
    #[arg(long, value_name = "CODE")]
    district: String,
    /// Credit code (统一社会信用代码) of the enterprise of a lead or member user.
    #[arg(long, value_name = "USCC")]
    enterprise: Option<String>,
    /// The officer whose post a district user holds, by id.
    #[arg(long, value_name = "ID")]
    officer: Option<String>,
    /// What a district user may besides: several are separated by commas.
    #[arg(long, value_enum, ignore_case = true, value_delimiter = ',')]
    perms: Vec<Perm>,
    /// How the user is shown: a post or function, not a private name.
    #[arg(long)]
    name: Option<String>,
    /// The subject (`sub`) of the user's tokens; the user's id where absent.
    #[arg(long)]
    subject: Option<String>,
    /// The issuer (`iss`) of the user's tokens; `auth.token_issuer` where absent.
    #[arg(long)]
    issuer: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// The district side.
    District,
    /// An enterprise that leads the alliance.
    Lead,
    /// Any other enterprise.
    Member,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Perm {
    /// Administers the district.
    Admin,
    /// Audits, and sees nothing else.
    Auditor,
}

pub(super) async fn run(config: &Config, what: UserCommand) -> Result<(), Failure> {
    let UserCommand::Add(add) = what;
    let db = existing(config).await?;
    let new = NewUser {
        district: add.district,
        issuer: add
            .issuer
            .unwrap_or_else(|| config.auth.token_issuer.clone()),
        subject: add.subject,
        display_name: add.name,
        role: match add.role {
            Role::District => UserRole::District,
            Role::Lead => UserRole::Lead,
            Role::Member => UserRole::Member,
        },
        uscc: add.enterprise,
        officer_id: add.officer.map(ID),
        is_admin: add.perms.contains(&Perm::Admin),
        is_auditor: add.perms.contains(&Perm::Auditor),
    };
    let id = commands::add(&deps(config, db).await?, new).await?;
    say(encode(Kind::User, id))
}
