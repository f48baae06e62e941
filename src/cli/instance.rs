//! What a database knows about itself: whether it is a demo's, and where the demo's time stands.

use chrono::{DateTime, Utc};
use entity::{district, setting};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use super::Failure;
use crate::kernel::clock::{Clock, SystemClock};
use crate::store::Db;
use crate::store::connect;

const INSTANCE: &str = "instance";
const DEMO: &str = "demo";
const AS_OF: &str = "as_of";
const NOW: &str = "business_now";

/// Whose a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nobody's yet: it holds no district.
    Nobody,
    /// A demo's.
    Demo,
    /// Somebody's: a demo keeps its hands off.
    Somebody,
}

/// Whose the database is, whatever version wrote it. Changes nothing.
pub(super) async fn owner(db: &Db) -> Result<Owner, Failure> {
    let standing = connect::standing(db).await?;
    let is_new = standing.unknown.is_empty() && standing.steps.iter().all(|(_, applied)| !applied);
    if is_new {
        return Ok(Owner::Nobody);
    }
    if get(db.conn(), INSTANCE).await?.as_deref() == Some(DEMO) {
        return Ok(Owner::Demo);
    }
    let districts = district::Entity::find().count(db.conn()).await?;
    Ok(if districts == 0 {
        Owner::Nobody
    } else {
        Owner::Somebody
    })
}

/// Makes the database a demo's, whose time begins at `as_of`. Of the transaction that loads it:
/// a demo is whole or it is not there.
pub(super) async fn becomes_demo(
    conn: &impl ConnectionTrait,
    as_of: DateTime<Utc>,
) -> Result<(), Failure> {
    put(conn, INSTANCE, DEMO).await?;
    put(conn, AS_OF, &as_of.to_rfc3339()).await?;
    store_now(conn, as_of).await
}

/// The instant that a demo began at.
pub(super) async fn as_of(conn: &impl ConnectionTrait) -> Result<DateTime<Utc>, Failure> {
    instant(conn, AS_OF).await
}

/// The last stored instant of a demo's time.
pub(super) async fn now(conn: &impl ConnectionTrait) -> Result<DateTime<Utc>, Failure> {
    instant(conn, NOW).await
}

/// Stores a demo's time, for a restart to go on from.
pub(super) async fn store_now(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    put(conn, NOW, &now.to_rfc3339()).await
}

async fn instant(conn: &impl ConnectionTrait, key: &str) -> Result<DateTime<Utc>, Failure> {
    let damaged = || {
        Failure::Refused(format!(
            "the demo's setting {key} is missing or damaged; start over with `honglian demo --fresh`"
        ))
    };
    let text = get(conn, key).await?.ok_or_else(damaged)?;
    // What the parser says about a damaged instant helps nobody.
    let Ok(instant) = text.parse() else {
        return Err(damaged());
    };
    Ok(instant)
}

async fn get(conn: &impl ConnectionTrait, key: &str) -> Result<Option<String>, Failure> {
    let row = setting::Entity::find_by_id(key.to_owned())
        .one(conn)
        .await?;
    Ok(row.map(|row| row.value))
}

async fn put(conn: &impl ConnectionTrait, key: &str, value: &str) -> Result<(), Failure> {
    let row = setting::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(value.to_owned()),
        updated_at: Set(SystemClock.now()),
    };
    let newest = OnConflict::column(setting::Column::Key)
        .update_columns([setting::Column::Value, setting::Column::UpdatedAt])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(newest)
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
