//! What each side does to issues, a line each. What must succeed does, or the test ends.

use honglian::kernel::clock::Clock;
use honglian::kernel::id::{Kind, encode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Person, TestApp};

/// An issue as somebody last saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    pub id: String,
    pub version: i64,
    pub state: String,
}

impl Issue {
    pub fn of(seen: &Value) -> Self {
        Self {
            id: seen["id"].as_str().unwrap_or_default().to_owned(),
            version: seen["version"].as_i64().unwrap_or_default(),
            state: seen["state"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// The same, seen at another version.
    pub fn at(&self, version: i64) -> Self {
        Self {
            version,
            ..self.clone()
        }
    }
}

const SEEN: &str = "enterpriseIssue { id version state }";

/// The states in which work is owed.
pub const OPEN: &[&str] = &[
    "SUBMITTED",
    "NEEDS_INFO",
    "ACCEPTED",
    "ASSIGNED",
    "IN_PROGRESS",
    "ON_HOLD",
    "LONG_TERM",
    "RESPONDED",
];

/// The mutations on an existing issue: name, the action in `viewerActions`, the states that allow
/// it, and an input that is right but for id and version.
pub const ACTIONS: [(&str, &str, &[&str]); 30] = [
    ("submitIssue", "SUBMIT", &["DRAFT"]),
    ("acceptIssue", "ACCEPT", &["SUBMITTED"]),
    ("rejectIssue", "REJECT", &["SUBMITTED"]),
    (
        "requestInfo",
        "REQUEST_INFO",
        &["SUBMITTED", "ASSIGNED", "IN_PROGRESS"],
    ),
    ("supplyInfo", "SUPPLY_INFO", &["NEEDS_INFO"]),
    ("assignIssue", "ASSIGN", &["ACCEPTED"]),
    ("returnAssignment", "RETURN_ASSIGNMENT", &["ASSIGNED"]),
    ("startHandling", "START_HANDLING", &["ASSIGNED"]),
    ("addProgress", "ADD_PROGRESS", &["IN_PROGRESS", "LONG_TERM"]),
    ("requestExtension", "REQUEST_EXTENSION", &["IN_PROGRESS"]),
    ("approveExtension", "APPROVE_EXTENSION", &["IN_PROGRESS"]),
    ("rejectExtension", "REJECT_EXTENSION", &["IN_PROGRESS"]),
    ("holdIssue", "HOLD", &["IN_PROGRESS"]),
    ("resumeIssue", "RESUME", &["ON_HOLD"]),
    ("moveToLongTerm", "MOVE_TO_LONG_TERM", &["IN_PROGRESS"]),
    ("addInterimReply", "ADD_INTERIM_REPLY", &["LONG_TERM"]),
    ("respondToIssue", "RESPOND", &["IN_PROGRESS", "LONG_TERM"]),
    ("rateIssue", "RATE", &["RESPONDED"]),
    ("closeDissatisfied", "CLOSE_DISSATISFIED", &["RESPONDED"]),
    ("reopenIssue", "REOPEN", &["CLOSED"]),
    ("archiveIssue", "ARCHIVE", &["CLOSED"]),
    (
        "recordCallback",
        "RECORD_CALLBACK",
        &[
            "IN_PROGRESS",
            "SUBMITTED",
            "NEEDS_INFO",
            "ACCEPTED",
            "ASSIGNED",
            "ON_HOLD",
            "LONG_TERM",
            "RESPONDED",
            "CLOSED",
            "ARCHIVED",
            "REJECTED",
            "WITHDRAWN",
            "MERGED",
        ],
    ),
    (
        "urgeIssue",
        "URGE",
        &[
            "SUBMITTED",
            "ACCEPTED",
            "ASSIGNED",
            "IN_PROGRESS",
            "ON_HOLD",
            "LONG_TERM",
        ],
    ),
    (
        "mergeIssues",
        "MERGE",
        &[
            "SUBMITTED",
            "NEEDS_INFO",
            "ACCEPTED",
            "ASSIGNED",
            "IN_PROGRESS",
            "ON_HOLD",
            "LONG_TERM",
            "RESPONDED",
        ],
    ),
    (
        "withdrawIssue",
        "WITHDRAW",
        &[
            "DRAFT",
            "SUBMITTED",
            "NEEDS_INFO",
            "ACCEPTED",
            "ASSIGNED",
            "IN_PROGRESS",
            "ON_HOLD",
            "LONG_TERM",
            "RESPONDED",
        ],
    ),
    ("appealRejection", "APPEAL_REJECTION", &["REJECTED"]),
    ("decideAppeal", "DECIDE_APPEAL", &["REJECTED"]),
    ("openForPeerHelp", "OPEN_FOR_PEER_HELP", OPEN),
    ("closePeerHelp", "CLOSE_PEER_HELP", OPEN),
    ("suggestPeerHelp", "SUGGEST_PEER_HELP", OPEN),
];

/// A right input of a mutation on an existing issue, but for id and version.
pub fn usual(mutation: &str, department: &str) -> Value {
    match mutation {
        "acceptIssue" => json!({"complexity": "GENERAL", "urgency": "NORMAL"}),
        "rejectIssue" => json!({"reason": "OUT_OF_JURISDICTION", "advice": "请向市级部门提出。"}),
        "requestInfo" => json!({"question": "请补充合同编号。"}),
        "supplyInfo" => json!({"answer": "合同编号为 001。"}),
        "assignIssue" => json!({"leadDepartmentId": department}),
        "returnAssignment" => json!({"reason": "不属本单位职责。"}),
        "startHandling" => json!({"firstContact": "已电话联系企业。"}),
        "addProgress" => json!({"body": "已召开协调会。"}),
        "respondToIssue" => json!({"reply": "已协调解决。", "outcome": "SOLVED"}),
        "rateIssue" => json!({"stars": 5, "isResolved": true}),
        "reopenIssue" => json!({"reason": "问题再次出现。"}),
        "withdrawIssue" => json!({"reason": "NO_LONGER_NEEDED"}),
        "holdIssue" => json!({"reason": "等待上级书面意见。", "reviewOn": "2021-02-05"}),
        "moveToLongTerm" => json!({"cause": "涉及跨区规划。", "nextReplyOn": "2021-02-05"}),
        "addInterimReply" => json!({"reply": "方案已报市级部门。", "nextReplyOn": "2021-02-08"}),
        "requestExtension" => json!({"reason": "需现场勘察。", "newDueOn": "2021-02-08"}),
        "rejectExtension" => json!({"reason": "可按期完成。"}),
        "closeDissatisfied" => json!({"conclusion": "办理已到位，保留原评价。"}),
        "recordCallback" => json!({"result": "CONFIRMED", "note": "企业确认情况属实。"}),
        "mergeIssues" => json!({"intoId": "x"}),
        "urgeIssue" => json!({"note": "请尽快办理。"}),
        "appealRejection" => json!({"reason": "属本区管辖。"}),
        "openForPeerHelp" => json!({"wanted": "希望有经验的企业介绍做法。"}),
        "suggestPeerHelp" => json!({"note": "可请同行企业帮助。"}),
        "decideAppeal" => json!({"isGranted": true, "note": "予以受理。"}),
        _ => json!({}),
    }
}

fn joined(one: &Value, other: &Value) -> Value {
    let mut all = one.as_object().cloned().unwrap_or_default();
    all.extend(other.as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

/// An input of a mutation on an issue as it was seen.
pub fn input(issue: &Issue, more: &Value) -> Value {
    joined(
        &json!({"id": issue.id, "expectedVersion": issue.version}),
        more,
    )
}

impl Person<'_> {
    /// The id of a department, by its code.
    pub async fn department(&self, code: &str) -> String {
        let query = "{ departments(first: 100) { nodes { id code } } }";
        by_code(&self.read(query).await["departments"], code)
    }

    /// The id of a category, by its code.
    pub async fn category(&self, code: &str) -> String {
        let query = "{ district { issueCategories(first: 100) { nodes { id code } } } }";
        by_code(&self.read(query).await["district"]["issueCategories"], code)
    }

    /// A right input of `createIssue`, with more.
    pub async fn draft(&self, more: Value) -> Value {
        let usual = json!({
            "title": "厂房用电增容", "body": "用电负荷不足，申请增容。", "nature": "HELP",
            "categoryId": self.category("OTHER").await,
        });
        joined(&usual, &more)
    }

    pub async fn creates(&self, more: Value) -> Issue {
        let input = self.draft(more).await;
        self.done("createIssue", input).await
    }

    /// Does something to an issue as it was seen, in the usual words or in others.
    pub async fn does(&self, mutation: &str, issue: &Issue, more: Value) -> Issue {
        let department = match mutation {
            "assignIssue" => self.department("FINANCE").await,
            _ => String::new(),
        };
        let target = match mutation {
            "mergeIssues" => json!({"intoId": self.another(issue).await}),
            _ => json!({}),
        };
        let more = joined(&joined(&usual(mutation, &department), &target), &more);
        self.done(mutation, input(issue, &more)).await
    }

    /// Another open issue of the same enterprise.
    async fn another(&self, issue: &Issue) -> String {
        let enterprise = self.sees(issue, "enterprise { id }").await["enterprise"]["id"].clone();
        let query = "query($id: ID!) { enterpriseIssues(first: 100, filter: {enterpriseId: {eq: $id}, \
            state: {in: [SUBMITTED, ACCEPTED, ASSIGNED, IN_PROGRESS, RESPONDED]}}) { nodes { id } } }";
        let open = self.read_with(query, json!({"id": enterprise})).await;
        let open = open["enterpriseIssues"]["nodes"]
            .as_array()
            .unwrap()
            .clone();
        let other = open.iter().find(|node| node["id"] != issue.id.as_str());
        let other = other.expect("another open issue of the enterprise");
        other["id"].as_str().unwrap().to_owned()
    }

    async fn done(&self, mutation: &str, input: Value) -> Issue {
        let payload = self.mutate(mutation, SEEN, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        Issue::of(&payload["enterpriseIssue"])
    }

    pub async fn submits(&self, issue: &Issue) -> Issue {
        self.does("submitIssue", issue, json!({})).await
    }

    pub async fn accepts(&self, issue: &Issue) -> Issue {
        self.does("acceptIssue", issue, json!({})).await
    }

    pub async fn assigns(&self, issue: &Issue) -> Issue {
        self.does("assignIssue", issue, json!({})).await
    }

    pub async fn starts(&self, issue: &Issue) -> Issue {
        self.does("startHandling", issue, json!({})).await
    }

    pub async fn responds(&self, issue: &Issue) -> Issue {
        self.does("respondToIssue", issue, json!({})).await
    }

    pub async fn rates(&self, issue: &Issue, stars: i32) -> Issue {
        let rating = json!({"stars": stars, "isResolved": stars > 2, "comment": "评价"});
        self.does("rateIssue", issue, rating).await
    }

    /// What this person sees of an issue.
    pub async fn sees(&self, issue: &Issue, selection: &str) -> Value {
        let query = format!("query($id: ID!) {{ enterpriseIssue(id: $id) {{ {selection} }} }}");
        self.read_with(&query, json!({"id": issue.id})).await["enterpriseIssue"].clone()
    }

    /// How a mutation on an issue ends: `DONE`, or the code of its first error.
    pub async fn tries(&self, mutation: &str, input: Value) -> String {
        let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
        );
        let answer = self.ask(&query, json!({"input": input})).await;
        let top = &answer["errors"][0]["extensions"]["code"];
        let own = &answer["data"][mutation]["userErrors"][0]["code"];
        match (top.as_str(), own.as_str()) {
            (Some(code), _) => format!("top-level {code}"),
            (None, Some(code)) => code.to_owned(),
            (None, None) => "DONE".to_owned(),
        }
    }
}

fn by_code(list: &Value, code: &str) -> String {
    let nodes = list["nodes"].as_array().unwrap();
    let found = nodes.iter().find(|node| node["code"] == code).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

/// The department of the cast's officer.
pub const OFFICERS_OWN: &str = "URBAN_MANAGEMENT";

/// A fresh issue of the author's enterprise, brought to a state by everybody's part in it; the
/// department of the cast's officer leads the handling.
pub async fn brought_to(app: &TestApp, author: &Person<'_>, state: &str) -> Issue {
    let (operator, officer) = (app.operator(), app.officer());
    let department = operator.department(OFFICERS_OWN).await;
    let mut issue = author.creates(json!({})).await;
    let way: &[(&Person<'_>, &str)] = match state {
        "DRAFT" => &[],
        "SUBMITTED" => &[(author, "submitIssue")],
        "REJECTED" => &[(author, "submitIssue"), (&operator, "rejectIssue")],
        "WITHDRAWN" => &[(author, "submitIssue"), (author, "withdrawIssue")],
        "NEEDS_INFO" => &[(author, "submitIssue"), (&operator, "requestInfo")],
        "ACCEPTED" => &[(author, "submitIssue"), (&operator, "acceptIssue")],
        "ON_HOLD" | "LONG_TERM" => &[
            (author, "submitIssue"),
            (&operator, "acceptIssue"),
            (&operator, "assignIssue"),
            (&officer, "startHandling"),
            (
                &operator,
                if state == "ON_HOLD" {
                    "holdIssue"
                } else {
                    "moveToLongTerm"
                },
            ),
        ],
        _ => &[
            (author, "submitIssue"),
            (&operator, "acceptIssue"),
            (&operator, "assignIssue"),
            (&officer, "startHandling"),
            (&officer, "respondToIssue"),
            (author, "rateIssue"),
        ],
    };
    for (who, mutation) in way {
        if issue.state != state {
            let more = match *mutation {
                "assignIssue" => json!({"leadDepartmentId": department}),
                _ => json!({}),
            };
            issue = who.does(mutation, &issue, more).await;
        }
    }
    assert_eq!(issue.state, state);
    issue
}

/// A fresh issue of the author's enterprise, brought to where a mutation can be done to it.
pub async fn ready(app: &TestApp, author: &Person<'_>, mutation: &str, state: &str) -> Issue {
    let (operator, officer) = (app.operator(), app.officer());
    match mutation {
        "approveExtension" | "rejectExtension" => {
            let issue = brought_to(app, author, state).await;
            officer.does("requestExtension", &issue, json!({})).await
        }
        "closeDissatisfied" => dissatisfied(app, author).await,
        "archiveIssue" => {
            let now = app.clock.now();
            app.clock.set(now - chrono::TimeDelta::days(20));
            let issue = brought_to(app, author, state).await;
            app.clock.set(now);
            issue
        }
        // Accepted by its officer: then the district side may call.
        "recordCallback" => {
            let own = operator.department(OFFICERS_OWN).await;
            let issue = author.creates(json!({})).await;
            let issue = author.submits(&issue).await;
            let issue = officer.accepts(&issue).await;
            let assigned = json!({"leadDepartmentId": own});
            let issue = operator.does("assignIssue", &issue, assigned).await;
            let issue = officer.starts(&issue).await;
            let issue = officer.responds(&issue).await;
            author.rates(&issue, 2).await
        }
        "closePeerHelp" => {
            let issue = brought_to(app, author, state).await;
            author.does("openForPeerHelp", &issue, json!({})).await
        }
        "decideAppeal" => {
            let issue = brought_to(app, author, state).await;
            author.does("appealRejection", &issue, json!({})).await
        }
        _ => brought_to(app, author, state).await,
    }
}

/// An issue that the enterprise is still not satisfied with after two reworks.
pub async fn dissatisfied(app: &TestApp, author: &Person<'_>) -> Issue {
    let mut issue = brought_to(app, author, "RESPONDED").await;
    for _ in 0..2 {
        issue = author.rates(&issue, 2).await;
        assert_eq!(issue.state, "IN_PROGRESS");
        issue = app.officer().responds(&issue).await;
    }
    let issue = author.rates(&issue, 1).await;
    assert_eq!(issue.state, "RESPONDED");
    issue
}

/// Runs a statement of a test's own, to make what no mutation makes.
pub async fn execute(app: &TestApp, sql: &str) {
    let done = app.database.db.conn().execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The ids that a statement finds.
pub async fn ids(app: &TestApp, sql: &str) -> Vec<Uuid> {
    let db = &app.database.db;
    let statement = Statement::from_string(db.backend(), sql.to_owned());
    let rows = db.conn().query_all_raw(statement).await.unwrap();
    let ids = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
    ids.collect()
}

/// The id at the border of the row that a statement finds.
pub async fn found(app: &TestApp, kind: Kind, sql: &str) -> String {
    encode(kind, ids(app, sql).await[0])
}

/// An id as the database's own text has it in a statement.
pub fn literal(app: &TestApp, id: Uuid) -> String {
    match app.database.db.backend() {
        sea_orm::DbBackend::Sqlite => format!("x'{}'", id.simple()),
        _ => format!("'{id}'"),
    }
}

/// The id of an issue in a statement.
pub fn literal_of(app: &TestApp, issue: &Issue) -> String {
    let id = honglian::kernel::id::decode(Kind::Issue, &issue.id).unwrap();
    literal(app, id)
}

/// Everything that an action on an issue could have written, counted.
pub async fn written(app: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "audit_entry",
        "outbox_event",
        "enterprise_issue",
        "issue_transition",
        "issue_progress",
        "issue_rating",
        "issue_co_department",
        "issue_extension",
        "issue_callback",
        "issue_appeal",
        "issue_cluster",
        "peer_help_offer",
    ] {
        counts.push(app.count(table).await);
    }
    // And what it could have changed.
    for sum in [
        "SELECT CAST(sum(version) AS bigint) FROM enterprise_issue",
        "SELECT CAST(COALESCE(sum(version), 0) AS bigint) FROM peer_help_offer",
        "SELECT CAST(sum(last_number) AS bigint) FROM issue_counter",
    ] {
        counts.push(number(app, sum).await);
    }
    counts
}

/// The number that a statement finds.
pub async fn number(app: &TestApp, sql: &str) -> i64 {
    let db = &app.database.db;
    let statement = Statement::from_string(db.backend(), sql.to_owned());
    let row = db.conn().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// The changes of the newest audit entry.
pub async fn last_changes(app: &TestApp) -> Value {
    let db = &app.database.db;
    let sql = "SELECT changes FROM audit_entry ORDER BY id DESC LIMIT 1";
    let statement = Statement::from_string(db.backend(), sql);
    let row = db.conn().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
