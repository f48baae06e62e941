//! Projects that run on Node: what a frontend team works with, run as they run it.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// A folder with a `package.json`, its packages installed as its lockfile says.
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// The project in a folder of the repository; none where Node or its packages are not to be
    /// had, which is told in one line, and in CI is a failure.
    pub fn open(folder: &str) -> Option<Self> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _installs = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let installed = node().and_then(|()| install(&folder));
        match installed {
            Ok(()) => Some(Self { folder }),
            Err(missing) => skip(&format!("{}: {missing}", folder.display())),
        }
    }

    /// Runs a program in the folder and gives what it prints; it must end well.
    pub fn run<Argument: AsRef<OsStr>>(&self, program: &str, arguments: &[Argument]) -> String {
        let (well, printed, complaint) = self.end(program, arguments);
        assert!(well, "{program} failed:\n{printed}\n{complaint}");
        printed
    }

    /// Runs a program in the folder: whether it ended well, and what it printed and complained of.
    pub fn end<Argument: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: &[Argument],
    ) -> (bool, String, String) {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).args(arguments);
        output(&mut command).unwrap()
    }
}

/// Says in one line, past the capture of the test runner, that a test is left out.
#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
pub fn skip<T>(missing: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    let line = format!("SKIPPED: {missing}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

fn node() -> Result<(), String> {
    let version = output(Command::new("node").arg("--version"));
    let (_, version, _) = version.map_err(|error| format!("no Node 20: {error}"))?;
    let major = version.trim_start_matches('v').split('.').next();
    let major: u32 = major.and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < 20 {
        return Err(format!("Node 20 is needed, not {}", version.trim()));
    }
    Ok(())
}

/// Installs what the lockfile names, unless it is what is there.
fn install(folder: &Path) -> Result<(), String> {
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|data| data.modified());
    let wanted = changed("package-lock.json").unwrap();
    if changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["ci", "--no-progress"]);
    let (well, _, complaint) = output(&mut npm).map_err(|error| format!("no npm: {error}"))?;
    if well { Ok(()) } else { Err(complaint) }
}

fn output(command: &mut Command) -> std::io::Result<(bool, String, String)> {
    let output = command.output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let well = output.status.success();
    Ok((well, text(&output.stdout), text(&output.stderr)))
}
