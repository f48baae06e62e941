//! What conditions are put together from, and the little in which `SQLite` and `PostgreSQL` differ. A
//! list of values is always one bound parameter, so that a statement's text does not depend on how
//! many there are.

use sea_orm::DbBackend;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait, Func, LikeExpr};
use uuid::Uuid;

/// A column of the table that the statement calls `at`.
#[must_use]
pub fn col(at: &'static str, name: &'static str) -> Expr {
    Expr::col((at, name))
}

/// What holds of no row; of every row does `Condition::all()`.
#[must_use]
pub fn never() -> Condition {
    Condition::all().add(Expr::cust("1 = 0"))
}

/// Whether a condition holds, as a column: false where it is unknown. What holds of every row or of
/// none is not asked of each.
#[must_use]
pub fn truth(condition: Condition) -> Expr {
    if condition == never() {
        Expr::cust("FALSE")
    } else if condition == Condition::all() {
        Expr::cust("TRUE")
    } else {
        let case = CaseStatement::new().case(condition, Expr::cust("TRUE"));
        case.finally(Expr::cust("FALSE")).into()
    }
}

/// Whether an id is in a list; an empty list holds nothing.
#[must_use]
pub fn in_ids(backend: DbBackend, value: Expr, ids: &[Uuid]) -> Expr {
    if backend == DbBackend::Postgres {
        let list = Expr::val(joined(ids));
        Expr::cust_with_exprs("$1 = ANY(string_to_array($2, ',')::uuid[])", [value, list])
    } else {
        let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
        let list = Expr::val(format!("[{}]", quoted(&hex)));
        Expr::cust_with_exprs(
            "? IN (SELECT unhex(value) FROM json_each(?))",
            [value, list],
        )
    }
}

/// Ids as one text, for `string_to_array`.
pub(super) fn joined(ids: &[Uuid]) -> String {
    let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    hex.join(",")
}

/// Whether a text is in a list; an empty list holds nothing.
#[must_use]
pub fn in_texts(backend: DbBackend, value: Expr, texts: &[String]) -> Expr {
    let list = Expr::val(serde_json::Value::from(texts.to_vec()).to_string());
    if backend == DbBackend::Postgres {
        Expr::cust_with_exprs(
            "$1 = ANY(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))",
            [value, list],
        )
    } else {
        Expr::cust_with_exprs("? IN (SELECT value FROM json_each(?))", [value, list])
    }
}

/// Whether a lower-case text holds another, taken literally, in any script.
#[must_use]
pub fn contains(value: Expr, pattern: String) -> Expr {
    value.like(LikeExpr::new(pattern).escape('\\'))
}

/// Whether a text begins with another, taken literally and in its case.
#[must_use]
pub fn starts_with(value: Expr, prefix: &str) -> Expr {
    // Not LIKE: it ignores case on SQLite alone.
    let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    Expr::expr(Func::cust("substr").args([value, Expr::val(1), Expr::val(length)]))
        .eq(prefix.to_owned())
}

fn quoted(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    quoted.join(",")
}
