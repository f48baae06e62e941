//! Group commit, on `PostgreSQL`: what comes while actions of its kind are being written gathers, and
//! goes with the next transaction as one. Ways to the database, commits, and checks whose text is
//! read anew at every insert are paid for once by all of them. A function of the database finds and
//! holds what each action rests on, and tells apart those with which anything is amiss: they take the
//! usual way, which waits and knows what to say, and the others are written. What fails only while it
//! is written fails for all of the group, who then take the usual way as well.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::{audit_entry, idempotency_record};
use sea_orm::{DbErr, QueryResult, Statement};
use serde::Serialize;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::Db;
use super::idempotency::Claim;
use super::ledger::{Ending, Ledger};
use super::told::Told;
use crate::kernel::error::{Error, Result, sql_state};
use crate::kernel::id::Kind;

/// The most actions of one transaction: so many are written in some 10 ms, and the district's next
/// number waits for as long.
const MOST: usize = 32;

/// A key that was used, a lock that is not to be had in time, and two who wait for each other.
const EXPECTED: [&str; 3] = ["HL001", "55P03", "40P01"];

/// Classes of SQLSTATE by which a statement has failed before its commit: values, rules, names, and what a
/// function raises.
const NOT_WRITTEN: [&str; 4] = ["22", "23", "42", "P0"];

