//! The change of keys: contacts that older keys sealed are sealed anew by the newest one, a batch a
//! transaction, while the service runs. Nothing that anybody reads changes.

use entity::contact::{ActiveModel, Column, Entity};
use entity::district;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::sealed::{opened, sealed};
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::store::Deps;
use crate::store::work::{ForChange, Work};

/// Rows of a transaction: it locks them, and on `SQLite` everything.
const BATCH: u64 = 200;

/// Seals every contact that an older key sealed by the newest one; how many there were.
///
/// # Errors
/// `Internal` without a key, or where the key of a row is missing; or when the database fails.
/// What was done before stays done.
pub async fn reseal(deps: &Deps) -> Result<usize> {
    let districts: Vec<Uuid> = district::Entity::find()
        .select_only()
        .column(district::Column::Id)
        .order_by_asc(district::Column::Id)
        .into_tuple()
        .all(deps.db.conn())
        .await?;
    let mut done = 0;
    for district in districts {
        loop {
            let batch = batch(deps, district).await?;
            if batch == 0 {
                break;
            }
            done += batch;
        }
    }
    Ok(done)
}

async fn batch(deps: &Deps, district: Uuid) -> Result<usize> {
    let newest = deps.vault.newest()?;
    let mut work = Work::by_operator(deps, district, "resealContacts").await?;
    let rows = Entity::find()
        .filter(Column::DistrictId.eq(district))
        .filter(Column::KeyId.ne(newest))
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .for_change()
        .all(work.tx())
        .await?;
    if rows.is_empty() {
        return Ok(0);
    }
    for row in &rows {
        let plain = opened(&deps.vault, row)?;
        let row = ActiveModel {
            id: Set(row.id),
            ..sealed(&deps.vault, row.id, &plain)?
        };
        row.update(work.tx()).await?;
    }
    work.remark(json!({"table": "contact", "resealed": rows.len(), "key": newest}));
    work.commit(Kind::District, district).await?;
    Ok(rows.len())
}
