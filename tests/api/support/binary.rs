//! The real binary, as an operator runs it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Whether the binary is named, as a release build is of which figures are taken.
#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
pub fn is_release() -> bool {
    std::env::var_os("HONGLIAN_TEST_BINARY").is_some()
}

/// A command of the binary in a folder of its own, without the environment's configuration.
#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
pub fn honglian(folder: &Path, arguments: &[&str]) -> Command {
    // Figures are taken from a release build, which is then named.
    let named = std::env::var_os("HONGLIAN_TEST_BINARY");
    let binary = named.unwrap_or_else(|| env!("CARGO_BIN_EXE_honglian").into());
    let mut command = Command::new(binary);
    command.current_dir(folder).args(arguments).env_clear();
    command
}

/// What a command printed and how it ended.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    honglian(folder, arguments).output().unwrap()
}

/// The last line that a command printed, which must have succeeded.
pub fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap_or_default().to_owned()
}

/// The exit code and the one line of a command that must fail.
pub fn refused(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(folder, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("honglian: "))
        .collect();
    assert_eq!(told.len(), 1, "{arguments:?}: {text}");
    (
        output.status.code().unwrap(),
        told[0]["honglian: ".len()..].to_owned(),
    )
}

/// A port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A server under way; it is killed when the test ends.
pub struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Starts `serve` or `demo` on a free port and waits until it answers.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = honglian(folder, arguments);
        command.args(["--listen", &address]);
        let log = fs::File::create(folder.join("server.log")).unwrap();
        command.stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let printed = BufReader::new(child.stdout.take().unwrap());
        // Its pipe is read on, so that it never waits for us.
        std::thread::spawn(move || printed.lines().for_each(drop));
        let server = Self {
            child,
            address: format!("http://{address}"),
        };
        let began = Instant::now();
        while !server.answers() {
            let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_mins(1), "no answer: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn answers(&self) -> bool {
        let address = self.address.trim_start_matches("http://");
        let Ok(mut stream) = std::net::TcpStream::connect(address) else {
            return false;
        };
        let request = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        std::io::Write::write_all(&mut stream, request).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }

    /// Tells the server to end and waits until it has.
    pub fn stop(mut self) -> Option<i32> {
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap().code()
    }

    /// Ends the server without a word.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The whole answer to a document.
    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        let answer = reqwest::Client::new()
            .post(self.at("/graphql"))
            .bearer_auth(token)
            .header("Accept-Language", "en")
            .json(&json!({"query": query, "variables": variables}))
            .send()
            .await
            .unwrap();
        answer.json().await.unwrap()
    }

    /// The entity of a mutation that must succeed.
    pub async fn does(&self, token: &str, name: &str, entity: &str, input: Value) -> Value {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {entity} \
             userErrors {{ code field message }} }} }}"
        );
        let answer = self.ask(token, &query, json!({"input": input})).await;
        let payload = &answer["data"][name];
        assert_eq!(payload["userErrors"], json!([]), "{name}: {answer:#}");
        let field = entity.split_whitespace().next().unwrap();
        payload[field].clone()
    }
}
