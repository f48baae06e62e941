//! A thousand subscribers on one process, each with a scope of its own.

use std::fs;

use chrono::TimeDelta;
use entity::membership::MembershipRole;
use entity::user_account::{self, UserRole, UserStatus};
use entity::{enterprise, membership, outbox_event};
use futures_util::future::join_all;
use honglian::access::keys::PrivateKey;
use honglian::access::token::{ClaimedRole, NewToken, Signer};
use honglian::kernel::clock::{Clock, SystemClock};
use honglian::kernel::id::{Ids, Kind, RandomIds, encode, encode_event};
use honglian::store::Db;
use honglian::store::connect::open;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::binary::{Served, is_release};
use crate::support::live::{Socket, connect};

const MANY: usize = 1000;
/// What the process may take in all, in a release build.
const MOST_KIB: u64 = 100 * 1024;
/// What it may take without the pages of its binary, in any.
const MOST_OWN_KIB: u64 = 70 * 1024;

/// A field of a process's status, in KiB; none where the system does not tell.
fn status(process: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim_start_matches(':')
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// Whether this process and its child may hold so many sockets.
fn has_room() -> bool {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    soft.is_some_and(|soft| soft >= 4096)
}

/// Somebody of an enterprise of their own, and a token for them. Every other one's is a member of
/// the alliance.
struct Somebody {
    is_member: bool,
    token: String,
}

/// As many enterprises like one that is there; every other one is a member of the alliance.
async fn found(db: &Db, home: Uuid) -> Vec<Uuid> {
    let known = enterprise::Entity::find_by_id(home).one(db.conn());
    let known = known.await.unwrap().unwrap();
    let seat = membership::Entity::find()
        .filter(membership::Column::EnterpriseId.eq(home))
        .one(db.conn())
        .await
        .unwrap()
        .unwrap();
    let (mut enterprises, mut seats) = (Vec::new(), Vec::new());
    for n in 0..MANY {
        let id = RandomIds.next();
        let row = enterprise::Model {
            id,
            uscc: format!("{n:018}"),
            name: format!("第 {n} 家企业"),
            short_name: None,
            search_text: format!("第 {n} 家企业"),
            parent_enterprise_id: None,
            ..known.clone()
        };
        enterprises.push(enterprise::ActiveModel::from(row).reset_all());
        if n % 2 == 0 {
            let row = membership::Model {
                id: RandomIds.next(),
                enterprise_id: id,
                role: MembershipRole::Member,
                ..seat.clone()
            };
            seats.push(membership::ActiveModel::from(row).reset_all());
        }
    }
    let ids: Vec<Uuid> = enterprises
        .iter()
        .map(|row| row.id.clone().unwrap())
        .collect();
    for rows in enterprises.chunks(200) {
        enterprise::Entity::insert_many(rows.to_vec())
            .exec_without_returning(db.conn())
            .await
            .unwrap();
    }
    for rows in seats.chunks(200) {
        membership::Entity::insert_many(rows.to_vec())
            .exec_without_returning(db.conn())
            .await
            .unwrap();
    }
    ids
}

async fn hire(db: &Db, signer: &Signer) -> Vec<Somebody> {
    let lead = user_account::Entity::find()
        .filter(user_account::Column::Subject.eq("demo-lead-3"))
        .one(db.conn())
        .await
        .unwrap()
        .unwrap();
    let enterprises = found(db, lead.enterprise_id.unwrap()).await;
    let staff = (0..MANY).map(|n| {
        let enterprise = enterprises[n];
        let row = user_account::ActiveModel {
            id: Set(RandomIds.next()),
            district_id: Set(lead.district_id),
            issuer: Set(lead.issuer.clone()),
            subject: Set(format!("subscriber-{n}")),
            display_name: Set(format!("订阅者 {n}")),
            role: Set(UserRole::Member),
            enterprise_id: Set(Some(enterprise)),
            officer_id: Set(None),
            is_admin: Set(false),
            is_auditor: Set(false),
            status: Set(UserStatus::Active),
            version: Set(1),
            created_at: Set(lead.created_at),
            updated_at: Set(lead.created_at),
        };
        let token = signer.sign(
            &NewToken {
                sub: format!("subscriber-{n}"),
                client_id: "tests".to_owned(),
                jti: format!("jti-{n}"),
                lifetime: TimeDelta::minutes(30),
                role: Some(ClaimedRole::Member),
                district: None,
                ent: Some(encode(Kind::Enterprise, enterprise)),
                off: None,
                perms: Vec::new(),
                scope: None,
            },
            SystemClock.now(),
        );
        let token = token.unwrap();
        let is_member = n % 2 == 0;
        (row, Somebody { is_member, token })
    });
    let (rows, staff): (Vec<_>, Vec<_>) = staff.unzip();
    for rows in rows.chunks(200) {
        user_account::Entity::insert_many(rows.to_vec())
            .exec_without_returning(db.conn())
            .await
            .unwrap();
    }
    staff
}

/// Signed in, and listening for what comes after an event.
async fn listen(address: &str, token: &str, after: &str) -> Socket {
    let mut socket = connect(address).await;
    socket.introduce(token).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    let query = format!(
        "subscription {{ enterpriseIssueChanged(lastEventId: \"{after}\") \
         {{ id type enterpriseIssue {{ id title state enterprise {{ name }} }} }} }}"
    );
    socket.subscribe("s", &query).await;
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_subscribers_fit_into_a_hundred_mebibytes() {
    if !has_room() {
        eprintln!("SKIPPED: fewer than 4096 files may be open");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // All of them come from one address, and none is listened to before all are there.
    let settings = "http.max_connections_per_address = 4000\nsubscriptions.keep_alive_ms = 600000";
    fs::write(folder.path().join("many.toml"), settings).unwrap();
    let server = Served::start(folder.path(), &["demo", "--config", "many.toml"]);
    let data = folder.path().join("honglian-data");
    let url = format!("sqlite://{}/honglian.db", data.display());
    let db = open(&url, 2).await.unwrap();
    let key = PrivateKey::load(&data.join("keys/signing-key.pem")).unwrap();
    let signer = Signer::new(&key, "honglian".to_owned(), "honglian-api".to_owned());
    let staff = hire(&db, &signer).await;
    let tokens = fs::read_to_string(data.join("demo-tokens.json")).unwrap();
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    let member = tokens["member"].as_str().unwrap();

    let category = "{ viewer { district { issueCategories(first: 1) { nodes { id } } } } }";
    let found = server.ask(member, category, json!({})).await;
    let category = &found["data"]["viewer"]["district"]["issueCategories"]["nodes"][0]["id"];
    let draft = async |title: &str| {
        let input = json!({"title": title, "body": "正文", "nature": "HELP",
            "categoryId": category, "visibility": "ALLIANCE"});
        let entity = "enterpriseIssue { id version }";
        server.does(member, "createIssue", entity, input).await
    };
    let (issue, second) = (draft("千人同听").await, draft("再听一次").await);
    let first = outbox_event::Entity::find()
        .order_by_desc(outbox_event::Column::Seq)
        .one(db.conn())
        .await
        .unwrap()
        .unwrap();
    let after = encode_event(first.id);
    let before = status(server.process(), "VmRSS").unwrap_or(0);

    let address = server.at("");
    let mut sockets = Vec::new();
    for some in staff.chunks(50) {
        let some = some.iter().map(|one| listen(&address, &one.token, &after));
        sockets.extend(join_all(some).await);
    }
    let told = async |issue: &Value| {
        let submit = json!({"id": issue["id"], "expectedVersion": issue["version"]});
        server
            .does(member, "submitIssue", "enterpriseIssue { id }", submit)
            .await;
    };
    told(&issue).await;
    // What a few enterprises have for themselves, between two things that are the alliance's.
    let own = [0, 1, 500, 501, 999];
    for n in &own {
        let title = format!("第 {n} 家的事");
        let input =
            json!({"title": title, "body": "正文", "nature": "HELP", "categoryId": category});
        let entity = "enterpriseIssue { id version }";
        server
            .does(&staff[*n].token, "createIssue", entity, input)
            .await;
    }
    told(&second).await;
    for (n, (socket, one)) in sockets.iter_mut().zip(&staff).enumerate() {
        let mut titles = Vec::new();
        if one.is_member {
            titles.push("千人同听".to_owned());
        }
        if own.contains(&n) {
            titles.push(format!("第 {n} 家的事"));
        }
        if one.is_member {
            titles.push("再听一次".to_owned());
        }
        for title in titles {
            let event = socket.event().await["enterpriseIssueChanged"].clone();
            assert_eq!(event["enterpriseIssue"]["title"], title, "subscriber {n}");
        }
    }
    if let Some(peak) = status(server.process(), "VmHWM") {
        // Pages of the binary itself: a debug build has some thirty MiB more of them.
        let code = status(server.process(), "RssFile").unwrap_or(0);
        let own = peak.saturating_sub(code);
        eprintln!(
            "{MANY} subscribers: {before} KiB before, {peak} KiB at most, {own} KiB without code"
        );
        assert!(own < MOST_OWN_KIB, "{own} KiB");
        assert!(!is_release() || peak < MOST_KIB, "{peak} KiB");
    }
}
