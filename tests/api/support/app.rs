//! The server without its sockets, and actors that speak to it with real tokens.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use honglian::access::keys::{Jwks, KeyAlgorithm, PrivateKey};
use honglian::access::token::{ClaimedRole, Issuer, NewToken, Perm, Signer, Verifier};
use honglian::access::vault::Vault;
use honglian::app::App;
use honglian::config::Config;
use honglian::demo::{self, Actor};
use honglian::kernel::clock::{Clock, FixedClock, SystemClock};
use honglian::kernel::error::Language;
use honglian::kernel::id::{Kind, RandomIds, encode};
use honglian::store::Deps;
use serde_json::{Value, json};

use super::database::{self, TestDatabase};

pub struct TestApp {
    pub app: Arc<App>,
    keys: Jwks,
    #[allow(dead_code, reason = "concepts with clocks turn it")]
    pub clock: Arc<FixedClock>,
    pub signer: Signer,
    pub database: TestDatabase,
    key: Arc<PrivateKey>,
    /// Audit entries and events that the test has looked at.
    pub(super) looked_at: std::sync::Mutex<[usize; 2]>,
}

/// Someone with a token.
pub struct Person<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

fn verifier(keys: Jwks) -> Verifier {
    Verifier::new(vec![Issuer {
        issuer: "honglian".to_owned(),
        audience: "honglian-api".to_owned(),
        keys,
        allow_rs256: false,
        require_typ: true,
    }])
    .unwrap()
}

impl TestApp {
    pub async fn sqlite() -> Self {
        Self::on(database::sqlite().await)
    }

    pub async fn postgres() -> Option<Self> {
        Some(Self::on(database::postgres().await?))
    }

    /// On a database that is there already.
    pub fn on(database: TestDatabase) -> Self {
        let mut config = Config::default();
        // What a test spends is no business of the next.
        config.graphql.budget = 1_000_000_000;
        config.graphql.budget_per_second = 1_000_000;
        // The access matrix asks for everything at once; tests of the limit set their own.
        config.graphql.cost_limit = 1_000_000;
        let key = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
        Self::with_key(database, Arc::new(key), &config)
    }

    fn with_key(database: TestDatabase, key: Arc<PrivateKey>, config: &Config) -> Self {
        Self::with_vault(database, key, config, database::vault())
    }

    fn with_vault(
        database: TestDatabase,
        key: Arc<PrivateKey>,
        config: &Config,
        vault: Arc<Vault>,
    ) -> Self {
        let keys = Jwks {
            keys: vec![key.public().clone()],
        };
        let clock = Arc::new(FixedClock::new(demo::article_instant()));
        let deps = Deps {
            db: database.db.clone(),
            clock: clock.clone(),
            ids: Arc::new(RandomIds),
            vault,
            files: database.files.clone(),
        };
        Self {
            app: Arc::new(App::new(config, deps, verifier(keys.clone()))),
            keys,
            clock,
            signer: Signer::new(&key, "honglian".to_owned(), "honglian-api".to_owned()),
            database,
            key,
            looked_at: std::sync::Mutex::default(),
        }
    }

    /// Another server of the same database by connections of its own; the tokens are the same.
    pub async fn beside(&self) -> Self {
        let key = Arc::clone(&self.key);
        Self::with_key(self.database.beside().await, key, &Config::default())
    }

    /// The same by another address of the database.
    pub async fn beside_by(&self, url: String) -> Self {
        let key = Arc::clone(&self.key);
        Self::with_key(self.database.beside_by(url).await, key, &Config::default())
    }

    /// The same with attachments elsewhere.
    pub async fn storing_in(&self, files: honglian::files::Files) -> Self {
        let mut config = Config::default();
        config.graphql.budget = 1_000_000_000;
        let mut database = self.database.beside().await;
        database.files = files;
        Self::with_key(database, Arc::clone(&self.key), &config)
    }

    /// The same with other keys.
    pub async fn sealing_by(&self, vault: Vault) -> Self {
        let mut config = Config::default();
        config.graphql.budget = 1_000_000_000;
        let (database, key) = (self.database.beside().await, Arc::clone(&self.key));
        Self::with_vault(database, key, &config, Arc::new(vault))
    }

    /// Another server on the same database, with a configuration and a clock of its own.
    pub fn another(&self, config: &Config, clock: Arc<dyn Clock>) -> App {
        let deps = Deps {
            db: self.database.db.clone(),
            clock,
            ids: Arc::new(RandomIds),
            vault: database::vault(),
            files: self.database.files.clone(),
        };
        App::new(config, deps, verifier(self.keys.clone()))
    }

