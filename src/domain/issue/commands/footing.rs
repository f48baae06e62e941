//! What a new issue rests on: an enterprise that takes part and is held, the officer who serves it
//! from then on, a category in use, and the next number.

use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryResult, QuerySelect,
    Statement,
};
use uuid::Uuid;

use crate::domain::enterprise::active;
use crate::domain::input::not_found;
use crate::domain::officer::queries::officer_in_sql;
use crate::kernel::clock::business_date;
use crate::kernel::error::{Code, Error, Result, UserError};
use crate::store::NumberLine;
use crate::store::work::Work;

/// What a new issue rests on.
pub(super) struct Footing {
    /// Its number: the next of the district and the year.
    pub(super) number: String,
    /// The enterprise.
    pub(super) enterprise_id: Uuid,
    /// The officer who serves the enterprise.
    pub(super) officer_id: Option<Uuid>,
    /// The category.
    pub(super) category_id: Uuid,
}

/// What is asked for.
pub(super) struct Ground {
    pub(super) enterprise_id: Uuid,
    /// Where the enterprise stands in the input.
    pub(super) field: &'static str,
    /// Whether the viewer may write for the enterprise.
    pub(super) may: bool,
    pub(super) category_id: Uuid,
}

/// Holds the enterprise and draws the number, in a place of the line that is left after the commit.
/// The counter's row is locked until the commit, so no number is given twice and none is lost by a
/// failure. Whoever holds the enterprise reads the officer who serves it from then on, so that comes
/// after. Who acts is held before the line: whose keys change just now waits for it alone.
///
/// # Errors
/// User errors `NOT_FOUND`, `FORBIDDEN`, `INVALID_STATE` of the enterprise, `NOT_FOUND`,
/// `INVALID_STATE` at `categoryId`; or when the database fails.
pub(super) async fn take(work: &Work, ground: &Ground) -> Result<(Footing, NumberLine)> {
    let year = year(work.now());
    active::lock(work, ground.enterprise_id, ground.field, ground.may).await?;
    hold_actor(work).await?;
    let line = work.db().line(work.district_id()).await;
    let row = draw(work, ground, year).await?;
    let is_active: Option<bool> = row.try_get("", "is_category_active")?;
    if !is_active.ok_or_else(|| not_found("categoryId"))? {
        let error = UserError::at(Code::InvalidState, "categoryId")
            .saying("该类别已停用", "The category is out of use.");
        return Err(Error::user(error));
    }
    let prefix: String = row.try_get("", "number_prefix")?;
    let last: i32 = row.try_get("", "last_number")?;
    let footing = Footing {
        number: number(&prefix, year, last),
        enterprise_id: ground.enterprise_id,
        officer_id: row.try_get("", "officer_id")?,
        category_id: ground.category_id,
    };
    Ok((footing, line))
}

async fn hold_actor(work: &Work) -> Result<()> {
    use entity::user_account::{Column, Entity};
    let actor = work.user_id();
    let Some(actor) = actor.filter(|_| work.db().backend() == DbBackend::Postgres) else {
        return Ok(());
    };
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.eq(actor))
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>()
        .all(work.tx())
        .await?;
    Ok(())
}

/// The year that an issue is numbered in.
pub(super) fn year(now: DateTime<Utc>) -> i32 {
    business_date(now).year()
}

/// How a number is written.
pub(super) fn number(prefix: &str, year: i32, last: i32) -> String {
    format!("{prefix}-{year}-{last:06}")
}

async fn draw(work: &Work, ground: &Ground, year: i32) -> Result<QueryResult> {
    let sql = format!(
        "INSERT INTO issue_counter (id, district_id, year, last_number) \
         VALUES ($1, $2, $3, 1) ON CONFLICT (district_id, year) \
         DO UPDATE SET last_number = issue_counter.last_number + 1 RETURNING last_number, \
         (SELECT d.number_prefix FROM district d WHERE d.id = $2) AS number_prefix, \
         {} AS officer_id, \
         (SELECT c.is_active FROM issue_category c WHERE c.id = $5 AND c.district_id = $2) \
         AS is_category_active",
        officer_in_sql("$4")
    );
    let values = [
        work.new_id().into(),
        work.district_id().into(),
        year.into(),
        ground.enterprise_id.into(),
        ground.category_id.into(),
    ];
    let backend = work.tx().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let row = work.tx().query_one_raw(statement).await?;
    row.ok_or_else(|| Error::Internal("the counter gave no number".to_owned()))
}
