//! Nothing is lost and nothing comes twice: across processes, late commits, pauses and breaks.

use std::time::Duration;

use entity::outbox_event::{self, ActiveModel};
use honglian::events::reading::{Interest, Reading};
use honglian::kernel::clock::Clock;
use honglian::kernel::id::{Ids, Kind, RandomIds};
use honglian::store::connect::open;
use migration::{Migrator, MigratorTrait};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ISSUES, draft};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, empty_postgres};

async fn district(app: &TestApp) -> Uuid {
    let user = cast().operator.user_id;
    let user = entity::user_account::Entity::find_by_id(user);
    let user = user.one(app.database.db.conn()).await.unwrap().unwrap();
    user.district_id
}

fn event(district: Uuid, name: &str, issue: Uuid, app: &TestApp) -> ActiveModel {
    ActiveModel {
        seq: NotSet,
        id: Set(RandomIds.next()),
        district_id: Set(district),
        event_type: Set(name.to_owned()),
        aggregate_kind: Set("issue".to_owned()),
        aggregate_id: Set(issue),
        changed_fields: Set(json!([])),
        actor_id: Set(None),
        request_id: Set("test".to_owned()),
        created_at: Set(app.clock.now()),
    }
}

async fn write<C: ConnectionTrait>(db: &C, row: ActiveModel) {
    outbox_event::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .unwrap();
}

