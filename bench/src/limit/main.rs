//! The limit: for each operation one prepared statement, its rows written as JSON by serde, and
//! nothing else. No GraphQL, no token, no rights, no audit.

mod rows;
mod statements;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use chrono::Utc;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use rows::{Counted, Created, Enterprise, Issue, Page, Place};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// About four times the cores.
const CONNECTIONS: usize = 8;

/// A connection with its statements.
struct Prepared {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

struct Limit {
    /// The connections that nobody uses, and a permit for each of them.
    idle: Mutex<Vec<Prepared>>,
    permits: Semaphore,
    number: AtomicU64,
    district: Uuid,
    category: Uuid,
}

type Answer<T> = Result<Json<T>, StatusCode>;
type Served = State<Arc<Limit>>;

impl Limit {
    async fn rows(
        &self,
        statement: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StatusCode> {
        let failed = StatusCode::INTERNAL_SERVER_ERROR;
        let _permit = self.permits.acquire().await.map_err(|_closed| failed)?;
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let prepared = idle().pop().ok_or(failed)?;
        let rows = match prepared.statements.get(statement) {
            Some(statement) => prepared.client.query(statement, values).await,
            None => return Err(failed),
        };
        idle().push(prepared);
        rows.map_err(|error| {
            eprintln!("{error:?}");
            failed
        })
    }
}

#[derive(Deserialize)]
struct One {
    id: Uuid,
}

#[derive(Deserialize)]
struct OfState {
    state: String,
}

#[derive(Deserialize)]
struct AfterName {
    name: String,
    id: Uuid,
}

#[derive(Deserialize)]
struct New {
    enterprise: Uuid,
    title: String,
    body: String,
}

async fn one(State(limit): Served, Json(asked): Json<One>) -> Answer<Option<Issue>> {
    let rows = limit.rows(statements::ONE, &[&asked.id]).await?;
    Ok(Json(rows.first().map(Issue::whole)))
}

async fn newest(State(limit): Served, Json(asked): Json<OfState>) -> Answer<Page<Issue>> {
    let values: [&(dyn ToSql + Sync); 2] = [&limit.district, &asked.state];
    let rows = limit.rows(statements::NEWEST, &values).await?;
    Ok(Json(Page::of(&rows)))
}

async fn tree(State(limit): Served, Json(asked): Json<AfterName>) -> Answer<Page<Enterprise>> {
    let values: [&(dyn ToSql + Sync); 3] = [&limit.district, &asked.name, &asked.id];
    let rows = limit.rows(statements::TREE, &values).await?;
    Ok(Json(Page {
        nodes: rows::tree(&rows),
        page_info: None,
    }))
}

async fn counts(State(limit): Served) -> Answer<Vec<Counted>> {
    let rows = limit.rows(statements::COUNTS, &[&limit.district]).await?;
    Ok(Json(rows.iter().map(Counted::of).collect()))
}

async fn deep(State(limit): Served, Json(asked): Json<Place>) -> Answer<Page<Issue>> {
    let values: [&(dyn ToSql + Sync); 3] = [&limit.district, &asked.created_at, &asked.id];
    let rows = limit.rows(statements::DEEP, &values).await?;
    Ok(Json(Page::of(&rows)))
}

async fn create(State(limit): Served, Json(asked): Json<New>) -> Answer<Option<Created>> {
    let (id, now) = (Uuid::now_v7(), Utc::now());
    let number = limit.number.fetch_add(1, Ordering::Relaxed);
    let number = format!("LIMIT-{number}");
    let values: [&(dyn ToSql + Sync); 8] = [
        &id,
        &limit.district,
        &number,
        &asked.enterprise,
        &limit.category,
        &asked.title,
        &asked.body,
        &now,
    ];
    let rows = limit.rows(statements::CREATE, &values).await?;
    Ok(Json(rows.first().map(Created::of)))
}

async fn prepare(url: &str) -> anyhow::Result<Prepared> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let mut known = HashMap::new();
    for statement in statements::ALL {
        known.insert(statement, client.prepare(statement).await?);
    }
    Ok(Prepared {
        client,
        statements: known,
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |name: &'static str| arguments.next().context(name);
    let (listen, url) = (argument("ADDRESS")?, argument("DATABASE_URL")?);
    let (district, category) = (argument("DISTRICT")?, argument("CATEGORY")?);
    let mut prepared = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        prepared.push(prepare(&url).await?);
    }
    let limit = Limit {
        idle: Mutex::new(prepared),
        permits: Semaphore::new(CONNECTIONS),
        // No number comes twice on a database.
        number: AtomicU64::new(Utc::now().timestamp_micros().unsigned_abs()),
        district: district.parse()?,
        category: category.parse()?,
    };
    let routes = Router::new()
        .route("/one", post(one))
        .route("/newest", post(newest))
        .route("/tree", post(tree))
        .route("/counts", post(counts))
        .route("/deep", post(deep))
        .route("/create", post(create))
        .with_state(Arc::new(limit));
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    axum::serve(listener, routes).await?;
    Ok(())
}
