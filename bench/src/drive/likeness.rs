//! Whether the servers answer alike: the same rows in the same order with the same values, once
//! each one's way of writing them is taken off.

use anyhow::{Result, ensure};
use chrono::DateTime;
use serde_json::{Map, Value};

use crate::Setup;
use crate::asking::{Asked, Operation, Server};
use crate::http::Connection;

/// An answer without the ways of its server.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            // A connection is its rows.
            if let Some(nodes) = fields.get("nodes") {
                return plain(nodes.clone());
            }
            // The limit leaves out what is null.
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(name, value)| (name, plain(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => text_of(text),
        other => other,
    }
}

/// Instants as milliseconds, which is what the schema tells, ids as UUIDs, other texts as they are.
fn text_of(text: String) -> Value {
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        return at.timestamp_millis().into();
    }
    let id = text.rsplit_once('_').filter(|(_, bits)| bits.len() == 26);
    let Some((_, bits)) = id else {
        return text.into();
    };
    let letters = "0123456789abcdefghjkmnpqrstvwxyz";
    let mut uuid: u128 = 0;
    for letter in bits.chars() {
        let Some(five) = letters.find(letter) else {
            return text.into();
        };
        uuid = (uuid << 5) | u128::try_from(five).unwrap_or(0);
    }
    uuid::Uuid::from_u128(uuid).to_string().into()
}

/// Groups in no order, those of nothing left out; a number of a big integer may be a text.
fn counts(value: Value) -> Value {
    let Value::Array(rows) = value else {
        return value;
    };
    let mut groups: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            let count = row["count"].to_string().replace('"', "");
            (row["state"].to_string(), count)
        })
        .filter(|(_, count)| count != "0")
        .collect();
    groups.sort();
    let groups = groups
        .into_iter()
        .map(|(state, count)| format!("{state}: {count}"));
    groups.collect()
}

fn answer(operation: Operation, server: Server, body: &str) -> Result<Value> {
    let mut whole: Value = serde_json::from_str(body)?;
    let answer = match server {
        Server::Limit => whole,
        _ => whole["data"]["answer"].take(),
    };
    Ok(match operation {
        Operation::Counts => counts(plain(answer)),
        Operation::Create => {
            let mut issue = match server {
                Server::Limit => answer,
                _ => answer["enterpriseIssue"].clone(),
            };
            // Each gives its own.
            let number = issue["number"].take();
            ensure!(number.is_string(), "{body}");
            plain(issue)
        }
        _ => plain(answer),
    })
}

/// The first place where two answers differ, and how.
fn difference(at: &str, one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            let mut fields = one.iter();
            fields.find_map(|(name, value)| {
                let other = other.get(name).unwrap_or(&Value::Null);
                difference(&format!("{at}.{name}"), value, other)
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut items = one.iter().zip(other).enumerate();
            items
                .find_map(|(place, (one, other))| difference(&format!("{at}[{place}]"), one, other))
        }
        _ => (one != other).then(|| format!("{at}: {one} and {other}")),
    }
}

/// How many rows an answer shows.
fn rows(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len() + items.iter().map(rows).sum::<usize>(),
        Value::Object(fields) => fields.values().map(rows).sum(),
        _ => 0,
    }
}

/// Compares the answers to everything that is asked.
///
/// # Errors
/// Where two are not alike.
pub fn check(setup: &Setup, asked: &Asked, operations: &[Operation]) -> Result<()> {
    let open = |server: &Server| Connection::open(&setup.servers[*server as usize].address);
    let mut connections = Server::ALL.iter().map(open).collect::<Result<Vec<_>>>()?;
    for operation in operations.iter().copied() {
        let requests = asked.requests(operation, Server::Limit).len();
        let mut shown = 0;
        for place in 0..requests {
            let mut answers = Vec::new();
            for (server, connection) in Server::ALL.iter().zip(&mut connections) {
                let request = asked.requests(operation, *server).request(place);
                answers.push(answer(operation, *server, &connection.ask(&request)?)?);
            }
            for (server, other) in Server::ALL.iter().zip(&answers) {
                let apart = difference("", &answers[0], other);
                ensure!(
                    apart.is_none() && !other.is_null(),
                    "{} number {place}: the limit and {server:?} answer {}",
                    operation.name(),
                    apart.unwrap_or_default()
                );
            }
            shown += rows(&answers[0]);
        }
        println!(
            "{}: {requests} answers with {shown} rows are alike",
            operation.name()
        );
    }
    Ok(())
}
