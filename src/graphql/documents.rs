//! Which document a request asks for: the text that it brings, or one that is registered for its
//! application under a hash. Nothing is registered by asking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Request;

use super::guard::{Refused, Source};
use crate::access::viewer::Viewer;
use crate::domain::client::{hash, queries};
use crate::kernel::error::Result;
use crate::store::Db;

/// How many registered documents are remembered; then it starts over.
const MOST: usize = 4096;

/// What a request asks for.
pub struct Asked {
    /// The request. Without a text where the document is asked for by its hash.
    pub request: Request,
    /// The hash of a registered document.
    pub registered: Option<String>,
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        Self {
            request,
            registered: None,
        }
    }
}

/// An application and a hash.
type Key = (String, String);

/// The registered documents that were asked for. They never change, so they are read once.
#[derive(Default)]
pub struct Documents {
    read: Mutex<HashMap<Key, Arc<str>>>,
}

impl Documents {
    /// The request with its document, and where that comes from.
    ///
    /// # Errors
    /// When the database fails; inside, why there is no document to run.
    pub async fn find(
        &self,
        db: &Db,
        viewer: Option<&Viewer>,
        asked: Asked,
    ) -> Result<std::result::Result<(Request, Source), Box<Refused>>> {
        let Asked {
            mut request,
            registered,
        } = asked;
        let Some(client) = viewer.map(|viewer| &viewer.client) else {
            return Ok(match registered {
                Some(_) => Err(Refused::not_registered()),
                None => Ok((request, Source::Free)),
            });
        };
        let wanted = match registered {
            Some(hash) => hash,
            None if client.is_trusted_only => hash(&request.query),
            None => return Ok(Ok((request, Source::Free))),
        };
        let was_sent = !request.query.is_empty();
        Ok(match self.text(db, &client.id, wanted).await? {
            Some(text) => {
                request.query = text.to_string();
                Ok((request, Source::Trusted))
            }
            None if was_sent => Err(Refused::not_trusted()),
            None => Err(Refused::not_registered()),
        })
    }

    async fn text(&self, db: &Db, client: &str, hash: String) -> Result<Option<Arc<str>>> {
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let key = (client.to_owned(), hash);
        let known = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known().get(&key) {
            return Ok(Some(Arc::clone(text)));
        }
        // Boxed: it is read once, and every request would make room for it.
        let Some(text) = Box::pin(queries::document(db, client, &key.1)).await? else {
            return Ok(None);
        };
        let text: Arc<str> = text.into();
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, Arc::clone(&text));
        Ok(Some(text))
    }
}