/// All that a reading of the district's issues takes, until so many.
async fn taken(reading: &mut Reading, many: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    let all = async {
        while ids.len() < many {
            reading.ready().await;
            if let Some(happening) = reading.take().await.unwrap() {
                ids.push(happening.id);
            }
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(30), all).await;
    assert!(done.is_ok(), "{} of {many} came", ids.len());
    ids
}

async fn reading(app: &TestApp, district: Uuid, after: Option<Uuid>) -> Reading {
    let interest = Interest {
        district,
        kinds: &[Kind::Issue, Kind::Enterprise],
        ids: None,
        named: |_| true,
        standing: Vec::new(),
    };
    let feed = app.app.subscriptions.feed().clone();
    Reading::open(feed, interest, after).await.unwrap()
}

async fn written(app: &TestApp) -> Vec<Uuid> {
    let rows = outbox_event::Entity::find().order_by_asc(outbox_event::Column::Seq);
    let rows = rows.all(app.database.db.conn()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

/// A database of the version before, with two events in the order of neither ids nor rows.
async fn upgraded(url: &str) {
    let db = open(url, 1).await.unwrap();
    Migrator::up(db.conn(), Some(1)).await.unwrap();
    let id = |n: u128| match db.backend() {
        sea_orm::DbBackend::Postgres => format!("'{}'", Uuid::from_u128(n)),
        _ => format!("X'{}'", Uuid::from_u128(n).simple()),
    };
    let district = format!(
        "INSERT INTO district VALUES ({}, '440103', '荔湾区', 'LW', TRUE, 1, '2021-01-01 00:00:00 +00:00', \
         '2021-01-01 00:00:00 +00:00')",
        id(1)
    );
    let event = |n, hour| {
        format!(
            "INSERT INTO outbox_event VALUES ({}, {}, 'issue.created', 'issue', {}, '[]', NULL, \
             'r', '2021-01-01 0{hour}:00:00 +00:00')",
            id(n),
            id(1),
            id(9)
        )
    };
    for sql in [district, event(7, 2), event(8, 1)] {
        db.conn().execute_unprepared(&sql).await.unwrap();
    }
    Migrator::up(db.conn(), None).await.unwrap();
    let rows = outbox_event::Entity::find().order_by_asc(outbox_event::Column::Seq);
    let rows = rows.all(db.conn()).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (row.seq, row.id.as_u128())).collect();
    assert_eq!(rows, [(1, 8), (2, 7)]);
}

#[tokio::test]
async fn events_of_the_version_before_are_numbered_as_they_were_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.db");
    upgraded(&format!("sqlite://{}?mode=rwc", file.display())).await;
    if let Some(url) = empty_postgres().await {
        upgraded(&url).await;
    }
}

on_both! {
    async fn what_one_server_writes_the_others_subscribers_hear(app) {
        let other = app.beside().await;
        let (here, there) = (app.serve(|_| {}).await, other.serve(|_| {}).await);
        let token = app.token(&cast().member);
        let mut near = here.subscribed(&token, ISSUES).await;
        let mut far = there.subscribed(&token, ISSUES).await;
        let member = app.member();
        let mut issue = draft(&member, "甲", "OFFICIAL").await;
        for name in ["issue.created", "issue.submitted"] {
            let heard = near.event().await;
            assert_eq!(heard["enterpriseIssueChanged"]["type"], name);
            assert_eq!(far.event().await, heard, "the same event with the same id");
            if name == "issue.created" {
                issue.submit(&member).await;
            }
        }
    }

    async fn no_event_is_numbered_before_the_one_under_way_has_ended(app) {
        let district = district(&app).await;
        let mut reading = reading(&app, district, None).await;
        let issue = Uuid::from_u128(1);
        let tx = app.database.db.begin().await.unwrap();
        let first = event(district, "issue.first", issue, &app);
        let first_id = *first.id.as_ref();
        write(&tx, first).await;
        let db = app.database.db.clone();
        let second = event(district, "issue.second", issue, &app);
        let second_id = *second.id.as_ref();
        let later = tokio::spawn(async move { write(db.conn(), second).await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!later.is_finished(), "it would be read before the first, and the first never");
        tx.commit().await.unwrap();
        later.await.unwrap();
        assert_eq!(taken(&mut reading, 2).await, [first_id, second_id]);
        // A number that was drawn in vain holds nobody up.
        let tx = app.database.db.begin().await.unwrap();
        write(&tx, event(district, "issue.never", issue, &app)).await;
        tx.rollback().await.unwrap();
        let third = event(district, "issue.third", issue, &app);
        let third_id = *third.id.as_ref();
        write(app.database.db.conn(), third).await;
        assert_eq!(taken(&mut reading, 1).await, [third_id]);
    }

    async fn many_writers_on_two_servers_make_one_order_for_all(app) {
        let other = app.beside().await;
        let district = district(&app).await;
        let mut near = reading(&app, district, None).await;
        let mut far = reading(&other, district, None).await;
        let writers = (0..8_u32).map(|n| {
            let by = if n % 2 == 0 { &app } else { &other };
            let db = by.database.db.clone();
            let rows: Vec<_> = (0..12_u32)
                .map(|m| event(district, "issue.written", Uuid::from_u128(m.into()), by))
                .collect();
            tokio::spawn(async move {
                for row in rows {
                    let tx = db.begin().await.unwrap();
                    write(&tx, row).await;
                    // Different writers take differently long to commit.
                    tokio::time::sleep(Duration::from_millis(u64::from(n % 3))).await;
                    tx.commit().await.unwrap();
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let (heard_near, heard_far) = tokio::join!(taken(&mut near, 96), taken(&mut far, 96));
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(heard_near, written(&app).await);
        assert_eq!(heard_far, heard_near);
    }

    async fn a_subscriber_who_falls_behind_reads_on_from_the_table(app) {
        let district = district(&app).await;
        let mut slow = reading(&app, district, None).await;
        let mut quick = reading(&app, district, None).await;
        // More than the feed keeps.
        for n in 0..300_u32 {
            let row = event(district, "issue.written", Uuid::from_u128(n.into()), &app);
            write(app.database.db.conn(), row).await;
        }
        let all = taken(&mut quick, 300).await;
        assert_eq!(taken(&mut slow, 300).await, all);
        assert_eq!(all, written(&app).await);
    }

    async fn last_event_id_goes_on_where_it_broke_off(app) {
        let server = app.serve(|_| {}).await;
        let token = app.token(&cast().member);
        let member = app.member();
        let mut socket = server.subscribed(&token, ISSUES).await;
        let mut issue = draft(&member, "甲", "OFFICIAL").await;
        let last = socket.event().await["enterpriseIssueChanged"]["id"].clone();
        drop(socket);
        server.listening(0).await;
        issue.submit(&member).await;
        // What the member does not see is passed over, not told.
        let outsider = app.outsider();
        draft(&outsider, "乙", "OFFICIAL").await.submit(&outsider).await;
        issue.accept(&app.operator()).await;
        let resume = |last: &Value| format!("subscription {{ enterpriseIssueChanged(lastEventId: \
            {last}) {{ id type enterpriseIssue {{ title state }} }} }}");
        let other = app.beside().await;
        let there = other.serve(|_| {}).await;
        for server in [&server, &there] {
            let mut socket = server.subscribed(&token, &resume(&last)).await;
            let heard = socket.event().await["enterpriseIssueChanged"].clone();
            assert_eq!(heard["type"], "issue.submitted");
            // The issue is shown as it is now.
            assert_eq!(heard["enterpriseIssue"], json!({"title": "甲", "state": "ACCEPTED"}));
            let heard = socket.event().await["enterpriseIssueChanged"].clone();
            assert_eq!(heard["type"], "issue.accepted");
            // From there on live, and nothing twice.
            draft(&member, "丙", "OFFICIAL").await;
            let heard = socket.event().await["enterpriseIssueChanged"].clone();
            assert_eq!(heard["enterpriseIssue"]["title"], "丙");
            let mut again = server.subscribed(&token, &resume(&heard["id"])).await;
            draft(&member, "丁", "OFFICIAL").await;
            let heard = again.event().await["enterpriseIssueChanged"].clone();
            assert_eq!(heard["enterpriseIssue"]["title"], "丁");
            drop((socket, again));
        }
        let mut socket = server.signed_in(&token).await;
        let unknown = json!(honglian::kernel::id::encode_event(Uuid::from_u128(7)));
        for bad in [json!("x"), unknown] {
            socket.subscribe("b", &resume(&bad)).await;
            let heard = socket.hear().await;
            assert_eq!(heard["payload"][0]["extensions"]["code"], "BAD_USER_INPUT", "{bad}");
        }
    }

    async fn an_event_of_another_district_is_an_unknown_one(app) {
        let server = app.serve(|_| {}).await;
        let member = app.member();
        draft(&member, "甲", "OFFICIAL").await;
        let id = honglian::kernel::id::encode_event(written(&app).await[0]);
        let mut socket = server.signed_in(&app.token(&cast().other_district_operator)).await;
        let query = format!(
            "subscription {{ enterpriseIssueChanged(lastEventId: \"{id}\") {{ id }} }}"
        );
        socket.subscribe("o", &query).await;
        let heard = socket.hear().await;
        assert_eq!(heard["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn a_broken_listener_listens_again(app) {
        let server = app.serve(|_| {}).await;
        let mut socket = server.subscribed(&app.token(&cast().member), ISSUES).await;
        let member = app.member();
        if app.database.db.backend() == sea_orm::DbBackend::Postgres {
            super::super::execute(&app, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE query LIKE 'LISTEN%' AND datname = current_database()").await;
        }
        for title in ["甲", "乙"] {
            draft(&member, title, "OFFICIAL").await;
            let heard = socket.event().await;
            assert_eq!(heard["enterpriseIssueChanged"]["enterpriseIssue"]["title"], title);
        }
    }

    async fn viewers_of_one_moment_are_one_statement(app) {
        const MANY: u64 = 40;
        let server = app.serve(|live| live.max_open_per_user = 100).await;
        let token = app.token(&cast().operator);
        let member = app.member();
        let mut issue = draft(&member, "甲", "OFFICIAL").await;
        issue.submit(&member).await;
        let mut sockets = Vec::new();
        for _ in 0..MANY {
            sockets.push(server.subscribed(&token, ISSUES).await);
        }
        let tally = app.database.db.tally();
        let district = district(&app).await;
        let before = tally.statements();
        let id = honglian::kernel::id::decode(Kind::Issue, issue.id.as_str().unwrap()).unwrap();
        write(app.database.db.conn(), event(district, "issue.written", id, &app)).await;
        app.database.db.tell_written();
        for socket in &mut sockets {
            socket.event().await;
        }
        let statements = tally.statements() - before;
        // The row of each in its own scope; a viewer for each beside it would be as many again.
        assert!((MANY..2 * MANY).contains(&statements), "{statements} statements");
    }
}
