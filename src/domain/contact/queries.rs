//! Reads of contacts: their shape, who sees which, and how a number finds them.

use entity::contact::{self, Entity};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::sealed;
use crate::access::vault::Vault;
use crate::access::viewer::Standing;
use crate::domain::order;
use crate::kernel::error::Result;
use crate::kernel::id::Kind;
use crate::kernel::personal;
use crate::store::dialect::{col, in_ids, in_texts, never};
use crate::store::list::Criteria;
use crate::store::plan::ROOT;
use crate::store::shape::{Parent, Shape, column_of};
use crate::store::{Db, Scope};

/// Contacts as the reader knows them.
pub static SHAPE: Shape = Shape {
    kind: Kind::Contact,
    table: "contact",
    column: column_of::<contact::Column>,
    needs: &[
        ("nameMasked", &["name_sealed"]),
        ("mobileMasked", &["mobile_sealed"]),
        ("emailMasked", &["email_sealed"]),
        ("name", &["name_sealed"]),
        ("mobile", &["mobile_sealed"]),
        ("email", &["email_sealed"]),
    ],
    always: &["enterprise_id"],
    computed: &[],
    parents: &[
        Parent {
            field: "enterprise",
            column: "enterprise_id",
            shape: &crate::domain::enterprise::queries::SHAPE,
        },
        Parent {
            field: "issue",
            column: "issue_id",
            shape: &crate::domain::issue::queries::SHAPE,
        },
    ],
    visible,
};

/// District staff: all of the district. Officers: of the enterprises they serve. Enterprises:
/// their own; never those of a pairing's members. The contact of an issue: only with the issue.
#[must_use]
pub fn visible(scope: &Scope, at: &'static str) -> Condition {
    let within = Condition::all().add(col(at, "district_id").eq(scope.viewer.district_id));
    let enterprise = col(at, "enterprise_id");
    let own = match &scope.viewer.standing {
        Standing::Admin | Standing::Operator => None,
        Standing::Officer(post) => Some(in_ids(scope.backend, enterprise, &post.assigned).into()),
        Standing::Lead(seat) | Standing::Member(seat) => {
            Some(enterprise.eq(seat.enterprise_id).into())
        }
        Standing::Auditor => Some(never()),
    };
    let mut issues = Query::select();
    issues
        .expr(col("ci", "id"))
        .from_as("enterprise_issue", "ci")
        .cond_where(crate::domain::issue::queries::visible(scope, "ci"));
    let shown = Condition::any()
        .add(col(at, "issue_id").is_null())
        .add(col(at, "issue_id").in_subquery(issues));
    within.add_option(own).add(shown)
}

/// The contact of an issue, by the row of the issue: its own, else the first of its enterprise.
#[must_use]
pub fn of_issue(_: &Scope, at: &'static str) -> Expr {
    Expr::cust(format!(
        "COALESCE((SELECT oc.id FROM contact oc WHERE oc.issue_id = \"{at}\".id), \
         (SELECT pc.id FROM contact pc WHERE pc.enterprise_id = \"{at}\".enterprise_id AND pc.is_primary))"
    ))
}

/// The contacts of an enterprise itself, the newest first.
#[must_use]
pub fn of_enterprise() -> Criteria {
    Criteria {
        filter: Condition::all().add(col(ROOT, "issue_id").is_null()),
        order: order::or_newest(Vec::new()),
    }
}

/// All contacts, or those of a mobile number, however it is written; the newest first.
#[must_use]
pub fn criteria(scope: &Scope, vault: &Vault, mobile: Option<&str>) -> Criteria {
    let found = mobile.map(|text| {
        // What is no number is nobody's.
        let number = personal::mobile(text);
        let tags = number.map(|number| sealed::indexes(vault, &number));
        in_texts(
            scope.backend,
            col(ROOT, "mobile_index"),
            &tags.unwrap_or_default(),
        )
    });
    Criteria {
        filter: Condition::all().add_option(found),
        order: order::or_newest(Vec::new()),
    }
}

/// The names of the keys that rows are sealed by.
///
/// # Errors
/// When the database fails.
pub async fn keys_in_use(db: &Db) -> Result<Vec<String>> {
    let keys = Entity::find()
        .select_only()
        .column(contact::Column::KeyId)
        .distinct()
        .into_tuple()
        .all(db.conn())
        .await?;
    Ok(keys)
}

/// Whether an issue has somebody to turn to: a contact of its own, or the first of its enterprise.
///
/// # Errors
/// When the database fails.
pub async fn has_any(conn: &impl ConnectionTrait, issue: Uuid, enterprise: Uuid) -> Result<bool> {
    let primary = Condition::all()
        .add(contact::Column::EnterpriseId.eq(enterprise))
        .add(contact::Column::IsPrimary.eq(true));
    let either = Condition::any()
        .add(contact::Column::IssueId.eq(issue))
        .add(primary);
    let found: Option<Uuid> = Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .filter(either)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.is_some())
}
