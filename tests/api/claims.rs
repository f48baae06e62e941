//! The claim behind a key, where two attempts meet: only one of them can write, and what one did
//! and did not answer is taken over once.

use std::time::Duration;

use entity::department::GovernanceRole;
use entity::idempotency_record::{Column, Entity};
use honglian::domain::department::UpsertDepartmentInput;
use honglian::domain::department::commands::upsert;
use honglian::kernel::clock::{Clock, SystemClock};
use honglian::kernel::error::{Error, Language};
use honglian::store::idempotency::{Claim, Fate, Keyed, Standing, claim};
use honglian::store::work::Work;
use honglian::store::{Actor, Db};
use sea_orm::sea_query::Expr;
use sea_orm::{DbBackend, EntityTrait};
use uuid::Uuid;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};

const HOUR: Duration = Duration::from_hours(1);

fn keyed() -> Keyed {
    let mut users = dataset().rows.users.iter();
    let admin = users.find(|user| user.id == cast().admin.user_id);
    let district = admin.unwrap().district_id;
    Keyed {
        user_id: cast().admin.user_id,
        district_id: district,
        key: "k".to_owned(),
        fingerprint: "0".repeat(64),
        former: Vec::new(),
    }
}

async fn attempt(db: &Db, number: u128, lease: Duration) -> Standing {
    let id = Uuid::from_u128(number);
    let (keyed, now) = (keyed(), SystemClock.now());
    claim(db, &keyed, id, now, lease, None).await.unwrap()
}

fn new(standing: Standing) -> Claim {
    match standing {
        Standing::New(claim) => claim,
        _ => panic!("the key is not free"),
    }
}

/// The administrator under a claim.
async fn actor(app: &TestApp, claim: &Claim) -> Actor {
    let token = app.token(&cast().admin);
    let session = app
        .app
        .session(Some(&token), "test".to_owned(), Language::English)
        .await;
    let actor = session.unwrap().actor().unwrap();
    Actor {
        claim: Some(claim.clone()),
        ..actor
    }
}

fn office(code: &str) -> UpsertDepartmentInput {
    UpsertDepartmentInput {
        id: None,
        expected_version: None,
        code: code.to_owned(),
        name: code.to_owned(),
        governance_role: GovernanceRole::Participating,
        is_active: true,
    }
}

async fn write(app: &TestApp, claim: &Claim, code: &str) -> Result<Uuid, Error> {
    upsert(app.app.deps.clone(), actor(app, claim).await, office(code)).await
}

on_both! {
    async fn a_key_is_held_by_one_attempt_and_free_without_an_effect(app) {
        let db = &app.database.db;
        let first = new(attempt(db, 1, HOUR).await);
        assert!(matches!(attempt(db, 2, HOUR).await, Standing::Running));
        let other = Keyed { fingerprint: "1".repeat(64), ..keyed() };
        let other = claim(db, &other, Uuid::from_u128(3), SystemClock.now(), HOUR, None).await;
        assert!(matches!(other.unwrap(), Standing::Reused));
        assert!(!first.has_effect());
        drop(first);
        new(attempt(db, 2, HOUR).await);
        assert_eq!(app.count("idempotency_record").await, 0);
    }

    async fn of_two_processes_one_writes(app) {
        let other = app.beside().await;
        let early = new(attempt(&app.database.db, 1, HOUR).await);
        let late = new(attempt(&other.database.db, 2, HOUR).await);
        let before = app.count("department").await;
        write(&app, &early, "EARLY").await.unwrap();
        assert!(early.has_effect());
        assert!(matches!(write(&other, &late, "LATE").await, Err(Error::Unavailable(_))));
        assert_eq!((late.fate(), late.has_effect()), (Fate::Late, false));
        // One claim is one effect.
        assert!(matches!(write(&app, &early, "TWICE").await, Err(Error::Unavailable(_))));
        assert_eq!(app.count("department").await, before + 1);
        assert_eq!((app.count("audit_entry").await, app.count("outbox_event").await), (1, 1));
        assert_eq!(app.count("idempotency_record").await, 1);
    }

    async fn a_key_in_a_transaction_keeps_other_processes_out(app) {
        if app.database.db.backend() != DbBackend::Postgres {
            return;
        }
        let other = app.beside().await;
        let early = new(attempt(&app.database.db, 1, HOUR).await);
        let late = new(attempt(&other.database.db, 2, HOUR).await);
        let deps = app.app.deps.clone();
        let work = Work::begin(&deps, &actor(&app, &early).await, "test").await.unwrap();
        assert!(write(&other, &late, "LATE").await.is_err());
        assert_eq!(late.fate(), Fate::Busy);
        drop(work);
        // It is given up in the background; then the key is free.
        for _ in 0..100 {
            if write(&other, &late, "LATE").await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the key is held for good");
    }

    async fn what_was_not_answered_is_taken_over_once(app) {
        let db = &app.database.db;
        let first = new(attempt(db, 1, Duration::ZERO).await);
        let target = write(&app, &first, "NEW").await.unwrap();
        drop(first);
        let second = match attempt(db, 2, HOUR).await {
            Standing::Done(claim, told) => {
                assert_eq!(told, target);
                claim
            }
            _ => panic!("the commit is forgotten"),
        };
        assert!(second.has_effect());
        let other = app.beside().await;
        assert!(matches!(attempt(&other.database.db, 3, HOUR).await, Standing::Running));
        second.keep(db, "told").await.unwrap();
        match attempt(&other.database.db, 3, HOUR).await {
            Standing::Answered(answer) => assert_eq!(answer, "told"),
            _ => panic!("the answer is forgotten"),
        }
    }

    async fn an_answer_comes_from_who_has_the_record(app) {
        let db = &app.database.db;
        let first = new(attempt(db, 1, HOUR).await);
        write(&app, &first, "NEW").await.unwrap();
        Entity::update_many()
            .col_expr(Column::Claim, Expr::value(Uuid::from_u128(9)))
            .exec(db.conn()).await.unwrap();
        first.keep(db, "late").await.unwrap();
        first.release(db, SystemClock.now()).await.unwrap();
        let known = Entity::find().one(db.conn()).await.unwrap().unwrap();
        assert_eq!(known.answer, None);
        assert!(known.claimed_until > SystemClock.now());
    }
}
