//! A database per test, holding the Liwan data: copied from a template made once per process.

use honglian::access::vault::{Vault, VaultKey};
use honglian::demo::{self, Cast, Dataset, Options, Profile};
use honglian::files::Files;
use honglian::store::Db;
use honglian::store::connect::{migrate, open};
use sea_orm::{ConnectionTrait, Database};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, OnceCell};

use super::postgres;

/// A database, and the folder that it may live in.
pub struct TestDatabase {
    pub db: Db,
    pub url: String,
    /// Its attachments, in memory.
    pub files: Files,
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// One that a test has made itself.
    pub fn of(db: Db, url: String) -> Self {
        Self {
            db,
            url,
            files: Files::in_memory(),
            _folder: None,
        }
    }

    /// The same database by connections of its own.
    pub async fn beside(&self) -> Self {
        self.beside_by(self.url.clone()).await
    }

    /// The same by another address.
    pub async fn beside_by(&self, url: String) -> Self {
        Self {
            db: open(&url, 4).await.unwrap(),
            url,
            files: self.files.clone(),
            _folder: None,
        }
    }
}

/// The Liwan data, built once per process.
pub fn dataset() -> &'static Dataset {
    static DATASET: OnceLock<Dataset> = OnceLock::new();
    DATASET.get_or_init(|| {
        let options = Options {
            profile: Profile::Demo,
            as_of: demo::article_instant(),
            issuer: "honglian".to_owned(),
        };
        demo::build(&options).unwrap()
    })
}

pub fn cast() -> &'static Cast {
    &dataset().cast
}

/// The key that the tests' contacts are sealed by.
pub fn vault_key(id: &str, byte: u8) -> VaultKey {
    VaultKey::of_secret(id.to_owned(), &[byte; 64]).unwrap()
}

/// The vault of the tests.
pub fn vault() -> Arc<Vault> {
    Arc::new(Vault::new(vec![vault_key("test-1", 1)]))
}

async fn fill(db: &Db) {
    migrate(db).await.unwrap();
    let tx = db.begin().await.unwrap();
    demo::load(&tx, dataset().clone(), &vault(), &mut |_, _, _| {})
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub async fn sqlite() -> TestDatabase {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        let db = open(&format!("sqlite://{}?mode=rwc", path.display()), 1)
            .await
            .unwrap();
        fill(&db).await;
        db.conn()
            .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
            .await
            .unwrap();
        db.conn().clone().close().await.unwrap();
        std::fs::read(&path).unwrap()
    });
    let template = template.await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("honglian.db");
    std::fs::write(&path, template).unwrap();
    let url = format!("sqlite://{}", path.display());
    let db = open(&url, 4).await.unwrap();
    TestDatabase {
        db,
        url,
        files: Files::in_memory(),
        _folder: Some(folder),
    }
}

pub async fn postgres() -> Option<TestDatabase> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    static COPY: Mutex<()> = Mutex::const_new(());
    let server = tokio::task::spawn_blocking(postgres::server)
        .await
        .unwrap()?;
    let template = TEMPLATE.get_or_init(|| async {
        // The process id keeps runs apart on a server that outlives them.
        let name = format!("honglian_template_{}", std::process::id());
        let admin = Database::connect(format!("{server}/postgres"))
            .await
            .unwrap();
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        let db = open(&format!("{server}/{name}"), 2).await.unwrap();
        fill(&db).await;
        // A template with an open connection cannot be copied.
        db.conn().clone().close().await.unwrap();
        admin.close().await.unwrap();
        name
    });
    let template = template.await;
    let name = format!("honglian_{}", uuid::Uuid::from_u128(rand()).simple());
    let admin = Database::connect(format!("{server}/postgres"))
        .await
        .unwrap();
    {
        let _one_at_a_time = COPY.lock().await;
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY = FILE_COPY");
        admin.execute_unprepared(&copy).await.unwrap();
    }
    admin.close().await.unwrap();
    let url = format!("{server}/{name}");
    let db = open(&url, 4).await.unwrap();
    Some(TestDatabase {
        db,
        url,
        files: Files::in_memory(),
        _folder: None,
    })
}

/// The address of an empty database; none where there is no PostgreSQL.
pub async fn empty_postgres() -> Option<String> {
    let server = tokio::task::spawn_blocking(postgres::server)
        .await
        .unwrap()?;
    let name = format!("honglian_{}", uuid::Uuid::from_u128(rand()).simple());
    let admin = Database::connect(format!("{server}/postgres"))
        .await
        .unwrap();
    let create = format!("CREATE DATABASE {name}");
    admin.execute_unprepared(&create).await.unwrap();
    admin.close().await.unwrap();
    Some(format!("{server}/{name}"))
}

/// A number that no other test of this or another run has.
fn rand() -> u128 {
    use honglian::kernel::id::{Ids, RandomIds};
    RandomIds.next().as_u128()
}
