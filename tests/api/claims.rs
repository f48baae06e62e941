//! The claim behind a key, where two attempts meet: only one of them can write, and what one did
//! and did not answer is taken over once.

use std::sync::Arc;
use std::time::Duration;

use entity::department::GovernanceRole;
use entity::idempotency_record::{Column, Entity};
use honglian::access::viewer::Rights;
use honglian::domain::department::UpsertDepartmentInput;
use honglian::domain::department::commands::upsert;
use honglian::kernel::clock::{Clock, SystemClock};
use honglian::kernel::error::{Error, Language};
use honglian::store::idempotency::{Claim, Fate, Keyed, Standing, hold};
use honglian::store::work::Work;
use honglian::store::{Actor, Db};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryOrder, Statement};
use uuid::Uuid;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::database::{cast, dataset};

const HOUR: Duration = Duration::from_hours(1);

fn keyed() -> Arc<Keyed> {
    let mut users = dataset().rows.users.iter();
    let admin = users.find(|user| user.id == cast().admin.user_id);
    let district = admin.unwrap().district_id;
    Arc::new(Keyed {
        user_id: cast().admin.user_id,
        district_id: district,
        key: "k".to_owned(),
        fingerprint: "0".repeat(64),
        former: Vec::new(),
    })
}

/// An attempt that takes the key for a new one.
fn holding(db: &Db, number: u128, lease: Duration) -> Result<Claim, Standing> {
    let id = Uuid::from_u128(number);
    hold(db, &keyed(), id, SystemClock.now(), lease, None)
}

fn held(db: &Db, number: u128, lease: Duration) -> Claim {
    holding(db, number, lease).unwrap_or_else(|_| panic!("the key is not free"))
}

