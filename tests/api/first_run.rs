//! What the first hour with the binary must survive: being killed while it loads, being started
//! twice, having the printed line pasted, and the whole register on either database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::binary::{Served, honglian, refused, run, told};
use crate::support::database;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn tokens(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("honglian-data/demo-tokens.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The one number that a statement answers.
async fn number(url: &str, sql: &str) -> i64 {
    let db = sea_orm::Database::connect(url).await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    db.close().await.unwrap();
    row.try_get_by_index(0).unwrap()
}

const FIGURES: &str = "{ headlineStatistics { nonPublicEnterprises { value } \
                       employees { value } issuesSolved { value } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_killed_while_it_loads_is_whole_at_the_next_start() {
    let folder = folder();
    let file = folder.path().join("honglian-data/honglian.db");
    // Told by its progress: the first table that is reported is written and not committed yet.
    let mut demo = honglian(folder.path(), &["demo", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.path().join("killed.log")).unwrap())
        .spawn()
        .unwrap();
    let log = || fs::read_to_string(folder.path().join("killed.log")).unwrap();
    let began = Instant::now();
    while !log().contains("enterprise: ") {
        assert!(began.elapsed() < Duration::from_mins(1), "{}", log());
        std::thread::sleep(Duration::from_millis(1));
    }
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(
        !log().contains("issue_counter: "),
        "killed too late: {}",
        log()
    );
    let url = format!("sqlite://{}", file.display());
    assert_eq!(number(&url, "SELECT count(*) FROM district").await, 0);

    let demo = Served::start(folder.path(), &["demo"]);
    let operator = tokens(folder.path())["district"]
        .as_str()
        .unwrap()
        .to_owned();
    let query = "{ enterprises { totalCount } headlineStatistics { issuesSolved { value } } }";
    let answer = demo.ask(&operator, query, json!({})).await;
    assert_eq!(
        answer["data"],
        json!({"enterprises": {"totalCount": 209},
               "headlineStatistics": {"issuesSolved": {"value": 132}}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_starts_again_whatever_was_tried_in_it() {
    let folder = folder();
    let data = folder.path().join("honglian-data");
    let demo = Served::start(folder.path(), &["demo"]);
    let before = tokens(folder.path());
    let now = "{ viewer { now } }";
    let operator = before["district"].as_str().unwrap();
    let first = demo.ask(operator, now, json!({})).await["data"]["viewer"]["now"].clone();

    // Nobody throws a database away under a server that uses it.
    let (code, line) = refused(
        folder.path(),
        &["demo", "--fresh", "--listen", "127.0.0.1:0"],
    );
    assert_eq!(code, 7, "{line}");
    assert!(
        line.contains("another process uses this database"),
        "{line}"
    );
    let answer = demo.ask(operator, now, json!({})).await;
    assert!(answer["errors"].is_null(), "{answer}");
    assert_eq!(demo.stop(), Some(0));

    // A user of the cast is disabled, and the tokens lie open.
    let url = format!("sqlite://{}", data.join("honglian.db").display());
    let db = sea_orm::Database::connect(&url).await.unwrap();
    db.execute_unprepared(
        "UPDATE user_account SET status = 'DISABLED' WHERE subject = 'demo-member-4'",
    )
    .await
    .unwrap();
    db.close().await.unwrap();
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(data.join("demo-tokens.json"), open).unwrap();

    let demo = Served::start(folder.path(), &["demo"]);
    let mode = fs::metadata(data.join("demo-tokens.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let after = tokens(folder.path());
    let second = demo
        .ask(after["district"].as_str().unwrap(), now, json!({}))
        .await;
    let second = second["data"]["viewer"]["now"].as_str().unwrap().to_owned();
    assert!(
        second.as_str() > first.as_str().unwrap(),
        "{first} {second}"
    );
    assert!(second.starts_with("2021-01-20T02:"), "{second}");
    // A token of the first start is as good as before: the keys stay.
    let answer = demo.ask(operator, now, json!({})).await;
    assert!(answer["errors"].is_null(), "{answer}");
    let member = after["member"].as_str().unwrap();
    let answer = demo.ask(member, now, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[test]
fn a_disabled_user_gets_no_token_at_the_command_line() {
    let folder = folder();
    told(folder.path(), &["keys", "generate"]);
    told(folder.path(), &["migrate", "up"]);
    told(folder.path(), &["district", "add", "440103", "荔湾区"]);
    let add = ["user", "add", "--district", "440103", "--role", "DISTRICT"];
    let user = told(folder.path(), &add);
    let foreign = [&add[..], &["--issuer", "https://id.example"]].concat();
    let foreign = told(folder.path(), &foreign);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let file = folder.path().join("honglian-data/honglian.db");
        let url = format!("sqlite://{}", file.display());
        let db = sea_orm::Database::connect(url).await.unwrap();
        let sql = "UPDATE user_account SET status = 'DISABLED' WHERE issuer = 'honglian'";
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    });
    for (user, word) in [(&user, "disabled"), (&foreign, "https://id.example")] {
        let (code, line) = refused(folder.path(), &["token", "--user", user]);
        assert_eq!(code, 7, "{line}");
        assert!(line.contains(word), "{line}");
    }
}

#[test]
fn the_operators_writes_are_in_the_audit() {
    let folder = folder();
    told(folder.path(), &["migrate", "up"]);
    told(
        folder.path(),
        &["district", "add", "440103", "荔湾区", "--prefix", "LW"],
    );
    let add = [
        "user",
        "add",
        "--district",
        "440103",
        "--role",
        "district",
        "--perms",
        "ADMIN",
    ];
    told(folder.path(), &add);
    let file = folder.path().join("honglian-data/honglian.db");
    let url = format!("sqlite://{}", file.display());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        for (sql, expected) in [
            ("SELECT count(*) FROM audit_entry WHERE actor = 'command line' AND action = 'addDistrict'", 1),
            ("SELECT count(*) FROM audit_entry WHERE actor = 'command line' AND action = 'addUser'", 1),
            ("SELECT count(*) FROM audit_entry", 2),
            ("SELECT count(*) FROM outbox_event WHERE event_type = 'district.created'", 1),
            ("SELECT count(*) FROM outbox_event WHERE event_type = 'department.created'", 2),
            ("SELECT count(*) FROM outbox_event WHERE event_type = 'user.created'", 1),
            ("SELECT count(*) FROM department", 2),
            ("SELECT count(*) FROM issue_category", 13),
            ("SELECT count(*) FROM district_policy WHERE revision = 1 AND register_complete", 1),
        ] {
            assert_eq!(number(&url, sql).await, expected, "{sql}");
        }
    });
}

#[test]
fn a_server_without_keys_says_what_to_do() {
    let folder = folder();
    told(folder.path(), &["migrate", "up"]);
    let output = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(8));
    assert!(output.stdout.is_empty(), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        line.trim_end(),
        "honglian: no token issuer is configured: run `honglian keys generate` or set auth.issuers"
    );
}

#[test]
fn a_wrong_command_line_is_one_line() {
    let folder = folder();
    for (arguments, words) in [
        (&["district", "add"][..], "<CODE> <NAME>"),
        (&["sevre"], "serve"),
        (&["token", "--user", "x", "--ttl", "3w"], "such as 30m"),
        (&["demo", "--as-of", "yesterday"], "--as-of"),
        (&[], "honglian --help"),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{arguments:?}: {text}");
        assert!(
            text.starts_with("honglian: ") && text.contains(words),
            "{text}"
        );
        assert!(text.contains("honglian --help"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_line_works_when_pasted() {
    let folder = folder();
    let printed = folder.path().join("printed.txt");
    let mut demo = honglian(folder.path(), &["demo", "--listen", "127.0.0.1:0"])
        .stdout(fs::File::create(&printed).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let line = loop {
        let text = fs::read_to_string(&printed).unwrap();
        if let Some(line) = text
            .lines()
            .find(|line| line.starts_with("curl ") && line.ends_with("}'"))
        {
            break line.to_owned();
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{text}");
        std::thread::sleep(Duration::from_millis(20));
    };
    // Pasted into a shell that takes the words apart; a machine without curl shows them instead.
    let words = std::process::Command::new("/bin/sh")
        .args(["-c", &format!("printf '%s\\n' {line}")])
        .output()
        .unwrap();
    let words = String::from_utf8(words.stdout).unwrap();
    let words: Vec<&str> = words.lines().collect();
    let after = |flag: &str, start: &str| {
        let pairs = words.windows(2);
        let mut found = pairs.filter(|pair| pair[0] == flag).map(|pair| pair[1]);
        found
            .rfind(|word| word.starts_with(start))
            .unwrap()
            .to_owned()
    };
    let answer = reqwest::Client::new()
        .post(words[2])
        .header(
            "Content-Type",
            after("-H", "Content-Type: ").replace("Content-Type: ", ""),
        )
        .header(
            "Authorization",
            after("-H", "Authorization: ").replace("Authorization: ", ""),
        )
        .body(after("-d", "{"))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert_eq!(answer["data"]["enterprises"]["totalCount"], 209, "{answer}");
    assert_eq!(
        answer["data"]["enterprises"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

/// The whole register: its figures are sums over rows, not of the baseline.
async fn full(folder: &Path, url: &str) {
    let with = |arguments: &[&str]| {
        let all = [arguments, &["--database-url", url]].concat();
        told(folder, &all)
    };
    with(&["migrate", "up"]);
    with(&["keys", "generate"]);
    with(&["seed", "liwan", "--profile", "full"]);
    let counted = "FROM enterprise e JOIN district d ON d.id = e.district_id AND d.code = '440103' \
                   WHERE e.ownership = 'PRIVATE' AND e.employee_count >= 7 \
                   AND e.region_code = d.code AND e.status = 'ACTIVE'";
    let sums = [
        (format!("SELECT count(*) {counted}"), 2898),
        (
            format!("SELECT CAST(sum(e.employee_count) AS bigint) {counted}"),
            87_344,
        ),
    ];
    let here = if url.starts_with("sqlite") {
        format!("sqlite://{}", folder.join("full.db").display())
    } else {
        url.to_owned()
    };
    for (sql, expected) in sums {
        assert_eq!(number(&here, &sql).await, expected, "{sql}");
    }
    let db = sea_orm::Database::connect(&here).await.unwrap();
    let user = "SELECT id FROM user_account WHERE subject = 'demo-operator-1'";
    let user = Statement::from_string(db.get_database_backend(), user);
    let user = db.query_one_raw(user).await.unwrap().unwrap();
    let user: uuid::Uuid = user.try_get_by_index(0).unwrap();
    db.close().await.unwrap();
    let token = with(&["token", "--user", &encode(Kind::User, user)]);
    let server = Served::start(folder, &["serve", "--database-url", url]);
    let answer = server.ask(&token, FIGURES, json!({})).await;
    let figures = &answer["data"]["headlineStatistics"];
    assert_eq!(figures["nonPublicEnterprises"]["value"], 2898, "{answer}");
    assert_eq!(figures["employees"]["value"], 87_344, "{answer}");
    assert_eq!(figures["issuesSolved"]["value"], 132, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_register_adds_up_sqlite() {
    let folder = folder();
    full(folder.path(), "sqlite://full.db?mode=rwc").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_register_adds_up_postgres() {
    let folder = folder();
    if let Some(url) = database::empty_postgres().await {
        full(folder.path(), &url).await;
    }
}
