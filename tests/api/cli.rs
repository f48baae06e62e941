//! The command line as an operator meets it: one clear line, an exit code for scripts, and
//! nothing changed where something is wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::binary::{Served, free_port, refused, run, told};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn tokens(data: &Path) -> Value {
    let text = fs::read_to_string(data.join("demo-tokens.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn help_names_every_command_and_exit_code() {
    let folder = folder();
    let help = String::from_utf8(run(folder.path(), &["--help"]).stdout).unwrap();
    for word in [
        "serve",
        "demo",
        "migrate",
        "seed",
        "schema",
        "keys",
        "district",
        "user",
        "token",
        "Exit codes:",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for code in 0..=9 {
        assert!(help.contains(&format!("\n  {code}  ")), "{code}: {help}");
    }
    assert_eq!(
        run(folder.path(), &["no-such-command"]).status.code(),
        Some(2)
    );
}

#[test]
fn schema_prints_the_committed_schema() {
    let folder = folder();
    let printed = String::from_utf8(run(folder.path(), &["schema"]).stdout).unwrap();
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let committed = fs::read_to_string(committed).unwrap();
    assert!(
        printed.trim() == committed.trim(),
        "another schema is printed"
    );
}

#[test]
fn a_missing_or_corrupt_configuration_is_told_in_a_line() {
    let folder = folder();
    fs::write(folder.path().join("broken.toml"), "listen = [").unwrap();
    fs::write(folder.path().join("unknown.toml"), "listne = '127.0.0.1:1'").unwrap();
    fs::write(folder.path().join("wrong.toml"), "listen = 'everywhere'").unwrap();
    for (file, word) in [
        ("missing.toml", "missing.toml"),
        ("broken.toml", "broken.toml"),
        ("unknown.toml", "listne"),
        ("wrong.toml", "listen"),
    ] {
        let (code, line) = refused(folder.path(), &["serve", "--config", file]);
        assert_eq!(code, 3, "{line}");
        assert!(line.contains(word), "{line}");
    }
}

#[test]
fn check_prints_the_effective_configuration_without_secrets() {
    let folder = folder();
    let url = "postgres://honglian:s3cret@db.example/honglian";
    let output = run(
        folder.path(),
        &[
            "serve",
            "--check",
            "--database-url",
            url,
            "--listen",
            "127.0.0.1:9999",
        ],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("listen = \"127.0.0.1:9999\""), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn a_database_that_is_missing_behind_or_ahead_is_not_served() {
    let folder = folder();
    let (code, line) = refused(folder.path(), &["serve"]);
    assert_eq!(code, 4, "{line}");
    assert!(line.contains("honglian migrate up"), "{line}");
    let elsewhere = [
        "migrate",
        "up",
        "--database-url",
        "sqlite://no/such/folder/h.db?mode=rwc",
    ];
    let (code, line) = refused(folder.path(), &elsewhere);
    assert_eq!(code, 4, "{line}");
    assert!(line.contains("no/such/folder"), "{line}");

    fs::create_dir_all(folder.path().join("honglian-data")).unwrap();
    fs::write(folder.path().join("honglian-data/honglian.db"), "").unwrap();
    let (code, line) = refused(folder.path(), &["serve"]);
    assert_eq!(code, 5, "{line}");
    assert!(line.contains("pending"), "{line}");

    told(folder.path(), &["migrate", "up"]);
    let database = folder.path().join("honglian-data/honglian.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        use sea_orm::ConnectionTrait;
        let url = format!("sqlite://{}", database.display());
        let db = sea_orm::Database::connect(url).await.unwrap();
        let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_future', 0)";
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    });
    for command in [&["serve"][..], &["migrate", "up"], &["migrate", "status"]] {
        let (code, line) = refused(folder.path(), command);
        assert_eq!(code, 9, "{line}");
        assert!(line.contains("newer than this binary"), "{line}");
    }
}

#[test]
fn migrating_twice_changes_nothing_and_status_tells() {
    let folder = folder();
    assert!(told(folder.path(), &["migrate", "up"]).contains("applied"));
    assert_eq!(
        told(folder.path(), &["migrate", "up"]),
        "the database is up to date"
    );
    let status = run(folder.path(), &["migrate", "status"]);
    let text = String::from_utf8(status.stdout).unwrap();
    assert!(text.lines().count() >= 1);
    assert!(
        text.lines().all(|line| line.starts_with("applied m")),
        "{text}"
    );
}

#[test]
fn a_port_in_use_is_told_before_anything_is_written() {
    let folder = folder();
    let port = free_port();
    let _held = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let address = format!("127.0.0.1:{port}");
    let (code, line) = refused(folder.path(), &["demo", "--listen", &address]);
    assert_eq!(code, 6, "{line}");
    assert!(
        line.contains(&address) && line.contains("--listen"),
        "{line}"
    );
    assert!(!folder.path().join("honglian-data").exists());
}

#[test]
fn districts_and_users_are_refused_by_what_is_wrong_with_them() {
    let folder = folder();
    told(folder.path(), &["migrate", "up"]);
    told(
        folder.path(),
        &["district", "add", "440103", "荔湾区", "--prefix", "LW"],
    );
    for (command, word) in [
        (&["district", "add", "440103", "荔湾区"][..], "CODE: "),
        (&["district", "add", "44010", "荔湾区"], "CODE: "),
        (&["district", "add", "440100", "广州市"], "CODE: "),
        (
            &["district", "add", "440104", "越秀区", "--prefix", "lw"],
            "--prefix: ",
        ),
        (
            &["district", "add", "440104", "越秀区", "--prefix", "LW"],
            "--prefix: ",
        ),
        (
            &["user", "add", "--role", "district", "--district", "440199"],
            "--district: ",
        ),
        (
            &["user", "add", "--role", "lead", "--district", "440103"],
            "--enterprise: ",
        ),
        (
            &[
                "user",
                "add",
                "--role",
                "member",
                "--district",
                "440103",
                "--enterprise",
                "91350100M000100Y43",
            ],
            "--enterprise: ",
        ),
        (
            &[
                "user",
                "add",
                "--role",
                "district",
                "--district",
                "440103",
                "--perms",
                "admin,auditor",
            ],
            "--perms: ",
        ),
        (
            &[
                "user",
                "add",
                "--role",
                "district",
                "--district",
                "440103",
                "--officer",
                "officer_x",
            ],
            "--officer: ",
        ),
    ] {
        let (code, line) = refused(folder.path(), command);
        assert_eq!(code, 7, "{command:?}: {line}");
        assert!(line.contains(word), "{command:?}: {line}");
    }
}

#[test]
fn a_token_needs_a_key_a_user_and_a_lifetime() {
    let folder = folder();
    told(folder.path(), &["migrate", "up"]);
    told(folder.path(), &["district", "add", "440103", "荔湾区"]);
    let add = [
        "user",
        "add",
        "--role",
        "district",
        "--district",
        "440103",
        "--perms",
        "admin",
    ];
    let user = told(folder.path(), &add);
    assert!(user.starts_with("user_"), "{user}");
    let (code, line) = refused(folder.path(), &["token", "--user", &user]);
    assert_eq!(code, 8, "{line}");
    assert!(line.contains("honglian keys generate"), "{line}");
    told(folder.path(), &["keys", "generate"]);
    let (code, line) = refused(folder.path(), &["keys", "generate"]);
    assert_eq!(code, 8, "{line}");
    for ttl in ["30", "0s", "25h"] {
        let output = run(folder.path(), &["token", "--user", &user, "--ttl", ttl]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    let unknown = "user_01h455vb4pex5vsknk084sn02q";
    for id in [unknown, "enterprise_01h455vb4pex5vsknk084sn02q", "x"] {
        assert_eq!(refused(folder.path(), &["token", "--user", id]).0, 7);
    }
    let token = told(folder.path(), &["token", "--user", &user, "--ttl", "5m"]);
    assert_eq!(token.split('.').count(), 3, "{token}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_starts_goes_on_and_starts_over() {
    let folder = folder();
    let data = folder.path().join("honglian-data");
    let now = "{ viewer { now role isAdmin isAuditor isOfficer } enterprises { totalCount } }";

    let demo = Served::start(folder.path(), &["demo"]);
    let first = tokens(&data);
    let mode = fs::metadata(data.join("demo-tokens.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    for (who, role) in [
        ("district", json!(["DISTRICT", false, false, false])),
        ("admin", json!(["DISTRICT", true, false, false])),
        ("auditor", json!(["DISTRICT", false, true, false])),
        ("officer", json!(["DISTRICT", false, false, true])),
        ("lead", json!(["LEAD", false, false, false])),
        ("member", json!(["MEMBER", false, false, false])),
    ] {
        let token = first[who].as_str().unwrap();
        let answer = demo.ask(token, now, json!({})).await;
        let viewer = &answer["data"]["viewer"];
        let is = json!([
            viewer["role"],
            viewer["isAdmin"],
            viewer["isAuditor"],
            viewer["isOfficer"]
        ]);
        assert_eq!(is, role, "{who}: {answer}");
        let day = viewer["now"].as_str().unwrap();
        assert!(day.starts_with("2021-01-20T02:0"), "{day}");
    }
    let name = "enterprise { name version }";
    let operator = first["district"].as_str().unwrap();
    let input =
        json!({"uscc": "91350100M000100Y43", "name": "新企业有限公司", "ownership": "PRIVATE"});
    demo.does(operator, "createEnterprise", name, input).await;
    assert_eq!(demo.stop(), Some(0));

    // What was written stays; so does the day, and other tokens are signed.
    let demo = Served::start(folder.path(), &["demo"]);
    let second = tokens(&data);
    assert_ne!(first, second);
    let operator = second["district"].as_str().unwrap();
    let answer = demo.ask(operator, now, json!({})).await;
    assert_eq!(answer["data"]["enterprises"]["totalCount"], 210);
    demo.kill();
    let other_day = refused(
        folder.path(),
        &["demo", "--as-of", "2026-11-25", "--listen", "127.0.0.1:0"],
    );
    assert_eq!(other_day.0, 7, "{}", other_day.1);
    assert!(other_day.1.contains("--fresh"), "{}", other_day.1);

    let demo = Served::start(folder.path(), &["demo", "--fresh", "--as-of", "2026-11-25"]);
    let operator = tokens(&data)["district"].as_str().unwrap().to_owned();
    let answer = demo.ask(&operator, now, json!({})).await;
    assert_eq!(answer["data"]["enterprises"]["totalCount"], 209);
    let day = answer["data"]["viewer"]["now"].as_str().unwrap();
    assert!(day.starts_with("2026-11-25T02:0"), "{day}");
    let solved = "{ headlineStatistics { issuesSolved { value } } }";
    let answer = demo.ask(&operator, solved, json!({})).await;
    assert_eq!(
        answer["data"]["headlineStatistics"]["issuesSolved"]["value"],
        132
    );
}

#[test]
fn the_demo_keeps_its_hands_off_a_database_of_somebody_else() {
    let folder = folder();
    told(folder.path(), &["migrate", "up"]);
    told(folder.path(), &["district", "add", "440103", "荔湾区"]);
    for fresh in [
        &["demo", "--listen", "127.0.0.1:0"][..],
        &["demo", "--fresh", "--listen", "127.0.0.1:0"],
    ] {
        let (code, line) = refused(folder.path(), fresh);
        assert_eq!(code, 7, "{line}");
        assert!(line.contains("not a demo's"), "{line}");
    }
    let (code, line) = refused(folder.path(), &["seed", "liwan"]);
    assert_eq!(code, 7, "{line}");
}
