//! The claim behind a key, where two attempts meet: what lapses is taken over, and only one of
//! the two can write.

use std::time::Duration;

use entity::department::GovernanceRole;
use entity::idempotency_record::{Column, Entity, Model};
use honglian::domain::department::UpsertDepartmentInput;
use honglian::domain::department::commands::upsert;
use honglian::kernel::clock::{Clock, SystemClock};
use honglian::kernel::error::{Error, Language};
use honglian::store::idempotency::{Claim, Keyed, Standing, claim, replace};
use honglian::store::{Actor, Db};
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::cast;

const HOUR: Duration = Duration::from_hours(1);

async fn attempt(db: &Db, number: u128, lease: Duration) -> Standing {
    let keyed = Keyed {
        user_id: cast().admin.user_id,
        key: "k".to_owned(),
        fingerprint: "0".repeat(64),
        former: Vec::new(),
    };
    let id = Uuid::from_u128(number);
    claim(db, &keyed, id, SystemClock.now(), lease)
        .await
        .unwrap()
}

fn new(standing: Standing) -> Claim {
    match standing {
        Standing::New(claim) => claim,
        _ => panic!("the key is not free"),
    }
}

/// The administrator under a claim.
async fn actor(app: &TestApp, claim: Claim) -> Actor {
    let token = app.token(&cast().admin);
    let session = app
        .app
        .session(Some(&token), "test".to_owned(), Language::English)
        .await;
    let actor = session.unwrap().actor().unwrap();
    Actor {
        claim: Some(claim),
        ..actor
    }
}

fn office() -> UpsertDepartmentInput {
    UpsertDepartmentInput {
        id: None,
        expected_version: None,
        code: "NEW".to_owned(),
        name: "新部门".to_owned(),
        governance_role: GovernanceRole::Participating,
        is_active: true,
    }
}

on_both! {
    async fn an_attempt_that_lost_its_claim_writes_nothing(app) {
        let db = &app.database.db;
        let deps = || app.app.deps.clone();
        let lost = new(attempt(db, 1, Duration::ZERO).await);
        let held = new(attempt(db, 2, HOUR).await);
        assert!(matches!(attempt(db, 3, HOUR).await, Standing::Running));
        let before = app.count("department").await;
        let late = upsert(deps(), actor(&app, lost.clone()).await, office()).await;
        assert!(matches!(late, Err(Error::Timeout)));
        assert_eq!((app.count("department").await, app.count("audit_entry").await), (before, 0));
        upsert(deps(), actor(&app, held.clone()).await, office()).await.unwrap();
        assert_eq!(app.count("department").await, before + 1);
        // One claim is one effect, and a lost one frees nothing.
        let twice = UpsertDepartmentInput { code: "OTHER".to_owned(), ..office() };
        let twice = upsert(deps(), actor(&app, held).await, twice).await;
        assert!(matches!(twice, Err(Error::Timeout)));
        lost.release(db, SystemClock.now()).await.unwrap();
        lost.keep(db, SystemClock.now(), "lost").await.unwrap();
        assert!(matches!(attempt(db, 3, HOUR).await, Standing::Running));
        assert_eq!((app.count("department").await, app.count("audit_entry").await), (before + 1, 1));
    }

    async fn who_takes_over_does_not_forget_a_commit(app) {
        let db = app.database.db.clone();
        new(attempt(&db, 1, Duration::ZERO).await);
        // The first attempt is late, and about to commit.
        let (tx, target) = (db.begin().await.unwrap(), Uuid::from_u128(9));
        Entity::update_many()
            .col_expr(Column::TargetKind, Expr::value("department"))
            .col_expr(Column::TargetId, Expr::value(target))
            .exec(&tx).await.unwrap();
        let second = tokio::spawn({
            let db = db.clone();
            async move { attempt(&db, 2, HOUR).await }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!second.is_finished(), "it waits for the first");
        tx.commit().await.unwrap();
        match second.await.unwrap() {
            Standing::Done(_, told) => assert_eq!(told, target),
            _ => panic!("the commit is forgotten"),
        }
    }

    async fn what_was_read_before_a_commit_takes_nothing_over(app) {
        let db = &app.database.db;
        new(attempt(db, 1, Duration::ZERO).await);
        let read = || async { Entity::find().one(db.conn()).await.unwrap().unwrap() };
        let before = read().await;
        let next = Model { claim: Uuid::from_u128(2), ..before.clone() };
        Entity::update_many()
            .col_expr(Column::TargetKind, Expr::value("department"))
            .col_expr(Column::TargetId, Expr::value(Uuid::from_u128(9)))
            .exec(db.conn()).await.unwrap();
        let after = read().await;
        assert!(!replace(db, &before, next.clone()).await.unwrap());
        assert_eq!(read().await, after);
        // As it stands, it is taken over once.
        assert!(replace(db, &after, Model { claim: next.claim, ..after.clone() }).await.unwrap());
        assert!(!replace(db, &after, next).await.unwrap());
    }
}
