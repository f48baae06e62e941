//! Names that statements make up, such as `t3` and `c12`. They are made once: a statement is full of
//! them.

use std::sync::{PoisonError, RwLock};

/// Names with one beginning, by their numbers. No more of them are ever made than the widest
/// statement has.
pub struct Names {
    prefix: &'static str,
    made: RwLock<Vec<&'static str>>,
}

/// The tables of a statement.
pub static TABLES: Names = Names::new("t");

/// The columns of a statement.
pub static COLUMNS: Names = Names::new("c");

/// The parts of a statement.
pub static PARTS: Names = Names::new("part_");

impl Names {
    const fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            made: RwLock::new(Vec::new()),
        }
    }

    /// A name by its number.
    pub fn get(&self, number: usize) -> &'static str {
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = made.get(number) {
            return name;
        }
        drop(made);
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        for number in made.len()..=number {
            made.push(format!("{}{number}", self.prefix).leak());
        }
        made.get(number).copied().unwrap_or(self.prefix)
    }
}
