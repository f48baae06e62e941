//! A way to PostgreSQL on which one connection falls silent: what is sent there arrives nowhere, and
//! nothing tells so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Silence {
    is_near: Arc<AtomicBool>,
    /// The address of the database by this way.
    pub url: String,
}

impl Silence {
    /// A way to the database of this address, that falls silent at a statement which holds this.
    pub async fn before(url: &str, statement: &'static str) -> Self {
        let (_, rest) = url
            .rsplit_once('@')
            .unwrap_or(("", &url["postgres://".len()..]));
        let (to, _) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let by = listener.local_addr().unwrap();
        let is_near = Arc::new(AtomicBool::new(false));
        let way = Self {
            is_near: Arc::clone(&is_near),
            url: url.replace(to, &by.to_string()),
        };
        let to = to.to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let database = TcpStream::connect(&to).await.unwrap();
                tokio::spawn(carry(client, database, statement, Arc::clone(&is_near)));
            }
        });
        way
    }

    /// The next of these statements is the last that is heard of its connection.
    pub fn is_near(&self) {
        self.is_near.store(true, Ordering::Relaxed);
    }
}

async fn carry(
    client: TcpStream,
    database: TcpStream,
    statement: &'static str,
    is_near: Arc<AtomicBool>,
) {
    let (mut asks, mut hears) = client.into_split();
    let (mut answers, mut asked) = database.into_split();
    let answering = tokio::spawn(async move { tokio::io::copy(&mut answers, &mut hears).await });
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = asks.read(&mut piece).await {
        let piece = &piece[..length];
        let is_it = piece
            .windows(statement.len())
            .any(|part| part == statement.as_bytes());
        if is_it && is_near.swap(false, Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if asked.write_all(piece).await.is_err() {
            break;
        }
    }
    answering.abort();
}
