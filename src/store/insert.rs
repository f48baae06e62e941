//! New rows as they are written: what is null comes by itself, and what the database is to find is an
//! expression.

use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IdenStatic, Iterable};

use crate::kernel::error::{Error, Result};

/// A row, and the columns of it that the database finds.
pub(super) type Row<E> = (
    <E as EntityTrait>::ActiveModel,
    Vec<(<E as EntityTrait>::Column, Expr)>,
);

/// The insert of rows that all have a value in the same columns; there is one at least.
///
/// # Errors
/// `Internal` where they do not.
pub(super) fn rows<E>(rows: Vec<Row<E>>) -> Result<InsertStatement>
where
    E: EntityTrait,
    E::Column: Iterable,
{
    let mut insert = Query::insert();
    insert.into_table(E::default());
    let mut names: Option<Vec<&'static str>> = None;
    for row in rows {
        let (columns, values): (Vec<_>, Vec<_>) = values::<E>(row).into_iter().unzip();
        let of_this = columns.iter().map(IdenStatic::as_str).collect();
        if *names.get_or_insert_with(|| {
            insert.columns(columns);
            Vec::clone(&of_this)
        }) != of_this
        {
            return Err(Error::Internal("rows of different columns".to_owned()));
        }
        let filled = insert.values(values);
        filled.map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(insert)
}

fn values<E>((mut row, mut found): Row<E>) -> Vec<(E::Column, Expr)>
where
    E: EntityTrait,
    E::Column: Iterable,
{
    let value = |column: E::Column| {
        let place = found
            .iter()
            .position(|(known, _)| known.as_str() == column.as_str());
        if let Some(place) = place {
            return Some((column, found.swap_remove(place).1));
        }
        let value = row.take(column).into_value()?;
        (value != value.as_null()).then(|| (column, column.save_as(Expr::val(value))))
    };
    E::Column::iter().filter_map(value).collect()
}
