//! The demonstration data: the programme of Liwan district (荔湾区红联共建) as the article of
//! 2021-01-20 tells it, with made-up rows around what the article names.
//!
//! Everything is built in memory first and is the same for the same [`Options`]: no clock and
//! no randomness. The article's history is laid out for its own day and moved by whole days to
//! the asked one, so that "twelve days ago" stays twelve days ago. Nothing happens on the asked
//! day itself, so that any time of that day will do.

mod alliance;
mod calendar;
mod contacts;
mod enterprises;
mod issues;
mod load;
mod officers;
mod register;
mod rows;
mod story;
mod taxonomy;
mod texts;
mod uscc;
mod users;
mod visits;

#[cfg(test)]
mod tests;

pub use self::contacts::NewContact;
pub use self::load::{LoadError, load};
pub use self::rows::Rows;

use chrono::{DateTime, Utc};
use entity::enterprise_issue::IssueState;
use entity::issue_transition::TransitionKind;
use entity::user_account::UserRole;
use sea_orm::prelude::Uuid;

use self::calendar::Calendar;
use self::rows::Build;

/// How much of the district the data show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The alliance, the enterprises that officers serve and their chain; the size of the rest is
    /// the baseline's.
    Demo,
    /// Also every other enterprise of the district, so that the headline figures count rows.
    Full,
}

/// What to build.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much of the district.
    pub profile: Profile,
    /// The instant the data are as of; [`article_instant`] by default.
    pub as_of: DateTime<Utc>,
    /// The issuer of the demo users' tokens.
    pub issuer: String,
}

/// The instant the article's figures hold for: 2021-01-20 10:00 in Shanghai.
#[must_use]
pub fn article_instant() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(calendar::ARTICLE_SECONDS)
}

/// Why the data could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A planned life of an issue takes a step that the state table does not have.
    #[error("no step {kind:?} leads on from {from:?}")]
    Step {
        /// The state before.
        from: Option<IssueState>,
        /// The step.
        kind: TransitionKind,
    },
    /// A moment lies outside what the calendar of the history covers.
    #[error("a moment lies outside the calendar of the demonstration data")]
    Calendar,
    /// The asked day is one that the tables cannot hold.
    #[error("the demonstration data can be as of 2003 to 2100")]
    AsOf,
    /// The plan names something that was not built.
    #[error("the demonstration data hold no {0}")]
    Missing(&'static str),
}

/// A user to try the service with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: Uuid,
    /// The subject of the user's tokens.
    pub subject: String,
    /// The role.
    pub role: UserRole,
    /// GB/T 2260 code of the user's district.
    pub district_code: String,
    /// The enterprise of a lead or member user.
    pub enterprise_id: Option<Uuid>,
    /// The post of an officer.
    pub officer_id: Option<Uuid>,
    /// Whether the user administers (ADMIN).
    pub is_admin: bool,
    /// Whether the user audits (AUDITOR).
    pub is_auditor: bool,
}

/// One user for each way of seeing the service, chosen so that each sees something: the officer
/// serves the member's enterprise, and the member belongs to the lead's pairing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// An operator of the district.
    pub operator: Actor,
    /// An administrator of the district.
    pub admin: Actor,
    /// An auditor.
    pub auditor: Actor,
    /// An officer.
    pub officer: Actor,
    /// A user of a lead enterprise.
    pub lead: Actor,
    /// A user of a member enterprise.
    pub member: Actor,
    /// A user of a state-owned partner.
    pub partner: Actor,
    /// A user of a served enterprise outside the alliance.
    pub outsider: Actor,
    /// An operator of the other district.
    pub other_district_operator: Actor,
}

/// The rows and who to try them as.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The rows, table by table.
    pub rows: Rows,
    /// Contacts, which are sealed when they are written.
    pub contacts: Vec<NewContact>,
    /// The users to try them as.
    pub cast: Cast,
}

/// Builds every row in memory.
///
/// # Errors
/// The asked day is out of range, or the plan contradicts itself (a test holds that it does not).
pub fn build(options: &Options) -> Result<Dataset, BuildError> {
    let mut build = Build::new(options, Calendar::new(options.as_of)?);
    let liwan = taxonomy::district(&mut build, &taxonomy::LIWAN)?;
    let yuexiu = taxonomy::district(&mut build, &taxonomy::YUEXIU)?;
    let register = enterprises::build(&mut build, &liwan, &yuexiu)?;
    let posts = officers::posts(&mut build, &liwan)?;
    let accounts = users::build(&mut build, &liwan, &yuexiu, &register, &posts)?;
    let parties = officers::assign(&mut build, &liwan, &register, posts, &accounts)?;
    alliance::build(&mut build, &liwan, &register, &accounts)?;
    let visits = visits::build(&mut build, &liwan, &parties, &accounts)?;
    issues::build(&mut build, &liwan, &parties, &accounts, &visits)?;
    let contacts = contacts::build(&mut build, &liwan, &parties)?;
    Ok(Dataset {
        rows: build.rows,
        contacts,
        cast: accounts.cast,
    })
}
