//! `honglian client` and `honglian documents`: applications and what they may ask for.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use entity::api_client::ClientMode;

use super::database::existing;
use super::{Failure, say};
use crate::config::Config;
use crate::domain::client::{commands, queries};
use crate::graphql::guard::Guard;
use crate::graphql::schema;
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::error::Language;
use crate::store::connect;

#[derive(Subcommand)]
pub(super) enum ClientCommand {
    /// Enter an application, or change which documents it may send.
    Add {
        /// Its name, the `client_id` of its tokens.
        #[arg(value_name = "CLIENT")]
        client: String,
        /// Which documents it may send.
        #[arg(long, value_enum, default_value = "open")]
        mode: Mode,
    },
    /// Print all applications with their modes.
    List,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Mode {
    /// Any document.
    Open,
    /// Registered documents only.
    TrustedOnly,
}

#[derive(Subcommand)]
pub(super) enum DocumentsCommand {
    /// Register the documents of a manifest; what is registered stays registered.
    Add {
        /// The application, the `client_id` of its tokens; entered as open where it is new.
        #[arg(value_name = "CLIENT")]
        client: String,
        /// A JSON object of documents by their SHA-256, as graphql-codegen writes it
        /// (`persistedDocuments: { hashAlgorithm: 'sha256' }`).
        #[arg(value_name = "FILE")]
        manifest: PathBuf,
    },
    /// Print applications with the hashes of their documents.
    List {
        /// One application; all where absent.
        #[arg(value_name = "CLIENT")]
        client: Option<String>,
    },
}

pub(super) async fn run(config: &Config, what: ClientCommand) -> Result<(), Failure> {
    let db = existing(config).await?;
    connect::check(&db).await?;
    match what {
        ClientCommand::Add { client, mode } => {
            let (mode, word) = match mode {
                Mode::Open => (ClientMode::Open, "any document"),
                Mode::TrustedOnly => (ClientMode::TrustedOnly, "registered documents only"),
            };
            commands::add(&db, &client, mode, SystemClock.now()).await?;
            say(format!("{client} may send {word}"))
        }
        ClientCommand::List => {
            for client in queries::clients(&db).await? {
                let mode = match client.mode {
                    ClientMode::Open => "open",
                    ClientMode::TrustedOnly => "trusted-only",
                };
                say(format!("{} {mode}", client.id))?;
            }
            Ok(())
        }
    }
}

pub(super) async fn documents(config: &Config, what: DocumentsCommand) -> Result<(), Failure> {
    let db = existing(config).await?;
    connect::check(&db).await?;
    match what {
        DocumentsCommand::Add { client, manifest } => {
            let documents = read(&manifest)?;
            check(config, &documents)?;
            let done = commands::register(&db, &client, &documents, SystemClock.now()).await?;
            say(format!(
                "{} documents of {client}, {} of them new",
                done.all, done.new
            ))
        }
        DocumentsCommand::List { client } => {
            for document in queries::documents(&db, client.as_deref()).await? {
                say(format!("{} {}", document.client_id, document.hash))?;
            }
            Ok(())
        }
    }
}

fn read(manifest: &PathBuf) -> Result<Vec<(String, String)>, Failure> {
    let named = |cause: &dyn std::fmt::Display| {
        Failure::Refused(format!("{}: {cause}", manifest.display()))
    };
    let text = fs::read_to_string(manifest).map_err(|error| named(&error))?;
    let documents: BTreeMap<String, String> = serde_json::from_str(&text).map_err(|error| {
        named(&format!(
            "not a JSON object of documents by their SHA-256: {error}"
        ))
    })?;
    Ok(documents.into_iter().collect())
}

/// Refuses what could never be answered, before anything is registered.
fn check(config: &Config, documents: &[(String, String)]) -> Result<(), Failure> {
    let guard = Guard::new(&schema(false), config.graphql.cost_limit);
    for (hash, document) in documents {
        guard.check(document).map_err(|why| {
            let (code, message) = (why.code, why.message(Language::English));
            Failure::Refused(format!("{hash}: {code}: {message}"))
        })?;
    }
    Ok(())
}
