//! Asks the three servers the same things: first whether they answer alike, then what an answer
//! costs each of them.
//!
//! - `asking` is what is asked, in each server's words; `likeness` compares the answers;
//! - `http` is a client that costs little itself; `load` sends rounds and reads the clocks of
//!   `processes`; `table` prints.

mod asking;
mod http;
mod likeness;
mod load;
mod processes;
mod table;

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use asking::{Operation, Server};
use load::Measured;

/// What `run` has started, and the keys of rows to ask for.
#[derive(Deserialize)]
pub struct Setup {
    /// The servers' addresses and processes: the limit, ours, `PostGraphile`.
    servers: [Running; 3],
    /// The process of `PostgreSQL` that all others are children of.
    postgres: u32,
    /// Seconds of a round.
    seconds: f64,
    /// Rounds of an operation.
    rounds: usize,
    /// Connections of a round.
    connections: usize,
    /// The token of an operator of the district.
    token: String,
    /// What to ask for.
    keys: asking::Keys,
}

#[derive(Deserialize)]
struct Running {
    address: String,
    process: u32,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().context("which setup?")?;
    let wanted: Vec<String> = arguments.collect();
    // Without a name, all of them.
    let operations: Vec<Operation> = Operation::ALL
        .into_iter()
        .filter(|operation| {
            let is_named = |name: &String| operation.name().starts_with(name.as_str());
            wanted.is_empty() || wanted.iter().any(is_named)
        })
        .collect();
    let setup: Setup = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let asked = asking::of(&setup)?;
    likeness::check(&setup, &asked, &operations)?;

    let (seconds, few) = (setup.seconds, Duration::from_secs_f64(setup.seconds / 2.0));
    let mut results = Vec::new();
    for operation in operations {
        let mut measured = Server::ALL.map(|_| Measured::default());
        for server in Server::ALL {
            // Once to warm it: plans, caches, a compiler.
            let requests = asked.requests(operation, server);
            load::round(&setup, server, requests, setup.connections, few)?;
            let alone = load::round(&setup, server, requests, 1, few)?;
            measured[server as usize].alone = alone.median();
        }
        for round in 0..setup.rounds {
            // In turns, and not always the same one first.
            for turn in 0..Server::ALL.len() {
                let server = Server::ALL[(turn + round) % Server::ALL.len()];
                let requests = asked.requests(operation, server);
                let length = Duration::from_secs_f64(seconds);
                let round = load::round(&setup, server, requests, setup.connections, length)?;
                measured[server as usize].rounds.push(round);
            }
        }
        eprintln!("{} measured", operation.name());
        results.push((operation, measured));
    }
    let peaks = setup
        .servers
        .iter()
        .map(|server| processes::peak_memory(server.process));
    table::print(&results, &peaks.collect::<Result<Vec<_>>>()?);
    Ok(())
}
