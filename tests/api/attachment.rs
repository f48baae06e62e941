//! Attachments over real HTTP: announced, sent, confirmed, read by links, removed and swept. What is
//! not what was announced leaves nothing behind.

use std::fmt::Write;

use chrono::TimeDelta;
use entity::attachment;
use futures_util::TryStreamExt;
use honglian::domain::attachment::sweep;
use honglian::files::Files;
use honglian::kernel::clock::{Clock, SystemClock};
use honglian::kernel::id::{Kind, decode, encode};
use reqwest::Response;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::on_both;
use crate::support::app::{Person, TestApp};
use crate::support::database::{cast, dataset};
use crate::support::server::Server;

pub const PDF: &[u8] = b"%PDF-1.7 a reply\n%%EOF";

pub fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// A draft of the member's that is submitted, so that others see it.
pub async fn issue(app: &TestApp, change: Value) -> String {
    let category = encode(Kind::Category, dataset().rows.categories[0].id);
    let mut input = json!({"title": "门前道路积水", "body": "请协助", "nature": "HELP", "categoryId": category});
    for (field, value) in change.as_object().unwrap() {
        input[field] = value.clone();
    }
    let made = app
        .member()
        .mutate("createIssue", "enterpriseIssue { id }", input)
        .await;
    let id = made["enterpriseIssue"]["id"].as_str().unwrap().to_owned();
    let submit = json!({"id": id, "expectedVersion": 1});
    assert_eq!(app.member().faults("submitIssue", submit).await, [""; 0]);
    id
}

pub fn announcement(target: &Value, bytes: &[u8]) -> Value {
    json!({
        "fileName": "答复 1.pdf", "mediaType": "application/pdf",
        "byteSize": bytes.len(), "sha256": hash(bytes), "target": target,
    })
}

/// An announced upload.
pub async fn announced(person: &Person<'_>, input: Value) -> Value {
    let done = person
        .mutate(
            "createUpload",
            "attachment { id version status uploadUrl downloadUrl expiresAt }",
            input,
        )
        .await;
    assert_eq!(done["userErrors"], json!([]));
    done["attachment"].clone()
}

pub async fn put(server: &Server, url: &Value, bytes: Vec<u8>) -> Response {
    let request = reqwest::Client::new().put(server.at(url.as_str().unwrap()));
    request
        .header("Accept-Language", "en")
        .body(bytes)
        .send()
        .await
        .unwrap()
}

