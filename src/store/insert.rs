//! New rows as they are written: what is null comes by itself.

use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable};

use crate::kernel::error::{Error, Result};

/// The insert of a row.
///
/// # Errors
/// `Internal` where it cannot be told.
pub(super) fn row<E>(row: E::Model) -> Result<InsertStatement>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::Column: Iterable,
{
    let mut row = row.into_active_model();
    let value = |column: E::Column| {
        let value = row.take(column).into_value()?;
        (value != value.as_null()).then(|| (column, column.save_as(Expr::val(value))))
    };
    let (columns, values): (Vec<E::Column>, Vec<Expr>) =
        E::Column::iter().filter_map(value).unzip();
    let mut insert = Query::insert();
    insert.into_table(E::default()).columns(columns);
    let filled = insert.values(values);
    filled.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(insert)
}
