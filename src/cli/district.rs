//! `honglian district`.

use clap::Subcommand;

use super::database::{deps, existing};
use super::{Failure, say};
use crate::config::Config;
use crate::domain::district::{NewDistrict, commands};

#[derive(Subcommand)]
pub(super) enum DistrictCommand {
    /// Add a district with the policy, offices and issue categories that it starts with.
    Add {
        /// GB/T 2260 code: six digits, such as 440103.
        code: String,
        /// The name, such as 荔湾区.
        name: String,
        /// The prefix of its issue numbers, such as LW; its code where absent.
        #[arg(long)]
        prefix: Option<String>,
    },
}

pub(super) async fn run(config: &Config, what: DistrictCommand) -> Result<(), Failure> {
    let DistrictCommand::Add { code, name, prefix } = what;
    let db = existing(config).await?;
    let new = NewDistrict {
        code,
        name,
        number_prefix: prefix,
    };
    commands::add(&deps(config, db).await?, &new).await?;
    say(format!("{} {} is added", new.code.trim(), new.name.trim()))
}
