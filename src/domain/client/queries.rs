//! Reads of applications and their documents.

use entity::{api_client, trusted_document};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::kernel::error::Result;
use crate::store::Db;

/// The document of an application by its hash.
///
/// # Errors
/// When the database fails.
pub async fn document(db: &Db, client: &str, hash: &str) -> Result<Option<String>> {
    let found = trusted_document::Entity::find_by_id((client.to_owned(), hash.to_owned()))
        .one(db.conn())
        .await?;
    Ok(found.map(|row| row.document))
}

/// All applications.
///
/// # Errors
/// When the database fails.
pub async fn clients(db: &Db) -> Result<Vec<api_client::Model>> {
    let all = api_client::Entity::find().order_by_asc(api_client::Column::Id);
    Ok(all.all(db.conn()).await?)
}

/// The documents of one application, or of all.
///
/// # Errors
/// When the database fails.
pub async fn documents(db: &Db, client: Option<&str>) -> Result<Vec<trusted_document::Model>> {
    use trusted_document::Column;
    let mut all = trusted_document::Entity::find()
        .order_by_asc(Column::ClientId)
        .order_by_asc(Column::Hash);
    if let Some(client) = client {
        all = all.filter(Column::ClientId.eq(client));
    }
    Ok(all.all(db.conn()).await?)
}
