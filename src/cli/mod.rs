//! The command line: one file per group of commands. Errors are one line on stderr with the
//! remedy; exit codes tell scripts what kind of thing went wrong.

mod calendar;
mod client;
mod database;
mod demo;
mod district;
mod instance;
mod keys;
mod serve;
mod token;
mod usage;
mod user;

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::NaiveDate;
use clap::{Parser, Subcommand, ValueEnum};

use crate::access::keys::KeyError;
use crate::app::AppError;
use crate::config::{self, Config, ConfigError, DatabaseUrl, Overrides};
use crate::http::{BundleError, TlsError};
use crate::kernel::error::{Error, Language, UserError};
use crate::store::connect::StartError;

/// What an operator and a script read after the commands.
const MORE: &str = "\
First steps:
  honglian demo                    try it: the Liwan alliance on a database of its own
  honglian keys generate           or a district that starts empty, here on SQLite
  honglian migrate up
  honglian district add 440103 荔湾区 --prefix LW
  honglian user add --district 440103 --role district --perms admin
  honglian token --user ID         the id that `user add` printed
  honglian serve

Configuration, each over the one before: the defaults, the file, variables such as
HONGLIAN_DATABASE__URL (`__` between levels), the options of the command line.
`honglian serve --check` prints what is in force.

Exit codes:
  0  done
  1  anything else went wrong
  2  the command line is not valid
  3  the configuration is not valid
  4  the database is missing, or cannot be opened or migrated
  5  the database is not up to date: migrations are pending
  6  the address is in use or cannot be listened on
  7  refused, and nothing changed: the input, or a database of somebody else
  8  a key, a key set or a certificate is missing or not valid
  9  the database is newer than this binary";

/// Honglian (红联): the system of record of a district's co-building programme.
#[derive(Parser)]
#[command(name = "honglian", version, after_help = MORE)]
struct Cli {
    /// The configuration file (TOML); `HONGLIAN_CONFIG` where absent.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the server keeps its files; `honglian-data` where absent.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The database, `sqlite:` or `postgres:`; `honglian.db` in the data folder where absent.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<DatabaseUrl>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve {
        /// The address to listen on; 127.0.0.1:8080 where absent.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// Print the effective configuration, secrets hidden, and end.
        #[arg(long)]
        check: bool,
    },
    /// Serve the Liwan data set with ready-made users, on a database of its own.
    Demo {
        /// The address to listen on; 127.0.0.1:8080 where absent.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// The day that the demo starts at; 2021-01-20, the article's, where absent.
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// Start over: throw a demo's database away and load it anew.
        #[arg(long)]
        fresh: bool,
    },
    /// Bring the database up to date, or tell where it stands.
    Migrate {
        /// What to do.
        #[arg(value_enum)]
        what: Migrate,
    },
    /// Load a data set into a database.
    Seed {
        /// Which one.
        #[arg(value_enum)]
        set: Set,
        /// How much of it.
        #[arg(long, value_enum, default_value = "demo")]
        profile: SeedProfile,
        /// The day that it is as of; 2021-01-20 where absent.
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
    },
    /// Print the GraphQL schema.
    Schema,
    /// Keys that sign tokens, and keys that seal personal data.
    Keys {
        /// What to do.
        #[command(subcommand)]
        what: keys::Keys,
    },
    /// Districts that run the programme.
    District {
        /// What to do.
        #[command(subcommand)]
        what: district::DistrictCommand,
    },
    /// The working calendar.
    Calendar {
        /// What to do.
        #[command(subcommand)]
        what: calendar::CalendarCommand,
    },
    /// Users who sign in.
    User {
        /// What to do.
        #[command(subcommand)]
        what: user::UserCommand,
    },
    /// Applications that call the API.
    Client {
        /// What to do.
        #[command(subcommand)]
        what: client::ClientCommand,
    },
    /// Trusted documents of applications.
    Documents {
        /// What to do.
        #[command(subcommand)]
        what: client::DocumentsCommand,
    },
    /// Sign a token of a user with the configured key.
    Token {
        /// The user's id, as `user add` prints it.
        #[arg(long, value_name = "ID")]
        user: String,
        /// How long it is valid, such as 30m, at most 24h; `auth.token_lifetime_s` where absent.
        #[arg(long, value_name = "TIME", value_parser = token::lifetime)]
        ttl: Option<Duration>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Migrate {
    /// Apply what is pending.
    Up,
    /// Tell what is applied.
    Status,
}

#[derive(Clone, Copy, ValueEnum)]
enum Set {
    /// The Liwan alliance (荔湾区红联共建).
    Liwan,
}

#[derive(Clone, Copy, ValueEnum)]
enum SeedProfile {
    /// The alliance and what it touches.
    Demo,
    /// All 2,898 enterprises of the district.
    Full,
}

/// What ends a command; each kind has its exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, std::io::Error),
    #[error("{0}")]
    Auth(String),
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Other(String),
}

