//! A throw-away PostgreSQL: one cluster per test process, from the installed binaries, gone with
//! the process however it ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The address of a server without a database name; none where there is no PostgreSQL.
pub fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER.get_or_init(find).as_deref()
}

#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
fn find() -> Option<String> {
    if let Ok(url) = std::env::var("HONGLIAN_TEST_POSTGRES_URL") {
        return Some(url.trim_end_matches('/').to_owned());
    }
    if let Some(binaries) = binaries() {
        return Some(start(&binaries));
    }
    let missing = "no PostgreSQL: install its server or set HONGLIAN_TEST_POSTGRES_URL";
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    eprintln!("SKIPPED on PostgreSQL: {missing}");
    None
}

#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
fn binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// PostgreSQL refuses to run as root: then it runs as an account that owns nothing else.
fn account() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let ids = |name: &str| {
        let line = accounts
            .lines()
            .find(|line| line.starts_with(&format!("{name}:")))?;
        let fields: Vec<&str> = line.split(':').collect();
        Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

fn command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = account() {
        command.uid(user).gid(group);
    }
    command.current_dir(folder);
    command
}

fn start(binaries: &Path) -> String {
    let folder = tempfile::Builder::new()
        .prefix("honglian-test-")
        .tempdir()
        .unwrap()
        .keep();
    if let Some((user, group)) = account() {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    let made = command(binaries.join("initdb"), &folder)
        .args(["-D", "data", "-U", "honglian", "-A", "trust", "-E", "UTF8"])
        .args(["--locale=C.UTF-8", "--no-sync", "--no-instructions"])
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // The server runs under a shell that waits on our pipe: it closes when this process ends,
    // however that is, and then the shell stops the server and removes the folder.
    let script = format!(
        "'{}/postgres' -D data -p {port} -c listen_addresses=127.0.0.1 \
         -c unix_socket_directories='' -c fsync=off -c synchronous_commit=off \
         -c full_page_writes=off -c max_connections=200 -c autovacuum=off >log 2>&1 & \
         server=$!; read -r _; kill -INT $server; wait $server; cd /; rm -rf '{}'",
        binaries.display(),
        folder.display()
    );
    let mut shell = command("/bin/sh", &folder);
    shell
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .process_group(0);
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    std::mem::forget(shell.spawn().unwrap());
    let began = Instant::now();
    let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
    while !log().contains("ready to accept connections") {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "no server: {}",
            log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    format!("postgres://honglian@127.0.0.1:{port}")
}
