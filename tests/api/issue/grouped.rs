//! New issues that are written in groups, which PostgreSQL alone can: what it costs, that what they
//! rest on is looked at when it is held, and that nobody can tell by which way an issue came.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use honglian::kernel::id::{Kind, decode, encode};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::actors::{Issue, execute, number};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;
use crate::support::service::serving;
use crate::support::silence::Silence;

const CREATE: &str = "mutation($input: CreateIssueInput!) { createIssue(input: $input) \
    { enterpriseIssue { id number version state officer { id } } userErrors { code field } } }";

fn is_postgres(app: &TestApp) -> bool {
    app.database.db.backend() == DbBackend::Postgres
}

/// The district of the cast.
async fn district(app: &TestApp) -> Uuid {
    let enterprise = cast().member.enterprise_id.unwrap();
    let sql = format!("SELECT district_id FROM enterprise WHERE id = '{enterprise}'");
    let statement = sea_orm::Statement::from_string(app.database.db.backend(), sql);
    let row = app
        .database
        .db
        .conn()
        .query_one_raw(statement)
        .await
        .unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// Waits until so many actions wait to be written together.
async fn until_gathered(app: &TestApp, many: usize) {
    for _ in 0..1000 {
        if app.database.db.gathered() == many {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} gathered", app.database.db.gathered());
}

/// So many groups were written since what ran was looked at.
fn assert_groups(app: &TestApp, many: usize) {
    let ran = app.database.db.tally().recorded();
    let groups = ran.iter().filter(|ran| ran.sql.contains("create_issues"));
    assert_eq!(groups.count(), many, "{ran:#?}");
}

/// Creates an issue while somebody else holds its enterprise, who then does this and commits.
async fn meanwhile(app: &TestApp, sql: &str) -> Value {
    let enterprise = cast().member.enterprise_id.unwrap();
    let held = format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE");
    while_held(app, &held, sql).await
}

/// Creates an issue while somebody else holds something, who then does this and commits.
async fn while_held(app: &TestApp, what: &str, sql: &str) -> Value {
    let other = app.beside().await;
    let enterprise = cast().member.enterprise_id.unwrap();
    let held = other.database.db.begin().await.unwrap();
    held.execute_unprepared(what).await.unwrap();
    let named = json!({"enterpriseId": encode(Kind::Enterprise, enterprise)});
    let input = app.operator().draft(named).await;
    let wire = app.wire().await;
    let token = app.token(&cast().operator);
    let body = json!({"query": CREATE, "variables": {"input": input}});
    let key = format!("k{}", what.len());
    let creating = tokio::spawn(async move {
        wire.post(&token, &[("idempotency-key", &key)], &body)
            .await
            .data()["createIssue"]
            .clone()
    });
    until_one_waits(app).await;
    assert!(!creating.is_finished());
    held.execute_unprepared(sql).await.unwrap();
    held.commit().await.unwrap();
    creating.await.unwrap()
}

/// Until something waits in the database for what somebody holds.
async fn until_one_waits(app: &TestApp) {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND wait_event_type = 'Lock'";
    for _ in 0..500 {
        if number(app, waits).await > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing waits");
}

/// Somebody holds what the member's new issue rests on, which waits for it, and holds up nobody else.
async fn the_member_alone_waits(app: &TestApp, what: &str) {
    let other = app.beside().await;
    let held = other.database.db.begin().await.unwrap();
    held.execute_unprepared(what).await.unwrap();
    let wire = std::sync::Arc::new(app.wire().await);
    let input = app.member().draft(json!({})).await;
    let body = json!({"query": CREATE, "variables": {"input": input}});
    let waiting = tokio::spawn({
        let (wire, token, body) = (wire.clone(), app.token(&cast().member), body.clone());
        async move {
            let answer = wire.post(&token, &[], &body).await;
            answer.data()["createIssue"].clone()
        }
    });
    until_one_waits(app).await;
    // Neither in the line for numbers nor with the outbox's turn in hand.
    let turn = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2866759719 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(number(app, turn).await, 0);
    let lead = wire.post(&app.token(&cast().lead), &[], &body).await;
    assert_eq!(lead.data()["createIssue"]["userErrors"], json!([]));
    assert!(!waiting.is_finished());
    held.rollback().await.unwrap();
    assert_eq!(waiting.await.unwrap()["userErrors"], json!([]));
}

on_both! {
    async fn a_new_issue_is_one_statement(app) {
        let member = app.member();
        member.creates(json!({})).await;
        let wire = app.wire().await;
        let input = member.draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let token = app.token(&cast().member);
        let send = async |key: &str| {
            let answer = wire.post(&token, &[("idempotency-key", key)], &body).await;
            assert_eq!(answer.data()["createIssue"]["userErrors"], json!([]));
            app.database.db.answers_written().await;
        };
        send("first").await;
        app.database.db.tally().recorded();
        send("second").await;
        let ran = app.database.db.tally().recorded();
        let ran: Vec<&str> = ran.iter().map(|statement| statement.sql.as_str()).collect();
        send("third").await;
        let again = app.database.db.tally().recorded();
        // Their texts are the same, so that they are planned once.
        let is_same = |sql: &&str| again.iter().any(|again| again.sql == *sql);
        assert_eq!(ran.iter().filter(|sql| !sql.contains("tell_events")).find(|sql| !is_same(sql)), None);
        if is_postgres(&app) {
            // The action, what its answer shows, and the answer itself, which is written for many at
            // once.
            assert_eq!(ran.len(), 3, "{ran:#?}");
            assert!(ran[0].contains("create_issues"), "{ran:#?}");
        } else {
            assert!(ran.len() > 4, "{ran:#?}");
        }
    }

    async fn those_that_come_together_are_written_together(app) {
        if !is_postgres(&app) {
            return;
        }
        let district = district(&app).await;
        let input = app.member().draft(json!({})).await;
        let wire = Arc::new(app.wire().await);
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let numbers = "SELECT sum(last_number) FROM issue_counter";
        let before = number(&app, numbers).await;
        // Whoever holds the line is in nobody's way until five have gathered behind.
        let line = app.database.db.line(district).await;
        let mut creating = JoinSet::new();
        for (at, who) in [&cast().member, &cast().operator, &cast().member, &cast().lead, &cast().member]
            .into_iter()
            .enumerate()
        {
            let (wire, token, mut body) = (Arc::clone(&wire), app.token(who), body.clone());
            if at == 3 {
                // Another enterprise's, which is not hers to write for.
                body["variables"]["input"]["enterpriseId"] =
                    json!(encode(Kind::Enterprise, cast().member.enterprise_id.unwrap()));
            }
            if at == 1 {
                body["variables"]["input"]["enterpriseId"] =
                    json!(encode(Kind::Enterprise, cast().lead.enterprise_id.unwrap()));
            }
            let key = format!("together-{at}");
            creating.spawn(async move {
                let answer = wire.post(&token, &[("idempotency-key", &key)], &body).await;
                (at, answer.data()["createIssue"].clone())
            });
        }
        app.database.db.tally().recorded();
        until_gathered(&app, 4).await;
        drop(line);
        let mut created = creating.join_all().await;
        created.sort_by_key(|(at, _)| *at);
        assert_groups(&app, 1);
        assert_eq!(created[3].1["userErrors"][0]["code"], "FORBIDDEN", "{created:#?}");
        let drawn: HashSet<&str> = created
            .iter()
            .filter_map(|(_, created)| created["enterpriseIssue"]["number"].as_str())
            .collect();
        assert_eq!(drawn.len(), 4, "{created:#?}");
        assert_eq!(number(&app, numbers).await, before + 4);
        // Each with its own officer, who asked, and its own key.
        for (who, at, enterprise) in [
            (&cast().member, [0, 2, 4].as_slice(), cast().member.enterprise_id.unwrap()),
            (&cast().operator, &[1], cast().lead.enterprise_id.unwrap()),
        ] {
            for at in at {
                let issue = Issue::of(&created[*at].1["enterpriseIssue"]);
                let id = decode(Kind::Issue, &issue.id).unwrap();
                let sound = format!(
                    "SELECT count(*) FROM enterprise_issue i \
                     JOIN issue_transition t ON t.issue_id = i.id AND t.actor_id = i.reporter_id \
                     JOIN audit_entry a ON a.target_id = i.id AND a.actor_id = i.reporter_id \
                     AND a.changes #>> '{{0,after,number}}' = i.number \
                     AND a.changes #>> '{{1,after,id}}' = t.id::text \
                     JOIN outbox_event e ON e.aggregate_id = i.id AND e.actor_id = i.reporter_id \
                     JOIN idempotency_record k ON k.target_id = i.id AND k.user_id = i.reporter_id \
                     AND k.key = 'together-{at}' \
                     LEFT JOIN officer_assignment o ON o.enterprise_id = i.enterprise_id \
                     AND o.status = 'ACTIVE' \
                     WHERE i.id = '{id}' AND i.reporter_id = '{}' AND i.enterprise_id = '{enterprise}' \
                     AND i.officer_id IS NOT DISTINCT FROM o.officer_id",
                    who.user_id
                );
                assert_eq!(number(&app, &sound).await, 1, "{at}");
            }
        }
    }

    async fn what_is_amiss_with_one_keeps_none_of_the_others(app) {
        if !is_postgres(&app) {
            return;
        }
        let other = app.beside().await;
        let lead = cast().lead.enterprise_id.unwrap();
        let held = other.database.db.begin().await.unwrap();
        let of_the_lead = format!("SELECT 1 FROM enterprise WHERE id = '{lead}' FOR NO KEY UPDATE");
        held.execute_unprepared(&of_the_lead).await.unwrap();
        let wire = Arc::new(app.wire().await);
        let line = app.database.db.line(district(&app).await).await;
        let input = app.member().draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let create = |who| {
            let (wire, token, body) = (Arc::clone(&wire), app.token(who), body.clone());
            tokio::spawn(async move {
                wire.post(&token, &[], &body).await.data()["createIssue"].clone()
            })
        };
        let (waiting, others) = (create(&cast().lead), [create(&cast().member), create(&cast().member)]);
        until_gathered(&app, 3).await;
        app.database.db.tally().recorded();
        drop(line);
        for other in others {
            assert_eq!(other.await.unwrap()["userErrors"], json!([]));
        }
        until_one_waits(&app).await;
        assert!(!waiting.is_finished());
        held.rollback().await.unwrap();
        assert_eq!(waiting.await.unwrap()["userErrors"], json!([]));
        // All three, and the two that nothing was amiss with.
        assert_groups(&app, 2);
    }

    async fn who_goes_away_before_it_is_done_gets_nothing_done(app) {
        if !is_postgres(&app) {
            return;
        }
        let before = app.count("enterprise_issue").await;
        let line = app.database.db.line(district(&app).await).await;
        let member = app.member();
        tokio::select! {
            _ = member.creates(json!({})) => panic!("it did not wait"),
            () = until_gathered(&app, 1) => {}
        }
        drop(line);
        member.creates(json!({})).await;
        assert_eq!(app.count("enterprise_issue").await, before + 1);
    }

    async fn a_key_that_was_used_keeps_none_of_the_others(app) {
        if !is_postgres(&app) {
            return;
        }
        let before = app.count("enterprise_issue").await;
        let input = app.member().draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let token = app.token(&cast().member);
        // Another process has used the key, of which this one knows nothing.
        let other = app.beside().await;
        let used = other.wire().await.post(&token, &[("idempotency-key", "used")], &body).await;
        other.database.db.answers_written().await;
        let wire = Arc::new(app.wire().await);
        let line = app.database.db.line(district(&app).await).await;
        let mut creating = ["used", "new"].map(|key| {
            let (wire, token, body) = (Arc::clone(&wire), token.clone(), body.clone());
            tokio::spawn(async move { wire.post(&token, &[("idempotency-key", key)], &body).await })
        });
        until_gathered(&app, 2).await;
        app.database.db.tally().recorded();
        drop(line);
        let [again, new] = &mut creating;
        let (again, new) = (again.await.unwrap(), new.await.unwrap());
        assert_eq!((again.body.as_str(), again.header("idempotency-replayed").is_some()), (used.body.as_str(), true));
        assert_eq!((new.data()["createIssue"]["userErrors"].clone(), new.header("idempotency-replayed")), (json!([]), None));
        assert_eq!(app.count("enterprise_issue").await, before + 2);
        // Both, and the one that nothing was amiss with.
        assert_groups(&app, 2);
    }

    async fn rights_that_go_while_it_waits_write_nothing(app) {
        if !is_postgres(&app) {
            return;
        }
        let before = app.count("enterprise_issue").await;
        let input = app.member().draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let token = app.token(&cast().member);
        let wire = app.wire().await;
        wire.post(&token, &[("idempotency-key", "first")], &body).await.data();
        let other = app.beside().await;
        let held = other.database.db.begin().await.unwrap();
        held.execute_unprepared("SELECT 1 FROM issue_counter FOR NO KEY UPDATE").await.unwrap();
        let creating = tokio::spawn(async move {
            wire.post(&token, &[("idempotency-key", "second")], &body).await
        });
        until_one_waits(&app).await;
        let member = cast().member.user_id;
        let disable = format!("UPDATE user_account SET status = 'DISABLED' WHERE id = '{member}'");
        execute(&other, &disable).await;
        held.commit().await.unwrap();
        assert_eq!(creating.await.unwrap().refusal(), (401, "UNAUTHENTICATED".to_owned()));
        assert_eq!(app.count("enterprise_issue").await, before + 1);
    }

    async fn records_of_keys_are_found_by_their_keys_however_many_come(app) {
        if !is_postgres(&app) {
            return;
        }
        let input = app.member().draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let (wire, token) = (app.wire().await, app.token(&cast().member));
        let send = async |key: &str| {
            wire.post(&token, &[("idempotency-key", key)], &body).await.data();
            app.database.db.answers_written().await;
        };
        // Plans are made while there are none.
        send("first").await;
        execute(&app, "INSERT INTO idempotency_record (user_id, key, fingerprint, claim, claimed_until, \
            target_kind, target_id, created_at, expires_at) SELECT k.user_id, k.key || n, k.fingerprint, \
            gen_random_uuid(), k.claimed_until, k.target_kind, k.target_id, k.created_at, k.expires_at \
            FROM idempotency_record k, generate_series(1, 4000) n").await;
        let counted = async |what: &str, at_least: i64| {
            let sql = format!("SELECT {what} FROM pg_stat_user_tables WHERE relname = 'idempotency_record'");
            for _ in 0..1000 {
                let count = number(&app, &sql).await;
                if count >= at_least {
                    return count;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("{what} stays under {at_least}");
        };
        counted("n_tup_ins", 4001).await;
        let before = counted("seq_tup_read", 0).await;
        for key in ["a", "b", "c"] {
            send(key).await;
        }
        counted("n_tup_ins", 4004).await;
        counted("n_tup_upd", 4).await;
        let read = counted("seq_tup_read", 0).await - before;
        assert!(read < 4000, "{read} rows were read");
    }

    async fn a_connection_that_falls_silent_stops_nobody_for_long(app) {
        if !is_postgres(&app) {
            return;
        }
        let way = Silence::before(&app.database.url, "create_issues").await;
        let by_it = app.beside_by(way.url.clone()).await;
        let input = app.member().draft(json!({})).await;
        let body = json!({"query": CREATE, "variables": {"input": input}});
        let token = app.token(&cast().member);
        let wire = by_it.wire().await;
        way.is_near();
        let first = wire.post(&token, &[("idempotency-key", "lost")], &body).await;
        assert_eq!(first.refusal().1, "TIMEOUT");
        let second = wire.post(&token, &[], &body).await;
        assert_eq!(second.data()["createIssue"]["userErrors"], json!([]));
        // It never arrived, and its key may be used again.
        let again = wire.post(&token, &[("idempotency-key", "lost")], &body).await;
        assert_eq!(again.data()["createIssue"]["userErrors"], json!([]));
    }

    async fn an_officer_who_changes_meanwhile_is_the_one_after(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        let before = serving(enterprise).officer_id;
        let end = format!(
            "UPDATE officer_assignment SET status = 'ENDED', to_on = from_on, \
             end_reason = 'x' WHERE enterprise_id = '{enterprise}' AND status = 'ACTIVE'"
        );
        let created = meanwhile(&app, &end).await;
        assert_eq!(created["userErrors"], json!([]));
        assert_eq!(created["enterpriseIssue"]["officer"], Value::Null, "it was {before}");
        let issue = Issue::of(&created["enterpriseIssue"]);
        assert_eq!((issue.version, issue.state.as_str()), (1, "DRAFT"));
    }

    async fn an_enterprise_that_goes_meanwhile_gets_no_issue(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        let before = app.count("enterprise_issue").await;
        let numbers = number(&app, "SELECT sum(last_number) FROM issue_counter").await;
        let created = meanwhile(
            &app,
            &format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at WHERE id = '{enterprise}'"),
        )
        .await;
        assert_eq!(created["userErrors"][0]["code"], "INVALID_STATE", "{created}");
        assert_eq!(app.count("enterprise_issue").await, before);
        assert_eq!(app.count("idempotency_record").await, 0);
        let now = number(&app, "SELECT sum(last_number) FROM issue_counter").await;
        assert_eq!(now, numbers);
    }

    async fn a_number_that_another_process_draws_meanwhile_is_not_drawn_twice(app) {
        if !is_postgres(&app) {
            return;
        }
        let numbers = "SELECT sum(last_number) FROM issue_counter";
        let before = number(&app, numbers).await;
        let draw = "UPDATE issue_counter SET last_number = last_number + 1 WHERE year = 2021 \
            AND last_number > 1";
        let hold = "SELECT 1 FROM issue_counter FOR NO KEY UPDATE";
        let created = while_held(&app, hold, draw).await;
        assert_eq!(created["userErrors"], json!([]));
        let created = meanwhile(&app, draw).await;
        assert_eq!(created["userErrors"], json!([]));
        assert_eq!(number(&app, numbers).await, before + 4);
    }

    async fn what_it_rests_on_is_sound_and_nobody_elses(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        let own = "SELECT e.district_id FROM enterprise e WHERE e.id = a.enterprise";
        let foreign = "SELECT d.id FROM district d JOIN enterprise e ON e.id = a.enterprise \
            AND d.id <> e.district_id WHERE d.code = '440104'";
        execute(&app, "INSERT INTO issue_counter (id, district_id, year, last_number) \
            SELECT gen_random_uuid(), id, 2021, 7 FROM district WHERE code = '440104'").await;
        // How many of one issue are amiss: where it is none, the records that are missing fail.
        let is_amiss = async |district: &str, category: &str, year: i32, rights: i64| {
            let sql = format!(
                "SELECT count(f.place) FROM (SELECT '{enterprise}'::uuid AS enterprise) a, LATERAL create_issues(({district}), \
                 jsonb_build_array(jsonb_build_object('enterprise_id', a.enterprise, 'category_id', \
                 (SELECT c.id FROM issue_category c WHERE c.district_id = ({category}) LIMIT 1), \
                 'reporter_id', (SELECT u.id FROM user_account u LIMIT 1), 'year', {year}, 'revision', \
                 (SELECT r.revision + {rights} FROM rights_revision r WHERE r.district_id = ({district})), \
                 'lock', 7, 'entry', '{{}}'::jsonb, 'events', '[]'::jsonb))) AS f(place)"
            );
            let statement = sea_orm::Statement::from_string(DbBackend::Postgres, sql);
            match app.database.db.conn().query_all_raw(statement).await {
                Ok(rows) => rows[0].try_get_by_index::<i64>(0).unwrap() == 1,
                Err(error) => {
                    assert!(error.to_string().contains("null value in column \"id\""), "{error}");
                    false
                }
            }
        };
        let is_sound = async || !is_amiss(own, own, 2021, 0).await;
        assert!(is_sound().await);
        assert!(is_amiss(own, own, 2035, 0).await, "no counter");
        assert!(is_amiss(foreign, foreign, 2021, 0).await, "another district's enterprise");
        assert!(is_amiss(own, foreign, 2021, 0).await, "another district's category");
        assert!(is_amiss(own, own, 2021, 1).await, "rights that have changed");
        // All that is another's is there: with an enterprise of its own nothing is amiss.
        let theirs = format!("SELECT count(*) FROM ({foreign}) d(id) JOIN issue_category c \
            ON c.district_id = d.id JOIN rights_revision r ON r.district_id = d.id")
            .replace("a.enterprise", &format!("'{enterprise}'"));
        assert!(number(&app, &theirs).await > 0);
        for held in [
            format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE"),
            "SELECT 1 FROM user_account FOR UPDATE".to_owned(),
            "SELECT pg_advisory_xact_lock(7)".to_owned(),
        ] {
            let by = app.beside().await.database.db.begin().await.unwrap();
            by.execute_unprepared(&held).await.unwrap();
            assert!(!is_sound().await, "{held}");
            by.rollback().await.unwrap();
            assert!(is_sound().await, "{held}");
        }
        for (change, back) in [
            ("UPDATE issue_category SET is_active = false".to_owned(),
             "UPDATE issue_category SET is_active = true".to_owned()),
            (format!("UPDATE enterprise SET status = 'DEACTIVATED', deactivated_at = created_at \
                      WHERE id = '{enterprise}'"),
             format!("UPDATE enterprise SET status = 'ACTIVE', deactivated_at = NULL \
                      WHERE id = '{enterprise}'")),
        ] {
            execute(&app, &change).await;
            assert!(!is_sound().await, "{change}");
            execute(&app, &back).await;
            assert!(is_sound().await, "{back}");
        }
    }

    async fn all_columns_of_a_new_row_are_written(app) {
        if !is_postgres(&app) {
            return;
        }
        // The plain one goes with others, the second does not: their rows differ in what is theirs.
        let plain = app.member().creates(json!({"tags": ["水电", "用工"]})).await;
        let contact = json!({"contact": {"name": "王芳", "mobile": "13800138000"}, "tags": ["水电", "用工"]});
        let other = app.member().creates(contact).await;
        let row = async |table: &str, column: &str, issue: &Issue| {
            let id = decode(Kind::Issue, &issue.id).unwrap();
            let sql = format!("SELECT to_jsonb(r) FROM {table} r WHERE r.{column} = '{id}'");
            let statement = sea_orm::Statement::from_string(DbBackend::Postgres, sql);
            let rows = app.database.db.conn().query_all_raw(statement).await.unwrap();
            let mut row: Value = rows[0].try_get_by_index(0).unwrap();
            for own in ["id", "number", "issue_id", "seq", "aggregate_id", "target_id", "changes", "changed_fields", "request_id", "created_at", "updated_at"] {
                row.as_object_mut().unwrap().remove(own);
            }
            row
        };
        for (table, column) in [
            ("enterprise_issue", "id"),
            ("issue_transition", "issue_id"),
            ("audit_entry", "target_id"),
            ("outbox_event", "aggregate_id"),
        ] {
            assert_eq!(row(table, column, &plain).await, row(table, column, &other).await, "{table}");
        }
    }

    async fn a_number_of_more_digits_is_not_cut(app) {
        execute(&app, "UPDATE issue_counter SET last_number = 999998 WHERE year = 2021").await;
        for end in ["-2021-999999", "-2021-1000000", "-2021-1000001"] {
            let input = app.member().draft(json!({})).await;
            let body = json!({"query": CREATE, "variables": {"input": input}});
            let answer = app.wire().await.post(&app.token(&cast().member), &[], &body).await;
            let created = answer.data()["createIssue"]["enterpriseIssue"].clone();
            assert!(created["number"].as_str().unwrap().ends_with(end), "{created}");
        }
    }

    async fn an_enterprise_that_is_held_holds_up_nobody_else(app) {
        if is_postgres(&app) {
            let enterprise = cast().member.enterprise_id.unwrap();
            let hold = format!("SELECT 1 FROM enterprise WHERE id = '{enterprise}' FOR NO KEY UPDATE");
            the_member_alone_waits(&app, &hold).await;
        }
    }

    async fn whose_keys_change_just_now_holds_up_nobody_else(app) {
        if is_postgres(&app) {
            let member = cast().member.user_id;
            let rename =
                format!("UPDATE user_account SET subject = subject || 'x' WHERE id = '{member}'");
            the_member_alone_waits(&app, &rename).await;
        }
    }

    async fn an_officer_who_goes_before_the_enterprise_is_held_is_not_the_one(app) {
        if !is_postgres(&app) {
            return;
        }
        let enterprise = cast().member.enterprise_id.unwrap();
        let end = format!(
            "UPDATE officer_assignment SET status = 'ENDED', to_on = from_on, \
             end_reason = 'x' WHERE enterprise_id = '{enterprise}' AND status = 'ACTIVE'"
        );
        // The call began before: what it reads is what is committed when it reads.
        let counter = "SELECT 1 FROM issue_counter FOR NO KEY UPDATE";
        let created = while_held(&app, counter, &end).await;
        assert_eq!(created["userErrors"], json!([]));
        assert_eq!(created["enterpriseIssue"]["officer"], Value::Null);
    }

    async fn the_records_are_those_of_any_action(app) {
        let member = app.member();
        let tables = ["enterprise_issue", "issue_transition", "audit_entry", "outbox_event"];
        let mut before = Vec::new();
        for table in tables {
            before.push(app.count(table).await);
        }
        let plain = member.creates(json!({})).await;
        let with_contact = member
            .creates(json!({"contact": {"name": "王芳", "mobile": "13800138000"}}))
            .await;
        for (table, before) in tables.into_iter().zip(before) {
            assert_eq!(app.count(table).await, before + 2, "{table}");
        }
        let rows = async |sql: &str| -> Vec<Value> {
            let backend = app.database.db.backend();
            let sql = sea_orm::Statement::from_string(backend, sql);
            let rows = app.database.db.conn().query_all_raw(sql).await.unwrap();
            rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
        };
        let changes = rows(
            "SELECT changes FROM audit_entry WHERE action = 'createIssue' ORDER BY created_at, id",
        )
        .await;
        let told = rows(
            "SELECT changed_fields FROM outbox_event WHERE event_type LIKE 'issue.%' ORDER BY seq",
        )
        .await;
        let columns = |entry: &Value, at: usize| {
            let after = entry[at]["after"].as_object().unwrap();
            let mut names: Vec<String> = after.keys().cloned().collect();
            names.sort();
            (entry[at]["table"].clone(), names)
        };
        // The plain one may go with others, the other never does: the audit cannot tell, and who is told
        // of it cannot.
        for at in [0, 1] {
            assert_eq!(columns(&changes[0], at), columns(&changes[1], at));
        }
        let [of_plain, of_other] = &told[told.len() - 2..] else { unreachable!() };
        let names = of_other.as_array().unwrap().iter().filter(|name| *name != "contact");
        assert_eq!(of_plain.as_array().unwrap().iter().collect::<Vec<_>>(), names.collect::<Vec<_>>());
        let after = &changes[0][0]["after"];
        let numbered = format!(
            "SELECT count(*) FROM enterprise_issue WHERE number = '{}'",
            after["number"].as_str().unwrap()
        );
        assert_eq!(number(&app, &numbered).await, 1);
        let officer = serving(cast().member.enterprise_id.unwrap()).officer_id;
        assert_eq!(after["officer_id"], officer.to_string());
        assert_eq!((plain.version, with_contact.state.as_str()), (1, "DRAFT"));

        let alone = "UPDATE officer_assignment SET status = 'ENDED', to_on = from_on, \
            end_reason = 'x' WHERE status = 'ACTIVE'";
        execute(&app, alone).await;
        member.creates(json!({})).await;
        let last = rows(
            "SELECT changes FROM audit_entry WHERE action = 'createIssue' ORDER BY created_at, id",
        )
        .await;
        assert_eq!(last.last().unwrap()[0]["after"].get("officer_id"), None);
        let told = rows(
            "SELECT changed_fields FROM outbox_event WHERE event_type LIKE 'issue.%' ORDER BY seq",
        )
        .await;
        let told = told.last().unwrap().as_array().unwrap();
        assert!(told.contains(&json!("number")) && !told.contains(&json!("officer_id")));
    }
}