/// Status and code of an answer.
pub async fn told(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    (
        status,
        body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

/// Attached and ready to be read.
async fn attached(app: &TestApp, server: &Server, person: &Person<'_>, target: Value) -> String {
    let upload = announced(person, announcement(&target, PDF)).await;
    assert_eq!(
        put(server, &upload["uploadUrl"], PDF.to_vec())
            .await
            .status(),
        204
    );
    assert_eq!(
        person
            .faults("confirmUpload", json!({"id": upload["id"]}))
            .await,
        [""; 0]
    );
    assert_eq!(objects(&app.database.files).await, 1);
    upload["id"].as_str().unwrap().to_owned()
}

pub async fn objects(files: &Files) -> usize {
    let pages: Vec<_> = files.all().try_collect().await.unwrap();
    pages.iter().map(Vec::len).sum()
}

pub async fn rows(app: &TestApp) -> Vec<attachment::Model> {
    attachment::Entity::find()
        .all(app.database.db.conn())
        .await
        .unwrap()
}

pub async fn link(person: &Person<'_>, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Attachment { downloadUrl } } }";
    person.read_with(query, json!({"id": id})).await["node"]["downloadUrl"].clone()
}

pub async fn get(server: &Server, url: &Value) -> Response {
    reqwest::get(server.at(url.as_str().unwrap()))
        .await
        .unwrap()
}

on_both! {
    async fn a_file_is_announced_sent_confirmed_and_read(app) {
        let server = Server::start(&app, |_| {}).await;
        let issue = issue(&app, json!({})).await;
        app.trail().await;
        let upload = announced(&app.member(), announcement(&json!({"issueId": issue}), PDF)).await;
        assert_eq!((&upload["status"], &upload["downloadUrl"]), (&json!("PENDING"), &Value::Null));
        assert_eq!(upload["expiresAt"], "2021-01-20T02:15:00.000Z");
        let confirm = json!({"id": upload["id"]});
        assert_eq!(app.member().faults("confirmUpload", confirm.clone()).await, ["INVALID_STATE"]);
        assert_eq!(put(&server, &upload["uploadUrl"], PDF.to_vec()).await.status(), 204);
        // Sent again, when the answer did not get through.
        assert_eq!(put(&server, &upload["uploadUrl"], PDF.to_vec()).await.status(), 204);
        let list = "query($id: ID!) { enterpriseIssue(id: $id) { attachments { totalCount nodes { id fileName mediaType byteSize \
                    sha256 status version uploadedBy { id } issue { id } visit { id } } } } }";
        let read = app.operator().read_with(list, json!({"id": issue})).await;
        assert_eq!(read["enterpriseIssue"]["attachments"]["totalCount"], 0, "not confirmed");
        assert_eq!(app.member().faults("confirmUpload", confirm.clone()).await, [""; 0]);
        assert_eq!(app.member().faults("confirmUpload", confirm).await, ["INVALID_STATE"]);
        assert_eq!(
            app.trail().await,
            ["createUpload attachment", "confirmUpload attachment", "attachment.announced", "issue.attached"]
        );
        for role in ["operator", "officer", "member"] {
            let read = app.role(role).read_with(list, json!({"id": issue})).await;
            assert_eq!(read["enterpriseIssue"]["attachments"], json!({"totalCount": 1, "nodes": [{
                "id": upload["id"], "fileName": "答复 1.pdf", "mediaType": "application/pdf", "byteSize": PDF.len(),
                "sha256": hash(PDF), "status": "ATTACHED", "version": 2,
                "uploadedBy": {"id": encode(Kind::User, cast().member.user_id)}, "issue": {"id": issue}, "visit": null,
            }]}), "{role}");
        }
        let id = upload["id"].as_str().unwrap();
        let shown = get(&server, &link(&app.operator(), id).await).await;
        assert_eq!(shown.status(), 200);
        let header = |name: &str| shown.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/pdf");
        assert_eq!(header("content-length"), PDF.len().to_string());
        assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''%E7%AD%94%E5%A4%8D%201.pdf");
        assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "private, no-store");
        assert_eq!(shown.bytes().await.unwrap(), PDF);
        // The bytes are as they were: nobody writes over them.
        assert_eq!(told(put(&server, &upload["uploadUrl"], PDF.to_vec()).await).await, (404, "NOT_FOUND".to_owned()));
    }

    async fn what_is_not_as_announced_is_told_and_leaves_nothing(app) {
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let html = b"<html><script>alert(1)</script></html>";
        for (bytes, said, why) in [
            (html.to_vec(), announcement(&target, html), "type"),
            (b"MZ\x90\0".to_vec(), announcement(&target, b"MZ\x90\0"), "type"),
            ([PDF, b"!"].concat(), announcement(&target, PDF), "size"),
            (PDF[..PDF.len() - 1].to_vec(), announcement(&target, PDF), "size"),
            (Vec::new(), announcement(&target, PDF), "size"),
            ([&PDF[..PDF.len() - 1], b"!"].concat(), announcement(&target, PDF), "SHA-256"),
        ] {
            let upload = announced(&app.member(), said).await;
            let answer = put(&server, &upload["uploadUrl"], bytes).await;
            assert_eq!(answer.status(), 422, "{why}");
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], "UPLOAD_MISMATCH");
            assert!(body["errors"][0]["message"].as_str().unwrap().contains(why), "{body}");
            assert_eq!(objects(&app.database.files).await, 0, "{why}");
            assert_eq!(rows(&app).await, [], "{why}");
            assert_eq!(app.member().faults("confirmUpload", json!({"id": upload["id"]})).await, ["NOT_FOUND input.id"]);
        }
        // Without a length, in pieces: the surplus is told while it comes, the lack at the end.
        for (bytes, why) in [([PDF, PDF].concat(), "size"), (PDF[..9].to_vec(), "size")] {
            let upload = announced(&app.member(), announcement(&target, PDF)).await;
            let pieces: Vec<_> = bytes.chunks(4).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
            let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
            let request = reqwest::Client::new().put(server.at(upload["uploadUrl"].as_str().unwrap())).body(body);
            assert_eq!(told(request.send().await.unwrap()).await, (422, "UPLOAD_MISMATCH".to_owned()), "{why}");
            assert_eq!((objects(&app.database.files).await, rows(&app).await.len()), (0, 0));
        }
    }

    async fn a_bad_announcement_is_told_at_its_path(app) {
        let target = json!({"issueId": issue(&app, json!({})).await});
        app.trail().await;
        for (change, expected) in [
            (json!({"fileName": "答复.exe"}), "INVALID input.fileName"),
            (json!({"fileName": "a/b.pdf"}), "INVALID input.fileName"),
            (json!({"fileName": format!("{}.pdf", "长".repeat(200))}), "TOO_LONG input.fileName"),
            (json!({"mediaType": "text/html"}), "INVALID input.mediaType"),
            (json!({"mediaType": "image/svg+xml"}), "INVALID input.mediaType"),
            (json!({"byteSize": 0}), "OUT_OF_RANGE input.byteSize"),
            (json!({"byteSize": 20 * 1024 * 1024 + 1}), "OUT_OF_RANGE input.byteSize"),
            (json!({"sha256": "abc"}), "INVALID input.sha256"),
            (json!({"sha256": "g".repeat(64)}), "INVALID input.sha256"),
            (json!({"target": {"issueId": "issue_x"}}), "NOT_FOUND input.target.issueId"),
            (json!({"target": {"visitId": target["issueId"]}}), "NOT_FOUND input.target.visitId"),
        ] {
            let mut input = announcement(&target, PDF);
            for (field, value) in change.as_object().unwrap() {
                input[field] = value.clone();
            }
            let told = app.member().faults("createUpload", input).await;
            assert!(told.contains(&expected.to_owned()), "{told:?} {expected}");
        }
        // Its lead reads the brief of it and adds nothing; an auditor never does.
        let good = announcement(&target, PDF);
        assert_eq!(app.lead().faults("createUpload", good.clone()).await, ["FORBIDDEN input.target.issueId"]);
        assert_eq!(app.auditor().denied("createUpload", good.clone()).await, "FORBIDDEN");
        assert_eq!(rows(&app).await, []);
        assert_eq!(app.trail().await, [""; 0]);
        // At most twenty of an issue, those on their way with them.
        for _ in 0..20 {
            announced(&app.member(), good.clone()).await;
        }
        assert_eq!(app.operator().faults("createUpload", good).await, ["LIMIT_EXCEEDED input.target"]);
    }

    async fn of_many_announced_at_once_no_more_than_the_most_are_taken(app) {
        let target = json!({"issueId": issue(&app, json!({})).await});
        let good = announcement(&target, PDF);
        for _ in 0..18 {
            announced(&app.member(), good.clone()).await;
        }
        // Two places are left, and twelve come for them by two servers.
        let beside = app.beside().await;
        let (here, there) = (app.operator(), beside.operator());
        let each = (0..12).map(|n| {
            let (who, input) = (if n % 2 == 0 { &here } else { &there }, good.clone());
            async move { who.faults("createUpload", input).await.join(",") }
        });
        let mut ends = futures_util::future::join_all(each).await;
        ends.sort();
        let mut expected = vec!["LIMIT_EXCEEDED input.target".to_owned(); 10];
        expected.splice(0..0, [String::new(), String::new()]);
        assert_eq!(ends, expected);
        assert_eq!(rows(&app).await.len(), 20);
    }

    async fn a_link_is_its_viewers_for_a_short_time(app) {
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({"visibility": "PAIRING"})).await});
        let id = attached(&app, &server, &app.member(), target.clone()).await;
        let (own, officers) = (link(&app.member(), &id).await, link(&app.officer(), &id).await);
        assert_ne!(own, officers);
        // Never to those who read the brief, or nothing.
        for role in ["lead", "partner", "outsider", "auditor", "other district"] {
            assert_eq!(link(&app.role(role), &id).await, Value::Null, "{role}");
        }
        assert_eq!(get(&server, &own).await.status(), 200);
        // A right that is gone is gone for the link too.
        app.execute("UPDATE officer_assignment SET status = 'ENDED', to_on = '2021-01-20' WHERE status = 'ACTIVE'").await;
        let row = crate::support::rows::literal(&app, decode(Kind::Issue, target["issueId"].as_str().unwrap()).unwrap());
        app.execute(&format!("UPDATE enterprise_issue SET officer_id = NULL WHERE id = {row}")).await;
        assert_eq!(told(get(&server, &officers).await).await, (404, "NOT_FOUND".to_owned()));
        assert_eq!(get(&server, &own).await.status(), 200);
        // An altered link is none, and none of another purpose.
        let text = own.as_str().unwrap();
        for bad in [
            text.replace("/attachments/", "/uploads/"),
            format!("{}0", &text[..text.len() - 1]),
            format!("{}1", &text[..text.len() - 1]),
            "/attachments/x".to_owned(),
        ] {
            if bad == text {
                continue;
            }
            let method = if bad.starts_with("/uploads/") { reqwest::Method::PUT } else { reqwest::Method::GET };
            let answer = reqwest::Client::new().request(method, server.at(&bad)).send().await.unwrap();
            assert_eq!(told(answer).await, (404, "NOT_FOUND".to_owned()), "{bad}");
        }
        app.clock.set(app.now() + TimeDelta::seconds(299));
        assert_eq!(get(&server, &own).await.status(), 200);
        app.clock.set(app.now() + TimeDelta::seconds(1));
        assert_eq!(told(get(&server, &own).await).await, (404, "NOT_FOUND".to_owned()), "after five minutes");
        // Of a user who may not sign in any more.
        let again = link(&app.member(), &id).await;
        app.execute("UPDATE user_account SET status = 'DISABLED' WHERE role = 'MEMBER'").await;
        assert_eq!(told(get(&server, &again).await).await, (404, "NOT_FOUND".to_owned()));
    }

    async fn the_text_of_a_confidential_issue_and_its_attachments_have_the_same_readers(app) {
        let server = Server::start(&app, |_| {}).await;
        let issue = issue(&app, json!({"isConfidential": true})).await;
        let id = attached(&app, &server, &app.member(), json!({"issueId": issue})).await;
        let row = decode(Kind::Issue, &issue).unwrap();
        let row = crate::support::rows::literal(&app, row);
        app.execute(&format!("UPDATE enterprise_issue SET officer_id = NULL WHERE id = {row}")).await;
        let list = "query($id: ID!) { enterpriseIssue(id: $id) { body attachments { totalCount } } }";
        let seen = app.officer().read_with(list, json!({"id": issue})).await;
        assert_eq!(seen["enterpriseIssue"], json!({"body": null, "attachments": null}));
        assert_eq!(link(&app.officer(), &id).await, Value::Null);
        let input = announcement(&json!({"issueId": issue}), PDF);
        assert_eq!(app.officer().faults("createUpload", input).await, ["FORBIDDEN input.target.issueId"]);
        assert!(link(&app.operator(), &id).await.is_string());
    }

    async fn attachments_of_a_visit_are_read_by_those_who_see_it(app) {
        let server = Server::start(&app, |_| {}).await;
        let member = cast().member.enterprise_id.unwrap();
        let mut visits = dataset().rows.visits.iter();
        let visit = encode(Kind::Visit, visits.find(|visit| visit.enterprise_id == member).unwrap().id);
        let target = json!({"visitId": visit});
        assert_eq!(
            app.member().faults("createUpload", announcement(&target, PDF)).await,
            ["FORBIDDEN input.target.visitId"]
        );
        app.trail().await;
        let id = attached(&app, &server, &app.officer(), target).await;
        assert_eq!(
            app.trail().await,
            ["createUpload attachment", "confirmUpload attachment", "attachment.announced", "visit.attached"]
        );
        for role in ["admin", "operator", "officer", "member"] {
            let shown = get(&server, &link(&app.role(role), &id).await).await;
            assert_eq!(shown.bytes().await.unwrap(), PDF, "{role}");
        }
        for role in ["lead", "outsider", "other district"] {
            assert_eq!(link(&app.role(role), &id).await, Value::Null, "{role}");
        }
    }

    async fn a_removed_attachment_is_gone_with_its_bytes(app) {
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let id = attached(&app, &server, &app.member(), target).await;
        let own = link(&app.member(), &id).await;
        let input = json!({"id": id, "expectedVersion": 2});
        assert_eq!(app.officer().faults("removeAttachment", input.clone()).await, ["FORBIDDEN"]);
        let stale = json!({"id": id, "expectedVersion": 1});
        assert_eq!(app.member().faults("removeAttachment", stale).await, ["STALE_VERSION input.expectedVersion"]);
        app.trail().await;
        assert_eq!(app.member().faults("removeAttachment", input.clone()).await, [""; 0]);
        assert_eq!(app.trail().await, ["removeAttachment attachment", "issue.attachment_removed"]);
        assert_eq!((objects(&app.database.files).await, rows(&app).await.len()), (0, 0));
        assert_eq!(told(get(&server, &own).await).await, (404, "NOT_FOUND".to_owned()));
        assert_eq!(app.member().faults("removeAttachment", input).await, ["NOT_FOUND input.id"]);
    }

    async fn what_nobody_confirms_and_nothing_knows_of_is_swept(app) {
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let kept = attached(&app, &server, &app.member(), target.clone()).await;
        let sent = announced(&app.member(), announcement(&target, PDF)).await;
        assert_eq!(put(&server, &sent["uploadUrl"], PDF.to_vec()).await.status(), 204);
        let unsent = announced(&app.member(), announcement(&target, PDF)).await;
        let deps = &app.app.deps;
        app.clock.set(app.now() + TimeDelta::minutes(15) - TimeDelta::seconds(1));
        assert_eq!(sweep::expired(deps).await.unwrap(), 0);
        app.clock.set(app.now() + TimeDelta::seconds(1));
        // Late: before it is swept it is over already.
        assert_eq!(told(put(&server, &unsent["uploadUrl"], PDF.to_vec()).await).await, (404, "NOT_FOUND".to_owned()));
        assert_eq!(app.member().faults("confirmUpload", json!({"id": sent["id"]})).await, ["INVALID_STATE"]);
        assert_eq!(sweep::expired(deps).await.unwrap(), 2);
        let left = rows(&app).await;
        assert_eq!(left.iter().map(|row| encode(Kind::Attachment, row.id)).collect::<Vec<_>>(), [kept]);
        assert_eq!(objects(&app.database.files).await, 1);

        // An object whose row is gone: a crash between the two, or a restored database.
        let stray = Uuid::from_u128(7);
        let bytes = futures_util::stream::iter([Ok::<_, std::io::Error>(PDF.to_vec().into())]);
        let announced = honglian::files::Announced {
            format: honglian::files::Format::of("application/pdf").unwrap(),
            size: PDF.len().try_into().unwrap(),
            sha256: &hash(PDF),
        };
        app.database.files.take(stray, announced, bytes).await.unwrap();
        assert_eq!(objects(&app.database.files).await, 2);
        let written = SystemClock.now();
        assert_eq!(sweep::unknown(deps, written - TimeDelta::hours(1)).await.unwrap(), 0, "too young");
        assert_eq!(sweep::unknown(deps, written + TimeDelta::seconds(1)).await.unwrap(), 1);
        assert_eq!(objects(&app.database.files).await, 1, "what has a row stays");
    }
}

