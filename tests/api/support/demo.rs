//! The demo as a user starts it, with tokens in a file.

use std::path::PathBuf;

use super::binary::Served;
use super::database::empty_postgres;

/// A running demo; it ends with the value.
pub struct Demo {
    server: Served,
    folder: tempfile::TempDir,
}

impl Demo {
    /// On the embedded database.
    pub fn on_sqlite() -> Self {
        Self::start("")
    }

    /// On PostgreSQL, where there is one.
    pub async fn on_postgres() -> Option<Self> {
        let url = empty_postgres().await?;
        Some(Self::start(&format!("[database]\nurl = '{url}'")))
    }

    /// With a configuration, in TOML.
    pub fn start(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("demo.toml"), configuration).unwrap();
        let arguments = ["demo", "--config", "demo.toml"];
        Self {
            server: Served::start(folder.path(), &arguments),
            folder,
        }
    }

    /// The address of a path.
    pub fn at(&self, path: &str) -> String {
        self.server.at(path)
    }

    /// Where its tokens are.
    pub fn tokens(&self) -> PathBuf {
        self.folder.path().join("honglian-data/demo-tokens.json")
    }
}
