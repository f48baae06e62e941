//! `honglian calendar import`, by the real binary: a year comes in as a whole, and deadlines that reach
//! into it are counted anew; a file that is not right is told in a line, and nothing is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sea_orm::{ConnectionTrait, Statement};

use crate::deadlines::calendar::{MADE_UP, year};
use crate::support::binary::{refused, told};
use crate::support::database::empty_postgres;

/// The texts of the first column.
async fn texts(url: &str, sql: &str) -> Vec<String> {
    let db = sea_orm::Database::connect(url).await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    db.close().await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// The file of 2027, a line a day.
fn lines() -> Vec<String> {
    let days = year(&MADE_UP).into_iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    days.map(|day| {
        format!(
            "{},{},{}",
            text(&day["day"]),
            text(&day["kind"]),
            text(&day["name"])
        )
    })
    .collect()
}

/// The clocks that run into 2027: what they measure, when they are due and whether that may change.
const REACHING: &str = "SELECT i.number || ' ' || c.kind || ' ' || substr(CAST(c.due_at AS text), 1, 10) || ' ' || \
    CASE WHEN c.is_provisional THEN 'provisional' ELSE 'published' END \
    FROM issue_clock c JOIN enterprise_issue i ON i.id = c.issue_id \
    WHERE c.running_since IS NOT NULL AND c.due_at > '2027-01-01' ORDER BY 1";

/// What an import could have written.
async fn written(url: &str) -> Vec<String> {
    let mut all = texts(url, REACHING).await;
    for sql in [
        "SELECT CAST(count(*) AS text) FROM calendar_day",
        "SELECT CAST(count(*) AS text) FROM audit_entry",
        "SELECT CAST(count(*) AS text) FROM outbox_event",
        "SELECT key || '=' || value FROM setting ORDER BY key",
    ] {
        all.extend(texts(url, sql).await);
    }
    all
}

/// The command against a database.
fn with<'a>(arguments: &[&'a str], url: &'a str) -> Vec<&'a str> {
    [arguments, &["--database-url", url]].concat()
}

/// Files that are not the year's: each is told in a line, and nothing is written.
async fn refuses(folder: &Path, url: &str, here: &str) {
    let whole = lines();
    let save = |name: &str, lines: &[String]| {
        fs::write(folder.join(name), lines.join("\n")).unwrap();
    };
    save("good.csv", &whole);
    let mut missing = whole.clone();
    missing.remove(99);
    save("missing.csv", &missing);
    let mut doubled = whole.clone();
    doubled.insert(6, whole[5].clone());
    save("doubled.csv", &doubled);
    let mut garbled = whole;
    garbled[4] = garbled[4].replace(',', ";");
    save("garbled.csv", &garbled);
    fs::write(folder.join("binary.csv"), [0xFF, 0xFE, 0x00, 0x41]).unwrap();
    let nothing = written(here).await;
    for (year, file, words) in [
        ("2027", "missing.csv", "FILE: 2027-04-10 is missing."),
        (
            "2027",
            "doubled.csv",
            "FILE: 2027-01-06: The day is there twice.",
        ),
        (
            "2028",
            "good.csv",
            "FILE: 2027-01-01: The day is of another year.",
        ),
        ("1999", "good.csv", "YEAR: From 2000 to 2110."),
        (
            "2027",
            "garbled.csv",
            "FILE: Line 5 is not day,kind,name as in 2027-01-01,HOLIDAY,元旦.",
        ),
        (
            "2027",
            "binary.csv",
            "cannot read binary.csv: stream did not contain valid UTF-8",
        ),
        (
            "2027",
            "absent.csv",
            "cannot read absent.csv: No such file or directory",
        ),
    ] {
        let (code, line) = refused(folder, &with(&["calendar", "import", year, file], url));
        assert_eq!(code, 7, "{file}: {line}");
        assert!(line.starts_with(words), "{file}: {line}");
        assert_eq!(written(here).await, nothing, "{file}");
    }
}

async fn imports(folder: &Path, url: &str, here: &str) {
    told(folder, &with(&["migrate", "up"], url));
    told(folder, &with(&["keys", "generate"], url));
    told(
        folder,
        &with(&["seed", "liwan", "--as-of", "2026-12-28"], url),
    );
    let before = texts(here, REACHING).await;
    assert!(
        before.iter().all(|line| line.ends_with(" provisional")) && before.len() > 5,
        "{before:?}"
    );
    refuses(folder, url, here).await;

    // Beside a comment and a head.
    let good = format!(
        "# 国务院办公厅通知\nday,kind,name\n{}\n",
        lines().join("\n")
    );
    fs::write(folder.join("good.csv"), good).unwrap();
    let source = ["--source", "国办发明电〔2026〕7号"];
    let import = [&["calendar", "import", "2027", "good.csv"][..], &source].concat();
    let said = told(folder, &with(&import, url));
    assert_eq!(said, "the calendar of 2027 is imported");
    let after = texts(here, REACHING).await;
    assert_eq!(after.len(), before.len());
    assert!(
        after.iter().all(|line| line.ends_with(" published")),
        "{after:?}"
    );
    // What reaches beyond the 4th, a holiday now, is due a working day later, but for promised days.
    let day = |line: &str| line.split(' ').nth(2).unwrap().to_owned();
    let pairs = before.iter().zip(&after);
    let later = pairs.filter(|(before, after)| day(before) < day(after));
    assert!(later.count() > 0, "{before:?} {after:?}");
    let days = "SELECT kind || ' ' || source FROM calendar_day WHERE day = '2027-01-09'";
    assert_eq!(texts(here, days).await, ["MAKE_UP 国办发明电〔2026〕7号"]);
    // An entry of the import, and one for each issue whose deadlines say something else now.
    let audit = "SELECT actor || ' ' || action FROM audit_entry WHERE action = 'importCalendar'";
    assert_eq!(texts(here, audit).await, ["command line importCalendar"]);
    let moved = "SELECT i.number FROM audit_entry a JOIN enterprise_issue i ON i.id = a.target_id \
                 WHERE a.action = 'recountDeadlines' AND a.actor = 'system' ORDER BY 1";
    let once = texts(here, moved).await;
    let reaching: BTreeSet<_> = after
        .iter()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    let counted: BTreeSet<_> = once.iter().cloned().collect();
    assert!(reaching.is_subset(&counted), "{reaching:?} {counted:?}");
    assert_eq!(counted.len(), once.len(), "one an issue");
    // The same once more changes nothing.
    told(folder, &with(&import, url));
    assert_eq!(texts(here, moved).await, once);
    assert_eq!(texts(here, REACHING).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_comes_in_by_a_file_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let here = format!("sqlite://{}", folder.path().join("year.db").display());
    imports(folder.path(), "sqlite://year.db?mode=rwc", &here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_comes_in_by_a_file_postgres() {
    let folder = tempfile::tempdir().unwrap();
    if let Some(url) = empty_postgres().await {
        imports(folder.path(), &url, &url).await;
    }
}

#[test]
fn without_a_district_there_is_nobody_to_import_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.csv"), lines().join("\n")).unwrap();
    let import = ["calendar", "import", "2027", "good.csv"];
    assert_eq!(refused(folder.path(), &import).0, 4, "no database");
    told(folder.path(), &["migrate", "up"]);
    let (code, line) = refused(folder.path(), &import);
    assert_eq!(
        (code, line.contains("no district yet")),
        (1, true),
        "{line}"
    );
}