/// The folder on the disk does as the store in memory does; files are closed to others.
#[tokio::test]
async fn a_folder_keeps_what_fits_and_nothing_else() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let uploads = honglian::config::Uploads {
        dir: folder.path().join("attachments"),
        ..honglian::config::Uploads::default()
    };
    let files = Files::open(&uploads).unwrap();
    let mode = std::fs::metadata(&uploads.dir)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    let large: Vec<u8> = PDF.iter().copied().cycle().take(12 * 1024 * 1024).collect();
    let pieces = |bytes: &[u8]| {
        let pieces: Vec<_> = bytes
            .chunks(64 * 1024)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec().into()))
            .collect();
        futures_util::stream::iter(pieces)
    };
    let said = |hash| honglian::files::Announced {
        format: honglian::files::Format::of("application/pdf").unwrap(),
        size: 12 * 1024 * 1024,
        sha256: hash,
    };
    let (right, wrong) = (hash(&large), hash(PDF));
    let key = Uuid::from_u128(1);
    assert!(files.take(key, said(&wrong), pieces(&large)).await.is_err());
    assert_eq!(
        std::fs::read_dir(&uploads.dir).unwrap().count(),
        0,
        "no part stays"
    );
    files.take(key, said(&right), pieces(&large)).await.unwrap();
    let read: Vec<_> = files.read(key).await.unwrap().try_collect().await.unwrap();
    assert_eq!(hash(&read.concat()), right);
    files.remove(key).await.unwrap();
    files.remove(key).await.unwrap();
    assert_eq!(objects(&files).await, 0);
    assert!(files.read(key).await.is_err());
    // A server that was killed leaves a part, which is no object.
    let part = uploads.dir.join(format!("{}#1", key.simple()));
    let other = uploads.dir.join("notes#1");
    std::fs::write(&part, PDF).unwrap();
    std::fs::write(&other, PDF).unwrap();
    let written = SystemClock.now();
    assert_eq!(objects(&files).await, 0);
    let (young, old) = (
        written - TimeDelta::hours(1),
        written + TimeDelta::seconds(1),
    );
    assert_eq!(files.drop_parts(young).await.unwrap(), 0);
    assert_eq!(files.drop_parts(old).await.unwrap(), 1);
    assert_eq!((part.exists(), other.exists()), (false, true), "ours alone");
}
