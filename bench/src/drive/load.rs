//! A round: so many connections ask as fast as they are answered, for so long.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::asking::{Requests, Server};
use crate::http::Connection;
use crate::{Setup, processes};

/// What came of a round.
pub struct Round {
    /// Milliseconds of processor time a request: the server's, and `PostgreSQL`'s.
    pub server: f64,
    pub database: f64,
    /// Answers a second.
    pub rate: f64,
    times: Vec<Duration>,
}

impl Round {
    /// The middle one of the times that answers took.
    pub fn median(&self) -> f64 {
        let middle = self.times.get(self.times.len() / 2);
        middle.map_or(0.0, Duration::as_secs_f64) * 1000.0
    }
}

/// What came of all rounds of an operation on a server.
#[derive(Default)]
pub struct Measured {
    /// The middle time of an answer without queueing, in milliseconds.
    pub alone: f64,
    pub rounds: Vec<Round>,
}

impl Measured {
    /// The middle of the rounds of what is read of one.
    fn middle(&self, read: impl Fn(&Round) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(read).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }

    pub fn server(&self) -> f64 {
        self.middle(|round| round.server)
    }

    pub fn database(&self) -> f64 {
        self.middle(|round| round.database)
    }

    pub fn rate(&self) -> f64 {
        self.middle(|round| round.rate)
    }
}

/// Runs a round.
pub fn round(
    setup: &Setup,
    server: Server,
    requests: &Requests,
    connections: usize,
    length: Duration,
) -> Result<Round> {
    let running = &setup.servers[server as usize];
    let next = AtomicUsize::new(0);
    let connections = (0..connections)
        .map(|_| Connection::open(&running.address))
        .collect::<Result<Vec<_>>>()?;
    let before = (
        processes::used(running.process)?,
        processes::used_by_all(setup.postgres)?,
    );
    let began = Instant::now();
    let times = thread::scope(|scope| -> Result<Vec<Duration>> {
        let threads = connections.into_iter().map(|mut connection| {
            let next = &next;
            scope.spawn(move || -> Result<Vec<Duration>> {
                let mut times = Vec::new();
                while began.elapsed() < length {
                    // From one end to the other, so that all rounds ask the same.
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let request = requests.request(place);
                    let asked = Instant::now();
                    connection.ask(&request)?;
                    times.push(asked.elapsed());
                }
                Ok(times)
            })
        });
        let threads: Vec<_> = threads.collect();
        let mut all = Vec::new();
        for thread in threads {
            let times = thread.join().map_err(|_panic| anyhow!("a panic"))??;
            all.extend(times);
        }
        all.sort_unstable();
        Ok(all)
    })?;
    let took = began.elapsed().as_secs_f64();
    let count = f64::from(u32::try_from(times.len().max(1))?);
    let used = processes::used(running.process)? - before.0;
    let database = processes::used_by_all(setup.postgres)? - before.1;
    Ok(Round {
        server: used * 1000.0 / count,
        database: database * 1000.0 / count,
        rate: count / took,
        times,
    })
}
