//! Viewers asked for by many at the same moment, as by all subscribers when something happens:
//! while one statement runs, the next gathers those who come meanwhile. Nothing is kept: every
//! answer comes from a statement that began after it was asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::viewer::viewers;
use crate::access::token::Claims;
use crate::access::viewer::Viewer;
use crate::kernel::error::Result;
use crate::store::Db;

/// The most tokens of one statement.
const MOST: usize = 250;

type Asked = (Arc<Claims>, oneshot::Sender<Result<Viewer>>);

/// Where viewers are asked for.
pub struct Roll {
    db: Db,
    waiting: Mutex<Vec<Asked>>,
    turn: tokio::sync::Mutex<()>,
}

impl Roll {
    /// The roll of a database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            db,
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Weighs a token against the database as it is now.
    ///
    /// # Errors
    /// As `viewer`.
    pub async fn call(&self, claims: &Arc<Claims>) -> Result<Viewer> {
        loop {
            let (tell, mut hears) = oneshot::channel();
            self.waiting().push((Arc::clone(claims), tell));
            let answer = tokio::select! {
                biased;
                answer = &mut hears => answer,
                _turn = self.turn.lock() => self.answer_until(&mut hears).await,
            };
            // Whoever asked for all was dropped before the answer came: ask again.
            if let Ok(answer) = answer {
                return answer;
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer_until(
        &self,
        hears: &mut oneshot::Receiver<Result<Viewer>>,
    ) -> std::result::Result<Result<Viewer>, oneshot::error::RecvError> {
        loop {
            match hears.try_recv() {
                Ok(answer) => return Ok(answer),
                Err(oneshot::error::TryRecvError::Empty) => self.answer_some().await,
                // It was taken by one whose turn ended before its statement.
                Err(oneshot::error::TryRecvError::Closed) => return hears.await,
            }
        }
    }

    async fn answer_some(&self) {
        let asked: Vec<Asked> = {
            let mut waiting = self.waiting();
            let some = waiting.len().min(MOST);
            waiting.drain(..some).collect()
        };
        let (tokens, tell): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        match viewers(&self.db, &tokens).await {
            Ok(answers) => {
                for (tell, answer) in tell.into_iter().zip(answers) {
                    // Who no longer waits needs no answer.
                    let _ = tell.send(answer);
                }
            }
            Err(error) => {
                for tell in tell {
                    let _ = tell.send(Err(error.clone()));
                }
            }
        }
    }
}