/// The actions of each kind and district that wait to be written.
#[derive(Default)]
pub(super) struct Groups(Mutex<HashMap<(&'static str, Uuid), Arc<Group>>>);

#[derive(Default)]
struct Group(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    acts: Vec<Act>,
    has_writer: bool,
}

/// An action that waits.
struct Act {
    text: String,
    claim: Option<Claim>,
    tell: oneshot::Sender<Result<bool>>,
}

/// An action as the function of the database reads it. New rows stand in the changes of the entry.
#[derive(Serialize)]
struct Spelled<'a, R> {
    #[serde(flatten)]
    rests_on: &'a R,
    /// The rights that it goes by, where it has a key and they were kept; else they were asked for before.
    revision: Option<i64>,
    /// What its transaction holds of its key.
    lock: Option<i64>,
    record: Option<idempotency_record::Model>,
    entry: &'a audit_entry::Model,
    events: &'a [Told],
}

/// Writes what is recorded, by a function of the database that takes a district and actions, and
/// returns the places of those with which something is amiss, from 1, or none once all are written;
/// whether it was. The target is the entity that the payload shows.
///
/// # Errors
/// When the database fails.
pub async fn write(
    function: &'static str,
    ledger: Ledger,
    rests_on: &(impl Serialize + Sync),
    target: Kind,
    id: Uuid,
) -> Result<bool> {
    let (db, district) = (ledger.db().clone(), ledger.district_id());
    let claim = ledger.claim().cloned();
    let Ending {
        rows,
        entries,
        events,
    } = ledger.close(target, id);
    let ([], [entry]) = (rows.as_slice(), entries.as_slice()) else {
        let why = "what is written in a group has one audit entry, which tells all its rows";
        return Err(Error::Internal(why.to_owned()));
    };
    let spelled = Spelled {
        rests_on,
        revision: claim.as_ref().and_then(Claim::revision),
        lock: claim.as_ref().map(Claim::lock),
        record: claim.as_ref().map(|claim| claim.record(target, id)),
        entry,
        events: &events,
    };
    let text = serde_json::to_string(&spelled);
    let text = text.map_err(|error| Error::Internal(error.to_string()))?;
    let (tell, told) = oneshot::channel();
    let group = db.groups.of(function, district);
    let act = Act {
        text,
        claim: claim.clone(),
        tell,
    };
    if group.join(act) {
        // Nobody's request writes: who goes away in the middle would leave the others.
        let writer = Writer {
            db,
            function,
            district,
            group,
            is_done: false,
        };
        tokio::spawn(writer.run());
    }
    if let Ok(told) = told.await {
        return told;
    }
    if let Some(claim) = &claim {
        claim.may_have_effect();
    }
    Err(Error::Internal("the writer of a group is gone".to_owned()))
}

impl Groups {
    fn of(&self, function: &'static str, district: Uuid) -> Arc<Group> {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(groups.entry((function, district)).or_default())
    }

    /// How many actions wait.
    pub(super) fn waiting(&self) -> usize {
        let groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        groups
            .values()
            .map(|group| group.gathered().acts.len())
            .sum()
    }
}

impl Group {
    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an action; whether somebody has to write.
    fn join(&self, act: Act) -> bool {
        let mut gathered = self.gathered();
        gathered.acts.push(act);
        !std::mem::replace(&mut gathered.has_writer, true)
    }

    /// The actions that go next; where there are none the writer is done.
    fn next(&self) -> Vec<Act> {
        let mut gathered = self.gathered();
        let most = gathered.acts.len().min(MOST);
        let acts: Vec<Act> = gathered.acts.drain(..most).collect();
        // Under the lock that actions are added under: none is left behind.
        gathered.has_writer = !acts.is_empty();
        acts
    }
}

/// What writes the actions of a group, one transaction after the other.
struct Writer {
    db: Db,
    function: &'static str,
    district: Uuid,
    group: Arc<Group>,
    is_done: bool,
}

impl Writer {
    async fn run(mut self) {
        loop {
            // Who draws numbers step by step stands in the same line; more gather in the meantime.
            let line = self.db.line(self.district).await;
            let acts = self.group.next();
            if acts.is_empty() {
                self.is_done = true;
                return;
            }
            self.write(acts).await;
            drop(line);
        }
    }

    async fn write(&self, mut acts: Vec<Act>) {
        // Who has gone away before anything was done gets nothing done.
        acts.retain(|act| !act.tell.is_closed());
        while !acts.is_empty() {
            let amiss = match self.call(&acts).await {
                Ok(amiss) => amiss,
                Err(cause) => return self.failed(acts, cause),
            };
            if amiss.is_empty() {
                self.db.tell_written();
                acts.into_iter().for_each(Act::done);
                return;
            }
            let mut place = 0;
            let (left, others): (Vec<Act>, Vec<Act>) = acts.into_iter().partition(|_| {
                place += 1;
                amiss.contains(&place)
            });
            for act in left {
                act.end(Ok(false));
            }
            acts = others;
        }
    }

    fn failed(&self, acts: Vec<Act>, cause: DbErr) {
        let is_undone = is_undone(&cause);
        if sql_state(&cause).is_none_or(|state| !EXPECTED.contains(&state.as_str())) {
            let (function, district, actions) = (self.function, self.district, acts.len());
            tracing::warn!(%cause, function, %district, actions, is_undone, "a group could not be written");
        }
        let error = Error::from(cause);
        for act in acts {
            act.fail(is_undone, &error);
        }
    }

    async fn call(&self, acts: &[Act]) -> std::result::Result<Vec<i32>, DbErr> {
        let texts: Vec<&str> = acts.iter().map(|act| act.text.as_str()).collect();
        let texts = format!("[{}]", texts.join(","));
        let statement = Statement::from_sql_and_values(
            self.db.backend(),
            format!("SELECT {}($1, $2::jsonb)", self.function),
            [self.district.into(), texts.into()],
        );
        let rows = self.db.write_raw(statement).await?;
        let place = |row: &QueryResult| row.try_get_by_index(0);
        rows.iter().map(place).collect()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_done {
            // A panic: who waits is told so, and who comes next finds a writer.
            let mut gathered = self.group.gathered();
            gathered.has_writer = false;
            gathered.acts.clear();
        }
    }
}

/// Whether a statement failed before its commit. Then each action fails by itself, or does not; else
/// nobody knows.
fn is_undone(cause: &DbErr) -> bool {
    sql_state(cause).is_some_and(|state| {
        let class = state.get(..2).unwrap_or("");
        // A cancelled statement is rolled back, and so is one that may not be serialized.
        EXPECTED.contains(&state.as_str())
            || NOT_WRITTEN.contains(&class)
            || ["40001", "57014"].contains(&state.as_str())
    })
}

impl Act {
    fn done(self) {
        let is_written = match &self.claim {
            Some(claim) => claim.wrote(1).map(|()| true),
            None => Ok(true),
        };
        self.end(is_written);
    }

    fn fail(self, is_undone: bool, error: &Error) {
        if is_undone {
            self.end(Ok(false));
            return;
        }
        if let Some(claim) = &self.claim {
            claim.may_have_effect();
        }
        self.end(Err(error.clone()));
    }

    /// Tells whoever still waits for it.
    fn end(self, what: Result<bool>) {
        drop(self.tell.send(what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act() -> (Act, oneshot::Receiver<Result<bool>>) {
        let (tell, told) = oneshot::channel();
        let act = Act {
            text: String::new(),
            claim: None,
            tell,
        };
        (act, told)
    }

    #[test]
    fn one_writes_until_nothing_is_left() {
        let group = Group::default();
        assert!(group.join(act().0));
        assert!(!group.join(act().0));
        assert_eq!(group.next().len(), 2);
        // The two are being written, and who comes now goes next.
        assert!(!group.join(act().0));
        assert_eq!(group.next().len(), 1);
        assert!(group.next().is_empty());
        assert!(group.join(act().0));
    }

    #[test]
    fn no_more_go_together_than_the_most() {
        let group = Group::default();
        for _ in 0..=MOST {
            group.join(act().0);
        }
        assert_eq!(group.next().len(), MOST);
        assert_eq!(group.next().len(), 1);
    }

    #[test]
    fn who_waits_hears_what_failed() {
        for (is_undone, heard) in [(true, true), (false, false)] {
            let (act, mut told) = act();
            act.fail(is_undone, &Error::Timeout);
            assert_eq!(matches!(told.try_recv(), Ok(Ok(false))), heard);
        }
    }

    #[test]
    fn what_the_database_did_not_answer_may_be_written() {
        assert!(!is_undone(&DbErr::Custom(
            "the connection broke".to_owned()
        )));
    }
}