impl Failure {
    const fn code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Config(_) | Self::Bundle(_) | Self::App(AppError::Files(_)) => 3,
            Self::Start(StartError::Newer(_)) => 9,
            Self::Start(StartError::Pending(_)) => 5,
            Self::Start(_) => 4,
            Self::Listen(..) => 6,
            Self::Refused(_) => 7,
            Self::Key(_) | Self::App(_) | Self::Auth(_) | Self::Tls(_) => 8,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Other(format!("the database failed: {error}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::User { errors, .. } => {
                let lines: Vec<String> = errors.iter().map(told).collect();
                Self::Refused(lines.join("; "))
            }
            other => Self::Other(other.to_string()),
        }
    }
}

/// What is wrong with an input, at the argument that it came by.
fn told(error: &UserError) -> String {
    // Of a list, such as the days of a file, the list.
    let field = error.path.get(1).map_or("", String::as_str);
    let argument = match field {
        "code" => "CODE",
        "name" => "NAME",
        "numberPrefix" => "--prefix",
        "year" => "YEAR",
        "days" => "FILE",
        "source" => "--source",
        "enterpriseId" => "--enterprise",
        "officerId" => "--officer",
        "isAdmin" | "isAuditor" => "--perms",
        "displayName" => "--name",
        "subject" => "--subject",
        "issuer" => "--issuer",
        "district" => "--district",
        "client" => "CLIENT",
        other => other,
    };
    format!("{argument}: {}", error.message.text(Language::English))
}

/// Prints a line for the user.
fn say(line: impl Display) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{line}") {
        // A reader that has read enough, such as `head`, is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints an error in one line.
fn complain(error: &dyn Display) {
    let line = error.to_string().replace('\n', " ");
    let _ = writeln!(std::io::stderr(), "honglian: {line}");
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.code())
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let load = |listen: Option<SocketAddr>| -> Result<Config, Failure> {
        let flags = Overrides {
            data_dir: cli.data_dir.clone(),
            listen,
            database_url: cli.database_url.clone(),
            ..Overrides::default()
        };
        Ok(config::load(cli.config.as_deref(), flags)?)
    };
    match cli.command {
        Command::Serve { listen, check } => {
            let config = load(listen)?;
            on_threads(config.http.threads, serve::run(config, check))
        }
        Command::Demo {
            listen,
            as_of,
            fresh,
        } => {
            let config = load(listen)?;
            on_threads(config.http.threads, demo::run(config, as_of, fresh))
        }
        Command::Migrate { what: Migrate::Up } => on_threads(1, database::migrate(&load(None)?)),
        Command::Migrate {
            what: Migrate::Status,
        } => on_threads(1, database::status(&load(None)?)),
        Command::Seed {
            set: Set::Liwan,
            profile,
            as_of,
        } => on_threads(1, database::seed(&load(None)?, profile, as_of)),
        Command::Schema => say(crate::graphql::sdl()),
        Command::Keys { what } => on_threads(1, keys::run(load(None)?, what)),
        Command::District { what } => on_threads(1, district::run(&load(None)?, what)),
        Command::Calendar { what } => on_threads(1, calendar::run(&load(None)?, what)),
        Command::User { what } => on_threads(1, user::run(&load(None)?, what)),
        Command::Client { what } => on_threads(1, client::run(&load(None)?, what)),
        Command::Documents { what } => on_threads(1, client::documents(&load(None)?, what)),
        Command::Token { user, ttl } => on_threads(1, token::run(&load(None)?, &user, ttl)),
    }
}

/// Runs what a command does on so many threads, beside the one that waits for it.
fn on_threads(
    threads: u32,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let threads = usize::try_from(threads).unwrap_or(usize::MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(threads)
        // A second line behind the scan of documents: the parser recurses.
        .thread_stack_size(16 * 1024 * 1024)
        .build()?;
    runtime.block_on(command)
}
