//! Bytes that come slowly, twice at once, or many at once, over real HTTP.

use std::io;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::attachment::{
    PDF, announced, announcement, get, hash, issue, link, objects, put, rows, told,
};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::server::Server;

/// An upload that is fed by hand.
struct Fed {
    bytes: UnboundedSender<io::Result<Vec<u8>>>,
    answer: JoinHandle<Response>,
}

impl Fed {
    /// With its first bytes sent.
    fn begun(server: &Server, url: &Value) -> Self {
        let (bytes, body) = unbounded();
        let request = reqwest::Client::new()
            .put(server.at(url.as_str().unwrap()))
            .body(reqwest::Body::wrap_stream(body));
        let answer = tokio::spawn(async move { request.send().await.unwrap() });
        let fed = Self { bytes, answer };
        fed.feed(&PDF[..5]);
        fed
    }

    fn feed(&self, bytes: &[u8]) {
        // A server that has answered takes no more.
        let _ = self.bytes.unbounded_send(Ok(bytes.to_vec()));
    }

    async fn finished(self) -> (u16, String) {
        self.feed(&PDF[5..]);
        drop(self.bytes);
        told(self.answer.await.unwrap()).await
    }
}

/// Waits until the member has no place left: until then what it sends is told to be wrong.
async fn crowded(app: &TestApp, server: &Server, target: &Value) {
    for _ in 0..500 {
        let upload = announced(&app.member(), announcement(target, PDF)).await;
        let answer = told(put(server, &upload["uploadUrl"], b"x".to_vec()).await).await;
        if answer == (503, "SERVICE_UNAVAILABLE".to_owned()) {
            let input = json!({"id": upload["id"], "expectedVersion": 1});
            assert_eq!(
                app.member().faults("removeAttachment", input).await,
                [""; 0]
            );
            return;
        }
        assert_eq!(answer, (422, "UPLOAD_MISMATCH".to_owned()));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the places of the member are never all held");
}

const DONE: u16 = 204;

on_both! {
    async fn one_user_leaves_places_to_the_others(app) {
        // A quarter of four.
        let server = Server::start(&app, |config| config.uploads.max_at_once = 4).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let slow = announced(&app.member(), announcement(&target, PDF)).await;
        let next = announced(&app.member(), announcement(&target, PDF)).await;
        let others = announced(&app.operator(), announcement(&target, PDF)).await;
        let slow = Fed::begun(&server, &slow["uploadUrl"]);
        crowded(&app, &server, &target).await;
        assert_eq!(put(&server, &others["uploadUrl"], PDF.to_vec()).await.status(), DONE);
        assert_eq!(slow.finished().await.0, DONE);
        assert_eq!(put(&server, &next["uploadUrl"], PDF.to_vec()).await.status(), DONE);
        assert_eq!(objects(&app.database.files).await, 3);
    }

    async fn bytes_that_are_sent_twice_at_once_stay(app) {
        let server = Server::start(&app, |config| config.uploads.max_at_once = 8).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let upload = announced(&app.member(), announcement(&target, PDF)).await;
        let late = Fed::begun(&server, &upload["uploadUrl"]);
        let first = Fed::begun(&server, &upload["uploadUrl"]);
        crowded(&app, &server, &target).await;
        assert_eq!(first.finished().await.0, DONE);
        let confirm = json!({"id": upload["id"]});
        assert_eq!(app.member().faults("confirmUpload", confirm).await, [""; 0]);
        // Too late to matter, and what is confirmed is not taken away.
        assert_eq!(late.finished().await, (404, "NOT_FOUND".to_owned()));
        assert_eq!(objects(&app.database.files).await, 1);
        let shown = get(&server, &link(&app.operator(), upload["id"].as_str().unwrap()).await).await;
        assert_eq!(shown.bytes().await.unwrap(), PDF);
    }

    async fn bytes_that_come_after_the_upload_was_called_off_are_dropped(app) {
        let server = Server::start(&app, |config| config.uploads.max_at_once = 4).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let upload = announced(&app.member(), announcement(&target, PDF)).await;
        let late = Fed::begun(&server, &upload["uploadUrl"]);
        crowded(&app, &server, &target).await;
        let input = json!({"id": upload["id"], "expectedVersion": 1});
        assert_eq!(app.member().faults("removeAttachment", input).await, [""; 0]);
        assert_eq!(late.finished().await, (404, "NOT_FOUND".to_owned()));
        assert_eq!((objects(&app.database.files).await, rows(&app).await.len()), (0, 0));
    }

    async fn a_body_that_stalls_or_drips_is_broken_off(app) {
        let stalls = Server::start(&app, |config| config.http.body_timeout_ms = 200).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let upload = announced(&app.member(), announcement(&target, PDF)).await;
        let stalled = Fed::begun(&stalls, &upload["uploadUrl"]);
        assert_eq!(told(stalled.answer.await.unwrap()).await, (400, "BAD_REQUEST".to_owned()));
        assert_eq!(objects(&app.database.files).await, 0);

        let drips = Server::start(&app, |config| config.uploads.transfer_timeout_ms = 400).await;
        let dripping = Fed::begun(&drips, &upload["uploadUrl"]);
        let bytes = dripping.bytes.clone();
        let feeding = tokio::spawn(async move {
            for byte in &PDF[5..PDF.len() - 1] {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let _ = bytes.unbounded_send(Ok(vec![*byte]));
            }
        });
        assert_eq!(told(dripping.answer.await.unwrap()).await, (408, "TIMEOUT".to_owned()));
        feeding.abort();
        assert_eq!(objects(&app.database.files).await, 0);
        // It is awaited still, and may be sent again.
        assert_eq!(put(&drips, &upload["uploadUrl"], PDF.to_vec()).await.status(), DONE);
        assert_eq!(objects(&app.database.files).await, 1);
    }

    async fn a_file_may_be_larger_than_any_request(app) {
        let server = Server::start(&app, |_| {}).await;
        let target = json!({"issueId": issue(&app, json!({})).await});
        let large: Vec<u8> = PDF.iter().copied().cycle().take(1024 * 1024).collect();
        let upload = announced(&app.member(), announcement(&target, &large)).await;
        assert_eq!(put(&server, &upload["uploadUrl"], large.clone()).await.status(), DONE);
        let confirm = json!({"id": upload["id"]});
        assert_eq!(app.member().faults("confirmUpload", confirm).await, [""; 0]);
        let id = upload["id"].as_str().unwrap();
        let shown = get(&server, &link(&app.officer(), id).await).await;
        assert_eq!(hash(&shown.bytes().await.unwrap()), hash(&large));
    }
}