    pub fn token(&self, actor: &Actor) -> String {
        self.token_with(actor, |_| {})
    }

    pub fn token_with(&self, actor: &Actor, change: impl FnOnce(&mut NewToken)) -> String {
        let mut token = Self::new_token(actor);
        change(&mut token);
        self.signer.sign(&token, SystemClock.now()).unwrap()
    }

    pub fn new_token(actor: &Actor) -> NewToken {
        use entity::user_account::UserRole;
        let mut token = NewToken {
            sub: actor.subject.clone(),
            client_id: "tests".to_owned(),
            jti: format!("jti-{}", actor.subject),
            lifetime: TimeDelta::minutes(30),
            role: Some(match actor.role {
                UserRole::District => ClaimedRole::District,
                UserRole::Lead => ClaimedRole::Lead,
                UserRole::Member => ClaimedRole::Member,
            }),
            district: Some(actor.district_code.clone()),
            ent: actor.enterprise_id.map(|id| encode(Kind::Enterprise, id)),
            off: actor.officer_id.map(|id| encode(Kind::Officer, id)),
            perms: Vec::new(),
            scope: None,
        };
        token.perms.extend(actor.is_admin.then_some(Perm::Admin));
        token
            .perms
            .extend(actor.is_auditor.then_some(Perm::Auditor));
        token
    }

    pub fn person(&self, actor: &Actor) -> Person<'_> {
        Person {
            app: self,
            token: Some(self.token(actor)),
        }
    }

    pub fn bearer(&self, token: String) -> Person<'_> {
        Person {
            app: self,
            token: Some(token),
        }
    }

    pub fn anonymous(&self) -> Person<'_> {
        Person {
            app: self,
            token: None,
        }
    }

    pub fn operator(&self) -> Person<'_> {
        self.person(&database::cast().operator)
    }

    pub fn admin(&self) -> Person<'_> {
        self.person(&database::cast().admin)
    }

    pub fn auditor(&self) -> Person<'_> {
        self.person(&database::cast().auditor)
    }

    pub fn officer(&self) -> Person<'_> {
        self.person(&database::cast().officer)
    }

    pub fn lead(&self) -> Person<'_> {
        self.person(&database::cast().lead)
    }

    pub fn member(&self) -> Person<'_> {
        self.person(&database::cast().member)
    }

    pub fn outsider(&self) -> Person<'_> {
        self.person(&database::cast().outsider)
    }

    pub fn other_district(&self) -> Person<'_> {
        self.person(&database::cast().other_district_operator)
    }

    #[allow(dead_code, reason = "concepts with clocks read it")]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Rows of a table.
    pub async fn count(&self, table: &str) -> i64 {
        use sea_orm::ConnectionTrait;
        let db = &self.database.db;
        let sql = format!("SELECT count(*) FROM {table}");
        let statement = sea_orm::Statement::from_string(db.backend(), sql);
        let row = db.conn().query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

impl Person<'_> {
    /// The whole answer.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let token = self.token.as_deref();
        let session = self
            .app
            .app
            .session(token, "test".to_owned(), Language::English)
            .await;
        let session = match session {
            Ok(session) => session,
            Err(error) => return json!({"errors": [{"extensions": {"code": error.code()}}]}),
        };
        let variables = async_graphql::Variables::from_json(variables);
        let request = async_graphql::Request::new(query).variables(variables);
        serde_json::to_value(self.app.app.answer(session, request).await).unwrap()
    }

    /// The data of a query that must not fail.
    pub async fn read(&self, query: &str) -> Value {
        self.read_with(query, json!({})).await
    }

    pub async fn read_with(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer:#}");
        answer["data"].clone()
    }

    /// The code of the first top-level error of a query that must fail.
    pub async fn refused(&self, query: &str, variables: Value) -> String {
        let answer = self.ask(query, variables).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("not refused: {answer:#}"))
            .to_owned()
    }

    /// The payload of a mutation with one input. `selection` is of the payload.
    pub async fn mutate(&self, name: &str, selection: &str, input: Value) -> Value {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} \
             userErrors {{ code field message params {{ name value }} }} }} }}"
        );
        self.read_with(&query, json!({"input": input})).await[name].clone()
    }

    /// The codes and paths of a mutation's user errors, such as `INVALID input.uscc`.
    pub async fn faults(&self, name: &str, input: Value) -> Vec<String> {
        let payload = self.mutate(name, "", input).await;
        let errors = payload["userErrors"].as_array().unwrap().iter();
        errors.map(fault).collect()
    }
}

fn fault(error: &Value) -> String {
    let path = error["field"].as_array().cloned().unwrap_or_default();
    let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
    format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
        .trim()
        .to_owned()
}
