//! Programs of Node.js that drive the server as its users' libraries do. Each folder pins its
//! packages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::sync::Mutex;

/// A folder of such programs, with its packages installed.
pub struct Programs(PathBuf);

impl Programs {
    /// Installs a folder's packages, once per process; none where there is no Node.js that can
    /// run them.
    pub async fn of(folder: &'static str) -> Option<Self> {
        static INSTALLED: Mutex<BTreeMap<&str, bool>> = Mutex::const_new(BTreeMap::new());
        let mut installed = INSTALLED.lock().await;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if !installed.contains_key(folder) {
            let path = path.clone();
            let done = tokio::task::spawn_blocking(move || install(&path)).await;
            installed.insert(folder, done.unwrap());
        }
        installed[folder].then_some(Self(path))
    }

    /// What a program printed; it must be content.
    pub async fn run(&self, arguments: Vec<String>) -> String {
        let folder = self.0.clone();
        let ran = tokio::task::spawn_blocking(move || run(&folder, "node", &arguments));
        let (told, done) = ran.await.unwrap().unwrap();
        assert!(done, "{told}");
        told
    }
}

fn install(folder: &Path) -> bool {
    let version = run(folder, "node", &["--version".to_owned()]).map(|(version, _)| version);
    let major = version.and_then(|version| {
        let version = version.trim().strip_prefix('v')?;
        version.split('.').next()?.parse::<u32>().ok()
    });
    if major.is_some_and(|major| major >= 20) {
        let arguments = ["ci", "--no-audit", "--no-fund", "--silent"].map(str::to_owned);
        let (told, done) = run(folder, "npm", &arguments).unwrap();
        assert!(done, "npm ci: {told}");
        return true;
    }
    let missing = "no Node.js of version 20 or later: the clients of other makers do not run";
    #[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
    let is_ci = std::env::var_os("CI").is_some();
    assert!(!is_ci, "{missing}");
    eprintln!("SKIPPED: {missing}");
    false
}

fn run(folder: &Path, program: &str, arguments: &[String]) -> Option<(String, bool)> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.ok()?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Some((text, output.status.success()))
}