/// An attempt that asks what the key stands for.
async fn attempt(db: &Db, number: u128, lease: Duration) -> Standing {
    match holding(db, number, lease) {
        Ok(claim) => claim.find(db).await.unwrap(),
        Err(standing) => standing,
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
        let first = held(db, 1, HOUR);
        assert!(matches!(holding(db, 2, HOUR), Err(Standing::Running)));
        let other = Keyed {
            user_id: keyed().user_id,
            district_id: keyed().district_id,
            key: keyed().key.clone(),
            fingerprint: "1".repeat(64),
            former: Vec::new(),
        };
        let other = hold(db, &Arc::new(other), Uuid::from_u128(3), SystemClock.now(), HOUR, None);
        assert!(matches!(other, Err(Standing::Reused)));
        assert_eq!(first.fate(), Fate::Open);
        assert!(!first.is_known(db).await.unwrap() && !first.may_be_known());
        drop(first);
        assert!(matches!(attempt(db, 2, HOUR).await, Standing::New(_)));
        assert_eq!(app.count("idempotency_record").await, 0);
    }

    async fn of_two_processes_one_writes(app) {
        let other = app.beside().await;
        let early = held(&app.database.db, 1, HOUR);
        let late = held(&other.database.db, 2, HOUR);
        let before = app.count("department").await;
        write(&app, &early, "EARLY").await.unwrap();
        assert_eq!(early.fate(), Fate::Effect);
        assert!(matches!(write(&other, &late, "LATE").await, Err(Error::Unavailable(_))));
        assert_eq!(late.fate(), Fate::Late);
        // From now on both processes ask for the key first.
        assert!(early.may_be_known() && late.may_be_known());
        assert!(late.is_known(&other.database.db).await.unwrap());
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
        let early = held(&app.database.db, 1, HOUR);
        let late = held(&other.database.db, 2, HOUR);
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
        let first = held(db, 1, Duration::ZERO);
        let target = write(&app, &first, "NEW").await.unwrap();
        drop(first);
        let second = match attempt(db, 2, HOUR).await {
            Standing::Done(claim, told) => {
                assert_eq!(told, target);
                claim
            }
            _ => panic!("the commit is forgotten"),
        };
        assert_eq!(second.fate(), Fate::Effect);
        let other = app.beside().await;
        assert!(matches!(attempt(&other.database.db, 3, HOUR).await, Standing::Running));
        second.keep(db, "told".to_owned());
        // At once in this process, though the claim is still held, and soon in others.
        assert!(matches!(holding(db, 4, HOUR), Err(Standing::Answered(answer)) if answer == "told"));
        match attempt(&other.database.db, 3, HOUR).await {
            Standing::Answered(answer) => assert_eq!(answer, "told"),
            _ => panic!("the answer is forgotten"),
        }
    }

    async fn an_answer_comes_from_who_has_the_record(app) {
        let db = &app.database.db;
        let first = held(db, 1, HOUR);
        write(&app, &first, "NEW").await.unwrap();
        Entity::update_many()
            .col_expr(Column::Claim, Expr::value(Uuid::from_u128(9)))
            .exec(db.conn()).await.unwrap();
        first.keep(db, "late".to_owned());
        db.answers_written().await;
        first.release(db, SystemClock.now()).await.unwrap();
        let known = Entity::find().one(db.conn()).await.unwrap().unwrap();
        assert_eq!(known.answer, None);
        assert!(known.claimed_until > SystemClock.now());
    }

    async fn rights_that_are_gone_write_nothing(app) {
        let db = &app.database.db;
        let sql = "SELECT r.revision FROM rights_revision r JOIN user_account u \
            ON u.district_id = r.district_id WHERE u.id = $1";
        let values = [cast().admin.user_id.into()];
        let row = db.conn().query_one_raw(Statement::from_sql_and_values(db.backend(), sql, values));
        let revision: i64 = row.await.unwrap().unwrap().try_get_by_index(0).unwrap();
        let before = app.count("department").await;
        let by = |number, revision| {
            let rights = Arc::new(Rights::of(revision));
            let id = Uuid::from_u128(number);
            let claim = hold(db, &keyed(), id, SystemClock.now(), HOUR, Some(Arc::clone(&rights)));
            (claim.unwrap_or_else(|_| panic!("the key is not free")), rights)
        };
        let (gone, rights) = by(1, revision - 1);
        assert!(matches!(write(&app, &gone, "GONE").await, Err(Error::Unavailable(_))));
        assert_eq!((gone.fate(), rights.are_untold()), (Fate::Late, true));
        assert_eq!((app.count("department").await, app.count("audit_entry").await), (before, 0));
        assert!(!gone.is_known(db).await.unwrap());
        assert!(rights.have_changed());
        drop(gone);
        let (good, rights) = by(2, revision);
        write(&app, &good, "GOOD").await.unwrap();
        assert_eq!(good.fate(), Fate::Effect);
        assert!(!rights.are_untold() && !rights.have_changed());
        assert_eq!(app.count("department").await, before + 1);
    }

    async fn answers_are_written_together(app) {
        let db = &app.database.db;
        let (keyed, now) = (keyed(), SystemClock.now());
        let claims: Vec<Claim> = (0..40).map(|number| {
            let keyed = Arc::new(Keyed {
                user_id: keyed.user_id,
                district_id: keyed.district_id,
                key: format!("k-{number}"),
                fingerprint: "0".repeat(64),
                former: Vec::new(),
            });
            let claim = hold(db, &keyed, Uuid::from_u128(number), now, HOUR, None);
            claim.unwrap_or_else(|_| panic!("the key is not free"))
        }).collect();
        let mut told = Vec::new();
        for (number, claim) in claims.iter().enumerate() {
            write(&app, claim, &format!("D{number}")).await.unwrap();
            told.push(format!("\"{number}\\u0000\\n说\""));
        }
        let between = db.tally().statements();
        for (claim, body) in claims.iter().zip(&told) {
            claim.keep(db, body.clone());
        }
        db.answers_written().await;
        let rows = Entity::find().order_by_asc(Column::Claim).all(db.conn()).await.unwrap();
        let kept: Vec<String> = rows.into_iter().filter_map(|row| row.answer).collect();
        assert_eq!(kept, told);
        if db.backend() == DbBackend::Postgres {
            // One for them, one for the rows.
            assert_eq!(db.tally().statements(), between + 2);
        }
    }
}
