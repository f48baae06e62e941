//! The demo as a user starts it: the built program on a free port, with tokens in a file.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::database::empty_postgres;

/// A running demo; it ends with the value.
pub struct Demo {
    process: Child,
    folder: tempfile::TempDir,
    /// Such as `http://127.0.0.1:40123`.
    pub address: String,
}

impl Demo {
    /// On the embedded database.
    pub fn on_sqlite() -> Self {
        Self::start(&[])
    }

    /// On PostgreSQL, where there is one.
    pub async fn on_postgres() -> Option<Self> {
        let url = empty_postgres().await?;
        Some(Self::start(&[("HONGLIAN_DATABASE__URL", &url)]))
    }

    /// On the embedded database unless the settings, given as variables, say another.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = program();
        command
            .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path().join("data"))
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut process = command.spawn().unwrap();
        let mut address = None;
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // The last line that it prints begins with the command to try it by.
        while let Some(Ok(line)) = lines.next() {
            if let Some((_, rest)) = line.split_once("curl -s ") {
                address = rest.split("/graphql").next().map(str::to_owned);
                break;
            }
        }
        let mut demo = Self {
            process,
            folder,
            address: String::new(),
        };
        demo.address = address.unwrap_or_else(|| panic!("no demo: {}", demo.log()));
        demo
    }

    /// Where its tokens are.
    pub fn tokens(&self) -> PathBuf {
        self.folder.path().join("data/demo-tokens.json")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// The built program, without the settings of whoever runs the tests.
#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_honglian"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HONGLIAN_") {
            command.env_remove(name);
        }
    }
    command
}

impl Drop for Demo {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
