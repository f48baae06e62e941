//! Order and cursors. Paging by keys, never by offset: nulls last in every direction, ties broken
//! by id, and a cursor bound to the list, filter and order it was given out for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, NullOrdering, Order, OrderedStatement};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::record::Record;
use crate::kernel::error::{Error, Result};

/// The type of an order key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// Text.
    Text,
    /// 32-bit number.
    Int,
    /// Day.
    Date,
    /// Instant.
    Time,
}

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderKey {
    /// The column.
    pub column: &'static str,
    /// Its type.
    pub ty: KeyType,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether great values come first.
    pub descending: bool,
    /// Whether no two rows of a list have the same: then there is no tie to break.
    pub unique: bool,
}

impl OrderKey {
    /// A column that is never null, ascending.
    #[must_use]
    pub const fn new(column: &'static str, ty: KeyType) -> Self {
        Self {
            column,
            ty,
            nullable: false,
            descending: false,
            unique: false,
        }
    }

    /// The same, where no two rows of a list have the same.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The same, where the column can be null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same in a direction.
    #[must_use]
    pub const fn descending(mut self, descending: bool) -> Self {
        self.descending = descending;
        self
    }
}

/// A place in an order: the values of its keys and the row's id.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyset {
    keys: Vec<Option<Value>>,
    id: Uuid,
}

/// What a cursor is bound to: the list, its filter and its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding([u8; 9]);

impl Binding {
    /// The binding of a list.
    #[must_use]
    pub fn new(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut bytes = [0; 9];
        for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self(bytes)
    }
}

impl Keyset {
    /// The place of a row.
    ///
    /// # Errors
    /// `Internal` where a key is not in the row's plan.
    pub fn of(record: &Record, order: &[OrderKey]) -> Result<Self> {
        let mut keys = Vec::with_capacity(order.len());
        for key in order {
            keys.push(match key.ty {
                KeyType::Text => record.get::<Option<String>>(key.column)?.map(Value::from),
                KeyType::Int => record.get::<Option<i32>>(key.column)?.map(Value::from),
                KeyType::Date => record
                    .get::<Option<NaiveDate>>(key.column)?
                    .map(Value::from),
                KeyType::Time => record
                    .get::<Option<DateTime<Utc>>>(key.column)?
                    .map(Value::from),
            });
        }
        Ok(Self {
            keys,
            id: record.uuid()?,
        })
    }

    /// The opaque cursor.
    #[must_use]
    pub fn encode(&self, binding: Binding) -> String {
        let mut parts = vec![
            serde_json::Value::from(URL_SAFE_NO_PAD.encode(binding.0)),
            serde_json::Value::from(self.id.simple().to_string()),
        ];
        parts.extend(self.keys.iter().map(|key| match key {
            Some(Value::String(Some(text))) => serde_json::Value::from(text.clone()),
            Some(Value::Int(Some(number))) => serde_json::Value::from(*number),
            Some(Value::ChronoDate(Some(day))) => serde_json::Value::from(day.to_string()),
            Some(Value::ChronoDateTimeUtc(Some(at))) => {
                serde_json::Value::from(at.timestamp_micros())
            }
            _ => serde_json::Value::Null,
        }));
        URL_SAFE_NO_PAD.encode(serde_json::Value::from(parts).to_string())
    }

    /// The place that a cursor names in this list.
    ///
    /// # Errors
    /// `BadCursor` where it is malformed or of another list, filter or order.
    pub fn decode(cursor: &str, binding: Binding, order: &[OrderKey]) -> Result<Self> {
        Self::read(cursor, binding, order).ok_or(Error::BadCursor)
    }

    fn read(cursor: &str, binding: Binding, order: &[OrderKey]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let parts: Vec<serde_json::Value> = serde_json::from_slice(&bytes).ok()?;
        let (bound, id, keys) = match parts.as_slice() {
            [bound, id, keys @ ..] => (bound.as_str()?, id.as_str()?, keys),
            _ => return None,
        };
        if bound != URL_SAFE_NO_PAD.encode(binding.0) || keys.len() != order.len() {
            return None;
        }
        let mut values = Vec::with_capacity(keys.len());
        for (key, order) in keys.iter().zip(order) {
            values.push(match (key, order.ty) {
                (serde_json::Value::Null, _) if order.nullable => None,
                (value, KeyType::Text) => Some(Value::from(value.as_str()?)),
                (value, KeyType::Int) => Some(Value::from(i32::try_from(value.as_i64()?).ok()?)),
                (value, KeyType::Date) => {
                    Some(Value::from(value.as_str()?.parse::<NaiveDate>().ok()?))
                }
                (value, KeyType::Time) => Some(Value::from(DateTime::from_timestamp_micros(
                    value.as_i64()?,
                )?)),
            });
        }
        Some(Self {
            keys: values,
            id: id.parse().ok()?,
        })
    }

