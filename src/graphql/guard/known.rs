//! Documents that need no second look. What can be said of a text alone is said once: its
//! brackets, its syntax, its one operation, its size with all fragments spread, and whether it fits
//! the schema, what it costs if no variable has a say in that. What depends on variables is looked
//! at each time. The shelves are bounded; trusted
//! documents have one of their own, so that no stranger's documents push them off it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};

use super::walk::Walked;

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The request itself.
    Free,
    /// The register of trusted documents.
    Trusted,
}

/// A parsed document within the limits of texts.
pub struct Known {
    text: Arc<str>,
    pub(super) document: ExecutableDocument,
    source: Source,
    is_valid: AtomicBool,
    /// What a walk found, where it finds the same whatever the variables.
    walked: OnceLock<Walked>,
}

impl Known {
    pub(super) fn new(text: &str, document: ExecutableDocument, source: Source) -> Self {
        Self {
            text: text.into(),
            document,
            source,
            is_valid: AtomicBool::new(false),
            walked: OnceLock::new(),
        }
    }

    /// What walks the document finds, unless it is known already.
    pub(super) fn walked<E>(&self, walk: impl FnOnce() -> Result<Walked, E>) -> Result<Walked, E> {
        if let Some(known) = self.walked.get() {
            return Ok(known.clone());
        }
        let walked = walk()?;
        if walked.is_fixed {
            let _ = self.walked.set(walked.clone());
        }
        Ok(walked)
    }

    /// The one operation, and its name.
    pub(super) fn operation(&self) -> Option<(Option<&str>, &Positioned<OperationDefinition>)> {
        let (name, operation) = self.document.operations.iter().next()?;
        Some((name.map(async_graphql::Name::as_str), operation))
    }

    /// The length of its text in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// Whether the document fits the schema for certain.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.is_valid.load(Ordering::Relaxed)
    }
}

/// The documents that are known.
pub(super) struct Shelves {
    free: Shelf,
    trusted: Shelf,
}

impl Shelves {
    pub(super) const fn new(free_bytes: usize, trusted_bytes: usize) -> Self {
        Self {
            free: Shelf::new(free_bytes),
            trusted: Shelf::new(trusted_bytes),
        }
    }

    const fn shelf(&self, source: Source) -> &Shelf {
        match source {
            Source::Free => &self.free,
            Source::Trusted => &self.trusted,
        }
    }

    pub(super) fn find(&self, text: &str, source: Source) -> Option<Arc<Known>> {
        self.shelf(source).find(text)
    }

    /// Keeps a document that fits the schema.
    pub(super) fn keep(&self, known: &Arc<Known>) {
        if !known.is_valid.swap(true, Ordering::Relaxed) {
            self.shelf(known.source).put(known);
        }
    }
}

/// A bounded number of documents: those that were asked for last. The bound is on their texts,
/// which a parsed document outweighs some thirty times.
struct Shelf {
    most: usize,
    books: Mutex<Option<Books>>,
}

#[derive(Default)]
struct Books {
    known: HashMap<Arc<str>, (Arc<Known>, u64)>,
    bytes: usize,
    now: u64,
}

impl Shelf {
    const fn new(most: usize) -> Self {
        Self {
            most,
            books: Mutex::new(None),
        }
    }

    fn with<T>(&self, read: impl FnOnce(&mut Books) -> T) -> T {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let books = books.get_or_insert_default();
        books.now += 1;
        read(books)
    }

    fn find(&self, text: &str) -> Option<Arc<Known>> {
        self.with(|books| {
            let (known, used) = books.known.get_mut(text)?;
            *used = books.now;
            Some(Arc::clone(known))
        })
    }

    fn put(&self, known: &Arc<Known>) {
        let size = known.text.len();
        if size > self.most / 4 {
            return;
        }
        self.with(|books| {
            let entry = (Arc::clone(known), books.now);
            if books.known.insert(Arc::clone(&known.text), entry).is_none() {
                books.bytes += size;
            }
            while books.bytes > self.most {
                let oldest = books.known.iter().min_by_key(|(_, (_, used))| *used);
                let Some(oldest) = oldest.map(|(text, _)| Arc::clone(text)) else {
                    break;
                };
                books.known.remove(&oldest);
                books.bytes -= oldest.len();
            }
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn known(text: &str) -> Arc<Known> {
        Arc::new(Known::new(text, parse_query(text).unwrap(), Source::Free))
    }

    #[test]
    fn what_was_asked_for_last_stays() {
        // Room for four documents of five bytes.
        let shelves = Shelves::new(20, 20);
        let texts = ["{ a }", "{ b }", "{ c }", "{ d }"];
        for text in texts {
            shelves.keep(&known(text));
        }
        assert!(shelves.find("{ a }", Source::Free).is_some());
        shelves.keep(&known("{ e }"));
        assert!(shelves.find("{ b }", Source::Free).is_none());
        for text in ["{ a }", "{ c }", "{ d }", "{ e }"] {
            assert!(
                shelves.find(text, Source::Free).unwrap().is_valid(),
                "{text}"
            );
        }
        assert!(shelves.find("{ a }", Source::Trusted).is_none());
    }

    #[test]
    fn a_document_that_would_push_off_the_others_is_not_kept() {
        let shelves = Shelves::new(20, 20);
        let large = known("{ aaaaaaaaa }");
        shelves.keep(&large);
        assert!(large.is_valid());
        assert!(shelves.find("{ aaaaaaaaa }", Source::Free).is_none());
    }
}
