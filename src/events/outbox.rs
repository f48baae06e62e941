//! Reads of the outbox.

use std::sync::Arc;

use entity::outbox_event::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Happening;
use crate::kernel::error::Result;
use crate::store::Db;

/// The place of the last row; 0 where there is none.
///
/// # Errors
/// When the database fails.
pub async fn last(db: &Db) -> Result<i64> {
    let last: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Seq)
        .order_by_desc(Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(last.unwrap_or(0))
}

/// The rows after a place, whatever the district, in order and at most so many.
///
/// # Errors
/// When the database fails.
pub async fn after(db: &Db, place: i64, most: u64) -> Result<Vec<Arc<Happening>>> {
    let rows = Entity::find()
        .filter(Column::Seq.gt(place))
        .order_by_asc(Column::Seq)
        .limit(most)
        .all(db.conn())
        .await?;
    Ok(shared(rows))
}

/// A district's rows after a place, up to another and with it, in order and at most so many.
///
/// # Errors
/// When the database fails.
pub async fn between(
    db: &Db,
    district: Uuid,
    after: i64,
    until: i64,
    most: u64,
) -> Result<Vec<Arc<Happening>>> {
    let rows = Entity::find()
        .filter(Column::DistrictId.eq(district))
        .filter(Column::Seq.gt(after))
        .filter(Column::Seq.lte(until))
        .order_by_asc(Column::Seq)
        .limit(most)
        .all(db.conn())
        .await?;
    Ok(shared(rows))
}

/// The place of a district's row.
///
/// # Errors
/// When the database fails.
pub async fn place(db: &Db, district: Uuid, id: Uuid) -> Result<Option<i64>> {
    let place = Entity::find()
        .select_only()
        .column(Column::Seq)
        .filter(Column::Id.eq(id))
        .filter(Column::DistrictId.eq(district))
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(place)
}

/// Whether a district has more than so many rows after a place.
///
/// # Errors
/// When the database fails.
pub async fn has_more_than(db: &Db, district: Uuid, after: i64, many: u64) -> Result<bool> {
    let one_more: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Seq)
        .filter(Column::DistrictId.eq(district))
        .filter(Column::Seq.gt(after))
        .order_by_asc(Column::Seq)
        .offset(many)
        .limit(1)
        .into_tuple()
        .one(db.conn())
        .await?;
    Ok(one_more.is_some())
}

fn shared(rows: Vec<entity::outbox_event::Model>) -> Vec<Arc<Happening>> {
    let happenings = rows.into_iter().map(Happening::from);
    happenings.map(Arc::new).collect()
}
