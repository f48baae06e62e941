//! `honglian calendar`.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;

use super::database::{deps, existing};
use super::{Failure, say};
use crate::config::Config;
use crate::domain::calendar::commands;

#[derive(Subcommand)]
pub(super) enum CalendarCommand {
    /// Import a year, every day of it once; deadlines that reach into it are counted anew.
    Import {
        /// The year, such as 2027.
        year: i32,
        /// A file of lines `day,kind,name`, such as `2027-01-01,HOLIDAY,元旦`; the kinds are
        /// WORKING, WEEKEND, HOLIDAY and `MAKE_UP`, and only the last two have a name.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The notice that says so.
        #[arg(long)]
        source: Option<String>,
    },
}

pub(super) async fn run(config: &Config, what: CalendarCommand) -> Result<(), Failure> {
    let CalendarCommand::Import { year, file, source } = what;
    let text = fs::read_to_string(&file)
        .map_err(|error| Failure::Refused(format!("cannot read {}: {error}", file.display())))?;
    let usual = || format!("国务院办公厅关于{year}年部分节假日安排的通知");
    let source = source.unwrap_or_else(usual);
    let deps = deps(config, existing(config).await?).await?;
    commands::import_file(&deps, year, &source, &text).await?;
    say(format!("the calendar of {year} is imported"))
}