    /// The rows strictly beyond this place: after it going forward, before it going backward.
    #[must_use]
    pub fn beyond(
        &self,
        key_of: &impl Fn(&'static str) -> Expr,
        order: &[OrderKey],
        forward: bool,
    ) -> Condition {
        let id_descending = id_descending(order);
        let uniform = order
            .iter()
            .all(|key| !key.nullable && key.descending == id_descending);
        if uniform {
            // A row value: one index range on both databases.
            let columns = order.iter().map(|key| key_of(key.column));
            let left = Expr::tuple(columns.chain([key_of("id")]));
            let values = self.keys.iter().flatten().map(|key| Expr::val(key.clone()));
            let right = Expr::tuple(values.chain([Expr::val(self.id)]));
            return Condition::all().add(compare(left, right, id_descending != forward));
        }
        let id = compare(key_of("id"), Expr::val(self.id), id_descending != forward);
        let mut beyond = Condition::all().add(id);
        for (key, value) in order.iter().zip(&self.keys).rev() {
            let column = || key_of(key.column);
            beyond = if let Some(value) = value {
                let value = Expr::val(value.clone());
                let greater = key.descending != forward;
                let strictly = compare(column(), value.clone(), greater);
                let same = Condition::all().add(column().eq(value)).add(beyond);
                let either = Condition::any().add(strictly).add(same);
                let nulls = key.nullable && forward;
                either.add_option(nulls.then(|| column().is_null()))
            } else {
                let same = Condition::all().add(column().is_null()).add(beyond);
                if forward {
                    same
                } else {
                    Condition::any().add(column().is_not_null()).add(same)
                }
            };
        }
        beyond
    }
}

fn compare(left: Expr, right: Expr, greater: bool) -> Expr {
    if greater {
        left.gt(right)
    } else {
        left.lt(right)
    }
}

/// Ties follow the first key's direction, so that a plain order is one index range.
fn id_descending(order: &[OrderKey]) -> bool {
    order.first().is_some_and(|key| key.descending)
}

/// Sorts a statement or a window, the other way round when going backward. `key` is the expression
/// of a name.
pub fn sort(
    sorted: &mut impl OrderedStatement,
    key: impl Fn(&'static str) -> Expr,
    order: &[OrderKey],
    backward: bool,
) {
    for (column, direction, nulls) in terms(order, backward) {
        match nulls {
            None => sorted.order_by_expr(key(column), direction),
            Some(nulls) => sorted.order_by_expr_with_nulls(key(column), direction, nulls),
        };
    }
}

fn terms(
    order: &[OrderKey],
    backward: bool,
) -> impl Iterator<Item = (&'static str, Order, Option<NullOrdering>)> + '_ {
    let id = OrderKey::new("id", KeyType::Text).descending(id_descending(order));
    let has_ties = !order.iter().any(|key| key.unique);
    order
        .iter()
        .copied()
        .chain(has_ties.then_some(id))
        .map(move |key| {
            let direction = if key.descending == backward {
                Order::Asc
            } else {
                Order::Desc
            };
            let nulls = match (key.nullable, backward) {
                (false, _) => None,
                (true, false) => Some(NullOrdering::Last),
                (true, true) => Some(NullOrdering::First),
            };
            (key.column, direction, nulls)
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const ORDER: [OrderKey; 2] = [
        OrderKey::new("employee_count", KeyType::Int).nullable(),
        OrderKey::new("created_at", KeyType::Time).descending(true),
    ];

    fn place() -> Keyset {
        let at = DateTime::from_timestamp_micros(1_611_108_000_000_001).unwrap();
        Keyset {
            keys: vec![None, Some(Value::from(at))],
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_cursor_reads_back_to_the_microsecond() {
        let binding = Binding::new(&["enterprises", "{}", "[]"]);
        let cursor = place().encode(binding);
        assert_eq!(Keyset::decode(&cursor, binding, &ORDER).unwrap(), place());
    }

    #[test]
    fn a_cursor_of_another_list_filter_order_or_none_is_bad() {
        let binding = Binding::new(&["enterprises", "{}", "[]"]);
        let cursor = place().encode(binding);
        for other in [
            Binding::new(&["enterprises", "{}", "[1]"]),
            Binding::new(&["enterprises{}", "", "[]"]),
        ] {
            assert!(matches!(
                Keyset::decode(&cursor, other, &ORDER),
                Err(Error::BadCursor)
            ));
        }
        for bad in ["", "!", "W10", "eyJhIjoxfQ", &cursor[..cursor.len() - 2]] {
            assert!(matches!(
                Keyset::decode(bad, binding, &ORDER),
                Err(Error::BadCursor)
            ));
        }
        let fewer = ORDER.get(..1).unwrap();
        assert!(matches!(
            Keyset::decode(&cursor, binding, fewer),
            Err(Error::BadCursor)
        ));
    }
}
