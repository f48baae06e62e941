//! What is left behind: uploads that nobody confirmed in time, and objects that no row knows of.

use chrono::{DateTime, Utc};
use entity::attachment::{Column, Entity};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::store::Deps;
use crate::store::dialect::{col, in_ids};

/// Uploads of a round.
const BATCH: u64 = 200;

/// Removes uploads that are over and not confirmed; how many there were.
///
/// # Errors
/// When the database or the store fails.
pub async fn expired(deps: &Deps) -> Result<usize> {
    let now = deps.clock.now();
    let mut gone = 0;
    loop {
        let ids: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ExpiresAt.lte(now))
            .limit(BATCH)
            .into_tuple()
            .all(deps.db.conn())
            .await?;
        if ids.is_empty() {
            return Ok(gone);
        }
        for id in ids {
            // The row first: from then on nobody can confirm it.
            let removed = Entity::delete_many()
                .filter(Column::Id.eq(id))
                .filter(Column::ExpiresAt.lte(now))
                .exec(deps.db.conn())
                .await?;
            // Confirmed at the last moment, or swept by another server: its bytes are not ours.
            if removed.rows_affected == 1 {
                deps.files.remove(id).await?;
                gone += 1;
            }
        }
    }
}

/// Removes objects that no row knows of, and parts of objects, of those written before an instant of the store's clock:
/// younger ones may be on their way. How many there were.
///
/// # Errors
/// When the database or the store fails.
pub async fn unknown(deps: &Deps, before: DateTime<Utc>) -> Result<usize> {
    let mut gone = deps.files.drop_parts(before).await?;
    let mut pages = deps.files.all();
    while let Some(page) = pages.try_next().await? {
        let old = page.iter().filter(|(_, written)| *written < before);
        let keys: Vec<Uuid> = old.map(|(key, _)| *key).collect();
        let known: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(in_ids(deps.db.backend(), col("attachment", "id"), &keys))
            .into_tuple()
            .all(deps.db.conn())
            .await?;
        for key in keys.into_iter().filter(|key| !known.contains(key)) {
            deps.files.remove(key).await?;
            gone += 1;
        }
    }
    Ok(gone)
}
